"""The reports of an export as a reference manager needs them: one entry a report, and nothing that was not printed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kb.export.formats import Extract
from kb.model.study import Report, Study, family_name
from kb.model.terms import Absence, ReportKind


class Name(NamedTuple):
    """An author: family name and initials, or a group's name whole with no initials."""

    family: str
    initials: str


class Entry(NamedTuple):
    """A report to be cited.

    Attributes:
        key: Study id for the report that the study is named by, `study:report` for the others.
        report: The report.
        names: Authors in print order; empty where they are absent.
        notes: What a citation has no field for: typed absences, retraction, how much was read, and the record.
    """

    key: str
    report: Report
    names: tuple[Name, ...]
    notes: tuple[str, ...]


def entries(extract: Extract) -> Iterator[Entry]:
    """Yield the reports of every study, study by study, in the order of the record."""
    for study in extract.studies:
        for place, (ident, report) in enumerate(study.reports.items()):
            yield Entry(f"{study.id}:{ident}" if place else study.id, report, _names(report), tuple(_notes(study, ident, report)))


def _names(report: Report) -> tuple[Name, ...]:
    if isinstance(report.authors, Absence):
        return ()
    families = ((author, family_name(author)) for author in report.authors)
    return tuple(Name(family, author.removeprefix(family).strip()) for author, family in families)


def _notes(study: Study, ident: str, report: Report) -> Iterator[str]:
    if report.retracted:
        yield "retracted"
    for name, value in (("title", report.title), ("authors", report.authors), ("year", report.year)):
        if isinstance(value, Absence):
            yield f"{name}: {value.value}"
    if report.et_al:
        yield "the list of authors goes on"
    if report.kind is not ReportKind.ARTICLE:
        yield report.kind.label
    if report.note:
        yield report.note
    yield f"record {study.id}#{ident}; what was read: {report.read.label}"


def one_line(text: str) -> str:
    """Return a text without line breaks and runs of blanks."""
    return " ".join(text.split())
