"""References inside a record, and the use of vocabulary terms."""

from __future__ import annotations

from typing import Any

import pytest

from kb.lint.references import resolve
from kb.lint.terms import advise
from kb.model.study import Study
from kb.records.decode import decode
from tests.builders import ASSOCIATION, a_study, study_data, text_of
from tests.lint.examples import shipped_vocabulary, study_codes

SOURCE = {"at": "abstract", "anchor": "so printed"}
EVENT = {"term": "fever", "printed": "fever", "population": "all", "source": SOURCE}
LINK = {name: value for name, value in ASSOCIATION.items() if name not in ("endpoint", "p")}
CITED = {
    "endpoint": "objective-response",
    "whose": "earlier series",
    "result": {"kind": "proportion", "events": 1, "total": 9},
    "source": SOURCE,
}


def found(**changes: Any) -> list[tuple[str, str]]:
    """Codes and what stands at their places."""
    return [(item.code, item.line_text[item.column - 1 :].strip().rstrip(",")) for item in study_codes(study_data(**changes))]


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("outcomes.response.source.report", "x", [("KB401", '"x"')]),
        ("outcomes.response.source.also", [{"at": "t", "report": "x"}], [("KB401", '"x"')]),
        ("design.source", {"at": "t", "report": "x"}, [("KB401", '"x"')]),
        ("arms.a.source", {"at": "t", "report": "x"}, [("KB401", '"x"')]),
        ("arms.a.regimen.0.components.0.source", {"at": "t", "report": "x"}, [("KB401", '"x"')]),
        ("populations.all.source", {"at": "t", "report": "x"}, [("KB401", '"x"')]),
        ("populations.all.characteristics", {"male": 3, "source": {"at": "t", "report": "x"}}, [("KB401", '"x"')]),
        (
            "adverse_events.fever",
            {**EVENT, "source": {**SOURCE, "report": "x", "also": [{"at": "t", "report": "y"}]}},
            [("KB401", '"x"'), ("KB401", '"y"')],
        ),
        ("claims.active.source.also", [{"at": "t", "report": "x"}], [("KB401", '"x"')]),
        ("findings.nk-rise.source.also", [{"at": "t", "report": "x"}], [("KB401", '"x"')]),
        ("cited.series", {**CITED, "source": {**SOURCE, "report": "x"}}, [("KB401", '"x"')]),
        ("reports.main.supersedes", "x", [("KB401", '"x"')]),
        ("reports.main.supersedes", "main", [("KB401", '"main"')]),
        ("outcomes.response.population", "x", [("KB402", '"x"')]),
        ("findings.nk-rise.population", "x", [("KB402", '"x"')]),
        ("populations.all.within", "x", [("KB402", '"x"')]),
        ("findings.nk-rise.groups", [{"group": "g", "population": "x"}], [("KB402", '"x"')]),
        ("outcomes.response.comparison", {"kind": "subgroups", "versus_population": "x"}, [("KB402", '"x"')]),
        ("claims.active.populations", ["all", "x"], [("KB402", '"x"')]),
        ("adverse_events.fever", {**EVENT, "population": "x"}, [("KB402", '"x"')]),
        ("populations.all.arms", ["a", "x"], [("KB403", '"x"')]),
        ("findings.nk-rise.arms", ["x"], [("KB403", '"x"')]),
        ("outcomes.response.comparison", {"kind": "randomised", "arms": ["a"], "versus": ["x"]}, [("KB403", '"x"')]),
        ("outcomes.response.comparison", {"kind": "randomised", "arms": ["x"], "versus": ["a"]}, [("KB403", '"x"')]),
        ("adverse_events.fever", {**EVENT, "comparison": {"kind": "randomised", "arms": ["x"]}}, [("KB403", '"x"')]),
        ("claims.active.subject", {"arm": "x"}, [("KB403", '"x"')]),
        ("claims.active.object", {"arm": "a"}, []),
        ("claims.active.rests_on", ["nk-rise", "x"], [("KB404", '"x"')]),
        ("appraisal", {"flags": [{"flag": "post-hoc", "items": ["response", "x"], "reason": "r"}]}, [("KB404", '"x"')]),
        ("appraisal", {"flags": [{"flag": "post-hoc", "reason": "r"}]}, []),
    ],
)
def test_every_name_is_defined(path: str, value: Any, expected: list[tuple[str, str]]):
    assert expected == found(**{path: value})


