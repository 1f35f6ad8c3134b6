"""The board of the founding question: per marker, its change under treatment beside its association with benefit.

It counts what authors claim, in independent cohorts, and is no test: a count of claims says nothing about the size of an
effect (Cochrane Handbook, chapter 12). Changes count against the state before treatment; associations count with
endpoints of response and survival, the sign set by which way the endpoint is good for the patient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeVar

from kb.model.terms import Association, Comparison, Direction, EndpointKind, Favours, MarkerRole, NullBasis
from kb.records.cohorts import Cohort

IMMUNE_ROLES = (MarkerRole.ACTIVATION, MarkerRole.SUPPRESSION, MarkerRole.INFLAMMATION)
"""Roles that speak of the immune system; tumour markers and the like stand apart."""


class Move(StrEnum):
    """How a cohort's marker moved under treatment."""

    DECREASE = "decrease"
    NO_CHANGE = "no-change"
    MIXED = "mixed"
    INCREASE = "increase"


class Side(StrEnum):
    """How a cohort's marker goes with benefit."""

    WORSE = "worse"
    WORSE_IN_PART = "worse-in-part"
    MIXED = "mixed"
    NONE_TESTED = "none-tested"
    NONE_STATED = "none-stated"
    NONE_WITHOUT_RESPONSE = "none-without-response"
    NONE_IMPLIED = "none-implied"
    BETTER_IN_PART = "better-in-part"
    BETTER = "better"


_Answer = TypeVar("_Answer", Move, Side)
_MOVES = {Direction.INCREASE: Move.INCREASE, Direction.DECREASE: Move.DECREASE, Direction.NO_CHANGE: Move.NO_CHANGE}
_NULLS = {
    NullBasis.TESTED: Side.NONE_TESTED,
    NullBasis.STATED: Side.NONE_STATED,
    NullBasis.ACTIVATION_WITHOUT_RESPONSE: Side.NONE_WITHOUT_RESPONSE,
    NullBasis.IMPLIED_BY_OMISSION: Side.NONE_IMPLIED,
}


class Said(NamedTuple):
    """What one finding says of a marker, for counting.

    Attributes:
        study: Id of the study.
        item: Id of the finding.
        marker: Id of the marker.
        move: Its change under treatment, or None where the finding claims none.
        side: How it goes with benefit, or None where the finding does not say.
        patients: Patients that it speaks of: those measured, else those of the population; None where neither is known.
    """

    study: str
    item: str
    marker: str
    move: Move | None = None
    side: Side | None = None
    patients: int | None = None


