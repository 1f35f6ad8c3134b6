"""Doses as printed, parsed into amount, unit family, body basis and time.

The parser knows the spellings that papers use and stops at anything else: a unit that it does not know is an error
with a hint, never a guess. Units of interleukin-2 stay in their own family; a factor between two families is a row of
the units vocabulary with its source, and without one two doses do not compare.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kb.model.terms import Body, Per, UnitFamily

_N = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_POWER = r"(?:\s*(?:[x×*]|X)\s*10\s*(?:\(\s*(?P<{0}a>\d+)\s*\)|\^\s*(?P<{0}b>\d+)|(?P<{0}c>[⁰¹²³⁴⁵⁶⁷⁸⁹]+)))?(?P<{0}e>[eE]\+?\d+)?"
_AMOUNT = re.compile(
    rf"\s*(?P<low>{_N}){_POWER.format('l')}"
    rf"(?:\s*(?:-|–|to)\s*(?P<high>{_N}){_POWER.format('h')})?"
    r"\s*(?P<rest>.*)",
    re.DOTALL,
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")

_SCALES = {"million": 1e6, "millions": 1e6, "thousand": 1e3, "billion": 1e9}
_UNITS: dict[str, tuple[UnitFamily, float]] = {
    # spelling without case: family, size in the family's base unit
    **dict.fromkeys(("iu", "international unit", "international units"), (UnitFamily.IU, 1.0)),
    **dict.fromkeys(("miu", "mio iu"), (UnitFamily.IU, 1e6)),
    "kiu": (UnitFamily.IU, 1e3),
    **dict.fromkeys(("u", "unit", "units"), (UnitFamily.U, 1.0)),
    **dict.fromkeys(("mu", "megaunits"), (UnitFamily.U, 1e6)),
    **dict.fromkeys(("cetus u", "cetus unit", "cetus units", "c.u.", "cu"), (UnitFamily.CETUS, 1.0)),
    **dict.fromkeys(("brmp u", "brmp unit", "brmp units"), (UnitFamily.BRMP, 1.0)),
    **dict.fromkeys(("roche u", "roche unit", "roche units"), (UnitFamily.ROCHE, 1.0)),
    **dict.fromkeys(("mg", "milligram", "milligrams"), (UnitFamily.MASS, 1.0)),
    **dict.fromkeys(("g", "gram", "grams"), (UnitFamily.MASS, 1e3)),
    **dict.fromkeys(("ug", "µg", "μg", "mcg", "microgram", "micrograms"), (UnitFamily.MASS, 1e-3)),
    **dict.fromkeys(("ng", "nanogram", "nanograms"), (UnitFamily.MASS, 1e-6)),
    **dict.fromkeys(("cell", "cells", "nucleated cells", "viable cells"), (UnitFamily.CELLS, 1.0)),
    "gy": (UnitFamily.GRAY, 1.0),
    "cgy": (UnitFamily.GRAY, 0.01),
    **dict.fromkeys(("mol", "mmol"), (UnitFamily.MOLAR, 1.0)),
    **dict.fromkeys(
        ("vial", "vials", "dose", "doses", "transfusion", "transfusions", "instillation", "instillations", "vaccination", "vaccinations"),
        (UnitFamily.COUNT, 1.0),
    ),
}
_BODIES = {
    "kg": Body.PER_KG,
    "kilogram": Body.PER_KG,
    "m2": Body.PER_M2,
    "m²": Body.PER_M2,
    "m^2": Body.PER_M2,
    "m(2)": Body.PER_M2,
    "sqm": Body.PER_M2,
}
_TIMES = {
    **dict.fromkeys(("day", "d", "daily", "24 h", "24 hours", "24h"), Per.DAY),
    **dict.fromkeys(("dose", "injection", "infusion", "bolus", "fraction", "patient"), Per.DOSE),
    **dict.fromkeys(("h", "hr", "hour"), Per.HOUR),
    **dict.fromkeys(("12 h", "12h", "12 hours"), Per.HOURS_12),
    **dict.fromkeys(("week", "wk"), Per.WEEK),
    **dict.fromkeys(("cycle", "course"), Per.CYCLE),
    **dict.fromkeys(("total", "in total"), Per.TOTAL),
}
BASE_UNIT = {
    UnitFamily.IU: "IU", UnitFamily.CETUS: "Cetus U", UnitFamily.BRMP: "BRMP U", UnitFamily.ROCHE: "Roche U",
    UnitFamily.U: "U", UnitFamily.MASS: "mg", UnitFamily.CELLS: "cells", UnitFamily.GRAY: "Gy",
    UnitFamily.MOLAR: "mol", UnitFamily.COUNT: "pieces",
}  # fmt: skip
"""The unit in which `low` and `high` of a family are held."""


@dataclass(frozen=True, slots=True)
class ParsedDose:
    """What a printed dose says.

    Attributes:
        low: Amount in the family's base unit (`BASE_UNIT`), the lower one of a range.
        high: Upper amount of a range, equal to `low` for one amount.
        family: Unit family.
        body: What it is scaled by.
        per: The time or event it belongs to; `dose` when nothing is printed.
    """

    low: float
    high: float
    family: UnitFamily
    body: Body
    per: Per


@lru_cache(maxsize=2048)
def parse_dose(printed: str) -> ParsedDose:
    """Parse a dose such as `600,000 IU/kg`, `3 x 10(6) U/m2/day`, `0.4 to 1.75 MIU/m2/day` or `18e6 IU`.

    Raises:
        ValueError: If the amount or the unit is not understood; the message says which part.
    """
    found = _AMOUNT.fullmatch(printed)
    if found is None:
        raise ValueError(f'"{printed}" does not start with an amount such as 600,000 or 3e6')
    if not found["rest"].strip():
        raise ValueError(f'"{printed}" has no unit')
    low = _amount(found, "low", "l")
    high = low if found["high"] is None else _amount(found, "high", "h")
    scale, family, size, tail = _unit(found["rest"].strip(), printed)
    if (found["ha"] or found["hb"] or found["hc"]) and not (found["la"] or found["lb"] or found["lc"] or found["le"]):
        low *= high / _plain(found["high"])  # "5-20 x 10(6)" shares one power, "5e7 to 3e10" does not
    body, per = _bases(tail, printed)
    factor = scale * size
    if high < low:
        raise ValueError(f'"{printed}" has its bounds the wrong way round')
    return ParsedDose(low * factor, high * factor, family, body, per)


def _plain(number: str) -> float:
    return float(number.replace(",", ""))


def _amount(found: re.Match[str], number: str, mark: str) -> float:
    value = _plain(found[number])
    power = found[mark + "a"] or found[mark + "b"] or (found[mark + "c"] or "").translate(_SUPERSCRIPTS)
    if power:
        value *= 10.0 ** int(power)
    if found[mark + "e"]:
        value *= 10.0 ** int(found[mark + "e"][1:].lstrip("+"))
    return value


def _unit(rest: str, printed: str) -> tuple[float, UnitFamily, float, str]:
    """Split `million IU/m2/day` into its scale, family, size and what follows the unit."""
    head, slash, tail = rest.partition("/")
    words = head.strip().lower().split()
    scale = 1.0
    if words and words[0] in _SCALES:
        scale = _SCALES[words.pop(0)]
    after: list[str] = []
    while words and (" ".join(words)) not in _UNITS:
        after.insert(0, words.pop())
    if not words:
        raise ValueError(f'"{head.strip()}" in "{printed}" is not a unit that is known')
    family, size = _UNITS[" ".join(words)]
    return scale, family, size, " ".join(after) + (slash + tail if slash else "")


def _bases(tail: str, printed: str) -> tuple[Body, Per]:
    body, per = Body.FLAT, Per.DOSE
    for part in re.split(r"[/·]|\bper\b|(?<=[a-z0-9])\s+(?=(?:daily|flat|total)\b)", tail.lower()):
        word = part.strip().strip("()")
        if not word or word == "flat":
            continue
        if word in _BODIES:
            body = _BODIES[word]
        elif word in _TIMES:
            per = _TIMES[word]
        else:
            raise ValueError(f'"{word}" in "{printed}" is neither a body basis (kg, m2) nor a time (day, dose, week)')
    return body, per
