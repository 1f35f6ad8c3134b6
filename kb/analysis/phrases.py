"""Values in words for readers: doses, schedules, populations, results. One wording for the terminal and the pages.

Nothing is computed here but the exact interval of counted patients; what is printed stays as printed, and an absent
value is named by its kind.
"""

from __future__ import annotations

from collections.abc import Iterable

from kb.model.algebra import Amount, cumulative, per_cycle, per_day, per_dose
from kb.model.base import GroupValue, Interval, Spread
from kb.model.dose import BASE_UNIT
from kb.model.intervals import clopper_pearson
from kb.model.quantities import PValue, Quantity
from kb.model.regimen import Component, Dose, Schedule
from kb.model.results import (
    Continuous,
    Contrast,
    CountResult,
    Landmark,
    Proportion,
    Result,
    StatementResult,
    TimeToEvent,
)
from kb.model.study import Study
from kb.model.terms import Absence, Body, Condition, Statement, TimeUnit, UnitFamily
from kb.records.collection import Vocabulary
from kb.records.result_rows import population_label

_BODY = {Body.FLAT: "", Body.PER_KG: "/kg", Body.PER_M2: "/m²"}


def number(value: float) -> str:
    """Return a number for reading: thousands marked, millions in words, no needless zeros."""
    if value >= 1e6:
        return f"{number(value / 1e6)} million"
    return f"{value:,.4g}" if value < 1e3 else f"{value:,.0f}"


def amount(value: Amount) -> str:
    """Return an amount with its unit: `1.8 million IU/kg`, `5-20 mg`."""
    unit = BASE_UNIT[value.family] + _BODY[value.body]
    if value.low == value.high:
        return f"{number(value.high)} {unit}"
    return f"{number(value.low)} to {number(value.high)} {unit}"


def dose(component: Component) -> str:
    """Return the dose as printed, or why it is not there."""
    return component.dose.printed if isinstance(component.dose, Dose) else f"dose {component.dose.label}"


def normalised(component: Component, factors: dict[tuple[str, str], float]) -> list[str]:
    """Return what the algebra derives: per dose, per day, per cycle, in all; in IU too where a factor has a source."""
    if not isinstance(component.dose, Dose) or component.dose.family in (None, UnitFamily.COUNT, UnitFamily.CELLS):
        return []
    said = []
    for name, value in (
        ("per dose", per_dose(component)),
        ("per day", per_day(component)),
        ("per cycle", per_cycle(component)),
        ("planned in all", cumulative(component)),
    ):
        if value is None:
            continue
        in_iu = value.converted(UnitFamily.IU, factors)
        converted = f" = {amount(in_iu)}" if in_iu is not None and value.family is not UnitFamily.IU else ""
        said.append(f"{amount(value)}{converted} {name}")
    return said


def schedule_structure(schedule: Schedule) -> str:
    """Return the schedule's structure in words; empty when the printed words gave none."""
    parts: list[str] = []
    if schedule.days:
        parts.append("day " + str(schedule.days[0]) if _single(schedule.days) else "days " + ", ".join(map(str, schedule.days)))
    if schedule.days_per_week is not None:
        parts.append(f"{schedule.days_per_week:g} days a week")
    if schedule.weeks:
        parts.append("week " + str(schedule.weeks[0]) if _single(schedule.weeks) else "weeks " + ", ".join(map(str, schedule.weeks)))
    if schedule.times_per_day is not None:
        parts.append("once a day" if schedule.times_per_day == 1 else f"{schedule.times_per_day:g} times a day")
    if schedule.infusion_hours is not None:
        parts.append("round the clock" if schedule.infusion_hours == 24 else f"over {schedule.infusion_hours:g} h")
    if schedule.max_doses is not None:
        parts.append(f"at most {schedule.max_doses} doses")
    if schedule.cycle_days is not None:
        parts.append(f"{schedule.cycle_days:g}-day cycle")
    if schedule.cycles is not None:
        parts.append(f"{schedule.cycles} to {schedule.cycles_max} cycles" if schedule.cycles_max else _plural(schedule.cycles, "cycle"))
    elif schedule.cycles_max is not None:
        parts.append(f"up to {_plural(schedule.cycles_max, 'cycle')}")
    if schedule.until:
        parts.append(f"until {schedule.until}")
    if schedule.when is not Condition.ALWAYS:
        parts.append(schedule.when.label)
    return ", ".join(parts)


