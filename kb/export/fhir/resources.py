"""A study's parts as FHIR R5 resources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kb.analysis import phrases
from kb.analysis.telling import Teller, component_words, finding_words
from kb.export.fhir.codes import ROLES, STATUSES, Json, identifier, member, reference, term, uid
from kb.export.fhir.statistics import statistics
from kb.model.base import Source
from kb.model.findings import Finding
from kb.model.outcomes import AdverseEvent, Outcome
from kb.model.results import Continuous, Proportion
from kb.model.scope import arms_of_item, conditions_of
from kb.model.study import Report, Study
from kb.model.terms import Absence, CountOf, VocabularyKind
from kb.records.collection import Vocabulary


class StudyResources:
    """Makes the resources of one study; IRIs are those of the graph."""

    def __init__(self, study: Study, vocabulary: Vocabulary, base: str) -> None:
        self._study = study
        self._vocabulary = vocabulary
        self._base = base
        self._teller = Teller(study, vocabulary)
        self._status = STATUSES[study.curation.status]
        self._evidence: list[str] = []

    def iri(self, *path: str) -> str:
        """Return the IRI of a part of the study."""
        return "/".join((f"{self._base}id/{self._study.id}", *path))

    def all(self) -> Iterator[Json]:
        """Yield every resource, the study last: it refers to the others."""
        for ident, report in self._study.reports.items():
            yield self._citation(ident, report)
        for ident in self._study.populations:
            yield self._group(ident)
        for ident in self._study.arms:
            yield self._exposure(ident)
        yield from self._variables()
        yield from self._all_evidence()
        yield self._research_study()

    def _resource(self, kind: str, iri: str, **fields: Any) -> Json:
        held = {"resourceType": kind, "id": uid(iri), "identifier": [identifier(iri)], **fields}
        return {name: value for name, value in held.items() if value not in (None, [], {})}

    def _term(self, kind: VocabularyKind, ident: str) -> Json:
        return term(self._base, self._vocabulary, kind, ident)

    def _citation(self, ident: str, report: Report) -> Json:
        names = () if isinstance(report.authors, Absence) else report.authors
        entries = [{"contributor": {"display": name}, "rankingOrder": place} for place, name in enumerate(names, 1)]
        ids = (("https://doi.org", report.doi), ("https://pubmed.ncbi.nlm.nih.gov", report.pmid))
        form = {
            "publishedIn": {"title": report.journal} if report.journal else None,
            "volume": report.volume,
            "issue": report.issue,
            "articleDate": None if report.dated is None else str(report.dated),
            "pageString": report.pages,
        }
        artifact = {
            "identifier": [{"system": system, "value": value} for system, value in ids if value],
            "title": [] if isinstance(report.title, Absence) else [{"text": report.title}],
            "publicationForm": [{name: value for name, value in form.items() if value}],
            "webLocation": [{"url": url} for url in report.urls],
            "contributorship": {"complete": not report.et_al, "entry": entries} if entries else None,
        }
        cited = {name: value for name, value in artifact.items() if value not in (None, [], [{}])}
        note = [{"text": "retracted"}] if report.retracted else []
        return self._resource("Citation", self.iri("reports", ident), status=self._status, note=note, citedArtifact=cited)

    def _group(self, ident: str) -> Json:
        population = self._study.populations[ident]
        traits = [
            {
                "code": {"text": "condition"},
                "valueCodeableConcept": self._term(VocabularyKind.CONDITIONS, condition),
                "exclude": False,
            }
            for condition in conditions_of(self._study, ident)
        ]
        return self._resource(
            "Group",
            self.iri("populations", ident),
            type="person",
            membership="definitional",
            code=member(population.basis),
            name=self._teller.population(ident),
            quantity=None if isinstance(population.n, Absence) else population.n,
            characteristic=traits,
        )

    def _exposure(self, ident: str) -> Json:
        arm, lexicon = self._study.arms[ident], self._vocabulary.lexicon
        given = [
            {
                "description": component_words(component, self._vocabulary, lexicon),
                "definitionCodeableConcept": self._term(VocabularyKind.AGENTS, component.agent),
            }
            for phase in arm.regimen
            for component in phase.components
        ]
        return self._resource(
            "EvidenceVariable",
            self.iri("arms", ident),
            title=arm.label,
            status=self._status,
            description=arm.delivered,
            characteristic=given,
        )

    def _variables(self) -> Iterator[Json]:
        """Yield what is measured: endpoints, adverse events and markers, each once."""
        seen: dict[tuple[VocabularyKind, str], Any] = {}
        for kind, ident, item in self._measured():
            seen.setdefault((kind, ident), getattr(item, "result", item))
        for (kind, ident), result in seen.items():
            yield self._resource(
                "EvidenceVariable",
                self.iri("measured", kind.value, ident),
                title=self._vocabulary.label(kind, ident),
                status=self._status,
                handling=_handling(result),
                characteristic=[{"definitionCodeableConcept": self._term(kind, ident)}],
            )

    def _measured(self) -> Iterator[tuple[VocabularyKind, str, Outcome | AdverseEvent | Finding]]:
        for outcome in self._study.outcomes.values():
            yield VocabularyKind.ENDPOINTS, outcome.endpoint, outcome
        for event in self._study.adverse_events.values():
            yield VocabularyKind.ADVERSE_EVENTS, event.term, event
        for finding in self._study.findings.values():
            yield VocabularyKind.BIOMARKERS, finding.biomarker, finding

    def _all_evidence(self) -> Iterator[Json]:
        for ident, outcome in self._study.outcomes.items():
            measured = self.iri("measured", VocabularyKind.ENDPOINTS.value, outcome.endpoint)
            words = phrases.result(outcome.result)
            numbers = statistics(outcome.result, outcome.count_of)
            yield self._one(
                "outcomes",
                ident,
                outcome,
                measured,
                outcome.printed or self._label(VocabularyKind.ENDPOINTS, outcome.endpoint),
                words,
                numbers,
            )
        for ident, event in self._study.adverse_events.items():
            measured = self.iri("measured", VocabularyKind.ADVERSE_EVENTS.value, event.term)
            words = "; ".join(filter(None, (event.says.label, event.grade and f"grade {event.grade}")))
            numbers = statistics(event, event.count_of)
            yield self._one("adverse_events", ident, event, measured, event.printed, words, numbers)
        for ident, finding in self._study.findings.items():
            measured = self.iri("measured", VocabularyKind.BIOMARKERS.value, finding.biomarker)
            _, words = finding_words(self._teller, finding)
            numbers = statistics(getattr(finding, "result", None), CountOf.PATIENTS)
            yield self._one("findings", ident, finding, measured, self._label(VocabularyKind.BIOMARKERS, finding.biomarker), words, numbers)

    def _label(self, kind: VocabularyKind, ident: str) -> str:
        return self._vocabulary.label(kind, ident)

    def _one(
        self, part: str, ident: str, item: Outcome | AdverseEvent | Finding, measured: str, title: str, words: str, numbers: list[Json]
    ) -> Json:
        iri = self.iri(part, ident)
        self._evidence.append(iri)
        concluded = [claim.summary for claim in self._study.claims.values() if ident in claim.rests_on]
        return self._resource(
            "Evidence",
            iri,
            title=title,
            status=self._status,
            citeAsReference=reference(self.iri("reports", item.source.report)),
            description=words,
            assertion="\n\n".join(concluded) or None,
            note=[{"text": _place(item.source)}],
            variableDefinition=list(self._roles(item, measured)),
            statistic=numbers,
        )

    def _roles(self, item: Outcome | AdverseEvent | Finding, measured: str) -> Iterator[Json]:
        comparison = getattr(item, "comparison", None)
        versus = set(comparison.versus) if comparison is not None else set()
        yield _role("population", self.iri("populations", item.population))
        for arm in arms_of_item(self._study, item):
            yield _role("referenceExposure" if arm in versus else "exposure", self.iri("arms", arm))
        yield _role("measuredVariable", measured)

    def _research_study(self) -> Json:
        study, design = self._study, self._study.design
        first = next(iter(study.populations))
        agents = dict.fromkeys(part.agent for arm in study.arms.values() for phase in arm.regimen for part in phase.components)
        arms = [
            {
                "linkId": ident,
                "name": arm.label,
                **({} if isinstance(arm.n, Absence) else {"description": f"{arm.n} patients assigned"}),
                "intendedExposure": [reference(self.iri("arms", ident))],
            }
            for ident, arm in study.arms.items()
        ]
        n = study.populations[first].n
        report = study.main_report
        return self._resource(
            "ResearchStudy",
            self.iri(),
            identifier=[identifier(self.iri()), *({"value": number} for number in study.registry)],
            title=None if isinstance(report.title, Absence) else report.title,
            label=[{"value": study.label}],
            status=self._status,
            phase=None if isinstance(design.phase, Absence) else member(design.phase),
            studyDesign=[member(design.type), member(design.allocation)],
            condition=[self._term(VocabularyKind.CONDITIONS, condition) for condition in conditions_of(study, first)],
            focus=[{"concept": self._term(VocabularyKind.AGENTS, agent)} for agent in agents],
            recruitment=None if isinstance(n, Absence) else {"actualNumber": n, "actualGroup": reference(self.iri("populations", first))},
            comparisonGroup=arms,
            result=[reference(iri) for iri in self._evidence],
        )


def _role(code: str, iri: str) -> Json:
    return {"variableRole": {"coding": [{"system": ROLES, "code": code}]}, "observed": reference(iri)}


def _handling(result: Any) -> str | None:
    if isinstance(result, Proportion | AdverseEvent):
        return "dichotomous"
    return "continuous" if isinstance(result, Continuous) else None


def _place(source: Source) -> str:
    anchor = f': "{source.anchor}"' if source.anchor else ""
    derived = f" (derived: {source.derived})" if source.derived else ""
    return f"{source.at}{anchor}{derived}"
