"""The site as paths and texts, one page at a time, so that memory does not grow with the collection."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from kb.export.gap_map import TEMPLATE as GAP_MAP
from kb.export.plots.picture import TEMPLATE, picture
from kb.export.rendering import environment
from kb.export.site.compare_page import compare_page, compare_script
from kb.export.site.conflict_pages import conflict_files, conflicts_page
from kb.export.site.desk import Desk, Holdings, held_regimens
from kb.export.site.finder import facets, finder_page, finder_twins, index_script, ordered, years_pages
from kb.export.site.frame import NAVIGATION, Page, Settings
from kb.export.site.history import changes_files, changes_page, data_files, data_page, llms_text
from kb.export.site.home import home_page
from kb.export.site.map_pages import Maps
from kb.export.site.markers import marker_index, marker_index_files
from kb.export.site.outcome_pages import question_files
from kb.export.site.page_twins import page_turtle
from kb.export.site.pieces import PieceFiles, made_piece, piece_indexes, pieces
from kb.export.site.quality import quality_files
from kb.export.site.scope_pages import ArmShelf, arm_shelf
from kb.export.site.study import study_page
from kb.export.site.study_csv import facts_csv
from kb.export.site.survey import Entry, Survey
from kb.export.site.topic import TopicPage
from kb.export.site.words import glossary_page, glossary_twins, methods_page, methods_twins
from kb.model.terms import VocabularyKind
from kb.records.collection import Vocabulary

if TYPE_CHECKING:
    from kb.export.formats import Pieces
    from kb.model.regimen import Arm
    from kb.model.study import Study

ASSETS = ("site.css", "topics.css", "finder.css", "site.js", "finder.js", "tables.js", "compare.js")
"""Templates that are no pages; a reader gets them without indentation and without the lines that are comments alone."""

_INDENTS = re.compile(r"^[ \t]*(?://.*|/\*.*\*/)\n|^[ \t]+", re.MULTILINE)

FIGURES = ("harvest", "albatross")
"""Kinds of blocks that also stand alone as a file."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of the site: its path with forward slashes, and its text, or for downloads its content in pieces.

    A file without a text stays as it lies.
    """

    path: str
    text: Pieces | None


@dataclass(frozen=True, slots=True)
class StudyFiles:
    """What came of one record.

    Attributes:
        id: The study.
        files: Its page and the page's twins.
        arms: Its arms that other pages draw, by study and arm.
    """

    id: str
    files: tuple[File, ...]
    arms: Mapping[tuple[str, str], Arm]


_OPTIONAL_END = re.compile(r"</(?:td|th|tr|tbody|thead|li|dt|dd)>")
"""End tags that HTML lets a page leave out: a tenth of a long page, and nothing of its content."""


def term_turtle_writer(base_iri: str, vocabulary: Vocabulary) -> Callable[[VocabularyKind, str], str]:
    """Return a function that writes a vocabulary term's own node as Turtle.

    Args:
        base_iri: Prefix of every IRI of the collection.
        vocabulary: Where the terms stand.
    """
    from kb.export.rdf.spelling import Spelling
    from kb.export.rdf.turtle import node_blocks
    from kb.export.rdf.walk import Walker

    walker = Walker(Spelling(base_iri, turtle=True))
    prologue = walker.spelling.prologue()

    def write(kind: VocabularyKind, ident: str) -> str:
        term = vocabulary.get(kind, ident)
        return "" if term is None else prologue + node_blocks(walker.term(kind, ident, term))

    return write


def turtle_writer(base_iri: str) -> Callable[[Entry], str]:
    """Return a function that writes a record's own nodes as Turtle.

    Args:
        base_iri: Prefix of every IRI of the collection.
    """
    from kb.export.rdf.spelling import Spelling
    from kb.export.rdf.turtle import node_blocks
    from kb.export.rdf.walk import Walker

    walker = Walker(Spelling(base_iri, turtle=True))
    prologue = walker.spelling.prologue()
    return lambda entry: prologue + node_blocks(walker.study(entry.study))


class Renderer:
    """Renders page contexts into the site's frame.

    Attributes:
        paths: Pages rendered so far.
    """

    def __init__(self, templates: Mapping[str, str], settings: Settings) -> None:
        self._environment = environment({name: _OPTIONAL_END.sub("", text) for name, text in templates.items()})
        self._environment.policies["json.dumps_kwargs"] = {"sort_keys": True, "separators": (",", ":")}
        self._settings = settings
        self.paths: list[str] = []

    def page(self, template: str, page: Page, **context: Any) -> File:
        """Render a page."""
        found = self._environment.get_template(f"pages/{template}.html")
        text = found.render(site=self._settings, navigation=NAVIGATION, page=page, root=page.root, **context)
        self.paths.append(page.path)
        # Blank lines are what blocks of templates leave behind.
        return File(page.path, "\n".join(filter(str.strip, text.split("\n"))))

    def topic(self, topic: TopicPage) -> Iterator[File]:
        """Render a page about many studies, and its figures as a file with the citation inside."""
        yield self.page("topic", topic.page, topic=topic)
        drawn = [block for section in topic.sections for block in section.blocks if block.kind in FIGURES] + list(topic.figures)
        if drawn:
            render = self._environment.get_template(TEMPLATE).render
            text = picture(drawn, render, title=topic.title, foot=[topic.cite])
            yield File(topic.page.path.removesuffix(".html") + ".svg", text)


STUDY_SUFFIXES = (".html", ".csv", ".js", ".yaml", ".json", ".ttl")
"""Ends of the names of a study's files, where they have a Turtle twin."""


