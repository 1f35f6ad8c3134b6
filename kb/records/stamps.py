"""Stamps of the files of a collection: what tells, without reading them all, which of them changed."""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kb.project import Project

if TYPE_CHECKING:
    import sqlite3

Stamps = dict[str, tuple[int, int]]
"""Size and time of change in nanoseconds, by path relative to the collection; (-1, 0) for what cannot be looked at."""


def lines_of(project: Project) -> list[str]:
    """Return path, size and time of change of every study and vocabulary file, in the order in which folders list them."""
    lines: list[str] = []
    for folder, deep in ((project.studies, True), (project.vocabulary, False)):
        _list(str(folder), folder.relative_to(project.root).as_posix(), deep, lines)
    return lines


def stamps_of(lines: list[str]) -> Stamps:
    """Return the stamps that lines hold, sorted by path."""
    parts = (line.rsplit(" ", 2) for line in lines)
    return dict(sorted((path, (int(size), int(mtime))) for path, size, mtime in parts))


def fingerprint(lines: list[str]) -> str:
    """Return a short sum of lines, in their order.

    Folders list their files in the same order until something changes, so an equal sum says that nothing did; another
    sum says nothing, and `compare` looks closer.
    """
    text = "\n".join(lines).encode()
    return f"{len(lines)} {len(text)} {zlib.crc32(text)} {zlib.adler32(text)}"


def _spelled(file: str) -> str:
    """A name whose bytes are no text is spelled so that it can be stored and shown; the file then counts as not found."""
    return file.encode("utf-8", "backslashreplace").decode("utf-8")


def _list(folder: str, name: str, deep: bool, lines: list[str]) -> None:
    # This loop is most of the time of a warm answer in a large collection: an open folder spares every look at a file
    # the walk down its path, where the system can do that.
    handle: int | str = folder
    try:
        handle = os.open(folder, os.O_RDONLY) if os.scandir in os.supports_fd else folder
        entries = os.scandir(handle)
    except FileNotFoundError:
        return
    except OSError:  # a folder that may not be read: it is named among what was left out
        if isinstance(handle, int):
            os.close(handle)
        lines.append(f"{name} -1 0")
        return
    folders = []
    with entries:
        for entry in entries:
            file = entry.name
            if entry.is_dir(follow_symlinks=False):
                folders.append(file)
            elif file.endswith(".yaml") and file[0] != ".":
                try:
                    status = entry.stat()
                    lines.append(f"{name}/{file if file.isascii() else _spelled(file)} {status.st_size} {status.st_mtime_ns}")
                except OSError:  # a link to nothing: `kb check` reports it, and here it must not stop the others
                    lines.append(f"{name}/{_spelled(file)} -1 0")
    if isinstance(handle, int):
        os.close(handle)
    for inner in folders if deep else ():
        _list(f"{folder}/{inner}", f"{name}/{inner}", deep, lines)


def digest_of(path: Path) -> str:
    """Return the hash of a file's bytes, or an empty text when it cannot be read."""
    import hashlib

    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


class Changes(NamedTuple):
    """What differs between the files and the index.

    Attributes:
        stamps: Stamps of the files that are new or differ in theirs, as they were when they were looked at.
        fingerprint: Sum of the stamps of all files at that time.
        changed: Study files that are new or hold other bytes.
        deleted: Study files that are gone.
        touched: Files with another stamp and the same bytes.
        vocabulary: Whether a vocabulary file changed, came or went.
    """

    stamps: Stamps
    fingerprint: str
    changed: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    touched: tuple[str, ...] = ()
    vocabulary: bool = False

    def __bool__(self) -> bool:
        return bool(self.changed or self.deleted or self.touched or self.vocabulary)


def all_new(project: Project, *, deleted: tuple[str, ...] = ()) -> Changes:
    """Return the changes that a full build takes up: every file."""
    lines = lines_of(project)
    stamps = stamps_of(lines)
    changed = tuple(path for path in stamps if not _is_vocabulary(project, path))
    return Changes(stamps, fingerprint(lines), changed, deleted, vocabulary=True)


def _is_vocabulary(project: Project, path: str) -> bool:
    return path.startswith(project.vocabulary.relative_to(project.root).as_posix() + "/")


def compare(project: Project, connection: sqlite3.Connection) -> Changes:
    """Compare the files of the collection with those that an index was made from."""
    lines = lines_of(project)
    now = fingerprint(lines)
    if connection.execute("SELECT value FROM meta WHERE key = 'fingerprint'").fetchone()[0] == now:
        return Changes({}, now)
    # Lines against lines: of thousands of files a few differ, and only these are taken apart.
    known = {row[0] for row in connection.execute("SELECT path || ' ' || size || ' ' || mtime_ns FROM files")}
    stamps = stamps_of([line for line in lines if line not in known])
    known_digest = "SELECT sha256 FROM files WHERE path = ?"
    changed = [path for path in stamps if connection.execute(known_digest, (path,)).fetchone() != (digest_of(project.root / path),)]
    deleted = [path for path in sorted(stamps_of(list(known.difference(lines)))) if path not in stamps]
    same = set(changed)
    return Changes(
        stamps,
        now,
        tuple(path for path in changed if not _is_vocabulary(project, path)),
        tuple(path for path in deleted if not _is_vocabulary(project, path)),
        tuple(path for path in stamps if path not in same),
        any(_is_vocabulary(project, path) for path in (*changed, *deleted)),
    )
