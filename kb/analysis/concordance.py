"""The founding question: does immune activation go with antitumour benefit?

Three tables that must not be mixed. By marker: how it moves under treatment beside how it goes with benefit among
patients. By group of patients: activation seen or not, beside the response with its exact interval. Between randomised
arms: more activation, but no more benefit. None of them is a verdict: each says what would be needed to tell.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cache
from sys import intern
from typing import TYPE_CHECKING, Any

from kb.analysis.board import IMMUNE_ROLES, BoardRow, Marker, Move, Said, Side, board, move_of, side_of
from kb.analysis.listing import Listing, Stream, in_blocks
from kb.analysis.refutations import Refutation, refutations
from kb.analysis.response_groups import GroupRow, group_rows
from kb.analysis.selection import Selection
from kb.analysis.selection_sql import each_selected
from kb.model.terms import Association, Comparison, Direction, EndpointKind, Favours, MarkerRole, NullBasis, VocabularyKind
from kb.records.cohorts import Cohort
from kb.records.tables import JOINER

if TYPE_CHECKING:
    from kb.records.index import Index

TABLES = ("markers", "groups", "refutations")
"""The three tables, by name."""
THRESHOLD = 10.0
"""Response in percent that benefit is measured by, unless asked otherwise."""


MARKER_RULES = (
    "a cohort counts once a marker; studies that share patients are one cohort",
    "change: against the state before treatment; several changes of one cohort are mixed",
    "benefit: association with an endpoint of response or survival; `in part` where another endpoint or analysis shows none",
    "none-tested, none-stated, none-without-response (next to no responders) and none-implied are four kinds of none",
    "patients: of each cohort the largest number that a finding speaks of, where known",
)
"""How the table by marker is counted."""


@dataclass(frozen=True, slots=True)
class Concordance:
    """The three tables with their rules."""

    selection: str
    threshold: float
    markers: tuple[BoardRow, ...]
    groups: tuple[GroupRow, ...]
    refutations: tuple[Refutation, ...]


def concordance(
    index: Index, selection: Selection, *, threshold: float = THRESHOLD, every_marker: bool = False, tables: Container[str] = TABLES
) -> Concordance:
    """Answer the founding question for a selection.

    Args:
        index: Index of the collection.
        selection: Which findings and outcomes speak.
        threshold: Response in percent that benefit is measured by.
        every_marker: Whether markers that do not speak of the immune system are listed too.
        tables: Which of `TABLES` to make; the others stay empty.
    """
    rows = marker_rows(index, selection) if "markers" in tables else []
    shown = tuple(row for row in rows if every_marker or row.role in IMMUNE_ROLES)
    return Concordance(
        selection.describe(),
        threshold,
        shown,
        tuple(group_rows(index, selection, threshold)) if "groups" in tables else (),
        tuple(refutations(index, selection)) if "refutations" in tables else (),
    )


def marker_rows(index: Index, selection: Selection) -> list[BoardRow]:
    """Return the board of the selected findings, one row a marker, most associations first."""
    endpoints = {ident: (kind, favours) for ident, kind, favours in index.rows(_ENDPOINTS)}
    said = [
        Said(  # thousands of findings share most of their texts: each is held once
            intern(study), intern(item), intern(marker), direction and _move(direction, versus, only_in is not None),
            association and _side(association, basis, *endpoints.get(endpoint, (None, None))), patients,
        )
        for study, item, marker, direction, versus, only_in, association, basis, endpoint, patients in each_selected(
            index, selection, "findings", _SAID
        )
    ]  # fmt: skip
    return board(said, _cohorts(index), _markers(index))


_SAID = """
  SELECT i.study_id, i.item_id, i.biomarker, CASE i.kind WHEN 'change' THEN i.direction END, i.versus, i.only_in, i.association, i.basis,
         i.endpoint, coalesce(i.n, i.population_n)
  FROM {source} WHERE {condition} ORDER BY i.study_id, i.position
