"""Immune findings of four kinds: level, change, contrast, association."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from kb.model.base import Count, GroupValue, LocalId, Record, Source, TermId, Words
from kb.model.outcomes import GroupComparison
from kb.model.quantities import PValue
from kb.model.results import Result
from kb.model.terms import (
    Absence,
    Adjustment,
    Association,
    BiasFlag,
    Comparison,
    Compartment,
    ContrastDirection,
    Direction,
    MarkerTime,
    NullBasis,
)


class Timepoint(Record):
    """When a marker was measured, relative to the start and to the dose."""

    when: MarkerTime
    """The part of treatment it lies in."""
    text: Words | None = None
    """The time as printed."""
    from_start: Words | None = None
    """Time from the start of treatment, such as `6-8 wk`."""
    after_dose: Words | None = None
    """Time from the last dose, such as `24 h`."""


class _Finding(Record):
    """What the four kinds share."""

    biomarker: TermId
    """Marker (analyte with measure, and subset or stimulus), from the vocabulary."""
    printed: Words | None = None
    """Marker as printed."""
    detail: Words | None = None
    """Subset, stimulus, target or cut-off that the vocabulary term does not hold."""
    compartment: Compartment | Absence
    """Where it was measured."""
    timepoint: Timepoint | Absence
    """When it was measured."""
    assay: Absence | TermId = Field(default=Absence.NOT_IN_WHAT_WAS_READ, union_mode="left_to_right")
    """Assay, from the vocabulary."""
    population: LocalId
    """The denominator it hangs on."""
    arms: tuple[LocalId, ...] = ()
    """Arms it speaks of; those of the population when left out."""
    n: Count | Absence = Absence.NOT_IN_WHAT_WAS_READ
    """Patients with the marker measured; not the size of the cohort."""
    flags: tuple[BiasFlag, ...] = ()
    """Threats to validity of this finding."""
    note: Words | None = None
    """What the fields cannot hold, in our own words."""
    source: Source
    """Where it stands."""


class Level(_Finding):
    """A baseline, constitutional or single-time state of a marker."""

    kind: Literal["level"]
    result: Result | None = None
    """The level: a proportion with the feature, a value, or a statement."""


class Change(_Finding):
    """How a marker moved over time within patients."""

    kind: Literal["change"]
    direction: Direction | Absence
    """Which way it moved."""
    versus: Comparison = Comparison.BASELINE
    """What the change is measured against."""
    magnitude: Words | None = None
    """Size of the change as printed, in few words."""
    result: Result | None = None
    """Size of the change as a number."""
    groups: tuple[GroupValue, ...] = ()
    """Values by group, when the change depends on the group."""
    only_in: Words | None = None
    """The group in which alone it changed, such as `responders`."""
    dose_dependent: bool | None = None
    """Whether the source calls it dose-dependent."""
    p: PValue | None = None
    """P value of the change."""


class MarkerContrast(_Finding):
    """How a marker lies in one group against another: arms, or patients against controls."""

    kind: Literal["contrast"]
    direction: ContrastDirection | Absence
    """How the first group lies."""
    comparison: GroupComparison
    """Which groups are compared."""
    result: Result | None = None
    """Size of the contrast."""
    groups: tuple[GroupValue, ...] = ()
    """Values by group."""
    p: PValue | None = None
    """P value of the contrast."""


class MarkerAssociation(_Finding):
    """How a marker goes with an endpoint, an adverse event or another marker among patients."""

    kind: Literal["association"]
    endpoint: TermId | None = None
    """Endpoint it was set against, from the vocabulary."""
    other_marker: TermId | None = None
    """Marker it was set against instead of an endpoint, from the vocabulary."""
    adverse_event: TermId | None = None
    """Adverse event it was set against instead of an endpoint, from the vocabulary."""
    endpoint_printed: Words | None = None
    """The endpoint's or responders' definition as printed, when it matters (`PR + MR`)."""
    association: Association | Absence
    """How a high value, or presence, goes with more of the endpoint."""
    basis: NullBasis | None = None
    """What a "no association" rests on; required with `none`, not allowed otherwise."""
    adjustment: Adjustment | Absence
    """Whether it was adjusted."""
    adjusted_for: tuple[Words, ...] = ()
    """What it was adjusted for."""
    result: Result | None = None
    """Size of the association: an effect with interval, a difference, a statement."""
    groups: tuple[GroupValue, ...] = ()
    """Values by outcome group."""
    p: PValue | None = None
    """P value, when no result holds it."""
    test: Words | None = None
    """Name of the test."""

    @model_validator(mode="after")
    def _one_target(self) -> MarkerAssociation:
        if sum(target is not None for target in (self.endpoint, self.other_marker, self.adverse_event)) != 1:
            raise ValueError("exactly one of endpoint, other_marker and adverse_event is needed")
        return self

    @model_validator(mode="after")
    def _basis_of_a_null(self) -> MarkerAssociation:
        if (self.association is Association.NONE) != (self.basis is not None):
            raise ValueError(
                "association none needs a basis: tested, stated, activation-without-response or implied-by-omission"
                if self.basis is None
                else f"basis {self.basis.value} belongs to association none only"
            )
        return self


Finding = Annotated[Level | Change | MarkerContrast | MarkerAssociation, Field(discriminator="kind")]
