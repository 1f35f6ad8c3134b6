"""Which days a regimen is given on, as far as the source says: for drawing one arm beside another.

Days count from 1, the first day of the strip. What the words do not give is not placed: a lane then carries no days
and says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from kb.model.algebra import Amount, Lexicon, per_day, per_dose
from kb.model.regimen import Arm, Component, RegimenPhase, Schedule, span_bounds
from kb.model.terms import Absence, Condition

LONGEST = 56
"""Days shown of one strip; longer courses are cut, and the strip says so."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One component on the time axis.

    Attributes:
        component: What is given.
        days: Days on which it is given, counted from the strip's day 1, inside the part shown; empty when unknown.
        weeks: First day of each week in which it is given, where the source counts the days of a week without naming them.
        continuous: Whether it runs round the clock on these days.
        doses: Administrations on each of these days, or None when not said.
        amount: Amount of a day, else of a dose, for comparing heights; None when not parsed.
        optional: Whether it, or its phase, is not given to everyone.
    """

    component: Component
    days: tuple[int, ...]
    weeks: tuple[int, ...]
    continuous: bool
    doses: float | None
    amount: Amount | None
    optional: bool

    @property
    def known(self) -> bool:
        """Whether the source gives the days."""
        return bool(self.days)


@dataclass(frozen=True, slots=True)
class Strip:
    """Phases of an arm on one axis.

    Attributes:
        phases: Places of the phases in the arm's regimen, counted from 0.
        lanes: Components, in print order.
        first: First day shown, at most 1.
        last: Last day shown, 0 when no lane has days.
        cut: Whether the course goes on after the last day shown.
        aligned: Whether the strip starts with the treatment; a later phase whose start is not known has its own day 1.
    """

    phases: tuple[int, ...]
    lanes: tuple[Lane, ...]
    first: int
    last: int
    cut: bool
    aligned: bool


def strips(arm: Arm, lexicon: Lexicon) -> list[Strip]:
    """Return an arm's regimen on time axes: phases whose first day is known share one, each other phase has its own.

    The first phase starts on day 1 unless the record says otherwise.
    """
    shared = [place for place, phase in enumerate(arm.regimen) if place == 0 or phase.starts_day is not None]
    groups = [shared] if shared else []
    groups += [[place] for place in range(len(arm.regimen)) if place not in shared]
    return [_strip(arm, tuple(group), lexicon) for group in groups]


def _strip(arm: Arm, places: tuple[int, ...], lexicon: Lexicon) -> Strip:
    lanes = []
    cut = False
    for place in places:
        phase = arm.regimen[place]
        for component in phase.components:
            days = _days(component, phase.starts_day or 1)
            shown = tuple(day for day in days if day <= LONGEST)
            cut = cut or _goes_on(component, len(shown) < len(days))
            weeks = () if days else tuple(day for day in _weeks(component, phase.starts_day or 1) if day <= LONGEST)
            lanes.append(_lane(component, phase, shown, weeks, lexicon))
    placed = [day for lane in lanes for day in (*lane.days, *(first + 6 for first in lane.weeks))]
    return Strip(places, tuple(lanes), min([1, *placed]), max(placed, default=0), cut, aligned=0 in places)


def _lane(component: Component, phase: RegimenPhase, days: tuple[int, ...], weeks: tuple[int, ...], lexicon: Lexicon) -> Lane:
    schedule = component.schedule if isinstance(component.schedule, Schedule) else None
    mode = "" if isinstance(component.route, Absence) else lexicon.route_mode.get(component.route, "")
    hours = None if schedule is None else schedule.infusion_hours
    return Lane(
        component=component,
        days=days,
        weeks=weeks,
        continuous=hours == 24 or (hours is None and mode == "continuous"),
        doses=None if schedule is None else schedule.times_per_day,
        amount=per_day(component) or per_dose(component),
        optional=phase.when is not Condition.ALWAYS or (schedule is not None and schedule.when is not Condition.ALWAYS),
    )


def _goes_on(component: Component, beyond: bool) -> bool:
    schedule = component.schedule
    if not isinstance(schedule, Schedule):
        return beyond
    more = (schedule.cycles_max or 1) > (schedule.cycles or 1) or (schedule.cycle_days is not None and schedule.cycles is None)
    return beyond or more or schedule.until is not None


def _days(component: Component, start: int) -> list[int]:
    """Return every dosing day of all planned cycles, sorted; empty when the words do not name days."""
    schedule = component.schedule
    if not isinstance(schedule, Schedule):
        return []
    cycle = _cycle_days(schedule)
    if not cycle:
        return []
    cycles = (schedule.cycles or 1) if schedule.cycle_days is not None else 1
    step = schedule.cycle_days or 0
    return sorted({start - 1 + round(turn * step) + day for turn in range(cycles) for day in cycle})


def _weeks(component: Component, start: int) -> list[int]:
    """Return the first day of every week in which it is given, where the words give weeks but no days."""
    schedule = component.schedule
    if not isinstance(schedule, Schedule) or not schedule.weeks:
        return []
    cycles, step = (schedule.cycles or 1, schedule.cycle_days) if schedule.cycle_days is not None else (1, 0)
    weeks = [week for first, last in map(span_bounds, schedule.weeks) for week in range(first, last + 1)]
    return sorted({start + round(turn * step) + (week - 1) * 7 for turn in range(cycles) for week in weeks})


def _cycle_days(schedule: Schedule) -> list[int]:
    """Return the dosing days of one cycle.

    With `weeks`, the named days (or all seven) repeat in each of these weeks; without, days count through the cycle. A
    number of days a week below seven names no day.
    """
    named = [day for first, last in map(span_bounds, schedule.days) for day in range(first, last + 1)]
    weeks = [week for first, last in map(span_bounds, schedule.weeks) for week in range(first, last + 1)]
    if not named and schedule.days_per_week == 7:
        named = list(range(1, 8))
        weeks = weeks or list(range(1, round((schedule.cycle_days or 7) / 7) + 1))
    if weeks:
        return [(week - 1) * 7 + day for week in weeks for day in named]
    return named
