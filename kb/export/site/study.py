"""The page of one study: what was given, to whom, what was seen, and where each fact is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from kb.analysis import phrases
from kb.analysis.shares import response_makeups
from kb.analysis.summary import StudySummary, summarise
from kb.analysis.telling import Teller, citation
from kb.analysis.told import CENTRES
from kb.export.site.counted import MainResult, PopulationRow, SquaresView, main_view, population_rows, squares_view
from kb.export.site.frame import Link, Page, Settings, Twin, Value, registry_link, report_links
from kb.export.site.linked_data import linked_data
from kb.export.site.regimen import ArmView, StripView, arm_views
from kb.export.site.rows import (
    FindingRow,
    Ground,
    HarmRow,
    OutcomeRow,
    anchors,
    finding_rows,
    harm_rows,
    outcome_groups,
)
from kb.export.site.said import (
    FactRow,
    OverlapRow,
    ambiguity_rows,
    appraisal_rows,
    claim_rows,
    fact_rows,
    joined_studies,
    overlap_rows,
)
from kb.export.site.survey import Digest, Entry, Survey
from kb.model.findings import Change, Level, MarkerAssociation, MarkerContrast
from kb.model.scope import conditions_of
from kb.model.study import Study
from kb.model.terms import Absence, BiasFlag, VocabularyKind
from kb.records.collection import Vocabulary


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report: citation, how much was read, where to read it."""

    id: str
    citation: str
    read: str
    kind: str
    links: tuple[Link, ...]
    notes: tuple[str, ...]
    retracted: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """A property with its value."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class StudyPage:
    """Everything on a study's page. An empty part stands beside the words of its absence in `absent`."""

    page: Page
    id: str
    label: str
    title: str
    status: str
    status_label: str
    withdrawn: str
    retracted: bool
    sentence: str
    chips: tuple[str, ...]
    reports: tuple[ReportView, ...]
    registry: tuple[Link, ...]
    cite: str
    design: tuple[Fact, ...]
    arms: tuple[ArmView, ...]
    populations: tuple[PopulationRow, ...]
    main: MainResult | None
    squares: tuple[SquaresView, ...]
    response: tuple[OutcomeRow, ...]
    survival: tuple[OutcomeRow, ...]
    other: tuple[OutcomeRow, ...]
    changes: tuple[FindingRow, ...]
    associations: tuple[FindingRow, ...]
    claims: tuple[FactRow, ...]
    harms: tuple[HarmRow, ...]
    cited: tuple[FactRow, ...]
    ambiguities: tuple[FactRow, ...]
    appraisal: tuple[FactRow, ...]
    overlaps: tuple[OverlapRow, ...]
    joined: tuple[Link, ...]
    curation: tuple[str, ...]
    absent: dict[str, str]
    record: str
    record_href: str
    digest: str
    data: dict[str, object]

    @property
    def marks(self) -> tuple[str, ...]:
        """Marks of the response squares that the page draws."""
        return tuple(dict.fromkeys(run.mark for view in self.squares for run in view.drawing.runs))

    @property
    def glance_strips(self) -> tuple[StripView, ...]:
        """First dose strip of each of the first three arms."""
        return tuple(arm.strips[0] for arm in self.arms[:3] if arm.strips)

    @property
    def glance_findings(self) -> tuple[FindingRow, ...]:
        """First findings for the glance: up to eight, changes before associations, at least half of the room for each."""
        associations = self.associations[: max(4, 8 - len(self.changes))]
        return (*self.changes[: 8 - len(associations)], *associations)