def wanted_arms(study: Study, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], Arm]:
    """Return those arms of a study that other pages draw, by study and arm."""
    return {(study.id, name): arm for name, arm in study.arms.items() if (study.id, name) in wanted}


class StudyMaker:
    """Makes the files of one study after the other; a process has its own."""

    def __init__(
        self, renderer: Renderer, desk: Desk, turtle: Callable[[Entry], str] | None = None, wanted: Collection[tuple[str, str]] = ()
    ) -> None:
        """Take what all studies are made from.

        Args:
            renderer: Of the site.
            desk: All studies at a glance, and the index.
            turtle: Writes a record's Turtle twin; without it there is none.
            wanted: Arms that other pages draw, as study and arm.
        """
        self._renderer, self._desk, self._turtle, self._wanted = renderer, desk, turtle, wanted

    def make(self, entry: Entry) -> StudyFiles:
        """Make the files of a record."""
        files = tuple(_study_files(self._renderer, entry, self._desk, self._turtle))
        return StudyFiles(entry.study.id, files, wanted_arms(entry.study, self._wanted))


def site_files(
    survey: Survey,
    studies: Callable[[frozenset[tuple[str, str]]], Iterable[StudyFiles]],
    vocabulary: Vocabulary,
    settings: Settings,
    templates: Mapping[str, str],
    holdings: Holdings,
    kept_or_made: Callable[[Desk, ArmShelf], Iterable[PieceFiles]] | None = None,
) -> Iterator[File]:
    """Yield every file of the site.

    Args:
        survey: All studies at a glance (`take_survey`).
        studies: From the arms that other pages draw to the files of every study, made one by one (`StudyMaker`).
        vocabulary: All open sets.
        settings: What the caller decides.
        templates: Text of every template and asset by name.
        holdings: What else the caller lends: the index, the questions, the changelog.
        kept_or_made: Returns what came of every piece (`pieces`); without it all are made here, one by one.
    """
    renderer = Renderer(templates, settings)
    yield from (File(name, _INDENTS.sub("", templates[name])) for name in ASSETS)
    home = home_page(survey, settings)
    yield renderer.page("home", home.page, home=home)
    yield from _study_lists(renderer, survey, vocabulary, holdings.base_iri)
    desk = Desk(survey, vocabulary, settings, holdings)
    shelf = arm_shelf(desk)
    for made in studies(shelf.all):
        shelf.arms.update(made.arms)
        yield from made.files
    renderer.paths += [f"studies/{ident}.html" for ident in survey.digests]
    found = kept_or_made(desk, shelf) if kept_or_made else (made_piece(renderer, piece) for piece in pieces(desk, shelf))
    yield from _pieces(renderer, desk, shelf, found)
    yield from _topics(renderer, desk, templates)
    glossary = glossary_page()
    yield renderer.page("glossary", glossary.page, glossary=glossary)
    yield from glossary_twins(glossary, holdings.base_iri)
    methods = methods_page(survey)
    yield renderer.page("methods", methods.page, methods=methods)
    yield from methods_twins(methods)
    if settings.base_url:
        yield from _for_crawlers(renderer.paths, settings)
    yield renderer.page("404", Page("404.html", "Page not found", "There is no such page."), home=settings.base_url or "index.html")


