"""Disagreements: opposite or incompatible reports on one question, with what differs and whether the null could tell.

Three kinds of question: a marker and an endpoint, a marker and its direction under treatment, an intervention and an
endpoint. Two findings ask the same of a marker when it is the same term, one term above the other, or the same analyte in
the same class of marker: number and function are never one question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from kb.analysis.intervention_stands import comparison_stands, response_stands
from kb.analysis.listing import Stream
from kb.analysis.selection import Selection
from kb.analysis.stands import MarkerStand, Stand, differences, marker_stands, power_words
from kb.records.index import Index

KINDS = ("marker-endpoint", "marker-direction", "intervention-endpoint")
_TAKES_SIDES = {
    "marker-endpoint": frozenset({"better", "worse", "none"}),
    "marker-direction": frozenset({"increase", "decrease", "no-change"}),
    "intervention-endpoint": frozenset({"better", "worse", "no better", "lower", "higher"}),
}
"""Positions that contradict each other when different cohorts hold them."""
_NULLS = ("none", "no-change", "no better")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A disagreement.

    Attributes:
        kind: One of `KINDS`.
        question: What the reports disagree on, in words.
        sides: Stands by position, the larger side first.
        differs: What the sides have not in common; what may explain the disagreement.
        power: For nulls, whether they could have seen the other's effect.
        shared: Studies on opposite sides that share patients.
    """

    kind: str
    question: str
    sides: Mapping[str, tuple[Stand, ...]]
    differs: tuple[str, ...]
    power: tuple[str, ...]
    shared: tuple[str, ...]


def conflicts(index: Index, selection: Selection, *, kinds: Iterable[str] = KINDS) -> list[Conflict]:
    """Return the disagreements among the selected findings and outcomes, by kind and question.

    Args:
        index: Index of the collection.
        selection: Which findings and outcomes speak.
        kinds: Which kinds of question to look at.
    """
    wanted = set(kinds)
    overlaps = {
        frozenset((study, other)): relation for study, other, relation in index.rows("SELECT study_id, other_id, relation FROM overlaps")
    }
    found: list[Conflict] = []
    if wanted & {"marker-endpoint", "marker-direction"}:
        found += _of_markers(index, selection, overlaps)
    if "intervention-endpoint" in wanted:
        for question, stands in (*comparison_stands(index, selection), *response_stands(index, selection)):
            found += _conflict("intervention-endpoint", question, stands, overlaps)
    return sorted((one for one in found if one.kind in wanted), key=lambda one: (KINDS.index(one.kind), -_cohorts(one), one.question))


def _cohorts(conflict: Conflict) -> int:
    return len({stand.cohort_id for stands in conflict.sides.values() for stand in stands})


def _of_markers(index: Index, selection: Selection, overlaps: Mapping[frozenset[str], str]) -> Iterator[Conflict]:
    held = list(marker_stands(index, selection))
    labels = dict(index.rows("SELECT id, label FROM terms WHERE kind = 'biomarkers'"))
    clusters = _same_question(index, {one.marker for one in held})
    questions: dict[tuple[str, str], list[MarkerStand]] = {}
    for one in held:
        # Directions compare only for the very same measure: a share may fall while a number rises.
        key = (one.family, one.marker if one.family == "change" else clusters[one.marker])
        questions.setdefault(key, []).append(one)
    for (family, name), stands in questions.items():
        kind = "marker-direction" if family == "change" else "marker-endpoint"
        what = "under treatment" if family == "change" else f"and {family}"
        yield from _by_time(kind, f"{labels.get(name, name)} {what}", [one.stand for one in stands], overlaps)


