"""Intervals, ranges and P values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.model.intervals import clopper_pearson, wilson
from tests.builders import study_data
from tests.lint.examples import study_codes


def codes(result: dict[str, Any], **changes: Any) -> list[str]:
    return [item.code for item in study_codes(study_data(**{"outcomes.response.result": result, "outcomes.response.note": "n", **changes}))]


def contrast(**fields: Any) -> dict[str, Any]:
    return {"kind": "contrast", "measure": "hr", **fields}


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (contrast(estimate=0.6, interval={"low": 0.4, "high": 0.9}), []),
        (contrast(estimate=0.6, interval={"low": 0.9, "high": 0.4}), ["KB621"]),
        (contrast(estimate=1.2, interval={"low": 0.4, "high": 0.9}), ["KB622"]),
        (contrast(estimate=0.3, interval={"low": 0.4, "high": 0.9}), ["KB622"]),
        (contrast(estimate=0.4, interval={"low": 0.4, "high": 0.9}), []),
        (contrast(interval={"low": 0.4, "high": 0.9}), []),
        (contrast(estimate=0.3, interval={"low": 0.4}), ["KB622"]),
        (contrast(estimate=2, interval={"low": 0.4, "not_reached": True}), []),
        ({"kind": "proportion", "percent": 9, "interval": {"half_width": -1.9}}, ["KB621"]),
        ({"kind": "time-to-event", "unit": "months", "median": 19, "interval": {"low": 15, "high": "22+"}}, []),
        ({"kind": "time-to-event", "unit": "months", "median": "35+", "range": {"low": 2, "high": "36+"}}, []),
        ({"kind": "time-to-event", "unit": "months", "median": 50, "range": {"low": 2, "high": 36}}, ["KB622"]),
        ({"kind": "time-to-event", "unit": "months", "mean": 1, "range": {"low": 2, "high": 36}}, ["KB622"]),
        ({"kind": "time-to-event", "unit": "months", "median": 5, "range": {"low": 36, "high": 2}}, ["KB621"]),
        ({"kind": "continuous", "statistic": "mean", "value": 9, "spread": {"low": 2, "high": 8, "quartiles": True}}, []),
        ({"kind": "continuous", "statistic": "mean", "value": 9, "spread": {"sd": -1}}, ["KB621"]),
        ({"kind": "continuous", "statistic": "mean", "value": 9, "spread": {"se": -1}}, ["KB621"]),
        ({"kind": "continuous", "statistic": "mean", "value": 9, "interval": {"low": 1, "high": 5}}, ["KB622"]),
        ({"kind": "continuous", "statistic": "mean", "groups": [{"group": "a", "value": 9, "spread": {"low": 1, "high": 5}}]}, ["KB622"]),
        (contrast(estimate=0.6, groups=[{"group": "a", "value": 3, "spread": {"low": 1, "high": 5}}]), []),
        (
            {"kind": "time-to-event", "landmarks": [{"at": 1, "unit": "years", "percent": 57, "interval": {"low": 60, "high": 70}}]},
            ["KB622"],
        ),
        ({"kind": "count", "count": 5}, []),
    ],
    ids=str,
)
def test_bounds_and_estimates(result: dict[str, Any], expected: list[str]):
    assert expected == codes(result)


def test_intervals_of_adverse_events_are_looked_at():
    event = {
        "term": "fever",
        "printed": "fever",
        "population": "all",
        "percent": 50,
        "interval": {"low": 5, "high": 9},
        "source": {"at": "t", "anchor": "a"},
    }
    found = study_codes(study_data(**{"adverse_events.fever": event}))
    assert ["KB622"] == [item.code for item in found]


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ({"low": 8.7, "high": 49.1, "level": 95}, []),  # Clopper-Pearson
        ({"low": 8.7, "high": 49.1}, []),
        ({"low": 9, "high": 49}, []),
        ({"low": 11.2, "high": 46.9, "level": 95}, []),  # Wilson
        ({"low": 6, "high": 44, "level": 95}, []),  # normal approximation
        ({"low": 10.4, "high": 45.6, "level": 90}, []),
        ({"low": 10.4, "high": 45.6, "level": 95}, ["KB623"]),
        ({"low": 15, "high": 35, "level": 95}, ["KB623"]),
        ({"low": 15, "level": 95}, []),
        ({"half_width": 19, "level": 95}, []),
    ],
    ids=str,
)
def test_intervals_follow_from_counts(interval: dict[str, Any], expected: list[str]):
    assert expected == codes({"kind": "proportion", "events": 5, "total": 20, "interval": interval})


def test_the_hint_gives_the_exact_interval():
    found = study_codes(
        study_data(**{"outcomes.response.result": {"kind": "proportion", "events": 5, "total": 20, "interval": {"low": 1, "high": 2}}})
    )
    (item,) = [one for one in found if one.code == "KB623"]
    assert ("1 to 2 is not the 95 % interval of 5/20", "the exact one is 8.7 to 49.1; another method, level or denominator?") == (
        item.message,
        item.hint,
    )


@pytest.mark.parametrize(
    "result",
    [
        {"kind": "proportion", "events": 25, "total": 20, "interval": {"low": 1, "high": 2}},
        {"kind": "proportion", "events": 0, "total": 0, "interval": {"low": 1, "high": 2}},
        {"kind": "proportion", "percent": 1.5, "interval": {"low": 1, "high": 2}},
    ],
    ids=["impossible", "nobody", "no-counts"],
)
def test_without_counts_nothing_follows(result: dict[str, Any]):
    assert "KB623" not in codes(result)


def test_a_normal_interval_that_runs_out_of_the_scale_may_be_cut():
    assert [] == codes({"kind": "proportion", "events": 1, "total": 20, "interval": {"low": 0, "high": 14.6, "level": 95}})
    assert [] == codes({"kind": "proportion", "events": 19, "total": 20, "interval": {"low": 85.4, "high": 100, "level": 95}})


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(1, 60), st.sampled_from([90, 95, 99]), st.sampled_from([clopper_pearson, wilson]), st.integers(0, 2))
def test_an_interval_printed_at_any_precision_is_known_again(events: int, total: int, level: float, method: Any, places: int):
    events = min(events, total)
    bounds = method(events, total, level=level)
    interval = {"low": f"{100 * bounds.low:.{places}f}", "high": f"{100 * bounds.high:.{places}f}", "level": level}
    assert [] == codes({"kind": "proportion", "events": events, "total": total, "interval": interval})


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"interval": {"low": 0.4, "high": 0.8, "level": 95}, "p": 0.004}, []),
        ({"interval": {"low": 0.4, "high": 0.8, "level": 95}, "p": "<0.01"}, []),
        ({"interval": {"low": 0.4, "high": 0.8, "level": 95}, "p": 0.4}, ["KB624"]),
        ({"interval": {"low": 0.4, "high": 0.8}, "p": "NS"}, ["KB624"]),
        ({"interval": {"low": 0.4, "high": 0.8}, "p": ">0.1"}, ["KB624"]),
        ({"interval": {"low": 0.4, "high": 0.8}, "p": "<0.4"}, []),
        ({"interval": {"low": 0.4, "high": 1.8, "level": 95}, "p": 0.004}, ["KB624"]),
        ({"interval": {"low": 0.4, "high": 1.8, "level": 95}, "p": "<0.01"}, ["KB624"]),
        ({"interval": {"low": 0.4, "high": 1.8, "level": 95}, "p": 0.4}, []),
        ({"interval": {"low": 0.4, "high": 1.8, "level": 95}, "p": "NS"}, []),
        ({"interval": {"low": 0.4, "high": 1.8, "level": 95}, "p": 0.04}, []),  # within what another test may give
        ({"interval": {"low": 0.4, "high": 0.99, "level": 95}, "p": 0.06}, []),  # rounding
        ({"interval": {"low": 0.4, "high": 0.8, "level": 99}, "p": 0.02}, ["KB624"]),
        ({"interval": {"low": 0.4, "high": 0.8, "level": 95}, "p": 0.4, "sides": 1}, []),
        ({"interval": {"low": "<0.4", "high": 0.8}, "p": 0.4}, []),
        ({"interval": {"low": 0.4}, "p": 0.4}, []),
        ({"measure": "rd", "interval": {"low": 0.4, "high": 0.8}, "p": 0.4}, ["KB624"]),
        ({"measure": "mean-difference", "interval": {"low": -0.4, "high": 0.8}, "p": 0.001}, ["KB624"]),
        ({"measure": "correlation", "interval": {"low": 0.4, "high": 0.8}, "p": 0.4}, []),
        ({"measure": "hr", "p": 0.4}, []),
    ],
    ids=str,
)
def test_interval_and_p_agree(fields: dict[str, Any], expected: list[str]):
    assert expected == codes(contrast(**fields))


def test_the_message_shows_both():
    found = study_codes(study_data(**{"outcomes.response.result": contrast(interval={"low": 0.4, "high": 0.8}, p=0.4)}))
    assert ["P 0.4 beside an interval of 0.4 to 0.8, which excludes 1"] == [item.message for item in found]
