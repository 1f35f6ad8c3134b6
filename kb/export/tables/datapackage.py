"""`datapackage.json`: what the files hold, by the Frictionless Data Package standard, version 2."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from kb.export.cells import DISARMED
from kb.export.formats import Extract
from kb.export.tables.exported import TABLES, kind, links, required, unit
from kb.records.table import Table

FILE = "datapackage.json"
_PROFILES = "https://datapackage.org/profiles/2.0"
_RULES = (
    "A value that a record does not give is missing, never 0 and never an empty text; where the record says why, the column <name>_absence "
    "holds the kind. <name>_printed holds the print and <name> the number. Several values in one column are joined by '; '. Truth values "
    "are 0 and 1, percentages run from 0 to 100. optionalForeignKeys are foreign keys of the rows in which all of their fields are given."
)


def datapackage(extract: Extract, *, form: str, files: Mapping[str, Sequence[str]], counts: Mapping[str, int]) -> str:
    """Return the description of an export of tables.

    Args:
        extract: What was written; it gives name, licence and selection.
        form: `csv` or `parquet`.
        files: Files of each table, below the folder.
        counts: Rows of each table.
    """
    project = extract.project
    described = {
        "$schema": f"{_PROFILES}/datapackage.json",
        "name": re.sub(r"[^a-z0-9]+", "-", project.name.lower()).strip("-") or "collection",
        "title": project.name,
        "id": project.base_iri,
        "description": _RULES + (f" {DISARMED}" if form == "csv" else ""),
        "licenses": [{"name": project.licence}],
        "contributors": [{"title": person} for person in project.maintainers],
        "selection": extract.selection,
        "resources": [_resource(table, form, files[table.name], counts[table.name]) for table in TABLES if files[table.name]],
    }
    return json.dumps({name: value for name, value in described.items() if value != []}, ensure_ascii=False, indent=1) + "\n"


def _resource(table: Table, form: str, files: Sequence[str], rows: int) -> dict[str, Any]:
    csv = {
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True, "header": True},
    }
    return {
        "$schema": f"{_PROFILES}/dataresource.json",
        "name": table.name,
        "type": "table",
        "path": files[0] if len(files) == 1 else list(files),
        "title": table.meaning,
        "format": form,
        **(csv if form == "csv" else {"mediatype": "application/vnd.apache.parquet"}),
        "rows": rows,
        "schema": {
            "fields": [_field(table, column) for column in table.columns],
            **({"missingValues": ["NA"]} if form == "csv" else {}),
            "primaryKey": list(table.key),
            **_links(table),
        },
    }


def _links(table: Table) -> dict[str, Any]:
    """Return foreign keys; those with columns that may be missing apart, since the standard knows no half-filled key."""
    empty = {column.name for column in table.columns if not required(column)}
    found: dict[str, list[Any]] = {"foreignKeys": [], "optionalForeignKeys": []}
    for link in links(table):
        name = "optionalForeignKeys" if empty & set(link.columns) else "foreignKeys"
        found[name].append({"fields": list(link.columns), "reference": {"resource": link.table, "fields": list(link.target)}})
    return {name: keys for name, keys in found.items() if keys}


def _field(table: Table, column: Any) -> dict[str, Any]:
    fixed, beside = unit(table, column)
    return {
        "name": column.name,
        "type": kind(column),
        "description": column.meaning,
        **({"unit": fixed} if fixed else {}),
        **({"unitColumn": beside} if beside else {}),
        **({"constraints": {"required": True}} if required(column) else {}),
    }
