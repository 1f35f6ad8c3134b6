"""How complete and how checked the records are: presence of each field, open readings, notes of the checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from kb.export.site.desk import Desk, counted
from kb.export.site.finder import search_hash
from kb.export.site.frame import Page
from kb.export.site.page_twins import page_turtle
from kb.export.site.plots import Presence, presence
from kb.export.site.sheet import Cell, Head, Line, Sheet, capped
from kb.export.site.topic import Section, TopicPage, csv_text, json_text, twins
from kb.model.terms import Absence, AmbiguityKind, Status

if TYPE_CHECKING:
    from kb.export.site.build import File

FIELDS = (
    ("title", "title"), ("authors", "authors"), ("year", "year"), ("phase", "phase"), ("masking", "masking"), ("control", "control"),
    ("setting", "setting"), ("sampling", "sampling"), ("centres", "centres"), ("enrolment_start", "enrolment"), ("n", "patients"),
)  # fmt: skip
"""Columns of studies whose absence is typed, with their names."""
PARTS = (("arms", "arms"), ("findings", "immune findings"), ("outcomes", "outcomes"), ("adverse_events", "harms"), ("claims", "claims"))
"""Columns of studies that count items."""
MOST_GRID = 400
"""Studies of one grid; in a larger collection the latest."""
_WORDS = {"given": "given", "not-reported": "not reported", "not-read": "not in what was read", "blank": "not there"}


@dataclass(frozen=True, slots=True)
class Completeness:
    """The completeness grid: fields, and a row a study."""

    kind: ClassVar[str] = "completeness"
    caption: str
    fields: tuple[str, ...]
    rows: tuple[tuple[str, str, Presence], ...]


def _kind(value: Any, absence: str | None, read: str) -> str:
    if value is not None and value != 0:
        return "given"
    if absence in (None, Absence.NOT_APPLICABLE.value):
        return "blank" if absence else ("not-reported" if read == "full-text" else "not-read")
    return "not-read" if absence == Absence.NOT_IN_WHAT_WAS_READ.value else "not-reported"


def _rows(desk: Desk) -> list[tuple[str, list[str]]]:
    names = ", ".join([f"{name}, {name}_absence" for name, _ in FIELDS] + [name for name, _ in PARTS])
    found = []
    for study, read, *values in desk.index.rows(
        f"SELECT study_id, report_read, {names} FROM studies ORDER BY coalesce(year, 0) DESC, study_id"
    ):
        kinds = [_kind(values[2 * at], values[2 * at + 1], read) for at in range(len(FIELDS))]
        kinds += [_kind(count, None, read) for count in values[2 * len(FIELDS) :]]
        found.append((study, kinds))
    return found


def quality_files(desk: Desk) -> Iterator[tuple[TopicPage, list[File]]]:
    """Yield the page on quality with its machine twins."""
    from kb.export.site.build import File

    rows = _rows(desk)
    names = [label for _, label in (*FIELDS, *PARTS)]
    found = _quality_page(desk, rows, names)
    table = csv_text(("study_id", *names), [(study, *(_WORDS[kind] for kind in kinds)) for study, kinds in rows])
    listed = {"rows": [{"study": study, **dict(zip(names, kinds, strict=True))} for study, kinds in rows]}
    turtle = page_turtle(desk.holdings.base_iri, found.page, found.lead, (f"id/{study}" for study, _ in rows))
    yield found, [File("quality.csv", table), File("quality.json", json_text(found.page, found.lead, listed)), turtle]


def _quality_page(desk: Desk, rows: list[tuple[str, list[str]]], names: list[str]) -> TopicPage:
    statuses = Counter(digest.status for digest in desk.survey.digests.values())
    checked = sum(count for status, count in statuses.items() if status in (Status.REVIEWED, Status.ACCEPTED))
    total = len(rows) * len(names)
    filled = sum(kind == "given" for _, kinds in rows for kind in kinds)
    lead = f"{checked} of {counted(len(desk.survey.digests), 'record')} have been checked by a second reader; {filled} of {total} fields are filled, and the others say why they are not."
    by_field = []
    for at, name in enumerate(names):
        counts = Counter(kinds[at] for _, kinds in rows)
        by_field.append(Line((Cell(name), *(Cell(str(counts[kind]), value=counts[kind]) for kind in _WORDS))))
    fields = Sheet(
        "fields", "Studies by what each field holds", (Head("Field"), *(Head(words, "num") for words in _WORDS.values())), tuple(by_field)
    )
    grid = Completeness(
        "Filled square: given. Slash: not reported. Dot: not in what was read. Blank: does not apply",
        tuple(names),
        tuple(
            (
                f"studies/{study}.html",
                desk.label(study),
                presence(
                    kinds,
                    "; ".join(f"{name} {_WORDS[kind]}" for name, kind in zip(names, kinds, strict=True) if kind != "given") or "all given",
                ),
            )
            for study, kinds in rows[:MOST_GRID]
        ),
    )
    status_lines = tuple(
        Line(
            (
                Cell(status.label, f"studies/index.html{search_hash(status=status.value)}"),
                Cell(str(statuses[status]), value=statuses[status]),
            )
        )
        for status in Status
        if statuses[status]
    )
    sections = [
        Section(
            "status",
            "How far have the records come?",
            (Sheet("statuses", "Records by status", (Head("Status"), Head("Studies", "num")), status_lines),) if status_lines else (),
            absent="" if status_lines else "No record yet.",
        ),
        Section(
            "completeness",
            "What do the records hold?",
            (fields, grid) if rows else (),
            "An abstract cannot hold what only the full text says; that is no fault of the report." if rows else "",
            "" if rows else "No record yet.",
        ),
        _ambiguities(desk),
        _notes(desk),
    ]
    page = Page("quality.html", "Quality", lead, section="quality.html", twins=twins("quality", turtle=True))
    return TopicPage(
        page, "How complete and how checked is this?", lead, (), desk.status(desk.survey.digests), desk.cite("Quality"), tuple(sections)
    )


def _ambiguities(desk: Desk) -> Section:
    labels = {kind.value: kind.label for kind in AmbiguityKind}
    rows = desk.index.rows("SELECT study_id, ambiguity_no, kind, text FROM ambiguities WHERE about_no = 0 ORDER BY study_id, ambiguity_no")
    lines = [
        Line((Cell(desk.label(study), f"studies/{study}.html#ambiguity_{place}"), Cell(labels.get(kind, kind)), Cell(text)))
        for study, place, kind, text in rows
        if study in desk.survey.digests
    ]
    sheet = Sheet(
        "readings",
        f"{counted(len(lines), 'place')} that can be read two ways, or is printed wrong",
        (Head("Study"), Head("Kind"), Head("What is unclear, and how it was read")),
        capped(lines),
        filtered=True,
    )
    return Section("ambiguities", "What can be read two ways?", (sheet,) if lines else (), absent="" if lines else "Nothing noted.")


def _notes(desk: Desk) -> Section:
    notes = desk.holdings.notes
    ids = {digest.file: digest.id for digest in desk.survey.digests.values()}
    lines = [
        Line(
            (
                Cell(desk.label(ids[note.file]), f"studies/{ids[note.file]}.html"),
                Cell(note.code, note=note.severity.value),
                Cell(note.message),
            )
        )
        for note in notes
        if note.file in ids
    ]
    sheet = Sheet(
        "notes",
        "What `kb check` says of the records, rule by rule",
        (Head("Study"), Head("Rule"), Head("What was found")),
        capped(lines),
        filtered=True,
    )
    return Section("checks", "What do the checks say?", (sheet,) if lines else (), absent="" if lines else "The checks found nothing.")
