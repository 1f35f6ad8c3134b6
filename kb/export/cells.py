"""Cells of CSV and TSV: `NA` for a missing value, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")

DISARMED = (
    "A text that a spreadsheet would run as a formula (it begins with = + - @ a tab or a carriage return and is no number), that "
    "is the letters NA, or that begins with an apostrophe carries one apostrophe in front; take that one away to have the text back."
)
"""What `table_cell` does to a text, for readers of a file."""


def cell(value: Any) -> str:
    """Return a value for csv and tsv: `NA` for a missing one, and no text that a spreadsheet would run as a formula."""
    if value is None:
        return "NA"
    if isinstance(value, float):
        return f"{value:.15g}"
    text = str(value)
    if text.startswith(_FORMULA) and not _is_number(text):
        return "'" + text
    return text


def table_cell(value: Any) -> str:
    """Return a value for a table that is read back: as `cell`, but every text can be told from `NA` and restored."""
    if isinstance(value, str) and (value == "NA" or value.startswith("'")):
        return "'" + value
    if isinstance(value, float):
        return repr(value)  # the shortest text that reads back as the same number
    return cell(value)


def csv_table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield a table as CSV, line by line, each text in one line and each cell as `table_cell` gives it."""
    into = io.StringIO(newline="")
    writer = csv.writer(into, lineterminator="\n")
    for row in chain((head,), ([_one_line(value) for value in row] for row in rows)):
        writer.writerow(row)
        yield into.getvalue()
        into.seek(0)
        into.truncate()


def _one_line(value: Any) -> str:
    return table_cell(" ".join(value.split()) if isinstance(value, str) else value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text == text.strip()
