"""Ranges of numbers and doses, as people write them."""

from __future__ import annotations

import pytest

from kb.analysis.ranges import DoseRange, NumberRange, parse_dose_range, parse_range
from kb.errors import UsageError
from kb.model.terms import Body, Per, UnitFamily


@pytest.mark.parametrize(
    ("written", "low", "high", "low_open", "high_open"),
    [
        ("1991", 1991, 1991, False, False), ("=1991", 1991, 1991, False, False), (">=20", 20, None, False, False),
        ("> 20", 20, None, True, False), ("<= 8", None, 8, False, False), ("<8", None, 8, False, True), ("1990-1995", 1990, 1995, False, False),
        (" 1990 – 1995 ", 1990, 1995, False, False), ("1990..1995", 1990, 1995, False, False), ("1990..", 1990, None, False, False),
        ("..1995", None, 1995, False, False), ("0", 0, 0, False, False), ("2.5-3.5", 2.5, 3.5, False, False),
    ],
)  # fmt: skip
def test_ranges(written: str, low: float | None, high: float | None, low_open: bool, high_open: bool) -> None:
    assert NumberRange(low, high, low_open, high_open, written.strip()) == parse_range("year", written)


@pytest.mark.parametrize("written", ["", "x", "..", "-", "1990-1995-2000", ">=", "1990 1995", ">=1990-1995", "1e3"])
def test_what_is_no_range_says_how_to_write_one(written: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_range("n", written)
    assert f'--n "{written}" is not a range of numbers' == str(raised.value)
    assert "1990-1995" in raised.value.hint


def test_a_range_that_runs_backwards_is_refused() -> None:
    with pytest.raises(UsageError, match='--year "1995-1990" runs backwards'):
        parse_range("year", "1995-1990")


@pytest.mark.parametrize(
    ("written", "holding", "failing"),
    [("1990-1995", [1990, 1995], [1989, 1996]), (">20", [20.5], [20]), ("<20", [19], [20]), (">=20", [20], [19]), ("<=20", [20], [21])],
)
def test_a_range_holds_its_closed_ends_only(written: str, holding: list[float], failing: list[float]) -> None:
    found = parse_range("n", written)
    assert all(found.holds(value) for value in holding)
    assert not any(found.holds(value) for value in failing)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (">=0.5 MIU/kg/d", DoseRange(NumberRange(5e5, None, written=">=0.5 MIU/kg/d"), UnitFamily.IU, Body.PER_KG, Per.DAY)),
        ("600,000 IU/kg", DoseRange(NumberRange(6e5, 6e5, written="600,000 IU/kg"), UnitFamily.IU, Body.PER_KG, Per.DOSE)),
        ("1-5 MIU/m2/day", DoseRange(NumberRange(1e6, 5e6, written="1-5 MIU/m2/day"), UnitFamily.IU, Body.PER_M2, Per.DAY)),
        ("< 2 mg", DoseRange(NumberRange(None, 2, high_open=True, written="< 2 mg"), UnitFamily.MASS, Body.FLAT, Per.DOSE)),
        (">1-2 mg", DoseRange(NumberRange(1, None, low_open=True, written=">1-2 mg"), UnitFamily.MASS, Body.FLAT, Per.DOSE)),
    ],
)
def test_dose_ranges(written: str, expected: DoseRange) -> None:
    assert expected == parse_dose_range(written)


@pytest.mark.parametrize("written", ["", ">=", "much", "5 parsecs", "5"])
def test_what_is_no_dose_says_which_part(written: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_dose_range(written)
    assert str(raised.value).startswith("--dose: ")
    assert "MIU/kg/d" in raised.value.hint
