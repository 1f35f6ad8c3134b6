"""Pages about many studies: a plain sentence first, then parts with their tables and drawings, methods last."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from kb.export.site.frame import Link, Page, Twin

if TYPE_CHECKING:
    from kb.analysis.listing import Listing


@dataclass(frozen=True, slots=True)
class Words:
    """Paragraphs or, where there are several short ones, a list."""

    kind: ClassVar[str] = "words"
    lines: tuple[str, ...]
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Subtitle:
    """A heading within a part."""

    kind: ClassVar[str] = "subtitle"
    text: str


@dataclass(frozen=True, slots=True)
class Links:
    """A list of links, each with smaller words beside it."""

    kind: ClassVar[str] = "links"
    items: tuple[tuple[Link, str], ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Properties with their values."""

    kind: ClassVar[str] = "facts"
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page.

    Attributes:
        anchor: Permanent id.
        title: Heading.
        blocks: What stands in it; each has a `kind` that names its macro.
        note: How it was made, below it.
        absent: What it means that it is empty; empty when there are blocks.
    """

    anchor: str
    title: str
    blocks: tuple[Any, ...] = ()
    note: str = ""
    absent: str = ""


@dataclass(frozen=True, slots=True)
class TopicPage:
    """A page about many studies.

    Attributes:
        page: Head.
        title: Heading.
        lead: The plain sentence.
        chips: Facts in short.
        status: How far the records behind it have come.
        cite: How to cite the page.
        sections: Its parts.
        menu: Whether it lists its parts.
        figures: Drawings for the file that stands alone, where the page itself shows a table in their stead.
    """

    page: Page
    title: str
    lead: str
    chips: tuple[str, ...]
    status: str
    cite: str
    sections: tuple[Section, ...]
    menu: bool = True
    figures: tuple[Any, ...] = ()


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _cell(value: Any) -> str:
    if value is None:
        return "NA"
    if isinstance(value, float):
        return f"{value:.15g}"
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not _number(text) else text


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text == text.strip()


def csv_text(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Return rows as CSV for analysis: `NA` for a missing value, no text that a spreadsheet would run."""
    into = io.StringIO()
    writer = csv.writer(into, lineterminator="\n")
    writer.writerow(list(columns))
    writer.writerows([_cell(value) for value in row] for row in rows)
    return into.getvalue()


def listing_csv(listing: Listing) -> str:
    """Return a listing as CSV."""
    return csv_text(listing.columns, listing.rows)


def json_text(page: Page, lead: str, found: Mapping[str, Any]) -> str:
    """Return the content of a page as JSON: its sentence, then what it shows."""
    return json.dumps({"page": page.path, "title": page.title, "sentence": lead, **found}, ensure_ascii=False, indent=1) + "\n"


def listing_json(listing: Listing) -> dict[str, Any]:
    """Return a listing for JSON; what is missing is left out of a row."""
    rows = [{name: value for name, value in zip(listing.columns, row, strict=True) if value is not None} for row in listing.rows]
    return {"selection": listing.selection, "rows": rows}


def twins(stem: str, *, table: bool = True, turtle: bool = False, figure: bool = False) -> tuple[Twin, ...]:
    """Return the machine twins of a page.

    Args:
        stem: File name without its suffix, relative to the page.
        table: Whether there is a CSV.
        turtle: Whether there is Turtle.
        figure: Whether there is a drawing to take away.
    """
    found = [Twin("JSON", f"{stem}.json", "application/json")]
    found += [Twin("Turtle", f"{stem}.ttl", "text/turtle")] if turtle else []
    found += [Twin("CSV", f"{stem}.csv", "text/csv")] if table else []
    found += [Twin("SVG of the figure", f"{stem}.svg", "image/svg+xml")] if figure else []
    return tuple(found)
