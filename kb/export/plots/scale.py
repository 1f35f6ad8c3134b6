"""What layouts share: rounding, clean texts, and an axis of effects that is labelled on the scale that readers know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from kb.analysis.effects import MEASURES
from kb.analysis.forest import is_ratio, ticks
from kb.analysis.gap_rules import Design

SIGN = 6.9
"""Width of a character of a picture's text, in pixels: generous, since the fonts of readers differ."""
_SHARES = (0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999)
_APART = 34.0
"""Least distance of two labels of an axis, in pixels."""

DESIGNS = (
    ("design randomised", Design.RANDOMISED.label),
    ("design trial", Design.TRIAL.label),
    ("design", f"{Design.OBSERVATIONAL.label} or {Design.POOLED.label}"),
)
"""Legend of the designs: classes of a mark, and words."""


def rounded(value: float) -> float:
    """Return a length with one digit, and no negative zero."""
    return round(value, 1) + 0.0


def cleaned(text: str) -> str:
    """Return a text in one line, without what XML cannot hold."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


@dataclass(frozen=True, slots=True)
class Span:
    """A straight axis in pixels: `low` of the data lies at `start`, `high` at `end`.

    Attributes:
        low: Least value.
        high: Greatest value, above the least.
        start: Pixel of the least value.
        end: Pixel of the greatest value.
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        return rounded(self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start))

    def holds(self, value: float) -> bool:
        """Return whether a value lies on the axis."""
        return self.low <= value <= self.high


def plain_ticks(span: Span) -> tuple[tuple[float, str], ...]:
    """Return places and words of the round values of an axis, not too near each other."""
    return _thinned([(span(value), f"{value:g}") for value in ticks(span.low, span.high, False)])


def effect_ticks(measure: str, span: Span) -> tuple[tuple[float, str], ...]:
    """Return places and words of an axis on a measure's analysis scale, labelled with back-transformed values.

    Args:
        measure: Name of the measure.
        span: The axis, on the analysis scale.
    """
    known = MEASURES[measure]
    low, high = known.back(span.low), known.back(span.high)
    if known.counts == "one":
        values = [value for value in _SHARES if low <= value <= high] if measure != "PR" else ticks(low, high, False)
        return _thinned([(span(_where(known.back, value, span)), f"{100 * value:g}") for value in values])
    values = ticks(low, high, is_ratio(measure))
    return _thinned([(span(_where(known.back, value, span)), f"{value:g}") for value in values])


def effect_label(measure: str) -> str:
    """Return what an axis of effects holds: the measure, its unit, and the scale on which it is even."""
    known = MEASURES[measure]
    even = "" if known.scale.endswith("itself") or known.scale == "as given" else f"; {known.scale} scale"
    return f"{known.label}{', %' if known.counts == 'one' else ''}{even}"


def _where(back: Callable[[float], float], value: float, span: Span) -> float:
    """Return the analysis-scale value that a rising back-transformation turns into `value`, by bisection."""
    low, high = span.low, span.high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if back(middle) < value else (low, middle)
    return (low + high) / 2


def _thinned(places: list[tuple[float, str]]) -> tuple[tuple[float, str], ...]:
    kept: list[tuple[float, str]] = []
    for place, text in places:
        if not kept or abs(place - kept[-1][0]) >= _APART:
            kept.append((place, text))
    return tuple(kept)


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground with two axes, as wide as every picture, on which points are set.

    Attributes:
        across: Axis from left to right.
        up: Axis that goes up or down.
        xs: Ticks across: place and words.
        ys: Ticks of the other axis.
        x_label: What lies across.
        y_label: What goes up.
    """

    across: Span
    up: Span
    xs: tuple[tuple[float, str], ...]
    ys: tuple[tuple[float, str], ...]
    x_label: str
    y_label: str
    left: ClassVar[float] = 60.0
    right: ClassVar[float] = 660.0
    top: ClassVar[float] = 10.0
    bottom: ClassVar[float] = 330.0
    width: ClassVar[float] = 720.0
    height: ClassVar[float] = 378.0

    @classmethod
    def across_of(cls, low: float, high: float) -> Span:
        """Return the axis from left to right for values."""
        return Span(low, high, cls.left, cls.right)
