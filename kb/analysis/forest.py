"""The layout of a forest plot: numbers in, numbers out; and its picture in characters for a terminal."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kb.analysis.effects import MEASURES
from kb.analysis.pooling.result import Pooled
from kb.analysis.synthesis import Row, Synthesis


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of the plot, on the axis of `Layout`: 0 is its left end, 1 its right end.

    Attributes:
        kind: `study`, `group`, `pooled` or `prediction`.
        label: What stands beside it.
        counts: Counts in words, or empty.
        values: Estimate and bounds on the scale of the label; None where there is none.
        estimate: Place of the estimate, or None.
        low: Place of the lower bound, cut at 0.
        high: Place of the upper bound, cut at 1.
        cut_low: Whether the interval goes on beyond the left end.
        cut_high: Whether it goes on beyond the right end.
        weight: Percent of the weight, or None.
        mark: Remark on the counts.
    """

    kind: str
    label: str
    counts: str = ""
    values: tuple[float, float, float] | None = None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    cut_low: bool = False
    cut_high: bool = False
    weight: float | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """A forest plot.

    Attributes:
        marks: Lines from top to bottom.
        ticks: Places and values of the axis.
        null: Place of no effect, or None.
        logarithmic: Whether the axis is one of ratios.
    """

    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, float], ...]
    null: float | None
    logarithmic: bool


def layout(found: Synthesis) -> Layout:
    """Lay out the plot of a synthesis; with subgroups their studies stand together, each group with its own estimate."""
    measure = MEASURES[found.measure]
    ratio = is_ratio(found.measure)
    lines: list[tuple[str, str, str, tuple[float, float, float] | None, float | None, str]] = []
    for name, rows, pooled in [(group.name, group.rows, group.pooled) for group in found.groups] or [("", found.rows, None)]:
        lines += [("study", row.datum.label, counts_in_words(row), row.shown, row.weight, row.datum.mark) for row in rows]
        if name:
            lines.append(("group", name, f"k {len(rows)}", back_transformed(found.measure, pooled), None, ""))
    if found.pooled is not None:
        kind = "equal effects" if found.settings.method in ("EE", "MH", "PETO") else "random effects"
        lines.append(("pooled", f"pooled, {kind}", f"k {found.pooled.k}", back_transformed(found.measure, found.pooled), None, ""))
        new = prediction(found.measure, found.pooled)
        # One study tells nothing of how studies differ.
        if new is not None and found.pooled.k > 1:
            lines.append(("prediction", "a new study", "", new, None, ""))
    low, high = _span([values for _, _, _, values, _, _ in lines if values], measure.counts == "one", ratio)
    place = _axis(low, high, ratio)
    marks = tuple(_mark(kind, label, counts, values, place, weight, mark) for kind, label, counts, values, weight, mark in lines)
    null = None if measure.null is None else place(measure.back(measure.null))
    return Layout(
        marks,
        tuple((place(value), value) for value in ticks(low, high, ratio)),
        null if null is not None and 0 <= null <= 1 else None,
        ratio,
    )


def counts_in_words(row: Row) -> str:
    """Return `5/20`, or `5/20 v 3/21`, or an empty text."""
    counts = row.datum.counts
    return " v ".join(f"{events:g}/{total:g}" for events, total in zip(counts[::2], counts[1::2], strict=True))


def back_transformed(measure: str, pooled: Pooled | None) -> tuple[float, float, float] | None:
    """Return estimate and bounds on the scale of the measure's label, or None."""
    if pooled is None or pooled.estimate is None or pooled.ci_low is None or pooled.ci_high is None:
        return None
    back = MEASURES[measure].back
    return back(pooled.estimate), back(pooled.ci_low), back(pooled.ci_high)


def prediction(measure: str, pooled: Pooled) -> tuple[float, float, float] | None:
    """Return the estimate and the bounds for a new study on the scale of the measure's label, or None."""
    if pooled.estimate is None or pooled.pi_low is None or pooled.pi_high is None:
        return None
    back = MEASURES[measure].back
    return back(pooled.estimate), back(pooled.pi_low), back(pooled.pi_high)


