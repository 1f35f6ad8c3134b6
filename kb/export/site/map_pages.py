"""The evidence map: where there is evidence, where it was looked for in vain, where nothing is held; and markers by regimen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from kb.analysis.board import IMMUNE_ROLES, BoardRow
from kb.analysis.concordance import marker_rows
from kb.analysis.gap_rules import RULES, Design, Kind
from kb.analysis.gaps import COLUMNS, Cell, GapMap, Question, cell_values, gaps
from kb.analysis.selection import select
from kb.export.gap_map import gap_map_svg
from kb.export.site.charts import Bar, benefit_bar, board_scale, change_bar
from kb.export.site.desk import Desk, counted
from kb.export.site.finder import search_hash
from kb.export.site.frame import Link, Page
from kb.export.site.page_twins import marker_path, page_turtle
from kb.export.site.plots import Circle, circle
from kb.export.site.survey_words import MOVE_WORDS, SIDE_WORDS
from kb.export.site.topic import Facts, Links, Section, TopicPage, Words, csv_text, json_text, twins
from kb.model.terms import RegimenClass

if TYPE_CHECKING:
    from kb.export.site.build import File


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell of a matrix: a circle, a bar or a sign, with its words and what it opens."""

    words: str
    text: str = ""
    href: str = ""
    tone: str = ""
    circle: Circle | None = None
    faint: bool = False
    bar: Bar | None = None


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row of a matrix."""

    label: str
    href: str
    cells: tuple[GridCell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix."""

    kind: ClassVar[str] = "grid"
    key: str
    caption: str
    corner: str
    heads: tuple[str, ...]
    rows: tuple[GridRow, ...]


MATRIX_ROWS = 40
"""Markers of the matrix: those with most cohorts."""


def regimen_href(regimen: RegimenClass, root: str) -> str:
    """Return the address of a regimen's page."""
    return f"{root}regimens/{regimen.value}.html"


