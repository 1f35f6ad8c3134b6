"""Which tables are written, with what types, keys and links: read from the tables' own description."""

from __future__ import annotations

from typing import NamedTuple

from kb.records.table import Column, Table
from kb.records.tables import STUDY_TABLES, VOCABULARY_TABLES

_NOT_PERMANENT = ("study_no",)
"""Columns that mean something inside one index alone."""


def _exported(table: Table) -> Table:
    columns = tuple(column for column in table.columns if column.name not in _NOT_PERMANENT)
    return table._replace(columns=columns, key=table.key or ("study_id",), indexes=())


TABLES: tuple[Table, ...] = tuple(_exported(table) for table in (*STUDY_TABLES, *VOCABULARY_TABLES))
"""Every table of an export, in order."""

SPLITTING = ("year", "status", "report_read", "design", "allocation", "phase", "setting", "cohort_id", "cohort_certain_id", "study_id")
"""Columns of `studies` by whose values Parquet files may be split."""


class Link(NamedTuple):
    """Columns that name a row of another table; a NULL names none."""

    columns: tuple[str, ...]
    table: str
    target: tuple[str, ...]


_ITEM = ("study_id", "item_id")
_LINKS = (
    # where these columns stand together, they name a row of that table
    Link(("study_id",), "studies", ("study_id",)),
    Link(("study_id", "arm"), "arms", _ITEM),
    Link(("study_id", "population"), "populations", _ITEM),
    Link(("study_id", "versus_population"), "populations", _ITEM),
    Link(("study_id", "within"), "populations", _ITEM),
    Link(("study_id", "report"), "reports", _ITEM),
    Link(("study_id", "supersedes"), "reports", _ITEM),
)


def links(table: Table) -> tuple[Link, ...]:
    """Return the links of a table to others."""
    own = set(table.names)
    return tuple(link for link in _LINKS if own.issuperset(link.columns) and not (link.table == "studies" and table.name == "studies"))


def kind(column: Column) -> str:
    """Return `string`, `integer` or `number`, as Table Schema calls them."""
    return {"TEXT": "string", "INTEGER": "integer", "REAL": "number"}[column.type.split(" ", 1)[0]]


def required(column: Column) -> bool:
    """Whether a column is never missing."""
    return "NOT NULL" in column.type or "PRIMARY KEY" in column.type


_UNITS = {
    "percent": "%",
    "interval_level": "%",
    "age_median": "years",
    "age_mean": "years",
    "infusion_hours": "hours",
    "cycle_days": "days",
    "phase_starts_day": "days",
    "male": "patients",
    "female": "patients",
    "population_n": "patients",
}
_UNIT_COLUMNS = {
    **dict.fromkeys(("median", "mean", "estimate", "interval_low", "interval_high", "range_low", "range_high", "sd", "se"), "unit"),
    **dict.fromkeys(("dose_low", "dose_high"), "dose_family"),
    **{f"{name}_{end}": "dose_family" for name in ("per_dose", "per_day", "per_cycle", "cumulative") for end in ("low", "high")},
}


def unit(table: Table, column: Column) -> tuple[str | None, str | None]:
    """Return a column's fixed unit, and the column of the same table that holds its unit; None where there is none."""
    if column.name.endswith("_iu"):
        return "IU", None
    beside = _UNIT_COLUMNS.get(column.name)
    return _UNITS.get(column.name), beside if beside in table.names else None
