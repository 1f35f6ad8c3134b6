"""Regimens: lost superscripts, words without structure."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import study_data
from tests.lint.examples import study_codes

COMPONENT = "arms.a.regimen.0.components.0"


def codes(**changes: Any) -> list[str]:
    return [item.code for item in study_codes(study_data(**changes))]


@pytest.mark.parametrize(
    ("agent", "dose", "expected"),
    [
        ("aldesleukin", "600,000 IU/kg", []),
        ("aldesleukin", "3 x 10(6) U/m2", []),
        ("aldesleukin", "18e6 IU", []),
        ("aldesleukin", "1000 U/kg", []),
        ("aldesleukin", "100,000 IU/kg", []),
        ("aldesleukin", "106 U/m2", ["KB701"]),
        ("cisplatin", "100 mg/m2", []),
        ("aldesleukin", "108 cells", ["KB701"]),
        ("aldesleukin", "700 U/m2", ["KB701"]),
        ("aldesleukin", "18 IU", ["KB701"]),
        ("aldesleukin", "0 IU", []),
        ("aldesleukin", "1.5 mg/m2", []),
        ("interferon-alfa", "18 IU", []),
        ("unheard-of", "18 IU", ["KB301"]),
        ("aldesleukin", {"printed": "106 U/m2"}, ["KB702"]),
        ("aldesleukin", "not-in-what-was-read", []),
        ("aldesleukin", "20 Gy/m2", ["KB704"]),
        ("aldesleukin", "2 vials/kg", ["KB704"]),
        ("aldesleukin", "20 Gy", []),
        ("aldesleukin", "5e9 cells/kg", []),
    ],
    ids=str,
)
def test_doses(agent: str, dose: object, expected: list[str]):
    assert expected == codes(**{f"{COMPONENT}.agent": agent, f"{COMPONENT}.dose": dose})


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ({"text": "every 8 hours", "times_per_day": 3}, []),
        ({"text": "every 8 hours"}, ["KB703"]),
        ({"text": "daily for five days"}, ["KB703"]),
        ({"text": "twice weekly"}, ["KB703"]),
        ({"text": "q8h"}, ["KB703"]),
        ({"text": "Q3W"}, ["KB703"]),
        ({"text": "days 1-5"}, ["KB703"]),
        ({"text": "d1-5"}, ["KB703"]),
        ({"text": "repeated courses"}, []),
        ({"text": "for some days"}, []),  # no number, so no structure
        ({"text": "at most 14 doses every 8 hours", "max_doses": 14}, []),
        ({"text": "daily until progression", "until": "progression"}, []),
        ({"text": "weekly for 4 weeks", "cycle_days": 7}, []),
        ("not-in-what-was-read", []),
    ],
    ids=str,
)
def test_schedules(schedule: object, expected: list[str]):
    assert expected == codes(**{f"{COMPONENT}.schedule": schedule})
