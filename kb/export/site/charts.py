"""Layouts of the charts: numbers in, numbers out. The templates only draw what stands here.

Lengths are SVG user units. Text never stands inside a drawing that is stretched; labels are HTML.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kb.analysis.board import BoardRow, Move, Side
from kb.analysis.dosing import Lane, Strip
from kb.analysis.shares import Makeup, Share
from kb.model.algebra import Lexicon
from kb.model.terms import AgentClass, Body, UnitFamily

# C1, the board

BOARD_HEIGHT = 20
_BOARD_HALF = 96.0
_LONGEST_UNIT = 14.0
_DIGIT = 7.5


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a bar.

    Attributes:
        kind: What it stands for, a value of `Move` or `Side`; also its CSS class.
        count: Cohorts.
        x: Left end.
        width: Length.
        numbered: Whether the number fits inside.
    """

    kind: str
    count: int
    x: float
    width: float
    numbered: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar that diverges about a centre line.

    Attributes:
        segments: Pieces from left to right.
        centre: Place of the centre line.
        width: Width of the drawing.
        mixed: Cohorts that differ within themselves, shown beside the bar.
    """

    segments: tuple[Segment, ...]
    centre: float
    width: float
    mixed: int


@dataclass(frozen=True, slots=True)
class BoardScale:
    """One scale for both sides of all rows."""

    unit: float


_Order = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
_LEFT_ORDER: _Order = ((Move.DECREASE,), (Move.NO_CHANGE,), (Move.INCREASE,))
_NULLS = (Side.NONE_TESTED, Side.NONE_STATED, Side.NONE_WITHOUT_RESPONSE)
_RIGHT_ORDER: _Order = ((Side.WORSE, Side.WORSE_IN_PART), _NULLS, (Side.BETTER_IN_PART, Side.BETTER))


def board_scale(rows: Iterable[BoardRow]) -> BoardScale:
    """Return the scale on which the longest half of any row still fits."""
    longest = 0.0
    for row in rows:
        for counts, order in ((_plain(row.moves), _LEFT_ORDER), (_plain(row.sides), _RIGHT_ORDER)):
            left, middle, right = (sum(counts.get(kind, 0) for kind in kinds) for kinds in order)
            longest = max(longest, middle / 2 + max(left, right))
    return BoardScale(min(_LONGEST_UNIT, _BOARD_HALF / longest) if longest else _LONGEST_UNIT)


def change_bar(row: BoardRow, scale: BoardScale) -> Bar:
    """Lay out the change under treatment: decrease, no change astride the centre, increase."""
    return _bar(_plain(row.moves), _LEFT_ORDER, scale, row.moves.get(Move.MIXED, 0))


def benefit_bar(row: BoardRow, scale: BoardScale) -> Bar:
    """Lay out the association with benefit: worse, none astride the centre, better."""
    return _bar(_plain(row.sides), _RIGHT_ORDER, scale, row.sides.get(Side.MIXED, 0))


def _plain(counts: Mapping[Move, int] | Mapping[Side, int]) -> dict[str, int]:
    return {kind.value: count for kind, count in counts.items()}


def _bar(counts: dict[str, int], order: _Order, scale: BoardScale, mixed: int) -> Bar:
    left, middle, _ = (sum(counts.get(kind, 0) for kind in kinds) for kinds in order)
    x = _BOARD_HALF - (middle / 2 + left) * scale.unit
    segments = []
    for kind in (kind for kinds in order for kind in kinds):
        count = counts.get(kind, 0)
        if count:
            width = count * scale.unit
            segments.append(Segment(str(kind), count, _rounded(x), _rounded(width), width >= _DIGIT * len(str(count))))
            x += width
    return Bar(tuple(segments), _BOARD_HALF, 2 * _BOARD_HALF, mixed)


# C2, one share on the scale from 0 to 100 %

STRIP_WIDTH = 160
STRIP_HEIGHT = 18
_MARGIN = 7.0


@dataclass(frozen=True, slots=True)
class ShareStrip:
    """A share with its interval.

    Attributes:
        x: Place of the share.
        low: Left end of the interval, or None.
        high: Right end of the interval, or None.
        side: Side of the square; 0 for a tick, where there are no counts.
    """

    x: float
    low: float | None
    high: float | None
    side: float

    @property
    def line(self) -> str:
        """The interval as an SVG path."""
        return f"M{self.low:g} 8H{self.high:g}"

    @property
    def path(self) -> str:
        """The square, or the tick, as an SVG path."""
        width, height = (self.side, self.side) if self.side else (3.0, 12.0)
        return f"M{_rounded(self.x - width / 2):g} {_rounded(8 - height / 2):g}h{width:g}v{height:g}h-{width:g}z"


def share_place(percent: float) -> float:
    """Return the place of a percentage on the strip; what lies outside 0 to 100 stays at the edge."""
    return _rounded(_MARGIN + (STRIP_WIDTH - 2 * _MARGIN) * min(max(percent, 0.0), 100.0) / 100)


def share_strip(share: Share, largest: int) -> ShareStrip:
    """Lay out a share: line for the interval, square whose side grows with the root of the patients.

    Args:
        share: What to draw.
        largest: Largest denominator in view, for the size of the square.
    """
    side = 5 + 8 * math.sqrt(share.total / largest) if share.counted and share.total and largest else 0.0
    low = None if share.low is None else share_place(share.low)
    high = None if share.high is None else share_place(share.high)
    return ShareStrip(share_place(share.percent), low, high, _rounded(side))


# C3, dose strips

DAY = 10
LANE_HEIGHT = 24
_EARLIEST = -13
FULLEST_BOX, SHORTEST_BOX = LANE_HEIGHT - 2.0, 7.0


@dataclass(frozen=True, slots=True)
class Box:
    """A mark of a dose strip: a box, a bar, a tick or a triangle, by its kind."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class LaneDrawing:
    """The marks of one component.

    Attributes:
        boxes: Marks.
        known: Whether the source gives days or weeks; otherwise the lane holds its words.
        exact: Whether it gives days; weeks alone are hatched.
        optional: Whether it is not given to everyone; drawn dotted.
    """

    boxes: tuple[Box, ...]
    known: bool
    exact: bool
    optional: bool

    @property
    def path(self) -> str:
        """All marks as one SVG path."""
        return "".join(map(_outline, self.boxes))


