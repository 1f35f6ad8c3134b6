"""A study told for reading: the same sentences on the terminal and on its page.

The summary is typed, not formatted: sections of rows, each with its headline, details, denominator, place in the
source, flags and remarks. A section without rows says which absence that is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from kb.analysis import phrases
from kb.analysis.sentence import sentence
from kb.analysis.telling import Teller, citation, claim_words, component_words, finding_details, finding_words, qualifiers, timepoint
from kb.model.algebra import regimen_class
from kb.model.base import Source
from kb.model.findings import Change, Level, MarkerAssociation, MarkerContrast
from kb.model.results import Proportion
from kb.model.study import Centres, Enrolment, Study
from kb.model.terms import (
    Absence,
    BiasFlag,
    Condition,
    CountOf,
    VocabularyKind,
)
from kb.records.collection import Vocabulary


class Place(NamedTuple):
    """Where a fact stands in its source.

    Attributes:
        report: Id of the report.
        at: Section, sentence, table or figure.
        anchor: The few words that hold the figure, or an empty string.
        derived: How a number that is not printed was obtained, or an empty string.
        also: Further places.
    """

    report: str
    at: str
    anchor: str = ""
    derived: str = ""
    also: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One fact for reading.

    Attributes:
        path: Path in the record, such as `("outcomes", "response")`.
        headline: The fact in words.
        mark: Glyph of its direction, or an empty string.
        details: Further words, one piece each.
        population: The denominator in words, or an empty string.
        place: Where it stands, or None where the record names no place.
        flags: Threats to validity that touch it.
        remarks: The curator's note and the ambiguities that touch it.
    """

    path: tuple[str, ...]
    headline: str
    mark: str = ""
    details: tuple[str, ...] = ()
    population: str = ""
    place: Place | None = None
    flags: tuple[BiasFlag, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the summary.

    Attributes:
        key: Stable name, for anchors.
        title: Heading.
        rows: Facts, in the order of the record.
        absent: What an empty section means; empty when there are rows.
    """

    key: str
    title: str
    rows: tuple[Row, ...]
    absent: str = ""


@dataclass(frozen=True, slots=True)
class StudySummary:
    """A study for reading.

    Attributes:
        id: Permanent id.
        label: First author and year.
        title: Title as printed.
        citations: One citation a report.
        sentence: The study in plain words.
        sections: Its parts, in reading order.
    """

    id: str
    label: str
    title: str
    citations: tuple[str, ...]
    sentence: str
    sections: tuple[Section, ...]


def place_of(source: Source | None) -> Place | None:
    """Return a source as a place."""
    if source is None:
        return None
    return Place(
        source.report,
        source.at,
        source.anchor or "",
        source.derived or "",
        tuple(place for place in map(place_of, source.also) if place is not None) if source.also else (),
    )


def summarise(study: Study, vocabulary: Vocabulary, parts: Collection[str] | None = None) -> StudySummary:
    """Tell a study for reading.

    Args:
        study: The study.
        vocabulary: For labels.
        parts: Keys of the sections to tell; all when left out.
    """
    flags: dict[str, tuple[BiasFlag, ...]] = {}
    for flag in study.appraisal.flags if study.appraisal else ():
        for item in flag.items:
            flags[item] = (*flags.get(item, ()), flag.flag)
    teller = Teller(study, vocabulary, flags)
    sections = (
        _section(teller, key, title, rows(teller), absent) for key, title, rows, absent in _SECTIONS if parts is None or key in parts
    )
    return StudySummary(
        study.id,
        study.label,
        study.main_report.named,
        tuple(map(citation, study.reports.values())),
        sentence(teller),
        tuple(sections),
    )


def _section(teller: Teller, key: str, title: str, rows: Iterable[Row], absent: str = "") -> Section:
    found = tuple(rows)
    return Section(key, title, found, "" if found else absent or teller.silence.label)


def _design(teller: Teller) -> Iterator[Row]:
    design = teller.study.design
    said = {name: getattr(design, name).label for name in ("type", "allocation", "phase", "masking", "control", "setting")}
    said["sampling"], said["stopping"] = design.sampling.label, design.stopping.label
    said["centres"], said["enrolment"] = _centres(design.centres), _enrolment(design.enrolment)
    said |= {name: words for name in ("compared", "note") if (words := getattr(design, name)) is not None}
    place = place_of(design.source)
    for name, words in said.items():
        # The design has one place for all its fields; it stands once, with the first.
        yield Row(("design", name), f"{name}: {words}", place=place, remarks=teller.remarks(("design", name), None))
        place = None


def _centres(centres: Centres | Absence) -> str:
    if isinstance(centres, Absence):
        return centres.label
    kind = "several" if centres.kind == "multi" else "one"
    return ", ".join(part for part in (kind, str(centres.n or ""), centres.text or "") if part)


def _enrolment(enrolment: Enrolment | Absence) -> str:
    if isinstance(enrolment, Absence):
        return enrolment.label
    return enrolment.text or f"{enrolment.start or 'start not given'} to {enrolment.end or 'end not given'}"


def _arms(teller: Teller) -> Iterator[Row]:
    lexicon = teller.vocabulary.lexicon
    for ident, arm in teller.study.arms.items():
        details = [f"regimen class: {regimen_class(arm, lexicon).label}", *(how.label for how in arm.accrual)]
        for phase in arm.regimen:
            setting = "" if isinstance(phase.setting, Absence) else f", {phase.setting.label}"
            when = "" if phase.when is Condition.ALWAYS else f", {phase.when.label}"
            details.append(f"{phase.phase.label}{' (' + phase.label + ')' if phase.label else ''}{setting}{when}:")
            details += [f"  {component_words(component, teller.vocabulary, lexicon)}" for component in phase.components]
        if arm.delivered:
            details.append(f"delivered: {arm.delivered}")
        yield Row(
            ("arms", ident),
            f"{ident}: {arm.label}",
            details=tuple(details),
            population=phrases.patients(arm.n),
            place=place_of(arm.source),
            remarks=teller.remarks(("arms", ident), arm.note),
        )


def _populations(teller: Teller) -> Iterator[Row]:
    for ident, found in teller.study.populations.items():
        details = []
        if found.within:
            details.append(f"within {found.within}")
        if found.arms:
            details.append(f"arms {phrases.listed(found.arms)}")
        if found.characteristics is not None:
            details += [
                f"{name.replace('_', ' ')}: {value}"
                for name in type(found.characteristics).model_fields
                if name != "source" and (value := getattr(found.characteristics, name)) is not None
            ]
        yield Row(
            ("populations", ident),
            f"{ident}: {teller.population(ident)}",
            details=tuple(details),
            place=place_of(found.source),
            remarks=teller.remarks(("populations", ident), found.note),
        )


def _outcomes(teller: Teller) -> Iterator[Row]:
    for ident, outcome in teller.study.outcomes.items():
        endpoint = teller.term(VocabularyKind.ENDPOINTS, outcome.endpoint)
        printed = f' (printed "{outcome.printed}")' if outcome.printed else ""
        details = (teller.arms(outcome), teller.comparison(outcome.comparison), *qualifiers(outcome))
        yield Row(
            ("outcomes", ident),
            f"{endpoint}{printed}: {phrases.result(outcome.result)}",
            details=tuple(detail for detail in details if detail),
            population=teller.population(outcome.population),
            place=place_of(outcome.source),
            flags=teller.flagged(ident, outcome.flags),
            remarks=teller.remarks(("outcomes", ident), outcome.note),
        )


def _findings(teller: Teller, kinds: tuple[type, ...]) -> Iterator[Row]:
    for ident, finding in teller.study.findings.items():
        if not isinstance(finding, kinds):
            continue
        mark, headline = finding_words(teller, finding)
        where = (
            f"in {finding.compartment.label}"
            if not isinstance(finding.compartment, Absence)
            else f"compartment {finding.compartment.label}"
        )
        details = [where, timepoint(finding.timepoint), finding.detail or "", teller.arms(finding)]
        if not isinstance(finding.assay, Absence):
            details.append(f"by {teller.term(VocabularyKind.ASSAYS, finding.assay)}")
        if not isinstance(finding.n, Absence):
            details.append(f"measured in {finding.n}")
        yield Row(
            ("findings", ident),
            headline,
            mark=mark,
            details=tuple(detail for detail in (*details, *finding_details(teller, finding)) if detail),
            population=teller.population(finding.population),
            place=place_of(finding.source),
            flags=teller.flagged(ident, finding.flags),
            remarks=teller.remarks(("findings", ident), finding.note),
        )


def _claims(teller: Teller) -> Iterator[Row]:
    for ident, claim in teller.study.claims.items():
        scope = [teller.term(VocabularyKind.CONDITIONS, term) for term in claim.conditions]
        scope += [teller.population(population) for population in claim.populations]
        scope += [claim.scope] if claim.scope else []
        details = [claim_words(claim, teller.study, teller.vocabulary)]
        if scope:
            details.append(f"in {phrases.listed(scope)}")
        if claim.rests_on:
            details.append(f"rests on {phrases.listed(claim.rests_on)}")
        details.append(f"own evidence {claim.polarity.label} it")
        yield Row(
            ("claims", ident),
            claim.summary,
            details=tuple(details),
            place=place_of(claim.source),
            remarks=teller.remarks(("claims", ident), None),
        )


def _adverse_events(teller: Teller) -> Iterator[Row]:
    for ident, event in teller.study.adverse_events.items():
        term = teller.term(VocabularyKind.ADVERSE_EVENTS, event.term)
        printed = f' (printed "{event.printed}")' if event.printed.casefold() != term.casefold() else ""
        said = phrases.result(
            Proportion(kind="proportion", events=event.events, total=event.total, percent=event.percent, interval=event.interval)
        )
        scale = "" if isinstance(event.scale, Absence) else f" {event.scale.label}"
        details = [
            f"grade {event.grade}{scale}" if event.grade else "",
            {True: "called treatment-related", False: "not called treatment-related", None: ""}[event.related],
            "" if event.count_of is CountOf.PATIENTS else f"counts {event.count_of.label}, not patients",
            teller.arms(event),
            teller.comparison(event.comparison),
            phrases.p_value(event.p),
        ]
        yield Row(
            ("adverse_events", ident),
            f"{term}{printed}: {said or event.says.label}",
            details=tuple(detail for detail in details if detail),
            population=teller.population(event.population),
            place=place_of(event.source),
            flags=teller.flagged(ident),
            remarks=teller.remarks(("adverse_events", ident), event.note),
        )


def _cited(teller: Teller) -> Iterator[Row]:
    for ident, cited in teller.study.cited.items():
        size = [f"{cited.studies} studies" if cited.studies else "", f"{cited.patients} patients" if cited.patients else ""]
        yield Row(
            ("cited", ident),
            f"{teller.term(VocabularyKind.ENDPOINTS, cited.endpoint)}: {phrases.result(cited.result)}",
            details=(cited.whose, *(part for part in size if part)),
            place=place_of(cited.source),
            remarks=teller.remarks(("cited", ident), cited.note),
        )


def _ambiguities(teller: Teller) -> Iterator[Row]:
    for place, ambiguity in enumerate(teller.study.ambiguities):
        about = phrases.listed(ambiguity.about)
        yield Row(("ambiguities", str(place)), f"{ambiguity.kind.label}: {ambiguity.text}", details=(f"about {about}",))


def _appraisal(teller: Teller) -> Iterator[Row]:
    appraisal = teller.study.appraisal
    if appraisal is None:
        return
    for place, flag in enumerate(appraisal.flags):
        items = f"touches {phrases.listed(flag.items)}" if flag.items else "touches the whole study"
        yield Row(("appraisal", "flags", str(place)), f"{flag.flag.label}: {flag.reason}", details=(items,))
    for place, judged in enumerate(appraisal.judgements):
        domains = tuple(f"{domain}: {judgement.label}" for domain, judgement in judged.domains.items())
        headline = f"{judged.instrument.label}: {judged.overall.label}. {judged.reason} ({judged.by})"
        yield Row(("appraisal", "judgements", str(place)), headline, details=domains)
    if appraisal.grade is not None:
        yield Row(("appraisal", "grade"), f"GRADE certainty: {appraisal.grade.label}")
    if appraisal.note:
        yield Row(("appraisal", "note"), appraisal.note)


def _overlaps(teller: Teller) -> Iterator[Row]:
    for place, overlap in enumerate(teller.study.overlaps):
        headline = f"{overlap.study}: {overlap.relation.label} ({overlap.certainty.label})"
        yield Row(("overlaps", str(place)), headline, details=(overlap.reason,))


_SECTIONS: tuple[tuple[str, str, Callable[[Teller], Iterable[Row]], str], ...] = (
    # key, title, rows, what an empty section means; nothing where it is the silence of what was read
    ("design", "How the study was made", _design, ""),
    ("arms", "What was given", _arms, "no treatment arm: patients were observed or pooled"),
    ("populations", "Who was counted", _populations, ""),
    ("outcomes", "What the tumours and the patients did", _outcomes, ""),
    ("changes", "What the immune system did", partial(_findings, kinds=(Change, MarkerContrast, Level)), ""),
    ("associations", "What went with what among patients", partial(_findings, kinds=(MarkerAssociation,)), ""),
    ("claims", "What the authors conclude", _claims, ""),
    ("adverse-events", "Harms", _adverse_events, ""),
    ("cited", "Numbers of other studies that the paper repeats", _cited, "none recorded"),
    ("ambiguities", "What can be read two ways", _ambiguities, "nothing noted"),
    ("appraisal", "Our view of its validity", _appraisal, "not appraised"),
    ("overlaps", "Patients shared with other studies", _overlaps, "none known"),
)
"""The sections of a study, in reading order."""
