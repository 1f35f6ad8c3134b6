"""What is offered for download, and what changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from kb.export.site.desk import Desk, counted, slug
from kb.export.site.frame import Link, Page
from kb.export.site.page_twins import page_turtle
from kb.export.site.sheet import Cell, Head, Line, Sheet
from kb.export.site.topic import Facts, Links, Section, TopicPage, Words, csv_text, json_text, twins

if TYPE_CHECKING:
    from kb.export.site.build import File

LATEST = 200
"""Records named in the feed and on the page of changes: those handled last."""


def data_page(desk: Desk) -> TopicPage:
    """Return the page of downloads."""
    lead = "The whole collection to take away, each form made by the same exporters as on the command line."
    items = tuple((Link(one.path.removeprefix("data/"), one.path.removeprefix("data/")), one.words) for one in desk.holdings.downloads)
    columns = (
        ("Every page", "JSON and CSV beside it; Turtle where records or terms stand behind it: of a list, the nodes that it rests on"),
        ("Every study", "its record as YAML, JSON and Turtle, its facts as CSV"),
        ("Identifiers", "study#item names a fact everywhere: on pages, in tables, in RDF, on the command line"),
        ("Missing values", "NA in CSV; why it is missing stands in the column of the same name ending in _absence"),
        ("Counting", "rows share patients: count by cohort_id, not by study or row"),
        ("Licence", f"{desk.settings.licence}; cite the source of a fact beside the collection"),
    )
    sections = (
        Section("files", "Files", (Links(items),) if items else (), absent="" if items else "This build was made without its downloads."),
        Section("dictionary", "How to read them", (Facts(columns),), "The meaning of every column stands in datapackage.json and in the answer of `kb find KIND --list-columns`."),
        Section("agents", "For programs", (Words((
            "Addresses are stable: studies/ID.json, markers/ID.json, outcomes/ID.json, conflicts.json, map.json.",
            "Each JSON starts with the page's sentence and holds the rows behind it, each with its study, its item, its place in the source and its line in the record.",
        )),)),
    )  # fmt: skip
    page = Page("data/index.html", "Data and downloads", lead, section="data/index.html", twins=twins("index"))
    return TopicPage(page, "Data and downloads", lead, (), desk.status(desk.survey.digests), desk.cite("Data"), sections)


def data_files(desk: Desk) -> Iterator[File]:
    """Yield the downloads themselves, and the list of them for programs."""
    from kb.export.site.build import File

    page = data_page(desk)
    listed = {"files": [{"path": one.path, "what": one.words} for one in desk.holdings.downloads]}
    yield File("data/index.json", json_text(page.page, page.lead, listed))
    yield File("data/index.csv", csv_text(("path", "what"), ((one.path, one.words) for one in desk.holdings.downloads)))
    for one in desk.holdings.downloads:
        yield File(one.path, one.content())


@dataclass(frozen=True, slots=True)
class Release:
    """A release of the changelog: heading, and its lines by kind of change."""

    title: str
    changes: Mapping[str, tuple[str, ...]]


def releases(changelog: str) -> list[Release]:
    """Read a changelog in the common form: `## release`, `### kind`, `- line`, continued lines indented."""
    found: list[tuple[str, dict[str, list[str]]]] = []
    kind = ""
    for line in changelog.splitlines():
        if line.startswith("## "):
            found.append((line[3:].strip(), {}))
            kind = ""
        elif line.startswith("### ") and found:
            kind = line[4:].strip()
        elif line.startswith("- ") and found:
            found[-1][1].setdefault(kind or "Changes", []).append(line[2:].strip())
        elif line.startswith("  ") and found and (lines := found[-1][1].get(kind or "Changes")):
            lines[-1] += f" {line.strip()}"
    return [
        Release(title, {name: tuple(re.sub(r"[`*]", "", text) for text in lines) for name, lines in changes.items()})
        for title, changes in found
    ]


def changes_page(desk: Desk) -> TopicPage:
    """Return the page of changes: releases, then the records handled last."""
    found = releases(desk.holdings.changelog)
    sections = []
    for release in found:
        blocks = tuple(Words((f"{kind}:", *lines), listed=True) for kind, lines in release.changes.items())
        sections.append(
            Section(slug(f"release {release.title}"), f"Release {release.title}", blocks, absent="" if blocks else "Nothing named.")
        )
    if not found:
        sections.append(Section("releases", "Releases", absent="This collection keeps no changelog."))
    lines = tuple(
        Line((Cell(digest.changed), Cell(desk.label(digest.id), f"studies/{digest.id}.html", note=digest.title), Cell(digest.status.label)))
        for digest in _latest(desk)
    )
    sheet = Sheet(
        "records",
        "Records by the day on which somebody last handled them, latest first",
        (Head("Day"), Head("Study"), Head("Status")),
        lines,
    )
    sections.append(Section("records-title", "Records", (sheet,) if lines else (), absent="" if lines else "No record yet."))
    lead = (
        f"Records last changed on {desk.survey.changed}; {counted(len(found), 'release')} so far."
        if desk.survey.changed
        else "Nothing has changed yet."
    )
    page = Page("changes.html", "Changes", lead, section="changes.html", twins=twins("changes", turtle=True))
    return TopicPage(page, "What changed?", lead, (), desk.status(desk.survey.digests), desk.cite("Changes"), tuple(sections))


def _latest(desk: Desk) -> list[Any]:
    return sorted(desk.survey.digests.values(), key=lambda digest: (digest.changed, digest.id), reverse=True)[:LATEST]


def changes_files(desk: Desk) -> Iterator[File]:
    """Yield the changes as JSON and as an Atom feed; its days are those of the records, never the clock's."""
    from kb.export.site.build import File

    page = changes_page(desk)
    listed = {"releases": [{"title": one.title, "changes": one.changes} for one in releases(desk.holdings.changelog)],
              "records": [{"study": digest.id, "changed": digest.changed, "status": digest.status.value} for digest in _latest(desk)]}  # fmt: skip
    yield File("changes.json", json_text(page.page, page.lead, listed))
    rows = ((digest.id, digest.changed, digest.status.value) for digest in _latest(desk))
    yield File("changes.csv", csv_text(("study_id", "changed", "status"), rows))
    yield page_turtle(desk.holdings.base_iri, page.page, page.lead, (f"id/{digest.id}" for digest in _latest(desk)))
    yield File("changes.atom", atom(desk))


