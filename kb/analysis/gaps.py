"""The evidence gap map: where there is evidence, where it was looked for in vain, and where nobody looked.

Rows are classes of regimen. Columns are classes of markers, once for each question asked of a marker (its change under
treatment, its association with response, survival or harm), and kinds of endpoint for the outcomes themselves. A cell
counts independent cohorts; a dash is a gap of this collection and no proof that nobody looked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from kb.analysis.gap_rules import Design, Kind, design_of, of_finding, of_outcome
from kb.analysis.selection import Selection
from kb.analysis.selection_sql import each_selected
from kb.model.terms import EndpointKind, MarkerClass, Read, RegimenClass
from kb.records.tables import JOINER

if TYPE_CHECKING:
    from kb.records.index import Index


class Question(StrEnum):
    """What a column of the map asks."""

    CHANGE = "change"
    RESPONSE = "response"
    SURVIVAL = "survival"
    HARM = "harm"
    OUTCOME = "outcome"

    @property
    def words(self) -> str:
        """The question in words."""
        return _TITLES[self]


_TITLES = {
    Question.CHANGE: "Did a marker change under treatment, or differ between groups?",
    Question.RESPONSE: "Does a marker go with tumour response?",
    Question.SURVIVAL: "Does a marker go with survival or time to event?",
    Question.HARM: "Does a marker go with harm?",
    Question.OUTCOME: "Was the outcome itself reported?",
}
_OF_ENDPOINT = {
    EndpointKind.RESPONSE.value: Question.RESPONSE,
    EndpointKind.SURVIVAL.value: Question.SURVIVAL,
    EndpointKind.TOXICITY.value: Question.HARM,
}
_KINDS_ASKED = {Question.RESPONSE: EndpointKind.RESPONSE, Question.SURVIVAL: EndpointKind.SURVIVAL, Question.HARM: EndpointKind.TOXICITY}
_FACTS = ("biomarker", "direction", "association", "endpoint", "adverse-event")
"""Options that choose facts: a study that lacks such a fact is silent, not left out."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the map.

    Attributes:
        question: What is asked.
        key: Class of marker, or kind of endpoint for outcomes.
        label: The same in words.
    """

    question: Question
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What is known of one class of regimen under one column.

    Attributes:
        regimen: Class of regimen.
        column: Column.
        kind: Kind of the cell: the best that any of its cohorts offers.
        counts: Independent cohorts by kind; each counts once, by the best that it offers.
        designs: By design, the cohorts that give the cell its kind.
        studies: Ids of the studies that say something, sorted; they open the cell.
        silent: Ids of the studies of the class that say nothing, sorted.
    """

    regimen: RegimenClass
    column: Column
    kind: Kind
    counts: Mapping[Kind, int] = field(hash=False)
    designs: Mapping[Design, int] = field(hash=False)
    studies: tuple[str, ...]
    silent: tuple[str, ...]

    @property
    def cohorts(self) -> int:
        """Cohorts that give the cell its kind."""
        return self.counts.get(self.kind, 0)


@dataclass(frozen=True, slots=True)
class GapMap:
    """The map.

    Attributes:
        selection: The selection in words.
        regimens: Classes of regimen, in the order of the closed set.
        columns: Columns, question by question.
        cells: Cells row by row.
    """

    selection: str
    regimens: tuple[RegimenClass, ...]
    columns: tuple[Column, ...]
    cells: tuple[Cell, ...]

    def row(self, regimen: RegimenClass, question: Question) -> list[Cell]:
        """Return the cells of a regimen under one question."""
        return [cell for cell in self.cells if cell.regimen is regimen and cell.column.question is question]

    @property
    def questions(self) -> tuple[Question, ...]:
        """Questions that have a column, in order."""
        return tuple(dict.fromkeys(column.question for column in self.columns))


@dataclass(frozen=True, slots=True)
class _Study:
    cohort: str
    read: str
    design: Design


_Said = dict[tuple[str, Question, str], dict[str, Kind]]
"""By class of regimen, question and column: study and the best that it offers."""


