"""Every picture that an answer of `kb meta` can be drawn as."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kb.analysis.effects import MEASURES, NotEstimableError
from kb.analysis.meta_report import ECOLOGICAL_CAUTION, Direction, Report
from kb.export.plots.albatross import Bird, albatross, bird
from kb.export.plots.bubble import bubble
from kb.export.plots.forest import forest
from kb.export.plots.funnel import CAUTION, funnel
from kb.export.plots.harvest import EFFECTS, MOVES, harvest, harvested
from kb.export.plots.picture import Figure, picture
from kb.export.plots.scale import cleaned

DIRECTIONS = ("harvest", "albatross")
"""Kinds that show directions, not effects."""
COUNT_CAUTION = "Counts of directions are no test, and say nothing of the size of an effect."
_P_CAUTION = "P depends on the patients: the contours, not the places, tell effects of one size."


_MARKER = "--biomarker MARKER asks for the directions of a marker"


def _endpoint(report: Report) -> str:
    return report.title.removesuffix(f", {MEASURES[report.synthesis.measure].label}")


def _harvest(report: Report) -> Figure:
    directions = MOVES if report.marker else EFFECTS
    title = f"{report.marker}: direction of change, cohort by cohort" if report.marker else f"{_endpoint(report)}: told without an effect"
    if not report.moves:
        raise NotEstimableError(
            f"no selected study says how {report.marker} moved" if report.marker else f"no result is told so; {_MARKER}"
        )
    return harvest([harvested(one, directions, _label(report), _nowhere) for one in report.moves], title, "harvest", directions)


def _albatross(report: Report) -> Figure:
    if report.marker:
        birds = [bird(one, _label(report), _nowhere) for one in report.associations]
        title, what = f"{report.marker}: associations by P and patients", f"association of {report.marker} with an endpoint of this kind"
    else:
        birds = [found for one in report.directions if (found := _told_bird(one)) is not None]
        title, what = f"{_endpoint(report)}: told by P and patients alone", "result without an effect"
    if not birds:
        more = "" if report.marker else f"; {_MARKER}"
        raise NotEstimableError(f"no {what} says better or worse and prints both P and the patients{more}")
    return albatross(birds, title, "albatross")


def _told_bird(one: Direction) -> Bird | None:
    from kb.analysis.gap_rules import Design
    from kb.model.quantities import Quantity

    if one.way not in ("better", "worse") or not one.n or not one.p:
        return None
    try:
        p = Quantity(one.p)
    except ValueError:  # words such as NS give no number
        return None
    if p.operator in (">", ">=") or not 0 < p.value < 1:
        return None
    words = f"{one.label}: {one.said}, P {one.p}, n {one.n}"
    return Bird(one.label, "", p.value, one.n, one.way == "better", p.operator in ("<", "<="), Design[one.design.upper()], cleaned(words))


def _label(report: Report) -> Callable[[str], str]:
    """Return labels of studies; two of one author and year carry their ids."""
    named = {one.study_id: one.label for one in report.moves} | {one.stand.study_id: one.stand.label for one in report.associations}
    held = list(named.values())
    return lambda study: named[study] if held.count(named[study]) == 1 else f"{named[study]} [{study}]"


def _nowhere(study: str, item: str) -> str:
    return ""


FIGURES: Mapping[str, tuple[Callable[[Report], Figure], str]] = {
    "forest": (forest, ""),
    "funnel": (funnel, CAUTION),
    "bubble": (bubble, ECOLOGICAL_CAUTION),
    "harvest": (_harvest, COUNT_CAUTION),
    "albatross": (_albatross, _P_CAUTION),
}
"""By kind: its layout, and what a reader must be told with it."""


def figures_of(report: Report, kinds: Sequence[str]) -> tuple[Figure, ...]:
    """Return the figures of some kinds, but for those that the answer does not bear."""
    found = []
    for kind in kinds:
        try:
            found.append(FIGURES[kind][0](report))
        except NotEstimableError:  # too few studies: the page shows them all the same
            continue
    return tuple(found)


def drawn_as(kind: str, report: Report, render: Callable[..., str], *, numbers: Sequence[str], cite: Callable[[str], str]) -> str:
    """Return an answer of `kb meta` as one SVG.

    Args:
        kind: One of `FIGURES`.
        report: The answer.
        render: Renders the template of pictures from its names.
        numbers: What the answer says in numbers, in lines that stand below.
        cite: Says how to cite a picture of a title.

    Raises:
        NotEstimableError: If the answer does not hold what such a picture shows; says what is missing.
    """
    make, caution = FIGURES[kind]
    figure = make(report)
    pooled = kind not in DIRECTIONS
    labels = [f"put together: {one}" for one in report.labels] if pooled else []
    return picture(
        [figure], render, title=figure.title, description=f"{' '.join(numbers)} Selection: {report.selection}.",
        head=[f"selection: {report.selection}"], foot=[*numbers, *labels, caution, cite(figure.title)],
    )  # fmt: skip
