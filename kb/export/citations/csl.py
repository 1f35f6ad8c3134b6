"""CSL-JSON, which Zotero, Mendeley, pandoc and every CSL processor read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from kb.export.citations.entries import Entry, entries
from kb.export.formats import Extract
from kb.model.terms import Absence, ReportKind

TYPES = {
    ReportKind.ARTICLE: "article-journal",
    ReportKind.MEETING_ABSTRACT: "paper-conference",
    ReportKind.REGISTRY: "document",
    ReportKind.PREPRINT: "article",
    ReportKind.THESIS: "thesis",
    ReportKind.NEWS: "document",
    ReportKind.OTHER: "document",
}
"""CSL type of each kind of report; `article` is what CSL 1.0.2 calls a preprint."""


def csl_json(extract: Extract) -> Iterator[str]:
    """Yield the reports as a CSL-JSON array, an item a line."""
    between = "[\n"
    for entry in entries(extract):
        yield between + json.dumps(item(entry), ensure_ascii=False)
        between = ",\n"
    yield "\n]\n" if between != "[\n" else "[]\n"


def item(entry: Entry) -> dict[str, Any]:
    """Return one report as a CSL item; a field that the report does not give is left out."""
    report = entry.report
    dated = report.dated
    fields = {
        "id": entry.key,
        "type": TYPES[report.kind],
        "title": None if isinstance(report.title, Absence) else report.title,
        "author": [{"family": name.family, "given": name.initials} if name.initials else {"literal": name.family} for name in entry.names],
        "issued": None if dated is None else {"date-parts": [[dated]]},
        "container-title": report.journal,
        "volume": report.volume,
        "issue": report.issue,
        "page": report.pages,
        "DOI": report.doi,
        "PMID": report.pmid,
        "PMCID": report.pmcid,
        "URL": next(iter(report.urls), None),
        "note": "; ".join(entry.notes),
    }
    return {name: value for name, value in fields.items() if value not in (None, [])}
