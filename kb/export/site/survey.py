"""The first look at every study: what the pages about many studies need, small enough to hold for all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from kb.analysis.board import BoardRow, Said, board
from kb.analysis.gaps import Question
from kb.analysis.sayings import markers, sayings
from kb.analysis.sentence import main_result
from kb.model.algebra import regimen_class
from kb.model.findings import MarkerAssociation
from kb.model.results import Proportion
from kb.model.scope import conditions_of
from kb.model.study import UNDATED, Study
from kb.model.terms import (
    Absence,
    EndpointKind,
    Role,
    Status,
    VocabularyKind,
)
from kb.model.vocabulary import BiomarkerTerm, EndpointTerm
from kb.records.cohorts import Cohort, cohorts
from kb.records.collection import Vocabulary
from kb.records.lines import Lines


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as it was read.

    Attributes:
        study: The study.
        file: Its file, relative to the collection.
        text: The file's text.
        lines: Lines of its sections and items.
    """

    study: Study
    file: str
    text: str
    lines: Lines


@dataclass(frozen=True, slots=True)
class Dimension:
    """A property by which studies are found.

    Attributes:
        key: Name in addresses and in the index; permanent.
        label: Heading of its choices.
        shown: Whether the finder lists its choices; the others are reached by links alone.
    """

    key: str
    label: str
    shown: bool = True


DIMENSIONS = (
    Dimension("regimen", "Regimen"),
    Dimension("disease", "Disease"),
    Dimension("agent", "Agent"),
    Dimension("marker", "Marker"),
    Dimension("endpoint", "Endpoint"),
    Dimension("design", "Design"),
    Dimension("allocation", "Allocation"),
    Dimension("phase", "Phase"),
    Dimension("route", "Route"),
    Dimension("decade", "Decade"),
    Dimension("has", "Reports"),
    Dimension("read", "Read as"),
    Dimension("status", "Status"),
    Dimension("change", "Change under treatment", shown=False),
    Dimension("benefit", "Association with benefit", shown=False),
    Dimension("asked", "Question", shown=False),
)
"""Every way to find a study."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What many pages say of a study.

    Attributes:
        id: Permanent id.
        label: First author and year, as `Study.label` gives it; not unique.
        title: Title of the main report.
        year: Year of the main report, or None where it is absent.
        file: Its record.
        status: How far the record has come.
        patients: Patients of the first population, or None.
        response: Main counted response, as endpoint and `events/total`, or empty.
        diseases: Labels of the diseases.
        regimens: Labels of the regimen classes.
        values: Ids by dimension, broader terms included.
        own: Ids that the record itself names, of the dimensions whose terms have broader ones.
        words: Further words to search: authors, identifiers, journals, printed names.
        said: What its findings say of their markers.
        overlaps: Other study and certainty.
        outcomes: Number of outcomes.
        changed: Last date on which somebody handled the record.
    """

    id: str
    label: str
    title: str
    year: int | None
    file: str
    status: Status
    patients: int | None
    response: tuple[str, str]
    diseases: tuple[str, ...]
    regimens: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    own: frozenset[tuple[str, str]]
    words: str
    said: tuple[Said, ...]
    overlaps: tuple[tuple[str, str], ...]
    outcomes: int
    changed: str


@dataclass(frozen=True)
class Survey:
    """All studies at a glance.

    Attributes:
        digests: Digest by study id, in the order of the records.
        labels: Unique label by study id: `Rosenberg 1993`, or `Rosenberg 1993 a` where two share it.
        cohorts: Cohort by study id.
        members: Studies by cohort.
        board: Rows of the board, most associations first.
        changed: Last date on which somebody handled a record; empty without records.
    """

    digests: Mapping[str, Digest]
    labels: Mapping[str, str]
    cohorts: Mapping[str, Cohort]
    members: Mapping[str, tuple[str, ...]]
    board: tuple[BoardRow, ...]
    changed: str

    @property
    def findings(self) -> int:
        """Findings in all."""
        return sum(len(digest.said) for digest in self.digests.values())

    @cached_property
    def markers(self) -> frozenset[str]:
        """Ids of the markers that have a page: those on which a record that counts says anything."""
        return frozenset(row.marker for row in self.board)

    @property
    def outcomes(self) -> int:
        """Outcomes in all."""
        return sum(digest.outcomes for digest in self.digests.values())


def take_survey(entries: Iterable[Entry], vocabulary: Vocabulary) -> Survey:
    """Look at every study once."""
    return survey_of(map(surveyor(vocabulary), entries), vocabulary)


def surveyor(vocabulary: Vocabulary) -> Callable[[Entry], Digest]:
    """Return what looks at one study after the other."""
    broader = _Ancestors(vocabulary)
    return lambda entry: _digest(entry, vocabulary, broader)


