"""Outcomes and adverse events: what the tumours and the patients did."""

from __future__ import annotations

from pydantic import Field

from kb.model.base import Count, Interval, LocalId, Record, Source, TermId, Words
from kb.model.quantities import PValue, Quantity
from kb.model.results import Result
from kb.model.terms import Absence, Assessor, BiasFlag, ComparisonKind, CountOf, Criteria, Statement, ToxicityScale


class GroupComparison(Record):
    """Which groups stand against which."""

    kind: ComparisonKind
    """What sort of comparison it is."""
    arms: tuple[LocalId, ...] = ()
    """Arms of the first side; the result speaks of them. All arms for a multi-way test."""
    versus: tuple[LocalId, ...] = ()
    """Arms of the other side."""
    versus_population: LocalId | None = None
    """Population of the other side, when it is a subgroup instead of an arm."""
    versus_text: Words | None = None
    """The other side in words, such as `historical rate of 14 %`."""
    differs: tuple[Words, ...] = ()
    """What differs between the sides: agent ids, or words for dose, route, timing and unintended differences."""


class Outcome(Record):
    """One result on one endpoint in one population."""

    endpoint: TermId
    """Endpoint, from the vocabulary; grades of response are endpoints of their own."""
    population: LocalId
    """The denominator it hangs on."""
    arms: tuple[LocalId, ...] = ()
    """Arms it speaks of; those of the population when left out."""
    printed: Words | None = None
    """Endpoint as printed, when it differs from the label."""
    criteria: Criteria | Absence = Absence.NOT_IN_WHAT_WAS_READ
    """Response criteria."""
    assessor: Assessor | Absence = Absence.NOT_IN_WHAT_WAS_READ
    """Who judged."""
    confirmed: bool | None = None
    """Whether responses were confirmed by a second assessment."""
    count_of: CountOf = CountOf.PATIENTS
    """What the events count."""
    site: Words | None = None
    """Organ or kind of lesion that is judged, when it is not the whole patient."""
    timepoint: Words | None = None
    """When it was assessed, as printed."""
    data_cut: Words | None = None
    """Date or follow-up of the data cut."""
    follow_up: Words | None = None
    """Length of follow-up, as printed."""
    comparison: GroupComparison | None = None
    """Which groups are compared, for contrasts and comparing statements."""
    result: Result
    """What was found."""
    flags: tuple[BiasFlag, ...] = ()
    """Threats to validity of this number."""
    note: Words | None = None
    """What the fields cannot hold, in our own words."""
    source: Source
    """Where it stands."""


class CitedResult(Record):
    """A number that the paper takes from other studies; it is never this study's result and never counted as one."""

    endpoint: TermId
    """Endpoint, from the vocabulary."""
    conditions: tuple[TermId, ...] = ()
    """Diseases, from the vocabulary."""
    agents: tuple[TermId, ...] = ()
    """Agents, from the vocabulary."""
    studies: Count | None = None
    """Number of studies that were put together."""
    patients: Count | None = None
    """Number of their patients."""
    whose: Words
    """Whose numbers these are, in our own words."""
    result: Result
    """What is cited."""
    note: Words | None = None
    """What the fields cannot hold, in our own words."""
    source: Source
    """Where it stands."""


class AdverseEvent(Record):
    """One adverse event in one population."""

    term: TermId
    """Event, from the vocabulary."""
    printed: Words
    """Event as printed."""
    population: LocalId
    """The denominator it hangs on."""
    arms: tuple[LocalId, ...] = ()
    """Arms it speaks of; those of the population when left out."""
    grade: Words | None = None
    """Grade or range of grades as printed, such as `3-4`, or a word such as `severe`."""
    scale: ToxicityScale | Absence = Absence.NOT_IN_WHAT_WAS_READ
    """Scale of the grade."""
    related: bool | None = None
    """Whether the source calls it treatment-related."""
    events: Count | None = None
    """Patients (or courses) with the event."""
    total: Count | None = None
    """Denominator."""
    percent: Quantity | None = None
    """Percentage as printed."""
    interval: Interval | None = None
    """Interval of the percentage."""
    count_of: CountOf = CountOf.PATIENTS
    """What the events count."""
    says: Statement = Field(default=Statement.OBSERVED)
    """What is said where no number is printed, and of which arm when arms are compared."""
    comparison: GroupComparison | None = None
    """Which groups are compared."""
    p: PValue | None = None
    """P value of the comparison."""
    note: Words | None = None
    """What the fields cannot hold, in our own words."""
    source: Source
    """Where it stands."""
