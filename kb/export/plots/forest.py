"""The forest plot in pixels: every study with its counts, interval and weight, groups, the pool and a new study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kb.analysis.effects import MEASURES
from kb.analysis.forest import Mark, layout
from kb.analysis.meta_report import Report
from kb.export.plots.scale import SIGN, cleaned, rounded

_AXIS, _ROW, _GAP = 340, 20, 16
"""Width of the axis, height of a row and space between columns, in pixels."""
_LONGEST = 60
"""Characters of a label that are shown; its title holds all of it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the plot, in pixels.

    Attributes:
        kind: As in `Mark`.
        label: What stands beside it, cut where it is long.
        whole: The label, the counts and the values in words.
        counts: Counts in words.
        values: Estimate and interval in words.
        y: Its middle.
        x: Place of the estimate, or None where it is beyond the axis or there is none.
        low: Left end of the interval, or None.
        high: Right end.
        cut_low: Whether the interval goes on to the left.
        cut_high: Whether it goes on to the right.
        half: Half the side of the square: its area goes with the weight.
    """

    kind: str
    label: str
    whole: str
    counts: str
    values: str
    y: float
    x: float | None = None
    low: float | None = None
    high: float | None = None
    cut_low: bool = False
    cut_high: bool = False
    half: float = 4.0


@dataclass(frozen=True, slots=True)
class Forest:
    """A forest plot.

    Attributes:
        lines: Rows from top to bottom.
        ticks: Places and words of the axis.
        null: Place of no effect, or None.
        counts_x: Where the counts end.
        left: Where the axis begins.
        right: Where the axis ends.
        values_x: Where the values begin.
        bottom: Where the rows end.
        axis: What the axis holds.
        width: Width of the drawing.
        height: Height of the drawing.
        title: What it shows.
        alt: The same in words.
        legend: Marks with their words.
    """

    kind: ClassVar[str] = "forest"
    lines: tuple[Line, ...]
    ticks: tuple[tuple[float, str], ...]
    null: float | None
    counts_x: float
    left: float
    right: float
    values_x: float
    bottom: float
    axis: str
    width: float
    height: float
    title: str
    alt: str
    legend: tuple[tuple[str, str], ...] = ()


def forest(report: Report) -> Forest:
    """Lay out the forest plot of an answer of `kb meta`, lines in the order of the answer."""
    found = report.synthesis
    plan = layout(found)
    measure = MEASURES[found.measure]
    share = measure.counts == "one"
    longest = max((min(len(mark.label), _LONGEST) for mark in plan.marks), default=10)
    widest = max((len(mark.counts) for mark in plan.marks), default=5)
    counts_x = rounded(longest * SIGN + _GAP + widest * SIGN)
    left = rounded(counts_x + _GAP)
    values_x = rounded(left + _AXIS + _GAP)
    heaviest = max((mark.weight or 0 for mark in plan.marks), default=0)
    lines = tuple(_line(mark, _ROW * (place + 0.5), left, heaviest, share=share) for place, mark in enumerate(plan.marks))
    bottom = float(_ROW * len(lines))
    ticks = tuple((rounded(left + at * _AXIS), f"{100 * value:g}" if share else f"{value:g}") for at, value in plan.ticks)
    null = None if plan.null is None else rounded(left + plan.null * _AXIS)
    alt = f"Forest plot of {len(found.rows)} row{'' if len(found.rows) == 1 else 's'}: {measure.label}."
    axis = f"{measure.label}, %" if share else measure.label
    return Forest(
        lines, ticks, null, counts_x, left, rounded(left + _AXIS), values_x, bottom, axis, rounded(values_x + 26 * SIGN), bottom + 32,
        report.title, alt,
    )  # fmt: skip


def _line(mark: Mark, y: float, left: float, heaviest: float, *, share: bool) -> Line:
    label = cleaned(mark.label)
    shown = label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}\u2026"
    values = _values(mark.values, share=share)
    whole = cleaned(", ".join(part for part in (label, mark.counts, values, mark.mark) if part))
    if mark.estimate is None or mark.low is None or mark.high is None:
        return Line(mark.kind, shown, whole, mark.counts, values, y)
    low, high, at = (rounded(left + _AXIS * value) for value in (mark.low, mark.high, mark.estimate))
    half = 4.0 if not mark.weight or not heaviest else rounded(2 + 5 * (mark.weight / heaviest) ** 0.5)
    x = at if 0 <= mark.estimate <= 1 else None
    return Line(mark.kind, shown, whole, mark.counts, values, y, x, low, high, mark.cut_low, mark.cut_high, half)


def _values(values: tuple[float, float, float] | None, *, share: bool) -> str:
    if values is None:
        return "not estimable"
    estimate, low, high = (f"{100 * value:.1f}" if share else f"{value:.3g}" for value in values)
    return f"{estimate} ({low} to {high})"
