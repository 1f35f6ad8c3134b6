"""Results as FHIR statistics: counts as counts, estimates with their type, intervals and P values beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kb.export.fhir.codes import COUNT, INTERVAL, MEAN, MEDIAN, P_VALUE, PROPORTION, UCUM, Json, statistic_type
from kb.model.base import Interval
from kb.model.outcomes import AdverseEvent
from kb.model.quantities import PValue, Quantity
from kb.model.results import Continuous, Contrast, CountResult, Landmark, Proportion, StatementResult, TimeToEvent
from kb.model.terms import CountOf, TimeUnit

Counted = Proportion | Landmark | TimeToEvent | AdverseEvent


def statistics(result: Any, count_of: CountOf = CountOf.PATIENTS) -> list[Json]:
    """Return a result, or an adverse event's numbers, as statistics; a statement in words has none."""
    match result:
        case Proportion() | AdverseEvent():
            return _filled(_proportion(result, count_of))
        case TimeToEvent():
            marks = [{**_proportion(mark, count_of), "description": f"at {mark.at} {mark.unit.label}"} for mark in result.landmarks]
            return _filled(*_times(result, count_of), *marks)
        case Contrast():
            typed = statistic_type(result.measure.curie, result.measure.label)
            estimate = _quantity(result.estimate, result.unit)
            return _filled({"statisticType": typed, **estimate, **_estimates(result.interval, result.p)})
        case Continuous():
            typed = statistic_type(result.statistic.curie, result.statistic.label)
            size = {"sampleSize": {"knownDataCount": result.n}} if result.n is not None else {}
            return _filled(
                {"statisticType": typed, **_quantity(result.value, result.unit), **size, **_estimates(result.interval, result.p)}
            )
        case CountResult():
            return _filled({"statisticType": statistic_type(COUNT), **_quantity(result.count, result.of)})
        case StatementResult(p=PValue() as p):
            return _filled({**_estimates(None, p)})
        case _:
            return []


def _filled(*found: Json) -> list[Json]:
    """Drop a statistic that says nothing but its type."""
    return [one for one in found if set(one) - {"statisticType", "description"}]


def _proportion(result: Counted, count_of: CountOf) -> Json:
    held: Json = {"statisticType": statistic_type(PROPORTION)}
    percent = getattr(result, "percent", None)
    held |= _quantity(percent, "%", "%")
    if result.events is not None:
        # FHIR counts people and events apart; a course or a lesion is no person.
        held["numberAffected" if count_of is CountOf.PATIENTS else "numberOfEvents"] = result.events
    if result.total is not None:
        held["sampleSize"] = _sample(result.total, count_of)
    return held | _estimates(result.interval, getattr(result, "p", None), scale="%")


def _sample(total: int, count_of: CountOf) -> Json:
    if count_of is CountOf.PATIENTS:
        return {"numberOfParticipants": total}
    return {"knownDataCount": total, "description": f"{count_of.label}, not patients"}


def _times(result: TimeToEvent, count_of: CountOf) -> Iterator[Json]:
    unit = result.unit
    counted = {
        name: value for name, value in _proportion(result, count_of).items() if name in ("numberAffected", "numberOfEvents", "sampleSize")
    }
    estimates = _estimates(result.interval, result.p)
    if result.median is not None or result.mean is None:
        yield {"statisticType": statistic_type(MEDIAN), **_time(result.median, unit), **counted, **estimates}
        counted, estimates = {}, {}
    if result.mean is not None:
        yield {"statisticType": statistic_type(MEAN), **_time(result.mean, unit), **counted, **estimates}


def _time(value: Quantity | None, unit: TimeUnit | None) -> Json:
    return _quantity(value, unit.label if unit else None, unit.curie.removeprefix("UCUM:") if unit else None)


def _quantity(value: Quantity | None, unit: str | None = None, code: str | None = None) -> Json:
    """Return a number with its operator as a quantity; `~` has no comparator and is told in the description alone."""
    if value is None:
        return {}
    return {"quantity": _bare(value, unit, code)}


def _bare(value: Quantity, unit: str | None = None, code: str | None = None) -> Json:
    held: Json = {"value": _number(value.value)}
    if value.operator in ("<", "<=", ">", ">="):
        held["comparator"] = value.operator
    if unit:
        held["unit"] = unit
    if code:
        held |= {"system": UCUM, "code": code}
    return held


def _number(value: float) -> int | float:
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _estimates(interval: Interval | None, p: PValue | None, scale: str | None = None) -> Json:
    found: list[Json] = []
    if interval is not None and (interval.low is not None or interval.high is not None):
        bounds = {
            name: {"value": _number(bound.value), **({"unit": scale, "system": UCUM, "code": scale} if scale else {})}
            for name, bound in (("low", interval.low), ("high", interval.high))
            if bound is not None
        }
        level = {"level": round(interval.level / 100, 6)} if interval.level is not None else {}
        found.append({"type": statistic_type(INTERVAL), **level, "range": bounds})
    if p is not None:
        # NS is no number; FHIR has nowhere else to put it than words.
        found.append({"type": statistic_type(P_VALUE), **({"description": "NS"} if p.operator == "NS" else {"quantity": _bare(p)})})
    return {"attributeEstimate": found} if found else {}
