"""Shares of counted patients, and how responses make up a group."""

from __future__ import annotations

from typing import Any

import pytest

from kb.analysis.shares import Share, response_makeups, share
from kb.model.results import Proportion
from tests.builders import SOURCE, a_study


def a_proportion(**fields: Any) -> Proportion:
    return Proportion.model_validate({"kind": "proportion", **fields})


def test_exact_interval_of_counts():
    found = share(a_proportion(events=5, total=20))
    # Clopper-Pearson of 5/20, R 4.3 binom.test: 0.08657147 to 0.49104587.
    assert found == Share(5, 20, 25.0, pytest.approx(8.657147, abs=1e-6), pytest.approx(49.104587, abs=1e-6), 95.0, exact=True)


def test_printed_interval_stands_before_the_exact_one():
    printed = {"low": 9, "high": 49, "level": 90}
    assert share(a_proportion(events=5, total=20, percent=25, interval=printed)) == Share(5, 20, 25.0, 9.0, 49.0, 90.0)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"percent": "31.4"}, Share(None, None, 31.4)),
        ({"percent": 40, "events": 8}, Share(8, None, 40.0)),
        ({"events": 3}, None),
        ({"total": 20}, None),
        ({"events": 30, "total": 20}, None),
        ({"events": 5, "total": 20, "interval": {"half_width": 3}}, Share(5, 20, 25.0)),
    ],
    ids=["percent", "percent-and-events", "events", "total", "impossible", "half-width"],
)
def test_what_is_not_printed_is_not_made_up(fields, expected):
    assert expected == share(a_proportion(**fields))


def outcomes(**counts: tuple[str, int, int]) -> dict[str, Any]:
    return {
        ident: {
            "endpoint": endpoint,
            "population": "all",
            "result": {"kind": "proportion", "events": events, "total": total},
            "source": SOURCE,
        }
        for ident, (endpoint, events, total) in counts.items()
    }


def makeups(found: dict[str, Any]) -> list[tuple[tuple[str, int], ...]]:
    return [makeup.parts for makeup in response_makeups(a_study(outcomes=found))]


def test_grades_make_up_the_group():
    found = outcomes(cr=("complete-response", 2, 20), pr=("partial-response", 3, 20), sd=("stable-disease", 4, 20))
    assert [(("complete", 2), ("partial", 3), ("stable", 4), ("rest", 11))] == makeups(found)


def test_responders_without_grades_stand_for_themselves():
    assert [(("responded", 5), ("rest", 15))] == makeups(outcomes(orr=("objective-response", 5, 20)))


def test_responders_beyond_the_graded_ones_are_not_split():
    found = outcomes(orr=("objective-response", 5, 20), cr=("complete-response", 2, 20), sd=("stable-disease", 1, 20))
    assert [(("complete", 2), ("responded", 3), ("stable", 1), ("rest", 14))] == makeups(found)


@pytest.mark.parametrize(
    "found",
    [
        outcomes(orr=("objective-response", 5, 20), cr=("complete-response", 2, 20), pr=("partial-response", 4, 20)),
        outcomes(orr=("objective-response", 1, 20), cr=("complete-response", 2, 20)),
        outcomes(cr=("complete-response", 12, 20), sd=("stable-disease", 12, 20)),
        outcomes(os=("overall-survival", 5, 20)),
        outcomes(cr=("complete-response", 21, 20)),
    ],
    ids=["contradiction", "fewer-than-complete", "more-than-all", "no-response", "impossible"],
)
def test_counts_that_do_not_add_up_are_not_drawn(found):
    assert makeups(found) == []


def test_a_reading_with_grades_replaces_one_without():
    found = outcomes(cr=("complete-response", 2, 20), pr=("partial-response", 3, 20), later=("objective-response", 6, 20))
    found["later"]["data_cut"] = "two years"
    assert [(("complete", 2), ("partial", 3), ("rest", 15))] == makeups(found)


def test_lesions_sites_and_comparisons_do_not_count():
    found = outcomes(cr=("complete-response", 2, 20), pr=("partial-response", 3, 20), sd=("stable-disease", 4, 20))
    found["cr"]["count_of"] = "lesions"
    found["pr"]["site"] = "lung"
    found["sd"]["comparison"] = {"kind": "historical", "versus_text": "14 %"}
    assert makeups(found) == []
