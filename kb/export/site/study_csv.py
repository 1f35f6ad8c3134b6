"""A study's facts as a table: what its page shows, a line a fact, with its place in the source and in the record."""

from __future__ import annotations

from collections.abc import Iterator

from kb.export.site.rows import FindingRow, HarmRow, Marked, OutcomeRow
from kb.export.site.said import FactRow
from kb.export.site.study import StudyPage
from kb.export.site.topic import csv_text

COLUMNS = (
    "study_id", "part", "item_id", "what", "says", "events_total", "share", "interval", "among", "where_when", "details", "place", "words", "line",
)  # fmt: skip
"""Columns: `item_id` is the fact's anchor on the page; `words` hold the figure in the source."""

_Cells = tuple[str, ...]


def facts_csv(page: StudyPage) -> str:
    """Return the facts of a study's page as CSV: outcomes, findings, harms, then what the authors conclude."""
    return csv_text(COLUMNS, ([page.id, *(cell or None for cell in row)] for row in _rows(page)))


def _rows(page: StudyPage) -> Iterator[_Cells]:
    for part, outcomes in (("response", page.response), ("survival", page.survival), ("outcome", page.other)):
        yield from (_row(part, one.marked, one.endpoint, one.words, _counted(one), one.details) for one in outcomes)
    for part, findings in (("finding", page.changes), ("association", page.associations)):
        yield from (_row(part, one.marked, one.marker, one.says, _measured(one), one.details) for one in findings)
    yield from (_row("harm", one.marked, _event(one), one.words, _counted(one), one.details) for one in page.harms)
    yield from (_claim(one) for one in page.claims)


def _row(part: str, marked: Marked, what: str, says: str, middle: _Cells, details: tuple[str, ...]) -> _Cells:
    place, line = marked.footing.place, marked.footing.line
    at = (place.at, place.anchor or "") if place else ("", "")
    return (part, marked.anchor, what, says, *middle, "; ".join(details), *at, str(line or ""))


def _counted(row: OutcomeRow | HarmRow) -> _Cells:
    """Return events of total, share, interval, among, and no where and when."""
    numbers = (row.shown.counts, row.shown.percent, row.shown.interval) if row.shown else ("", "", "")
    return (*numbers, _among(row), "")


def _measured(row: FindingRow) -> _Cells:
    return ("", "", "", _among(row), f"{row.where}; {row.when}")


def _among(row: OutcomeRow | HarmRow | FindingRow) -> str:
    return ", ".join(part for part in (row.among.words, row.among.arms) if part)


def _event(row: HarmRow) -> str:
    return row.event if row.grade.absent else f"{row.event}, grade {row.grade.text}"


def _claim(row: FactRow) -> _Cells:
    place = row.footing.place if row.footing else None
    at = (place.at, place.anchor or "") if place else ("", "")
    line = str(row.footing.line or "") if row.footing else ""
    return ("claim", row.anchor, "authors' claim", row.headline, "", "", "", "", "", "; ".join(row.details), *at, line)
