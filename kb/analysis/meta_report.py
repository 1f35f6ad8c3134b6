"""What `kb meta` answers with: a synthesis and everything that stands beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kb.analysis.pooling.result import Regression
from kb.analysis.synthesis import Synthesis

if TYPE_CHECKING:
    from kb.analysis.directions import CohortDirection
    from kb.analysis.stands import MarkerStand

ECOLOGICAL_CAUTION = (
    "Across studies is not among patients: studies with more of it, be it a dose or a marker that moved, may respond more for other "
    "reasons, and within them the patients with more of it need not be those who responded."
)
"""Stands beside every regression on what differs between studies."""


@dataclass(frozen=True, slots=True)
class Direction:
    """A result that is told in words or by P alone: it is listed, never pooled.

    Attributes:
        label: Study in words.
        said: What is said, in words.
        n: Patients that it speaks of, or None.
        p: P value as printed, or None.
        study_id: Study.
        item_id: Outcome.
        place: File and line.
        way: `better`, `worse`, `no-difference`, or `told` where the words give no direction.
        cohort: Independent cohort.
        design: Design of the study, by its key on the gap map.
    """

    label: str
    said: str
    n: int | None
    p: str | None
    study_id: str
    item_id: str
    place: str
    way: str
    cohort: str
    design: str


_WAYS = {"better": "better", "worse": "worse", "no-difference": "no-difference", "similar": "no-difference"}


def way_of(says: str | None) -> str:
    """Return the direction of a result from what it says of the first group."""
    return _WAYS.get(says or "", "told")


@dataclass(frozen=True, slots=True)
class Stratum:
    """Evidence of one kind that is not pooled with another kind unless asked: how much of it there is."""

    name: str
    k: int
    patients: int
    pooled: bool


@dataclass(frozen=True, slots=True)
class Report:
    """An answer of `kb meta`.

    Attributes:
        title: What was asked.
        selection: The selection in words, or the name of the user's file.
        synthesis: The pool.
        labels: What kinds of evidence were put together, where they differ.
        rules: Rules by which rows were chosen.
        strata: Kinds of evidence at hand.
        directions: What is told without an effect.
        by: Field of the subgroups, or None.
        moderators: Names of the moderators.
        regression: Meta-regression, if asked for.
        regression_notes: Why there is none, or what it left out.
        add: What was added to zero cells.
        sensitivity: Further analyses by name: rows of named values.
        marker: Label of the marker whose directions stand beside the pool, or empty.
        moves: How that marker moved, cohort by cohort; without a marker the directions of results that are told.
        overlaps: By study its cohort where only certain overlaps count, and the studies with which it shares patients.
        associations: Its associations with endpoints of the same kind, with P and the patients.
    """

    title: str
    selection: str
    synthesis: Synthesis
    labels: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    strata: tuple[Stratum, ...] = ()
    directions: Sequence[Direction] = ()
    by: str | None = None
    moderators: tuple[str, ...] = ()
    regression: Regression | None = None
    regression_notes: tuple[str, ...] = ()
    add: float = 0.0
    sensitivity: tuple[tuple[str, tuple[dict[str, float | str | None], ...] | str], ...] = ()
    marker: str = ""
    moves: tuple[CohortDirection, ...] = ()
    associations: tuple[MarkerStand, ...] = ()
    overlaps: Mapping[str, tuple[str, str]] = field(default_factory=dict)
