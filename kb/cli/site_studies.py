"""The records of a site: read, looked at, and made into their pages, in all processes; what has not changed stays as it lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import UnreadableError
from kb.export.site.build import Renderer, StudyFiles, StudyMaker
from kb.export.site.desk import Desk, Holdings
from kb.export.site.frame import Settings
from kb.export.site.survey import Digest, Entry, Survey, survey_of, surveyor
from kb.model.study import Study
from kb.project import Project
from kb.records.collection import Vocabulary, study_files
from kb.records.decode import decode, text_diagnostic
from kb.records.index import Index, open_file
from kb.records.lines import item_lines
from kb.records.text import read_text
from kb.records.workers import evenly, in_order, reader, workers

if TYPE_CHECKING:
    from kb.diagnostics import Diagnostic

_POOL_FROM = 200
"""Records from which further processes pay for their start."""
_CHUNK = 16
"""Records made at once: their files lie in memory until they are written."""


def read_entries(project: Project, problems: list[Diagnostic]) -> Iterator[Entry]:
    """Read the records one by one; what cannot be read is left out and stands in `problems`."""
    for name in record_names(project):
        entry = read_entry(project, name, problems)
        if entry is not None:
            yield entry


def record_names(project: Project) -> list[str]:
    """Return the files of the records, relative to the collection, in order."""
    return [path.relative_to(project.root).as_posix() for path in study_files(project)]


def read_entry(project: Project, name: str, problems: list[Diagnostic]) -> Entry | None:
    """Read a record, or add to `problems` why it cannot be read."""
    text = read_text(project.root / name, root=project.root)
    if not isinstance(text, str):
        problems.append(text_diagnostic(text, file=name))
        return None
    decoded = decode(text, Study, file=name, reader=reader())
    problems.extend(decoded.diagnostics)
    return None if decoded.value is None else Entry(decoded.value, name, text, item_lines(text, decoded.value))


def _jobs(names: Sequence[str]) -> int:
    return workers() if len(names) >= _POOL_FROM else 1


def _surveyor(project: Project, vocabulary: Vocabulary) -> Callable[[Sequence[str]], tuple[list[Digest], list[Diagnostic]]]:
    digest = surveyor(vocabulary)

    def look(names: Sequence[str]) -> tuple[list[Digest], list[Diagnostic]]:
        problems: list[Diagnostic] = []
        entries = (read_entry(project, name, problems) for name in names)
        return [digest(entry) for entry in entries if entry is not None], problems

    return look


def surveyed(project: Project, vocabulary: Vocabulary, problems: list[Diagnostic]) -> Survey:
    """Look at every record; what cannot be read stands in `problems`."""
    digests: list[Digest] = []
    names = record_names(project)
    for found, told in in_order(_surveyor, (project, vocabulary), evenly(names, 4 * _CHUNK), jobs=_jobs(names)):
        digests += found
        problems += told
    return survey_of(digests, vocabulary)


@dataclass(frozen=True)
class Bench:
    """What the pages of studies are made from beside the records.

    Attributes:
        project: The collection.
        vocabulary: All open sets.
        survey: All studies at a glance.
        settings: What the caller decides.
        templates: Text of every template by name.
        index: File of the index; None for one in memory.
    """

    project: Project
    vocabulary: Vocabulary
    survey: Survey
    settings: Settings
    templates: Mapping[str, str]
    index: Path | None


def _maker(bench: Bench, wanted: frozenset[tuple[str, str]], index: Index | None) -> Callable[[Sequence[str]], list[StudyFiles]]:
    from kb.export.site.build import turtle_writer

    if index is None:
        # A process that was forked may not use the connection of the one that it came from.
        assert bench.index is not None
        connection = open_file(bench.index)
        if connection is None:
            raise UnreadableError(f"{bench.index}: the index was taken away while it was read; run the command again")
        index = Index(connection, kept="collection", path=bench.index)
    desk = Desk(bench.survey, bench.vocabulary, bench.settings, Holdings(index))
    maker = StudyMaker(Renderer(bench.templates, bench.settings), desk, turtle_writer(bench.project.base_iri), wanted)

    def make(names: Sequence[str]) -> list[StudyFiles]:
        entries = (read_entry(bench.project, name, []) for name in names)
        return [maker.make(entry) for entry in entries if entry is not None]

    return make


def made_studies(bench: Bench, index: Index, wanted: frozenset[tuple[str, str]], names: Sequence[str]) -> Iterator[StudyFiles]:
    """Yield the files of records, in order.

    Args:
        bench: What they are made from.
        index: The open index, for this process.
        wanted: Arms that other pages draw, as study and arm.
        names: The records' files.
    """
    jobs = 1 if bench.index is None else _jobs(names)
    for made in in_order(_maker, (bench, wanted, None if jobs > 1 else index), evenly(names, _CHUNK), jobs=jobs):
        yield from made
