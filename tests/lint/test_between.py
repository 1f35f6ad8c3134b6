"""Rules between records."""

from __future__ import annotations

from typing import Any

import pytest

from kb.lint import between
from kb.lint.between import near_title
from kb.lint.digest import CollectionView, digest
from kb.lint.engine import COLLECTION_RULES, Tally, run
from kb.model.study import Study
from tests.builders import study_data
from tests.lint.examples import SECOND, changed, collection_codes


def first(**changes: Any) -> dict[str, Any]:
    return study_data(**changes)


def second(**changes: Any) -> dict[str, Any]:
    return changed(SECOND, changes)


def overlap(study: str, relation: str = "same-trial", certainty: str = "certain") -> dict[str, str]:
    return {"study": study, "relation": relation, "certainty": certainty, "reason": "same centre"}


def told(*records: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(file, item.code, item.message) for file, item in collection_codes(*records)]


A, B = "example-1991-il2", "other-1992-il2"


def test_two_unrelated_records_pass():
    assert [] == told(first(), second())


def test_an_id_stands_once():
    assert [(A, "KB801", f'"{A}" is also the id of {A}')] == told(
        first(), first(**{"reports.main.pmid": "7", "reports.main.title": "Short"})
    )


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([first(**{"curation.formerly": ["old-name"]}), second()], []),
        ([first(**{"curation.formerly": [B]}), second()], [(A, "KB801", f'"{B}" is an id of {B} as well')]),
        (
            [first(**{"curation.formerly": ["old"]}), second(**{"curation.formerly": ["old"]})],
            [(B, "KB801", f'"old" is an id of {A} as well')],
        ),
    ],
    ids=["free", "taken", "twice"],
)
def test_a_former_id_leads_to_one_record(records: list[dict[str, Any]], expected: list[tuple[str, str, str]]):
    assert expected == told(*records)


def test_shared_identifiers_are_told_on_both_sides():
    same = {"reports.main.doi": "10.1000/1"}
    assert [(A, "KB802", f"the same DOI as in {B}"), (B, "KB802", f"the same DOI as in {A}")] == told(first(**same), second(**same))
    assert [(A, "KB803", f"the same PubMed id as in {B}"), (B, "KB803", f"the same PubMed id as in {A}")] == told(
        first(), second(**{"reports.main.pmid": "1"})
    )


def test_studies_that_share_patients_may_share_a_report_and_so_may_a_withdrawn_one():
    same = {"reports.main.doi": "10.1000/1", "registry": ["NCT00554515"], "reports.main.title": "One and the same long title"}
    both = first(**same, overlaps=[overlap(B)]), second(**same, overlaps=[overlap(A)])
    assert [] == told(*both)
    gone = {"status": "withdrawn", "extracted": [{"by": "a", "on": "2026"}], "withdrawn": {"reason": "entered twice", "replaced_by": A}}
    assert [] == told(first(**same), second(**same, curation=gone))


def test_the_shared_identifier_of_a_second_report_is_told_there():
    later = {"read": "abstract", "title": "Later", "authors": "not-in-what-was-read", "year": 1995, "doi": "10.1000/1"}
    found = collection_codes(first(**{"reports.later": later}), second(**{"reports.main.doi": "10.1000/1"}))
    assert ['"10.1000/1"', '"10.1000/1"'] == [item.line_text.split(": ")[1].rstrip(",") for _, item in found]


TITLE = "Prolonged interleukin-2 treatment can augment immune activation in renal cell carcinoma"


@pytest.mark.parametrize(
    ("other", "near"),
    [
        (TITLE, True),
        (TITLE.upper() + ".", True),
        (TITLE.replace("interleukin-2", "interleukin 2"), True),
        (TITLE.replace("augment", "augments"), True),
        (TITLE.replace("Prolonged", "Prolongd"), True),
        (TITLE.replace("carcinoma", "cancer"), True),
        (TITLE + " and melanoma, with long follow-up of all patients", False),
        (TITLE.replace("interleukin-2", "interleukin-7"), False),  # only a number differs
        (TITLE + " II", False),
        ("Interferon alfa in melanoma: a randomised trial of two doses", False),
    ],
)
def test_near_titles(other: str, near: bool):
    found = told(first(**{"reports.main.title": TITLE}), second(**{"reports.main.title": other}))
    assert ([(A, "KB804", f"nearly the title of {B}"), (B, "KB804", f"nearly the title of {A}")] if near else []) == sorted(found)


