"""The albatross plot: P values and numbers of patients alone, with contours of equal correlation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar

from kb.analysis.gap_rules import Design, design_of
from kb.analysis.stands import MarkerStand
from kb.export.plots.scale import DESIGNS, rounded

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Bird:
    """An association with its P value and number of patients.

    Attributes:
        label: Study.
        href: Finding on the site; empty where the picture stands alone.
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
        legend: Marks with their words.
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
    legend: tuple[tuple[str, str], ...] = (
        *DESIGNS, ("bound", "P printed as a bound"), ("contour", "P that a correlation r gives at that number of patients"),
    )  # fmt: skip


ENOUGH_BIRDS = 5
"""Below this many points the plot shows nothing that the table does not."""
_CENTRE, _HALF, _TOP, _FLOOR, _STRONGEST = 330.0, 270.0, 16.0, 290.0, 4.0


def albatross(birds: Sequence[Bird], title: str, key: str) -> Albatross:
    """Lay out an albatross plot: P on a logarithmic axis signed by direction, patients by their root.

    Contours hold the P value that a correlation r gives at n patients, two-sided, P = 2 (1 - Phi(r sqrt n)), the rule by
    which `kb conflicts` tells whether a null could have seen an effect (Harrison et al. 2017, doi:10.1002/jrsm.1239).
    """
    most = max([*(bird.n for bird in birds), 50])
    limit = math.sqrt(most * 1.15)

    def across(p: float, better: bool) -> float:
        reach = min(-math.log10(max(p, 1e-12)), _STRONGEST) / _STRONGEST * _HALF
        return rounded(_CENTRE + reach if better else _CENTRE - reach)

    def up(n: float) -> float:
        return rounded(_FLOOR - (_FLOOR - _TOP) * math.sqrt(n) / limit)

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
    alt = f"{title}. {len(birds)} association{'' if len(birds) == 1 else 's'} with P and n: {good} go with benefit, {len(birds) - good} with worse outcome."
    return Albatross(points, tuple(contours), tuple(xs), tuple(ys), _CENTRE, 2 * _CENTRE, _FLOOR + 40, title, alt, key)


def bird(one: MarkerStand, label: Callable[[str], str], href: Callable[[str, str], str]) -> Bird:
    """Return a point for an association with its P value and patients.

    Args:
        one: An association as `kb.analysis.directions.with_p_and_n` yields it.
        label: Label of a study by its id.
        href: Address of a finding by study and item, or an empty text.
    """
    stand = one.stand
    words = f"{label(stand.study_id)}: {stand.traits.get('endpoint', '')}, {stand.position}, P {stand.p_printed}, n {stand.n}"
    design = design_of(stand.traits.get("design", ""), stand.traits.get("allocation", ""))
    return Bird(
        label(stand.study_id), href(stand.study_id, stand.item_id), stand.p or 1.0, stand.n or 0, stand.position == "better", stand.p_bound,
        design, words,
    )  # fmt: skip
