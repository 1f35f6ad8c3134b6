"""The funnel plot: effects against how sure the studies are of them, with the funnel that chance alone would draw.

Effects of single arms stand against the standard error that a study of their size has at the pooled proportion, not against
their own: that depends on the proportion itself, so that a plot of it leans without any bias (Hunter et al. 2014,
doi:10.1016/j.jclinepi.2014.03.003).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from kb.analysis.effects import MEASURES, NotEstimableError, normal_quantile, proportion_effect
from kb.analysis.meta_report import Report
from kb.analysis.pooling.result import Pooled
from kb.analysis.pooling.sensitivity import ENOUGH
from kb.analysis.synthesis import Row
from kb.export.plots.scale import Ground, Span, cleaned, effect_label, effect_ticks, plain_ticks, rounded

CAUTION = "A funnel leans for many reasons: small studies that differ, kinds of patients, chance, and studies that were never published."
_SIZES = (10, 20, 50, 100, 200, 500, 1000, 5000)


@dataclass(frozen=True, slots=True)
class Point:
    """A study: its place and what it stands for in words."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Funnel:
    """A funnel plot.

    Attributes:
        ground: Its axes.
        points: Studies.
        centre: Place of the pooled effect.
        sides: Outline of the funnel of the pool's level.
        title: What it shows.
        alt: The same in words.
        legend: Marks with their words.
    """

    kind: ClassVar[str] = "funnel"
    width: ClassVar[float] = Ground.width
    height: ClassVar[float] = Ground.height
    ground: Ground
    points: tuple[Point, ...]
    centre: float
    sides: str
    title: str
    alt: str
    legend: tuple[tuple[str, str], ...]


def funnel(report: Report) -> Funnel:
    """Lay out the funnel plot of an answer of `kb meta`.

    Raises:
        NotEstimableError: If there are too few studies with an effect of their own, or no pooled effect.
    """
    found = report.synthesis
    rows = [row for row in found.rows if row.effect is not None]
    if len(rows) < ENOUGH:
        raise NotEstimableError(f"{len(rows)} studies with an effect of their own are too few for a funnel, which needs {ENOUGH}")
    pooled = found.pooled
    if pooled is None or pooled.estimate is None:
        raise NotEstimableError("there is no pooled effect to draw a funnel about")
    centre, crit = pooled.estimate, normal_quantile(pooled.level)
    by_size = MEASURES[found.measure].counts == "one" and all(row.datum.counts for row in rows)
    errors = [_error(row, found.measure, pooled, by_size=by_size) for row in rows]
    deepest = max(errors) * 1.08
    reach = max(crit * deepest, *(abs(row.effect.estimate - centre) for row in rows if row.effect)) * 1.05
    across = Ground.across_of(centre - reach, centre + reach)
    down = Span(0.0, deepest, Ground.top, Ground.bottom)
    points = tuple(
        Point(across(row.effect.estimate), down(error), _words(row)) for row, error in zip(rows, errors, strict=True) if row.effect
    )  # fmt: skip
    edge = crit * deepest
    sides = f"M{across(centre - edge)} {Ground.bottom}L{across(centre)} {Ground.top}L{across(centre + edge)} {Ground.bottom}"
    ys = plain_ticks(down)
    if by_size:
        sizes = [(size, _size_error(found.measure, pooled, size)) for size in _SIZES]
        ys = tuple((down(error), f"{size:g}") for size, error in sizes if down.holds(error))
    said = "patients, by the standard error of a study of that size" if by_size else "standard error"
    ground = Ground(across, down, effect_ticks(found.measure, across), ys, effect_label(found.measure), said)
    outside = sum(abs(row.effect.estimate - centre) > crit * error for row, error in zip(rows, errors, strict=True) if row.effect)
    return _drawn(report, ground, points, sides, outside)


def _drawn(report: Report, ground: Ground, points: tuple[Point, ...], sides: str, outside: int) -> Funnel:
    found = report.synthesis
    level = found.settings.level
    alt = f"Funnel plot of {len(points)} studies: {MEASURES[found.measure].label}; {outside} of them lie outside the funnel of {level:g} %."
    unseen = len(found.rows) - len(points)
    alt += f" Without a finite effect of their own and not shown: {unseen}." if unseen else ""
    legend = (("point", "a study"), ("axis", "pooled effect"), ("contour", f"funnel of {level:g} % about it"), *_unseen(unseen))
    centre = rounded((Ground.left + Ground.right) / 2)
    return Funnel(ground, points, centre, sides, f"{report.title}: funnel plot", alt, legend)


def _unseen(count: int) -> tuple[tuple[str, str], ...]:
    return (("none", f"not shown, without a finite effect of its own: {count}"),) if count else ()


def _error(row: Row, measure: str, pooled: Pooled, *, by_size: bool) -> float:
    if by_size:
        return _size_error(measure, pooled, row.datum.patients)
    return math.sqrt(row.effect.variance) if row.effect else 0.0


def _size_error(measure: str, pooled: Pooled, patients: float) -> float:
    share = MEASURES[measure].back(pooled.estimate or 0.0)
    return math.sqrt(proportion_effect(measure, share * patients, patients).variance)


def _words(row: Row) -> str:
    estimate, low, high = row.shown or (0.0, 0.0, 0.0)
    return cleaned(f"{row.datum.label}: {estimate:.3g} ({low:.3g} to {high:.3g})")
