"""A study: reports, design, arms, populations, findings, outcomes, adverse events, claims, appraisal, curation."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from kb.model.base import Count, Date, Items, LocalId, OneOrMore, Record, Source, StudyId, TermId, Words
from kb.model.findings import Finding
from kb.model.outcomes import AdverseEvent, CitedResult, Outcome
from kb.model.quantities import Quantity
from kb.model.regimen import Arm
from kb.model.terms import (
    Absence,
    Allocation,
    AmbiguityKind,
    BiasFlag,
    BiasInstrument,
    BiasJudgement,
    Certainty,
    Control,
    DesignType,
    DiseaseSetting,
    Grade,
    Masking,
    OverlapRelation,
    Phase,
    Polarity,
    PopulationBasis,
    Read,
    Relation,
    ReportKind,
    Sampling,
    Status,
    Stopping,
)

UNDATED = "undated"
"""What stands for the year of a report that prints none."""
Url = Annotated[str, StringConstraints(pattern=r'^https://[^\s<>"]+$', max_length=500)]


class Report(Record):
    """A publication of the study, and how much of it was read."""

    read: Read
    """How much of it was read."""
    kind: ReportKind = ReportKind.ARTICLE
    """What sort of publication it is."""
    title: Absence | Words = Field(union_mode="left_to_right")
    """Title as printed, or why it is not there."""
    authors: Absence | Annotated[tuple[Words, ...], Field(min_length=1)]
    """Authors as `Family GI`, in print order, or why they are not there."""
    et_al: bool = False
    """Whether the list of authors goes on."""
    year: Annotated[int, Field(ge=1950, le=2100)] | Absence
    """Year of publication, or why it is not there."""
    journal: Words | None = None
    """Journal, series or meeting."""
    volume: Words | None = None
    """Volume as printed."""
    issue: Words | None = None
    """Issue as printed."""
    pages: Words | None = None
    """Pages as printed."""
    doi: Annotated[str, StringConstraints(pattern=r"^10\.\d{4,9}/\S+$")] | None = None
    """DOI without a prefix."""
    pmid: Annotated[str, StringConstraints(pattern=r"^[1-9]\d{0,8}$")] | None = None
    """PubMed id, as text."""
    pmcid: Annotated[str, StringConstraints(pattern=r"^PMC[1-9]\d{0,8}$")] | None = None
    """PubMed Central id."""
    urls: tuple[Url, ...] = ()
    """Pages of the publisher or a repository; never a mirror."""
    data_cut: Words | None = None
    """Data cut or follow-up that this report gives."""
    supersedes: LocalId | None = None
    """An earlier report of the same data that this one replaces."""
    retracted: bool = False
    """Whether the report has been retracted."""
    note: Words | None = None
    """Remarks on the print or the copy that was read."""

    @property
    def named(self) -> str:
        """The title, or in brackets that there is none and why."""
        return f"(title {self.title.label})" if isinstance(self.title, Absence) else self.title

    @property
    def dated(self) -> int | None:
        """The year, or None where it is absent."""
        return None if isinstance(self.year, Absence) else self.year

    @property
    def period(self) -> str:
        """The year, or `undated`; also the folder that a record named by this report lies in."""
        return UNDATED if isinstance(self.year, Absence) else str(self.year)


class Overlap(Record):
    """Patients shared with another study; stated on both sides."""

    study: StudyId
    """The other study."""
    relation: OverlapRelation
    """How the patients relate."""
    certainty: Certainty
    """How sure it is."""
    reason: Words
    """Why it is thought so: trial number, centre and dates, authors."""


class Centres(Record):
    """Where a study was done."""

    kind: Annotated[str, StringConstraints(pattern="^(single|multi)$")]
    """`single` or `multi`."""
    n: Count | None = None
    """Number of centres."""
    text: Words | None = None
    """Places as printed."""


class Enrolment(Record):
    """When patients were enrolled."""

    start: Date | None = None
    """First enrolment."""
    end: Date | None = None
    """Last enrolment."""
    text: Words | None = None
    """As printed."""


def _phase_as_text(value: Any) -> Any:
    """Accept the plain number that people type."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Design(Record):
    """How the study was made."""

    type: DesignType
    """Kind of study."""
    allocation: Allocation
    """How patients came into their arms."""
    phase: Annotated[Phase | Absence, BeforeValidator(_phase_as_text, json_schema_input_type=Literal[1, 2, 3, 4] | Phase | Absence)]
    """Trial phase."""
    masking: Masking | Absence
    """Masking."""
    control: Control | Absence
    """What is compared."""
    setting: DiseaseSetting | Absence
    """Where in the disease."""
    centres: Centres | Absence = Field(union_mode="left_to_right")
    """Number of centres."""
    enrolment: Enrolment | Absence = Field(union_mode="left_to_right")
    """Dates of enrolment."""
    sampling: Sampling | Absence = Absence.NOT_IN_WHAT_WAS_READ
    """How the patients were chosen."""
    stopping: Stopping | Absence = Absence.NOT_IN_WHAT_WAS_READ
    """How it ended."""
    repeat_patients: bool = False
    """Whether a patient may be counted in more than one arm or dose level."""
    compared: Words | None = None
    """What the arms differ in, by intent and otherwise, in our own words."""
    note: Words | None = None
    """What the fields cannot hold, in our own words."""
    source: Source | None = None
    """Where it stands."""


