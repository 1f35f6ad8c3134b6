"""What a fact of a study speaks of: the arms and diseases that it inherits from its population.

A population without diseases has those of the population that it lies within; where that states none either, it is
mixed and has those of its parts. A population without arms covers those of its parent, and in the end all arms of the
study. A loop of `within` ends the walk; `kb check` reports it.
"""

from __future__ import annotations

from collections.abc import Iterator

from kb.model.findings import Change, Level, MarkerAssociation, MarkerContrast
from kb.model.outcomes import AdverseEvent, Outcome
from kb.model.study import Population, Study

Item = Outcome | AdverseEvent | Level | Change | MarkerContrast | MarkerAssociation
"""A fact that hangs on a population and may name its arms."""


def lineage(study: Study, population: str) -> Iterator[tuple[str, Population]]:
    """Yield a population and those that it lies within, innermost first; unknown ids end the walk."""
    seen: set[str] = set()
    here: str | None = population
    while here is not None and here not in seen and here in study.populations:
        seen.add(here)
        found = study.populations[here]
        yield here, found
        here = found.within


def conditions_of(study: Study, population: str) -> tuple[str, ...]:
    """Return the diseases of a population: its own, inherited, or those of its parts; empty when none is stated."""
    above = next((found.conditions for _, found in lineage(study, population) if found.conditions), ())
    if above:
        return above
    parts = (ident for ident in study.populations if any(name == population for name, _ in lineage(study, ident)))
    return tuple(dict.fromkeys(condition for ident in parts for condition in study.populations[ident].conditions))


def arms_of_population(study: Study, population: str) -> tuple[str, ...]:
    """Return the arms that a population covers: its own, inherited, or all of the study."""
    return next((found.arms for _, found in lineage(study, population) if found.arms), tuple(study.arms))


def named_arms(item: Item) -> tuple[str, ...]:
    """Return the arms that a fact names or compares; empty when it speaks of those of its population."""
    if item.arms:
        return item.arms
    comparison = item.__dict__.get("comparison")  # asking a model for what its kind lacks takes as long as the rest
    if comparison is not None and (comparison.arms or comparison.versus):
        return tuple(dict.fromkeys((*comparison.arms, *comparison.versus)))
    return ()


def arms_of_item(study: Study, item: Item) -> tuple[str, ...]:
    """Return the arms that a fact speaks of: those that it names, those it compares, or its population's."""
    return named_arms(item) or arms_of_population(study, item.population)
