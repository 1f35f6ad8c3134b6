"""A study as the rules see it: the record flattened once into the lists that rules go through.

Forty rules that each walk the whole record would cost more than reading it; one walk and forty short loops do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kb.diagnostics import Path
from kb.model.base import GroupValue, Interval, Source, Spread
from kb.model.findings import Change, Level, MarkerAssociation, MarkerContrast
from kb.model.outcomes import AdverseEvent, GroupComparison, Outcome
from kb.model.quantities import Quantity
from kb.model.regimen import Component
from kb.model.results import Continuous, Contrast, CountResult, Proportion, StatementResult, TimeToEvent
from kb.model.study import Entity, Study
from kb.model.terms import Absence, VocabularyKind
from kb.model.vocabulary import Term
from kb.records.collection import Vocabulary

Item = Level | Change | MarkerContrast | MarkerAssociation | Outcome | AdverseEvent
AnyResult = Proportion | TimeToEvent | Contrast | CountResult | Continuous | StatementResult


class Counted(NamedTuple):
    """Events of a total, wherever they stand."""

    path: Path
    events: int | None
    total: int | None
    percent: Quantity | None


class Bounded(NamedTuple):
    """An interval with what it is an interval of."""

    path: Path
    interval: Interval
    estimate: Quantity | None
    estimate_path: Path
    counted: Counted | None


class Ranged(NamedTuple):
    """A range or dispersion with the value that it belongs to."""

    path: Path
    spread: Spread
    value: Quantity | None


Used = tuple[Path, Path, VocabularyKind, Mapping[str, Term], str]
"""A use of a vocabulary term: path of its owner, steps from there, kind, terms of the kind, id. A plain tuple, for a record
has some forty and a named one costs as much as the check itself."""


@dataclass(frozen=True, slots=True)
class FilePlace:
    """Where the record's file lies: its name without suffix, and its folder's name; None outside `studies/`."""

    stem: str
    folder: str


class Known:
    """The vocabulary with one attribute a kind, for look-ups that do not hash an enum each time."""

    __slots__ = ("adverse_events", "agents", "assays", "biomarkers", "conditions", "endpoints", "routes", "vocabulary")

    def __init__(self, vocabulary: Vocabulary, unread: frozenset[VocabularyKind] = frozenset()) -> None:
        self.vocabulary = vocabulary

        def terms(kind: VocabularyKind) -> Mapping[str, Term]:
            return _Unread() if kind in unread else vocabulary.terms.get(kind, {})

        self.agents = terms(VocabularyKind.AGENTS)
        self.routes = terms(VocabularyKind.ROUTES)
        self.biomarkers = terms(VocabularyKind.BIOMARKERS)
        self.conditions = terms(VocabularyKind.CONDITIONS)
        self.endpoints = terms(VocabularyKind.ENDPOINTS)
        self.assays = terms(VocabularyKind.ASSAYS)
        self.adverse_events = terms(VocabularyKind.ADVERSE_EVENTS)


class _Unread(dict[str, Term]):
    """A vocabulary that could not be read: it refuses no term, for one broken file must not turn all records red."""

    def __contains__(self, term: object) -> bool:
        return True


class StudyView:
    """A study, flattened.

    Attributes:
        study: The record.
        known: The vocabulary.
        place: Where its file lies, or None when it has no place in a collection.
        items: Findings, outcomes and adverse events, with their paths.
        sources: Every source of an item, arm, population or other part, with its path.
        terms: Every use of a vocabulary term.
        results: Every result with its path.
        counts: Every pair of events and total, and every percentage.
        intervals: Every interval with its estimate.
        ranges: Every range or dispersion with its value.
        groups: Every group's value.
        comparisons: Every comparison of groups.
        components: Every component of every regimen.
        findings, outcomes, adverse_events: These items alone, by id.
        reports, populations, arms, claims, ambiguities, handlings: Parts of the record with their paths.
        whole: The study itself, once, for rules about the record as such.
    """

    __slots__ = (
        "adverse_events",
        "ambiguities",
        "arms",
        "claims",
        "comparisons",
        "components",
        "counts",
        "findings",
        "groups",
        "handlings",
        "intervals",
        "items",
        "known",
        "outcomes",
        "overlaps",
        "place",
        "populations",
        "ranges",
        "reports",
        "results",
        "sources",
        "study",
        "terms",
        "whole",
    )

    def __init__(self, study: Study, known: Known, place: FilePlace | None = None) -> None:
        self.study = study
        self.known = known
        self.place = place
        self.whole: list[Study] = [study]
        self.items: list[tuple[Path, Item]] = []
        self.sources: list[tuple[Path, Source]] = []
        self.terms: list[Used] = []
        self.results: list[tuple[Path, AnyResult]] = []
        self.counts: list[Counted] = []
        self.intervals: list[Bounded] = []
        self.ranges: list[Ranged] = []
        self.groups: list[tuple[Path, GroupValue]] = []
        self.comparisons: list[tuple[Path, GroupComparison]] = []
        self.components: list[tuple[Path, Component]] = []
        self.reports = list(study.reports.items())
        self.populations = list(study.populations.items())
        self.arms = list(study.arms.items())
        self.claims = list(study.claims.items())
        self.ambiguities = study.ambiguities
        self.overlaps = study.overlaps
        self.findings, self.outcomes, self.adverse_events = study.findings, study.outcomes, study.adverse_events
        curation = study.curation
        self.handlings = [
            *((("curation", "extracted", index), handling) for index, handling in enumerate(curation.extracted)),
            *((("curation", "checked", index), handling) for index, handling in enumerate(curation.checked)),
        ]
        self._arms()
        self._populations()
        self._findings()
        self._outcomes()
        self._adverse_events()
        self._rest()

    def _source(self, path: Path, source: Source | None) -> None:
        if source is not None:
            self.sources.append(((*path, "source"), source))
            if source.also:
                self._also(path, source)

    def _also(self, path: Path, source: Source) -> None:
        for index, other in enumerate(source.also):
            self.sources.append(((*path, "source", "also", index), other))

    def _arms(self) -> None:
        known, use = self.known, self.terms.append
        for ident, arm in self.arms:
            if arm.source is not None:
                self._source(("arms", ident), arm.source)
            for number, phase in enumerate(arm.regimen):
                for index, component in enumerate(phase.components):
                    path = ("arms", ident, "regimen", number, "components", index)
                    self.components.append((path, component))
                    use((path, ("agent",), VocabularyKind.AGENTS, known.agents, component.agent))
                    if not isinstance(component.route, Absence):
                        use((path, ("route",), VocabularyKind.ROUTES, known.routes, component.route))
                    if component.source is not None:
                        self._source(path, component.source)

    def _populations(self) -> None:
        known, use = self.known, self.terms.append
        for ident, population in self.populations:
            path = ("populations", ident)
            for index, term in enumerate(population.conditions):
                use((path, ("conditions", index), VocabularyKind.CONDITIONS, known.conditions, term))
            if population.source is not None:
                self._source(path, population.source)
            if population.characteristics is not None and population.characteristics.source is not None:
                self._source((*path, "characteristics"), population.characteristics.source)

    def _findings(self) -> None:
        known, use, items, sources = self.known, self.terms.append, self.items, self.sources
        for ident, finding in self.study.findings.items():
            path = ("findings", ident)
            items.append((path, finding))
            sources.append(((*path, "source"), finding.source))
            if finding.source.also:
                self._also(path, finding.source)
            use((path, ("biomarker",), VocabularyKind.BIOMARKERS, known.biomarkers, finding.biomarker))
            if not isinstance(finding.assay, Absence):
                use((path, ("assay",), VocabularyKind.ASSAYS, known.assays, finding.assay))
            if finding.result is not None:
                self._result((*path, "result"), finding.result)
            if isinstance(finding, MarkerAssociation):
                if finding.endpoint is not None:
                    use((path, ("endpoint",), VocabularyKind.ENDPOINTS, known.endpoints, finding.endpoint))
                elif finding.other_marker is not None:
                    use((path, ("other_marker",), VocabularyKind.BIOMARKERS, known.biomarkers, finding.other_marker))
                elif finding.adverse_event is not None:
                    use((path, ("adverse_event",), VocabularyKind.ADVERSE_EVENTS, known.adverse_events, finding.adverse_event))
            elif isinstance(finding, MarkerContrast):
                self.comparisons.append(((*path, "comparison"), finding.comparison))
            if not isinstance(finding, Level) and finding.groups:
                self._groups(path, finding.groups)

    def _outcomes(self) -> None:
        known, use, items, sources = self.known, self.terms.append, self.items, self.sources
        for ident, outcome in self.study.outcomes.items():
            path = ("outcomes", ident)
            items.append((path, outcome))
            sources.append(((*path, "source"), outcome.source))
            if outcome.source.also:
                self._also(path, outcome.source)
            use((path, ("endpoint",), VocabularyKind.ENDPOINTS, known.endpoints, outcome.endpoint))
            if outcome.comparison is not None:
                self.comparisons.append(((*path, "comparison"), outcome.comparison))
            self._result((*path, "result"), outcome.result)

    def _adverse_events(self) -> None:
        known, use, items, sources = self.known, self.terms.append, self.items, self.sources
        for ident, event in self.study.adverse_events.items():
            path = ("adverse_events", ident)
            items.append((path, event))
            sources.append(((*path, "source"), event.source))
            if event.source.also:
                self._also(path, event.source)
            use((path, ("term",), VocabularyKind.ADVERSE_EVENTS, known.adverse_events, event.term))
            if event.comparison is not None:
                self.comparisons.append(((*path, "comparison"), event.comparison))
            counted = Counted(path, event.events, event.total, event.percent)
            self.counts.append(counted)
            if event.interval is not None:
                self.intervals.append(Bounded((*path, "interval"), event.interval, event.percent, (*path, "percent"), counted))

    def _rest(self) -> None:
        study, known, use = self.study, self.known, self.terms.append
        for ident, claim in self.claims:
            path = ("claims", ident)
            self._source(path, claim.source)
            self._entity((*path, "subject"), claim.subject)
            self._entity((*path, "object"), claim.object)
            for index, term in enumerate(claim.conditions):
                use((path, ("conditions", index), VocabularyKind.CONDITIONS, known.conditions, term))
        for ident, cited in study.cited.items():
            path = ("cited", ident)
            self._source(path, cited.source)
            use((path, ("endpoint",), VocabularyKind.ENDPOINTS, known.endpoints, cited.endpoint))
            for index, term in enumerate(cited.conditions):
                use((path, ("conditions", index), VocabularyKind.CONDITIONS, known.conditions, term))
            for index, term in enumerate(cited.agents):
                use((path, ("agents", index), VocabularyKind.AGENTS, known.agents, term))
            self._result((*path, "result"), cited.result)
        if study.design.source is not None:
            self._source(("design",), study.design.source)

    def _entity(self, path: Path, entity: Entity) -> None:
        known, use = self.known, self.terms.append
        if entity.agent is not None:
            use((path, ("agent",), VocabularyKind.AGENTS, known.agents, entity.agent))
        elif entity.biomarker is not None:
            use((path, ("biomarker",), VocabularyKind.BIOMARKERS, known.biomarkers, entity.biomarker))
        elif entity.endpoint is not None:
            use((path, ("endpoint",), VocabularyKind.ENDPOINTS, known.endpoints, entity.endpoint))
        elif entity.condition is not None:
            use((path, ("condition",), VocabularyKind.CONDITIONS, known.conditions, entity.condition))
        elif entity.adverse_event is not None:
            use((path, ("adverse_event",), VocabularyKind.ADVERSE_EVENTS, known.adverse_events, entity.adverse_event))

    def _groups(self, path: Path, groups: tuple[GroupValue, ...]) -> None:
        for index, group in enumerate(groups):
            here = (*path, "groups", index)
            self.groups.append((here, group))
            if group.spread is not None:
                self.ranges.append(Ranged((*here, "spread"), group.spread, group.value))

    def _result(self, path: Path, result: AnyResult) -> None:
        self.results.append((path, result))
        if isinstance(result, Proportion):
            counted = Counted(path, result.events, result.total, result.percent)
            self.counts.append(counted)
            if result.interval is not None:
                self.intervals.append(Bounded((*path, "interval"), result.interval, result.percent, (*path, "percent"), counted))
        elif isinstance(result, TimeToEvent):
            self._time(path, result)
        elif isinstance(result, Contrast):
            if result.interval is not None:
                self.intervals.append(Bounded((*path, "interval"), result.interval, result.estimate, (*path, "estimate"), None))
            if result.groups:
                self._groups(path, result.groups)
        elif isinstance(result, Continuous):
            if result.interval is not None:
                self.intervals.append(Bounded((*path, "interval"), result.interval, result.value, (*path, "value"), None))
            if result.spread is not None:
                self.ranges.append(Ranged((*path, "spread"), result.spread, result.value))
            if result.groups:
                self._groups(path, result.groups)

    def _time(self, path: Path, result: TimeToEvent) -> None:
        if result.events is not None or result.total is not None:
            self.counts.append(Counted(path, result.events, result.total, None))
        if result.interval is not None:
            self.intervals.append(Bounded((*path, "interval"), result.interval, result.median, (*path, "median"), None))
        if result.range is not None:
            self.ranges.append(Ranged((*path, "range"), result.range, result.median if result.median is not None else result.mean))
        for index, landmark in enumerate(result.landmarks):
            here = (*path, "landmarks", index)
            counted = Counted(here, landmark.events, landmark.total, landmark.percent)
            self.counts.append(counted)
            if landmark.interval is not None:
                # A share read off a survival curve: its interval is not one of counts.
                self.intervals.append(Bounded((*here, "interval"), landmark.interval, landmark.percent, (*here, "percent"), None))
