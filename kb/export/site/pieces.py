"""Pages about many studies that can be made one without the other: one table of their kinds, and what each rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from kb.export.site.cohort_pages import cohort_index, cohort_topic, shared_cohorts
from kb.export.site.desk import Desk
from kb.export.site.markers import marker_rests_on, marker_topic
from kb.export.site.outcome_pages import endpoints, outcome_index_files, outcome_rests_on, outcome_topics
from kb.export.site.scope_pages import ArmShelf, scope_indexes, scope_rests_on, scope_topic, scopes

if TYPE_CHECKING:
    from kb.export.site.build import File, Renderer
    from kb.export.site.topic import TopicPage

_Topics = Iterable[tuple["TopicPage", list["File"]]]


@dataclass(frozen=True, slots=True)
class Piece:
    """What one marker, regimen, agent, disease, outcome or cohort has on the site.

    Attributes:
        name: Folder and id.
        topics: Makes its pages with their machine twins, the one that an index lists first.
        rests_on: Returns the studies that it speaks of, and what else it shows.
    """

    name: str
    topics: Callable[[], _Topics]
    rests_on: Callable[[], tuple[set[str], str]]


@dataclass(frozen=True, slots=True)
class PieceFiles:
    """What came of a piece.

    Attributes:
        name: Its name.
        files: Its pages and their twins.
        lead: Its sentence, for the index that lists it.
        pages: Paths of its pages.
    """

    name: str
    files: tuple[File, ...]
    lead: str
    pages: tuple[str, ...]


def pieces(desk: Desk, shelf: ArmShelf) -> Iterator[Piece]:
    """Yield every piece, in the order of the site.

    Args:
        desk: What they are written from.
        shelf: Arms that regimens' pages draw; filled before such a page is made.
    """
    for row in desk.survey.board:
        yield Piece(f"markers/{row.marker}", partial(_one, marker_topic, desk, row), partial(marker_rests_on, desk, row))
    for scope in scopes(desk):
        name = f"{scope.folder}/{scope.ident}"
        yield Piece(name, partial(_one, scope_topic, desk, scope, shelf), partial(scope_rests_on, desk, scope, shelf))
    for ident, term in endpoints(desk):
        yield Piece(f"outcomes/{ident}", partial(outcome_topics, desk, ident, term), partial(outcome_rests_on, desk, ident, term))
    for cohort, studies in shared_cohorts(desk).items():
        yield Piece(f"cohorts/{cohort}", partial(_one, cohort_topic, desk, cohort, studies), partial(_cohort_rests_on, studies))


def _one(make: Callable[..., tuple[TopicPage, list[File]]], *arguments: Any) -> _Topics:
    return [make(*arguments)]


def _cohort_rests_on(studies: tuple[str, ...]) -> tuple[set[str], str]:
    return set(studies), ""


def sum_of_piece(desk: Desk, piece: Piece, records: Mapping[str, str]) -> str:
    """Return a sum over what a piece alone rests on: records, what else it shows, and the state that it is cited as.

    Args:
        desk: What it is written from.
        piece: The piece.
        records: Sums over the records, by file.
    """
    studies, rest = piece.rests_on()
    survey = desk.survey
    spoken = [
        (study, records.get(survey.digests[study].file), survey.labels[study], survey.cohorts[study].any, survey.cohorts[study].certain)
        for study in sorted(studies & survey.digests.keys())
    ]
    return sha256(repr((piece.name, survey.changed, spoken, rest)).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def made_piece(renderer: Renderer, piece: Piece, put_by: Callable[[File], File] = lambda file: file) -> PieceFiles:
    """Make the pages of a piece and their twins.

    Args:
        renderer: Of the site.
        piece: The piece.
        put_by: What is done with each file while the others are made: a long one need not wait in memory.
    """
    files: list[File] = []
    pages: list[str] = []
    lead = ""
    for topic, twins in piece.topics():
        files += map(put_by, (*renderer.topic(topic), *twins))
        lead = lead if pages else topic.lead
        pages.append(topic.page.path)
    return PieceFiles(piece.name, tuple(files), lead, tuple(pages))


def piece_indexes(desk: Desk, leads: Mapping[str, str]) -> Iterator[tuple[TopicPage, list[File]]]:
    """Yield the pages that list pieces.

    Args:
        desk: What they are written from.
        leads: Sentence of every piece, by its name.
    """
    yield from scope_indexes(desk, leads)
    yield from outcome_index_files(desk, leads)
    yield from cohort_index(desk)
