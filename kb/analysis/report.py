"""A curated question answered from the records: selection, what was found, tables, conflicts, gaps, references.

The report is made of plain blocks, which an exporter writes as Markdown or HTML. It states what records say and counts
independent cohorts; it gives no verdict, since a count of claims says nothing of the size of an effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb.analysis.board import BoardRow, Move, Side
from kb.analysis.concordance import MARKER_RULES, Concordance, concordance, needs
from kb.analysis.conflicts import Conflict, conflicts
from kb.analysis.gap_rules import RULES as GAP_RULES
from kb.analysis.gap_rules import Kind
from kb.analysis.gaps import Cell, GapMap, gaps
from kb.analysis.gaps import Question as Column
from kb.analysis.listing import Listing
from kb.analysis.references import references
from kb.analysis.refutations import REFUTATION_RULES
from kb.analysis.response_groups import arm_rules
from kb.analysis.selection import EVERYTHING, Selection, select
from kb.analysis.selection_sql import selected, selected_rows
from kb.analysis.stands import POWER_RULE
from kb.analysis.stats import PATIENTS_RULE, stats
from kb.errors import UsageError

if TYPE_CHECKING:
    from kb.model.vocabulary import Question
    from kb.records.index import Index

CAUTION = (
    "This report gives no verdict. Counts of cohorts say nothing of the size of an effect; a none that was stated, or that could not be "
    "computed, is no evidence of none; associations among patients and comparisons between studies answer different questions."
)
"""Stands at the head of every report."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: level from 1, and text."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of short texts."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """A table."""

    listing: Listing


@dataclass(frozen=True, slots=True)
class Citations:
    """A numbered bibliography."""

    items: tuple[str, ...]


Block = Heading | Paragraph | Bullets | Matrix | Citations


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as selections.

    Attributes:
        patients: The arms that are asked about, in the patients that are asked about.
        markers: The same with the markers, or None where the question names none.
        outcomes: The same with the outcomes; where markers are named, of the studies that looked at them.
        compared: The arms that they are compared with, with the outcomes; None where patients are compared among themselves.
    """

    patients: Selection
    markers: Selection | None
    outcomes: Selection
    compared: Selection | None


def asked(index: Index, question: Question, narrowing: Selection = EVERYTHING) -> Asked:
    """Return the selections of a question.

    Args:
        index: Where terms are looked up.
        question: The question.
        narrowing: A selection that all of it is narrowed to.

    Raises:
        UsageError: If a part names what does not exist, or two parts that belong together name the same option.
    """

    def joined(*parts: Mapping[str, Iterable[str]]) -> Selection:
        options: dict[str, Iterable[str]] = {}
        for part in parts:
            for name, values in part.items():
                if values and name in options:
                    raise UsageError(f'question "{question.id}" asks for {name} twice', hint="name it in one of its parts")
                if values:
                    options[name] = values
        return select(index, options).narrowed(narrowing)

    patients, markers = (question.population, question.intervention), question.markers
    compared = joined(question.population, question.comparison, question.outcomes) if question.comparison else None
    return Asked(
        joined(*patients),
        joined(*patients, markers) if markers else None,
        joined(*patients, markers, question.outcomes),
        compared,
    )


def report(index: Index, question: Question, narrowing: Selection = EVERYTHING) -> list[Block]:
    """Answer a question.

    Args:
        index: Index of the collection.
        question: The question.
        narrowing: A selection that all of it is narrowed to; the report states it.

    Raises:
        UsageError: If the question names what does not exist.
    """
    about = asked(index, question, narrowing)
    blocks: list[Block] = [Heading(1, question.question), Paragraph(question.why)]
    blocks += _selections(question, about, narrowing)
    blocks += _found(index, about)
    if about.markers is not None:
        blocks += _markers(concordance(index, about.markers, every_marker=True))
    blocks += _outcomes(index, about)
    blocks += _conflicts(index, about)
    blocks += _gaps(index, about)
    return [*blocks, *_references(index, about)]


def _selections(question: Question, about: Asked, narrowing: Selection) -> Iterator[Block]:
    parts = [
        ("patients and treatment", about.patients),
        ("markers", about.markers),
        ("outcomes", about.outcomes),
        ("compared with", about.compared),
    ]
    yield Heading(2, "What was selected")
    yield Bullets(
        (
            *(f"{name}: {selection.describe()}" for name, selection in parts if selection is not None),
            *((f"against: {question.against}",) if question.against else ()),
            *((f"all of it narrowed to: {narrowing.describe()}",) if narrowing.criteria else ()),
        )
    )
    yield Paragraph(CAUTION)


