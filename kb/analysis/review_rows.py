"""Counted arms for tools that make a review: one row for each set of arms of each independent cohort, endpoint by endpoint."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.analysis.evidence_candidates import Candidate, candidates
from kb.analysis.evidence_rows import KINDS, Choice, choose
from kb.analysis.pools import asked_endpoints
from kb.analysis.selection import Selection
from kb.analysis.selection_sql import REGIMEN_OPTIONS
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
        rows: Chosen arms, by year and label of their study.
        excluded: What stays out, with the reason.
    """

    endpoint: str
    label: str
    rows: tuple[Candidate, ...]
    excluded: tuple[Exclusion, ...]


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
        found = candidates(index, rest, endpoint)
        chosen = choose(index, [one for one in found.found if one.study_id in here], Choice(frozenset(KINDS)))
        if chosen.rows:
            out = tuple(one for one in found.excluded if one.study_id in here)
            yield Arms(endpoint, index.label("endpoints", endpoint), chosen.rows, (*out, *chosen.excluded))


def study_labels(rows: Sequence[Candidate]) -> dict[str, str]:
    """Return a label for each study; two studies of one author and year carry their ids."""
    names = {one.study_id: one.label for one in rows}
    held = list(names.values())
    return {study: name if held.count(name) == 1 else f"{name} [{study}]" for study, name in names.items()}


def network(arms: Arms) -> tuple[tuple[Node, ...], tuple[Exclusion, ...]]:
    """Return the nodes of a network of treatments, and the arms that cannot be part of one, with the reason."""
    studies: dict[str, dict[str, list[Candidate]]] = {}
    out: list[Exclusion] = []
    for one in arms.rows:
        if one.design != "randomised":
            out.append(_left(one, "not a randomised comparison"))
        elif (name := _treatment(one)) is None:
            out.append(_left(one, "what was given is not in what was read"))
        else:
            studies.setdefault(one.study_id, {}).setdefault(name, []).append(one)
    labels = study_labels(arms.rows)
    nodes: list[Node] = []
    for study, given in studies.items():
        if len(given) < 2:
            out += [_left(one, "one treatment is counted in its study: nothing to compare") for held in given.values() for one in held]
            continue
        nodes += [
            Node(
                study, labels[study], name, sum(one.events for one in held), sum(one.total for one in held),
                tuple(one.item_id for one in held),
            )
            for name, held in given.items()
        ]  # fmt: skip
    return tuple(nodes), tuple(out)


def treatment(one: Candidate) -> str | None:
    """Return the class of a regimen with its agents in words; None where no agent is told: a class alone would join strangers."""
    agents = one.traits["agents"]
    return f"{one.traits['regimen-class']}: {agents}" if agents else None


def _treatment(one: Candidate) -> str | None:
    words = treatment(one)
    return re.sub(r"[^A-Za-z0-9]+", "_", words or "").strip("_") or None


def _left(one: Candidate, reason: str) -> Exclusion:
    return Exclusion(one.label, one.place, reason, one.study_id, one.item_id)
