import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.analysis.effects import (
    MEASURES,
    Effect,
    NotEstimableError,
    expit,
    means_effect,
    normal_quantile,
    proportion_effect,
    reported_effect,
    table_effect,
)


@pytest.mark.parametrize("measure", ["PLO", "PR", "PLN"])
def test_no_events_have_no_effect_unless_a_correction_is_asked_for(measure):
    with pytest.raises(NotEstimableError, match="no events"):
        proportion_effect(measure, 0, 20)
    assert "0.5 added to events and non-events" == proportion_effect(measure, 0, 20, add=0.5).how


@pytest.mark.parametrize("measure", ["PLO", "PR", "PLN"])
def test_events_in_all_have_no_effect_unless_a_correction_is_asked_for(measure):
    with pytest.raises(NotEstimableError, match="events in all patients"):
        proportion_effect(measure, 20, 20)
    assert 0 < proportion_effect(measure, 20, 20, add=0.5).variance


def test_the_arcsine_takes_the_ends_as_they_are():
    assert Effect(0.0, 1 / 80) == proportion_effect("PAS", 0, 20)
    assert math.pi / 2 == proportion_effect("PAS", 20, 20).estimate


@pytest.mark.parametrize(("events", "total"), [(-1, 5), (6, 5), (0, 0)])
def test_impossible_counts_are_refused(events, total):
    with pytest.raises(ValueError, match="is not a count of patients"):
        proportion_effect("PLO", events, total)


@pytest.mark.parametrize(
    ("measure", "cells", "why"),
    [
        ("RR", (0, 10, 3, 10), "no events in an arm"),
        ("OR", (10, 10, 3, 10), "events in all patients of an arm"),
        ("RR", (10, 10, 10, 10), "events in all patients of both arms"),
        ("RD", (0, 10, 0, 10), "every patient of an arm fared alike"),
        ("PETO", (0, 10, 0, 10), "all patients of both arms fared alike"),
    ],
)
def test_tables_without_an_effect_say_why(measure, cells, why):
    with pytest.raises(NotEstimableError, match=why):
        table_effect(measure, *cells)


def test_a_correction_is_told():
    assert "0.5 added to all four cells" == table_effect("OR", 0, 10, 3, 10, add=0.5).how


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 30), st.integers(1, 30))
def test_swapping_the_arms_turns_every_effect_round(a, b, c, d):
    for measure in ("RR", "OR", "RD", "PETO"):
        here, there = table_effect(measure, a, a + b, c, c + d), table_effect(measure, c, c + d, a, a + b)
        assert math.isclose(here.estimate, -there.estimate, abs_tol=1e-12)
        assert math.isclose(here.variance, there.variance)


@given(st.floats(-700, 700))
def test_expit_undoes_the_logit_and_never_overflows(value):
    assert 0 <= expit(value) <= 1
    assert math.isclose(1, expit(value) + expit(-value))


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_every_measure_comes_back(name):
    back = MEASURES[name].back(0.3)
    assert back == back
    assert MEASURES[name].to is None or math.isclose(0.3, MEASURES[name].to(back))


def test_a_bound_beyond_the_scale_stands_for_its_end():
    assert (0.0, 1.0) == (MEASURES["PAS"].back(-0.2), MEASURES["PAS"].back(2.0))
    assert math.inf == MEASURES["RR"].back(800)


@pytest.mark.parametrize("level", [90.0, 95.0, 97.0, 99.0])
def test_an_interval_at_any_level_gives_the_same_standard_error(level):
    half = normal_quantile(level) * 0.2
    found = reported_effect("HR", 0.8, low=0.8 * math.exp(-half), high=0.8 * math.exp(half), level=level)
    assert math.isclose(math.log(0.8), found.estimate)
    assert math.isclose(0.04, found.variance)
    assert f"standard error from the log {level:g} % interval" == found.how


def test_an_interval_without_its_estimate_gives_its_middle():
    found = reported_effect("MD", None, low=-1, high=3, level=95)
    assert 1.0 == found.estimate
    assert found.how.endswith("estimate from its middle")


def test_a_lopsided_interval_is_told():
    assert reported_effect("HR", 0.62, low=0.6, high=1.2, level=95).how.endswith("does not lie in its middle")


def test_standard_error_and_p():
    assert Effect(math.log(0.5), 0.09, "printed standard error") == reported_effect("OR", 0.5, standard_error=0.3)
    assert math.isclose(0.25, reported_effect("GEN", 0.98, p=0.05).variance, rel_tol=1e-3)


@pytest.mark.parametrize(
    ("measure", "values", "why"),
    [
        ("PLO", {"estimate": 0.2}, "computed from counts"),
        ("HR", {"estimate": -1.0}, "is no hazard ratio"),
        ("HR", {"estimate": 0.8}, "neither a standard error"),
        ("HR", {"estimate": 0.8, "low": 0.6, "high": 1.1}, "level of its interval is not stated"),
        ("HR", {"estimate": 0.8, "low": 0.9, "high": 0.9, "level": 95}, "no width"),
        ("HR", {"estimate": 2.0, "low": 0.6, "high": 1.1, "level": 95}, "outside its interval"),
        ("HR", {"estimate": 1.0, "p": 0.5}, "gives no standard error"),
        ("HR", {"estimate": 0.8, "standard_error": 0.0}, "variance is zero"),
    ],
)
def test_what_print_does_not_give_is_told(measure, values, why):
    estimate = values.pop("estimate")
    with pytest.raises(NotEstimableError, match=why):
        reported_effect(measure, estimate, **values)


def test_a_level_out_of_bounds_is_refused():
    with pytest.raises(ValueError, match="lies between 0 and 100"):
        normal_quantile(100)


def test_groups_without_spread_have_no_difference_in_means():
    with pytest.raises(NotEstimableError):
        means_effect("SMD", 1, 0, 10, 2, 0, 10)
