"""Layouts of the figures that gather several studies: harvest, albatross, circles of the map, matrix cells, completeness."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar

from kb.analysis.gap_rules import Design

_NORMAL = NormalDist()


def _rounded(value: float) -> float:
    return round(value, 1) + 0.0


# C4, the harvest: one bar a cohort


@dataclass(frozen=True, slots=True)
class Harvested:
    """A cohort that says how the marker moved.

    Attributes:
        group: How it moved.
        label: Its study.
        href: Its finding.
        patients: Patients, or 0 where not given.
        design: Design of the study.
        side: `better`, `worse` or empty: what the same cohort says of benefit.
        words: The whole in words.
    """

    group: str
    label: str
    href: str
    patients: int
    design: Design
    side: str
    words: str


@dataclass(frozen=True, slots=True)
class HarvestBar:
    """One bar: its place, and what it stands for."""

    x: float
    y: float
    height: float
    one: Harvested


@dataclass(frozen=True, slots=True)
class HarvestGroup:
    """Bars of one direction with the place of their label."""

    key: str
    label: str
    x: float
    width: float
    count: int
    patients: int
    bars: tuple[HarvestBar, ...]


@dataclass(frozen=True, slots=True)
class Harvest:
    """A harvest plot.

    Attributes:
        groups: Decrease, no change, mixed, increase.
        width: Width of the drawing.
        height: Height of the bars' ground.
        lines: Places and numbers of patients of the grid.
        title: What it shows.
        alt: The same in words.
        key: Name on the page.
    """

    kind: ClassVar[str] = "harvest"
    groups: tuple[HarvestGroup, ...]
    width: float
    height: float
    lines: tuple[tuple[float, int], ...]
    title: str
    alt: str
    key: str


HARVEST_GROUPS = (("decrease", "fell"), ("no-change", "no change"), ("mixed", "differs"), ("increase", "rose"))
MOST_BARS = 60
"""Above this many cohorts the bars would be too thin to open; the table alone shows them."""
_BAR, _GAP, _BETWEEN, _GROUND, _LEAST_GROUP = 15.0, 3.0, 26.0, 150.0, 92.0


def harvest(cohorts: Sequence[Harvested], title: str, key: str) -> Harvest:
    """Lay out a harvest plot: height follows the root of the patients, tallest first within a direction.

    Args:
        cohorts: One entry a cohort.
        title: What it shows.
        key: Name on the page.
    """
    most = max((one.patients for one in cohorts), default=1) or 1
    x = 34.0
    groups = []
    for kind, label in HARVEST_GROUPS:
        members = sorted((one for one in cohorts if one.group == kind), key=lambda one: (-one.patients, one.label))
        if not members:
            continue
        bars = []
        for place, one in enumerate(members):
            height = max(6.0, 120.0 * math.sqrt(one.patients / most))
            bars.append(HarvestBar(_rounded(x + place * (_BAR + _GAP)), _rounded(_GROUND - height), _rounded(height), one))
        width = max(_LEAST_GROUP, len(members) * (_BAR + _GAP))
        groups.append(
            HarvestGroup(kind, label, _rounded(x), _rounded(width), len(members), sum(one.patients for one in members), tuple(bars))
        )
        x += width + _BETWEEN
    grid = [n for n in (10, 25, 50, 100, 250, 500, 1000) if n <= most][-2:]
    lines = tuple((_rounded(_GROUND - 120.0 * math.sqrt(n / most)), n) for n in grid)
    told = "; ".join(f"{one.label}: {one.count} cohorts, {one.patients} patients" for one in groups)
    return Harvest(tuple(groups), _rounded(x), _GROUND, lines, title, f"{title}. {told}.", key)


# C5, the albatross: P and n alone


@dataclass(frozen=True, slots=True)
class Bird:
    """An association with its P value and number of patients.

    Attributes:
        label: Study.
        href: Finding.
        p: P value.
        n: Patients.
        better: Whether it goes with benefit.
        bound: Whether the P value is only an upper bound.
        design: Design of the study.
        words: The whole in words.
    """

    label: str
    href: str
    p: float
    n: int
    better: bool
    bound: bool
    design: Design
    words: str


@dataclass(frozen=True, slots=True)
class AlbatrossPoint:
    """A point: place, arrow length towards stronger evidence for a bound, and what it stands for."""

    x: float
    y: float
    arrow: float
    bird: Bird


@dataclass(frozen=True, slots=True)
class Albatross:
    """An albatross plot.

    Attributes:
        points: Associations.
        contours: Outline of equal correlation on either side, with its label and the label's place.
        xs: Ticks of P: place and words.
        ys: Ticks of n: place and words.
        centre: Place of P = 1.
        width: Width of the drawing.
        height: Height of the drawing.
        title: What it shows.
        alt: The same in words.
        key: Name on the page.
    """

    kind: ClassVar[str] = "albatross"
    points: tuple[AlbatrossPoint, ...]
    contours: tuple[tuple[str, str, float, float], ...]
    xs: tuple[tuple[float, str], ...]
    ys: tuple[tuple[float, str], ...]
    centre: float
    width: float
    height: float
    title: str
    alt: str
    key: str


ENOUGH_BIRDS = 5
"""Below this many points the plot shows nothing that the table does not."""
_CENTRE, _HALF, _TOP, _FLOOR, _STRONGEST = 330.0, 270.0, 16.0, 290.0, 4.0


def albatross(birds: Sequence[Bird], title: str, key: str) -> Albatross:
    """Lay out an albatross plot: P on a logarithmic axis signed by direction, patients by their root.

    Contours hold the P value that a correlation r gives at n patients, two-sided, P = 2 (1 - Phi(r sqrt n)), the rule by
    which `kb conflicts` tells whether a null could have seen an effect (Harrison 2017).
    """
    most = max([*(bird.n for bird in birds), 50])
    limit = math.sqrt(most * 1.15)

    def across(p: float, better: bool) -> float:
        reach = min(-math.log10(max(p, 1e-12)), _STRONGEST) / _STRONGEST * _HALF
        return _rounded(_CENTRE + reach if better else _CENTRE - reach)

    def up(n: float) -> float:
        return _rounded(_FLOOR - (_FLOOR - _TOP) * math.sqrt(n) / limit)

    points = tuple(
        AlbatrossPoint(across(bird.p, bird.better), up(bird.n), (10.0 if bird.better else -10.0) if bird.bound else 0.0, bird)
        for bird in birds
    )
    contours = []
    for r in (0.2, 0.35, 0.5):
        for better in (True, False):
            path = []
            for step in range(41):
                n = (limit * step / 40) ** 2
                p = 2 * (1 - _NORMAL.cdf(r * math.sqrt(n)))
                if p < 10**-_STRONGEST:
                    break
                path.append((across(p, better), up(n)))
            drawn = "M" + "L".join(f"{x} {y}" for x, y in path)
            contours.append((drawn, f"r {r}", path[-1][0], path[-1][1]))
    xs = [(across(p, better), f"{p:g}") for p in (0.05, 0.01, 0.001) for better in (False, True)] + [(_CENTRE, "1")]
    ys = [(up(n), str(n)) for n in (10, 25, 50, 100, 250, 500, 1000) if n <= most * 1.15]
    good = sum(bird.better for bird in birds)
    alt = f"{title}. {len(birds)} associations with P and n: {good} go with benefit, {len(birds) - good} with worse outcome."
    return Albatross(points, tuple(contours), tuple(xs), tuple(ys), _CENTRE, 2 * _CENTRE, _FLOOR + 40, title, alt, key)


# C7, circles of the gap map


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle cut by design, centred in a square of `CIRCLE`: pieces by CSS class."""

    radius: float
    pieces: tuple[tuple[str, str], ...]