class Characteristics(Record):
    """Who the patients were."""

    age_median: Quantity | None = None
    """Median age in years."""
    age_mean: Quantity | None = None
    """Mean age in years."""
    age_range: Words | None = None
    """Range of ages in years."""
    male: Count | None = None
    """Men."""
    female: Count | None = None
    """Women."""
    performance_status: Words | None = None
    """Performance status as printed, with its scale."""
    stage: Words | None = None
    """Stage, risk group or extent of disease."""
    prior_therapy: Words | None = None
    """Earlier treatment."""
    other: Words | None = None
    """Anything else that the source tells."""
    source: Source | None = None
    """Where it stands."""


class Population(Record):
    """A named denominator. Every number hangs on one."""

    n: Count | Absence
    """Patients, or why the number is not there."""
    basis: PopulationBasis
    """What it counts."""
    label: Words | None = None
    """Name for readers, when basis, disease and arms do not say it."""
    arms: tuple[LocalId, ...] = ()
    """Arms it covers; all when left out."""
    conditions: Annotated[tuple[TermId, ...], Field(min_length=0)] = ()
    """Diseases, from the vocabulary; those of the parent when left out."""
    within: LocalId | None = None
    """The population it is part of."""
    characteristics: Characteristics | None = None
    """Who they were."""
    note: Words | None = None
    """Remarks, in our own words."""
    source: Source | None = None
    """Where the number stands."""


class Entity(Record):
    """What a claim speaks of: exactly one of the fields."""

    agent: TermId | None = None
    """An agent, from the vocabulary."""
    arm: LocalId | None = None
    """An arm's regimen."""
    biomarker: TermId | None = None
    """A marker, from the vocabulary."""
    endpoint: TermId | None = None
    """An endpoint, from the vocabulary."""
    condition: TermId | None = None
    """A disease, from the vocabulary."""
    adverse_event: TermId | None = None
    """An adverse event, from the vocabulary."""
    text: Words | None = None
    """Something the vocabularies do not hold."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Entity:
        given = [name for name, value in self.__dict__.items() if value is not None]
        if len(given) != 1:
            raise ValueError(f"exactly one of {', '.join(type(self).model_fields)} is needed, found {', '.join(given) or 'none'}")
        return self


class Claim(Record):
    """What the authors conclude; kept apart from what was measured."""

    subject: Entity
    """What the claim is about."""
    relation: Relation
    """What links it to the object."""
    object: Entity
    """What it is said of."""
    polarity: Polarity = Polarity.SUPPORTS
    """Whether the study's own results support it."""
    summary: Words
    """The conclusion in our own words."""
    conditions: tuple[TermId, ...] = ()
    """Diseases it is limited to."""
    populations: tuple[LocalId, ...] = ()
    """Populations it is limited to."""
    scope: Words | None = None
    """Other limits, in our own words."""
    rests_on: tuple[LocalId, ...] = ()
    """Findings, outcomes and adverse events of this record that it rests on."""
    source: Source
    """Where it stands."""


