"""The index: a disposable SQLite file that answers queries without reading a record.

**Where it lies.** At `Project.index` (`.kb/index.sqlite`) of the user's own collection. For the collection that ships
with the package, and where that folder cannot be written, in the user's cache (`$XDG_CACHE_HOME/kb/`, else
`~/.cache/kb/`), under a name made from the collection's path. Where neither can be written, in memory. Reading commands
work in all three; `Index.kept` says which.

**Never trusted.** A file is used only when its application id, its schema version and its own time of change (`_seal`)
fit; otherwise it is made anew. It is never changed in place: a refresh works on a copy and renames it, so a reader
keeps a whole file open, and an interrupted refresh leaves the old one. One process at a time refreshes; another waits,
then finds the work done.

**Fresh.** Every open compares size and time of change of all study and vocabulary files with those in the index, then
the hash where they differ. A changed record costs that record; changed vocabulary rebuilds all. Above `SWEEP_LIMIT`
files only `kb index` compares, and other commands answer from the index as it is.

This module imports neither models nor a YAML reader: a command on a fresh index starts without them.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from kb import __version__
from kb.errors import UnreadableError, nearest
from kb.project import Project
from kb.records.stamps import Changes, all_new, compare
from kb.records.tables import DDL, JOINER

T = TypeVar("T")
SWEEP_LIMIT = 20_000
"""Above this many files only `kb index` looks for changes: the look itself would cost more than an answer."""
APPLICATION_ID = 0x6B626978  # "kbix"
LOCK_SECONDS = 300.0
"""How long a process waits for another one's refresh before it makes its own."""
BLOCK = 500
"""Rows of a long answer that are held at once."""
_ATTEMPTS = 3
"""Somebody may delete the index just after it was written."""


@cache
def schema_version() -> str:
    """Return what an index must have been made with: tables, package version and the code that fills the tables.

    The code counts by its bytes, so that a mended row or rule of a regimen cannot leave old rows behind.
    """
    package = Path(__file__).parent.parent
    sums = [zlib.crc32("\n".join(DDL).encode())]
    for folder in ("model", "records"):
        sums += [zlib.crc32(path.read_bytes(), len(path.name)) for path in sorted((package / folder).glob("*.py"))]
    return f"{__version__} {' '.join(f'{value:08x}' for value in sums)}"


Identity = tuple[int, int, int]
"""Number, size and time of change of a file."""


def identity(path: Path) -> Identity | None:
    """Return what tells an index file from one that was renamed over it, or None without a file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def open_file(path: Path) -> sqlite3.Connection | None:
    """Open an index file for reading, or return None for one that is missing, foreign, damaged or of another version."""
    while True:
        try:
            status = path.stat()
            connection = _open_trusted(path, status)
            # Another process may have renamed a new file over this one between the look and the opening.
            if connection is not None or path.stat().st_mtime_ns == status.st_mtime_ns:
                return connection
        except OSError:
            return None


def _in_uri(path: Path) -> str:
    """Return a path as SQLite's URIs spell it; `Path.as_uri` would load modules for a tenth of the start of a question."""
    text = path.resolve().as_posix().replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return text if text[0] == "/" else f"/{text}"  # a drive's letter


def _open_trusted(path: Path, status: os.stat_result) -> sqlite3.Connection | None:
    connection = None
    try:
        # The file is never changed in place, so SQLite needs no locks and looks for no journal beside it.
        connection = sqlite3.connect(f"file:{_in_uri(path)}?mode=ro&immutable=1", uri=True)
        if _trustworthy(connection, status):
            return connection
    except sqlite3.Error:  # not a database, or cut off: made anew by the caller
        pass
    if connection is not None:
        connection.close()
    return None


def _trustworthy(connection: sqlite3.Connection, status: os.stat_result) -> bool:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    if application != APPLICATION_ID or pages * size != status.st_size:
        return False
    meta = dict(connection.execute("SELECT key, value FROM meta"))
    # The file's time of change was set to a whole second which it holds itself: whoever writes to it later moves it.
    return meta.get("schema") == schema_version() and meta.get("sealed") == str(status.st_mtime_ns)