def test_a_default_report_that_is_not_there_is_told_at_the_source():
    data = study_data()
    data["reports"] = {"paper": data["reports"]["main"]}
    assert [("KB401", "{")] * 3 == [(item.code, item.line_text[item.column - 1 :]) for item in study_codes(data)]


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"outcomes.response.population": "al"}, "did you mean all?"),
        ({"outcomes.response.population": "xyz"}, "the populations of this record: all"),
        ({"reports.main.supersedes": "xyz"}, "this record has no other reports"),
        ({"claims.active.rests_on": ["reponse"]}, "did you mean response?"),
        ({"ambiguities": [{"kind": "caution", "about": "response", "text": "t"}]}, "did you mean outcomes.response?"),
        ({"ambiguities": [{"kind": "caution", "about": "outcomes.respnse", "text": "t"}]}, "did you mean outcomes.response or outcomes?"),
        (
            {"ambiguities": [{"kind": "caution", "about": "qq", "text": "t"}]},
            "write a path such as outcomes.response, or study for the whole record",
        ),
    ],
    ids=str,
)
def test_hints_name_what_is_near(changes: dict[str, Any], hint: str):
    assert [hint] == [item.hint for item in study_codes(study_data(**changes))]


@pytest.mark.parametrize(
    ("about", "steps"),
    [
        ("study", ()),
        ("design", ("design",)),
        ("reports.main.year", ("reports", "main", "year")),
        ("reports.main.doi", ("reports", "main", "doi")),  # may be there, and is not
        ("arms.a.regimen.0.components.0.dose", ("arms", "a", "regimen", 0, "components", 0, "dose")),
        ("arms.a.regimen.1", None),
        ("arms.a.regimen.x", None),
        ("arms.b", None),
        ("outcomes.response.result.events", ("outcomes", "response", "result", "events")),
        ("outcomes.response.result.events.x", None),
        ("nothing", None),
        ("outcomes.il-2.5", ("outcomes", "il-2.5")),
        ("outcomes.il-2.5.result", ("outcomes", "il-2.5", "result")),
    ],
)
def test_paths_of_ambiguities(about: str, steps: tuple[str | int, ...] | None):
    study = a_study(**{"outcomes.response": study_data()["outcomes"]["response"]})
    data = study.model_dump(mode="json", exclude_unset=True)
    data["outcomes"]["il-2.5"] = data["outcomes"]["response"]
    assert steps == resolve(Study.model_validate(data), about)


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        ({"all": "b", "b": "c", "c": "all"}, ["a circle: all within b within c within all"]),
        ({"all": "b", "b": "b"}, ["a circle: b within b"]),
        ({"all": "b"}, []),
    ],
    ids=["three", "into-a-circle", "none"],
)
def test_circles_of_populations_are_told_once(within: dict[str, str], expected: list[str]):
    data = study_data()
    for ident in ("b", "c"):
        data["populations"][ident] = {"n": 20, "basis": "subgroup"}
    for ident, parent in within.items():
        data["populations"][ident]["within"] = parent
    assert expected == [item.message for item in study_codes(data) if item.code == "KB406"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"adverse_events.response": EVENT}, '"response" is also the id of one of the outcomes'),
        ({"findings.response": {**LINK, "endpoint": "objective-response"}}, '"response" is also the id of one of the findings'),
        ({"cited.active": CITED}, '"active" is also the id of one of the cited'),
    ],
    ids=["event", "finding", "cited"],
)
def test_ids_of_items_are_unique_over_the_record(changes: dict[str, Any], message: str):
    assert [("KB407", message)] == [(item.code, item.message) for item in study_codes(study_data(**changes))]


def overlap(study: str) -> dict[str, str]:
    return {"study": study, "relation": "same-trial", "certainty": "certain", "reason": "r"}