@dataclass(frozen=True, slots=True)
class StripDrawing:
    """A dose strip.

    Attributes:
        lanes: Drawings, in the order of the strip's lanes.
        weeks: Numbers of the weeks shown, for the labels under the axis.
        width: Width of every lane.
        cut: Whether the course goes on.
    """

    lanes: tuple[LaneDrawing, ...]
    weeks: tuple[int, ...]
    width: int
    cut: bool


def dose_strip(strip: Strip, tallest: dict[tuple[UnitFamily, Body], float], lexicon: Lexicon) -> StripDrawing:
    """Lay out a strip: x is the day, height the dose against the highest of its unit family in view.

    Args:
        strip: Lanes with their days.
        tallest: Highest amount in view by unit family and body basis (`tallest_amounts`).
        lexicon: For the class of each agent.
    """
    first = max(strip.first, _EARLIEST)
    weeks = tuple(range((first - 1) // 7, max(math.ceil(strip.last / 7), 1)))
    origin = weeks[0] * 7 + 1
    drawn = tuple(_lane(lane, origin, tallest, lexicon) for lane in strip.lanes)
    # Weeks before treatment are numbered -1, -2; there is no week 0.
    return StripDrawing(drawn, tuple(week + 1 if week >= 0 else week for week in weeks), len(weeks) * 7 * DAY, strip.cut)


def _outline(box: Box) -> str:
    if box.kind == "triangle":
        return f"M{box.x:g} {box.y + box.height:g}h{box.width:g}l-{box.width / 2:g}-{box.height:g}z"
    return f"M{box.x:g} {box.y:g}h{box.width:g}v{box.height:g}h-{box.width:g}z"


def tallest_amounts(strips: Iterable[Strip]) -> dict[tuple[UnitFamily, Body], float]:
    """Return the highest amount by unit family and body basis among the lanes in view."""
    tallest: dict[tuple[UnitFamily, Body], float] = {}
    for lane in (lane for strip in strips for lane in strip.lanes):
        if lane.amount is not None:
            key = (lane.amount.family, lane.amount.body)
            tallest[key] = max(tallest.get(key, 0.0), lane.amount.high)
    return tallest


_POINTS = {AgentClass.CELLS: "tick", AgentClass.PROCEDURE: "triangle", AgentClass.RADIATION: "triangle"}


def _lane(lane: Lane, origin: int, tallest: dict[tuple[UnitFamily, Body], float], lexicon: Lexicon) -> LaneDrawing:
    kind = _POINTS.get(lexicon.agent_class.get(lane.component.agent, AgentClass.GROUP), "box")
    height = _lane_height(lane, tallest) if kind == "box" else float(LANE_HEIGHT - 4)
    days = [day for day in lane.days if day >= origin]
    boxes: list[Box] = []
    if kind == "box" and lane.continuous:
        boxes += [_box("bar", first - origin, last - first + 1, height) for first, last in _runs(days)]
    elif kind == "box":
        for day in days:
            boxes += _stack(day - origin, height, lane.doses)
    else:
        boxes += [_box(kind, day - origin, 1, height) for day in days]
    boxes += [_box("week", first - origin, 7, height) for first in lane.weeks if first >= origin]
    return LaneDrawing(tuple(boxes), lane.known or bool(lane.weeks), lane.known, lane.optional)


def _lane_height(lane: Lane, tallest: dict[tuple[UnitFamily, Body], float]) -> float:
    if lane.amount is None:
        return FULLEST_BOX
    top = tallest.get((lane.amount.family, lane.amount.body), 0.0)
    return _rounded(max(SHORTEST_BOX, FULLEST_BOX * lane.amount.high / top)) if top else FULLEST_BOX


def _box(kind: str, day: int, days: int, height: float) -> Box:
    gap = 0 if kind == "bar" else 1
    if kind == "tick":
        return Box(kind, day * DAY + 3.5, _rounded(LANE_HEIGHT - height), 3, height)
    return Box(kind, day * DAY + gap, _rounded(LANE_HEIGHT - height), days * DAY - 2 * gap, height)


def _stack(day: int, height: float, doses: float | None) -> list[Box]:
    """Draw 1 to 3 doses a day as boxes on top of each other; more than three as three."""
    parts = min(max(math.ceil(doses or 1), 1), 3)
    piece = (height - (parts - 1)) / parts
    return [Box("box", day * DAY + 1, _rounded(LANE_HEIGHT - (n + 1) * piece - n), DAY - 2, _rounded(piece)) for n in range(parts)]


def _runs(days: Sequence[int]) -> list[tuple[int, int]]:
    """Return runs of consecutive days."""
    runs: list[tuple[int, int]] = []
    for day in days:
        if runs and day == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


# C10, response squares

PITCH = 12
A_ROW = 25
_MOST_SQUARES = 200


@dataclass(frozen=True, slots=True)
class Run:
    """The squares of one mark, as blocks of whole squares.

    Attributes:
        mark: What they stand for; also the CSS class of its square.
        blocks: Left end, upper end, width and height of at most three blocks: a row begun, whole rows, a row's beginning.
    """

    mark: str
    blocks: tuple[tuple[int, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Squares:
    """Response squares of a group.

    Attributes:
        runs: Squares by mark, best response first.
        each: Patients that one square stands for.
        width: Width of the drawing.
        height: Height of the drawing.
    """

    runs: tuple[Run, ...]
    each: int
    width: int
    height: int


def response_squares(makeup: Makeup) -> Squares:
    """Lay out one square a patient, 25 a row; in large groups one square stands for several, rounded by largest remainder."""
    each = math.ceil(makeup.total / _MOST_SQUARES)
    counts = _apportioned([count for _, count in makeup.parts], each, makeup.total)
    runs = []
    drawn = 0
    for (mark, _), count in zip(makeup.parts, counts, strict=True):
        runs.append(Run(mark, tuple(_blocks(drawn, count))))
        drawn += count
    return Squares(tuple(runs), each, min(drawn, A_ROW) * PITCH, math.ceil(drawn / A_ROW) * PITCH)


def _blocks(start: int, count: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield the blocks that squares fill, `count` of them from the place `start` on."""
    while count:
        row, column = divmod(start, A_ROW)
        rows = count // A_ROW if not column else 0
        filled = rows * A_ROW or min(count, A_ROW - column)
        yield column * PITCH, row * PITCH, (A_ROW if rows else filled) * PITCH, max(rows, 1) * PITCH
        start, count = start + filled, count - filled


def _apportioned(counts: Sequence[int], each: int, total: int) -> list[int]:
    """Share out the squares; a group with patients keeps at least one."""
    if each == 1:
        return list(counts)
    exact = [count / each for count in counts]
    shares = [max(1, math.floor(value)) for value in exact]
    left = math.ceil(total / each) - sum(shares)
    by_remainder = sorted(range(len(counts)), key=lambda place: (math.floor(exact[place]) - exact[place], place))
    for place in by_remainder[: max(left, 0)]:
        shares[place] += 1
    return shares


# C11, bars of patients and of years

FLOW_WIDTH = 120
YEARS_HEIGHT = 48


def flow_width(n: int, largest: int) -> float:
    """Return the width of a population's bar against the largest in view."""
    return _rounded(FLOW_WIDTH * n / largest) if largest else 0.0


@dataclass(frozen=True, slots=True)
class YearBar:
    """Studies of one year."""

    year: int
    count: int
    x: float
    height: float


def years_strip(counts: dict[int, int], pitch: int = 10) -> tuple[YearBar, ...]:
    """Lay out the studies a year from the first year to the last, empty years included."""
    if not counts:
        return ()
    most = max(counts.values())
    first = min(counts)
    return tuple(
        YearBar(year, counts.get(year, 0), (year - first) * pitch, _rounded(YEARS_HEIGHT * counts.get(year, 0) / most))
        for year in range(first, max(counts) + 1)
    )


def _rounded(value: float) -> float:
    """Return a length with one decimal: enough for a screen, and the same bytes everywhere."""
    return round(value, 1)
