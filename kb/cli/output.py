"""Where rows go and in which form: one contract for every command that lists something.

A table on a terminal, TSV when piped; `-f` or the suffix of `-o` says otherwise. Data goes to stdout or the file. The
selection in force is part of `table`, `md` and `json`; for the other forms, which hold nothing but rows, it is said on
stderr. A missing value is `NA` in `csv` and `tsv`, null in `json`, empty for people.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kb.cli.context import write_atomically
from kb.errors import UsageError
from kb.export.cells import cell

if TYPE_CHECKING:
    import json

    from kb.analysis.listing import Listing

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


def emit(listing: Listing, *, form: str | None = None, out: Path | None = None, header: bool = True) -> None:
    """Write a listing.

    Args:
        listing: Rows, columns and selection.
        form: One of `FORMATS`, or None for the default.
        out: File, or None for stdout.
        header: Whether csv and tsv start with the names of the columns.
    """
    form = chosen_format(form, out)
    if listing.selection and form in ("csv", "tsv", "jsonl"):
        click.echo(f"selection: {listing.selection}", err=True)
    if form == "table" and out is None:
        _print_table(listing)
        return
    text = render(listing, form, header=header)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_atomically(out, text)


def render(listing: Listing, form: str, *, header: bool = True) -> str:
    """Return a listing as text in one of `FORMATS`."""
    match form:
        case "csv":
            return _csv(listing, header=header)
        case "tsv":
            lines = [listing.columns] if header else []
            return "".join("\t".join(_flat(cell(value)) for value in row) + "\n" for row in (*lines, *listing.rows))
        case "json":
            rows = [dict(zip(listing.columns, row, strict=True)) for row in listing.rows]
            more = {"not_compared": listing.not_compared} if listing.not_compared else {}
            return json_text({"selection": listing.selection, **more, "rows": rows})
        case "jsonl":
            return "".join(_json_line(dict(zip(listing.columns, row, strict=True))) for row in listing.rows)
        case "md":
            return _markdown(listing)
        case _:
            return _plain_table(listing)


def _flat(text: str) -> str:
    """A cell of tsv has neither tabs nor line breaks."""
    return text.replace("\t", " ").replace("\r\n", " ").replace("\n", " ").replace("\r", " ")


def _csv(listing: Listing, *, header: bool) -> str:
    import csv
    import io

    into = io.StringIO(newline="")
    writer = csv.writer(into, lineterminator="\n")
    if header:
        writer.writerow(listing.columns)
    # A lone carriage return would end the row for some readers: the writer quotes line feeds alone.
    writer.writerows([cell(value).replace("\r\n", "\n").replace("\r", "\n") for value in row] for row in listing.rows)
    return into.getvalue()


def json_text(value: Any) -> str:
    """Return a value as JSON, one field a line: what the standard library writes with an indent of one."""
    return _indented(value, 1) + "\n"


def _indented(value: Any, depth: int) -> str:
    # The library's compiled encoder does not indent, but takes what stands between two fields: it writes whatever holds plain
    # values alone, which is nearly all of an answer, five times as fast as the encoder that indents.
    if not value or not isinstance(value, dict | list | tuple):
        return _encoder("").encode(value)
    between = f",\n{' ' * depth}"
    inner = value.values() if isinstance(value, dict) else value
    if not any(isinstance(one, dict | list | tuple) for one in inner):
        text = _encoder(between).encode(value)
        opening, body, closing = text[0], text[1:-1], text[-1]
    elif isinstance(value, dict):
        opening, closing = "{", "}"
        body = between.join(f"{_encoder('').encode(str(key))}: {_indented(one, depth + 1)}" for key, one in value.items())
    else:
        opening, closing = "[", "]"
        body = between.join(_indented(one, depth + 1) for one in value)
    return f"{opening}\n{' ' * depth}{body}\n{' ' * (depth - 1)}{closing}"


@cache
def _encoder(between: str) -> json.JSONEncoder:
    import json

    return json.JSONEncoder(ensure_ascii=False, separators=(between, ": "))


def _json_line(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False) + "\n"


def shown(value: Any) -> str:
    """Return a value for people."""
    if value is None:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _markdown(listing: Listing) -> str:
    def line(values: Sequence[Any]) -> str:
        return "| " + " | ".join(_escaped(_flat(shown(value))) for value in values) + " |\n"

    head = f"selection: {_escaped(listing.selection)}\n\n" if listing.selection else ""
    rule = "|" + " --- |" * len(listing.columns) + "\n"
    return head + line(listing.columns) + rule + "".join(line(row) for row in listing.rows)


def _escaped(text: str) -> str:
    """Escape what Markdown or HTML would take for markup."""
    for mark in "\\`*_[]|":
        text = text.replace(mark, "\\" + mark)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _visible(text: str) -> str:
    """Control characters of a record must not steer the terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _plain_table(listing: Listing) -> str:
    """A table without colour, each column as wide as its longest value."""
    padded, widths = [], []
    # By column, so that what all its values share is asked once: tens of thousands of rows are drawn in a tenth of a second.
    for column in zip(listing.columns, *listing.rows, strict=True):
        texts = [value if isinstance(value, str) else shown(value) for value in column]
        texts = texts if "".join(texts).isprintable() else [_visible(text) for text in texts]
        widths.append(max(map(len, texts)))
        padded.append([text.ljust(widths[-1]) for text in texts])
    lines = ["  ".join(row).rstrip() for row in zip(*padded, strict=True)]
    lines.insert(1, "  ".join("-" * width for width in widths))
    if listing.selection:
        lines.insert(0, f"selection: {listing.selection}")
    return "\n".join((*lines, _count(listing))) + "\n"


def _count(listing: Listing) -> str:
    return f"{len(listing.rows)} row{'' if len(listing.rows) == 1 else 's'}"


def _print_table(listing: Listing) -> None:
    """Draw a table with rich on a terminal; plain text elsewhere. `NO_COLOR` is rich's own rule."""
    if not sys.stdout.isatty():
        click.echo(_plain_table(listing), nl=False)
        return
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
        table.add_row(*(Text(_visible(shown(value))) for value in row))
    if listing.selection:
        console.print(Text(f"selection: {_visible(listing.selection)}", style="dim"))
    console.print(table)
    console.print(Text(_count(listing), style="dim"))
