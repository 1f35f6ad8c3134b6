"""A report as Markdown or as one HTML page. The blocks come from `kb.analysis.report`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kb.analysis.report import Block, Bullets, Citations, Heading, Matrix, Paragraph
from kb.export.rendering import environment

TEMPLATE = "report.html"
"""Name of the template of the page."""


def markdown(blocks: Iterable[Block]) -> str:
    """Return a report as Markdown."""
    return "\n\n".join("\n".join(_lines(block)) for block in blocks) + "\n"


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield f"{'#' * block.level} {_escaped(block.text)}"
        case Paragraph():
            yield _escaped(block.text)
        case Bullets():
            yield from (f"- {_escaped(item)}" for item in block.items)
        case Citations():
            yield from (f"{number}. {_escaped(item)}" for number, item in enumerate(block.items, 1))
        case Matrix():
            listing = block.listing
            if not listing.rows:
                yield "none"
                return
            yield _row(listing.columns)
            yield f"|{' --- |' * len(listing.columns)}"
            yield from (_row(row) for row in listing.rows)


def _row(values: Sequence[Any]) -> str:
    return f"| {' | '.join(_escaped(told(value)) for value in values)} |"


def told(value: Any) -> str:
    """Return a value for reading; a missing one is empty."""
    return "" if value is None else str(value)


def _escaped(text: str) -> str:
    """Escape what Markdown or HTML would take for markup; a line break would end the block."""
    flat = " ".join(text.split())
    for mark in "\\`*_[]|#":
        flat = flat.replace(mark, "\\" + mark)
    return flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def html(blocks: Iterable[Block], template: str, *, collection: str) -> str:
    """Return a report as one HTML page.

    Args:
        blocks: The report.
        template: Text of the template `TEMPLATE`.
        collection: Name of the collection.
    """
    engine = environment({TEMPLATE: template})
    engine.filters["told"] = told
    held = [(type(block).__name__, block) for block in blocks]
    title = next(block.text for _, block in held if isinstance(block, Heading))
    return engine.get_template(TEMPLATE).render(blocks=held, title=title, collection=collection) + "\n"