def _single(spans: tuple[int | str, ...]) -> bool:
    return len(spans) == 1 and isinstance(spans[0], int)


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def patients(n: int | Absence) -> str:
    """Return `25 patients`, or that their number is absent and why."""
    return f"number {n.label}" if isinstance(n, Absence) else _plural(n, "patient")


def listed(words: Iterable[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    *head, last = tuple(words) or ("",)
    return f"{', '.join(head)} and {last}" if head else last


def population(study: Study, ident: str, vocabulary: Vocabulary) -> str:
    """Return a population in words: `renal cell carcinoma, treated (n 18)`."""
    found = study.populations.get(ident)
    if found is None:
        return ident
    name = population_label(study, ident, found, vocabulary)
    n = f"n {found.n.label}" if isinstance(found.n, Absence) else f"n {found.n}"
    return f"{name} ({n})"


def percent(fraction: float) -> str:
    """Return a fraction as a percentage with one decimal, two where the first would be zero."""
    value = 100 * fraction
    return f"{value:.2f}" if 0 < value < 0.05 else f"{value:.1f}"


def exact_interval(events: int, total: int) -> str:
    """Return `95 % exact interval 0.1 to 27.3 %` for counted patients."""
    bounds = clopper_pearson(events, total)
    return f"95 % exact interval {percent(bounds.low)} to {percent(bounds.high)} %"


def interval(value: Interval | None, unit: str = "") -> str:
    """Return a printed interval: `95 % CI 0.72 to 1.11`; empty when there is none."""
    if value is None:
        return ""
    level = "interval, level not stated" if value.level is None else f"{value.level:g} % CI"
    if value.half_width is not None and value.low is None and value.high is None:
        return f"{level} ± {value.half_width}{unit}"
    missing = "not reached" if value.not_reached else "not given"
    low = missing if value.low is None else str(value.low)
    high = missing if value.high is None else str(value.high)
    return f"{level} {low} to {high}{unit}"


def spread(value: Spread | None, unit: str = "") -> str:
    """Return a printed range, quartiles or standard deviation."""
    if value is None:
        return ""
    parts = []
    if value.low is not None or value.high is not None:
        name = "quartiles" if value.quartiles else "range"
        low = "not given" if value.low is None else value.low
        high = "not given" if value.high is None else value.high
        parts.append(f"{name} {low} to {high}{unit}")
    if value.sd is not None:
        parts.append(f"SD {value.sd}{unit}")
    if value.se is not None:
        parts.append(f"SE {value.se}{unit}")
    return ", ".join(parts)


def p_value(value: PValue | None) -> str:
    """Return `P = 0.04`, `P < 0.01` or `P not significant (NS)`."""
    if value is None:
        return ""
    if value.operator == "NS":
        return "P not significant (NS)"
    text = str(value).strip()
    return f"P {text}" if value.operator else f"P = {text}"


def _time(value: Quantity, unit: TimeUnit | None) -> str:
    return f"{value} {unit.label}" if unit is not None else f"{value} (unit not stated)"


def _counted(events: int | None, total: int | None, printed: Quantity | None) -> list[str]:
    parts = []
    if events is not None and total is not None:
        parts.append(f"{events} of {total}")
    elif events is not None:
        parts.append(f"{events} (of how many is not stated)")
    elif total is not None and printed is None:
        parts.append(f"of {total}, number not stated")
    if printed is not None:
        of = f" of {total}" if events is None and total is not None else ""
        parts.append(f"{printed} %{of} as printed")
    return parts


def _proportion(result: Proportion) -> list[str]:
    parts = _counted(result.events, result.total, result.percent)
    if result.interval is not None:
        parts.append(interval(result.interval, " %") + " as printed")
    elif result.events is not None and result.total and result.events <= result.total:
        share = "" if result.percent is not None else f"{percent(result.events / result.total)} %, "
        parts.append(share + exact_interval(result.events, result.total))
    return [*parts, p_value(result.p)]


def _landmark(mark: Landmark) -> str:
    shares = _counted(mark.events, mark.total, None) + ([f"{mark.percent} %"] if mark.percent is not None else [])
    bounds = interval(mark.interval, " %")
    return f"at {mark.at} {mark.unit.label} {', '.join([*shares, *([bounds] if bounds else [])])}"


def _time_to_event(result: TimeToEvent) -> list[str]:
    parts = []
    if result.median is not None:
        parts.append(f"median {_time(result.median, result.unit)}")
    if result.median_not_reached:
        parts.append("median not reached")
    if result.mean is not None:
        parts.append(f"mean {_time(result.mean, result.unit)}")
    parts += [interval(result.interval), spread(result.range)]
    if result.times:
        parts.append(f"single times {', '.join(map(str, result.times))} {result.unit.label if result.unit else ''}".rstrip())
    parts += [_landmark(mark) for mark in result.landmarks]
    parts += _counted(result.events, result.total, None)
    if result.clock:
        parts.append(f"counted from {result.clock}")
    return [*parts, p_value(result.p)]


def group(value: GroupValue) -> str:
    """Return one group's value."""
    parts: list[str] = []
    if value.n is not None:
        parts.append(f"n {value.n}")
    unit = f" {value.unit}" if value.unit else ""
    if value.before is not None or value.after is not None:
        before = "not given" if value.before is None else value.before
        after = "not given" if value.after is None else value.after
        parts.append(f"from {before} to {after}{unit}")
    if value.value is not None:
        parts.append(f"{value.value}{unit}")
    if value.direction is not None:
        parts.append(value.direction.label)
    if value.events is not None:
        parts.append(f"{value.events} with it")
    parts += [spread(value.spread), value.text or ""]
    return f"{value.group}: {', '.join(part for part in parts if part)}"


def _groups(groups: tuple[GroupValue, ...]) -> list[str]:
    return ["; ".join(map(group, groups))] if groups else []


def _contrast(result: Contrast) -> list[str]:
    parts = []
    if result.estimate is not None:
        parts.append(f"{result.measure.label} {result.estimate}{' ' + result.unit if result.unit else ''}")
    if result.direction is not None:
        parts.append(result.direction.label)
    parts += [interval(result.interval), p_value(result.p)]
    if result.alpha is not None:
        parts.append(f"alpha allotted {result.alpha:g}")
    if result.test:
        parts.append(result.test)
    if result.adjusted_for:
        parts.append(f"adjusted for {listed(result.adjusted_for)}")
    return parts + _groups(result.groups)


def _continuous(result: Continuous) -> list[str]:
    unit = f" {result.unit}" if result.unit else ""
    parts = [] if result.value is None else [f"{result.statistic.label} {result.value}{unit}"]
    parts += [spread(result.spread, unit), interval(result.interval, unit)]
    if result.n is not None:
        parts.append(f"n {result.n}")
    return [*parts, p_value(result.p), *_groups(result.groups)]


def result(value: Result) -> str:
    """Return a result in words, numbers as printed."""
    parts: list[str]
    if isinstance(value, Proportion):
        parts = _proportion(value)
    elif isinstance(value, TimeToEvent):
        parts = _time_to_event(value)
    elif isinstance(value, Contrast):
        parts = _contrast(value)
    elif isinstance(value, Continuous):
        parts = _continuous(value)
    elif isinstance(value, CountResult):
        parts = [f"{value.count} {value.of}" if value.of else str(value.count)]
    else:
        parts = _statement(value)
    return "; ".join(part for part in parts if part)


def _statement(value: StatementResult) -> list[str]:
    known = () if value.says is Statement.DESCRIBED else (value.says.label,)
    return [": ".join((*known, value.text)), p_value(value.p), value.test or ""]
