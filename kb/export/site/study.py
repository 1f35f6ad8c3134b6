"""The page of one study: what was given, to whom, what was seen, and where each fact is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from kb.analysis import phrases
from kb.analysis.shares import Makeup, response_makeups
from kb.analysis.summary import Row, StudySummary, main_result, summarise
from kb.analysis.telling import Teller, citation
from kb.export.site.charts import Squares, flow_width, response_squares
from kb.export.site.frame import Link, Page, Settings, Twin, Value, registry_link, report_links
from kb.export.site.regimen import ArmView, StripView, arm_views
from kb.export.site.rows import (
    FindingRow,
    Footing,
    Ground,
    HarmRow,
    Marked,
    OutcomeRow,
    Shown,
    finding_rows,
    harm_rows,
    outcome_groups,
    shown,
)
from kb.export.site.survey import Entry, Survey
from kb.model.findings import Change, Level, MarkerAssociation, MarkerContrast
from kb.model.results import Proportion
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
class PopulationRow:
    """One denominator: its place in the tree, its number and bar."""

    marked: Marked
    depth: int
    name: str
    n: Value
    basis: str
    width: float
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SquaresView:
    """Response squares with their words."""

    drawing: Squares
    title: str
    legend: tuple[tuple[str, str, int], ...]
    alt: str


@dataclass(frozen=True, slots=True)
class MainResult:
    """The result that a reader looks for first."""

    endpoint: str
    patients: str
    anchor: str
    shown: Shown | None
    words: str


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact in words with its place: claims, ambiguities, appraisal, cited numbers."""

    anchor: str
    headline: str
    details: tuple[str, ...]
    remarks: tuple[str, ...]
    footing: Footing | None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class OverlapRow:
    """A study that the record says has the same patients."""

    label: str
    href: str
    relation: str
    certainty: str
    reason: str


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
    def glance_strips(self) -> tuple[StripView, ...]:
        """First dose strip of each of the first three arms."""
        return tuple(arm.strips[0] for arm in self.arms[:3] if arm.strips)

    @property
    def glance_findings(self) -> tuple[FindingRow, ...]:
        """First findings for the glance: associations before changes, at most eight."""
        return (*self.associations[:4], *self.changes)[:8]


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
    summary = summarise(study, vocabulary)
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
        populations=tuple(_populations(ground)),
        main=_main(study, vocabulary),
        squares=tuple(_squares(ground, makeup) for makeup in response_makeups(study)),
        response=tuple(groups["response"]),
        survival=tuple(groups["survival"]),
        other=tuple(groups["other"]),
        changes=tuple(finding_rows(ground, (Change, MarkerContrast, Level))),
        associations=tuple(finding_rows(ground, (MarkerAssociation,))),
        claims=tuple(_facts(ground, sections["claims"].rows, study)),
        harms=tuple(harm_rows(ground)),
        cited=tuple(_facts(ground, sections["cited"].rows, study)),
        ambiguities=tuple(_ambiguities(ground)),
        appraisal=tuple(_appraisal(ground)),
        overlaps=tuple(_overlaps(study, survey)),
        joined=tuple(_joined(study, survey)),
        curation=tuple(_curation(study)),
        absent=_absent(ground, groups),
        record=entry.file,
        record_href=_record_href(entry.file, study.id, settings, 0),
        digest=digest,
        data=linked_data(study, vocabulary, settings),
    )


def _ground(entry: Entry, vocabulary: Vocabulary, settings: Settings) -> Ground:
    study = entry.study
    flags: dict[str, tuple[BiasFlag, ...]] = {}
    for flag in study.appraisal.flags if study.appraisal else ():
        for item in flag.items:
            flags[item] = (*flags.get(item, ()), flag.flag)

    def line(path: tuple[str, ...]) -> int:
        return next((entry.lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in entry.lines), 0)

    return Ground(Teller(study, vocabulary, flags), line, lambda number: _record_href(entry.file, study.id, settings, number))


def _record_href(file: str, ident: str, settings: Settings, line: int) -> str:
    """Return where a line of the record can be read: in the source repository, else in the copy beside the page."""
    if settings.source_url:
        return f"{settings.source_url}{file}" + (f"#L{line}" if line else "")
    return f"{ident}.yaml"


def _page(study: Study, label: str, summary: StudySummary, *, turtle: bool) -> Page:
    twins = [Twin("JSON", f"{study.id}.json", "application/json"), Twin("record (YAML)", f"{study.id}.yaml", "application/yaml")]
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
        kind = "several centres" if design.centres.kind == "multi" else "one centre"
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