def study_page(entry: Entry, survey: Survey, vocabulary: Vocabulary, settings: Settings, *, turtle: bool) -> StudyPage:
    """Return the context of a study's page.

    Args:
        entry: The record.
        survey: All studies, for labels and shared patients.
        vocabulary: For labels.
        settings: For addresses and the citation.
        turtle: Whether a Turtle twin is written beside the page.
    """
    study = entry.study
    ground = _ground(entry, vocabulary, settings)
    summary = summarise(study, vocabulary, ("claims", "cited"))
    groups = outcome_groups(ground)
    sections = {section.key: section for section in summary.sections}
    digest = sha256(entry.text.encode("utf-8")).hexdigest()[:12]
    label = survey.labels[study.id]
    return StudyPage(
        page=_page(study, label, summary, turtle=turtle),
        id=study.id,
        label=label,
        title=summary.title,
        status=study.curation.status.value,
        status_label=study.curation.status.label,
        withdrawn=_withdrawn(study),
        retracted=any(report.retracted for report in study.reports.values()),
        sentence=summary.sentence,
        chips=tuple(_chips(study, vocabulary)),
        reports=tuple(_reports(study)),
        registry=tuple(map(registry_link, study.registry)),
        cite=_cite(study, summary, settings, digest),
        design=tuple(_design(study)),
        arms=tuple(arm_views(ground)),
        populations=tuple(population_rows(ground)),
        main=main_view(ground),
        squares=tuple(squares_view(ground, makeup) for makeup in response_makeups(study)),
        response=tuple(groups["response"]),
        survival=tuple(groups["survival"]),
        other=tuple(groups["other"]),
        changes=tuple(finding_rows(ground, (Change, MarkerContrast, Level))),
        associations=tuple(finding_rows(ground, (MarkerAssociation,))),
        claims=tuple(claim_rows(ground, sections["claims"].rows)),
        harms=tuple(harm_rows(ground)),
        cited=tuple(fact_rows(ground, sections["cited"].rows)),
        ambiguities=tuple(ambiguity_rows(ground)),
        appraisal=tuple(appraisal_rows(ground)),
        overlaps=tuple(overlap_rows(study, survey)),
        joined=tuple(joined_studies(study, survey)),
        curation=tuple(_curation(study)),
        absent=_absent(ground, groups),
        record=entry.file,
        record_href=_record_href(entry.file, study.id, settings, 0),
        digest=digest,
        data=linked_data(study, vocabulary, settings),
    )


def shown_of_others(digest: Digest, survey: Survey) -> tuple[object, ...]:
    """Return all that a study's files show of the rest of the collection: with the record itself, all that they rest on.

    Args:
        digest: The study at a glance.
        survey: All studies.
    """
    cohort = survey.cohorts[digest.id].any
    stated = [(other, survey.labels.get(other)) for other, _ in digest.overlaps]
    joined = [(other, survey.labels[other]) for other in survey.members[cohort]]
    return survey.labels[digest.id], cohort, stated, joined, sorted({said.marker for said in digest.said} & survey.markers)


def _ground(entry: Entry, vocabulary: Vocabulary, settings: Settings) -> Ground:
    study = entry.study
    flags: dict[str, tuple[BiasFlag, ...]] = {}
    for flag in study.appraisal.flags if study.appraisal else ():
        for item in flag.items:
            flags[item] = (*flags.get(item, ()), flag.flag)

    def line(path: tuple[str, ...]) -> int:
        while path and path not in entry.lines:
            path = path[:-1]
        return entry.lines.get(path, 0)

    return Ground(
        Teller(study, vocabulary, flags), anchors(study), line, lambda number: _record_href(entry.file, study.id, settings, number)
    )


def _record_href(file: str, ident: str, settings: Settings, line: int) -> str:
    """Return where a line of the record can be read: in the source repository, else in the copy beside the page."""
    if settings.source_url:
        return f"{settings.source_url}{file}" + (f"#L{line}" if line else "")
    return f"{ident}.yaml"


def _page(study: Study, label: str, summary: StudySummary, *, turtle: bool) -> Page:
    twins = [
        Twin("JSON", f"{study.id}.json", "application/json"), Twin("CSV", f"{study.id}.csv", "text/csv"), Twin("record (YAML)", f"{study.id}.yaml", "application/yaml"),
    ]  # fmt: skip
    if turtle:
        twins.insert(1, Twin("Turtle", f"{study.id}.ttl", "text/turtle"))
    links = report_links(study.main_report)
    return Page(
        path=f"studies/{study.id}.html",
        title=f"{label}: {summary.title}",
        description=summary.sentence[:300],
        crumbs=(Link("Studies", "index.html"),),
        section="studies/index.html",
        twins=tuple(twins),
        cites=links[0].href if links else "",
    )