def test_overlaps_name_each_other_study_once():
    data = study_data(overlaps=[overlap("x-1990-y"), overlap("x-1990-y"), overlap("example-1991-il2")])
    assert ['"x-1990-y" is named twice', '"example-1991-il2" is this study itself'] == [item.message for item in study_codes(data)]


@pytest.mark.parametrize(
    ("path", "value", "hint"),
    [
        ("arms.a.regimen.0.components.0.agent", "aldesleukn", "did you mean aldesleukin"),
        ("arms.a.regimen.0.components.0.agent", "ril-2", 'write aldesleukin: "ril-2" is another spelling of it'),
        ("arms.a.regimen.0.components.0.route", "iv-bolsu", "did you mean iv-bolus"),
        ("populations.all.conditions", ["renal-cell-cancr"], "did you mean "),
        ("findings.nk-rise.biomarker", "nk-cell-cuont", "did you mean nk-cell-count"),
        ("findings.nk-rise.assay", "zzzzzzzz", "choose a term of entries/vocabulary/assays.yaml, or add one there"),
        ("outcomes.response.endpoint", "orr", 'write objective-response: "orr" is another spelling of it'),
        ("adverse_events.fever", {**EVENT, "term": "pyrexia"}, 'write fever: "pyrexia" is another spelling of it'),
        ("findings.x", {**LINK, "endpoint": "orr"}, "write objective-response"),
        ("findings.x", {**LINK, "other_marker": "nk-cell-cuont"}, "did you mean nk-cell-count"),
        ("findings.x", {**LINK, "adverse_event": "pyrexia"}, "write fever"),
        ("claims.active.subject", {"agent": "aldesleukn"}, "did you mean aldesleukin"),
        ("claims.active.subject", {"biomarker": "nk-cell-cuont"}, "did you mean nk-cell-count"),
        ("claims.active.object", {"endpoint": "orr"}, "write objective-response"),
        ("claims.active.object", {"condition": "renal-cell-cancr"}, "did you mean "),
        ("claims.active.object", {"adverse_event": "pyrexia"}, "write fever"),
        ("claims.active.conditions", ["renal-cell-cancr"], "did you mean "),
        ("cited.x", {**CITED, "endpoint": "orr"}, "write objective-response"),
        ("cited.x", {**CITED, "conditions": ["renal-cell-cancr"]}, "did you mean "),
        ("cited.x", {**CITED, "agents": ["aldesleukn"]}, "did you mean aldesleukin"),
    ],
)
def test_every_term_is_in_the_vocabulary(path: str, value: Any, hint: str):
    (item,) = study_codes(study_data(**{path: value}))
    assert "KB301" == item.code
    assert item.hint.startswith(hint), item.hint


def test_words_are_no_terms():
    assert [] == found(**{"claims.active.subject": {"text": "repeated courses"}})
    assert [] == found(**{"findings.nk-rise.assay": "not-in-what-was-read", "arms.a.regimen.0.components.0.route": "unclear"})


@pytest.mark.parametrize(
    ("path", "value", "code", "hint"),
    [
        ("outcomes.response.endpoint", "ORR", "KB105", 'write objective-response: "ORR" is another spelling of it'),
        ("populations.all.conditions", ["Renal Cell Carcinoma"], "KB105", "write renal-cell-carcinoma"),
        ("arms.a.regimen.0.components.0.route", "IV bolus!", "KB104", "did you mean iv-bolus"),
        ("arms.a.regimen.0.components.0.dose", "3 x 106 U/m2", "KB106", "a power of ten that lost its superscript?"),
        ("arms.a.regimen.0.components.0.dose", "3 XY", "KB106", "mend the value, or write the absence that applies"),
        ("id", "Example", "KB105", "the form is "),
        ("reports.main.year", 3000, "KB107", "check the number against the source"),
    ],
)
def test_hints_on_what_cannot_even_be_decoded(path: str, value: Any, code: str, hint: str):
    (item,) = decode(text_of(study_data(**{path: value})), Study, file="x", advise=advise(shipped_vocabulary())).diagnostics
    assert code == item.code
    assert item.hint.startswith(hint), item.hint