class Judgement(Record):
    """A risk-of-bias assessment by a named instrument."""

    instrument: BiasInstrument
    """Instrument and version."""
    domains: Annotated[dict[str, BiasJudgement], Field(min_length=1)]
    """Judgement by domain, as many as the instrument has."""
    overall: BiasJudgement
    """Overall judgement."""
    reason: Words
    """Why, in our own words."""
    by: Words
    """Who judged."""


class Flag(Record):
    """A threat to validity of the study or some of its items."""

    flag: BiasFlag
    """Which threat."""
    items: tuple[LocalId, ...] = ()
    """Findings and outcomes it touches; the whole study when left out."""
    reason: Words
    """Why it is raised, in our own words."""


class Appraisal(Record):
    """Our own view of the study, apart from what was measured and what the authors say."""

    flags: tuple[Flag, ...] = ()
    """Threats to validity."""
    judgements: tuple[Judgement, ...] = ()
    """Risk-of-bias assessments."""
    grade: Grade | None = None
    """GRADE certainty, where a person judged it."""
    note: Words | None = None
    """Remarks."""


class Ambiguity(Record):
    """Something that can be read two ways, or is printed wrong, tied to the fields it touches."""

    kind: AmbiguityKind
    """Why it cannot be taken at face value."""
    about: OneOrMore[Annotated[str, StringConstraints(min_length=1, max_length=120)]]
    """Paths in this record, such as `outcomes.response` or `arms.sc.n`; `study` for the whole."""
    text: Words
    """What is unclear and how it was read, in our own words."""


class Handling(Record):
    """Who did something with the record, and when."""

    by: Words
    """Name or ORCID of a person, or the name of the curating group."""
    on: Date
    """Date."""
    what: Words | None = None
    """What was done, when it needs saying."""


class Withdrawal(Record):
    """Why a record was withdrawn and what replaces it."""

    reason: Words
    """Why."""
    replaced_by: StudyId | None = None
    """The record that replaces it; leave out only when there is none, and say so in the reason."""


class Curation(Record):
    """How far the record has come, and through whose hands."""

    status: Status
    """How far it has come."""
    extracted: tuple[Handling, ...] = Field(min_length=1)
    """Who extracted it."""
    checked: tuple[Handling, ...] = ()
    """Who checked it against the source."""
    withdrawn: Withdrawal | None = None
    """Why it was withdrawn."""
    formerly: tuple[StudyId, ...] = ()
    """Earlier ids of the record."""


class Study(Record):
    """One study: the unit of a file."""

    id: StudyId
    reports: Annotated[Items[Report], Field(min_length=1)]
    """Publications, by id; the first is the one the study is named by."""
    registry: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9-]{4,29}$")], ...] = ()
    """Trial registrations such as `NCT00554515`."""
    overlaps: tuple[Overlap, ...] = ()
    """Patients shared with other studies."""
    design: Design
    """How it was made."""
    arms: Items[Arm]
    """Treatment groups, by id; empty when nobody was treated."""
    populations: Annotated[Items[Population], Field(min_length=1)]
    """Denominators, by id; the first is the whole study."""
    findings: Items[Finding] = Field(default_factory=dict)
    """Immune findings, by id."""
    outcomes: Items[Outcome] = Field(default_factory=dict)
    """Outcomes, by id."""
    adverse_events: Items[AdverseEvent] = Field(default_factory=dict)
    """Adverse events, by id."""
    cited: Items[CitedResult] = Field(default_factory=dict)
    """Numbers of other studies that the paper repeats, by id; no part of this study's results."""
    claims: Items[Claim] = Field(default_factory=dict)
    """What the authors conclude, by id."""
    appraisal: Appraisal | None = None
    """Our own view of it."""
    ambiguities: tuple[Ambiguity, ...] = ()
    """What can be read two ways."""
    curation: Curation
    """How far the record has come."""

    @property
    def main_report(self) -> Report:
        """The report that the study is named by."""
        return next(iter(self.reports.values()))

    @property
    def label(self) -> str:
        """What a clinician calls the study: first author and year, or the year and the id's words."""
        report = self.main_report
        if isinstance(report.authors, Absence):
            return f"{self.id} ({report.period})"
        return f"{family_name(report.authors[0])} {report.period}"


def family_name(author: str) -> str:
    """Return `Sosman` for `Sosman JA`, and a group's name whole."""
    head, _, tail = author.rpartition(" ")
    return head if head and tail.isupper() and len(tail) <= 4 else author