def _found(index: Index, about: Asked) -> Iterator[Block]:
    held = {(row[0], row[1]): row for row in stats(index, about.patients).rows}
    studies, cohorts = held["records", "studies"], held["records", "independent cohorts"]
    yield Heading(2, "What was found")
    patients = "an unknown number of" if studies[5] is None else f"at least {studies[5]:,}"
    said = [f"{studies[2]} studies, {cohorts[2]} independent cohorts, {patients} patients ({PATIENTS_RULE})"]
    for name, selection, kind in (
        ("findings on the markers", about.markers, "findings"),
        ("outcomes", about.outcomes, "outcomes"),
        ("outcomes of the arms compared with", about.compared, "outcomes"),
    ):
        if selection is not None:
            rows = selected(index, selection, kind)
            said.append(f"{len(rows)} {name}, of {len({study for study, _ in rows})} studies")
    yield Bullets(tuple(said))
    designs = [(row[1], row[2], row[4]) for row in stats(index, about.markers or about.patients).rows if row[0] == "design"]
    yield Matrix(Listing(("design", "studies", "cohorts"), designs))


def _markers(found: Concordance) -> Iterator[Block]:
    yield Heading(2, "Markers: change under treatment, and association with benefit")
    yield Bullets(tuple(_sentence(row) for row in found.markers) or ("no finding on these markers",))
    yield Matrix(_by_marker(found.markers))
    yield Bullets(MARKER_RULES)
    groups = [row for row in found.groups if row.group != "not-measured"]
    yield Heading(2, "Groups of patients: activation, and response with its exact 95 % interval")
    rows = [
        (row.label, row.arms, row.endpoint, _of(row.events, row.total), _interval(row.low, row.high), row.group, row.rose) for row in groups
    ]
    yield Matrix(Listing(("study", "arms", "response", "patients", "interval, %", "group", "rose"), rows))
    yield Bullets(arm_rules(found.threshold))
    if found.refutations:
        yield Heading(2, "Between randomised arms: more activation, no more benefit")
        told = [(row.label, row.endpoint, row.arms, row.versus, row.said, row.estimate, row.p, row.activation) for row in found.refutations]
        yield Matrix(Listing(("study", "endpoint", "arms", "against", "said", "estimate", "P", "activation"), told))
        yield Bullets(REFUTATION_RULES)


def _sentence(row: BoardRow) -> str:
    moves = ", ".join(f"{count} {move.value}" for move, count in row.moves.items()) or "not claimed"
    sides = ", ".join(f"{count} {side.value}" for side, count in row.sides.items()) or "not assessed"
    needed = needs(row)
    return f"{row.label}: {row.cohorts} cohort{'' if row.cohorts == 1 else 's'}; under treatment: {moves}; with benefit: {sides}{f'; needed: {needed}' if needed else ''}"


_MOVES = tuple(Move)
_SIDES = tuple(Side)


def _by_marker(rows: Iterable[BoardRow]) -> Listing:
    counted = [
        (
            row.label, row.cohorts, *(row.moves.get(move, 0) for move in _MOVES), *(row.sides.get(side, 0) for side in _SIDES),
            row.not_assessed,
        )
        for row in rows
    ]  # fmt: skip
    moves, sides = (f"change: {move.value}" for move in _MOVES), (f"benefit: {side.value}" for side in _SIDES)
    return Listing(("marker", "cohorts", *moves, *sides, "not assessed"), counted)


def _of(events: int | None, total: int | None) -> str | None:
    return None if events is None or total is None else f"{events} of {total}"


def _interval(low: float | None, high: float | None) -> str | None:
    return None if low is None or high is None else f"{low:.1f} to {high:.1f}"


_OUTCOMES = """
  SELECT s.label, i.arms, i.population_label, i.endpoint_label, i.comparison, i.events, i.total, i.percent_printed, i.median_printed,
         i.unit, i.measure, i.estimate_printed, i.interval_low_printed, i.interval_high_printed, i.p_printed, i.says, i.criteria,
         s.regimen_classes, i.file, i.line
  FROM {source} WHERE {condition} ORDER BY i.endpoint_label, i.comparison IS NULL, s.year, s.study_id, i.position
"""
_OUTCOME_COLUMNS = ("study", "arms", "patients", "endpoint", "comparison", "result", "P", "criteria", "regimens", "place")


