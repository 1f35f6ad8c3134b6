"""The records of a site: read, looked at, and made into their pages, in all processes; what has not changed stays as it lies."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from kb.cli.context import write_atomically
from kb.cli.site_state import Inputs, sum_of
from kb.errors import UnreadableError
from kb.export.site.build import STUDY_SUFFIXES, File, Renderer, StudyFiles, StudyMaker, term_turtle_writer, turtle_writer, wanted_arms
from kb.export.site.desk import Desk, Holdings
from kb.export.site.frame import Settings
from kb.export.site.study import shown_of_others
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
    from kb.model.regimen import Arm

POOL_FROM = 200
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
    return workers() if len(names) >= POOL_FROM else 1


def _surveyor(project: Project, vocabulary: Vocabulary) -> Callable[[Sequence[str]], tuple[list[Digest], list[Diagnostic]]]:
    digest = surveyor(vocabulary)

    def look(names: Sequence[str]) -> tuple[list[Digest], list[Diagnostic]]:
        problems: list[Diagnostic] = []
        entries = (read_entry(project, name, problems) for name in names)
        return [digest(entry) for entry in entries if entry is not None], problems

    return look


def surveyed(project: Project, vocabulary: Vocabulary, problems: list[Diagnostic], inputs: Inputs | None = None) -> Survey:
    """Look at every record; what cannot be read stands in `problems`.

    Args:
        project: The collection.
        vocabulary: All open sets.
        problems: Where problems are put.
        inputs: Sums over the records; with them what was seen of a record is kept beside the index until the record changes.
    """
    names = record_names(project)
    seen = _seen(project, inputs) if inputs else {}
    known = {name: digest for name in names if inputs and (digest := seen.get(name, {}).get(inputs.records.get(name, "")))}
    unknown = [name for name in names if name not in known]
    for found, told in in_order(_surveyor, (project, vocabulary), evenly(unknown, 4 * _CHUNK), jobs=_jobs(unknown)):
        known |= {digest.file: digest for digest in found}
        problems += told
    if inputs and (unknown or len(seen) > len(names)):
        _keep_seen(project, inputs, known)
    return survey_of((known[name] for name in names if name in known), vocabulary)


_SEEN = "survey.json"
"""Name of the file beside the index that holds what was seen of the records; it may be deleted at any time."""


def _seen(project: Project, inputs: Inputs) -> dict[str, dict[str, Digest]]:
    """Return what an earlier run saw of the records, by file and by sum over it; nothing where code or vocabulary were others."""
    try:
        head, _, body = project.index.with_name(_SEEN).read_bytes().partition(b"\n")
        return _adapter().validate_json(body) if head.decode() == inputs.reading else {}
    except (OSError, ValueError):
        return {}


def _keep_seen(project: Project, inputs: Inputs, seen: Mapping[str, Digest]) -> None:
    path = project.index.with_name(_SEEN)
    # Where the folder of the index is missing, the collection cannot be written to; then every run looks anew.
    if path.parent.is_dir() and os.access(path.parent, os.W_OK):
        held = {name: {inputs.records[name]: digest} for name, digest in seen.items() if name in inputs.records}
        write_atomically(path, (inputs.reading.encode() + b"\n", _adapter().dump_json(held)))


def _adapter() -> TypeAdapter[dict[str, dict[str, Digest]]]:
    return TypeAdapter(dict[str, dict[str, Digest]])


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


def desk_of(bench: Bench, index: Index | None) -> Desk:
    """Return what pages are written from in one process.

    Args:
        bench: What all processes make pages from.
        index: The open index, in the process that opened it; a process that was forked may not use its connection.

    Raises:
        UnreadableError: If the index was taken away.
    """
    if index is None:
        connection = None if bench.index is None else open_file(bench.index)
        if connection is None:
            raise UnreadableError(f"{bench.index}: the index was taken away while it was read; run the command again")
        index = Index(connection, kept="collection", path=bench.index)
    write = term_turtle_writer(bench.project.base_iri, bench.vocabulary)
    return Desk(bench.survey, bench.vocabulary, bench.settings, Holdings(index, term_turtle=write))


def _maker(bench: Bench, wanted: frozenset[tuple[str, str]], index: Index | None) -> Callable[[Sequence[str]], list[StudyFiles]]:
    renderer = Renderer(bench.templates, bench.settings)
    maker = StudyMaker(renderer, desk_of(bench, index), turtle_writer(bench.project.base_iri), wanted)

    def make(names: Sequence[str]) -> list[StudyFiles]:
        entries = (read_entry(bench.project, name, []) for name in names)
        return [maker.make(entry) for entry in entries if entry is not None]

    return make


def made_studies(
    bench: Bench, index: Index, wanted: frozenset[tuple[str, str]], sums: Mapping[str, str], former: Mapping[str, str]
) -> Iterator[StudyFiles]:
    """Yield the files of every study; those whose sum is the former one stay as they lie.

    Args:
        bench: What they are made from.
        index: The open index, for this process.
        wanted: Arms that other pages draw, as study and arm.
        sums: Sum over what the files of a study rest on, by study (`sums_of`).
        former: The same as of the site that stands; empty for none.
    """
    made = {digest.id: digest.file for digest in bench.survey.digests.values()}
    kept = [ident for ident in made if former.get(ident) == sums[ident]]
    drawn = {study for study, _ in wanted}
    for ident in kept:
        arms: dict[tuple[str, str], Arm] = {}
        if ident in drawn and (entry := read_entry(bench.project, made[ident], [])) is not None:
            arms = wanted_arms(entry.study, wanted)
        yield StudyFiles(ident, tuple(File(f"studies/{ident}{suffix}", None) for suffix in STUDY_SUFFIXES), arms)
        del made[ident]
    names = list(made.values())
    jobs = 1 if bench.index is None else _jobs(names)
    for some in in_order(_maker, (bench, wanted, None if jobs > 1 else index), evenly(names, _CHUNK), jobs=jobs):
        yield from some


def sums_of(survey: Survey, records: Mapping[str, str]) -> dict[str, str]:
    """Return, by study, the sum over what its files alone rest on: its record, and what they show of others.

    Args:
        survey: All studies at a glance.
        records: Sums over the records, by file.
    """
    return {ident: sum_of((records.get(one.file, ""), repr(shown_of_others(one, survey))))[:16] for ident, one in survey.digests.items()}