def _span(shown: Sequence[tuple[float, float, float]], proportion: bool, ratio: bool) -> tuple[float, float]:
    ends = [value for values in shown for value in values if math.isfinite(value) and (value > 0 or not ratio)]
    if not ends:
        return (0.1, 10.0) if ratio else (0.0, 1.0)
    low, high = min(ends), max(ends)
    if proportion:
        return 0.0, min(1.0, max(0.1, math.ceil(high * 10) / 10))
    if ratio:
        # A huge interval must not squeeze the others to a point; it is cut and says so.
        points = [values[0] for values in shown if values[0] > 0 and math.isfinite(values[0])]
        return max(low, min(points) / 10, 1e-6) / 1.1, min(high, max(points) * 10, 1e6) * 1.1
    if low == high:
        return low - 1, high + 1
    return min(low, 0.0), max(high, 0.0)


def _axis(low: float, high: float, ratio: bool) -> Callable[[float], float]:
    def place(value: float) -> float:
        if not ratio:
            return (value - low) / (high - low)
        return (math.log(max(value, 1e-300)) - math.log(low)) / (math.log(high) - math.log(low))

    return place


def _mark(
    kind: str, label: str, counts: str, values: tuple[float, float, float] | None, place: Callable[[float], float], weight: float | None,
    mark: str,
) -> Mark:  # fmt: skip
    if values is None:
        return Mark(kind, label, counts, weight=weight, mark=mark)
    at, low, high = (place(value) for value in values)
    return Mark(
        kind, label, counts, values, at, min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0), low < -1e-9, high > 1 + 1e-9, weight, mark
    )


def is_ratio(measure: str) -> bool:
    """Return whether a measure's values are ratios, which lie evenly on a logarithmic axis."""
    return MEASURES[measure].to is math.log or measure == "PETO"


def ticks(low: float, high: float, ratio: bool) -> list[float]:
    """Return round values between two bounds: 1, 2, 5 of each power of ten for ratios, more where they are few; else evenly spaced."""
    if ratio:
        inside = _ratios((1, 2, 5), low, high)
        if len(inside) < 3:
            inside = _ratios((1, 1.5, 2, 3, 5, 7), low, high)
        return inside if len(inside) <= 7 else [step for step in inside if f"{step:e}"[0] == "1"]
    rough = (high - low) / 5
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(count * step, 12) for count in range(first, math.floor(high / step + 1e-9) + 1)]


def _ratios(bases: Sequence[float], low: float, high: float) -> list[float]:
    steps = [float(f"{base}e{power}") for power in range(-6, 7) for base in bases]
    return [step for step in steps if low <= step <= high]


def drawn(plan: Layout, width: int = 41) -> list[str]:
    """Return the bars of a layout as texts of one width, line by line, and the axis as the last two.

    Args:
        plan: The layout.
        width: Characters of the axis.
    """
    lines = [_bar(mark, plan.null, width) for mark in plan.marks]
    axis, names = ["-"] * width, [" "] * (width + 8)
    for at, value in plan.ticks:
        spot = round(at * (width - 1))
        axis[spot] = "+"
        text = f"{value:g}"
        begin = min(max(spot - len(text) // 2, 0), len(names) - len(text))
        if all(sign == " " for sign in names[max(begin - 1, 0) : begin + len(text) + 1]):
            names[begin : begin + len(text)] = text
    return [*lines, "".join(axis), "".join(names).rstrip()]


def _bar(mark: Mark, null: float | None, width: int) -> str:
    cells = [" "] * width
    if null is not None:
        cells[round(null * (width - 1))] = ":"
    if mark.estimate is None or mark.low is None or mark.high is None:
        return "".join(cells)
    first, last = round(mark.low * (width - 1)), round(mark.high * (width - 1))
    line, point = {"study": ("-", "#"), "prediction": (".", ".")}.get(mark.kind, ("=", "O"))
    for spot in range(first, last + 1):
        cells[spot] = line
    if mark.cut_low:
        cells[first] = "<"
    if mark.cut_high:
        cells[last] = ">"
    if 0 <= mark.estimate <= 1:
        cells[round(mark.estimate * (width - 1))] = point
    return "".join(cells)
