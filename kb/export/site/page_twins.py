"""Machine twins that pages of one form share: a list as JSON and CSV, and as Turtle what a page is about and rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kb.export.site.frame import Page
from kb.export.site.topic import csv_text, json_text
from kb.model.terms import ClosedSet, VocabularyKind

if TYPE_CHECKING:
    from kb.analysis.listing import Listing
    from kb.export.rdf.walk import Node
    from kb.export.site.build import File
    from kb.model.vocabulary import Question


LISTED = ("id", "label", "sentence")
"""Columns of the pages that list pages."""


def list_twins(page: Page, sentence: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[File]:
    """Return the rows of a page as JSON and as CSV.

    Args:
        page: The page.
        sentence: Its plain sentence.
        rows: What it lists; a value of several is joined by `; ` in the CSV.
        columns: Columns of the CSV.
    """
    from kb.export.site.build import File

    cells = [["; ".join(value) if isinstance(value := row.get(name), tuple) else value for name in columns] for row in rows]
    stem = page.path.removesuffix(".html")
    return [File(f"{stem}.json", json_text(page, sentence, {"rows": list(rows)})), File(f"{stem}.csv", csv_text(columns, cells))]


def page_turtle(
    base_iri: str,
    page: Page,
    sentence: str,
    rests_on: Iterable[str] = (),
    *,
    about: Iterable[ClosedSet] = (),
    question: Question | None = None,
) -> File:
    """Return what a page is about and rests on, as Turtle: its title and sentence, and the nodes whose facts it shows.

    Args:
        base_iri: Prefix of every IRI of the collection.
        page: The page.
        sentence: Its plain sentence.
        rests_on: Paths of nodes below the base, such as `id/a-1991-study` or `term/agents/aldesleukin`.
        about: Terms of closed sets that the page is about; each stands in the file as a concept.
        question: The curated question that the page answers; it stands in the file.
    """
    from kb.export.rdf.graphs import closed_sets
    from kb.export.rdf.spelling import Spelling, member_name
    from kb.export.rdf.turtle import node_blocks
    from kb.export.rdf.walk import Walker
    from kb.export.site.build import File

    spelling = Spelling(base_iri, turtle=True)
    walker = Walker(spelling)
    about = tuple(about)
    wanted = {member_name(member) for member in about}
    pairs = [walker.pair("rdf:type", "schema:WebPage")]
    pairs += [
        walker.pair(name, spelling.literal(text)) for name, text in (("dcterms:title", page.title), ("dcterms:description", sentence))
    ]
    pairs += [walker.pair("dcterms:subject", spelling.member(member)) for member in about]
    pairs += [walker.pair("dcterms:subject", walker.node(f"question/{question.id}"))] if question is not None else []
    pairs += [walker.pair("dcterms:references", walker.node(path)) for path in dict.fromkeys(rests_on)]
    nodes: list[Node] = [(walker.node(page.path), pairs), *(node for node in closed_sets(spelling) if node[0] in wanted)]
    nodes += walker.question(question) if question is not None else []
    return File(page.path.removesuffix(".html") + ".ttl", spelling.prologue() + node_blocks(nodes))


def marker_path(marker: str) -> str:
    """Return the path of a marker's node."""
    return f"term/{VocabularyKind.BIOMARKERS.value}/{marker}"


def item_paths(listing: Listing, part: str) -> list[str]:
    """Return the paths of the nodes that the rows of a listing tell.

    Args:
        listing: Rows with their study and item.
        part: Section of the record that the items stand in.
    """
    study, item = listing.columns.index("study_id"), listing.columns.index("item_id")
    return [f"id/{row[study]}/{part}/{row[item]}" for row in listing.rows]
