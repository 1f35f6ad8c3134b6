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
from kb.export.plots.scale import Span, cleaned, effect_label, effect_ticks, plain_ticks, rounded

CAUTION = "A funnel leans for many reasons: small studies that differ, kinds of patients, chance, and studies that were never published."
_LEFT, _RIGHT, _TOP, _BOTTOM, _WIDTH = 60.0, 660.0, 8.0, 330.0, 720.0
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
        points: Studies.
        centre: Place of the pooled effect.
        sides: Outline of the funnel of the pool's level.
        xs: Ticks of the effect: place and words.
        ys: Ticks of the standard error or of the patients.
        left: Left end of the ground.
        right: Right end.
        bottom: Where the ground ends.
        x_label: What lies across.
        y_label: What goes up.
        width: Width of the drawing.
        height: Height of the drawing.
        title: What it shows.
        alt: The same in words.
        legend: Marks with their words.
    """

    kind: ClassVar[str] = "funnel"
    points: tuple[Point, ...]
    centre: float
    sides: str
    xs: tuple[tuple[float, str], ...]
    ys: tuple[tuple[float, str], ...]
    left: float
    right: float
    bottom: float
    x_label: str
    y_label: str
    width: float
    height: float
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
    across = Span(centre - reach, centre + reach, _LEFT, _RIGHT)
    down = Span(0.0, deepest, _TOP, _BOTTOM)
    points = tuple(
        Point(across(row.effect.estimate), down(error), _words(row)) for row, error in zip(rows, errors, strict=True) if row.effect
    )  # fmt: skip
    edge = crit * deepest
    sides = f"M{across(centre - edge)} {_BOTTOM}L{across(centre)} {_TOP}L{across(centre + edge)} {_BOTTOM}"
    ys = plain_ticks(down)
    if by_size:
        sizes = [(size, _size_error(found.measure, pooled, size)) for size in _SIZES]
        ys = tuple((down(error), f"{size:g}") for size, error in sizes if down.holds(error))
    outside = sum(abs(row.effect.estimate - centre) > crit * error for row, error in zip(rows, errors, strict=True) if row.effect)
    return _drawn(report, points, across, ys, sides, outside, by_size=by_size)


def _drawn(
    report: Report, points: tuple[Point, ...], across: Span, ys: tuple[tuple[float, str], ...], sides: str, outside: int, *, by_size: bool
) -> Funnel:  # fmt: skip
    found = report.synthesis
    known, level = MEASURES[found.measure], found.settings.level
    alt = f"Funnel plot of {len(points)} studies: {known.label}; {outside} of them lie outside the funnel of {level:g} %."
    up = "patients, by the standard error of a study of that size" if by_size else "standard error"
    unseen = len(found.rows) - len(points)
    alt += f" Without a finite effect of their own and not shown: {unseen}." if unseen else ""
    legend = (("point", "a study"), ("axis", "pooled effect"), ("contour", f"funnel of {level:g} % about it"), *_unseen(unseen))
    return Funnel(
        points, rounded((across.start + across.end) / 2), sides, effect_ticks(found.measure, across), ys, _LEFT, _RIGHT, _BOTTOM,
        effect_label(found.measure), up, _WIDTH, _BOTTOM + 48, f"{report.title}: funnel plot", alt, legend,
    )  # fmt: skip


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