def gaps(index: Index, selection: Selection, *, questions: Iterable[Question] = tuple(Question)) -> GapMap:
    """Return the gap map of a selection.

    Args:
        index: Index of the collection.
        selection: What speaks. Options on markers and endpoints narrow the columns; the others narrow the studies.
        questions: Which questions to ask.
    """
    columns = _columns(index, selection, set(questions))
    studies = {
        study: _Study(cohort, read, design_of(design, allocation))
        for study, cohort, read, design, allocation in index.rows(
            "SELECT study_id, cohort_id, report_read, design, allocation FROM studies"
        )
    }
    arms = _arms(index, selection)
    members: dict[str, dict[str, None]] = {}
    for study in sorted(studies):
        for regimen in arms.get(study, {}).values():
            members.setdefault(regimen, {})[study] = None
    said = _said(index, selection, arms, studies)
    cells: list[Cell] = []
    for regimen in RegimenClass:
        held = _Members(list(members.get(regimen.value, ())), studies)
        cells += [_cell(regimen, column, said.get((regimen.value, column.question, column.key), {}), held, studies) for column in columns]
    return GapMap(selection.describe(), tuple(RegimenClass), columns, tuple(cells))


def _columns(index: Index, selection: Selection, questions: set[Question]) -> tuple[Column, ...]:
    """Return the columns that the selection can fill: a marker that was not asked for is no gap."""
    markers, kinds = set(MarkerClass), set(EndpointKind)
    asked_for_marker = selection.find("biomarker")
    if asked_for_marker is not None:
        classes = dict(index.rows("SELECT id, class FROM terms WHERE kind = 'biomarkers'"))
        markers = {marker for marker in MarkerClass if marker.value in {classes[term] for term in asked_for_marker.terms}}
    asked_for_endpoint, asked_for_event = selection.find("endpoint"), selection.find("adverse-event")
    if asked_for_endpoint or asked_for_event:
        found = dict(index.rows("SELECT id, class FROM terms WHERE kind = 'endpoints'"))
        asked = {found[term] for term in (asked_for_endpoint.terms if asked_for_endpoint else ())}
        asked |= {EndpointKind.TOXICITY.value} if asked_for_event else set()
        kinds = {kind for kind in EndpointKind if kind.value in asked}
    columns: list[Column] = []
    for question in Question:
        if question not in questions or not _fillable(question, kinds):
            continue
        if question is Question.OUTCOME:
            columns += [Column(question, kind.value, kind.label) for kind in EndpointKind if kind in kinds]
        else:
            columns += [Column(question, marker.value, marker.label) for marker in MarkerClass if marker in markers]
    return tuple(columns)


def _fillable(question: Question, kinds: set[EndpointKind]) -> bool:
    """Return whether facts about endpoints of these kinds can answer a question; a change speaks of no endpoint."""
    if question is Question.CHANGE:
        return len(kinds) == len(EndpointKind)
    return question is Question.OUTCOME or _KINDS_ASKED[question] in kinds


_Arms = dict[str, dict[str, str]]
"""By study and arm the class of its regimen."""


def _arms(index: Index, selection: Selection) -> _Arms:
    """Return the class of every arm that the selection holds, whatever it says."""
    found: _Arms = {}
    for study, arm, regimen in each_selected(
        index, selection.without(*_FACTS), "arms", "SELECT i.study_id, i.item_id, i.regimen_class FROM {source} WHERE {condition}"
    ):
        found.setdefault(study, {})[arm] = regimen
    return found


_FINDINGS = """
  SELECT i.study_id, i.arms, i.kind, i.marker_class, i.direction, i.direction_absence, i.association, i.association_absence, i.basis,
         t.class, i.adverse_event
  FROM {source} LEFT JOIN terms t ON t.kind = 'endpoints' AND t.id = i.endpoint
  WHERE i.marker_class IS NOT NULL AND {condition}
"""
_OUTCOMES = "SELECT i.study_id, i.arms, i.endpoint_kind, i.says FROM {source} WHERE i.endpoint_kind IS NOT NULL AND {condition}"
_EVENTS = "SELECT i.study_id, i.arms, i.says FROM {source} WHERE {condition}"


def _said(index: Index, selection: Selection, arms: _Arms, studies: Mapping[str, _Study]) -> _Said:
    one_text = {study: study for study in studies}  # thousands of cells name a study: all by one and the same text
    said: _Said = {}
    for facts in (_of_findings(index, selection), _of_outcomes(index, selection), _of_events(index, selection)):
        for study, spoken_of, question, key, kind in facts:
            classes = arms.get(study, {})
            for arm in (spoken_of or "").split(JOINER):
                if arm in classes:
                    known = said.setdefault((classes[arm], question, key), {})
                    known[one_text[study]] = min(kind, known.get(study, kind))
    return said


_Fact = tuple[str, str | None, Question, str, Kind]
"""Study, arms that it speaks of, question, column and what it offers."""


