"""Open sets: vocabulary terms, one model a kind, and the files that hold them."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from pydantic import Field, StringConstraints

from kb.model.base import Items, Positive, Record, TermId, Words
from kb.model.terms import (
    AgentClass,
    EndpointKind,
    Favours,
    MarkerClass,
    MarkerRole,
    MeasureKind,
    UnitFamily,
    VocabularyKind,
)

TermT = TypeVar("TermT", bound="Term")
Curie = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]+:\S+$")]


class Term(Record):
    """A term of an open set."""

    label: Words
    """Preferred words for readers."""
    synonyms: tuple[Words, ...] = ()
    """Other spellings, as papers print them; matched without case."""
    broader: tuple[TermId, ...] = ()
    """More general terms of the same file; a query for one finds this term too."""
    curies: tuple[Curie, ...] = ()
    """Verified identifiers that mean the same."""
    close: tuple[Curie, ...] = ()
    """Verified identifiers that mean nearly the same."""
    note: Words | None = None
    """When to use it, in our own words."""


class AgentTerm(Term):
    """A drug, cell product or procedure."""

    agent_class: AgentClass
    """What sort of intervention it is."""
    members: tuple[TermId, ...] = ()
    """Agents that a named combination consists of."""


class BiomarkerTerm(Term):
    """A marker: analyte with measure, and subset or stimulus where they belong to its identity."""

    analyte: Words
    """What is measured, in words."""
    measure: MeasureKind
    """What is measured of it."""
    marker_class: MarkerClass
    """What sort of marker it is."""
    role: MarkerRole
    """What a rise of it stands for; only `activation` counts as immune activation."""
    subset: Words | None = None
    """Subset of the cells."""
    stimulus: Words | None = None
    """Stimulus or target of the assay."""


class ConditionTerm(Term):
    """A disease."""


class EndpointTerm(Term):
    """An endpoint or a grade of response."""

    kind: EndpointKind
    """What sort of outcome it is."""
    favours: Favours
    """Which way it is good for the patient."""
    includes: tuple[TermId, ...] = ()
    """Grades that add up to it, such as complete and partial response."""


class AssayTerm(Term):
    """A method of measurement."""


class RouteTerm(Term):
    """A route with its infusion mode."""

    mode: Annotated[str, StringConstraints(pattern="^(bolus|infusion|continuous|injection|local|oral|inhaled|other)$")]
    """Infusion mode."""


class Conversion(Record):
    """A factor from this unit to another family, with its source."""

    to: UnitFamily
    """Family it converts to."""
    factor: Positive
    """Base units of `to` in one base unit of this family."""
    source: Words
    """Page or paper that states it."""


class UnitTerm(Term):
    """A family of dose units."""

    family: UnitFamily
    """The family."""
    conversions: tuple[Conversion, ...] = ()
    """Sourced factors to other families."""


class AdverseEventTerm(Term):
    """An adverse event."""

    organ: Words | None = None
    """Organ system, in plain words."""


TERM_MODELS: dict[VocabularyKind, type[Term]] = {
    VocabularyKind.AGENTS: AgentTerm,
    VocabularyKind.BIOMARKERS: BiomarkerTerm,
    VocabularyKind.CONDITIONS: ConditionTerm,
    VocabularyKind.ENDPOINTS: EndpointTerm,
    VocabularyKind.ASSAYS: AssayTerm,
    VocabularyKind.ROUTES: RouteTerm,
    VocabularyKind.UNITS: UnitTerm,
    VocabularyKind.ADVERSE_EVENTS: AdverseEventTerm,
}
"""The model of a kind's terms."""


class VocabularyFile(Record, Generic[TermT]):
    """A file of `entries/vocabulary/`: terms by id."""

    terms: Items[TermT]
    """Terms, by permanent id."""


FILE_MODELS: dict[VocabularyKind, type[Record]] = {kind: VocabularyFile[model] for kind, model in TERM_MODELS.items()}  # type: ignore[valid-type]
"""The model of a kind's file."""


SelectionMap = dict[
    Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$", max_length=40)],
    Annotated[tuple[Words, ...], Field(min_length=1)],
]
"""A selection as the commands take it: option without its dashes, and its values."""


class Question(Record):
    """A curated question: population, intervention, comparison, markers and outcomes, each as a selection."""

    id: TermId
    """Permanent id; the file's name."""
    question: Words
    """The question in one sentence."""
    why: Words
    """Why it matters."""
    population: SelectionMap = Field(default_factory=dict)
    """Selection of the patients."""
    intervention: SelectionMap = Field(default_factory=dict)
    """Selection of the arms that are asked about."""
    comparison: SelectionMap = Field(default_factory=dict)
    """Selection of the arms that they are compared with; nothing when patients are compared among themselves."""
    against: Words | None = None
    """What the comparison is, in words."""
    markers: SelectionMap = Field(default_factory=dict)
    """Selection of the immune findings that bear on it."""
    outcomes: SelectionMap = Field(default_factory=dict)
    """Selection of the outcomes that answer it."""
