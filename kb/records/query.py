"""A question in SQL over the tables of the index: read-only by construction, bounded in time and rows.

Three locks, each enough alone: SQLite's authorizer lets nothing but reading through, the connection is `query_only`, and
the index is a file that may be thrown away. A query that runs too long is interrupted.
"""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from typing import Any

from kb.errors import UsageError, nearest
from kb.records.index import Index
from kb.records.tables import ALL_TABLES, SEARCH_COLUMNS

SECONDS = 30.0
"""Longest time that a query may take."""
ROWS = 100_000
"""Largest number of rows that a query gives."""
_STEPS = 20_000  # instructions of SQLite's machine between two looks at the clock: some milliseconds
_LONGEST = 10_000_000  # bytes of one text or blob
_READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave.

    Attributes:
        columns: Names of the columns.
        rows: Rows, at most as many as asked for.
        cut: Whether there were more rows.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    cut: bool


def ask(index: Index, query: str, *, seconds: float = SECONDS, rows: int = ROWS) -> Answer:
    """Ask one question in SQL.

    Args:
        index: Index of the collection.
        query: One SELECT, or WITH ... SELECT.
        seconds: Longest time in seconds.
        rows: Largest number of rows.

    Raises:
        UsageError: If the query is not SQL, names what does not exist, would write, or takes too long.
    """
    connection = index.connection
    deadline = time.monotonic() + seconds
    connection.execute("SELECT 1 FROM search LIMIT 0")  # sets up the full-text table, which the authorizer would forbid
    connection.execute("PRAGMA query_only = 1")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    connection.set_authorizer(_authorize)
    try:
        cursor = connection.execute(query)
        if cursor.description is None:
            raise UsageError("this is no question", hint="write a SELECT; `kb sql --schema` lists tables and columns")
        found = cursor.fetchmany(rows + 1)
        return Answer(tuple(column[0] for column in cursor.description), found[:rows], len(found) > rows)
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise _explained(error, seconds) from error
    finally:
        connection.set_authorizer(None)
        connection.set_progress_handler(None, 0)


def _authorize(action: int, first: str | None, second: str | None, database: str | None, trigger: str | None) -> int:
    if action in _READING or (action == sqlite3.SQLITE_FUNCTION and second != "load_extension"):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and first == "data_version":  # the full-text search looks whether its file has changed
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _explained(error: Exception, seconds: float) -> UsageError:
    words = str(error)
    if words == "interrupted":
        return UsageError(f"the query took more than {seconds:g} seconds", hint="narrow it, or allow more with --seconds")
    if "not authorized" in words or "prohibited" in words:
        return UsageError("the query would do more than read", hint="records are changed in their files; write a SELECT")
    if "one statement" in words:
        return UsageError("more than one statement", hint="ask one question a call")
    kind, _, name = words.partition(": ")
    if kind == "no such table":
        near = nearest(name, [table.name for table in ALL_TABLES])
        return UsageError(words, hint=f"did you mean {' or '.join(near)}?" if near else "`kb sql --schema` lists tables and columns")
    if kind == "no such column":
        near = nearest(name.rpartition(".")[2], sorted({column for table in ALL_TABLES for column in table.names}))
        return UsageError(words, hint=f"did you mean {' or '.join(near)}?" if near else "`kb sql --schema` lists tables and columns")
    return UsageError(f"SQLite says: {words}", hint="`kb sql --schema` lists tables and columns")


def schema_rows() -> list[tuple[str, str, str, str]]:
    """Return every column that may be asked for: table, column, type, meaning; the table's own meaning first."""
    rows: list[tuple[str, str, str, str]] = []
    for table in ALL_TABLES:
        rows.append((table.name, "", "", table.meaning))
        rows += [(table.name, column.name, column.type.partition(" ")[0], column.meaning) for column in table.columns]
    rows.append(("search", "", "", "full-text search: `search MATCH 'words'`; its rowid is studies.study_no"))
    return rows + [("search", name, "TEXT", meaning) for name, meaning in SEARCH_COLUMNS]
