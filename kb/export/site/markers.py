"""Marker pages: does it change under treatment, does it go with outcome, who disagrees; and their index."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeVar

from kb.analysis.board import BoardRow, Move, Side, collapsed_move, collapsed_side
from kb.analysis.conflicts import Conflict
from kb.analysis.directions import cohort_moves, with_p_and_n
from kb.analysis.find import find
from kb.analysis.selection import select
from kb.analysis.selection_sql import selected
from kb.analysis.stands import MarkerStand
from kb.export.plots.albatross import ENOUGH_BIRDS, albatross, bird
from kb.export.plots.harvest import MOST_BARS, MOVES, harvest, harvested
from kb.export.site.conflict_pages import conflict_boxes
from kb.export.site.desk import Desk, counted
from kb.export.site.facts import FACT_HEADS, Fact, fact_line, marker_facts
from kb.export.site.finder import search_hash
from kb.export.site.frame import Link, Page
from kb.export.site.home import BoardLine, board_lines, immune_board
from kb.export.site.page_twins import marker_path, page_turtle
from kb.export.site.sheet import Axis, Cell, Head, Interval, Line, Sheet, Tick, group, place
from kb.export.site.survey_words import MOVE_WORDS, SIDE_WORDS
from kb.export.site.topic import Links, Section, TopicPage, json_text, listing_csv, listing_json, twins
from kb.model.terms import VocabularyKind
from kb.model.vocabulary import BiomarkerTerm

if TYPE_CHECKING:
    from kb.export.site.build import File


@dataclass(frozen=True, slots=True)
class Board:
    """Rows of the board."""

    kind: ClassVar[str] = "board"
    lines: tuple[BoardLine, ...]


_Kind = TypeVar("_Kind", Move, Side)


def _href(study: str, item: str) -> str:
    return f"../studies/{study}.html#{item}"


CAUTION = "Counts are of independent cohorts by what their authors claim. They are no test, and say nothing of the size of an effect."
_RATIOS = ("hr", "or", "rr")
_LEAST, _MOST = 0.1, 10.0


def marker_page(desk: Desk, row: BoardRow, stands: Iterable[MarkerStand], *, turtle: bool) -> TopicPage:
    """Return the page of a marker.

    Args:
        desk: What it is written from.
        row: Its row of the board.
        stands: Where findings stand on it, for P values.
        turtle: Whether its term has a Turtle twin.
    """
    facts = marker_facts(desk, row.marker)
    term = desk.vocabulary.get(VocabularyKind.BIOMARKERS, row.marker)
    path = f"markers/{row.marker}.html"
    lead = sentence(row)
    sections = tuple(_sections(desk, row, facts, tuple(stands)))
    figures = any(block.kind in ("harvest", "albatross") for section in sections for block in section.blocks)
    page = Page(
        path=path,
        title=row.label,
        description=lead[:300],
        crumbs=(Link("Markers", "index.html"),),
        section="markers/index.html",
        twins=twins(row.marker, turtle=turtle, figure=figures),
    )
    chips = [row.role.label if row.role else "no term", counted(row.cohorts, "cohort"), counted(len(facts), "finding")]
    if isinstance(term, BiomarkerTerm):
        chips += [term.marker_class.label, *([f"also called {', '.join(term.synonyms[:4])}"] if term.synonyms else [])]
    return TopicPage(page, row.label, lead, tuple(chips), desk.status(row.studies), desk.cite(row.label), sections)


def sentence(row: BoardRow) -> str:
    """Return the plain sentence of a marker, built from its counts."""
    cohorts = counted(row.cohorts, "cohort")
    moves = [f"{MOVE_WORDS[kind]} in {count}" for kind, count in sorted(row.moves.items(), key=lambda item: -item[1])]
    sides = [f"{count} {_SIDES[kind]}" for kind, count in sorted(row.sides.items(), key=lambda item: -item[1])]
    changed = (
        f"Measured in {cohorts}; under treatment it {_and(moves)}."
        if moves
        else f"Measured in {cohorts}; none says how it changes under treatment."
    )
    benefit = f"As to benefit, {_and(sides)}" if sides else "None says whether it goes with benefit"
    silent = f"; {row.not_assessed} do not say" if sides and row.not_assessed else ""
    return f"{changed} {benefit}{silent}."


_SIDES = {
    Side.WORSE: "found worse outcome with more of it",
    Side.WORSE_IN_PART: "found worse outcome in part of the analyses",
    Side.MIXED: "found it both ways, or a link without its direction",
    Side.NONE_TESTED: "tested and found none",
    Side.NONE_STATED: "stated none without a statistic",
    Side.NONE_WITHOUT_RESPONSE: "saw activation with next to no responders",
    Side.NONE_IMPLIED: "implied none by silence",
    Side.BETTER_IN_PART: "found better outcome in part of the analyses",
    Side.BETTER: "found better outcome with more of it",
}


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _sections(desk: Desk, row: BoardRow, facts: list[Fact], stands: tuple[MarkerStand, ...]) -> Iterator[Section]:
    finder = f"../studies/index.html{search_hash(marker=row.marker)}"
    yield Section(
        "board", "At a glance", (Board(board_lines([row], "../")), Links(((Link("these studies in the finder", finder), ""),))), CAUTION
    )
    yield _associations(desk, row, facts, stands)
    yield _changes(desk, row, facts)
    yield _conflicts(desk, row.marker)
    rest = [fact for fact in facts if fact.move is None and fact.side is None]
    if rest:
        lines = tuple(fact_line(desk, fact, "../") for fact in rest)
        sheet = Sheet(
            "further-table", "Levels, contrasts between groups, and associations with anything but response and survival", FACT_HEADS, lines
        )
        yield Section("further", "Further findings", (sheet,))
    yield _not_assessed(desk, row, facts)


def _associations(desk: Desk, row: BoardRow, facts: list[Fact], stands: tuple[MarkerStand, ...]) -> Section:
    siding = [fact for fact in facts if fact.side is not None]
    if not siding:
        return Section("associations", "Does it go with benefit?", absent="No report set it against response or survival.")
    blocks: list[object] = []
    birds = [bird(one, desk.label, _href) for one in with_p_and_n(stands)]
    if len(birds) >= ENOUGH_BIRDS:
        blocks.append(albatross(birds, f"{row.label}: associations by P and patients", "albatross"))
    estimates = [fact for fact in siding if fact.measure in _RATIOS and fact.estimate[0]]
    if estimates:
        blocks.append(_forest(desk, estimates))
    lines = _by_cohort(desk, siding, SIDE_WORDS, "benefit", lambda found: collapsed_side(fact.side for fact in found if fact.side))
    caption = "Associations with response and survival, cohort by cohort, in the words of the authors"
    blocks.append(Sheet("associations-table", caption, FACT_HEADS, tuple(lines)))
    note = "A “none” rests on a test, on a statement without a statistic, on a rise where next to nobody responded, or on silence; they are kept apart."
    if 0 < len(birds) < ENOUGH_BIRDS:
        note += f" {counted(len(birds), 'association')} with P and n: too few for a plot of them."
    return Section("associations", "Does it go with benefit?", tuple(blocks), note)


def _by_cohort(
    desk: Desk, facts: list[Fact], kinds: Mapping[_Kind, str], anchor: str, collapse: Callable[[list[Fact]], _Kind | None]
) -> Iterator[Line]:
    """Yield findings under what their cohort counts as; what no cohort counts as is left out.

    Args:
        desk: For labels.
        facts: Findings of one marker.
        kinds: What a cohort may count as, with its words, in order.
        anchor: First part of the anchors of the heads.
        collapse: Returns what a cohort counts as.
    """
    cohorts: dict[str, list[Fact]] = {}
    for fact in facts:
        cohorts.setdefault(fact.cohort, []).append(fact)
    counts_as = {cohort: collapse(found) for cohort, found in cohorts.items()}
    for kind, words in kinds.items():
        chosen = [found for cohort, found in cohorts.items() if counts_as[cohort] is kind]
        if chosen:
            yield group(f"{words}: {counted(len(chosen), 'cohort')}", f"{anchor}-{kind.value}")
            for found in chosen:
                yield from (fact_line(desk, fact, "../") for fact in found)


def ratio_place(value: float) -> float:
    """Return the pixel of a ratio on the axis from 0.1 to 10."""
    return place((math.log(min(max(value, _LEAST), _MOST)) - math.log(_LEAST)) / (math.log(_MOST) - math.log(_LEAST)))


RATIO_AXIS = Axis(tuple(Tick(ratio_place(value), f"{value:g}") for value in (0.1, 0.3, 1, 3, 10)), "ratio, as printed", ratio_place(1.0))
"""Axis of printed ratios."""


def ratio_interval(estimate: float, low: float | None, high: float | None, words: str) -> Interval:
    """Lay out a printed ratio: square for one with its interval, hollow tick for one without."""
    return Interval(
        "square" if low and high else "tick", ratio_place(estimate), ratio_place(low) if low else None, ratio_place(high) if high else None,
        8.0, words, cut_low=bool(low and low < _LEAST), cut_high=bool(high and high > _MOST), null=RATIO_AXIS.null,
    )  # fmt: skip


def _forest(desk: Desk, facts: list[Fact]) -> Sheet:
    lines = []
    for fact in facts:
        estimate, low, high = fact.estimate
        assert estimate is not None
        cells = (
            Cell(desk.label(fact.study), f"../studies/{fact.study}.html#{fact.item}"),
            Cell(fact.says, mark=fact.mark, tone=fact.tone),
            Cell(str(fact.n), value=fact.n) if fact.n is not None else Cell("not given", absent=True),
            Cell(value=estimate, plot=ratio_interval(estimate, low, high, fact.details)),
            Cell(fact.details, value=estimate),
        )
        lines.append(Line(cells))
    heads = (Head("Study"), Head("Endpoint"), Head("n", "num"), Head("Estimate", "plot", RATIO_AXIS), Head("As printed", "num"))
    return Sheet("estimates", "Printed estimates of association, not pooled: measures and cut-offs differ", heads, tuple(lines))


def _changes(desk: Desk, row: BoardRow, facts: list[Fact]) -> Section:
    moving = [fact for fact in facts if fact.move is not None]
    if not moving:
        return Section(
            "changes", "Does it change under treatment?", absent="No report says how it moved against the state before treatment."
        )
    blocks: list[object] = []
    moves = cohort_moves(desk.index, desk.everything, (row.marker,))
    bars = [harvested(one, MOVES, desk.label, _href) for one in moves]
    if len(bars) <= MOST_BARS:
        blocks.append(harvest(bars, f"{row.label}: direction of change, cohort by cohort", "harvest"))
    lines = _by_cohort(desk, moving, MOVE_WORDS, "change", lambda found: collapsed_move(fact.move for fact in found if fact.move))
    blocks.append(Sheet("changes-table", "Changes against the state before treatment, cohort by cohort", FACT_HEADS, tuple(lines)))
    note = "One bar is one cohort, its height follows the root of its patients, and it opens the finding. Counts of directions are no test."
    return Section("changes", "Does it change under treatment?", tuple(blocks), note)


def _conflicts(desk: Desk, marker: str) -> Section:
    found = [(anchor, conflict) for anchor, conflict in desk.conflicts if marker in _markers_of(desk, conflict)]
    if not found:
        return Section(
            "conflicts",
            "Who disagrees?",
            absent="No two cohorts contradict each other on this marker, as far as their findings can be compared.",
        )
    return Section(
        "conflicts",
        "Who disagrees?",
        conflict_boxes(desk, found, "../"),
        "What differs between the sides may explain a disagreement; it is no proof that it does.",
    )


def _markers_of(desk: Desk, conflict: Conflict) -> set[str]:
    items = ((stand.study_id, stand.item_id) for stands in conflict.sides.values() for stand in stands)
    return {marker for item in items if (marker := desk.item_markers.get(item))}


def _not_assessed(desk: Desk, row: BoardRow, facts: list[Fact]) -> Section:
    siding = {fact.cohort for fact in facts if fact.side is not None}
    silent = dict.fromkeys(fact.study for fact in facts if fact.cohort not in siding)
    if not silent:
        return Section("not-assessed", "Not assessed in", absent="Every cohort with this marker says whether it goes with benefit.")
    items = tuple((Link(desk.label(study), f"../studies/{study}.html"), "") for study in silent)
    return Section(
        "not-assessed", "Not assessed in", (Links(items),), "Studies that report the marker and do not set it against response or survival."
    )


def marker_topic(desk: Desk, row: BoardRow) -> tuple[TopicPage, list[File]]:
    """Return a marker's page with its machine twins."""
    from kb.export.site.build import File

    term_turtle = desk.holdings.term_turtle
    known = desk.vocabulary.get(VocabularyKind.BIOMARKERS, row.marker) is not None
    turtle = term_turtle(VocabularyKind.BIOMARKERS, row.marker) if term_turtle and known else ""
    found = marker_page(desk, row, desk.stands.get(row.marker, ()), turtle=bool(turtle))
    listing = find(desk.index, "findings", select(desk.index, biomarker=[row.marker])) if known else None
    stem = f"markers/{row.marker}"
    counts = {"cohorts": row.cohorts, "changes": dict(row.moves), "associations": dict(row.sides), "not_assessed": row.not_assessed}
    files = [File(f"{stem}.json", json_text(found.page, found.lead, {"counts": counts, **(listing_json(listing) if listing else {})}))]
    files.append(File(f"{stem}.csv", listing_csv(listing) if listing else ""))
    files += [File(f"{stem}.ttl", turtle)] if turtle else []
    return found, files


