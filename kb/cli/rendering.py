"""Listings as text, piece by piece: of an answer of any length no more than a block of rows is held.

A missing value is `NA` in `csv` and `tsv`, null in `json`, empty for people. The selection in force is part of `table`,
`md` and `json`.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from kb.analysis.listing import Block, Listing, Stream, in_blocks
from kb.export.cells import cell

if TYPE_CHECKING:
    import json

IN_MEMORY = 1_000_000
"""Bytes of an answer that wait in memory; what is more waits in a file."""
Kept = TypeVar("Kept", str, list[list[str]])


def render(listing: Listing, form: str, *, header: bool = True) -> str:
    """Return a listing as text in one of `kb.cli.output.FORMATS`."""
    return "".join(pieces(listing, form, header=header))


def pieces(listing: Listing | Stream, form: str, *, header: bool = True) -> Iterator[str]:
    """Yield the text of a listing in one of `kb.cli.output.FORMATS`, a block of rows at a time."""
    blocks = listing.blocks if isinstance(listing, Stream) else in_blocks(listing.rows)
    match form:
        case "csv":
            yield from _csv(listing.columns, blocks, header=header)
        case "tsv":
            if header:
                yield _tsv_lines([listing.columns])
            yield from map(_tsv_lines, blocks)
        case "json":
            more = {"not_compared": listing.not_compared} if listing.not_compared else {}
            named = (_named(listing.columns, block) for block in blocks)
            yield from json_pieces({"selection": listing.selection, **more}, "rows", named)
        case "jsonl":
            yield from ("".join([f"{_encoder(', ').encode(row)}\n" for row in _named(listing.columns, block)]) for block in blocks)
        case "md":
            yield f"selection: {_escaped(listing.selection)}\n\n" if listing.selection else ""
            yield f"{_markdown([listing.columns])}|{' --- |' * len(listing.columns)}\n"
            yield from map(_markdown, blocks)
        case _:
            yield from _table(listing, blocks)


def _named(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[dict[str, Any]]:
    return (dict(zip(columns, row, strict=True)) for row in rows)


def _cells(row: Sequence[Any]) -> list[str]:
    """Return a row for csv and tsv; most values of most rows are missing."""
    return ["NA" if value is None else cell(value) for value in row]


def _tsv_lines(rows: Iterable[Sequence[Any]]) -> str:
    return "".join(["\t".join([_flat(text) for text in _cells(row)]) + "\n" for row in rows])


def _flat(text: str) -> str:
    """A cell of tsv has neither tabs nor line breaks."""
    if text.isprintable():
        return text
    return text.replace("\t", " ").replace("\r\n", " ").replace("\n", " ").replace("\r", " ")


def _csv(columns: Sequence[str], blocks: Iterable[Block], *, header: bool) -> Iterator[str]:
    import csv
    import io

    if header:
        yield from _csv((), [[columns]], header=False)
    for block in blocks:
        into = io.StringIO(newline="")
        # A lone carriage return would end the row for some readers: the writer quotes line feeds alone.
        rows = ([text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text for text in _cells(row)] for row in block)
        csv.writer(into, lineterminator="\n").writerows(rows)
        yield into.getvalue()


def json_text(value: Any) -> str:
    """Return a value as JSON, one field a line: what the standard library writes with an indent of one."""
    return _indented(value, 1) + "\n"


def json_pieces(head: Mapping[str, Any], last: str, groups: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Yield the JSON of a mapping with one more field that holds a long list.

    Args:
        head: The mapping.
        last: Name of that field.
        groups: The values of the list, some at a time.
    """
    empty = "[]\n}\n"
    yield json_text({**head, last: []}).removesuffix(empty)
    before = "[\n  "
    for group in groups:
        if told := [_indented(value, 3) for value in group]:
            yield before + ",\n  ".join(told)
            before = ",\n  "
    yield empty if before[0] == "[" else "\n ]\n}\n"


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


def shown(value: Any) -> str:
    """Return a value for people."""
    if value is None:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


_END, _NEXT = "\x1e", "\x1f"
"""End of a row and of a cell while rows are escaped together; a cell that holds one loses it."""


def _markdown(rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as lines of Markdown. They are escaped together: a cell at a time would be calls more than work."""
    told = _END.join([_NEXT.join([_one_line(shown(value)) for value in row]) for row in rows])
    return "| " + _escaped(told).replace(_NEXT, " | ").replace(_END, " |\n| ") + " |\n" if rows else ""


def _one_line(text: str) -> str:
    return text if text.isprintable() else _flat(text).replace(_END, " ").replace(_NEXT, " ")


def _escaped(text: str) -> str:
    """Escape what Markdown or HTML would take for markup."""
    for mark in "\\`*_[]|":
        text = text.replace(mark, "\\" + mark)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def visible(text: str) -> str:
    """Return a text without control characters: those of a record must not steer the terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _table(listing: Listing | Stream, blocks: Iterable[Block]) -> Iterator[str]:
    """Yield a table without colour, each column as wide as its longest value."""
    heads = _texts([listing.columns])
    widths, rows = [len(head) for (head,) in heads], 0

    def measured() -> Iterator[list[list[str]]]:
        nonlocal widths, rows
        for block in blocks:
            columns = _texts(block)
            widths = [max(width, *map(len, column)) for width, column in zip(widths, columns, strict=True)] if block else widths
            rows += len(block)
            yield columns

    waiting = kept(measured())
    first = next(waiting, [])  # from here on all widths are known
    yield f"selection: {listing.selection}\n" if listing.selection else ""
    yield _aligned(heads, widths) + "  ".join("-" * width for width in widths) + "\n"
    yield from (_aligned(columns, widths) for columns in chain((first,), waiting))
    yield counted(rows) + "\n"


def kept(values: Iterable[Kept]) -> Iterator[Kept]:
    """Take all values, then yield them once more; beyond `IN_MEMORY` they wait in a file."""
    held, size = [], 0
    coming = iter(values)
    for value in coming:
        held.append(marshal.dumps(value))
        size += len(held[-1])
        if size > IN_MEMORY:
            break
    else:
        yield from map(marshal.loads, held)
        return
    from tempfile import TemporaryFile

    with TemporaryFile() as file:
        file.writelines(held)
        count = len(held)
        held.clear()
        for value in coming:
            marshal.dump(value, file)
            count += 1
        file.seek(0)
        for _ in range(count):
            yield marshal.load(file)


def _texts(rows: Iterable[Sequence[Any]]) -> list[list[str]]:
    """Return the texts of rows by column, so that what all values of a column share is asked once."""
    columns = []
    for column in zip(*rows, strict=True):
        texts = [value if isinstance(value, str) else shown(value) for value in column]
        columns.append(texts if "".join(texts).isprintable() else [visible(text) for text in texts])
    return columns


def _aligned(columns: list[list[str]], widths: list[int]) -> str:
    padded = [[text.ljust(width) for text in column] for column, width in zip(columns, widths, strict=True)] if columns else []
    return "".join(["  ".join(row).rstrip() + "\n" for row in zip(*padded, strict=True)])


def counted(rows: int) -> str:
    """Return how many rows there are, in words."""
    return f"{rows} row{'' if rows == 1 else 's'}"
