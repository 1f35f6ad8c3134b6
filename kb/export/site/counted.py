"""Who was counted, and the response that a reader looks for first: denominators, response squares, main result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kb.analysis import phrases
from kb.analysis.sentence import main_result
from kb.analysis.shares import Makeup
from kb.export.site.charts import Squares, flow_width, response_squares
from kb.export.site.frame import Value
from kb.export.site.rows import Ground, Marked, Shown, shown
from kb.model.results import Proportion
from kb.model.scope import conditions_of
from kb.model.terms import Absence, VocabularyKind


@dataclass(frozen=True, slots=True)
class PopulationRow:
    """One denominator: its place in the tree, its number and bar."""

    marked: Marked
    depth: int
    name: str
    n: Value
    basis: str
    width: float
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SquaresView:
    """Response squares with their words."""

    drawing: Squares
    title: str
    legend: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class MainResult:
    """The result that a reader looks for first."""

    endpoint: str
    patients: str
    anchor: str
    shown: Shown | None
    words: str


def population_rows(ground: Ground) -> Iterator[PopulationRow]:
    """Yield the denominators as a tree: each after the one that it lies within."""
    study = ground.teller.study
    largest = max((found.n for found in study.populations.values() if isinstance(found.n, int)), default=0)
    children: dict[str | None, list[str]] = {}
    for ident, found in study.populations.items():
        within = found.within if found.within in study.populations and found.within != ident else None
        children.setdefault(within, []).append(ident)
    placed: list[tuple[str, int]] = []
    stack = [(ident, 0) for ident in reversed(children.get(None, []))]
    while stack:
        ident, depth = stack.pop()
        placed.append((ident, depth))
        stack += [(child, depth + 1) for child in reversed(children.get(ident, []))]
    reached = {ident for ident, _ in placed}
    # A loop of `within` reaches no root; its members still show.
    placed += [(ident, 0) for ident in study.populations if ident not in reached]
    for ident, depth in placed:
        yield _population(ground, ident, min(depth, 4), largest)


def _population(ground: Ground, ident: str, depth: int, largest: int) -> PopulationRow:
    teller = ground.teller
    found = teller.study.populations[ident]
    diseases = [teller.term(VocabularyKind.CONDITIONS, term) for term in conditions_of(teller.study, ident)]
    details = [phrases.listed(diseases)] if diseases else []
    if found.arms and len(found.arms) < len(teller.study.arms):
        details.append(("arm " if len(found.arms) == 1 else "arms ") + phrases.listed(found.arms))
    if found.characteristics is not None:
        details += [
            f"{name.replace('_', ' ')}: {value}"
            for name in type(found.characteristics).model_fields
            if name != "source" and (value := getattr(found.characteristics, name)) is not None
        ]
    absent = isinstance(found.n, Absence)
    return PopulationRow(
        marked=ground.marked(("populations", ident), found.source, note=found.note),
        depth=depth,
        name=found.label or found.basis.label,
        n=Value(found.n.label if isinstance(found.n, Absence) else str(found.n), absent=absent),
        basis=found.basis.label if found.label else "",
        width=flow_width(found.n, largest) if isinstance(found.n, int) else 0.0,
        details=tuple(details),
    )


def main_view(ground: Ground) -> MainResult | None:
    """Return the main counted response, or None where the record has none."""
    study, vocabulary = ground.teller.study, ground.teller.vocabulary
    found = main_result(study, vocabulary)
    if found is None:
        return None
    ident, outcome = found
    result = outcome.result
    drawn = shown(result, result.total or 0) if isinstance(result, Proportion) else None
    return MainResult(
        endpoint=vocabulary.label(VocabularyKind.ENDPOINTS, outcome.endpoint),
        patients=phrases.population(study, outcome.population, vocabulary),
        anchor=ground.anchors["outcomes", ident],
        shown=drawn,
        words=phrases.result(result),
    )


MARK_WORDS = {
    "complete": "complete response",
    "partial": "partial response",
    "responded": "objective response, grade not split",
    "minor": "minor response",
    "mixed": "mixed response",
    "stable": "stable disease",
    "progressive": "progressive disease",
    "rest": "everyone else counted",
}

"""Words of the response squares."""


def squares_view(ground: Ground, makeup: Makeup) -> SquaresView:
    """Return the response squares of a group, with their words."""
    title = ground.teller.population(makeup.population)
    if makeup.arms:
        title += f", {'arm' if len(makeup.arms) == 1 else 'arms'} {phrases.listed(makeup.arms)}"
    legend = tuple((mark, MARK_WORDS[mark], count) for mark, count in makeup.parts)
    return SquaresView(response_squares(makeup), title, legend)
