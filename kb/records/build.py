"""Make and refresh the index: read records, write rows. The only part of the index that needs models.

A large build reads records in several processes. They are given lists of files, never texts, and return plain rows.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from kb.diagnostics import Diagnostic
from kb.model.study import Study
from kb.project import Project
from kb.records.cohorts import cohorts
from kb.records.collection import Vocabulary, read_vocabulary
from kb.records.decode import decode, text_diagnostic
from kb.records.index import (
    APPLICATION_ID,
    Identity,
    identity,
    locked,
    open_file,
    schema_version,
)
from kb.records.lines import item_lines
from kb.records.row_set import Rows, Shape
from kb.records.rows import study_rows
from kb.records.search_rows import search_row
from kb.records.stamps import Changes, Stamps, all_new, compare, digest_of
from kb.records.tables import FILES, INDEX_DDL, SEARCH_COLUMNS, STUDY_TABLES, TABLE_DDL, VOCABULARY_TABLES
from kb.records.text import read_text
from kb.records.vocabulary_rows import vocabulary_rows
from kb.records.workers import evenly, in_order, reader, workers

# SQLite's module asks every None whether it adapts itself, which takes three times as long as storing it. It stops asking once it
# knows an adapter, and this one gives back None without a call into Python.
sqlite3.register_adapter(type(None), {None: None}.__getitem__)

POOL_FROM = 400
"""From this many files on, a pool of processes pays for its start."""
_CHUNK = 50
_ANALYSED = 1_000
"""Entries of each index that the query planner's statistics rest on: enough to tell a key from a class."""
_PAGE = 16_384
"""Bytes of a page: questions that walk a whole table take over a quarter less time than with four kilobytes, and the file is smaller."""
_STATEMENTS = 2_000
"""Statements kept ready: rows of one table differ in the columns that they fill, and each such shape has its own."""
_RACY_NS = 100_000_000
"""A file changed this shortly before it was read may change again within the same tick of the clock that stamps it."""


@dataclass(frozen=True, slots=True)
class Read:
    """What came of one study file.

    Attributes:
        path: File, relative to the collection.
        digest: Hash of its bytes.
        study: Id of the study, or None when it could not be read.
        problem: The first error, or None.
        rows: Rows of the study.
        search: Its row in the text search.
    """

    path: str
    digest: str
    study: str | None = None
    problem: str | None = None
    rows: Rows = field(default_factory=dict)
    search: tuple[str, ...] = ()


def read_rows(root: Path, path: str, vocabulary: Vocabulary) -> Read:
    """Read one study file into rows. A bad file gives a problem, never an exception."""
    text = read_text(root / path, root=root)
    if not isinstance(text, str):
        return Read(path, digest_of(root / path), problem=_words(text_diagnostic(text, file=path)))
    digest = hashlib.sha256(text.encode()).hexdigest()
    decoded = decode(text, Study, file=path, reader=reader())
    study = decoded.value
    if study is None:
        return Read(path, digest, problem=_words(decoded.diagnostics[0]))
    rows = study_rows(study, file=path, lines=item_lines(text, study), vocabulary=vocabulary)
    return Read(path, digest, study=study.id, rows=rows, search=search_row(study, vocabulary))


def _words(problem: Diagnostic) -> str:
    return f"{problem.position.line}:{problem.position.column}: {problem.code} {problem.message}"


def _rows_reader(root: Path, vocabulary: Vocabulary) -> Callable[[Sequence[str]], bytes]:
    """Return what reads files and writes what came of them."""

    def read(paths: Sequence[str]) -> bytes:
        reads = (read_rows(root, path, vocabulary) for path in paths)
        # Plain values alone, for this program alone: in a third of pickle's time.
        return marshal.dumps([(one.path, one.digest, one.study, one.problem, one.rows, one.search) for one in reads])

    return read


def _unpacked(reads: bytes) -> list[Read]:
    return [Read(*fields) for fields in marshal.loads(reads)]


def _read_all(root: Path, paths: Sequence[str], vocabulary: Vocabulary) -> Iterator[Read]:
    """Read files in order, in several processes when there are many."""
    jobs = workers()
    if len(paths) < POOL_FROM or jobs < 2:
        yield from (read_rows(root, path, vocabulary) for path in paths)
        return
    for reads in in_order(_rows_reader, (root, vocabulary), evenly(paths, _CHUNK), jobs=jobs):
        yield from _unpacked(reads)


