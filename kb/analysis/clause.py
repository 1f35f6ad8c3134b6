"""Conditions in SQL with their parameters, and how they are joined. Values never become part of the text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple


class Clause(NamedTuple):
    """A condition with its parameters in order."""

    sql: str
    parameters: tuple[Any, ...] = ()


TRUE = Clause("1")
"""Holds for every row."""


def all_of(clauses: Iterable[Clause]) -> Clause:
    """Join by "and"."""
    return _joined(" AND ", clauses)


def any_of(clauses: Iterable[Clause]) -> Clause:
    """Join by "or"; none of them may be `TRUE`."""
    return _joined(" OR ", clauses)


def _joined(word: str, clauses: Iterable[Clause]) -> Clause:
    kept = [clause for clause in clauses if clause is not TRUE]
    if not kept:
        return TRUE
    if len(kept) == 1:
        return kept[0]
    return Clause("(" + word.join(clause.sql for clause in kept) + ")", tuple(value for clause in kept for value in clause.parameters))


def negated(clause: Clause) -> Clause:
    """Turn a condition round. A row whose value is unknown does not fit it, so an exclusion keeps the row."""
    return Clause(f"NOT coalesce({clause.sql}, 0)", clause.parameters)


def among(column: str, values: Iterable[str]) -> Clause:
    """Ask for one of several values."""
    chosen = tuple(values)
    return Clause(f"{column} IN ({', '.join('?' * len(chosen))})", chosen)


def or_absent(column: str, values: Iterable[str]) -> Clause:
    """Ask for one of several values, which may be kinds of absence."""
    chosen = tuple(values)
    return any_of((among(column, chosen), among(f"{column}_absence", chosen)))


def exists(table: str, *clauses: Clause) -> Clause:
    """Ask for a row of a table that fits all clauses."""
    inner = all_of(clauses)
    return Clause(f"EXISTS (SELECT 1 FROM {table} WHERE {inner.sql})", inner.parameters)