def _study_lists(renderer: Renderer, survey: Survey, vocabulary: Vocabulary, base_iri: str) -> Iterator[File]:
    found = facets(survey, vocabulary)
    finder = finder_page(survey, found)
    yield File("studies/index.js", index_script(survey, found))
    yield from (File(path, text) for path, text in finder_twins(finder, survey))
    yield page_turtle(base_iri, finder.page, finder.page.description, (f"id/{digest.id}" for digest in ordered(survey)))
    yield renderer.page("finder", finder.page, finder=finder)
    for years in years_pages(survey):
        yield renderer.page("years", years.page, years=years)


def _pieces(renderer: Renderer, desk: Desk, shelf: ArmShelf, found: Iterable[PieceFiles]) -> Iterator[File]:
    """Yield the pages of pieces, and those that list them."""
    leads: dict[str, str] = {}
    pages: dict[str, tuple[str, ...]] = {}
    paths = list(renderer.paths)
    for piece in found:
        leads[piece.name], pages[piece.name] = piece.lead, piece.pages
        yield from piece.files
    # Listed in one order, whether and where and when they were made.
    renderer.paths = paths + [path for piece in pieces(desk, shelf) for path in pages[piece.name]]
    for topic, twins in piece_indexes(desk, leads):
        yield from renderer.topic(topic)
        yield from twins


def _topics(renderer: Renderer, desk: Desk, templates: Mapping[str, str]) -> Iterator[File]:
    """Yield the other pages about many studies with their machine twins."""
    for topic, files in chain(question_files(desk), quality_files(desk)):
        yield from renderer.topic(topic)
        yield from files
    yield from renderer.topic(marker_index(desk))
    yield from marker_index_files(desk)
    yield from renderer.topic(conflicts_page(desk))
    yield from conflict_files(desk)
    maps = Maps(desk, held_regimens(desk))
    for topic in (maps.map_page(), maps.matrix_page(benefit=False), maps.matrix_page(benefit=True)):
        yield from renderer.topic(topic)
    yield from maps.files(templates[GAP_MAP])
    yield from renderer.topic(changes_page(desk))
    yield from changes_files(desk)
    compare = compare_page()
    yield renderer.page("compare", compare.page, compare=compare)
    yield from renderer.topic(data_page(desk))
    yield from data_files(desk)
    if desk.settings.base_url:
        yield File("llms.txt", llms_text(desk))


def study_html(
    renderer: Renderer, entry: Entry, survey: Survey, vocabulary: Vocabulary, settings: Settings, *, turtle: bool
) -> Iterator[File]:
    """Yield the page of a study, and its facts as a table.

    Args:
        renderer: Of the site.
        entry: The record.
        survey: All studies at a glance.
        vocabulary: All open sets.
        settings: What the caller decides.
        turtle: Whether a Turtle twin lies beside the page.
    """
    context = study_page(entry, survey, vocabulary, settings, turtle=turtle)
    yield renderer.page("study", context.page, study=context, markers=survey.markers)
    yield File(f"studies/{context.id}.csv", facts_csv(context))


def _study_files(renderer: Renderer, entry: Entry, desk: Desk, turtle: Callable[[Entry], str] | None) -> Iterator[File]:
    yield from study_html(renderer, entry, desk.survey, desk.vocabulary, desk.settings, turtle=turtle is not None)
    yield compare_script(desk, entry)
    stem = f"studies/{entry.study.id}"
    yield File(f"{stem}.yaml", entry.text)
    yield File(f"{stem}.json", entry.study.model_dump_json(exclude_none=True, indent=1) + "\n")
    if turtle is not None:
        yield File(f"{stem}.ttl", turtle(entry))


def _for_crawlers(paths: Iterable[str], settings: Settings) -> Iterator[File]:
    urls = "\n".join(f"<url><loc>{escape(settings.base_url + path)}</loc></url>" for path in paths)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    yield File("sitemap.xml", f"{head}{urls}\n</urlset>\n")
    yield File("robots.txt", f"User-agent: *\nAllow: /\nSitemap: {settings.base_url}sitemap.xml\n")