def _populations(ground: Ground) -> Iterator[PopulationRow]:
    """Yield the denominators as a tree: each after the one that it lies within."""
    study = ground.teller.study
    largest = max((found.n for found in study.populations.values() if isinstance(found.n, int)), default=0)
    children: dict[str | None, list[str]] = {}
    for ident, found in study.populations.items():
        within = found.within if found.within in study.populations and found.within != ident else None
        children.setdefault(within, []).append(ident)
    placed: list[tuple[str, int]] = []
    stack = [(ident, 0) for ident in reversed(children.get(None, []))]
    while stack:
        ident, depth = stack.pop()
        placed.append((ident, depth))
        stack += [(child, depth + 1) for child in reversed(children.get(ident, []))]
    reached = {ident for ident, _ in placed}
    # A loop of `within` reaches no root; its members still show.
    placed += [(ident, 0) for ident in study.populations if ident not in reached]
    for ident, depth in placed:
        yield _population(ground, ident, min(depth, 4), largest)


def _population(ground: Ground, ident: str, depth: int, largest: int) -> PopulationRow:
    teller = ground.teller
    found = teller.study.populations[ident]
    diseases = [teller.term(VocabularyKind.CONDITIONS, term) for term in conditions_of(teller.study, ident)]
    details = [phrases.listed(diseases)] if diseases else []
    if found.arms and len(found.arms) < len(teller.study.arms):
        details.append(("arm " if len(found.arms) == 1 else "arms ") + phrases.listed(found.arms))
    if found.characteristics is not None:
        details += [
            f"{name.replace('_', ' ')}: {value}"
            for name in type(found.characteristics).model_fields
            if name != "source" and (value := getattr(found.characteristics, name)) is not None
        ]
    absent = isinstance(found.n, Absence)
    return PopulationRow(
        marked=ground.marked(("populations", ident), found.source, note=found.note),
        depth=depth,
        name=found.label or found.basis.label,
        n=Value(found.n.label if isinstance(found.n, Absence) else str(found.n), absent=absent),
        basis=found.basis.label if found.label else "",
        width=flow_width(found.n, largest) if isinstance(found.n, int) else 0.0,
        details=tuple(details),
    )


def _main(study: Study, vocabulary: Vocabulary) -> MainResult | None:
    found = main_result(study, vocabulary)
    if found is None:
        return None
    ident, outcome = found
    result = outcome.result
    drawn = shown(result, result.total or 0) if isinstance(result, Proportion) else None
    return MainResult(
        endpoint=vocabulary.label(VocabularyKind.ENDPOINTS, outcome.endpoint),
        patients=phrases.population(study, outcome.population, vocabulary),
        anchor=f"outcomes.{ident}",
        shown=drawn,
        words=phrases.result(result),
    )


MARK_WORDS = {
    "complete": "complete response",
    "partial": "partial response",
    "responded": "objective response, grade not split",
    "minor": "minor response",
    "mixed": "mixed response",
    "stable": "stable disease",
    "progressive": "progressive disease",
    "rest": "everyone else counted",
}
"""Words of the response squares."""


def _squares(ground: Ground, makeup: Makeup) -> SquaresView:
    title = ground.teller.population(makeup.population)
    if makeup.arms:
        title += f", {'arm' if len(makeup.arms) == 1 else 'arms'} {phrases.listed(makeup.arms)}"
    legend = tuple((mark, MARK_WORDS[mark], count) for mark, count in makeup.parts)
    alt = f"{title}: " + ", ".join(f"{count} {words}" for _, words, count in legend)
    return SquaresView(response_squares(makeup), title, legend, alt)


def _facts(ground: Ground, rows: tuple[Row, ...], study: Study) -> Iterator[FactRow]:
    for row in rows:
        footing = Footing(row.place, line := ground.line(row.path), ground.href(line))
        claim = study.claims.get(row.path[1]) if row.path[0] == "claims" else None
        links = tuple(_item_link(study, item) for item in claim.rests_on) if claim is not None else ()
        details = tuple(detail for detail in row.details if not detail.startswith("rests on ")) if links else row.details
        yield FactRow(".".join(row.path), row.headline, details, row.remarks, footing, links)


_ITEM_PARTS = ("findings", "outcomes", "adverse_events", "claims", "arms", "populations", "cited")


def _item_link(study: Study, item: str) -> Link:
    part = next((part for part in _ITEM_PARTS if item in getattr(study, part)), None)
    return Link(item, f"#{part}.{item}" if part else "")


