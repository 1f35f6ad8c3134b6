"""Text to a record, or to every problem with its place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.diagnostics import Diagnostic, Position, Problem, Severity
from kb.model.study import Study
from kb.records.decode import decode, locate_problems, text_diagnostic
from kb.records.text import START, TextProblem
from tests.builders import a_study, study_data, text_of


def told(data: dict[str, Any]) -> list[tuple[str, int, int, str]]:
    found = decode(text_of(data), Study, file="x.yaml")
    assert None is found.value
    return [(item.code, item.position.line, item.position.column, item.message) for item in found.diagnostics]


def hints(data: dict[str, Any]) -> list[str]:
    return [item.hint for item in decode(text_of(data), Study, file="x.yaml").diagnostics]


def test_a_good_text_gives_the_model_and_its_data():
    data = study_data()
    found = decode(text_of(data), Study, file="x.yaml")
    assert (a_study(), data, ()) == (found.value, found.data, found.diagnostics)


def test_a_broken_text_gives_one_problem_with_its_line():
    found = decode("id: x\nreports: {main: [\n", Study, file="x.yaml")
    assert (None, None, 1) == (found.value, found.data, len(found.diagnostics))
    first = found.diagnostics[0]
    assert ("x.yaml", Position(2, 17), Severity.ERROR, "KB010", "reports: {main: [") == (
        first.file,
        first.position,
        first.severity,
        first.code,
        first.line_text,
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"design": ...}, [("KB101", 1, 1, 'the field "design" is missing')]),
        ({"design.type": ...}, [("KB101", 14, 13, 'the field "type" is missing')]),
        ({"findings.nk-rise.kind": ...}, [("KB101", 60, 16, 'the field "kind" is missing')]),
        ({"design.desing": "x"}, [("KB102", 23, 5, '"desing" is not a field here')]),
        ({"outcomes.response.result.evnts": 5}, [("KB102", 83, 9, '"evnts" is not a field here')]),
        ({"reports.main.title": 7}, [("KB103", 6, 16, "7 for title: input should be a valid string")]),
        ({"reports.main.pmid": 2012995}, [("KB103", 11, 15, "2012995 for pmid: input should be a valid string")]),
        ({"design": "x"}, [("KB103", 14, 13, '"x" for design: input should be a valid dictionary or instance of Design')]),
        ({"outcomes": []}, [("KB103", 75, 15, "a list for outcomes: input should be a valid dictionary")]),
        ({"design.type": "clinical trail"}, [("KB104", 15, 13, '"clinical trail" is not a term of this closed set')]),
        ({"findings.nk-rise.kind": "chnge"}, [("KB104", 61, 15, '"chnge" is not a term of this closed set')]),
        ({"outcomes.response.result.kind": "proprtion"}, [("KB104", 80, 17, '"proprtion" is not a term of this closed set')]),
        ({"id": "Example 1991"}, [("KB105", 2, 9, '"Example 1991" does not have the form that id needs')]),
        ({"reports.main.urls": ["http://example.org/"]}, [("KB105", 13, 9, '"http://example.org/" does not have the form that 0 needs')]),
        ({"arms.a.regimen.0.components.0.dose": "600,000 XY/kg"}, [("KB106", 35, 23, '"XY" in "600,000 XY/kg" is not a unit that is known')]),
        ({"populations.all.n": -3}, [("KB107", 52, 12, "-3 for n: input should be greater than or equal to 0")]),
        ({"curation.extracted": []}, [("KB107", 111, 18, "a list for extracted: tuple should have at least 1 item after validation, not 0")]),
        ({"reports.main.year": 3000}, [("KB107", 10, 15, "3000 for year: input should be less than or equal to 2100")]),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else None,
)  # fmt: skip
def test_each_kind_of_problem_has_its_code_place_and_words(changes: dict[str, Any], expected: list[tuple[str, int, int, str]]):
    assert expected == told(study_data(**changes))


def test_every_problem_of_a_document_is_told_in_the_order_of_the_text():
    found = told(study_data(**{"reports.main.pmid": 7, "design.type": "trial", "design.masking": ..., "populations.all.n": -1}))
    assert [("KB103", 11), ("KB101", 14), ("KB104", 15), ("KB107", 51)] == [(code, line) for code, line, _, _ in found]


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"design.type": "clinical-trail"}, "did you mean clinical-trial?"),
        ({"design.desing": "x"}, "did you mean setting or masking?"),
        ({"outcomes.response.result.evnts": 5}, "did you mean events?"),
        ({"design.masking": "zzz"}, "one of: "),
        ({"id": "Example 1991"}, "the form is ^[a-z0-9]"),
        ({"design.type": ...}, "add `type:`; `kb schema` lists the fields"),
        ({"reports.main.title": 7}, "check the type: text in quotes, numbers without"),
        ({"populations.all.qqqq": 7}, "the fields here: n, basis, label, arms, "),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else None,
)
def test_hints_say_what_to_write(changes: dict[str, Any], hint: str):
    (found,) = hints(study_data(**changes))
    assert found.startswith(hint)


def test_names_of_items_are_told_at_the_name():
    data = study_data()
    arm = data["arms"].pop("a")
    data["arms"] = {"High Dose": arm}
    ((code, line, column, message),) = told(data)
    assert ("KB105", 25, 5, '"High Dose" does not have the form of a name') == (code, line, column, message)
    long = "a" * 61
    data["arms"] = {long: arm}
    ((code, line, column, message),) = told(data)
    assert ("KB107", 25, 5) == (code, line, column)
    found = decode(text_of(study_data()).replace('"all": {', "1: {"), Study, file="x.yaml").diagnostics
    assert [("KB103", Position(51, 5), "the name 1 is a number, but names are words")] == [
        (item.code, item.position, item.message) for item in found
    ]


def test_an_absence_where_a_number_may_stand_is_accepted_and_a_misspelt_one_names_the_choices():
    assert None is not decode(text_of(study_data(**{"populations.all.n": "not-reported"})), Study, file="x").value
    ((code, _, _, message),) = told(study_data(**{"populations.all.n": "not-reprted"}))
    assert ("KB104", '"not-reprted" is not a term of this closed set, or a valid integer') == (code, message)
    assert ["did you mean not-reported or not-measured?"] == hints(study_data(**{"populations.all.n": "not-reprted"}))


def test_a_misspelt_absence_of_a_mapping_is_told_once():
    assert ["KB104"] == [code for code, *_ in told(study_data(**{"design.centres": "unknwn"}))]


def test_a_wrong_field_inside_a_choice_is_told_where_it_stands():
    assert [("KB101", 21)] == [(code, line) for code, line, _, _ in told(study_data(**{"design.centres": {"n": 3}}))]


def test_long_values_are_cut_in_messages():
    ((_, _, _, message),) = told(study_data(**{"design.type": "x" * 500}))
    assert len(message) < 120


def test_a_caller_that_knows_more_gives_the_hint():
    found = decode(text_of(study_data(id="Example")), Study, file="x", advise=lambda problem, value: f"not {value} for {problem.code}")
    assert ["not Example for KB105"] == [item.hint for item in found.diagnostics]
    kept = decode(text_of(study_data(id="Example")), Study, file="x", advise=lambda problem, value: None)
    assert ["the form is ^[a-z0-9]+(?:[-.][a-z0-9]+)*$"] == [item.hint for item in kept.diagnostics]


def test_problems_at_one_place_are_told_once_and_severity_is_looked_up():
    problems = [Problem("KB702", ("id",), "a"), Problem("KB702", ("id",), "a"), Problem("KB602", ("arms",), "b", at_key=True)]
    found = locate_problems("id: x\narms: {}\n", problems, file="f", severity={"KB702": Severity.NOTE})
    assert [("KB702", Position(1, 5), Severity.NOTE, "id: x"), ("KB602", Position(2, 1), Severity.ERROR, "arms: {}")] == [
        (item.code, item.position, item.severity, item.line_text) for item in found
    ]


def test_a_problem_of_the_text_becomes_a_diagnostic():
    problem = TextProblem("KB001", START, "a folder", "rename it")
    assert Diagnostic("f", START, Severity.ERROR, "KB001", "a folder", "rename it") == text_diagnostic(problem, file="f")


SCALARS = st.none() | st.booleans() | st.integers(-5, 5000) | st.floats(allow_nan=False) | st.text("ab-1<: ", max_size=6)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("abn", min_size=1, max_size=4), inner, max_size=2),
    max_leaves=4,
)
PATHS = [
    "id", "reports", "reports.main", "reports.main.year", "registry", "overlaps", "design", "design.phase", "design.centres", "arms",
    "arms.a.n", "arms.a.regimen", "arms.a.regimen.0.components.0.dose", "arms.a.regimen.0.components.0.schedule", "populations.all",
    "populations.all.n", "findings.nk-rise", "findings.nk-rise.timepoint", "outcomes.response.result", "outcomes.response.source",
    "claims.active.subject", "ambiguities", "curation.extracted", "appraisal",
]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PATHS), VALUES)
def test_no_value_anywhere_makes_a_traceback_and_every_refusal_has_a_place(path: str, value: Any):
    text = text_of(study_data(**{path: value}))
    found = decode(text, Study, file="x.yaml")
    assert (found.value is None) == bool(found.diagnostics)
    lines = text.split("\n")
    for item in found.diagnostics:
        assert 1 <= item.position.column <= len(lines[item.position.line - 1]) + 1
        assert item.code.startswith("KB1")
        assert item.message
        assert item.line_text == lines[item.position.line - 1]
