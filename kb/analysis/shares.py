"""Counted patients as shares with their interval, and how the responses of a group make up its patients.

Both are for drawing and for tables: one place decides whether a printed interval or the exact one stands beside a
proportion, so that the terminal, the tables and the pages agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kb.model.intervals import clopper_pearson
from kb.model.outcomes import Outcome
from kb.model.results import Proportion
from kb.model.study import Study
from kb.model.terms import CountOf


@dataclass(frozen=True, slots=True)
class Share:
    """A share of patients in percent.

    Attributes:
        events: Patients with the event, or None where only a percentage is printed.
        total: Denominator, or None where it is not printed.
        percent: The share; printed where a percentage is printed, else counted.
        low: Lower bound of the interval in percent, or None.
        high: Upper bound of the interval in percent, or None.
        level: Level of the interval in percent, or None where there is none or its level is not stated.
        exact: Whether the interval is the exact one of the counts, not the printed one.
    """

    events: int | None
    total: int | None
    percent: float
    low: float | None = None
    high: float | None = None
    level: float | None = None
    exact: bool = False

    @property
    def counted(self) -> bool:
        """Whether events and total are both known."""
        return self.events is not None and self.total is not None


def share(result: Proportion) -> Share | None:
    """Return a proportion as a share with the printed interval, else the exact one; None where no share is given."""
    counted = result.events is not None and bool(result.total) and result.events <= (result.total or 0)
    if result.percent is not None:
        percent = result.percent.value
    elif counted and result.events is not None and result.total:
        percent = 100 * result.events / result.total
    else:
        return None
    printed = result.interval
    if printed is not None and printed.low is not None and printed.high is not None:
        return Share(result.events, result.total, percent, printed.low.value, printed.high.value, printed.level)
    if printed is None and counted and result.events is not None and result.total:
        bounds = clopper_pearson(result.events, result.total)
        return Share(result.events, result.total, percent, 100 * bounds.low, 100 * bounds.high, 95.0, exact=True)
    return Share(result.events, result.total, percent)


GRADES: Mapping[str, str] = {
    "complete-response": "complete",
    "partial-response": "partial",
    "minor-response": "minor",
    "mixed-response": "mixed",
    "stable-disease": "stable",
    "progressive-disease": "progressive",
}
"""Grades of response that exclude each other, best first, each with the name of its mark."""

_UNSPLIT = "responded"
_REST = "rest"


@dataclass(frozen=True, slots=True)
class Makeup:
    """How the responses of a group make up its patients.

    Attributes:
        population: Id of the population.
        arms: Arms it speaks of; empty for those of the population.
        total: Patients counted.
        parts: Mark and patients, best first: a value of `GRADES`, `responded` for objective responses whose grade is
            not split, `rest` for everyone else. The patients add up to `total`.
        outcomes: Ids of the outcomes that it was read from.
    """

    population: str
    arms: tuple[str, ...]
    total: int
    parts: tuple[tuple[str, int], ...]
    outcomes: tuple[str, ...]


def response_makeups(study: Study) -> list[Makeup]:
    """Return the make-up of every group of patients whose counted responses add up, in the order of the record.

    Where one reading of a group gives grades, another that only says how many responded is left out.
    """
    groups: dict[tuple[object, ...], dict[str, tuple[str, int, int]]] = {}
    for ident, outcome in study.outcomes.items():
        counts = _counts(outcome)
        if counts is not None:
            key = (outcome.population, outcome.arms, outcome.data_cut, outcome.timepoint, outcome.assessor, outcome.criteria, counts[1])
            groups.setdefault(key, {}).setdefault(outcome.endpoint, (ident, *counts))
    found = [makeup for group in groups.values() if (makeup := _makeup(group, study)) is not None]
    graded = {(makeup.population, makeup.arms) for makeup in found if _is_graded(makeup)}
    return [makeup for makeup in found if _is_graded(makeup) or (makeup.population, makeup.arms) not in graded]


def _is_graded(makeup: Makeup) -> bool:
    return any(mark not in (_UNSPLIT, _REST) for mark, _ in makeup.parts)


def _counts(outcome: Outcome) -> tuple[int, int] | None:
    result = outcome.result
    fits = outcome.endpoint in GRADES or outcome.endpoint == "objective-response"
    if not fits or not isinstance(result, Proportion) or outcome.count_of is not CountOf.PATIENTS or outcome.site or outcome.comparison:
        return None
    if result.events is None or not result.total or result.events > result.total:
        return None
    return result.events, result.total


def _makeup(group: Mapping[str, tuple[str, int, int]], study: Study) -> Makeup | None:
    first, _, total = next(iter(group.values()))
    parts = [(GRADES[endpoint], group[endpoint][1]) for endpoint in GRADES if endpoint in group]
    counted = dict(parts)
    if "objective-response" in group:
        responders = group["objective-response"][1]
        graded = counted.get("complete", 0) + counted.get("partial", 0)
        if graded > responders or ("complete" in counted and "partial" in counted and graded != responders):
            return None  # the prints contradict each other, so no drawing may smooth it over
        at = sum(mark in ("complete", "partial") for mark, _ in parts)
        parts.insert(at, (_UNSPLIT, responders - graded))
    rest = total - sum(count for _, count in parts)
    if rest < 0:
        return None
    outcome = study.outcomes[first]
    shown = tuple((mark, count) for mark, count in (*parts, (_REST, rest)) if count)
    return Makeup(outcome.population, outcome.arms, total, shown, tuple(ident for ident, _, _ in group.values()))
