"""Tables that sort, filter, print and leave as CSV: heads, lines, cells, and the small drawings that travel with a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

PLOT_WIDTH = 160
"""Width of a drawing in a cell, in pixels."""
_MARGIN = 7.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis: its place in pixels, and its words."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Axis:
    """The scale that all drawings of a column share.

    Attributes:
        ticks: Marks from left to right.
        label: What is measured, with its unit.
        null: Place of no effect, or None.
    """

    ticks: tuple[Tick, ...]
    label: str
    null: float | None = None


def place(share: float) -> float:
    """Return the pixel of a place between 0 and 1; what lies outside stands at the edge."""
    return round(_MARGIN + (PLOT_WIDTH - 2 * _MARGIN) * min(max(share, 0.0), 1.0), 1)


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its interval on the axis of its column.

    Attributes:
        shape: `square`, `diamond` for a pooled estimate, `tick` for a value without counts, `dashes` for a new study.
        x: Place of the estimate.
        low: Left end, or None.
        high: Right end, or None.
        side: Side of the square, in pixels.
        cut_low: Whether the interval goes on beyond the left end.
        cut_high: Whether it goes on beyond the right end.
        null: Place of no effect, or None.
        words: The same in words.
    """

    kind: ClassVar[str] = "interval"
    shape: str
    x: float
    low: float | None
    high: float | None
    side: float
    words: str
    cut_low: bool = False
    cut_high: bool = False
    null: float | None = None


@dataclass(frozen=True, slots=True)
class Dot:
    """One arm of a harms row: place, interval, and whether it is filled (grade 3 and above)."""

    x: float
    low: float | None
    high: float | None
    y: float
    severe: bool


@dataclass(frozen=True, slots=True)
class Dots:
    """The arms of a harms row on one axis."""

    kind: ClassVar[str] = "dots"
    dots: tuple[Dot, ...]
    height: float
    words: str


@dataclass(frozen=True, slots=True)
class Span:
    """A time with its range on the axis of its column; `open` where it has not been reached."""

    kind: ClassVar[str] = "span"
    x: float
    low: float | None
    high: float | None
    open: bool
    words: str


Plot = Interval | Dots | Span


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes:
        text: What stands there.
        href: Where it leads, or an empty string.
        note: Smaller words below.
        absent: Whether the words name an absence.
        value: Number or words to sort by and to write as CSV, where they differ from the text; None otherwise.
        mark: Glyph before the text.
        tone: CSS class of the glyph.
        plot: Drawing, or None.
    """

    text: str = ""
    href: str = ""
    note: str = ""
    absent: bool = False
    value: float | str | None = None
    mark: str = ""
    tone: str = ""
    plot: Plot | None = None


def absent(words: str) -> Cell:
    """Return a cell that names an absence."""
    return Cell(words, absent=True)


def given(value: object, words: str = "not given") -> Cell:
    """Return a cell of a value, or the words of its absence for None and empty texts."""
    if value is None or value == "":
        return absent(words)
    return Cell(str(value), value=value if isinstance(value, int | float) else None)


@dataclass(frozen=True, slots=True)
class Head:
    """Head of a column.

    Attributes:
        label: Its words.
        kind: `text`, `num` for aligned digits, `plot` for drawings.
        axis: Scale of the drawings, or None.
    """

    label: str
    kind: str = "text"
    axis: Axis | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes:
        cells: Cells; a line of kind `group` has one.
        kind: Empty for a plain line; `group` for the head of a group, `pooled` for what a synthesis gives, `aside` for
            what is listed and not counted. Group and pooled lines hide while a reader filters or sorts.
        anchor: Permanent id, or an empty string.
        events: Patients with the event, for the sum of what is shown; None where not counted.
        total: Patients, likewise.
    """

    cells: tuple[Cell, ...]
    kind: str = ""
    anchor: str = ""
    events: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table.

    Attributes:
        key: Its id on the page and the name of its CSV.
        caption: What it shows, and whence.
        heads: Columns.
        lines: Lines, in order.
        filtered: Whether it gets a box to filter lines.
    """

    kind: ClassVar[str] = "sheet"
    key: str
    caption: str
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    filtered: bool = False


def group(words: str, anchor: str = "", note: str = "") -> Line:
    """Return the head of a group of lines."""
    return Line((Cell(words, note=note),), "group", anchor)


MOST_LINES = 90
"""Lines of one table; a page of everything would be slow to open, and its CSV holds all."""


def capped(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the first lines of a long table, and a last one that says how many more there are."""
    if len(lines) <= MOST_LINES:
        return tuple(lines)
    blank = absent("–")
    more = Line((Cell(f"{len(lines) - MOST_LINES} more, see the CSV"), *(blank for _ in lines[0].cells[1:])), "aside")
    return (*lines[:MOST_LINES], more)
