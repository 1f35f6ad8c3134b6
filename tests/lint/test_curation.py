"""Curation and appraisal."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import ASSOCIATION, study_data
from tests.lint.examples import study_codes

SOURCE = {"at": "abstract", "anchor": "so printed"}
CHECKED = [{"by": "another", "on": "2026-02-01"}]


def codes(**changes: Any) -> list[str]:
    return [item.code for item in study_codes(study_data(**changes))]


def curation(status: str, **fields: Any) -> dict[str, Any]:
    return {"curation": {"status": status, "extracted": [{"by": "A curator", "on": "2026-01-01"}], **fields}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (curation("draft"), []),
        (curation("reviewed", checked=CHECKED), []),
        (curation("accepted", checked=CHECKED), []),
        (curation("reviewed"), ["KB902"]),
        (curation("accepted"), ["KB902"]),
        (curation("accepted", checked=[{"by": "a Curator ", "on": "2026-02-01"}]), ["KB902"]),
        (curation("accepted", checked=[{"by": "A curator", "on": "2026-02-01"}, *CHECKED]), []),
        (curation("draft", checked=CHECKED), ["KB903"]),
        (curation("draft", checked=[{**CHECKED[0], "what": "doses only"}]), []),
        (curation("withdrawn"), ["KB901"]),
        (curation("withdrawn", withdrawn={"reason": "entered twice", "replaced_by": "other-1992-il2"}), []),
        (curation("withdrawn", withdrawn={"reason": "retracted; nothing replaces it"}), []),
        (curation("withdrawn", withdrawn={"reason": "retracted"}), ["KB901"]),
        (curation("withdrawn", withdrawn={"reason": "retracted", "replaced_by": "example-1991-il2"}), ["KB901"]),
        (curation("draft", withdrawn={"reason": "retracted"}), ["KB901"]),
    ],
    ids=str,
)
def test_status(changes: dict[str, Any], expected: list[str]):
    assert expected == codes(**changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"claims.active.rests_on": []}, ["KB904"]),
        ({"claims.active.rests_on": [], "claims.active.scope": "the authors' experience"}, []),
        ({"reports.main.retracted": True}, ["KB906"]),
        ({"reports.main.retracted": True, "reports.main.note": "the doses stand"}, []),
        ({"reports.main.retracted": True, **curation("withdrawn", withdrawn={"reason": "retracted, nothing replaces it"})}, []),
    ],
    ids=str,
)
def test_claims_and_retractions(changes: dict[str, Any], expected: list[str]):
    assert expected == codes(**changes)


def association(**fields: Any) -> dict[str, Any]:
    return {"findings.nk-response": {**ASSOCIATION, **fields}}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"adjustment": "unadjusted"}, []),
        ({"adjustment": "unadjusted", "adjusted_for": ["age"]}, ["KB905"]),
        ({"adjustment": "adjusted", "adjusted_for": ["age"]}, []),
        ({"adjustment": "adjusted"}, ["KB905"]),
        ({"adjustment": "adjusted", "note": "factors not named"}, []),
        ({"adjustment": "matched", "adjusted_for": ["age"]}, []),
        ({"adjustment": "not-in-what-was-read"}, []),
    ],
    ids=str,
)
def test_adjustment(fields: dict[str, Any], expected: list[str]):
    assert expected == codes(**association(**fields))


FLAG = {"flag": "case-control-sampling", "reason": "r"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"design.sampling": "case-control"}, ["KB911"]),
        ({"design.sampling": "responders-only"}, ["KB911"]),
        ({"design.type": "case-control"}, ["KB911"]),
        ({"design.sampling": "consecutive"}, []),
        ({"design.sampling": "case-control", "appraisal": {"flags": [FLAG]}}, []),
        ({"design.sampling": "case-control", "appraisal": {"flags": [{**FLAG, "items": ["response"]}]}}, []),
        ({"design.sampling": "case-control", "appraisal": {"flags": [{**FLAG, "items": ["nk-rise"]}]}}, ["KB911"]),
        ({"design.sampling": "case-control", "outcomes.response.endpoint": "overall-survival"}, []),
        ({"design.sampling": "case-control", "outcomes.response.result": {"kind": "statement", "says": "observed", "text": "t"}}, []),
        ({"design.sampling": "survivors-only"}, ["KB912"]),
        ({"populations.all.basis": "survivors"}, ["KB912"]),
        ({"design.sampling": "survivors-only", "outcomes.response.flags": ["survivors-only"]}, []),
        ({"design.sampling": "survivors-only", "outcomes.response.endpoint": "safety"}, []),
        ({"outcomes.response.population": "nobody"}, ["KB402"]),
    ],
    ids=str,
)
def test_rates_of_chosen_patients(changes: dict[str, Any], expected: list[str]):
    assert expected == codes(**changes)


def survival(**fields: Any) -> dict[str, Any]:
    return {
        "endpoint": "overall-survival",
        "population": "all",
        "result": {"kind": "time-to-event", "unit": "months", "median": 20},
        "source": SOURCE,
        **fields,
    }


GROUPS = {
    "populations.yes": {"n": 5, "basis": "responders", "within": "all"},
    "populations.no": {"n": 15, "basis": "non-responders", "within": "all"},
}
BY_OUTCOME = {"comparison": {"kind": "by-outcome"}, "result": {"kind": "contrast", "measure": "p-only", "p": 0.01}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"outcomes.os": survival()}, []),
        ({"outcomes.os": survival(**BY_OUTCOME)}, ["KB913"]),
        ({"outcomes.os": survival(**BY_OUTCOME, flags=["immortal-time"])}, []),
        ({"outcomes.os": survival(**BY_OUTCOME, note="landmark analysis at 3 months")}, []),
        ({"outcomes.os": survival(**BY_OUTCOME, endpoint="safety")}, []),
        ({**GROUPS, "outcomes.yes-os": survival(population="yes")}, []),
        ({**GROUPS, "outcomes.yes-os": survival(population="yes"), "outcomes.no-os": survival(population="no")}, ["KB913"]),
        (
            {
                **GROUPS,
                "outcomes.yes-os": survival(population="yes"),
                "outcomes.no-pfs": survival(population="no", endpoint="progression-free-survival"),
            },
            [],
        ),
    ],
    ids=["all", "compared", "flagged", "landmark", "other-endpoint", "responders-alone", "both-groups", "two-endpoints"],
)
def test_survival_by_response(changes: dict[str, Any], expected: list[str]):
    assert expected == codes(**changes)


@pytest.mark.parametrize(
    "path",
    [
        "design.masking", "design.centres", "populations.all.n", "arms.a.n", "arms.a.regimen.0.components.0.dose",
        "arms.a.regimen.0.components.0.route", "arms.a.regimen.0.components.0.schedule", "findings.nk-rise.n", "findings.nk-rise.assay",
        "findings.nk-rise.compartment", "findings.nk-rise.timepoint",
    ],
)  # fmt: skip
def test_not_reported_needs_a_report_that_was_read_whole(path: str):
    assert ["KB914"] == codes(**{path: "not-reported"})
    assert [] == codes(**{path: "not-reported", "reports.main.read": "full-text"})
    assert [] == codes(**{path: "not-in-what-was-read"})
