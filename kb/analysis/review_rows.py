"""Counted arms for tools that make a review: one row for each set of arms of each independent cohort, endpoint by endpoint."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from kb.analysis.evidence_candidates import Candidate, candidates
from kb.analysis.evidence_rows import KINDS, Choice, Chooser, Told
from kb.analysis.pools import asked_endpoints
from kb.analysis.selection import Selection
from kb.analysis.selection_sql import REGIMEN_OPTIONS
from kb.analysis.spool import Spool, joined
from kb.analysis.synthesis import Exclusion

if TYPE_CHECKING:
    from kb.records.index import Index

RULES = (
    "counts are patients, raw, never corrected; kinds of criteria and of populations stand together and are named in columns",
    "a selection chooses whole studies: the arms that a regimen asked for was compared with are here, too",
    "within a study, for each set of arms: printed counts before sums before counts from a percentage, assigned before evaluable "
    "populations, then the latest report, then most patients; arms apart before arms together",
    "of studies that share patients, certainly or probably, the one that is not an earlier cut of another, then that with most "
    "patients, then the latest",
)
NETWORK_RULES = (
    "networks hold randomised arms alone, of studies in which two treatments or more were counted",
    "a treatment is the class of the regimen with its agents; arms of one study under one treatment are added up",
)


@dataclass(frozen=True, slots=True)
class Arms:
    """Counted arms on one endpoint.

    Attributes:
        endpoint: Id of the endpoint.
        label: Its label.
        rows: Chosen arms, by year and label of their study; those of a study stand together.
        excluded: What stays out, with the reason.
    """

    endpoint: str
    label: str
    rows: Sequence[Candidate]
    excluded: Sequence[Exclusion]


@dataclass(frozen=True, slots=True)
class Node:
    """Patients of one study under one treatment.

    Attributes:
        study_id: Study.
        label: First author and year, with the study's id where two studies would share it.
        treatment: Letters, digits and underscores.
        events: Patients with the event.
        total: Patients.
        items: Outcomes that the counts come from.
    """

    study_id: str
    label: str
    treatment: str
    events: int
    total: int
    items: tuple[str, ...]


def counted_arms(index: Index, selection: Selection, studies: Collection[str]) -> Iterator[Arms]:
    """Yield the counted arms of a selection by endpoint; without an endpoint asked for, of every one that is counted.

    Args:
        index: Index of the collection.
        selection: Which outcomes speak; what it says of regimens has chosen the studies.
        studies: Studies of the selection.
    """
    endpoints, asked = asked_endpoints(index, selection)
    rest = asked.without(*REGIMEN_OPTIONS)
    here = frozenset(studies)
    for endpoint in endpoints:
        chooser, told = Chooser(index, Choice(frozenset(KINDS))), Told()
        for group in candidates(index, rest, endpoint):
            # Studies that share patients need not all be of the selection.
            kept = replace(
                group, **{name: tuple(one for one in getattr(group, name) if one.study_id in here) for name in ("found", "excluded")}
            )
            told.add(kept)
            chooser.add(kept.found)
        chosen = chooser.chosen()
        if chosen.rows:
            yield Arms(endpoint, index.label("endpoints", endpoint), chosen.rows, joined(told.excluded.settled(), chosen.excluded))


def shared_names(named: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Return the names that two studies share, of pairs of name and study."""
    pairs: Spool[tuple[str, str]] = Spool()
    for name, study in named:
        pairs.add((name, study), name, study)
    by_name = groupby(pairs.settled(), key=lambda pair: pair[0])
    return frozenset(name for name, held in by_name if any(before[1] != after[1] for before, after in pairwise(held)))


def study_name(one: Candidate, shared: Collection[str]) -> str:
    """Return a name for a study that no other study has."""
    return f"{one.label} [{one.study_id}]" if one.label in shared else one.label


def network(arms: Arms) -> tuple[Sequence[Node], Sequence[Exclusion]]:
    """Return the nodes of a network of treatments, and the arms that cannot be part of one, with the reason."""
    nodes: Spool[Node] = Spool()
    unfit: Spool[Exclusion] = Spool()
    alone: Spool[Exclusion] = Spool()
    shared = shared_names((one.label, one.study_id) for one in arms.rows)
    for _, held in groupby(arms.rows, key=lambda one: one.study_id):
        given: dict[str, list[Candidate]] = {}
        for one in held:
            if one.design != "randomised":
                unfit.add(_left(one, "not a randomised comparison"))
            elif (name := _treatment(one)) is None:
                unfit.add(_left(one, "what was given is not in what was read"))
            else:
                given.setdefault(name, []).append(one)
        for name, together in given.items():
            if len(given) < 2:
                for one in together:
                    alone.add(_left(one, "one treatment is counted in its study: nothing to compare"))
            else:
                nodes.add(_node(name, together, shared))
    return nodes.settled(), joined(unfit.settled(), alone.settled())


def _node(name: str, together: Sequence[Candidate], shared: Collection[str]) -> Node:
    events, total = sum(one.events for one in together), sum(one.total for one in together)
    first = together[0]
    return Node(first.study_id, study_name(first, shared), name, events, total, tuple(one.item_id for one in together))


def treatment(one: Candidate) -> str | None:
    """Return the class of a regimen with its agents in words; None where no agent is told: a class alone would join strangers."""
    agents = one.traits["agents"]
    return f"{one.traits['regimen-class']}: {agents}" if agents else None


def _treatment(one: Candidate) -> str | None:
    words = treatment(one)
    return re.sub(r"[^A-Za-z0-9]+", "_", words or "").strip("_") or None


def _left(one: Candidate, reason: str) -> Exclusion:
    return Exclusion(one.label, one.place, reason, one.study_id, one.item_id)
