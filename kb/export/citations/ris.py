"""RIS, which every reference manager and review tool reads."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.export.citations.entries import Entry, entries, one_line
from kb.export.formats import Extract
from kb.model.terms import Absence, ReportKind

TYPES = {ReportKind.ARTICLE: "JOUR", ReportKind.MEETING_ABSTRACT: "ABST", ReportKind.PREPRINT: "UNPB", ReportKind.THESIS: "THES"}
"""RIS type of each kind of report; the others are generic."""
_PAGES = re.compile(r"([A-Za-z]?\d+)-([A-Za-z]?\d+)")


def ris(extract: Extract) -> Iterator[str]:
    """Yield the reports as RIS records. RIS has no place for comments, so the selection is not in the file."""
    for entry in entries(extract):
        yield "".join(f"{tag}  - {one_line(value)}".rstrip(" ") + "\r\n" for tag, value in tags(entry)) + "ER  - \r\n\r\n"


def tags(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield the tags of a report with their values; a field that the report does not give is left out."""
    report = entry.report
    yield "TY", TYPES.get(report.kind, "GEN")
    yield "ID", entry.key
    if not isinstance(report.title, Absence):
        yield "TI", report.title
    yield from (("AU", f"{name.family}, {name.initials}" if name.initials else name.family) for name in entry.names)
    given = (
        ("PY", None if report.dated is None else str(report.dated)),
        ("JO", report.journal),
        ("VL", report.volume),
        ("IS", report.issue),
        *_pages(report.pages),
        ("DO", report.doi),
        ("AN", report.pmid and f"PMID:{report.pmid}"),
        ("C2", report.pmcid),
    )
    yield from ((tag, value) for tag, value in given if value)
    yield from (("UR", url) for url in report.urls)
    yield from (("N1", note) for note in entry.notes)


def _pages(printed: str | None) -> tuple[tuple[str, str | None], ...]:
    """Start and end apart; `1234-9` stays whole, since a reader would take 9 for the end."""
    found = _PAGES.fullmatch(printed or "")
    if found is None or len(found[2]) < len(found[1]):
        return (("SP", printed),)
    return ("SP", found[1]), ("EP", found[2])
