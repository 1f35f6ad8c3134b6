"""The bubble plot of a meta-regression on one number: effects against the moderator, the line, and its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from kb.analysis.effects import MEASURES, NotEstimableError
from kb.analysis.meta_report import Report
from kb.analysis.pooling.result import Regression
from kb.analysis.synthesis import Row
from kb.export.plots.scale import Ground, Span, cleaned, effect_label, effect_ticks, plain_ticks, rounded

_STEPS = 40
_LARGEST = 13.0
"""Radius of the heaviest study, in pixels; the area of a bubble goes with the weight."""


@dataclass(frozen=True, slots=True)
class Bubble:
    """A study: place, radius, and what it stands for in words."""

    x: float
    y: float
    radius: float
    words: str


@dataclass(frozen=True, slots=True)
class Bubbles:
    """A bubble plot.

    Attributes:
        ground: Its axes.
        bubbles: Studies, large ones first so that small ones lie on top.
        line: Path of the regression.
        band: Outline of its interval.
        title: What it shows.
        alt: The same in words.
        legend: Marks with their words.
    """

    kind: ClassVar[str] = "bubble"
    width: ClassVar[float] = Ground.width
    height: ClassVar[float] = Ground.height
    ground: Ground
    bubbles: tuple[Bubble, ...]
    line: str
    band: str
    title: str
    alt: str
    legend: tuple[tuple[str, str], ...]


def bubble(report: Report) -> Bubbles:
    """Lay out the bubble plot of an answer of `kb meta`; its line and interval are those of the answer's regression.

    Raises:
        NotEstimableError: If there is no regression on exactly one number.
    """
    fit, name = _fit(report)
    found = report.synthesis
    rows = [(row, value) for row in found.rows if row.effect and isinstance(value := row.datum.traits.get(name), float)]
    values = [value for _, value in rows]
    edge = 0.04 * (max(values) - min(values))
    across = Ground.across_of(min(values) - edge, max(values) + edge)
    grid = [min(values) + step / _STEPS * (max(values) - min(values)) for step in range(_STEPS + 1)]
    fitted = [(value, *_interval(fit, value)) for value in grid]
    ends = [end for _, at, low, high in fitted for end in (at, low, high)] + [row.effect.estimate for row, _ in rows if row.effect]
    room = 0.06 * (max(ends) - min(ends) or 1.0)
    up = Span(min(ends) - room, max(ends) + room, Ground.bottom, Ground.top)
    heaviest = max(_weight(row, fit) for row, _ in rows)
    bubbles = [
        Bubble(
            across(value), up(row.effect.estimate), rounded(max(2.5, _LARGEST * math.sqrt(_weight(row, fit) / heaviest))), _words(row, name, value)
        )
        for row, value in rows
        if row.effect
    ]  # fmt: skip
    line = "M" + "L".join(f"{across(value)} {up(at)}" for value, at, _, _ in fitted)
    lower = [f"{across(value)} {up(low)}" for value, _, low, _ in fitted]
    upper = [f"{across(value)} {up(high)}" for value, _, _, high in reversed(fitted)]
    band = "M" + "L".join((*lower, *upper)) + "z"
    measure = found.measure
    ground = Ground(across, up, plain_ticks(across), effect_ticks(measure, up), _moderator(report), effect_label(measure))
    return _drawn(report, ground, bubbles, line, band, fit)


def _fit(report: Report) -> tuple[Regression, str]:
    names = report.moderators
    if len(names) != 1:
        said = "none is asked for" if not names else f"{len(names)} are asked for"
        raise NotEstimableError(f"a bubble plot needs one moderator, and {said}: --moderator FIELD")
    if report.regression is None:
        raise NotEstimableError(report.regression_notes[-1] if report.regression_notes else "there is no regression")
    if [one.name for one in report.regression.coefficients[1:]] != [names[0]]:
        raise NotEstimableError(
            f"{names[0]} holds words, and a bubble plot needs a number: --by {names[0]} and the forest plot show groups"
        )
    return report.regression, names[0]


def _interval(fit: Regression, value: float) -> tuple[float, float, float]:
    """Return the regression's effect at a value, with the interval of the mean effect there."""
    first, second = (one.estimate for one in fit.coefficients)
    (a, b), (_, d) = fit.covariance
    at = first + second * value
    half = _crit(fit) * math.sqrt(max(0.0, a + 2 * value * b + value * value * d))
    return at, at - half, at + half


def _crit(fit: Regression) -> float:
    """Return the half-width of the regression's intervals in standard errors."""
    slope = fit.coefficients[1]
    return (slope.ci_high - slope.estimate) / slope.se if slope.ci_high is not None and slope.se else 0.0


def _weight(row: Row, fit: Regression) -> float:
    return 1 / (row.effect.variance + fit.tau2) if row.effect else 0.0


def _drawn(report: Report, ground: Ground, bubbles: Sequence[Bubble], line: str, band: str, fit: Regression) -> Bubbles:
    found, name = report.synthesis, report.moderators[0]
    known = MEASURES[found.measure]
    slope = fit.coefficients[1]
    unseen = len(found.rows) - len(bubbles)
    alt = f"Bubble plot of {len(bubbles)} studies: {known.label} against {name}, slope {slope.estimate:.3g} on the scale: {known.scale}"
    alt += f" ({slope.ci_low:.3g} to {slope.ci_high:.3g})." if slope.ci_low is not None and slope.ci_high is not None else "."
    alt += f" {unseen} studies without the moderator or an effect of their own are not shown." if unseen else ""
    legend = (
        ("point", "a study, its area by the weight"), ("axis", "regression"), ("band", f"{found.settings.level:g} % interval of the mean"),
        *((("none", f"not shown, without the moderator or an effect of its own: {unseen}"),) if unseen else ()),
    )  # fmt: skip
    drawn = tuple(sorted(bubbles, key=lambda one: (-one.radius, one.x, one.y, one.words)))
    return Bubbles(ground, drawn, line, band, f"{report.title} against {name}", alt, legend)


def _moderator(report: Report) -> str:
    """Return the moderator with the unit in which its doses were compared, where it is one."""
    name = report.moderators[0]
    unit = next(
        (note.removeprefix(f"{name}: in ").split(",")[0] for note in report.regression_notes if note.startswith(f"{name}: in ")), ""
    )
    return f"{name}, {unit}" if unit else name


def _words(row: Row, name: str, value: float) -> str:
    estimate, low, high = row.shown or (0.0, 0.0, 0.0)
    return cleaned(f"{row.datum.label}: {name} {value:g}, {estimate:.3g} ({low:.3g} to {high:.3g})")
