"""Ranges of numbers and doses, as a user writes them: `>=20`, `1990-1995`, `1991`, `>=0.5 MIU/kg/d`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kb.errors import UsageError

if TYPE_CHECKING:
    from kb.model.terms import Body, Per, UnitFamily

_NUMBER = r"\d+(?:\.\d+)?"
_RANGE = re.compile(rf"\s*(?:(?P<operator>>=|<=|>|<|=)?\s*(?P<one>{_NUMBER})|(?P<low>{_NUMBER})?\s*(?:-|–|\.\.)\s*(?P<high>{_NUMBER})?)\s*")
_OPERATOR = re.compile(r"\s*(>=|<=|>|<|=)?\s*(.*)", re.DOTALL)


class NumberRange(NamedTuple):
    """Numbers between two bounds; a bound that is None is open.

    Attributes:
        low: Smallest number.
        high: Largest number.
        low_open: Whether `low` itself lies outside.
        high_open: Whether `high` itself lies outside.
        written: As the user wrote it.
    """

    low: float | None
    high: float | None
    low_open: bool = False
    high_open: bool = False
    written: str = ""

    def holds(self, value: float) -> bool:
        """Whether a number lies in the range."""
        above = self.low is None or value > self.low or (value == self.low and not self.low_open)
        below = self.high is None or value < self.high or (value == self.high and not self.high_open)
        return above and below


class DoseRange(NamedTuple):
    """Doses between two bounds, in the base unit of a family, per kg, m² or flat, and per dose, day, cycle, ...

    Attributes:
        amounts: The bounds.
        family: Unit family.
        body: What the dose is scaled by.
        per: Time or event.
    """

    amounts: NumberRange
    family: UnitFamily
    body: Body
    per: Per


def _bounds(operator: str | None, low: float, high: float, written: str) -> NumberRange:
    match operator:
        case ">=" | ">":
            return NumberRange(low, None, low_open=operator == ">", written=written)
        case "<=" | "<":
            return NumberRange(None, high, high_open=operator == "<", written=written)
        case _:
            return NumberRange(low, high, written=written)


def parse_range(option: str, written: str) -> NumberRange:
    """Parse a range of numbers: `20`, `>=20`, `1990-1995`, `1990..`, `..1995`.

    Args:
        option: Name of the option, for the message.
        written: What the user wrote.

    Raises:
        UsageError: If it is not a range, or its bounds are the wrong way round.
    """
    found = _RANGE.fullmatch(written)
    if found is None or not (found["one"] or found["low"] or found["high"]):
        raise UsageError(f'--{option} "{written}" is not a range of numbers', hint="write for instance 1991, 1990-1995, >=20 or <20")
    if found["one"]:
        number = float(found["one"])
        return _bounds(found["operator"], number, number, written.strip())
    low = float(found["low"]) if found["low"] else None
    high = float(found["high"]) if found["high"] else None
    if low is not None and high is not None and low > high:
        raise UsageError(f'--{option} "{written}" runs backwards', hint="write the smaller number first")
    return NumberRange(low, high, written=written.strip())


def parse_dose_range(written: str) -> DoseRange:
    """Parse a range of doses: an operator and a dose as papers print it, or two amounts with one unit.

    `>=0.5 MIU/kg/d` asks for the amount of a day, `>=600,000 IU/kg` for that of one dose, `/cycle` and `/total` for those
    of a cycle and of all planned cycles.

    Raises:
        UsageError: If the dose is not understood.
    """
    from kb.model.dose import parse_dose

    found = _OPERATOR.fullmatch(written)
    assert found is not None  # every text fits
    try:
        dose = parse_dose(found[2])
    except ValueError as error:
        raise UsageError(f"--dose: {error}", hint="write for instance '>=0.5 MIU/kg/d', '600,000 IU/kg' or '1-5 MIU/m2/day'") from error
    return DoseRange(_bounds(found[1], dose.low, dose.high, written.strip()), dose.family, dose.body, dose.per)