class Maps:
    """The pages of the map, made of one gap map and one board a regimen class."""

    def __init__(self, desk: Desk, held: frozenset[RegimenClass]) -> None:
        self._desk = desk
        self._held = held
        self._map: GapMap = gaps(desk.index, desk.everything)
        self._boards = {
            regimen: {row.marker: row for row in marker_rows(desk.index, select(desk.index, regimen_class=[regimen.value]))}
            for regimen in RegimenClass
            if regimen in held
        }

    def map_page(self) -> TopicPage:
        """Return the evidence map."""
        counts = {kind: sum(cell.kind is kind for cell in self._map.cells) for kind in Kind}
        lead = (
            f"Of {len(self._map.cells)} combinations of a class of regimen with a question, {counts[Kind.EVIDENCE]} have evidence and "
            f"{counts[Kind.NO_CHANGE]} a measured null alone; a dash is a gap of this collection, not proof that nobody looked."
        )
        page = Page("map.html", "Evidence map", lead, section="map.html", twins=twins("map", turtle=True, figure=True))
        sections = tuple(self._question(question) for question in self._map.questions)
        marks = Facts((
            ("filled circle, number", "independent cohorts with evidence; the area follows the number"),
            ("pale circle, =number", "measured, no change or no association, and nothing better"),
            ("ring with 0", "looked for, not reported"),
            ("dot", "not in what was read"),
            ("dash", "nothing held"),
            ("black", Design.RANDOMISED.label), ("blue", Design.TRIAL.label), ("white", f"{Design.OBSERVATIONAL.label} or {Design.POOLED.label}"),
        ))  # fmt: skip
        links = Links(
            (
                (Link("Markers by regimen: change under treatment", "matrix.html"), ""),
                (Link("Markers by regimen: association with benefit", "matrix-benefit.html"), ""),
            )
        )
        rules = Section(
            "_rules", "What the marks mean", (marks, Words(tuple(f"{rule[0].upper()}{rule[1:]}." for rule in RULES), listed=True), links)
        )
        return TopicPage(
            page,
            "Where is evidence, and where is it not?",
            lead,
            (),
            self._desk.status(self._desk.survey.digests),
            self._desk.cite("Evidence map"),
            (*sections, rules),
        )

    def _question(self, question: Question) -> Section:
        heads = tuple(column.label for column in self._map.columns if column.question is question)
        largest = max((cell.cohorts for cell in self._map.cells if cell.kind <= Kind.NO_CHANGE), default=1)
        rows = tuple(
            GridRow(
                regimen.label,
                regimen_href(regimen, "") if regimen in self._held else "",
                tuple(_gap_cell(cell, largest) for cell in self._map.row(regimen, question)),
            )
            for regimen in self._map.regimens
        )
        caption = "Class of regimen by what was measured, in independent cohorts"
        return Section(f"map-{question.value}", question.words, (Grid(f"map-{question.value}-table", caption, "Regimen", heads, rows),))

    def matrix_page(self, *, benefit: bool) -> TopicPage:
        """Return the matrix of markers by regimen: association with benefit, or change under treatment."""
        rows = [row for row in self._desk.survey.board if row.role in IMMUNE_ROLES and (row.sides if benefit else row.moves)]
        rows = sorted(rows, key=lambda row: (-sum((row.sides if benefit else row.moves).values()), row.label))[:MATRIX_ROWS]
        cells = [found for board in self._boards.values() for found in board.values()]
        unit = min(board_scale(cells).unit, 8.0)
        regimens = [
            regimen for regimen, board in self._boards.items() if any((row.sides if benefit else row.moves) for row in board.values())
        ]
        grid = Grid(
            "matrix",
            "One cell, one marker under one class of regimen; the bar diverges as on the board, all on one scale",
            "Marker",
            tuple(regimen.label for regimen in regimens),
            tuple(
                GridRow(
                    row.label, f"markers/{row.marker}.html", tuple(self._matrix_cell(row, regimen, unit, benefit) for regimen in regimens)
                )
                for row in rows
            ),
        )
        what = "association with benefit" if benefit else "change under treatment"
        path = "matrix-benefit.html" if benefit else "matrix.html"
        lead = f"{counted(len(rows), 'immune marker')} by class of regimen: {what}, in independent cohorts."
        page = Page(
            path, f"Markers by regimen: {what}", lead, (Link("Evidence map", "map.html"),), "map.html",
            twins(path.removesuffix(".html"), turtle=True),
        )  # fmt: skip
        other = Link("Change under treatment", "matrix.html") if benefit else Link("Association with benefit", "matrix-benefit.html")
        ends = (
            "worse to the left, none astride, better to the right" if benefit else "fell to the left, no change astride, rose to the right"
        )
        note = f"In each cell: {ends}; ◆ differs within a cohort; a dash: nothing said. A cohort with several regimens counts under each."
        section = Section(
            "matrix-title",
            f"{what.capitalize()}, marker by regimen",
            (Links(((other, "the same markers, the other side"),)), grid) if rows else (),
            note,
            "" if rows else "No record says anything of it yet.",
        )
        studies = {study for row in rows for study in row.studies}
        return TopicPage(
            page,
            f"Markers by regimen: {what}",
            lead,
            (),
            self._desk.status(studies),
            self._desk.cite(f"Markers by regimen: {what}"),
            (section,),
        )

    def _matrix_cell(self, row: BoardRow, regimen: RegimenClass, unit: float, benefit: bool) -> GridCell:
        found = self._boards[regimen].get(row.marker)
        counts: Mapping[str, int] = (
            {} if found is None else {kind.value: n for kind, n in (found.sides if benefit else found.moves).items()}
        )
        if found is None or not counts:
            return GridCell(f"{row.label}, {regimen.label}: nothing said", "–", tone="dash")
        said = {kind.value: words for kind, words in (SIDE_WORDS if benefit else MOVE_WORDS).items()}
        words = f"{row.label}, {regimen.label}: {', '.join(f'{said[kind]} {count}' for kind, count in counts.items())}"
        return GridCell(
            words, href=f"markers/{row.marker}.html#{'associations' if benefit else 'changes'}", bar=_small(found, unit, benefit)
        )

    def files(self, template: str) -> Iterator[File]:
        """Yield the machine twins of the three pages.

        Args:
            template: Text of the template of the drawing.
        """
        from kb.export.site.build import File

        rows = [cell_values(cell) for cell in self._map.cells]
        page = self.map_page()
        yield File("map.csv", csv_text(COLUMNS, rows))
        yield File(
            "map.json", json_text(page.page, page.lead, {"rules": RULES, "rows": [dict(zip(COLUMNS, row, strict=True)) for row in rows]})
        )
        regimens = sorted(self._held, key=list(RegimenClass).index)
        base = self._desk.holdings.base_iri
        yield page_turtle(base, page.page, page.lead, about=regimens)
        yield File("map.svg", gap_map_svg(self._map, template, cite=page.cite))
        columns = ("marker", "label", "regimen_class", "kind", "cohorts")
        for benefit, stem in ((False, "matrix"), (True, "matrix-benefit")):
            cells = [
                (found.marker, found.label, regimen.value, kind.value, count)
                for regimen, board in self._boards.items()
                for found in sorted(board.values(), key=lambda row: row.marker)
                for kind, count in (found.sides if benefit else found.moves).items()
            ]
            topic = self.matrix_page(benefit=benefit)
            yield File(f"{stem}.csv", csv_text(columns, cells))
            yield File(
                f"{stem}.json", json_text(topic.page, topic.lead, {"rows": [dict(zip(columns, cell, strict=True)) for cell in cells]})
            )
            markers = (marker_path(marker) for marker, *_ in sorted(cells))
            yield page_turtle(base, topic.page, topic.lead, markers, about=regimens)


def _gap_cell(cell: Cell, largest: int) -> GridCell:
    href = "studies/index.html" + search_hash(regimen=cell.regimen.value, asked=f"{cell.column.question.value}~{cell.column.key}")
    words = f"{cell.regimen.label}, {cell.column.label}: {cell.kind.label}"
    if cell.kind is Kind.NOTHING:
        return GridCell(words, "–", tone="dash")
    if cell.kind is Kind.NOT_READ:
        return GridCell(words, "·", tone="dot")
    if cell.kind is Kind.NOT_REPORTED:
        return GridCell(words, "0", href if cell.studies else "", "ring")
    words += f", {counted(cell.cohorts, 'cohort')} ({', '.join(f'{count} {design.label}' for design, count in cell.designs.items())})"
    null = cell.kind is Kind.NO_CHANGE
    return GridCell(
        words, f"={cell.cohorts}" if null else str(cell.cohorts), href, circle=circle(cell.designs, cell.cohorts, largest), faint=null
    )


_MINI = 72.0


def _small(row: BoardRow, unit: float, benefit: bool) -> Bar:
    """Return a bar of the board, moved into a cell: centred, and never wider than it."""
    from kb.export.site.charts import BoardScale, Segment

    bar = (benefit_bar if benefit else change_bar)(row, BoardScale(min(unit, _MINI / 2 / max(row.cohorts, 1))))
    shift = _MINI / 2 - bar.centre
    segments = tuple(Segment(one.kind, one.count, round(one.x + shift, 1), one.width, False) for one in bar.segments)
    return Bar(segments, _MINI / 2, _MINI + 10, bar.mixed)