def atom(desk: Desk) -> str:
    """Return the changes as an Atom feed: one entry a release, one a record."""
    base = desk.holdings.base_iri
    site = desk.settings.base_url
    day = desk.survey.changed or "1970-01-01"
    author = escape(", ".join(desk.settings.maintainers) or desk.settings.name)
    entries = []
    for release in releases(desk.holdings.changelog):
        anchor = slug(f"release {release.title}")
        dated = re.search(r"\d{4}-\d{2}-\d{2}", release.title)
        text = escape("; ".join(line for lines in release.changes.values() for line in lines))
        entries.append(
            _entry(f"{base}{anchor}", f"Release {release.title}", dated[0] if dated else day, f"{site}changes.html#{anchor}", text)
        )
    entries += [
        _entry(
            f"{base}changed/{digest.id}/{digest.changed}",
            f"{desk.label(digest.id)}: {digest.status.label}",
            digest.changed,
            f"{site}studies/{digest.id}.html",
            escape(digest.title),
        )
        for digest in _latest(desk)
    ]
    head = f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n<id>{escape(base)}changes</id>\n<title>{escape(desk.settings.name)}: changes</title>\n<updated>{day}T00:00:00Z</updated>\n<author><name>{author}</name></author>\n<link rel="self" href={quoteattr(site + "changes.atom")}/>\n'
    return _printable(head + "".join(entries) + "</feed>\n")


def _entry(ident: str, title: str, day: str, href: str, text: str) -> str:
    return f"<entry><id>{escape(ident)}</id><title>{escape(title)}</title><updated>{day}T00:00:00Z</updated><link href={quoteattr(href)}/><summary>{text}</summary></entry>\n"


def _printable(text: str) -> str:
    """Leave out what XML 1.0 cannot hold."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def llms_text(desk: Desk) -> str:
    """Return the site for language models: what it is, how it counts, where the data lie."""
    base = desk.settings.base_url
    return "\n".join((
        f"# {desk.settings.name}", "",
        f"> {counted(len(desk.survey.digests), 'study', 'studies')}, {counted(len(desk.survey.members), 'independent cohort')}: what was given, what the immune system did, what the tumours did.", "",
        "Every fact has a study, an item, a place in the source and a line of a record: cite study#item. Count by cohort, never by row.",
        "Counts of claims are no verdict; a missing value says which absence it is.", "",
        "## Data", "",
        *(f"- [{words}]({base}{path})" for path, words in (("data/index.json", "list of downloads"), ("markers/index.json", "markers: change and association, in cohorts"), ("outcomes/index.json", "outcomes with pooled shares"), ("conflicts.json", "reports that contradict each other"), ("map.json", "evidence map with typed absence"), ("studies/index.json", "all studies; studies/ID.json is a record"), ("glossary.json", "the terms of the closed sets"), ("methods.json", "the rules of the checks and of the classes of regimens"))),
        "",
    ))  # fmt: skip