def test_short_and_absent_titles_are_not_compared():
    assert [] == told(first(**{"reports.main.title": "Interleukin-2"}), second(**{"reports.main.title": "Interleukin-2"}))
    absent = {"reports.main.title": "not-in-what-was-read"}
    assert [] == told(first(**absent), second(**absent))


def test_two_reports_of_one_study_may_have_one_title():
    later = {"read": "abstract", "title": TITLE, "authors": "not-in-what-was-read", "year": 1995}
    assert [] == told(first(**{"reports.main.title": TITLE, "reports.later": later}))


def test_many_titles_are_compared_with_neighbours_only(monkeypatch: pytest.MonkeyPatch):
    """Comparing all pairs of two thousand records would take two million comparisons."""
    calls = []
    monkeypatch.setattr(between, "_alike", lambda one, other: calls.append(1) or False)
    base = digest(Study.model_validate(first()), "x")
    studies = [
        base._replace(
            file=f"{number}", id=f"s-{number}", reports=(base.reports[0]._replace(title=f"Treatment of patient group {number} with il"),)
        )
        for number in range(2000)
    ]
    assert [] == list(near_title(CollectionView(studies, {})))
    assert len(calls) <= 2000 * 3 * 6


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        ([overlap(B)], [overlap(A)], []),
        ([overlap(B, "nested-in")], [overlap(A, "contains")], []),
        ([overlap(B, "same-cohort-earlier-cut")], [overlap(A, "same-cohort-later-cut")], []),
        ([overlap(B)], [], [(A, f"{B} does not state this overlap")]),
        ([overlap(B, "nested-in")], [overlap(A, "nested-in")], [(A, f"nested-in here, but {B} says nested-in"), (B, f"nested-in here, but {A} says nested-in")]),
        ([overlap(B)], [overlap(A, certainty="probable")], [(A, f"certain here, but {B} says probable"), (B, f"probable here, but {A} says certain")]),
        ([overlap(A)], [], []),  # told inside the record
    ],
    ids=["both", "nesting", "cuts", "missing", "not-inverse", "certainty", "itself"],
)  # fmt: skip
def test_overlaps_are_stated_on_both_sides(here: list[dict[str, str]], there: list[dict[str, str]], expected: list[tuple[str, str]]):
    found = told(first(overlaps=here), second(overlaps=there))
    assert [(file, "KB807", message) for file, message in expected] == found


def test_the_hint_says_what_the_other_side_must_state():
    ((_, item),) = collection_codes(first(overlaps=[overlap(B, "nested-in", "probable")]), second())
    assert f"add {{study: {A}, relation: contains, certainty: probable, …}} there" == item.hint


def test_unknown_studies_name_the_nearest():
    ((_, item),) = collection_codes(first(overlaps=[overlap("other-1992-il22")]), second())
    assert ("KB805", f"did you mean {B}?") == (item.code, item.hint)
    ((_, item),) = collection_codes(first(overlaps=[overlap("zzz")]), second())
    assert ("KB805", "correct the id, or write the record") == (item.code, item.hint)


def test_registrations_are_told_once_a_pair():
    same = {"registry": ["NCT00554515", "NCT00554516"]}
    found = told(first(**same), second(**same))
    assert [(A, "KB808"), (B, "KB808")] * 2 == [(file, code) for file, code, _ in found]


def test_only_what_was_asked_for_is_told():
    records = first(**{"reports.main.doi": "10.1000/1"}), second(**{"reports.main.doi": "10.1000/1"})
    digests = [digest(Study.model_validate(data), data["id"]) for data in records]
    view = CollectionView(digests, {study.id: study.file for study in digests}, frozenset({B}))
    tally = Tally()
    assert [(B, "KB802")] == [(file, problem.code) for file, problem in run(view, COLLECTION_RULES, tally)]
    assert {rule.code: 2 for rule in COLLECTION_RULES} == dict(tally.checks)