CIRCLE = 34.0


def circle(designs: Mapping[Design, int], cohorts: int, largest: int) -> Circle:
    """Lay out a circle whose area follows the cohorts, with a sector a design, clockwise from the top."""
    radius = _rounded(max(3.5, 15.0 * math.sqrt(cohorts / largest))) if largest else 3.5
    middle = CIRCLE / 2
    total = sum(designs.values())
    if len(designs) < 2:
        name = next((design.key for design in designs), "pooled")
        return Circle(
            radius,
            (
                (
                    name,
                    f"M{middle} {_rounded(middle - radius)}a{radius} {radius} 0 1 1 0 {2 * radius}a{radius} {radius} 0 1 1 0 {-2 * radius}z",
                ),
            ),
        )
    pieces = []
    start = 0.0
    for design, count in designs.items():
        end = start + count / total
        (x1, y1), (x2, y2) = (
            (_rounded(middle + radius * math.sin(turn)), _rounded(middle - radius * math.cos(turn)))
            for turn in (2 * math.pi * start, 2 * math.pi * end)
        )
        pieces.append((design.key, f"M{middle} {middle}L{x1} {y1}A{radius} {radius} 0 {int(end - start > 0.5)} 1 {x2} {y2}z"))
        start = end
    return Circle(radius, tuple(pieces))


# C9, completeness


@dataclass(frozen=True, slots=True)
class Presence:
    """A row of the completeness grid: one mark a field, drawn on a grid of `STEP`."""

    marks: tuple[tuple[str, float], ...]
    width: float
    words: str


STEP = 22.0
PRESENCE = ("given", "not-reported", "not-read", "blank")


def presence(kinds: Iterable[str], words: str) -> Presence:
    """Lay out the marks of a study, one a field, in the order of the fields; a blank one has no mark."""
    found = tuple(kinds)
    return Presence(tuple((kind, place * STEP) for place, kind in enumerate(found) if kind != "blank"), len(found) * STEP, words)
