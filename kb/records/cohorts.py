"""Independent cohorts: studies that share patients are one.

Whatever counts or pools counts patients once. Every declared overlap joins two studies, in whichever direction it is
declared and whether certain or probable; a cohort is a connected part of that graph. The stricter partition, over
certain overlaps alone, stands beside it, so that a reader can see what rests on probability.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kb.model.terms import Certainty


@dataclass(frozen=True, slots=True)
class Cohort:
    """The cohort of a study.

    Attributes:
        any: Smallest id among the studies that share patients with it, certainly or probably.
        certain: The same over certain overlaps alone.
    """

    any: str
    certain: str


def cohorts(studies: Iterable[str], overlaps: Iterable[tuple[str, str, str]]) -> Mapping[str, Cohort]:
    """Return the cohort of every study.

    Args:
        studies: Ids of the studies in the collection.
        overlaps: Study, other study, certainty. An overlap with a study outside the collection still joins: two
            studies that both overlap with a third share patients, whether the third has a record or not.

    Returns:
        Cohort by study id. The id of a cohort is the smallest id of its members that are in the collection, so the
        order of files does not matter.
    """
    known = sorted(set(studies))
    declared = list(overlaps)
    wide = _components(known, ((left, right) for left, right, _ in declared))
    strict = _components(known, ((left, right) for left, right, certainty in declared if certainty == Certainty.CERTAIN.value))
    return {study: Cohort(wide[study], strict[study]) for study in known}


def _components(known: list[str], edges: Iterable[tuple[str, str]]) -> dict[str, str]:
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        top = node
        while (above := parent.setdefault(top, top)) != top:
            top = above
        while parent[node] != top:
            parent[node], node = top, parent[node]
        return top

    for left, right in edges:
        parent[root(left)] = root(right)
    smallest: dict[str, str] = {}
    for study in known:  # in sorted order, so the first of a part names it
        smallest.setdefault(root(study), study)
    return {study: smallest[root(study)] for study in known}
