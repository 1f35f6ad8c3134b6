"""The words by which a study is found: one row of the full-text table `search`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from kb.model.findings import MarkerAssociation
from kb.model.results import StatementResult
from kb.model.study import Study
from kb.model.terms import Absence, VocabularyKind
from kb.model.vocabulary import AgentTerm
from kb.records.collection import Vocabulary


def search_row(study: Study, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the texts of a study in the order of `kb.records.tables.SEARCH_COLUMNS`."""
    reports = study.reports.values()
    return (
        f"{study.label} {study.id}",
        _text(report.named for report in reports),
        _text(chain.from_iterable(report.authors for report in reports if not isinstance(report.authors, Absence))),
        _text(chain(study.registry, *((report.pmid, report.doi, report.pmcid) for report in reports))),
        _text(_agents(study, vocabulary)),
        _text(_conditions(study, vocabulary)),
        _text(_biomarkers(study, vocabulary)),
        _text(_endpoints(study, vocabulary)),
        _text(_summaries(study)),
        _text(_notes(study)),
    )


def _text(words: Iterable[str | None]) -> str:
    """Join words, each once."""
    return " · ".join(dict.fromkeys(word for word in words if word))


def _spellings(vocabulary: Vocabulary, kind: VocabularyKind, terms: Iterable[str | None]) -> Iterator[str]:
    for ident in dict.fromkeys(terms):
        if ident is None:
            continue
        found = vocabulary.get(kind, ident)
        yield from (ident,) if found is None else (found.label, ident, *found.synonyms)


def _agents(study: Study, vocabulary: Vocabulary) -> Iterator[str | None]:
    components = [c for arm in study.arms.values() for phase in arm.regimen for c in phase.components]
    agents = [component.agent for component in components]
    members = [
        member for agent in agents if isinstance(term := vocabulary.get(VocabularyKind.AGENTS, agent), AgentTerm) for member in term.members
    ]
    yield from _spellings(vocabulary, VocabularyKind.AGENTS, (*agents, *members))
    for component in components:
        yield component.printed
        yield component.product


def _conditions(study: Study, vocabulary: Vocabulary) -> Iterator[str | None]:
    claimed = [condition for claim in study.claims.values() for condition in claim.conditions]
    held = [condition for population in study.populations.values() for condition in population.conditions]
    yield from _spellings(vocabulary, VocabularyKind.CONDITIONS, (*held, *claimed))


def _biomarkers(study: Study, vocabulary: Vocabulary) -> Iterator[str | None]:
    findings = study.findings.values()
    others = [finding.other_marker for finding in findings if isinstance(finding, MarkerAssociation)]
    claimed = [entity.biomarker for claim in study.claims.values() for entity in (claim.subject, claim.object)]
    yield from _spellings(vocabulary, VocabularyKind.BIOMARKERS, (*(f.biomarker for f in findings), *others, *claimed))
    for finding in findings:
        yield finding.printed
        yield finding.detail


def _endpoints(study: Study, vocabulary: Vocabulary) -> Iterator[str | None]:
    associations = [finding for finding in study.findings.values() if isinstance(finding, MarkerAssociation)]
    claimed = [entity.endpoint for claim in study.claims.values() for entity in (claim.subject, claim.object)]
    endpoints = (*(o.endpoint for o in study.outcomes.values()), *(f.endpoint for f in associations), *claimed)
    yield from _spellings(vocabulary, VocabularyKind.ENDPOINTS, endpoints)
    events = (*(event.term for event in study.adverse_events.values()), *(f.adverse_event for f in associations))
    yield from _spellings(vocabulary, VocabularyKind.ADVERSE_EVENTS, events)
    for outcome in study.outcomes.values():
        yield outcome.printed
    for event in study.adverse_events.values():
        yield event.printed


def _summaries(study: Study) -> Iterator[str | None]:
    for claim in study.claims.values():
        yield claim.summary
        yield from (claim.subject.text, claim.object.text, claim.scope)
    yield from (arm.label for arm in study.arms.values())
    yield from (population.label for population in study.populations.values())
    for item in (*study.findings.values(), *study.outcomes.values()):
        yield item.__dict__.get("magnitude")
        if isinstance(item.result, StatementResult):
            yield item.result.text


def _notes(study: Study) -> Iterator[str | None]:
    yield from (ambiguity.text for ambiguity in study.ambiguities)
    yield from (overlap.reason for overlap in study.overlaps)
    yield study.design.note
    yield study.design.compared
    for section in (study.reports, study.arms, study.populations, study.findings, study.outcomes, study.adverse_events):
        yield from (item.note for item in section.values())
    if study.appraisal is not None:
        yield study.appraisal.note
        yield from (flag.reason for flag in study.appraisal.flags)
