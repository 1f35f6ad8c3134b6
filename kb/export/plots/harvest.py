"""The harvest plot: one bar a cohort, by the direction that it tells, as high as the root of its patients."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from kb.analysis.directions import CohortDirection
from kb.analysis.gap_rules import Design
from kb.export.plots.scale import DESIGNS, rounded


@dataclass(frozen=True, slots=True)
class Harvested:
    """A cohort that tells a direction.

    Attributes:
        group: The direction: a key of the groups.
        label: Its study.
        href: Its finding on the site; empty where the picture stands alone.
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
        groups: Directions from left to right.
        width: Width of the drawing.
        height: Height of the drawing.
        ground: Where the bars stand.
        lines: Places and numbers of patients of the grid.
        title: What it shows.
        alt: The same in words.
        key: Name on the page.
        legend: Marks with their words.
    """

    kind: ClassVar[str] = "harvest"
    groups: tuple[HarvestGroup, ...]
    width: float
    height: float
    ground: float
    lines: tuple[tuple[float, int], ...]
    title: str
    alt: str
    key: str
    legend: tuple[tuple[str, str], ...]


Groups = tuple[tuple[str, str], ...]
"""Directions from left to right: key and words."""
MOVES: Groups = (("decrease", "fell"), ("no-change", "no change"), ("mixed", "differs"), ("increase", "rose"))
"""Directions of a marker."""
EFFECTS: Groups = (
    ("worse", "worse"), ("no-difference", "no difference"), ("mixed", "differs"), ("better", "better"), ("told", "in words alone"),
)  # fmt: skip
"""Directions of a result that is told without an effect."""
LINKED = (("linked better", "linked to better outcome"), ("linked worse", "linked to worse outcome"))
"""Legend of the marks above the bars."""
MOST_BARS = 60
"""Above this many cohorts the bars would be too thin to open; the table alone shows them."""
_BAR, _GAP, _BETWEEN, _GROUND, _HEIGHT, _LEAST_GROUP = 15.0, 3.0, 26.0, 150.0, 205.0, 108.0


def harvest(cohorts: Sequence[Harvested], title: str, key: str, directions: Groups = MOVES) -> Harvest:
    """Lay out a harvest plot: height follows the root of the patients, tallest first within a direction.

    Args:
        cohorts: One entry a cohort.
        title: What it shows.
        key: Name on the page.
        directions: The directions, from left to right.
    """
    most = max((one.patients for one in cohorts), default=1) or 1
    x = 34.0
    groups = []
    for kind, label in directions:
        members = sorted((one for one in cohorts if one.group == kind), key=lambda one: (-one.patients, one.label))
        if not members:
            continue
        bars = []
        for place, one in enumerate(members):
            height = max(6.0, 120.0 * math.sqrt(one.patients / most))
            bars.append(HarvestBar(rounded(x + place * (_BAR + _GAP)), rounded(_GROUND - height), rounded(height), one))
        width = max(_LEAST_GROUP, len(members) * (_BAR + _GAP))
        groups.append(
            HarvestGroup(kind, label, rounded(x), rounded(width), len(members), sum(one.patients for one in members), tuple(bars))
        )
        x += width + _BETWEEN
    grid = [n for n in (10, 25, 50, 100, 250, 500, 1000) if n <= most][-2:]
    lines = tuple((rounded(_GROUND - 120.0 * math.sqrt(n / most)), n) for n in grid)
    told = "; ".join(f"{one.label}: {one.count} cohort{'' if one.count == 1 else 's'}, {one.patients} patients" for one in groups)
    legend = (*DESIGNS, *(LINKED if any(one.side for one in cohorts) else ()))
    return Harvest(tuple(groups), rounded(x), _HEIGHT, _GROUND, lines, title, f"{title}. {told or 'No cohort'}.", key, legend)


def harvested(one: CohortDirection, directions: Groups, label: Callable[[str], str], href: Callable[[str, str], str]) -> Harvested:
    """Return a bar for the direction that a cohort tells.

    Args:
        one: The cohort.
        directions: Words of the directions.
        label: Label of a study by its id.
        href: Address of a finding by study and item, or an empty text.
    """
    said = (
        f"{label(one.study_id)}: {dict(directions)[one.way]}, {f'n {one.patients}' if one.patients else 'n not given'}, {one.design.label}"
    )
    said += f", goes with {one.goes_with}" if one.goes_with else ""
    return Harvested(one.way, label(one.study_id), href(one.study_id, one.item_id), one.patients, one.design, one.goes_with, said)
