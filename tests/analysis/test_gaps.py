import pytest

from kb.analysis.gap_rules import Design, Kind, design_of, of_finding, of_outcome
from kb.analysis.gaps import COLUMNS, Question, cell_values, gaps
from kb.analysis.selection import select
from kb.model.terms import RegimenClass
from tests.builders import SOURCE, a_study
from tests.small import index_of

NULL = {
    "kind": "association",
    "biomarker": "crp",
    "compartment": "blood",
    "timepoint": {"when": "baseline"},
    "population": "all",
    "endpoint": "objective-response",
    "association": "none",
    "basis": "tested",
    "adjustment": "unadjusted",
    "source": SOURCE,
}
FULL_TEXT = {"reports.main.read": "full-text"}


def cell(studies, question, key, regimen="high-dose-bolus", **options):
    index = index_of(studies)
    found = gaps(index, select(index, options))
    (one,) = [cell for cell in found.cells if (cell.regimen.value, cell.column.question, cell.column.key) == (regimen, question, key)]
    return one


def another(ident, **changes):
    return a_study(id=ident, **changes)


@pytest.mark.parametrize(
    ("value", "absence", "basis", "kind"),
    [
        ("increase", None, None, Kind.EVIDENCE),
        ("lower", None, None, Kind.EVIDENCE),
        ("negative", None, None, Kind.EVIDENCE),
        ("no-change", None, None, Kind.NO_CHANGE),
        ("no-difference", None, None, Kind.NO_CHANGE),
        ("none", None, "tested", Kind.NO_CHANGE),
        ("none", None, "stated", Kind.NO_CHANGE),
        ("none", None, "activation-without-response", Kind.NOT_REPORTED),
        ("none", None, "implied-by-omission", Kind.NOT_REPORTED),
        (None, "unclear", None, Kind.NOT_REPORTED),
        (None, "not-measured", None, Kind.NOT_REPORTED),
        (None, "not-in-what-was-read", None, Kind.NOT_READ),
        (None, "not-applicable", None, Kind.NOT_REPORTED),
    ],
)
def test_what_a_finding_offers(value, absence, basis, kind):
    assert kind is of_finding(value, absence, basis)


@pytest.mark.parametrize(
    ("says", "kind"),
    [(None, Kind.EVIDENCE), ("better", Kind.EVIDENCE), ("similar", Kind.NO_CHANGE), ("no-difference", Kind.NO_CHANGE)],
)
def test_what_an_outcome_offers(says, kind):
    assert kind is of_outcome(says)


@pytest.mark.parametrize(
    ("design", "allocation", "expected"),
    [
        ("clinical-trial", "randomised", Design.RANDOMISED),
        ("clinical-trial", "single-arm", Design.TRIAL),
        ("pooled-analysis", "randomised", Design.POOLED),
        ("retrospective", "not-allocated", Design.OBSERVATIONAL),
    ],
)
def test_designs(design, allocation, expected):
    assert expected is design_of(design, allocation)


def test_evidence_opens_with_its_studies_and_counts_by_design():
    studies = [a_study(), another("second-1992-il2"), another("third-1993-il2", **{"findings": {}})]
    found = cell(studies, Question.CHANGE, "cell-number")
    assert Kind.EVIDENCE is found.kind
    assert {Kind.EVIDENCE: 2, Kind.NOT_READ: 1} == found.counts
    assert {Design.TRIAL: 2} == found.designs
    assert (("example-1991-il2", "second-1992-il2"), ("third-1993-il2",)) == (found.studies, found.silent)
    assert 2 == found.cohorts


def test_the_five_kinds():
    studies = [a_study(**{"findings.null": NULL})]
    assert Kind.EVIDENCE is cell(studies, Question.OUTCOME, "response").kind
    assert Kind.NO_CHANGE is cell(studies, Question.RESPONSE, "soluble-mediator").kind
    assert Kind.NOT_READ is cell(studies, Question.SURVIVAL, "soluble-mediator").kind
    assert Kind.NOTHING is cell(studies, Question.SURVIVAL, "soluble-mediator", regimen="inhaled").kind
    assert Kind.NOT_REPORTED is cell([a_study(**FULL_TEXT)], Question.SURVIVAL, "soluble-mediator").kind