def _ambiguities(ground: Ground) -> Iterator[FactRow]:
    study = ground.teller.study
    for place, ambiguity in enumerate(study.ambiguities):
        links = tuple(Link(about, _path_href(study, about)) for about in ambiguity.about)
        yield FactRow(f"ambiguities.{place}", ambiguity.text, (ambiguity.kind.label,), (), None, links)


_SECTION_ANCHORS = {"arms": "regimen", "populations": "patients", "outcomes": "outcomes", "findings": "markers", "design": "design",
                    "adverse_events": "harms", "claims": "claims", "reports": "sources", "cited": "cited"}  # fmt: skip


def _path_href(study: Study, path: str) -> str:
    """Return the address of a path on the page: its row, else its part, else nothing."""
    part, _, rest = path.partition(".")
    ident = (
        next((known for known in getattr(study, part, ()) or () if rest == known or rest.startswith(f"{known}.")), None) if rest else None
    )
    if part in _ITEM_PARTS and ident is not None:
        return f"#{part}.{ident}"
    return f"#{_SECTION_ANCHORS[part]}" if part in _SECTION_ANCHORS else ""


def _appraisal(ground: Ground) -> Iterator[FactRow]:
    study = ground.teller.study
    appraisal = study.appraisal
    if appraisal is None:
        return
    for place, flag in enumerate(appraisal.flags):
        links = tuple(_item_link(study, item) for item in flag.items)
        details = () if links else ("touches the whole study",)
        yield FactRow(f"appraisal.flags.{place}", f"{flag.flag.label}: {flag.reason}", details, (), None, links)
    for place, judged in enumerate(appraisal.judgements):
        domains = tuple(f"{domain}: {judgement.label}" for domain, judgement in judged.domains.items())
        headline = f"{judged.instrument.label}: {judged.overall.label}. {judged.reason} ({judged.by})"
        yield FactRow(f"appraisal.judgements.{place}", headline, domains, (), None)
    if appraisal.grade is not None:
        yield FactRow("appraisal.grade", f"GRADE certainty: {appraisal.grade.label}", (), (), None)
    if appraisal.note:
        yield FactRow("appraisal.note", appraisal.note, (), (), None)


def _overlaps(study: Study, survey: Survey) -> Iterator[OverlapRow]:
    for overlap in study.overlaps:
        known = overlap.study in survey.digests
        yield OverlapRow(
            label=survey.labels.get(overlap.study, overlap.study),
            href=f"{overlap.study}.html" if known else "",
            relation=overlap.relation.label if known else f"{overlap.relation.label}; it has no record here",
            certainty=overlap.certainty.label,
            reason=overlap.reason,
        )


def _joined(study: Study, survey: Survey) -> Iterator[Link]:
    """Yield the other studies of the cohort: those that are joined through a third, or say so themselves."""
    stated = {overlap.study for overlap in study.overlaps}
    for other in survey.members[survey.cohorts[study.id].any]:
        if other != study.id and other not in stated:
            yield Link(survey.labels[other], f"{other}.html")


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


_DESIGNS = {"clinical-trial": "MedicalTrial"}


def linked_data(study: Study, vocabulary: Vocabulary, settings: Settings) -> dict[str, object]:
    """Return the study as schema.org data for search engines: kind, design, diseases, registration, publication."""
    diseases = dict.fromkeys(term for ident in study.populations for term in conditions_of(study, ident))
    report = study.main_report
    article: dict[str, object] = {"@type": "MedicalScholarlyArticle", "name": report.title, "datePublished": str(report.year)}
    if report.doi:
        article["sameAs"] = f"https://doi.org/{report.doi}"
    if not isinstance(report.authors, Absence):
        article["author"] = [{"@type": "Person", "name": name} for name in report.authors]
    found: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": _DESIGNS.get(study.design.type.value, "MedicalObservationalStudy"),
        "identifier": study.id,
        "name": report.title,
        "healthCondition": [{"@type": "MedicalCondition", "name": vocabulary.label(VocabularyKind.CONDITIONS, term)} for term in diseases],
        "subjectOf": article,
    }
    if found["@type"] == "MedicalTrial":
        found["trialDesign"] = study.design.allocation.label
    codes = [{"@type": "MedicalCode", "codeValue": number} for number in study.registry]
    if codes:
        found["code"] = codes
    if settings.base_url:
        found["url"] = f"{settings.base_url}studies/{study.id}.html"
    return found