def build(project: Project, connection: sqlite3.Connection, changes: Changes) -> None:
    """Fill an empty database from all files.

    Args:
        project: The collection.
        connection: An empty database.
        changes: All files, with their stamps from before they are read.
    """
    started = time.time_ns()
    for statement in TABLE_DDL:
        connection.execute(statement)
    vocabulary, problems = read_vocabulary(project)
    insert_vocabulary(connection, vocabulary)
    first = {problem.file: _words(problem) for problem in reversed(problems)}
    studies = set(changes.changed)
    for path in (path for path in changes.stamps if path not in studies):
        read = Read(path, digest_of(project.root / path), problem=first.get(path))
        connection.execute(FILES.insert, _file_row(read, changes.stamps, started))
    # By the file's name, which is nearly always the study's id: rows then come in the order of their keys, and pages fill one by one.
    paths = sorted(changes.changed, key=lambda path: (path.rpartition("/")[2], path))
    _insert_all(connection, _read_all(project.root, paths, vocabulary), changes.stamps, started)
    for statement in INDEX_DDL:
        connection.execute(statement)
    join_cohorts(connection)
    connection.execute("INSERT INTO search(search) VALUES ('optimize')")
    connection.execute(f"PRAGMA analysis_limit = {_ANALYSED}")
    connection.execute("ANALYZE")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("INSERT INTO meta VALUES ('schema', ?)", (schema_version(),))
    _keep_fingerprint(connection, changes)
    connection.commit()


def update(project: Project, connection: sqlite3.Connection, changes: Changes) -> bool:
    """Put the changed records into a database in place of the old ones.

    Returns:
        Whether it could be done. Two files with one study id (before or after the change) need a full build, since
        which of them stands depends on all of them.
    """
    started = time.time_ns()
    if connection.execute("SELECT 1 FROM files WHERE study_id IS NULL AND problem LIKE ?", (f"{_TWICE}%",)).fetchone():
        return False
    sharing = _sharing(connection)
    old = [study for path in (*changes.changed, *changes.deleted) if (study := _delete(connection, path)) is not None]
    vocabulary, _ = read_vocabulary(project)
    reads = list(_read_all(project.root, changes.changed, vocabulary))
    new = [read.study for read in reads if read.study is not None]
    held = "SELECT 1 FROM studies WHERE study_id = ?"
    if len(set(new)) < len(new) or any(connection.execute(held, (study,)).fetchone() for study in new):
        return False
    _insert_all(connection, reads, changes.stamps, started)
    for path in changes.touched:
        size, mtime = changes.stamps[path]
        connection.execute("UPDATE files SET size = ?, mtime_ns = ? WHERE path = ?", (size, _settled(mtime, started), path))
    if not (sharing | _sharing(connection)).isdisjoint((*old, *new)):  # all others keep their cohort
        join_cohorts(connection)
    _keep_fingerprint(connection, changes)
    connection.commit()
    return True


def _keep_fingerprint(connection: sqlite3.Connection, changes: Changes) -> None:
    """Keep the sum of all stamps with which the files were taken up, when every one of them can be relied on."""
    racy = connection.execute("SELECT 1 FROM files WHERE mtime_ns < 0").fetchone()
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('fingerprint', ?)", ("" if racy else changes.fingerprint,))


def _sharing(connection: sqlite3.Connection) -> set[str]:
    """Return the studies that declare, or are declared to have, patients of another."""
    return {study for row in connection.execute("SELECT study_id, other_id FROM overlaps") for study in row}


_TWICE = "the id also stands in "


def _insert_all(connection: sqlite3.Connection, reads: Iterable[Read], stamps: Stamps, started: int) -> None:
    """Insert records. Of two with one id the one of the later path stands, as in `read_collection`."""
    holder: dict[str, str] = {}
    waiting: list[Read] = []

    def insert() -> None:
        insert_studies(connection, [read for read in waiting if read.study is not None])
        connection.executemany(FILES.insert, [_file_row(read, stamps, started) for read in waiting])
        waiting.clear()

    for read in reads:
        before = None if read.study is None else holder.get(read.study)
        if before is not None and before > read.path:
            read = Read(read.path, read.digest, problem=f"{_TWICE}{before}")
        if len(waiting) == _CHUNK or before is not None:
            insert()
        if read.study is not None:
            if before is not None:
                _delete(connection, before, keep=f"{_TWICE}{read.path}")
            holder[read.study] = read.path
        waiting.append(read)
    insert()


def insert_vocabulary(connection: sqlite3.Connection, vocabulary: Vocabulary) -> None:
    """Insert the rows of the vocabulary."""
    rows = vocabulary_rows(vocabulary)
    for table in VOCABULARY_TABLES:
        connection.executemany(table.insert, rows[table.name])


def insert_studies(connection: sqlite3.Connection, reads: Sequence[Read]) -> None:
    """Insert the rows of studies into every table and into the text search."""
    numbers = []
    for read in reads:
        ((shape, (row,)),) = read.rows["studies"].items()
        numbers.append((connection.execute(_insertion("studies", shape), row).lastrowid,))
    for table in STUDY_TABLES[1:]:
        alike: dict[Shape, list[tuple[Any, ...]]] = {}
        for read in reads:
            for shape, rows in read.rows.get(table.name, {}).items():
                alike.setdefault(shape, []).extend(rows)
        for shape, rows in alike.items():
            connection.executemany(_insertion(table.name, shape), rows)
    shape = ("rowid", *(name for name, _ in SEARCH_COLUMNS))
    connection.executemany(_insertion("search", shape), [number + read.search for number, read in zip(numbers, reads, strict=True)])


