"""Effect sizes: what a count, a table or a printed estimate says on the scale on which studies are pooled.

No zero or full cell is corrected unless the caller asks by `add`: a study whose effect does not exist on the scale says so
by `NotEstimableError`, and the methods that need no single effects (GLMM, Mantel-Haenszel, Peto) take its counts as they are.

Formulas and names follow metafor's `escalc` and `conv.wald` (Viechtbauer 2010), so that results compare with R.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist


class NotEstimableError(ValueError):
    """A study or a set of studies has no finite effect on the scale; the message says why."""


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect on the analysis scale.

    Attributes:
        estimate: The effect.
        variance: Its sampling variance, positive.
        how: How it was obtained, where it was converted or corrected; else empty.
    """

    estimate: float
    variance: float
    how: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of effect.

    Attributes:
        name: Its name in metafor.
        label: What the back-transformed value is.
        scale: What the analysis scale is.
        counts: `one` for counts of one arm, `two` for counts of two, or empty where it takes estimates.
        back: From the analysis scale to the scale of the label.
        to: The other way, for printed estimates; None where nothing printed is taken.
        null: Value of no effect on the analysis scale; None for a single arm.
    """

    name: str
    label: str
    scale: str
    counts: str
    back: Callable[[float], float]
    to: Callable[[float], float] | None = None
    null: float | None = 0.0


def _same(value: float) -> float:
    return value


def expit(value: float) -> float:
    """Inverse of the logit; never overflows."""
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))


def _exp(value: float) -> float:
    return math.exp(value) if value < 709 else math.inf


def _sine(value: float) -> float:
    # A bound beyond the ends of the scale stands for the end: the sine would turn round there.
    return math.sin(min(max(value, 0.0), math.pi / 2)) ** 2


MEASURES: dict[str, Measure] = {
    one.name: one
    for one in (
        Measure("PLO", "proportion", "logit", "one", expit, null=None),
        Measure("PR", "proportion", "proportion itself", "one", _same, null=None),
        Measure("PLN", "proportion", "log", "one", _exp, null=None),
        Measure("PAS", "proportion", "arcsine of the square root", "one", _sine, null=None),
        Measure("RR", "risk ratio", "log", "two", _exp, math.log),
        Measure("OR", "odds ratio", "log", "two", _exp, math.log),
        Measure("RD", "risk difference", "difference itself", "two", _same, _same),
        Measure("PETO", "odds ratio by Peto's one step", "log", "two", _exp),
        Measure("HR", "hazard ratio", "log", "", _exp, math.log),
        Measure("MD", "difference in means", "difference itself", "", _same, _same),
        Measure("SMD", "standardised difference in means", "difference itself", "", _same, _same),
        Measure("GEN", "effect", "as given", "", _same, _same),
    )
}
"""Every measure by its name in metafor."""


def proportion_effect(measure: str, events: float, total: float, *, add: float = 0.0) -> Effect:
    """Return the effect of one arm.

    Args:
        measure: `PLO`, `PR`, `PLN` or `PAS`.
        events: Patients with the event, 0 to `total`.
        total: Patients, above 0.
        add: Added to events and to non-events where one of them is zero; metafor's default is 0.5, ours is none.

    Raises:
        NotEstimableError: If the effect or its variance does not exist on the scale.
        ValueError: If the counts are impossible.
    """
    _check(events, total)
    others, how = total - events, ""
    if add > 0 and (events == 0 or others == 0):
        events, others, how = events + add, others + add, f"{add:g} added to events and non-events"
        total = events + others
    if measure == "PAS":
        return Effect(math.asin(math.sqrt(events / total)), 1 / (4 * total), how)
    if events == 0 or (others == 0 and measure != "PLN"):
        which = "no events" if events == 0 else "events in all patients"
        raise NotEstimableError(f"{which}: no finite {MEASURES[measure].scale} with its variance")
    if measure == "PLN":
        return _positive(math.log(events / total), 1 / events - 1 / total, how, "events in all patients")
    if measure == "PLO":
        return Effect(math.log(events / others), 1 / events + 1 / others, how)
    share = events / total
    return Effect(share, share * (1 - share) / total, how)


def _check(events: float, total: float) -> None:
    if not 0 <= events <= total or total <= 0:
        raise ValueError(f"{events:g} of {total:g} is not a count of patients")


def _positive(estimate: float, variance: float, how: str, why: str) -> Effect:
    if variance <= 0:
        raise NotEstimableError(f"{why}: the variance is zero")
    return Effect(estimate, variance, how)


def table_effect(measure: str, ai: float, n1i: float, ci: float, n2i: float, *, add: float = 0.0) -> Effect:
    """Return the effect of a two-by-two table.

    Args:
        measure: `RR`, `OR`, `RD` or `PETO`.
        ai: Events of the first arm.
        n1i: Patients of the first arm.
        ci: Events of the second arm.
        n2i: Patients of the second arm.
        add: Added to all four cells where one is zero (not for Peto); metafor's default is 0.5, ours is none.

    Raises:
        NotEstimableError: If the effect or its variance does not exist on the scale.
        ValueError: If the counts are impossible.
    """
    _check(ai, n1i)
    _check(ci, n2i)
    bi, di, how = n1i - ai, n2i - ci, ""
    if measure == "PETO":
        return _peto(ai, n1i, ci, n2i)
    if add > 0 and 0 in (ai, bi, ci, di):
        ai, bi, ci, di, how = ai + add, bi + add, ci + add, di + add, f"{add:g} added to all four cells"
        n1i, n2i = ai + bi, ci + di
    if measure == "RD":
        first, second = ai / n1i, ci / n2i
        return _positive(first - second, first * bi / n1i / n1i + second * di / n2i / n2i, how, "every patient of an arm fared alike")
    if ai == 0 or ci == 0 or (measure == "OR" and (bi == 0 or di == 0)):
        empty = "no events in an arm" if 0 in (ai, ci) else "events in all patients of an arm"
        raise NotEstimableError(f"{empty}: no finite log {MEASURES[measure].label}")
    if measure == "RR":
        return _positive(
            math.log(ai / n1i) - math.log(ci / n2i), 1 / ai - 1 / n1i + 1 / ci - 1 / n2i, how, "events in all patients of both arms"
        )
    return Effect(math.log(ai * di / (bi * ci)), 1 / ai + 1 / bi + 1 / ci + 1 / di, how)


def _peto(ai: float, n1i: float, ci: float, n2i: float) -> Effect:
    total = n1i + n2i
    events, others = ai + ci, total - ai - ci
    if events == 0 or others == 0:
        raise NotEstimableError("all patients of both arms fared alike: the table says nothing of an odds ratio")
    variance = events * others * (n1i / total) * (n2i / total) / (total - 1)
    return Effect((ai - events * n1i / total) / variance, 1 / variance)


def means_effect(measure: str, m1: float, sd1: float, n1: float, m2: float, sd2: float, n2: float) -> Effect:
    """Return a difference in means (`MD`) or Hedges' standardised difference (`SMD`, exact correction for small samples).

    Raises:
        NotEstimableError: If a group is too small or does not spread.
    """
    if n1 <= 1 or n2 <= 1 or sd1 < 0 or sd2 < 0 or (sd1 == 0 and sd2 == 0):
        raise NotEstimableError("each group needs two patients or more and a spread")
    if measure == "MD":
        return Effect(m1 - m2, sd1 * sd1 / n1 + sd2 * sd2 / n2)
    freedom = n1 + n2 - 2
    pooled = math.sqrt(((n1 - 1) * sd1 * sd1 + (n2 - 1) * sd2 * sd2) / freedom)
    # Exact, not 1 - 3 / (4 m - 1): with few patients the approximation shows in the third digit.
    small = math.exp(math.lgamma(freedom / 2) - math.log(math.sqrt(freedom / 2)) - math.lgamma((freedom - 1) / 2))
    estimate = small * (m1 - m2) / pooled
    return Effect(estimate, 1 / n1 + 1 / n2 + estimate * estimate / (2 * (n1 + n2)))


def normal_quantile(level: float) -> float:
    """Return the half-width of an interval in standard errors, for a level in percent.

    Raises:
        ValueError: If the level is not between 0 and 100.
    """
    if not 0 < level < 100:
        raise ValueError(f"a confidence level lies between 0 and 100 percent, not at {level:g}")
    return NormalDist().inv_cdf(0.5 + level / 200)


def reported_effect(
    measure: str,
    estimate: float | None,
    *,
    low: float | None = None,
    high: float | None = None,
    level: float | None = None,
    standard_error: float | None = None,
    p: float | None = None,
) -> Effect:
    """Return the effect that a report prints; ratios are printed as ratios and analysed as logarithms.

    Of what is printed the first that suffices is taken: standard error (on the analysis scale), interval, exact two-sided P.

    Args:
        measure: A measure that takes estimates.
        estimate: Estimate as printed; without one the middle of the interval on the analysis scale stands for it.
        low: Lower bound.
        high: Upper bound.
        level: Level of the interval in percent.
        standard_error: Standard error of the estimate on the analysis scale.
        p: Two-sided P value, exact.

    Raises:
        NotEstimableError: If what is printed does not give a variance.
    """
    to = MEASURES[measure].to
    if to is None:
        raise NotEstimableError(f"{measure} is computed from counts, not taken from print")
    ratio = to is math.log
    for value in (estimate, low, high):
        if value is not None and ratio and value <= 0:
            raise NotEstimableError(f"{value:g} is no {MEASURES[measure].label}")
    point = None if estimate is None else to(estimate)
    if standard_error is not None and point is not None:
        return _positive(point, standard_error * standard_error, "printed standard error", "printed standard error")
    if low is not None and high is not None:
        return _from_interval(point, to(low), to(high), level, "log " if ratio else "")
    if p is None or point is None:
        raise NotEstimableError("neither a standard error nor both bounds nor an exact P value is printed with the estimate")
    if not 0 < p < 1 or point == 0:
        raise NotEstimableError(f"P {p:g} of an estimate of {estimate:g} gives no standard error")
    return Effect(point, (point / normal_quantile(100 * (1 - p))) ** 2, f"standard error from the two-sided P {p:g}")


def _from_interval(point: float | None, low: float, high: float, level: float | None, scale: str) -> Effect:
    if level is None:
        raise NotEstimableError("the level of its interval is not stated")
    if high <= low:
        raise NotEstimableError("its interval has no width")
    error, middle = (high - low) / (2 * normal_quantile(level)), (low + high) / 2
    how = f"standard error from the {scale}{level:g} % interval"
    if point is None:
        return Effect(middle, error * error, f"{how}; estimate from its middle")
    if not low <= point <= high:
        raise NotEstimableError("its estimate lies outside its interval")
    if abs(point - middle) > 0.1 * (high - low):
        how += "; the estimate does not lie in its middle"
    return Effect(point, error * error, how)