def _outcomes(index: Index, about: Asked) -> Iterator[Block]:
    yield Heading(2, "Outcomes by arm")
    yield Matrix(Listing(_OUTCOME_COLUMNS, list(_outcome_rows(index, about.outcomes))))
    if about.compared is not None:
        yield Heading(2, "Outcomes of the arms compared with")
        yield Paragraph(
            "Arms of different studies differ in more than their treatment; only comparisons within a study are between like patients."
        )
        yield Matrix(Listing(_OUTCOME_COLUMNS, list(_outcome_rows(index, about.compared))))


def _outcome_rows(index: Index, selection: Selection) -> Iterator[tuple[Any, ...]]:
    for row in selected_rows(index, selection, "outcomes", _OUTCOMES):
        (
            label, arms, patients, endpoint, comparison, events, total, percent, median, unit, measure, estimate, low, high, p, says,
            criteria, regimens, file, line,
        ) = row  # fmt: skip
        bounds = f" ({low} to {high})" if low is not None and high is not None else ""
        result = (
            _of(events, total)
            or (f"{percent} %" if percent else None)
            or (f"median {median}{f' {unit}' if unit else ''}{bounds}" if median else None)
            or (f"{measure or 'estimate'} {estimate}{bounds}" if estimate else says)
        )
        yield label, arms, patients, endpoint, comparison, result, p, criteria, regimens, f"{file}:{line}"


def _conflicts(index: Index, about: Asked) -> Iterator[Block]:
    found: dict[str, Conflict] = {}
    if about.markers is not None:
        found.update({one.question: one for one in conflicts(index, about.markers, kinds=("marker-endpoint", "marker-direction"))})
    if about.markers is None or about.compared is not None:
        found.update({one.question: one for one in conflicts(index, about.outcomes, kinds=("intervention-endpoint",))})
    yield Heading(2, "Who disagrees")
    if not found:
        yield Paragraph("No two reports of this selection contradict each other.")
        return
    for one in found.values():
        yield Heading(3, one.question)
        yield Bullets(tuple(_told(one)))
    yield Paragraph(POWER_RULE)


def _told(one: Conflict) -> Iterator[str]:
    for position, stands in one.sides.items():
        for stand in stands:
            size = "n not stated" if stand.n is None else f"n {stand.n}"
            yield f"{position}: {stand.label}, {stand.said} ({size}{f', P {stand.p_printed}' if stand.p_printed else ''}; {stand.place})"
    yield f"what differs: {'; '.join(one.differs) or 'nothing that the records hold'}"
    yield from (f"power: {line}" for line in one.power)
    yield from (f"shared patients: {line}" for line in one.shared)


def _gaps(index: Index, about: Asked) -> Iterator[Block]:
    yield Heading(2, "What is missing")
    if about.markers is not None:
        yield from _gap_tables(gaps(index, about.markers, questions=[one for one in Column if one is not Column.OUTCOME]))
    else:
        yield from _gap_tables(gaps(index, about.outcomes, questions=[Column.OUTCOME]))
    if about.compared is not None:
        yield Heading(3, "The arms compared with")
        yield from _gap_tables(gaps(index, about.compared, questions=[Column.OUTCOME]))
    yield Bullets(GAP_RULES)


def _gap_tables(found: GapMap) -> Iterator[Block]:
    held = [regimen for regimen in found.regimens if any(cell.kind is not Kind.NOTHING for cell in found.cells if cell.regimen is regimen)]
    for one in found.questions:
        columns = [column.label for column in found.columns if column.question is one]
        yield Heading(3, one.words)
        yield Matrix(Listing(("regimen", *columns), [(regimen.label, *map(_cell, found.row(regimen, one))) for regimen in held]))
    missing = len(found.regimens) - len(held)
    yield Paragraph(f"{missing} of {len(found.regimens)} classes of regimen have no study in this selection, and no row here.")


def _cell(cell: Cell) -> str:
    return f"{cell.kind.label}{f', {cell.cohorts}' if cell.kind <= Kind.NO_CHANGE else ''}"


def _references(index: Index, about: Asked) -> Iterator[Block]:
    studies = {study for study, _ in selected(index, about.outcomes, "outcomes")}
    if about.markers is not None:
        studies |= {study for study, _ in selected(index, about.markers, "findings")}
    if about.compared is not None:
        studies |= {study for study, _ in selected(index, about.compared, "outcomes")}
    yield Heading(2, "References")
    yield Citations(tuple(references(index, studies)))
