"""Counts: what adds up, what does not, and what the message suspects."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.lint.counts import rounds_to
from kb.model.quantities import Quantity
from tests.builders import study_data
from tests.lint.examples import study_codes

SOURCE = {"at": "abstract", "anchor": "so printed"}


def codes(**changes: Any) -> list[str]:
    return [item.code for item in study_codes(study_data(**changes))]


def result(**fields: Any) -> dict[str, Any]:
    return {"outcomes.response.result": {"kind": "proportion", **fields}, "outcomes.response.note": "explained"}


def told(**changes: Any) -> tuple[str, str]:
    (found,) = study_codes(study_data(**changes))
    return found.message, found.hint


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"events": 5, "total": 20, "percent": 25}, []),
        ({"events": 5, "total": 20, "percent": "25.0"}, []),
        ({"events": 1, "total": 3, "percent": 33}, []),
        ({"events": 1, "total": 3, "percent": "33.3"}, []),
        ({"events": 1, "total": 3, "percent": 33.4}, ["KB602"]),
        ({"events": 2, "total": 3, "percent": 66}, ["KB602"]),
        ({"events": 1, "total": 8, "percent": 12}, []),  # 12.5 rounds either way
        ({"events": 1, "total": 8, "percent": 13}, []),
        ({"events": 1, "total": 8, "percent": 14}, ["KB602"]),
        ({"events": 0, "total": 20, "percent": 0}, []),
        ({"events": 20, "total": 20, "percent": 100}, []),
        ({"events": 5, "total": 20, "percent": ">20"}, []),
        ({"events": 5, "total": 20, "percent": "~24"}, []),
        ({"events": 5, "total": 0}, ["KB601"]),
        ({"events": 0, "total": 0, "percent": 0}, []),
        ({"events": 5, "percent": 25}, []),
        ({"total": 20, "percent": 25}, []),
        ({"events": 21, "total": 20}, ["KB601"]),
        ({"percent": 100.5}, ["KB603"]),
        ({"percent": -1}, ["KB603"]),
        ({"percent": 50, "interval": {"low": -3, "high": 101}}, ["KB603", "KB603"]),
    ],
    ids=str,
)
def test_proportions(fields: dict[str, Any], expected: list[str]):
    assert expected == codes(**result(**fields))


@pytest.mark.parametrize(
    ("fields", "message", "hint"),
    [
        ({"events": 20, "total": 5, "percent": 25}, "20 events of only 5", "events and total are swapped: 5/20 gives the printed 25 %"),
        ({"events": 21, "total": 20}, "21 events of only 20", "are events and total swapped, or does the total belong to another group?"),
        ({"events": 23, "total": 106, "percent": 21.6}, "23/106 is 21.7 %, but 21.6 is printed", "the source cut digits off instead of rounding; say so in an ambiguity of kind printed-error"),
        ({"events": 5, "total": 20, "percent": 75}, "5/20 is 25.0 %, but 75 is printed", "the percentage is that of the other 15 patients"),
        ({"events": 5, "total": 20, "percent": 52}, "5/20 is 25.0 %, but 52 is printed", "two digits are swapped: 25 would fit"),
        ({"events": 33, "total": 72, "percent": 41}, "33/72 is 45.8 %, but 41 is printed", "33 events fit a denominator of 80, 81"),
        ({"events": 7, "total": 11, "percent": 65}, "7/11 is 63.6 %, but 65 is printed", "compare with the source, and flag it as printed-error or contradiction if it is printed so"),
        ({"events": 0, "total": 20, "percent": 5}, "0/20 is 0.0 %, but 5 is printed", "compare with the source, and flag it as printed-error or contradiction if it is printed so"),
        ({"events": 1, "total": 3, "percent": 33.33333}, "", ""),
    ],
    ids=str,
)  # fmt: skip
def test_messages_name_what_is_likely(fields: dict[str, Any], message: str, hint: str):
    if not message:
        assert [] == codes(**result(**fields))
        return
    assert (message, hint) == told(**result(**fields))


def test_groups_landmarks_times_and_adverse_events_are_counted_too():
    group = [{"group": "responders", "n": 5, "events": 6}]
    assert ["KB601"] == codes(**{"findings.nk-rise.groups": group})
    landmark = {"kind": "time-to-event", "landmarks": [{"at": 1, "unit": "years", "events": 5, "total": 20, "percent": 30}]}
    assert ["KB602"] == codes(**{"outcomes.response.result": landmark})
    times = {"kind": "time-to-event", "median": 12, "unit": "months", "events": 25, "total": 20}
    assert ["KB601"] == codes(**{"outcomes.response.result": times})
    event = {"term": "fever", "printed": "fever", "population": "all", "events": 5, "total": 20, "percent": 30, "source": SOURCE}
    assert ["KB602"] == codes(**{"adverse_events.fever": event})


@given(st.integers(0, 400), st.integers(1, 400), st.integers(0, 2))
def test_what_is_rounded_as_printed_is_never_told(events: int, total: int, places: int):
    """Whatever the counts and the precision, the rounded percentage fits and one unit more does not."""
    events = min(events, total)
    share = 100 * events / total
    printed = f"{share:.{places}f}"
    assert rounds_to(share, Quantity(printed))
    assert not rounds_to(share, Quantity(f"{float(printed) + 1.6 * 10**-places:.{places}f}"))


TOTAL = {"outcomes.response.result": {"kind": "proportion", "events": 5, "total": 18}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["KB604"]),
        ({"outcomes.response.note": "two were lost"}, []),
        ({"outcomes.response.source": {"at": "abstract", "derived": "5 of 20 - 2"}}, []),
        ({"outcomes.response.count_of": "courses"}, []),
        ({"populations.all.n": 18}, []),
        ({"populations.all.n": "not-in-what-was-read"}, []),
        ({"outcomes.response.population": "nobody"}, ["KB402"]),
        ({"outcomes.response.arms": ["a"]}, ["KB604"]),
        ({"arms.b": {"label": "b", "n": "unclear", "regimen": []}, "outcomes.response.arms": ["a"]}, []),
        ({"outcomes.response.result": {"kind": "statement", "says": "observed", "text": "some"}}, []),
    ],
    ids=str,
)
def test_totals_are_those_of_the_population(changes: dict[str, Any], expected: list[str]):
    assert expected == codes(**{**TOTAL, **changes})


def test_the_hint_names_the_population_that_would_fit():
    message, hint = told(**TOTAL, **{"populations.evaluable": {"n": 18, "basis": "evaluable", "within": "all"}})
    assert ('a total of 18, but the population "all" has 20', "populations of 18: evaluable") == (message, hint)
    assert "add the population it belongs to, or explain it in `note`" == told(**TOTAL)[1]


def test_totals_of_adverse_events_are_looked_at_as_well():
    event = {"term": "fever", "printed": "fever", "population": "all", "events": 5, "total": 18, "source": SOURCE}
    assert ["KB604"] == codes(**{"adverse_events.fever": event})


def grade(endpoint: str, events: int, **more: Any) -> dict[str, Any]:
    return {
        "endpoint": endpoint,
        "population": "all",
        "result": {"kind": "proportion", "events": events, "total": 20},
        "source": SOURCE,
        **more,
    }


@pytest.mark.parametrize(
    ("complete", "partial", "expected"),
    [
        (grade("complete-response", 2), grade("partial-response", 3), []),
        (grade("complete-response", 2), grade("partial-response", 4), ["KB605"]),
        (grade("complete-response", 2), grade("partial-response", 1), ["KB605"]),
        (grade("complete-response", 6), grade("stable-disease", 1), ["KB605"]),
        (grade("complete-response", 4), grade("stable-disease", 9), []),
        (grade("complete-response", 2, arms=["a"]), grade("partial-response", 4), []),
        (grade("complete-response", 2, timepoint="week 12"), grade("partial-response", 4, timepoint="week 12"), []),
        (grade("complete-response", 6, criteria="recist-1.1"), grade("partial-response", 9, assessor="investigator"), []),
    ],
    ids=["add-up", "too-many", "too-few", "one-grade-too-many", "other-grade", "other-arms", "other-time", "other-criteria"],
)
def test_grades_add_up_to_the_response(complete: dict[str, Any], partial: dict[str, Any], expected: list[str]):
    assert expected == codes(**{"outcomes.first": complete, "outcomes.second": partial})


def test_the_message_of_grades_names_them_all():
    message, _ = told(**{"outcomes.cr": grade("complete-response", 2), "outcomes.pr": grade("partial-response", 4)})
    assert "2 complete response + 4 partial response make 6, but 5 objective response are given" == message


def test_two_values_of_one_grade_are_not_added():
    changes = {"outcomes.cr": grade("complete-response", 9), "outcomes.cr-late": grade("complete-response", 8)}
    assert [] == codes(**changes)


def test_a_contradiction_flagged_at_one_grade_is_flagged_for_the_sum():
    flag = [{"kind": "contradiction", "about": "outcomes.pr", "text": "three or four"}]
    changes = {"outcomes.cr": grade("complete-response", 2), "outcomes.pr": grade("partial-response", 4), "ambiguities": flag}
    assert ["KB690"] == codes(**changes)


@pytest.mark.parametrize(("n", "expected"), [(20, []), (21, ["KB606"]), ("not-reported", ["KB914"])])
def test_markers_are_measured_in_patients_of_the_population(n: object, expected: list[str]):
    assert expected == codes(**{"findings.nk-rise.n": n})
    assert [] == [code for code in codes(**{"findings.nk-rise.n": n, "populations.all.n": "unclear"}) if code == "KB606"]