def survey_of(looked_at: Iterable[Digest], vocabulary: Vocabulary) -> Survey:
    """Return all studies at a glance; of two with one id the later stands."""
    digests = {digest.id: digest for digest in looked_at}
    declared = [(digest.id, other, certainty) for digest in digests.values() for other, certainty in digest.overlaps]
    joined = cohorts(digests, declared)
    members: dict[str, list[str]] = {}
    for ident in sorted(digests):
        members.setdefault(joined[ident].any, []).append(ident)
    # As on the command line, a withdrawn record keeps its page and counts nowhere.
    said = (saying for digest in digests.values() if digest.status is not Status.WITHDRAWN for saying in digest.said)
    return Survey(
        digests=digests,
        labels=unique_labels((digest.id, digest.label) for digest in digests.values()),
        cohorts=joined,
        members={cohort: tuple(studies) for cohort, studies in members.items()},
        board=tuple(board(said, joined, markers(vocabulary))),
        changed=max((digest.changed for digest in digests.values()), default=""),
    )


def unique_labels(labels: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return a label for every id; where several share one, letters follow in the order of the ids."""
    pairs = sorted(labels)
    shared = Counter(label for _, label in pairs)
    seen: Counter[str] = Counter()
    unique = {}
    for ident, label in pairs:
        unique[ident] = f"{label} {_letters(seen[label])}" if shared[label] > 1 else label
        seen[label] += 1
    return unique


def _letters(number: int) -> str:
    """Return `a` for 0, `z` for 25, `aa` for 26."""
    head, tail = divmod(number, 26)
    return (_letters(head - 1) if head else "") + chr(ord("a") + tail)


class _Ancestors:
    """A term with every broader one, so that asking for a disease finds its kinds."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._known: dict[tuple[VocabularyKind, str], tuple[str, ...]] = {}

    def of(self, kind: VocabularyKind, ident: str) -> tuple[str, ...]:
        """Return the term and every term above it."""
        found = self._known.get((kind, ident))
        if found is None:
            reached = [ident]
            for name in reached:
                term = self._vocabulary.get(kind, name)
                reached += [parent for parent in (term.broader if term else ()) if parent not in reached]
            found = self._known[kind, ident] = tuple(reached)
        return found

    def all(self, kind: VocabularyKind, idents: Iterable[str]) -> tuple[str, ...]:
        """Return several terms with every term above them, each once."""
        return tuple(dict.fromkeys(name for ident in idents for name in self.of(kind, ident)))


def _digest(entry: Entry, vocabulary: Vocabulary, broader: _Ancestors) -> Digest:
    study = entry.study
    first = next(iter(study.populations.values()))
    diseases = tuple(dict.fromkeys(term for ident in study.populations for term in conditions_of(study, ident)))
    regimens = tuple(dict.fromkeys(regimen_class(arm, vocabulary.lexicon) for arm in study.arms.values()))
    own = _own(study, diseases)
    main = main_result(study, vocabulary)
    said = tuple(sayings(study, vocabulary))
    handled = (*study.curation.extracted, *study.curation.checked)
    return Digest(
        id=study.id,
        label=study.label,
        title=study.main_report.named,
        year=study.main_report.dated,
        file=entry.file,
        status=study.curation.status,
        patients=None if isinstance(first.n, Absence) else first.n,
        response=_response(main, vocabulary),
        diseases=tuple(vocabulary.label(VocabularyKind.CONDITIONS, term) for term in diseases),
        regimens=tuple(regimen.label for regimen in regimens),
        values={"regimen": tuple(regimen.value for regimen in regimens), **_values(study, own, broader, said, vocabulary)},
        own=frozenset((key, value) for key, values in own.items() for value in values),
        words=" ".join(_words(study)),
        said=said,
        overlaps=tuple((overlap.study, overlap.certainty.value) for overlap in study.overlaps),
        outcomes=len(study.outcomes),
        changed=max(handling.on for handling in handled),
    )


def _response(main: tuple[str, object] | None, vocabulary: Vocabulary) -> tuple[str, str]:
    outcome = None if main is None else main[1]
    result = getattr(outcome, "result", None)
    if not isinstance(result, Proportion):
        return "", ""
    endpoint = vocabulary.label(VocabularyKind.ENDPOINTS, getattr(outcome, "endpoint", ""))
    if result.events is not None and result.total is not None:
        return endpoint, f"{result.events}/{result.total}"
    return endpoint, f"{result.percent} %" if result.percent is not None else ""


def _own(study: Study, diseases: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return what the record names itself, before broader terms join."""
    components = [component for arm in study.arms.values() for phase in arm.regimen for component in phase.components]
    active = [component for component in components if component.role is not Role.SUPPORTIVE]
    endpoints = [outcome.endpoint for outcome in study.outcomes.values()]
    endpoints += [f.endpoint for f in study.findings.values() if isinstance(f, MarkerAssociation) and f.endpoint]
    named = {
        "disease": diseases,
        "agent": (component.agent for component in active),
        "marker": (finding.biomarker for finding in study.findings.values()),
        "endpoint": endpoints,
        "route": (component.route for component in active if not isinstance(component.route, Absence)),
    }
    return {key: tuple(dict.fromkeys(values)) for key, values in named.items()}


def _decade(year: int | None) -> str:
    return UNDATED if year is None else f"{year // 10 * 10}s"


def _values(
    study: Study, own: dict[str, tuple[str, ...]], broader: _Ancestors, said: tuple[Said, ...], vocabulary: Vocabulary
) -> dict[str, tuple[str, ...]]:
    design = study.design
    return {
        **{key: broader.all(OPEN[key], values) for key, values in own.items()},
        "design": (design.type.value,),
        "allocation": (design.allocation.value,),
        "phase": () if isinstance(design.phase, Absence) else (design.phase.value,),
        "decade": (_decade(study.main_report.dated),),
        "has": tuple(_has(study, said)),
        "read": (study.main_report.read.value,),
        "status": (study.curation.status.value,),
        "change": tuple(dict.fromkeys(f"{one.marker}~{one.move.value}" for one in said if one.move is not None)),
        "asked": tuple(dict.fromkeys(f"{question.value}~{key}" for question, key in _asked(study, vocabulary))),
        "benefit": tuple(dict.fromkeys(f"{one.marker}~{one.side.value}" for one in said if one.side is not None)),
    }


_ASKED = {EndpointKind.RESPONSE: Question.RESPONSE, EndpointKind.SURVIVAL: Question.SURVIVAL, EndpointKind.TOXICITY: Question.HARM}


def _asked(study: Study, vocabulary: Vocabulary) -> Iterator[tuple[Question, str]]:
    """Yield the columns of the evidence map under which a study says something, as question and key."""
    for finding in study.findings.values():
        term = vocabulary.get(VocabularyKind.BIOMARKERS, finding.biomarker)
        if not isinstance(term, BiomarkerTerm):
            continue
        if not isinstance(finding, MarkerAssociation):
            yield Question.CHANGE, term.marker_class.value
        elif finding.adverse_event is not None:
            yield Question.HARM, term.marker_class.value
        else:
            endpoint = vocabulary.get(VocabularyKind.ENDPOINTS, finding.endpoint or "")
            if isinstance(endpoint, EndpointTerm) and endpoint.kind in _ASKED:
                yield _ASKED[endpoint.kind], term.marker_class.value
    for outcome in study.outcomes.values():
        endpoint = vocabulary.get(VocabularyKind.ENDPOINTS, outcome.endpoint)
        if isinstance(endpoint, EndpointTerm):
            yield Question.OUTCOME, endpoint.kind.value
    if study.adverse_events:
        yield Question.OUTCOME, EndpointKind.TOXICITY.value


OPEN = {
    "disease": VocabularyKind.CONDITIONS,
    "agent": VocabularyKind.AGENTS,
    "marker": VocabularyKind.BIOMARKERS,
    "endpoint": VocabularyKind.ENDPOINTS,
    "route": VocabularyKind.ROUTES,
}
"""Vocabulary of each dimension whose terms have broader ones."""

HAS = {
    "response-counts": "response as events/total",
    "survival": "survival",
    "marker-change": "change of a marker",
    "marker-benefit": "marker against benefit",
    "harms": "harms",
    "two-readings": "something that can be read two ways",
    "shared-patients": "patients shared with another study",
}
"""What a study may report, for the finder."""


def _has(study: Study, said: tuple[Said, ...]) -> Iterator[str]:
    results = [outcome.result for outcome in study.outcomes.values()]
    present = {
        "response-counts": any(isinstance(r, Proportion) and r.events is not None and r.total is not None for r in results),
        "survival": any(result.kind == "time-to-event" for result in results),
        "marker-change": any(one.move is not None for one in said),
        "marker-benefit": any(one.side is not None for one in said),
        "harms": bool(study.adverse_events),
        "two-readings": bool(study.ambiguities),
        "shared-patients": bool(study.overlaps),
    }
    return (key for key in HAS if present[key])


def _words(study: Study) -> Iterator[str]:
    yield study.id
    for report in study.reports.values():
        if report is not study.main_report:  # its title stands in the index already
            yield report.named
        if not isinstance(report.authors, Absence):
            yield from report.authors
        yield from (text for text in (report.journal, report.pmid, report.doi, report.pmcid) if text)
    yield from study.registry
    yield from (arm.label for arm in study.arms.values())
    yield from (finding.printed for finding in study.findings.values() if finding.printed)