def _same_question(index: Index, used: set[str]) -> Mapping[str, str]:
    """Return for every marker in use the one that its question is named by."""
    above = {(below, ancestor) for ancestor, below in index.rows("SELECT ancestor, descendant FROM closure WHERE kind = 'biomarkers'")}
    analyte = {
        ident: (words.casefold(), kind)
        for ident, words, kind in index.rows("SELECT id, analyte, class FROM terms WHERE kind = 'biomarkers'")
    }
    umbrellas = {ident for (ident,) in index.rows("SELECT id FROM terms WHERE kind = 'biomarkers' AND measure = 'other'")}
    name = {marker: marker for marker in sorted(used)}

    def root(marker: str) -> str:
        while name[marker] != marker:
            marker = name[marker]
        return marker

    for left, right in combinations(sorted(used), 2):
        same_analyte = left in analyte and analyte[left] == analyte.get(right)
        related = ((left, right) in above or (right, left) in above) and not {left, right} & umbrellas
        if same_analyte or related:
            one, other = sorted((root(left), root(right)), key=lambda ident: ((ident, ident) not in above, len(ident), ident))
            name[other] = one
    return {marker: root(marker) for marker in used}


def _by_time(kind: str, question: str, stands: list[Stand], overlaps: Mapping[frozenset[str], str]) -> Iterator[Conflict]:
    """Yield the disagreements at one time of measurement; where there are none, the one across times."""
    times: dict[str, list[Stand]] = {}
    for stand in stands:
        times.setdefault(stand.traits.get("time", "time not stated"), []).append(stand)
    within = [one for time in sorted(times) for one in _conflict(kind, f"{question} ({time})", times[time], overlaps)]
    yield from within or _conflict(kind, question, stands, overlaps)


def _conflict(kind: str, question: str, stands: Iterable[Stand], overlaps: Mapping[frozenset[str], str]) -> Iterator[Conflict]:
    sides: dict[str, list[Stand]] = {}
    for stand in stands:
        sides.setdefault(stand.position, []).append(stand)
    opposed = {position: tuple(found) for position, found in sides.items() if position in _TAKES_SIDES[kind]}
    studies = {position: {stand.study_id for stand in found} for position, found in opposed.items()}
    if not any(one != other and len(one | other) > 1 for one, other in combinations(studies.values(), 2)):
        return
    ordered = dict(sorted(opposed.items(), key=lambda item: (-len({stand.cohort_id for stand in item[1]}), item[0])))
    effects = [stand for position, found in ordered.items() if position not in _NULLS for stand in found]
    nulls = [stand for position in _NULLS for stand in ordered.get(position, ())]
    yield Conflict(
        kind, question, ordered, tuple(differences(ordered)), tuple(power_words(effects, nulls)), tuple(_shared(ordered, overlaps))
    )


def _shared(sides: Mapping[str, tuple[Stand, ...]], overlaps: Mapping[frozenset[str], str]) -> Iterator[str]:
    partners: dict[str, list[str]] = {}
    for pair in overlaps:
        for study in pair:
            partners.setdefault(study, []).extend(pair - {study})
    seen: set[frozenset[str]] = set()
    for one, other in combinations(sides, 2):
        first = {stand.study_id: place for place, stand in reversed(list(enumerate(sides[other])))}
        for left in sides[one]:
            for place in sorted({first[study] for study in partners.get(left.study_id, ()) if study in first}):
                right = sides[other][place]
                pair = frozenset((left.study_id, right.study_id))
                if pair not in seen:
                    seen.add(pair)
                    yield f"{left.label} and {right.label} ({', '.join(sorted(pair))}): {overlaps[pair]}"


COLUMNS = (
    "conflict", "kind", "question", "position", "study_id", "item_id", "study_label", "cohort_id", "said", "n", "p", "differs", "place",
)  # fmt: skip
"""Columns of the disagreements as rows: one a stand, numbered by disagreement."""


def conflict_rows(found: Iterable[Conflict], selection: str) -> Stream:
    """Return disagreements as a table, one stand a row."""
    return Stream(COLUMNS, (tuple(_rows(number, conflict)) for number, conflict in enumerate(found, 1)), selection)


def _rows(number: int, conflict: Conflict) -> Iterator[tuple[Any, ...]]:
    differs = " | ".join(conflict.differs) or None
    for position, stands in conflict.sides.items():
        for stand in stands:
            yield (
                number, conflict.kind, conflict.question, position, stand.study_id, stand.item_id, stand.label, stand.cohort_id,
                stand.said, stand.n, stand.p_printed, differs, stand.place,
            )  # fmt: skip
