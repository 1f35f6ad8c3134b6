"""Layouts of the figures that gather several studies and stand on pages alone: circles of the map, completeness."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kb.analysis.gap_rules import Design
from kb.export.plots.scale import rounded

# C7, circles of the gap map


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle cut by design, centred in a square of `CIRCLE`: pieces by CSS class."""

    radius: float
    pieces: tuple[tuple[str, str], ...]


CIRCLE = 34.0


def circle(designs: Mapping[Design, int], cohorts: int, largest: int) -> Circle:
    """Lay out a circle whose area follows the cohorts, with a sector a design, clockwise from the top."""
    radius = rounded(max(3.5, 15.0 * math.sqrt(cohorts / largest))) if largest else 3.5
    middle = CIRCLE / 2
    total = sum(designs.values())
    if len(designs) < 2:
        name = next((design.key for design in designs), "pooled")
        return Circle(
            radius,
            (
                (
                    name,
                    f"M{middle} {rounded(middle - radius)}a{radius} {radius} 0 1 1 0 {2 * radius}a{radius} {radius} 0 1 1 0 {-2 * radius}z",
                ),
            ),
        )
    pieces = []
    start = 0.0
    for design, count in designs.items():
        end = start + count / total
        (x1, y1), (x2, y2) = (
            (rounded(middle + radius * math.sin(turn)), rounded(middle - radius * math.cos(turn)))
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
