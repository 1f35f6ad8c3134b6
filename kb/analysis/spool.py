"""Sequences that may be longer than memory should hold: in order of their keys, a few in memory, many in a temporary file.

The file is SQLite's own private one, which no other process sees and which is gone when the sequence is.
"""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from operator import itemgetter
from typing import Generic, TypeVar, overload

from kb.errors import UnreadableError

T = TypeVar("T")
U = TypeVar("U")
LIMIT = 500
"""Values that are kept in memory; beyond it all of them go to the file."""
_CACHE = 256
"""Kilobytes of a file that SQLite keeps in memory, where dozens of files may be open."""
Key = tuple[int | str, ...]
"""What values are ordered by: as many parts for each value, of one kind at each place."""


@contextmanager
def _told() -> Iterator[None]:
    """Turn a temporary file that cannot be written or read into an error of the surroundings."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise UnreadableError(
            f"what is to be sorted does not fit into the temporary folder: {error}", hint="make room, or name another with SQLITE_TMPDIR"
        ) from error


class Spool(Generic[T]):
    """Values that come in any order and are read in that of their keys; equal keys stand in the order in which they came.

    Args:
        limit: Values that are kept in memory; `LIMIT` unless told.
    """

    def __init__(self, limit: int | None = None) -> None:
        self._limit = LIMIT if limit is None else limit
        self._held: list[tuple[Key, T]] = []
        self._file: sqlite3.Connection | None = None
        self._keys = ""
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, value: T, *key: int | str) -> None:
        """Add a value, which must be one that pickle can write."""
        self._count += 1
        self._held.append((key, value))
        if len(self._held) > self._limit:
            self._flush()

    def _flush(self) -> None:
        if self._file is None:
            self._keys = "".join(f"key{place}, " for place in range(len(self._held[0][0])))
            self._file = sqlite3.connect("", isolation_level=None)
            self._file.execute(f"CREATE TABLE held (number INTEGER PRIMARY KEY, {self._keys}value BLOB)")
            self._file.execute(f"PRAGMA cache_size = -{_CACHE}")
            self._file.execute("BEGIN")  # one transaction: nothing of it is ever to be kept
        marks = ", ".join("?" * (self._keys.count(",") + 1))
        rows = ((*key, pickle.dumps(value, -1)) for key, value in self._held)
        with _told():
            self._file.executemany(f"INSERT INTO held ({self._keys}value) VALUES ({marks})", rows)
        self._held = []

    def settled(self) -> Sequence[T]:
        """Return the values in order: a tuple where memory holds them, else a sequence that reads them anew each time."""
        if self._file is None:
            return tuple(value for _, value in sorted(self._held, key=itemgetter(0)))
        if self._held:
            self._flush()
        # What is added later is no part of it.
        query = f"SELECT value FROM held WHERE number <= {self._count} ORDER BY {self._keys}number"
        return _Filed(self._file, query, self._count)


class _ReadAgain(Sequence[T]):
    """A sequence that is read anew each time; a place in it costs the way there."""

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[T]: ...
    def __getitem__(self, place: int | slice) -> T | Sequence[T]:
        """Return one value, or some."""
        if isinstance(place, slice):
            return tuple(self)[place]
        wanted = place + len(self) if place < 0 else place
        if not 0 <= wanted < len(self):
            raise IndexError(f"{place} of {len(self)}")
        return next(islice(self, wanted, None))


class _Filed(_ReadAgain[T]):
    """Values of a temporary file, which lives as long as they are referred to."""

    def __init__(self, file: sqlite3.Connection, query: str, count: int) -> None:
        self._file = file
        self._query = query
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        with _told():
            for (value,) in self._file.execute(self._query):
                yield pickle.loads(value)


class _Joined(_ReadAgain[T]):
    """Sequences, one after the other."""

    def __init__(self, parts: Sequence[Sequence[T]]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __iter__(self) -> Iterator[T]:
        return chain.from_iterable(self._parts)


def joined(*parts: Sequence[T]) -> Sequence[T]:
    """Return sequences one after the other, as a tuple where memory holds them all."""
    return tuple(chain(*parts)) if all(isinstance(part, tuple) for part in parts) else _Joined(parts)


class _Derived(_ReadAgain[T]):
    """Values that are made anew each time they are read."""

    def __init__(self, make: Callable[[], Iterator[T]], count: int) -> None:
        self._make = make
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        return self._make()


def derived(make: Callable[[Sequence[U]], Iterator[T]], source: Sequence[U], *, count: int | None = None) -> Sequence[T]:
    """Return values that are made from others: in memory where those are, else anew each time they are read.

    Args:
        make: Makes them, the same each time.
        source: What they are made from.
        count: How many they are; without, as many.
    """
    if isinstance(source, tuple | list):
        return tuple(make(source))
    return _Derived(lambda: make(source), len(source) if count is None else count)
