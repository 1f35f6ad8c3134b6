"""The store of the collection's graph: disposable, beside the index, read-only once it is made.

A store lies in a folder whose name holds the key of what it was made from. A query opens the folder of the present key;
where there is none, or it is damaged, it is made anew beside and renamed, and those of earlier keys go. In memory, where
the index is.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from kb.errors import UsageError
from kb.records.index import schema_version

if TYPE_CHECKING:
    import pyoxigraph

    from kb.project import Project
    from kb.records.index import Index

_PREFIX = "graph-"


def engine() -> None:
    """Make sure that the engine is there.

    Raises:
        UsageError: If it is not installed.
    """
    try:
        import pyoxigraph  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise UsageError(
            "SPARQL over the collection needs pyoxigraph, which is not installed",
            hint='pip install "evidence-kb[rdf]"; `kb sql` and --endpoint work without it',
        ) from error


def store_key(project: Project, index: Index) -> str:
    """Return a key of all that the graph is made from: files, settings, and the code that writes it."""
    package = Path(__file__).parent.parent
    state = hashlib.sha256(schema_version().encode())
    for path, size, mtime, digest in index.rows("SELECT path, size, mtime_ns, sha256 FROM files ORDER BY path"):
        state.update(f"{path} {digest or f'{size} {mtime}'}\n".encode("utf-8", "surrogateescape"))
    for path in (project.root / "kb.toml", *sorted(project.questions.glob("*.yaml"))):
        state.update(path.name.encode("utf-8", "surrogateescape") + path.read_bytes())
    for path in sorted((package / "export" / "rdf").glob("*.py")):
        state.update(f"{path.name} {zlib.crc32(path.read_bytes())}".encode())
    return state.hexdigest()[:20]


def open_store(project: Project, index: Index, triples: Callable[[], Iterable[str]]) -> pyoxigraph.Store:
    """Open the graph of a collection, made as needed.

    Args:
        project: The collection.
        index: Its index, fresh.
        triples: Gives the graph as pieces of N-Triples; called only when the store must be made.

    Raises:
        UsageError: If the engine is not installed.
    """
    engine()
    import pyoxigraph

    if index.path is None:
        return _fill(pyoxigraph.Store(), triples())
    folder = index.path.parent / f"{_PREFIX}{index.path.stem}-{store_key(project, index)}"
    if folder.exists():
        try:
            return pyoxigraph.Store.read_only(str(folder))
        except (OSError, RuntimeError):  # damaged, or taken away by another process: made anew
            shutil.rmtree(folder, ignore_errors=True)
    try:
        _make(folder, triples)
        return pyoxigraph.Store.read_only(str(folder))
    except OSError:  # a full or read-only disk is no reason to leave a question unanswered
        return _fill(pyoxigraph.Store(), triples())


def _make(folder: Path, triples: Callable[[], Iterable[str]]) -> None:
    import pyoxigraph

    beside = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        store = _fill(pyoxigraph.Store(str(beside)), triples())
        store.flush()
        del store  # lets go of the folder, which is then renamed whole
        for old in _earlier(folder):
            shutil.rmtree(old, ignore_errors=True)
        beside.rename(folder)
    except OSError:
        if not folder.exists():  # else another process made the same store meanwhile
            raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _earlier(folder: Path) -> Iterator[Path]:
    """Yield the stores of earlier keys of the same index."""
    head = folder.name.rpartition("-")[0]
    yield from (path for path in sorted(folder.parent.glob(f"{head}-*")) if path != folder)


def _fill(store: pyoxigraph.Store, pieces: Iterable[str]) -> pyoxigraph.Store:
    import pyoxigraph

    store.bulk_load(cast("IO[bytes]", _Stream(pieces)), format=pyoxigraph.RdfFormat.N_TRIPLES)
    return store


class _Stream(io.RawIOBase):
    """Pieces of text as a file to read, so that the graph is never whole in memory as text."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self._pieces = iter(pieces)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes, none at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = memoryview(piece.encode("utf-8"))  # whose parts are no copies: a piece may be the whole graph
        end = len(self._rest) if size < 0 else size
        taken, self._rest = self._rest[:end], self._rest[end:]
        return bytes(taken)
