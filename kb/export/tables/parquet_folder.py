"""Every table as Parquet, whole or split by a column of the studies into folders that DuckDB, Spark and their like prune.

A split table lies in folders `study_<column>=<value>`, Hive's convention. The name is the export's own: a table keeps all
of its columns, so that `year` of a report and `study_year` of its study are never taken for each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, islice
from typing import Any
from urllib.parse import quote

from kb.errors import UsageError
from kb.export.formats import Extract, Pieces
from kb.export.tables.datapackage import FILE, datapackage
from kb.export.tables.exported import TABLES, kind, required
from kb.records.table import Table

_BATCH = 1_000
"""Rows that are held as Python objects at a time; in Arrow's columns they take a tenth of the room."""
_GROUP = 10_000
"""Rows of a row group."""
_NULL_FOLDER = "__HIVE_DEFAULT_PARTITION__"


def parquet_folder(extract: Extract) -> Iterator[tuple[str, Pieces]]:
    """Yield each table's files, read a batch at a time, and the description last: it counts what was written.

    Raises:
        UsageError: If pyarrow is not installed.
    """
    _engine()
    counts = dict.fromkeys((table.name for table in TABLES), 0)
    files: dict[str, list[str]] = {table.name: [] for table in TABLES}
    for table in TABLES:
        if extract.partition is None or "study_id" not in table.names:
            files[table.name].append(f"{table.name}.parquet")
            yield files[table.name][-1], _pieces(table, extract.selection, extract.rows(table, None), counts)
            continue
        for value, rows in groupby(extract.rows(table, extract.partition), key=lambda row: row[0]):
            folder = _NULL_FOLDER if value is None else quote(str(value), safe="")
            files[table.name].append(f"{table.name}/study_{extract.partition}={folder}/part-0.parquet")
            yield files[table.name][-1], _pieces(table, extract.selection, (row[1:] for row in rows), counts)
    yield FILE, datapackage(extract, form="parquet", files=files, counts=counts)


def _engine() -> None:
    try:
        import pyarrow.parquet  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise UsageError(
            "Parquet needs pyarrow, which is not installed",
            hint='pip install "evidence-kb[tables]"; `kb export csv DIR` works without it',
        ) from error


class _Sink:
    """A file that keeps what is written until it is taken away."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._at = 0

    def write(self, part: Any) -> int:
        self._parts.append(bytes(part))
        self._at += len(part)
        return len(part)

    def tell(self) -> int:
        return self._at

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


def _schema(table: Table, selection: str) -> Any:
    import pyarrow

    types = {"string": pyarrow.string(), "integer": pyarrow.int64(), "number": pyarrow.float64()}
    fields = [
        pyarrow.field(column.name, types[kind(column)], nullable=not required(column), metadata={"meaning": column.meaning})
        for column in table.columns
    ]
    return pyarrow.schema(fields, metadata={"meaning": table.meaning, "selection": selection})


def _pieces(table: Table, selection: str, rows: Iterator[tuple[Any, ...]], counts: dict[str, int]) -> Iterator[bytes]:
    import pyarrow
    from pyarrow import parquet

    schema = _schema(table, selection)
    sink = _Sink()
    with parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
        for batches in _groups(rows, schema):
            group = pyarrow.Table.from_batches(batches, schema)
            writer.write_table(group, row_group_size=_GROUP)
            counts[table.name] += group.num_rows
            yield sink.take()
    yield sink.take()


def _groups(rows: Iterator[tuple[Any, ...]], schema: Any) -> Iterator[list[Any]]:
    """Yield the batches of each row group."""
    import pyarrow

    while True:
        batches: list[Any] = []
        while len(batches) * _BATCH < _GROUP and (batch := list(islice(rows, _BATCH))):
            columns = zip(*batch, strict=True)
            arrays = [pyarrow.array(values, type=field.type) for values, field in zip(columns, schema, strict=True)]
            batches.append(pyarrow.record_batch(arrays, schema=schema))
        if not batches:
            return
        yield batches
