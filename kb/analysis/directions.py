"""Directions of a marker without an effect size: how it moved in each cohort, and where P and the patients are known.

This is what a harvest plot (Ogilvie et al. 2008, doi:10.1186/1471-2288-8-8) and an albatross plot (Harrison et al. 2017,
doi:10.1002/jrsm.1239) are drawn from; nothing here enters a pool.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from kb.analysis.board import Move, Side, collapsed_move, collapsed_side, move_of, side_of
from kb.analysis.gap_rules import Design, design_of
from kb.analysis.meta_report import Direction as TextDirection
from kb.analysis.selection import Selection
from kb.analysis.selection_sql import selected
from kb.analysis.stands import MarkerStand
from kb.model.terms import Association, Comparison, Direction, EndpointKind, Favours, NullBasis
from kb.records.index import Index


@dataclass(frozen=True, slots=True)
class CohortDirection:
    """The direction that one independent cohort tells: how a marker moved in it, or how a result lies.

    Attributes:
        study_id: Study of the first item that tells it.
        item_id: That item.
        label: First author and year of the study.
        way: A value of `Move`; of a result `better`, `worse`, `no-difference` or `told`. `mixed` where the cohort's items differ.
        goes_with: `better` or `worse` where the same cohort links the marker to outcome, else empty.
        patients: Largest number of patients that an item speaks of; 0 where none is known.
        design: Strongest design of the studies that tell it.
    """

    study_id: str
    item_id: str
    label: str
    way: str
    goes_with: str
    patients: int
    design: Design


@dataclass(frozen=True, slots=True)
class _Told:
    study: str
    item: str
    label: str
    move: Move | None
    side: Side | None
    n: int
    design: Design


_SQL = """
  SELECT f.study_id, f.item_id, s.label, s.cohort_id, f.kind, f.direction, f.versus, f.only_in, f.association, f.basis, t.class, t.favours,
         coalesce(f.n, f.population_n), s.design, s.allocation
  FROM findings f JOIN studies s USING (study_id) LEFT JOIN terms t ON t.kind = 'endpoints' AND t.id = f.endpoint
  WHERE f.kind IN ('change', 'association') AND f.biomarker IN ({})
  ORDER BY coalesce(s.year, 9999), f.study_id, f.position
"""


def cohort_moves(index: Index, selection: Selection, markers: Collection[str]) -> list[CohortDirection]:
    """Return how markers moved against the state before treatment, cohort by cohort, by year.

    Args:
        index: Index of the collection.
        selection: Which findings speak.
        markers: Ids of the marker and of what is narrower.
    """
    kept = set(selected(index, selection, "findings"))
    cohorts: dict[str, list[_Told]] = {}
    for row in index.rows(_SQL.format(", ".join("?" * len(markers))), sorted(markers)):
        if (row[0], row[1]) in kept:
            cohorts.setdefault(row[3], []).append(_told(row))
    return [found for told in cohorts.values() if (found := _of_cohort(told)) is not None]


def _told(row: tuple[Any, ...]) -> _Told:
    study, item, label, _, kind, direction, versus, only_in, association, basis, endpoint, favours, n, design, allocation = row
    move = side = None
    if kind == "change":
        move = move_of(_member(Direction, direction), _member(Comparison, versus), only_in_a_group=only_in is not None)
    else:
        side = side_of(
            _member(Association, association), _member(NullBasis, basis), _member(EndpointKind, endpoint), _member(Favours, favours)
        )
    return _Told(study, item, label, move, side, n or 0, design_of(design, allocation))


def _member(terms: Any, value: str | None) -> Any:
    return None if value is None else terms(value)


def _of_cohort(told: Iterable[_Told]) -> CohortDirection | None:
    held = list(told)
    moving = [one for one in held if one.move is not None]
    move = collapsed_move(one.move for one in moving if one.move)
    if move is None:
        return None
    side = collapsed_side(one.side for one in held if one.side)
    good = "better" if side in (Side.BETTER, Side.BETTER_IN_PART) else "worse" if side in (Side.WORSE, Side.WORSE_IN_PART) else ""
    first = moving[0]
    return CohortDirection(
        first.study, first.item, first.label, move.value, good, max(one.n for one in moving), min(one.design for one in moving)
    )  # fmt: skip


def told_directions(told: Iterable[TextDirection]) -> list[CohortDirection]:
    """Return results that are told without an effect, cohort by cohort.

    Args:
        told: Results of one endpoint, in order.
    """
    cohorts: dict[str, list[TextDirection]] = {}
    for one in told:
        cohorts.setdefault(one.cohort, []).append(one)
    found = []
    for held in cohorts.values():
        ways = {one.way for one in held} - {"told"}
        way = "mixed" if len(ways) > 1 else next(iter(ways), "told")
        first = next((one for one in held if one.way == way), held[0])
        patients, design = max(one.n or 0 for one in held), min(Design[one.design.upper()] for one in held)
        found.append(CohortDirection(first.study_id, first.item_id, first.label, way, "", patients, design))
    return found


def with_p_and_n(stands: Iterable[MarkerStand], families: Collection[str] = ("response", "survival")) -> Iterator[MarkerStand]:
    """Yield the associations that say better or worse and print both P and the patients.

    Args:
        stands: Where findings stand on their markers.
        families: Families of endpoints.
    """
    for one in stands:
        if one.stand.position in ("better", "worse") and one.stand.p and one.stand.n and one.family in families:
            yield one
