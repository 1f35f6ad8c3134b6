"""Where rows go and in which form: one contract for every command that lists something.

A table on a terminal, TSV when piped; `-f` or the suffix of `-o` says otherwise. Data goes to stdout or the file. The
selection in force is part of `table`, `md` and `json`; for the other forms, which hold nothing but rows, it is said on
stderr. `kb.cli.rendering` makes the text.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import click

from kb.analysis.listing import Listing, Stream
from kb.cli.context import write_atomically
from kb.cli.rendering import counted, kept, pieces, shown, visible
from kb.errors import UsageError

FORMATS = ("table", "csv", "tsv", "json", "jsonl", "md")
FOR_PEOPLE = ("table", "md")
"""Those that somebody reads; programs read the others."""
SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".md": "md",
    ".txt": "table",
}

_AT_ONCE = 65_536
"""Characters that are written at once."""
Command = Callable[..., Any]


def output_options(command: Command) -> Command:
    """Add `-f/--format`, `-o/--out` and `--no-header`; the command gets `form`, `out` and `header`."""
    for option in (
        click.option("--header/--no-header", default=True, help="Whether csv and tsv start with the names of the columns."),
        click.option(
            "-o", "--out", type=click.Path(dir_okay=False, path_type=Path), default=None, help="File to write; its suffix sets the format."
        ),
        click.option("-f", "--format", "form", type=click.Choice(FORMATS), default=None, help="Default: table on a terminal, else tsv."),
    ):
        command = option(command)
    return command


def chosen_format(form: str | None, out: Path | None) -> str:
    """Return the format in force.

    Raises:
        UsageError: If a file is to be written whose suffix says nothing and no format is given.
    """
    if form is not None:
        return form
    if out is None:
        return "table" if sys.stdout.isatty() else "tsv"
    found = SUFFIXES.get(out.suffix.lower())
    if found is None:
        raise UsageError(f'the suffix of "{out.name}" says no format', hint=f"add -f, or use one of {', '.join(SUFFIXES)}")
    return found


def emit(listing: Listing | Stream, *, form: str | None = None, out: Path | None = None, header: bool = True) -> None:
    """Write a listing.

    Args:
        listing: Rows, columns and selection. Rows that come as they are read are written as they come, but an error on the
            way leaves nothing half written.
        form: One of `FORMATS`, or None for the default.
        out: File, or None for stdout.
        header: Whether csv and tsv start with the names of the columns.
    """
    form = chosen_format(form, out)
    if listing.selection and form in ("csv", "tsv", "jsonl"):
        click.echo(f"selection: {listing.selection}", err=True)
    if form == "table" and out is None and sys.stdout.isatty():
        drawn = _drawable(listing)
        if isinstance(drawn, Listing):
            _draw_table(drawn)
            return
        listing = drawn
    texts = pieces(listing, form, header=header)
    write(kept(texts) if isinstance(listing, Stream) and out is None else texts, out)


def write(texts: Iterable[str], out: Path | None) -> None:
    """Write texts one after another to a file, or to stdout."""
    if out is not None:
        write_atomically(out, texts)
        return
    for text in _together(texts):
        click.echo(text, nl=False)


def _together(texts: Iterable[str]) -> Iterator[str]:
    """Yield texts joined to larger ones: each that is written costs a call of the system."""
    held, size = [], 0
    for text in texts:
        held.append(text)
        size += len(text)
        if size > _AT_ONCE:
            yield "".join(held)
            held, size = [], 0
    yield "".join(held)


def _drawable(listing: Listing | Stream) -> Listing | Stream:
    """Return a listing that can be drawn on a terminal, with all its rows; one of more than a block of rows comes back as it is."""
    if isinstance(listing, Listing):
        return listing
    first, second = next(listing.blocks, ()), next(listing.blocks, None)
    if second is None:
        return Listing(listing.columns, first, listing.selection, listing.not_compared)
    return listing._replace(blocks=chain((first, second), listing.blocks))


def _draw_table(listing: Listing) -> None:
    """Draw a table with rich on a terminal. `NO_COLOR` is rich's own rule."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for place, name in enumerate(listing.columns):
        numbers = all(isinstance(row[place], int | float | None) for row in listing.rows)
        table.add_column(Text(name), justify="right" if numbers and listing.rows else "left", overflow="fold")
    for row in listing.rows:
        # Text, not markup: brackets in a record are brackets.
        table.add_row(*(Text(visible(shown(value))) for value in row))
    if listing.selection:
        console.print(Text(f"selection: {visible(listing.selection)}", style="dim"))
    console.print(table)
    console.print(Text(counted(len(listing.rows)), style="dim"))
