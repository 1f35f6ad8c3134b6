"""A question in SQL over the tables of the index: read-only by construction, bounded in time and rows.

Three locks, each enough alone: SQLite's authorizer lets nothing but reading through, the connection is `query_only`, and
the index is a file that may be thrown away. A query that runs too long is interrupted.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from kb.errors import UsageError, nearest
from kb.records.index import BLOCK, Index
from kb.records.tables import ALL_TABLES, SEARCH_COLUMNS

T = TypeVar("T")
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
    """Ask one question in SQL, and take its whole answer; arguments and errors as in `Asking`."""
    with Asking(index, query, seconds=seconds, rows=rows) as asking:
        return Answer(asking.columns, [row for block in asking.blocks() for row in block], asking.cut)


class Asking:
    """A question in SQL while its answer is read. Use it as a context manager.

    Attributes:
        columns: Names of the columns.
        cut: Whether there were more rows than asked for, once `blocks` has come to its end.
    """

    def __init__(self, index: Index, query: str, *, seconds: float = SECONDS, rows: int = ROWS) -> None:
        """Ask.

        Args:
            index: Index of the collection.
            query: One SELECT, or WITH ... SELECT.
            seconds: Longest time in seconds.
            rows: Largest number of rows.

        Raises:
            UsageError: If the query is not SQL, names what does not exist, would write, or takes too long.
        """
        self._connection = index.connection
        self._seconds, self._left = seconds, rows
        self.cut = False
        deadline = time.monotonic() + seconds
        self._connection.execute("SELECT 1 FROM search LIMIT 0")  # sets up the full-text table, which the authorizer would forbid
        self._connection.execute("PRAGMA query_only = 1")
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        self._connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
        self._connection.set_authorizer(_authorize)
        try:
            self._cursor = self._told(lambda: self._connection.execute(query))
            if self._cursor.description is None:
                raise UsageError("this is no question", hint="write a SELECT; `kb sql --schema` lists tables and columns")
        except BaseException:
            self.close()
            raise
        self.columns = tuple(column[0] for column in self._cursor.description)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let the connection do again what it could."""
        self._connection.set_authorizer(None)
        self._connection.set_progress_handler(None, 0)

    def blocks(self) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows some at a time, once.

        Raises:
            UsageError: If the query takes too long.
        """
        while found := self._told(lambda: self._cursor.fetchmany(min(BLOCK, self._left + 1))):
            self.cut = len(found) > self._left
            taken = found[: self._left]
            self._left -= len(taken)
            yield taken
            if self.cut:
                return

    def _told(self, step: Callable[[], T]) -> T:
        try:
            return step()
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise _explained(error, self._seconds) from error


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