def _of_findings(index: Index, selection: Selection) -> Iterator[_Fact]:
    for study, arms, kind, marker, direction, no_direction, association, no_association, basis, endpoint, event in each_selected(
        index, selection, "findings", _FINDINGS
    ):
        if kind == "association":
            question = Question.HARM if event is not None else _OF_ENDPOINT.get(endpoint)
            if question is not None:
                yield study, arms, question, marker, of_finding(association, no_association, basis)
        else:  # a level says that the marker was measured, and nothing of its change
            yield study, arms, Question.CHANGE, marker, of_finding(direction, no_direction, None)


def _of_outcomes(index: Index, selection: Selection) -> Iterator[_Fact]:
    rows = each_selected(index, selection, "outcomes", _OUTCOMES)
    return ((study, arms, Question.OUTCOME, kind, of_outcome(says)) for study, arms, kind, says in rows)


def _of_events(index: Index, selection: Selection) -> Iterator[_Fact]:
    toxicity = EndpointKind.TOXICITY.value
    rows = each_selected(index, selection, "adverse-events", _EVENTS)
    return ((study, arms, Question.OUTCOME, toxicity, of_outcome(says)) for study, arms, says in rows)


class _Members:
    """The studies of a class of regimen, and what they offer while they say nothing: most do so in most of its cells."""

    def __init__(self, members: list[str], studies: Mapping[str, _Study]) -> None:
        self.members = members
        self.of_cohort: dict[str, list[str]] = {}
        for study in members:
            self.of_cohort.setdefault(studies[study].cohort, []).append(study)
        self.silence = {study: Kind.NOT_REPORTED if studies[study].read == Read.FULL_TEXT.value else Kind.NOT_READ for study in members}
        self.kinds = {cohort: min(self.silence[study] for study in held) for cohort, held in self.of_cohort.items()}
        self.counts = Counter(self.kinds.values())


def _cell(regimen: RegimenClass, column: Column, said: Mapping[str, Kind], held: _Members, studies: Mapping[str, _Study]) -> Cell:
    by_cohort: dict[str, dict[str, Kind]] = {}  # of each cohort of which a study says something, what its studies offer
    for study, kind in said.items():
        by_cohort.setdefault(studies[study].cohort, {})[study] = kind
    counts = Counter(held.counts)
    for cohort, offered in by_cohort.items():
        offered |= {study: held.silence[study] for study in held.of_cohort.get(cohort, ()) if study not in said}
        if cohort in held.kinds:
            counts[held.kinds[cohort]] -= 1
        counts[min(offered.values())] += 1
    found = {kind: counts[kind] for kind in Kind if counts[kind]}
    best = min(found, default=Kind.NOTHING)
    designs = Counter(_designs(best, by_cohort, held, studies))
    silent = tuple([study for study in held.members if study not in said])
    by_design = {design: designs[design] for design in Design if designs[design]}
    return Cell(regimen, column, best, found, by_design, tuple(sorted(said)), silent)


def _designs(best: Kind, spoken: Mapping[str, Mapping[str, Kind]], held: _Members, studies: Mapping[str, _Study]) -> Iterator[Design]:
    """Yield the best design of every cohort that gives a cell its kind."""
    for offered in spoken.values():
        designs = [studies[study].design for study, kind in offered.items() if kind is best]
        if designs:
            yield min(designs)
    if best in held.counts:  # otherwise no cohort offers it by saying nothing
        for cohort, members in held.of_cohort.items():
            designs = [studies[study].design for study in members if held.silence[study] is best]
            if designs and cohort not in spoken:
                yield min(designs)


COLUMNS = (
    "regimen_class", "question", "column", "kind", "cohorts", *(kind.key for kind in Kind if kind is not Kind.NOTHING),
    *(design.key for design in Design), "studies", "silent",
)  # fmt: skip
"""Columns of the map as rows, one a cell; all counts are of independent cohorts, and the ids of studies open the cell."""


def cell_values(cell: Cell) -> tuple[str | int | None, ...]:
    """Return a cell as a row, in the order of `COLUMNS`."""
    counts = (cell.counts.get(kind, 0) for kind in Kind if kind is not Kind.NOTHING)
    designs = (cell.designs.get(design, 0) for design in Design)
    studies, silent = (JOINER.join(found) or None for found in (cell.studies, cell.silent))
    return cell.regimen.value, cell.column.question.value, cell.column.key, cell.kind.key, cell.cohorts, *counts, *designs, studies, silent