@dataclass(frozen=True, slots=True)
class Marker:
    """What a marker is called and stands for.

    Attributes:
        label: Its name.
        role: What a rise of it stands for.
    """

    label: str
    role: MarkerRole


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One marker of the board. Every number is a number of independent cohorts.

    Attributes:
        marker: Id of the marker.
        label: Its name.
        role: What a rise stands for, or None for a marker without a term.
        cohorts: Cohorts with any finding on it.
        studies: Ids of the studies with any finding on it, sorted.
        moves: Cohorts by change.
        sides: Cohorts by association with benefit.
        said: The findings, in the order of the records.
        moved_patients: Patients by change: of each cohort the largest number that a finding speaks of, where known.
        sided_patients: Patients by association, counted likewise.
    """

    marker: str
    label: str
    role: MarkerRole | None
    cohorts: int
    studies: tuple[str, ...]
    moves: Mapping[Move, int]
    sides: Mapping[Side, int]
    said: tuple[Said, ...]
    moved_patients: Mapping[Move, int] = field(default_factory=dict)
    sided_patients: Mapping[Side, int] = field(default_factory=dict)

    @property
    def not_claimed(self) -> int:
        """Cohorts with the marker but without a claim of its change."""
        return self.cohorts - sum(self.moves.values())

    @property
    def not_assessed(self) -> int:
        """Cohorts with the marker but without a word on benefit."""
        return self.cohorts - sum(self.sides.values())

    @property
    def associated(self) -> int:
        """Cohorts that say whether it goes with benefit, silence about it left out."""
        return sum(self.sides.values()) - self.sides.get(Side.NONE_IMPLIED, 0)


def move_of(direction: Direction | None, versus: Comparison | None, *, only_in_a_group: bool) -> Move | None:
    """Return a change as the board counts it: against the state before treatment, `mixed` where one group alone moved."""
    if direction is None or versus is not Comparison.BASELINE:
        return None
    return Move.MIXED if only_in_a_group else _MOVES.get(direction, Move.MIXED)


def side_of(association: Association | None, basis: NullBasis | None, kind: EndpointKind | None, favours: Favours | None) -> Side | None:
    """Return an association as the board counts it: with benefit, the sign set by what is good for the patient.

    Args:
        association: What the finding says, or None.
        basis: What a "no association" rests on.
        kind: Kind of the endpoint, or None where it was set against something else.
        favours: Which way the endpoint is good.
    """
    if association is None or kind not in (EndpointKind.RESPONSE, EndpointKind.SURVIVAL) or favours in (None, Favours.NEITHER):
        return None
    if association is Association.NONE:
        return None if basis is None else _NULLS[basis]
    if association in (Association.MIXED, Association.DIFFERS):
        return Side.MIXED
    good = (association is Association.POSITIVE) == (favours is Favours.MORE)
    return Side.BETTER if good else Side.WORSE


def board(said: Iterable[Said], cohorts: Mapping[str, Cohort], markers: Mapping[str, Marker]) -> list[BoardRow]:
    """Count sayings by marker in independent cohorts.

    A cohort that says several things of one marker counts once. Different changes of it (other times, other arms) are
    `mixed`. Where some of its endpoints or analyses show an association and others none, it counts as `in part`; where
    they point both ways, as `mixed`; among nulls the best founded one counts.

    Args:
        said: What findings say (`sayings`).
        cohorts: Cohort by study id.
        markers: Names and roles by id.

    Returns:
        Rows, most cohorts with an association first, then most cohorts, then by name.
    """
    by_marker: dict[str, list[Said]] = {}
    for saying in said:
        by_marker.setdefault(saying.marker, []).append(saying)
    rows = [_row(marker, findings, cohorts, markers.get(marker)) for marker, findings in by_marker.items()]
    return sorted(rows, key=lambda row: (-row.associated, -row.cohorts, row.label.casefold(), row.marker))


def _row(ident: str, findings: list[Said], cohorts: Mapping[str, Cohort], marker: Marker | None) -> BoardRow:
    by_cohort = {cohorts[saying.study].any for saying in findings}
    moving: dict[str, dict[Move, int]] = {}
    siding: dict[str, dict[Side, int]] = {}
    for study, _, _, move, side, patients in findings:
        if move is not None:
            held = moving.setdefault(cohorts[study].any, {})
            held[move] = max(held.get(move, 0), patients or 0)
        if side is not None:
            beside = siding.setdefault(cohorts[study].any, {})
            beside[side] = max(beside.get(side, 0), patients or 0)
    moves = _by_answer(moving.values(), collapsed_move)
    sides = _by_answer(siding.values(), collapsed_side)
    return BoardRow(
        marker=ident,
        label=ident if marker is None else marker.label,
        role=None if marker is None else marker.role,
        cohorts=len(by_cohort),
        studies=tuple(sorted({saying.study for saying in findings})),
        moves={move: len(moves[move]) for move in Move if move in moves},
        sides={side: len(sides[side]) for side in Side if side in sides},
        said=tuple(findings),
        moved_patients={move: sum(counts) for move, counts in moves.items()},
        sided_patients={side: sum(counts) for side, counts in sides.items()},
    )


def _by_answer(
    cohorts: Iterable[Mapping[_Answer, int]], collapsed: Callable[[Iterable[_Answer]], _Answer | None]
) -> dict[_Answer, list[int]]:
    """Collapse what each cohort says into one answer; return by answer the patients of its cohorts.

    Args:
        cohorts: Of each cohort its answers, each with the largest number of patients that a finding speaks of.
        collapsed: Makes one answer of several.
    """
    found: dict[_Answer, list[int]] = {}
    for said in cohorts:
        answer = next(iter(said)) if len(said) == 1 else collapsed(said)
        if answer is not None:
            found.setdefault(answer, []).append(max(said.values()))
    return found


def collapsed_move(moves: Iterable[Move]) -> Move | None:
    """Return one change for a cohort: the one it claims, `mixed` for several, None for none."""
    found = set(moves)
    if len(found) > 1:
        return Move.MIXED
    return next(iter(found), None)


def collapsed_side(sides: Iterable[Side]) -> Side | None:
    """Return one association for a cohort; see `board` for the rule."""
    found = set(sides)
    directed = found & {Side.BETTER, Side.WORSE}
    if Side.MIXED in found or len(directed) > 1:
        return Side.MIXED
    # What is implied by silence is too weak to take anything away from a claim.
    nulls = found - directed
    if directed and nulls - {Side.NONE_IMPLIED}:
        return Side.BETTER_IN_PART if Side.BETTER in directed else Side.WORSE_IN_PART
    if directed:
        return directed.pop()
    return next((null for null in _NULLS.values() if null in nulls), None)
