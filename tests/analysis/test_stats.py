"""`stats`: patients once, cohorts instead of papers."""

from __future__ import annotations

from kb.analysis.selection import select
from kb.analysis.stats import COLUMNS, stats
from tests.builders import a_study
from tests.small import index_of

LATER = [{"study": "a", "relation": "same-cohort-earlier-cut", "certainty": "certain", "reason": "same trial"}]
STUDIES = [
    a_study(id="a", **{"populations.all.n": 20}),
    a_study(id="b", overlaps=LATER, **{"populations.all.n": 25, "reports.main.year": 2001, "populations.all.conditions": ["melanoma"]}),
    a_study(id="c", **{"populations.all.n": "not-reported", "design.phase": "not-reported"}),
    a_study(id="d", **{"populations.all.n": 7, "populations.all.conditions": ["melanoma", "renal-cell-carcinoma"]}),
]


def counted(**options: str) -> dict[tuple[str, str], tuple[int | None, ...]]:
    with index_of(STUDIES) as index:
        listing = stats(index, select(index, options))
        assert COLUMNS == listing.columns
        assert listing.selection.endswith("status draft, reviewed, accepted")
        return {row[:2]: tuple(row[2:]) for row in listing.rows}


def test_patients_of_a_cohort_count_once_and_unknown_numbers_are_named() -> None:
    found = counted()
    assert (4, 4, 3, 32) == found["records", "studies"]
    assert (3, 4, 3, 32) == found["records", "independent cohorts"]
    assert (3, 4, 3, None) == found["records", "cohorts over certain overlaps alone"]
    assert (1, None, 1, None) == found["records", "cohorts without a known number of patients"]
    assert (4, 4, 3, None) == found["records", "outcomes"]
    assert (0, 0, 0, None) == found["records", "adverse events"]


def test_groups_count_studies_cohorts_and_their_patients() -> None:
    found = counted()
    assert (2, 2, 2, 32) == found["condition", "melanoma"]
    assert (3, 3, 3, 27) == found["condition", "renal-cell-carcinoma"]
    assert ((3, 3, 3, 27), (1, 1, 1, 25)) == (found["decade", "1990"], found["decade", "2000"])
    assert ((3, 3, 2, 32), (1, 1, 1, None)) == (found["phase", "2"], found["phase", "not-reported"])
    assert (4, 4, 3, 32) == found["regimen class", "high-dose-bolus"]
    assert {"records", "status", "read", "design", "allocation", "phase", "decade", "condition", "regimen class"} == {
        key[0] for key in found
    }


def test_a_selection_narrows_the_studies() -> None:
    found = counted(condition="melanoma")
    assert (2, 2, 2, 32) == found["records", "studies"]
    nothing = counted(year=">2020")
    assert (0, 0, 0, None) == nothing["records", "studies"]
    assert ["records"] == list(dict.fromkeys(key[0] for key in nothing))
