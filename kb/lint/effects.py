"""Rules on intervals, ranges and effects: bounds in order, estimates inside, intervals and P values in agreement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import sqrt
from statistics import NormalDist

from kb.diagnostics import Problem
from kb.lint.view import Bounded, StudyView
from kb.model.base import Interval
from kb.model.intervals import Bounds, clopper_pearson, wilson
from kb.model.quantities import PValue, Quantity
from kb.model.results import Contrast
from kb.model.terms import EffectMeasure

_NULL: dict[EffectMeasure, float] = {
    EffectMeasure.HR: 1.0,
    EffectMeasure.OR: 1.0,
    EffectMeasure.RR: 1.0,
    EffectMeasure.RD: 0.0,
    EffectMeasure.MEAN_DIFFERENCE: 0.0,
    EffectMeasure.MEDIAN_DIFFERENCE: 0.0,
    EffectMeasure.SMD: 0.0,
}
"""Value of no effect, by measure; measures without one here have no rule on interval and P."""


def bounds_in_order(view: StudyView) -> Iterator[Problem]:
    """The bounds of an interval or a range run backwards, or a width is negative.

    Fix: swap them, or compare with the source. If it is printed so, add an ambiguity of kind `printed-error`.
    """
    for path, interval, _, _, _ in view.intervals:
        if _below(interval.high, interval.low):
            message = f"the upper bound {interval.high} lies below the lower bound {interval.low}"
            yield Problem("KB621", (*path, "high"), message, "are the bounds swapped?")
        if interval.half_width is not None and interval.half_width.value < 0:
            yield Problem("KB621", (*path, "half_width"), f"{interval.half_width} is no width", "a width is positive")
    for path, spread, _ in view.ranges:
        if _below(spread.high, spread.low):
            message = f"the highest value {spread.high} lies below the lowest {spread.low}"
            yield Problem("KB621", (*path, "high"), message, "are the two swapped?")
        for field, width in (("sd", spread.sd), ("se", spread.se)):
            if width is not None and width.value < 0:
                yield Problem("KB621", (*path, field), f"{width} is no dispersion", "a dispersion is positive")


def _below(left: Quantity | None, right: Quantity | None) -> bool:
    return left is not None and right is not None and left.compare(right) == -1


def estimate_inside(view: StudyView) -> Iterator[Problem]:
    """An estimate lies outside its own interval or range.

    Fix: compare with the source; the interval may belong to another estimate, or a sign or a decimal point is wrong. If it
    is printed so, add an ambiguity of kind `printed-error` about the item.
    """
    for _, interval, estimate, estimate_path, _ in view.intervals:
        if _below(interval.high, interval.low):
            continue  # told as bounds in the wrong order
        if estimate is not None and (_below(estimate, interval.low) or _below(interval.high, estimate)):
            message = f"{estimate} lies outside its interval {_shown(interval)}"
            yield Problem("KB622", estimate_path, message, "does the interval belong to another estimate?")
    for path, spread, value in view.ranges:
        # Quartiles hold a median, not always a mean; extremes hold both.
        if (
            value is not None
            and not spread.quartiles
            and not _below(spread.high, spread.low)
            and (_below(value, spread.low) or _below(spread.high, value))
        ):
            message = f"{value} lies outside its range {spread.low} to {spread.high}"
            yield Problem("KB622", path, message, "does the range belong to another value?")


def _shown(interval: Interval) -> str:
    return f"{interval.low if interval.low is not None else '…'} to {interval.high if interval.high is not None else '…'}"


def _normal(events: int, total: int, *, level: float) -> Bounds:
    share = events / total
    half = NormalDist().inv_cdf(0.5 + level / 200) * sqrt(share * (1 - share) / total)
    return Bounds(share - half, share + half)


_METHODS: tuple[tuple[str, Callable[..., Bounds]], ...] = (
    ("Clopper-Pearson", clopper_pearson),
    ("Wilson", wilson),
    ("normal approximation", _normal),
)


def interval_of_counts(view: StudyView) -> Iterator[Problem]:
    """The interval of a proportion is not the one that its counts give by any usual method.

    Tried are Clopper-Pearson, Wilson and the normal approximation at the printed level (95 % where none is printed), each bound
    with one unit of its last printed place to spare. Sources use other methods too, so this is a note.

    Fix: compare bounds, level and counts with the source.
    """
    for bounded in view.intervals:
        interval, counted = bounded.interval, bounded.counted
        if counted is None or counted.events is None or not counted.total or counted.events > counted.total:
            continue
        if interval.low is None or interval.high is None:
            continue
        level = 95.0 if interval.level is None else interval.level
        if not any(_fits(bounded, method(counted.events, counted.total, level=level)) for _, method in _METHODS):
            exact = clopper_pearson(counted.events, counted.total, level=level)
            message = f"{_shown(interval)} is not the {level:g} % interval of {counted.events}/{counted.total}"
            hint = f"the exact one is {100 * exact.low:.1f} to {100 * exact.high:.1f}; another method, level or denominator?"
            yield Problem("KB623", bounded.path, message, hint)


def _fits(bounded: Bounded, bounds: Bounds) -> bool:
    low, high = bounded.interval.low, bounded.interval.high
    if low is None or high is None:
        return True
    return _near(100 * bounds.low, low, floor=0.0) and _near(100 * bounds.high, high, floor=100.0)


def _near(bound: float, printed: Quantity, *, floor: float) -> bool:
    cut = max(0.0, min(100.0, bound))  # a normal interval may run out of 0 to 100 and is then often cut there
    slack = 2 * printed.half_unit + 1e-9
    return abs(bound - printed.value) <= slack or (cut == floor and abs(cut - printed.value) <= slack)


def interval_and_p(view: StudyView) -> Iterator[Problem]:
    """The interval and the P value of an effect contradict each other.

    A 95 % interval of a hazard, odds or risk ratio that excludes 1 goes with a P below 0.05, and one that holds 1 with a P above;
    likewise a difference and 0, and other levels. Borderline cases, where rounding or another test explains it, and one-sided tests are left out.

    Fix: compare with the source. Interval and P may come from different models or populations; then say so in `note`.
    """
    for path, result in view.results:
        if isinstance(result, Contrast) and result.interval is not None and result.p is not None and result.sides != 1:
            found = _disagreement(result, result.interval, result.p)
            if found:
                yield Problem("KB624", (*path, "p"), found, "compare with the source: another model, population or level?")


def _disagreement(result: Contrast, interval: Interval, p: PValue) -> str:
    null = _NULL.get(result.measure)
    low, high = interval.low, interval.high
    if null is None or low is None or high is None or not low.exact or not high.exact:
        return ""
    threshold = 1 - (95.0 if interval.level is None else interval.level) / 100
    excludes = low.value - 2 * low.half_unit > null or high.value + 2 * high.half_unit < null
    holds = low.value + 2 * low.half_unit < null < high.value - 2 * high.half_unit
    if excludes and _surely_above(p, threshold):
        return f"P {p} beside an interval of {_shown(interval)}, which excludes {null:g}"
    if holds and _surely_below(p, threshold):
        return f"P {p} beside an interval of {_shown(interval)}, which holds {null:g}"
    return ""


_MARGIN = 1.5
"""Factor on the threshold within which a Wald interval and a log-rank or likelihood test may disagree."""


def _surely_above(p: PValue, threshold: float) -> bool:
    if p.operator == "NS":
        return True
    return not p.operator.startswith("<") and p.value > threshold * _MARGIN


def _surely_below(p: PValue, threshold: float) -> bool:
    return p.operator in ("", "<", "<=", "~") and p.value < threshold / _MARGIN