"""
_ENDPOINTS = "SELECT id, class, favours FROM terms WHERE kind = 'endpoints'"


@cache  # a collection has thousands of findings, and a few dozen ways in which they say something
def _move(direction: str | None, versus: str | None, in_a_group: bool) -> Move | None:
    return move_of(_term(Direction, direction), _term(Comparison, versus), only_in_a_group=in_a_group)


@cache
def _side(association: str | None, basis: str | None, kind: str | None, favours: str | None) -> Side | None:
    return side_of(_term(Association, association), _term(NullBasis, basis), _term(EndpointKind, kind), _term(Favours, favours))


def _term(terms: Any, value: str | None) -> Any:
    return None if value is None else terms(value)


def _cohorts(index: Index) -> Mapping[str, Cohort]:
    return {
        study: Cohort(wide, certain) for study, wide, certain in index.rows("SELECT study_id, cohort_id, cohort_certain_id FROM studies")
    }


def _markers(index: Index) -> Mapping[str, Marker]:
    found = index.rows("SELECT id, label, role FROM terms WHERE kind = ?", (VocabularyKind.BIOMARKERS.value,))
    return {ident: Marker(label, _term(MarkerRole, role)) for ident, label, role in found}


def needs(row: BoardRow) -> str:
    """Say what would be needed to tell whether a marker goes with benefit; empty where reports agree and are several."""
    sides = row.sides
    if not row.associated:
        return "nobody set it against response or survival" if row.moves else "its change and its association are not reported"
    if set(sides) <= {Side.NONE_WITHOUT_RESPONSE, Side.NONE_IMPLIED}:
        return "cohorts with responders: where it was looked at, next to nobody responded"
    pointing = {side for side in sides if side not in (Side.NONE_IMPLIED,)}
    if pointing <= {Side.NONE_STATED, Side.NONE_WITHOUT_RESPONSE}:
        return "a test: its nulls are stated without a statistic"
    if row.associated == 1:
        return "a second cohort: one alone has looked"
    if len(pointing) > 1:
        return f"an explanation of the disagreement: `kb conflicts --biomarker {row.marker}`"
    return ""


MARKER_COLUMNS = (
    "marker", "label", "role", "cohorts", "rose", "fell", "no_change", "mixed_change", "change_not_claimed", "patients_rose",
    "better", "better_in_part", "worse", "worse_in_part", "mixed", "none_tested", "none_stated", "none_without_response",
    "none_implied", "not_assessed", "patients_assessed", "studies", "needed",
)  # fmt: skip
"""Columns of the table by marker: all counts are of independent cohorts, patients apart; `studies` opens them."""


def marker_values(row: BoardRow) -> tuple[Any, ...]:
    """Return a row of the table by marker, in the order of `MARKER_COLUMNS`."""
    moves = (row.moves.get(move, 0) for move in (Move.INCREASE, Move.DECREASE, Move.NO_CHANGE, Move.MIXED))
    sides = (
        row.sides.get(side, 0)
        for side in (
            Side.BETTER, Side.BETTER_IN_PART, Side.WORSE, Side.WORSE_IN_PART, Side.MIXED,
            Side.NONE_TESTED, Side.NONE_STATED, Side.NONE_WITHOUT_RESPONSE, Side.NONE_IMPLIED,
        )
    )  # fmt: skip
    return (
        row.marker, row.label, None if row.role is None else row.role.value, row.cohorts, *moves, row.not_claimed,
        row.moved_patients.get(Move.INCREASE, 0), *sides, row.not_assessed, sum(row.sided_patients.values()),
        JOINER.join(row.studies), needs(row) or None,
    )  # fmt: skip


def group_stream(index: Index, selection: Selection, *, threshold: float = THRESHOLD, every_group: bool = False) -> Stream:
    """Return the table by group of patients as it is read; arguments as in `concordance` and `listing_of`."""
    rows = (row for row in group_rows(index, selection, threshold) if every_group or row.group != "not-measured")
    return Stream(GroupRow._fields, in_blocks(rows), selection.describe())


def listing_of(found: Concordance, table: str, *, every_group: bool = False) -> Listing:
    """Return one of the three tables with all its columns.

    Args:
        found: The answer.
        table: One of `TABLES`.
        every_group: Whether groups without a marker of activation are listed too.
    """
    if table == "markers":
        return Listing(MARKER_COLUMNS, [marker_values(row) for row in found.markers], found.selection)
    if table == "groups":
        groups = [row for row in found.groups if every_group or row.group != "not-measured"]
        return Listing(GroupRow._fields, groups, found.selection)
    return Listing(Refutation._fields, list(found.refutations), found.selection)