def marker_rests_on(desk: Desk, row: BoardRow) -> tuple[set[str], str]:
    """Return the studies that a marker's page speaks of, and what else it shows."""
    disputes = [(anchor, conflict) for anchor, conflict in desk.conflicts if row.marker in _markers_of(desk, conflict)]
    studies = {stand.study_id for _, conflict in disputes for stands in conflict.sides.values() for stand in stands}
    studies |= {study for (study,) in desk.index.rows("SELECT DISTINCT study_id FROM findings WHERE biomarker = ?", (row.marker,))}
    if desk.vocabulary.get(VocabularyKind.BIOMARKERS, row.marker) is not None:
        studies |= {study for study, _ in selected(desk.index, select(desk.index, biomarker=[row.marker]), "findings")}
    return studies, repr((row, disputes))


def marker_index(desk: Desk) -> TopicPage:
    """Return the index of markers: the board of all that speak of the immune system, then the others."""
    immune = immune_board(desk.survey)
    telling = [row for row in immune if row.moves or row.sides]
    chosen = {row.marker for row in telling}
    rest = [row for row in desk.survey.board if row.marker not in chosen]
    page = Page(
        "markers/index.html", "Markers", f"{counted(len(desk.survey.board), 'marker')}: what each did under treatment, and whether it goes with benefit.",
        section="markers/index.html", twins=twins("index", turtle=True),
    )  # fmt: skip
    lead = (
        f"{counted(len(desk.survey.board), 'marker was', 'markers were')} looked at; "
        f"{counted(sum(bool(row.sides) for row in immune), 'immune marker was', 'immune markers were')} set against response or survival."
    )
    board = Section(
        "board",
        "Does immune activation go with benefit?",
        (Board(board_lines(telling, "../")),) if telling else (),
        CAUTION,
        "" if telling else "No record reports an immune marker yet.",
    )
    items = tuple(
        (Link(row.label, f"{row.marker}.html"), f"{row.role.label if row.role else 'no term'} · {counted(row.cohorts, 'cohort')}")
        for row in sorted(rest, key=lambda row: row.label.casefold())
    )
    others = Section(
        "others",
        "Other markers",
        (Links(items),) if items else (),
        "Tumour markers, clinical signs, scores, and immune markers of which only a level is reported.",
        "" if items else "None.",
    )
    studies = {study for row in desk.survey.board for study in row.studies}
    more = Section(
        "matrix", "By regimen", (Links(((Link("Markers by regimen", "../matrix.html"), "the same bars for every class of regimen"),)),)
    )
    return TopicPage(page, "Markers", lead, (), desk.status(studies), desk.cite("Markers"), (board, more, others))


def marker_index_files(desk: Desk) -> list[File]:
    """Return the machine twins of the index of markers."""
    from kb.export.site.build import File
    from kb.export.site.topic import csv_text

    columns = (
        "marker",
        "label",
        "role",
        "cohorts",
        *(f"change_{move.value}" for move in Move),
        *(f"benefit_{side.value}" for side in Side),
    )
    rows = [
        (row.marker, row.label, row.role.value if row.role else None, row.cohorts, *(row.moves.get(move, 0) for move in Move), *(row.sides.get(side, 0) for side in Side))
        for row in desk.survey.board
    ]  # fmt: skip
    found = marker_index(desk)
    listed = {"rows": [dict(zip(columns, row, strict=True)) for row in rows]}
    return [
        File("markers/index.csv", csv_text(columns, rows)),
        File("markers/index.json", json_text(found.page, found.lead, listed)),
        page_turtle(desk.holdings.base_iri, found.page, found.lead, map(marker_path, (row.marker for row in desk.survey.board))),
    ]