@cache
def _insertion(table: str, shape: Shape) -> str:
    return f"INSERT INTO {table} ({', '.join(shape)}) VALUES ({', '.join('?' * len(shape))})"


def _file_row(read: Read, stamps: Stamps, started: int) -> tuple[Any, ...]:
    size, mtime = stamps[read.path]
    return (read.path, size, _settled(mtime, started), read.digest, read.study, read.problem)


def _settled(mtime: int, started: int) -> int:
    """Return a time of change that can be relied on, or -1: compare the bytes next time."""
    return -1 if mtime > started - _RACY_NS else mtime


def _delete(connection: sqlite3.Connection, path: str, *, keep: str | None = None) -> str | None:
    """Remove a file and its study, and return that study's id; with `keep`, the file stays under that problem."""
    found = connection.execute("SELECT study_id FROM files WHERE path = ?", (path,)).fetchone()
    if found is not None and found[0] is not None:
        connection.execute("DELETE FROM search WHERE rowid = (SELECT study_no FROM studies WHERE study_id = ?)", found)
        for table in STUDY_TABLES:
            connection.execute(f"DELETE FROM {table.name} WHERE study_id = ?", found)
    if keep is None:
        connection.execute("DELETE FROM files WHERE path = ?", (path,))
    else:
        connection.execute("UPDATE files SET study_id = NULL, problem = ? WHERE path = ?", (keep, path))
    return None if found is None else found[0]


def join_cohorts(connection: sqlite3.Connection) -> None:
    """Set the cohort of every study from all declared overlaps."""
    stored = {row[0]: row[1:] for row in connection.execute("SELECT study_id, cohort_id, cohort_certain_id FROM studies")}
    overlaps = connection.execute("SELECT study_id, other_id, certainty FROM overlaps").fetchall()
    found = cohorts(stored, overlaps)
    moved = [
        (found[study].any, found[study].certain, study) for study, at in stored.items() if at != (found[study].any, found[study].certain)
    ]
    connection.executemany("UPDATE studies SET cohort_id = ?, cohort_certain_id = ? WHERE study_id = ?", moved)


def refresh(project: Project, path: Path, *, rebuild: bool = False, found: Changes | None = None, seen: Identity | None = None) -> Changes:
    """Make or refresh an index file under the writer's lock.

    Args:
        project: The collection.
        path: The index file.
        rebuild: Whether to make it anew whatever its state.
        found: What the caller has found to have changed.
        seen: Identity of the index file with which it compared; where another stands there now, all is compared again.

    Returns:
        What had changed; for a new index, every study file.

    Raises:
        OSError: If the folder cannot be written.
        sqlite3.OperationalError: If the disk is full.
    """
    _make_folder(path.parent, private=not path.is_relative_to(project.root))
    with locked(path):
        for left_over in path.parent.glob(f".{path.name}.*.tmp"):
            left_over.unlink(missing_ok=True)
        changes = found if found and seen == identity(path) else None
        old = None if rebuild or changes else open_file(path)
        if old is not None:
            changes = compare(project, old)
            old.close()
            if not changes:  # another process has done it
                return changes
        beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            if changes is None or changes.vocabulary or not _updated(project, path, beside, changes):
                changes = all_new(project, deleted=() if changes is None else changes.deleted)
                _built(project, beside, changes)
            _seal(beside)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    return changes


def _make_folder(folder: Path, *, private: bool) -> None:
    if folder.is_dir():
        return
    folder.mkdir(parents=True, mode=0o700 if private else 0o777, exist_ok=True)
    if not private:
        (folder / ".gitignore").write_text("# made by kb; may be deleted at any time\n*\n", encoding="utf-8")


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, cached_statements=_STATEMENTS)
    # A file that nobody sees until it is whole needs no journal. Sorting goes to files: in memory it takes 350 MB at 100,000 studies.
    for pragma in (
        f"page_size = {_PAGE}",
        "journal_mode = OFF",
        "synchronous = OFF",
        "locking_mode = EXCLUSIVE",
        "cache_size = -64000",
        "temp_store = FILE",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _updated(project: Project, path: Path, beside: Path, changes: Changes) -> bool:
    shutil.copyfile(path, beside)
    connection = _connect(beside)
    try:
        return update(project, connection, changes)
    finally:
        connection.close()


def _built(project: Project, beside: Path, changes: Changes) -> None:
    beside.unlink(missing_ok=True)
    connection = _connect(beside)
    try:
        build(project, connection, changes)
    finally:
        connection.close()


def _seal(path: Path) -> None:
    """Write into the file the time of change that it is then given, and bring it to disk."""
    second = time.time_ns() // 2_000_000_000 * 2_000_000_000  # even seconds: every file system can hold them
    connection = _connect(path)
    try:
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('sealed', ?)", (str(second),))
        connection.commit()
    finally:
        connection.close()
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
    os.utime(path, ns=(second, second))