def places(project: Project) -> Iterator[tuple[str, Path]]:
    """Yield where the index may lie, best first: kind (`collection` or `cache`) and file."""
    beside = project.index.parent
    # A link out of the collection could make a refresh overwrite something else.
    if not project.shipped and beside.resolve().parent == project.root.resolve():
        yield "collection", project.index
    import hashlib

    name = hashlib.sha256(str(project.root.resolve()).encode()).hexdigest()[:16]
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        folder = Path(base) if os.path.isabs(base) else Path.home() / ".cache"  # noqa: PTH117 - the text, before it is a path
    except RuntimeError:  # no home folder
        return
    yield "cache", folder / "kb" / f"index-{name}.sqlite"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the one writer's lock beside an index file; the system frees it when the process ends.

    SQLite's own file lock is used, since it works on every system. After `LOCK_SECONDS` the caller goes ahead: two
    refreshes at once are wasteful and harmless.
    """
    lock = path.with_name(f"{path.name}.lock")
    connection = sqlite3.connect(lock, timeout=LOCK_SECONDS, isolation_level=None)
    try:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if not isinstance(error, sqlite3.OperationalError):  # something else lies under the lock's name
                lock.unlink(missing_ok=True)
        yield
    finally:
        connection.close()


class Index:
    """An open index. Use it as a context manager.

    Attributes:
        kept: Where it lies: `collection`, `cache` or `memory`.
        path: Its file; None in memory.
        reason: Why it could not be kept where it belongs, or an empty text.
        swept: Whether the files were compared with it.
        changes: What the comparison found and a refresh put right; None when nothing was compared.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        kept: str,
        path: Path | None,
        reason: str = "",
        changes: Changes | None = None,
        again: Callable[[], Index] | None = None,
    ) -> None:
        self._connection = connection
        self.kept = kept
        self.path = path
        self.reason = reason
        self.changes = changes
        self.swept = changes is not None
        self._again = again

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def connection(self) -> sqlite3.Connection:
        """The open file, for queries that stream; `rows` alone survives a damaged file."""
        return self._connection

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def rows(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query.

        A file that turns out to be damaged in the middle is made anew, and the query asked again.
        """
        return self._asked(lambda connection: connection.execute(sql, parameters).fetchall())

    def blocks(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Iterator[list[tuple[Any, ...]]]:
        """Return the rows of a query some at a time, for answers that may be long.

        Damage that is met before the first of them is mended as in `rows`.

        Raises:
            UnreadableError: If the file turns out to be damaged later.
        """

        def first(connection: sqlite3.Connection) -> tuple[sqlite3.Cursor, list[tuple[Any, ...]]]:
            cursor = connection.execute(sql, parameters)
            return cursor, cursor.fetchmany(BLOCK)

        return _following(*self._asked(first))

    def _asked(self, ask: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return ask(self._connection)
        except sqlite3.DatabaseError as error:
            # Mistakes in a query are OperationalError and its siblings; damage is the bare class.
            if type(error) is not sqlite3.DatabaseError or self._again is None:
                raise
        fresh = self._again()
        self._connection.close()
        self._connection, self._again = fresh._connection, None
        self.kept, self.path, self.reason = fresh.kept, fresh.path, fresh.reason
        return ask(self._connection)

    @property
    def unreadable(self) -> list[tuple[str, str]]:
        """Files that were left out, and why, by path."""
        # Without statistics SQLite would rather read every file's row than the few in the index of problems.
        return sorted(self.rows("SELECT path, problem FROM files INDEXED BY files_problem WHERE problem IS NOT NULL"))

    def resolve(self, kind: str, name: str) -> str | None:
        """Return a term's id for an id, label or synonym, without case, or None."""
        found = self.rows("SELECT id FROM names WHERE kind = ? AND name = ?", (str(kind), name.casefold()))
        return found[0][0] if found else None

    def suggest(self, kind: str, name: str) -> list[str]:
        """Return ids of terms with a spelling near `name`, best first."""
        names = dict(self.rows("SELECT name, id FROM names WHERE kind = ? ORDER BY name", (str(kind),)))
        return list(dict.fromkeys(names[near] for near in nearest(name.casefold(), list(names))))

    def narrower(self, kind: str, term: str) -> frozenset[str]:
        """Return a term and every term below it."""
        found = self.rows("SELECT descendant FROM closure WHERE kind = ? AND ancestor = ?", (str(kind), term))
        return frozenset(row[0] for row in found) or frozenset({term})

    def label(self, kind: str, term: str) -> str:
        """Return a term's label, or its id when it is unknown."""
        found = self.rows("SELECT label FROM terms WHERE kind = ? AND id = ?", (str(kind), term))
        return found[0][0] if found else term

    def terms(self, kind: str) -> list[tuple[str, str]]:
        """Return ids and labels of a vocabulary, by id."""
        return [(ident, label) for ident, label in self.rows("SELECT id, label FROM terms WHERE kind = ? ORDER BY id", (str(kind),))]

    def studies(self) -> list[str]:
        """Return the ids of all studies, sorted."""
        return [row[0] for row in self.rows("SELECT study_id FROM studies ORDER BY study_id")]

    def study(self, ident: str) -> str | None:
        """Return a study's present id for its present or an earlier one, or None."""
        if self.rows("SELECT 1 FROM studies WHERE study_id = ?", (ident,)):
            return ident
        found = self.rows("SELECT formerly, study_id FROM studies WHERE formerly IS NOT NULL ORDER BY study_id")
        return next((study for formerly, study in found if ident in formerly.split(JOINER)), None)


def _following(cursor: sqlite3.Cursor, block: list[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    try:
        while block:
            yield block
            block = cursor.fetchmany(BLOCK)
    except sqlite3.DatabaseError as error:
        if type(error) is not sqlite3.DatabaseError:  # its siblings tell of other things, such as a full disk
            raise
        raise UnreadableError(f"the index is damaged: {error}", hint="`kb index --rebuild` makes it anew") from error


def open_index(project: Project, *, sweep: bool = False, rebuild: bool = False, limit: int = SWEEP_LIMIT) -> Index:
    """Open the index of a collection, made or refreshed as needed.

    Args:
        project: The collection.
        sweep: Whether to look for changes whatever the size of the collection.
        rebuild: Whether to make the index anew whatever its state.
        limit: Largest number of files for which changes are looked for unasked.
    """
    reasons = []
    for kind, path in places(project):
        try:
            connection, changes = _fresh(project, path, sweep=sweep, rebuild=rebuild, limit=limit)
        except (OSError, sqlite3.OperationalError) as error:
            # Read-only or full disks are no reason to leave a question unanswered; the next place, or memory, serves.
            reasons.append(f"{path.parent}: {error}")
            continue
        return Index(
            connection,
            kept=kind,
            path=path,
            reason="; ".join(reasons),
            changes=changes,
            again=lambda: open_index(project, rebuild=True),
        )
    from kb.records.build import build

    connection = sqlite3.connect(":memory:")
    changes = all_new(project)
    build(project, connection, changes)
    return Index(connection, kept="memory", path=None, reason="; ".join(reasons), changes=changes)


def _fresh(project: Project, path: Path, *, sweep: bool, rebuild: bool, limit: int) -> tuple[sqlite3.Connection, Changes | None]:
    """Return an open and fresh index file, and what had changed; None when nothing was compared."""
    seen = None if rebuild else identity(path)
    changes = None
    connection = None if rebuild else open_file(path)
    if connection is not None:
        (files,) = connection.execute("SELECT count(*) FROM files").fetchone()
        if not sweep and files > limit:
            return connection, None
        changes = compare(project, connection)
        if not changes:
            return connection, changes
        connection.close()
    from kb.records.build import refresh

    for _ in range(_ATTEMPTS):
        changes = refresh(project, path, rebuild=rebuild, found=changes, seen=seen)
        seen = None
        connection = open_file(path)
        if connection is not None:
            return connection, changes
    raise OSError(f"{path}: the index that was just written cannot be read back")