def _withdrawn(study: Study) -> str:
    withdrawn = study.curation.withdrawn
    if withdrawn is None:
        return ""
    return withdrawn.reason + (f" Replaced by {withdrawn.replaced_by}." if withdrawn.replaced_by else "")


def _chips(study: Study, vocabulary: Vocabulary) -> Iterator[str]:
    design = study.design
    yield design.type.label
    yield design.allocation.label
    if not isinstance(design.phase, Absence):
        yield design.phase.label
    diseases = dict.fromkeys(term for ident in study.populations for term in conditions_of(study, ident))
    shown = [vocabulary.label(VocabularyKind.CONDITIONS, term) for term in diseases]
    yield from shown[:4]
    if len(shown) > 4:
        yield f"{len(shown) - 4} more diseases"
    first = next(iter(study.populations.values()))
    yield phrases.patients(first.n) if not isinstance(first.n, Absence) else f"patients {first.n.label}"
    if len(study.arms) != 1:
        yield f"{len(study.arms)} arms" if study.arms else "no treatment arm"


def _reports(study: Study) -> Iterator[ReportView]:
    for ident, report in study.reports.items():
        notes = [text for text in (report.data_cut and f"data cut: {report.data_cut}", report.note) if text]
        if report.supersedes:
            notes.append(f"replaces report {report.supersedes}")
        yield ReportView(
            ident, citation(report), report.read.label, report.kind.label, report_links(report), tuple(notes), report.retracted
        )


def _cite(study: Study, summary: StudySummary, settings: Settings, digest: str) -> str:
    return f"{summary.citations[0]} Extracted record {study.id}, {settings.name}, version {settings.version}, record {digest}."


def _design(study: Study) -> Iterator[Fact]:
    design = study.design
    names = {
        "type": "Type", "allocation": "Allocation", "phase": "Phase", "masking": "Masking", "control": "Compared with",
        "setting": "Setting", "sampling": "Patients chosen", "stopping": "Ended",
    }  # fmt: skip
    for field, name in names.items():
        value = getattr(design, field)
        yield Fact(name, Value(value.label, absent=isinstance(value, Absence)))
    if isinstance(design.centres, Absence):
        yield Fact("Centres", Value(design.centres.label, absent=True))
    else:
        kind = CENTRES[design.centres.kind]
        parts = (kind, str(design.centres.n or ""), design.centres.text or "")
        yield Fact("Centres", Value(", ".join(part for part in parts if part)))
    if isinstance(design.enrolment, Absence):
        yield Fact("Enrolled", Value(design.enrolment.label, absent=True))
    else:
        span = f"{design.enrolment.start or 'start not given'} to {design.enrolment.end or 'end not given'}"
        yield Fact("Enrolled", Value(design.enrolment.text or span))
    if design.repeat_patients:
        yield Fact("Counting", Value("a patient may be counted more than once"))
    for name, text in (("Arms differ in", design.compared), ("Note", design.note)):
        if text:
            yield Fact(name, Value(text))


def _curation(study: Study) -> Iterator[str]:
    curation = study.curation
    for word, handlings in (("Extracted", curation.extracted), ("Checked", curation.checked)):
        for handling in handlings:
            yield f"{word} by {handling.by}, {handling.on}{': ' + handling.what if handling.what else ''}"
    if not curation.checked:
        yield "Not yet checked by a second reader"
    if curation.formerly:
        yield f"Formerly {phrases.listed(curation.formerly)}"


def _absent(ground: Ground, groups: dict[str, list[OutcomeRow]]) -> dict[str, str]:
    """Return what each empty part means."""
    silence = ground.teller.silence.label
    read = ground.teller.study.main_report.read.label
    said = f"{silence.capitalize()} ({read})." if silence.startswith("not in") else f"{silence.capitalize()}."
    words = dict.fromkeys(("response", "survival", "changes", "associations", "claims", "harms", "regimen"), said)
    if not ground.teller.study.arms:
        words["regimen"] = "No treatment arm: patients were observed or pooled."
    return {
        **words,
        "outcomes": said if not any(groups.values()) else "",
        "cited": "None recorded.",
        "ambiguities": "Nothing noted.",
        "appraisal": "Not appraised.",
        "overlaps": "None known.",
    }
