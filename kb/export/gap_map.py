"""The gap map as a drawing: a layout of numbers, drawn by the template `gap-map.svg`.

Lengths are SVG user units. The area of a circle grows with the cohorts, its sectors are their designs, and the number
stands beside it, so that neither colour nor size carries anything alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from kb.analysis.gap_rules import RULES, Design, Kind
from kb.analysis.gaps import Cell, GapMap
from kb.export.rendering import environment

TEMPLATE = "gap-map.svg"
"""Name of the template."""

_LEFT = 310.0
_CELL_WIDTH = 56.0
_ROW_HEIGHT = 30.0
_HEADS = 116.0
_RADIUS = 13.0
_SMALLEST = 3.5
_BETWEEN = 24.0
_TOP = 126.0
_RIGHT = 80.0


@dataclass(frozen=True, slots=True)
class Sector:
    """A piece of a circle.

    Attributes:
        design: Design that it stands for; also its CSS class.
        path: Path of the outline.
    """

    design: str
    path: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A drawn cell.

    Attributes:
        kind: Kind of the cell; also its CSS class.
        x: Centre.
        y: Centre.
        radius: Radius of the circle; 0 where none is drawn.
        sectors: Pieces of the circle.
        text: What is printed beside it.
        words: The cell in words, for its title.
    """

    kind: str
    x: float
    y: float
    radius: float
    sectors: tuple[Sector, ...]
    text: str
    words: str


@dataclass(frozen=True, slots=True)
class Label:
    """A text at a place."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Panel:
    """The matrix of one question.

    Attributes:
        title: The question.
        heads: Names of the columns; they lean upwards from their place.
        rows: Names of the rows, ending at their place.
        rules: Places of the horizontal lines.
        marks: Cells.
    """

    title: Label
    heads: tuple[Label, ...]
    rows: tuple[Label, ...]
    rules: tuple[float, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole drawing.

    Attributes:
        width: Width.
        height: Height.
        left: Where the cells begin.
        right: Where the lines end.
        panels: One a question.
        legend: Designs with their words, and a place each.
        title: Its title.
        description: What it shows, for those who do not see it.
    """

    width: float
    height: float
    left: float
    right: float
    panels: tuple[Panel, ...]
    legend: tuple[tuple[str, Label], ...]
    title: str
    description: str


def layout(found: GapMap) -> Layout:
    """Lay out a gap map: one panel a question, one scale for all circles."""
    largest = max((cell.cohorts for cell in found.cells if cell.kind in (Kind.EVIDENCE, Kind.NO_CHANGE)), default=1)
    panels = []
    y = _TOP
    widest = 0
    for question in found.questions:
        heads = [column for column in found.columns if column.question is question]
        widest = max(widest, len(heads))
        top = y + 30 + _HEADS
        places = [_middle(place) for place in range(len(heads))]
        rows = [found.row(regimen, question) for regimen in found.regimens]
        panels.append(
            Panel(
                Label(0, _rounded(y + 16), question.words),
                tuple(Label(x, _rounded(top - 6), column.label) for x, column in zip(places, heads, strict=True)),
                tuple(Label(_LEFT - 8, _line(top, place) + 5, regimen.label) for place, regimen in enumerate(found.regimens)),
                tuple(_rounded(top + place * _ROW_HEIGHT) for place in range(len(found.regimens) + 1)),
                tuple(
                    _mark(cell, x, _line(top, place), largest)
                    for place, cells in enumerate(rows)
                    for x, cell in zip(places, cells, strict=True)
                ),
            )
        )
        y = top + len(found.regimens) * _ROW_HEIGHT + _BETWEEN
    right = _LEFT + widest * _CELL_WIDTH
    legend = tuple((design.key, Label(12 + 220 * place, 48, design.label)) for place, design in enumerate(Design))
    return Layout(
        max(right + _RIGHT, 900),
        y,
        _LEFT,
        right,
        tuple(panels),
        legend,
        "Evidence gap map",
        f"Selection: {found.selection}. {_summary(found)}",
    )


def _summary(found: GapMap) -> str:
    counts = {kind: sum(cell.kind is kind for cell in found.cells) for kind in Kind}
    told = ", ".join(f"{count} {kind.label}" for kind, count in counts.items())
    return f"{len(found.cells)} cells of {len(found.regimens)} classes of regimen: {told}."


def _middle(place: int) -> float:
    return _rounded(_LEFT + (place + 0.5) * _CELL_WIDTH)


def _line(top: float, place: int) -> float:
    return _rounded(top + (place + 0.5) * _ROW_HEIGHT)


def _mark(cell: Cell, x: float, y: float, largest: int) -> Mark:
    drawn = cell.kind in (Kind.EVIDENCE, Kind.NO_CHANGE)
    radius = _rounded(max(_SMALLEST, _RADIUS * math.sqrt(cell.cohorts / largest))) if drawn else 0.0
    centre = x - 8 if drawn else x
    sectors = tuple(_sectors(cell.designs, centre, y, radius)) if drawn else ()
    return Mark(cell.kind.key, centre, y, radius, sectors, "" if cell.kind is Kind.NOTHING else _printed(cell), _words(cell))


def _printed(cell: Cell) -> str:
    return {Kind.NOT_REPORTED: "0", Kind.NOT_READ: "·"}.get(cell.kind, str(cell.cohorts))


def _words(cell: Cell) -> str:
    place = f"{cell.regimen.label}, {cell.column.label}: {cell.kind.label}"
    designs = ", ".join(f"{count} {design.label}" for design, count in cell.designs.items())
    cohorts = f", {cell.cohorts} cohort{'' if cell.cohorts == 1 else 's'} ({designs})" if cell.kind <= Kind.NO_CHANGE else ""
    return f"{place}{cohorts}{': ' if cell.studies else ''}{', '.join(cell.studies)}"


def _sectors(designs: Mapping[Design, int], x: float, y: float, radius: float) -> list[Sector]:
    """Return the pieces of a circle, clockwise from the top; one piece alone is a whole circle of two arcs."""
    total = sum(designs.values())
    if len(designs) == 1:
        whole = f"M{x} {_rounded(y - radius)}a{radius} {radius} 0 1 1 0 {_rounded(2 * radius)}a{radius} {radius} 0 1 1 0 {_rounded(-2 * radius)}z"
        return [Sector(next(iter(designs)).key, whole)]
    sectors = []
    start = 0.0
    for design, count in designs.items():
        end = start + count / total
        (x1, y1), (x2, y2) = (_on_circle(x, y, radius, turn) for turn in (start, end))
        sectors.append(Sector(design.key, f"M{x} {y}L{x1} {y1}A{radius} {radius} 0 {int(end - start > 0.5)} 1 {x2} {y2}z"))
        start = end
    return sectors


def _on_circle(x: float, y: float, radius: float, turn: float) -> tuple[float, float]:
    angle = 2 * math.pi * turn
    return _rounded(x + radius * math.sin(angle)), _rounded(y - radius * math.cos(angle))


def _rounded(value: float) -> float:
    return round(value, 2) + 0.0  # no negative zero


def gap_map_svg(found: GapMap, template: str, *, cite: str = "") -> str:
    """Return a gap map as SVG.

    Args:
        found: The map.
        template: Text of the template `TEMPLATE`.
        cite: How to cite it, printed below; empty for none.
    """
    return (
        environment({TEMPLATE: template})
        .get_template(TEMPLATE)
        .render(view=layout(found), selection=found.selection, rules=RULES, cite=cite)
        + "\n"
    )
