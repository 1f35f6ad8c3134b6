"""Dosing days of a regimen, as far as the words name them."""

from __future__ import annotations

from typing import Any

import pytest

from kb.analysis.dosing import LONGEST, Strip, strips
from kb.model.algebra import Amount, Lexicon
from kb.model.regimen import Arm
from kb.model.terms import AgentClass, Body, UnitFamily

LEXICON = Lexicon({"aldesleukin": AgentClass.IL2}, {"iv-continuous": "continuous", "iv-bolus": "bolus"}, {})


def an_arm(*phases: dict[str, Any]) -> Arm:
    return Arm.model_validate({"label": "an arm", "n": 20, "regimen": phases})


def a_phase(schedule: dict[str, Any] | str, **changes: Any) -> dict[str, Any]:
    component = {"agent": "aldesleukin", "role": "investigational", "dose": "600,000 IU/kg", "route": "iv-bolus"}
    component["schedule"] = {"text": "as printed", **schedule} if isinstance(schedule, dict) else schedule
    component.update(changes.pop("component", {}))
    return {"phase": "treatment", "components": [component], **changes}


def days(schedule: dict[str, Any] | str) -> tuple[int, ...]:
    return strips(an_arm(a_phase(schedule)), LEXICON)[0].lanes[0].days


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ({"days": ["1-3", 8]}, (1, 2, 3, 8)),
        ({"days": ["1-2"], "weeks": ["1-2", 4]}, (1, 2, 8, 9, 22, 23)),
        ({"days": [1, 3], "cycle_days": 7, "cycles": 2}, (1, 3, 8, 10)),
        ({"days_per_week": 7, "weeks": [2]}, (8, 9, 10, 11, 12, 13, 14)),
        ({"days_per_week": 7, "cycle_days": 14, "cycles": 1}, tuple(range(1, 15))),
        ({"days_per_week": 5, "weeks": ["1-4"]}, ()),
        ({"times_per_day": 3}, ()),
        ({"days": ["-2-0", 2]}, (-2, -1, 0, 2)),
        ("not-in-what-was-read", ()),
    ],
    ids=["days", "weeks", "cycles", "daily-week", "daily-cycle", "five-a-week", "times", "before", "absent"],
)
def test_days(schedule, expected):
    assert expected == days(schedule)


def test_weeks_where_days_are_not_named():
    lane = strips(an_arm(a_phase({"days_per_week": 5, "weeks": ["1-2"], "cycle_days": 28, "cycles": 2})), LEXICON)[0].lanes[0]
    assert ((), (1, 8, 29, 36), False) == (lane.days, lane.weeks, lane.known)
    assert () == strips(an_arm(a_phase({"days": [1], "weeks": [2]})), LEXICON)[0].lanes[0].weeks
    assert () == strips(an_arm(a_phase("not-reported")), LEXICON)[0].lanes[0].weeks


def test_a_long_course_is_cut():
    strip = strips(an_arm(a_phase({"days": [1], "cycle_days": 28, "cycles": 6})), LEXICON)[0]
    assert (strip.lanes[0].days, strip.cut, strip.last) == ((1, 29), True, 29)
    assert strip.last <= LONGEST


@pytest.mark.parametrize(
    ("schedule", "cut"),
    [
        ({"days": [1]}, False),
        ({"days": [1], "cycle_days": 14, "cycles": 2}, False),
        ({"days": [1], "cycle_days": 14}, True),
        ({"days": [1], "cycle_days": 14, "cycles": 2, "cycles_max": 4}, True),
        ({"days": [1], "until": "progression"}, True),
    ],
    ids=["once", "two-cycles", "cycles-unknown", "range", "until"],
)
def test_whether_the_course_goes_on(schedule, cut):
    assert cut is strips(an_arm(a_phase(schedule)), LEXICON)[0].cut


def test_phases_with_a_known_start_share_an_axis():
    arm = an_arm(a_phase({"days": [1]}), a_phase({"days": [1]}), a_phase({"days": ["1-2"]}, starts_day=15))
    first, second = strips(arm, LEXICON)
    assert (first.phases, [lane.days for lane in first.lanes], first.aligned) == ((0, 2), [(1,), (15, 16)], True)
    assert (second.phases, second.aligned) == ((1,), False)


def test_what_a_lane_knows():
    continuous = {"component": {"route": "iv-continuous", "dose": "18 MIU/m2/day"}}
    lane = strips(an_arm(a_phase({"days": ["1-5"]}, **continuous)), LEXICON)[0].lanes[0]
    assert (lane.continuous, lane.doses, lane.known, lane.optional) == (True, None, True, False)
    assert Amount(18e6, 18e6, UnitFamily.IU, Body.PER_M2) == lane.amount
    bolus = strips(an_arm(a_phase({"days": [1], "times_per_day": 3, "when": "optional"})), LEXICON)[0].lanes[0]
    assert (bolus.continuous, bolus.doses, bolus.optional) == (False, 3, True)
    later = strips(an_arm(a_phase("not-reported", when="if-responding", component={"route": "not-reported"})), LEXICON)[0].lanes[0]
    assert (later.known, later.optional, later.continuous) == (False, True, False)


def test_an_arm_without_treatment_has_no_strip():
    assert strips(an_arm(), LEXICON) == []


def test_a_strip_without_days_is_empty():
    assert (
        Strip((0,), strips(an_arm(a_phase("not-reported")), LEXICON)[0].lanes, 1, 0, False, True)
        == strips(an_arm(a_phase("not-reported")), LEXICON)[0]
    )