def test_studies_that_share_patients_are_one_cohort_with_its_best():
    overlap = {"overlaps": [{"study": "example-1991-il2", "relation": "same-trial", "certainty": "probable", "reason": "same protocol"}]}
    null = {**NULL, "biomarker": "nk-cell-count"}
    better = {key: value for key, value in null.items() if key != "basis"} | {"association": "positive"}
    studies = [a_study(**{"findings.one": null}), another("second-1992-il2", **overlap, **{"findings.one": better})]
    found = cell(studies, Question.RESPONSE, "cell-number")
    assert {Kind.EVIDENCE: 1} == found.counts
    assert ("example-1991-il2", "second-1992-il2") == found.studies


def test_a_level_is_no_change_reported():
    level = {key: value for key, value in NULL.items() if key not in ("endpoint", "association", "basis", "adjustment")}
    found = cell([a_study(**{"findings.level": {**level, "kind": "level"}})], Question.CHANGE, "soluble-mediator")
    assert Kind.NOT_REPORTED is found.kind


def test_harm_is_an_association_with_an_event_or_an_event_itself():
    harm = {key: value for key, value in NULL.items() if key not in ("endpoint", "basis")}
    harm |= {"adverse_event": "hypotension", "association": "positive"}
    event = {"term": "hypotension", "printed": "hypotension", "population": "all", "events": 3, "total": 20, "source": SOURCE}
    study = a_study(**{"findings.harm": harm, "adverse_events": {"low": event}})
    assert Kind.EVIDENCE is cell([study], Question.HARM, "soluble-mediator").kind
    assert Kind.EVIDENCE is cell([study], Question.OUTCOME, "toxicity").kind


def test_an_association_with_another_marker_has_no_column():
    pair = {key: value for key, value in NULL.items() if key not in ("endpoint", "basis")} | {"other_marker": "nk-cell-count"}
    study = a_study(**{"findings.pair": {**pair, "association": "positive"}})
    index = index_of([study])
    found = gaps(index, select(index), questions=[Question.RESPONSE, Question.SURVIVAL, Question.HARM])
    assert {Kind.NOT_READ, Kind.NOTHING} == {cell.kind for cell in found.cells}


def test_a_selection_of_facts_narrows_columns_and_keeps_the_silent():
    index = index_of([a_study(), another("silent-1992-il2", **{"findings": {}})])
    both = gaps(index, select(index, biomarker="nk-cell-count", endpoint="objective-response"))
    assert [(Question.RESPONSE, "cell-number"), (Question.OUTCOME, "response")] == [(one.question, one.key) for one in both.columns]
    found = gaps(index, select(index, biomarker="nk-cell-count"))
    assert {"cell-number"} == {one.key for one in found.columns if one.question is not Question.OUTCOME}
    (change,) = found.row(RegimenClass.HIGH_DOSE_BOLUS, Question.CHANGE)
    assert (("example-1991-il2",), ("silent-1992-il2",)) == (change.studies, change.silent)
    events = gaps(index, select(index, {"adverse-event": "hypotension"}))
    assert {(Question.HARM, "tumour-marker"), (Question.OUTCOME, "toxicity")} <= {(one.question, one.key) for one in events.columns}
    assert (Question.RESPONSE, "tumour-marker") not in {(one.question, one.key) for one in events.columns}


def test_a_selection_of_studies_narrows_the_rows():
    assert Kind.NOTHING is cell([a_study()], Question.CHANGE, "cell-number", condition="melanoma").kind


def test_rows_have_the_columns_of_the_table():
    found = cell([a_study()], Question.CHANGE, "cell-number")
    row = dict(zip(COLUMNS, cell_values(found), strict=True))
    assert ("high-dose-bolus", "change", "cell-number", "evidence", 1, 1, 0, 1) == tuple(
        row[name] for name in ("regimen_class", "question", "column", "kind", "cohorts", "evidence", "no_change", "trial")
    )
    assert ("example-1991-il2", None) == (row["studies"], row["silent"])
