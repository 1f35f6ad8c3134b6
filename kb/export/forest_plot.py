"""The forest plot of `kb meta` as SVG: the layout of the terminal's plot, drawn by a template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

from kb.analysis.effects import MEASURES
from kb.analysis.forest import Mark, layout
from kb.analysis.meta_report import Report

TEMPLATE = "forest-plot.svg"

_AXIS, _ROW, _GAP, _SIGN = 340, 20, 16, 6.9
"""Width of the axis, height of a row, space between columns, and width of a character, in pixels."""
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
class View:
    """All of the drawing, in pixels; texts come from the top and from the bottom of it."""

    width: int
    height: int
    lines: tuple[Line, ...]
    ticks: tuple[tuple[float, str], ...]
    null: float | None
    counts_x: float
    left: float
    right: float
    values_x: float
    top: float
    bottom: float
    head: tuple[str, ...]
    foot: tuple[str, ...]


def forest_plot(report: Report, template: str, *, numbers: Sequence[str], cite: str) -> str:
    """Return the forest plot of an answer of `kb meta` as SVG.

    Args:
        report: The answer.
        template: Text of the template `TEMPLATE`.
        numbers: What was pooled, in lines that stand below.
        cite: How to cite it.
    """
    from jinja2 import Environment, StrictUndefined

    view = _view(report, numbers, cite)
    measure = MEASURES[report.synthesis.measure]
    axis = f"{measure.label}, %" if measure.counts == "one" else measure.label
    description = f"Forest plot of {len(report.synthesis.rows)} rows: {measure.label}. {' '.join(numbers)} Selection: {report.selection}."
    engine = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return engine.from_string(template).render(view=view, title=report.title, description=_clean(description), axis=axis) + "\n"


def _view(report: Report, numbers: Sequence[str], cite: str) -> View:
    plan = layout(report.synthesis)
    share = MEASURES[report.synthesis.measure].counts == "one"
    longest = max((min(len(mark.label), _LONGEST) for mark in plan.marks), default=10)
    widest = max((len(mark.counts) for mark in plan.marks), default=5)
    counts_x = round(8 + longest * _SIGN + _GAP + widest * _SIGN, 1)
    left = round(counts_x + _GAP, 1)
    values_x = round(left + _AXIS + _GAP, 1)
    width = int(values_x + 26 * _SIGN + 8)
    signs = int(width / _SIGN)
    head = tuple(_clean(line) for line in wrap(f"selection: {report.selection}", signs))
    top = 34.0 + 16 * len(head)
    heaviest = max((mark.weight or 0 for mark in plan.marks), default=0)
    lines = tuple(
        _line(mark, round(top + _ROW * (place + 0.5), 1), left, heaviest, share=share) for place, mark in enumerate(plan.marks)
    )  # fmt: skip
    bottom = top + _ROW * len(lines)
    foot = [part for text in (*numbers, *(f"put together: {one}" for one in report.labels), cite) for part in wrap(_clean(text), signs)]
    height = int(bottom + 54 + 16 * len(foot))
    ticks = tuple((round(left + at * _AXIS, 1), f"{100 * value:g}" if share else f"{value:g}") for at, value in plan.ticks)
    null = None if plan.null is None else round(left + plan.null * _AXIS, 1)
    return View(width, height, lines, ticks, null, counts_x, left, round(left + _AXIS, 1), values_x, top, bottom, head, tuple(foot))


def _line(mark: Mark, y: float, left: float, heaviest: float, *, share: bool) -> Line:
    label = _clean(mark.label)
    shown = label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}\u2026"
    values = _values(mark.values, share=share)
    whole = ", ".join(part for part in (label, mark.counts, values, mark.mark) if part)
    if mark.estimate is None or mark.low is None or mark.high is None:
        return Line(mark.kind, shown, _clean(whole), mark.counts, values, y)
    low, high, at = (round(left + _AXIS * value, 1) for value in (mark.low, mark.high, mark.estimate))
    half = 4.0 if not mark.weight or not heaviest else round(2 + 5 * (mark.weight / heaviest) ** 0.5, 1)
    x = at if 0 <= mark.estimate <= 1 else None
    return Line(mark.kind, shown, _clean(whole), mark.counts, values, y, x, low, high, mark.cut_low, mark.cut_high, half)


def _values(values: tuple[float, float, float] | None, *, share: bool) -> str:
    if values is None:
        return "not estimable"
    estimate, low, high = (f"{100 * value:.1f}" if share else f"{value:.3g}" for value in values)
    return f"{estimate} ({low} to {high})"


def _clean(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
