"""Every table as a CSV file, with a `datapackage.json` beside them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from kb.export.cells import table_cell
from kb.export.formats import Extract, Pieces
from kb.export.tables.datapackage import FILE, datapackage
from kb.export.tables.exported import TABLES
from kb.records.table import Table

_BATCH = 2_000
"""Rows that are held at a time."""


def csv_folder(extract: Extract) -> Iterator[tuple[str, Pieces]]:
    """Yield each table's file, read row by row, and the description last: it counts what was written."""
    counts: dict[str, int] = {}
    for table in TABLES:
        yield f"{table.name}.csv", _pieces(extract, table, counts)
    yield FILE, datapackage(extract, form="csv", files={table.name: [f"{table.name}.csv"] for table in TABLES}, counts=counts)


def _pieces(extract: Extract, table: Table, counts: dict[str, int]) -> Iterator[str]:
    into = io.StringIO(newline="")
    writer = csv.writer(into, lineterminator="\n")
    writer.writerow(table.names)
    counts[table.name] = 0
    for number, row in enumerate(extract.rows(table, None), 1):
        # A lone carriage return would end the row for some readers: the writer quotes line feeds alone.
        writer.writerow([table_cell(value).replace("\r\n", "\n").replace("\r", "\n") for value in row])
        counts[table.name] = number
        if number % _BATCH == 0:
            yield into.getvalue()
            into.seek(0)
            into.truncate()
    yield into.getvalue()
