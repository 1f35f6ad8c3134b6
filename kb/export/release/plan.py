"""What a release is: its version and date, what it holds, and what it tells of each file and record."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kb.errors import UnreadableError, UsageError
from kb.export.json_pieces import Members, json_pieces
from kb.project import Project

MANIFEST = "manifest.json"
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,60}")
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


@dataclass(frozen=True)
class Release:
    """A release of a collection.

    Attributes:
        project: The collection.
        version: Its version.
        date: Its date: given, or the latest date of curation; never that of a clock.
        generator: Program and version that made it.
        selection: Which records, in words.
        counts: Records by kind, as `kb stats` counts them.
        records: SHA-256 of each study's and vocabulary's file, by its path in the collection.
        studies: Path of each study's file by its id.
    """

    project: Project
    version: str
    date: str
    generator: str
    selection: str
    counts: Mapping[str, int]
    records: Mapping[str, str]
    studies: Mapping[str, str]

    @property
    def vocabulary(self) -> dict[str, str]:
        """SHA-256 of each file that is no study's, by its path."""
        of_studies = set(self.studies.values())
        return {path: digest for path, digest in self.records.items() if path not in of_studies}


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a release.

    Attributes:
        name: Name below the folder.
        size: Bytes.
        sha256: Hash of the bytes.
        media_type: Media type.
        about: What it is.
    """

    name: str
    size: int
    sha256: str
    media_type: str
    about: str


@dataclass(frozen=True)
class Changes:
    """What differs from an earlier release.

    Attributes:
        since: Version of the earlier release.
        added: Studies that were not in it.
        changed: Studies whose record differs.
        removed: Studies that are no longer there.
        vocabulary: Vocabulary files that differ.
    """

    since: str
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = field(default=())


def checked_version(version: str) -> str:
    """Return a version that can stand in file names and identifiers.

    Raises:
        UsageError: If it cannot.
    """
    if _VERSION.fullmatch(version) is None:
        raise UsageError(f'"{version}" is no version', hint="use letters, digits, dots, + and -, such as 1.2.0 or 2026.11")
    return version


def checked_date(date: str) -> str:
    """Return a date as precise as it is given.

    Raises:
        UsageError: If it is none.
    """
    if _DATE.fullmatch(date) is None:
        raise UsageError(f'"{date}" is no date', hint="write 2026-11-24, 2026-11 or 2026")
    return date


def manifest(release: Release, parts: Iterable[Part], changes: Changes | None) -> Iterator[str]:
    """Yield `manifest.json`: everything that the next release compares with."""
    told = ((part.name, {"bytes": part.size, "sha256": part.sha256, "media_type": part.media_type}) for part in parts)
    described: list[tuple[str, Any]] = [
        ("collection", release.project.name),
        ("base_iri", release.project.base_iri),
        ("licence", release.project.licence),
        ("version", release.version),
        ("date", release.date),
        ("generator", release.generator),
        ("selection", release.selection),
        ("counts", dict(release.counts)),
        ("studies", Members((study, release.records[path]) for study, path in sorted(release.studies.items()))),
        ("vocabulary", dict(sorted(release.vocabulary.items()))),
        ("changes", None if changes is None else {**changes.__dict__}),
        ("files", Members(told)),
    ]
    yield from json_pieces(Members(described))
    yield "\n"


def changes_since(text: str, release: Release, *, file: str) -> Changes:
    """Compare with the manifest of an earlier release.

    Args:
        text: Its `manifest.json`.
        release: The new release.
        file: Name for messages.

    Raises:
        UnreadableError: If it is no manifest of a release.
    """
    try:
        former = json.loads(text)
        version, studies, vocabulary = former["version"], dict(former["studies"]), dict(former["vocabulary"])
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableError(f"{file}: no manifest of a release", hint="name the folder of an earlier `kb release`") from error
    now = {study: release.records[path] for study, path in release.studies.items()}
    words = release.vocabulary
    return Changes(
        since=str(version),
        added=tuple(sorted(set(now) - set(studies))),
        changed=tuple(sorted(study for study in set(now) & set(studies) if now[study] != studies[study])),
        removed=tuple(sorted(set(studies) - set(now))),
        vocabulary=tuple(sorted(path for path in set(words) | set(vocabulary) if words.get(path) != vocabulary.get(path))),
    )
