"""Work on many records in several processes: results in order, and never more of them at once than are being taken."""

from __future__ import annotations

import gc
import importlib.util
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from kb.records.decode import Reader

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")
Work = Callable[[Sequence[ItemT]], ResultT]


def workers() -> int:
    """Return how many processes may run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def start_method() -> str:
    """Return how workers start: forked ones share the models and the vocabulary, but only Linux forks safely."""
    return "fork" if sys.platform == "linux" else "spawn"


def evenly(items: Sequence[ItemT], size: int) -> Iterator[Sequence[ItemT]]:
    """Yield items in shares of one size."""
    return (items[start : start + size] for start in range(0, len(items), size))


def shrinking(items: Sequence[ItemT], least: int, jobs: int) -> Iterator[Sequence[ItemT]]:
    """Yield items in shares that shrink: few messages between processes at first, and an even end.

    Source: guided self-scheduling, Polychronopoulos and Kuck, IEEE Transactions on Computers 1987.
    """
    start = 0
    while start < len(items):
        size = max(least, (len(items) - start) // (8 * jobs))
        yield items[start : start + size]
        start += size


def in_order(
    factory: Callable[..., Work[ItemT, ResultT]], arguments: Sequence[Any], shares: Iterable[Sequence[ItemT]], *, jobs: int
) -> Iterator[ResultT]:
    """Yield what came of shares of items, in their order.

    Args:
        factory: Makes the work from the arguments, once in each process; a function of a module.
        arguments: What it is given.
        shares: What is worked on.
        jobs: Processes to use; this one alone where there is one.
    """
    if jobs < 2:
        yield from map(factory(*arguments), shares)
        return
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing import get_context

    waiting: deque[Future[ResultT]] = deque()
    with ProcessPoolExecutor(jobs, get_context(start_method()), _begin, (factory, arguments)) as pool:
        for share in shares:
            waiting.append(pool.submit(_work, share))
            # What is finished waits in memory until it is taken, so no more is asked for than keeps everybody busy.
            if len(waiting) > 2 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


_plan: tuple[Callable[..., Work[Any, Any]], Sequence[Any]] | None = None
_made: Work[Any, Any] | None = None
_reader: Reader | None = None


def reader() -> Reader | None:
    """Return the quick reader of records in a worker; None elsewhere, and where its library is not installed."""
    return _reader


def _begin(factory: Callable[..., Work[Any, Any]], arguments: Sequence[Any]) -> None:
    global _plan
    # Who stops the command stops this process by it, and need not be told so by each of them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _settle()
    _plan = (factory, arguments)


def _work(items: Sequence[Any]) -> Any:
    global _made
    if _made is None:  # made with the first work, whose caller hears of it if that cannot be done
        assert _plan is not None  # set by the pool's initializer
        _made = _plan[0](*_plan[1])
    return _made(items)


def _settle() -> None:
    """Fit this process out as a worker, which has nothing to say to a terminal."""
    global _reader
    # Records, rows and pages hold no circles: the collector would only walk what all processes share again and again.
    gc.freeze()
    gc.set_threshold(200_000, 50, 50)
    if any(importlib.util.find_spec(library) is None for library in ("orjson", "ryml")):
        return
    from kb.records.quick import read_quickly

    # The reader's library writes to standard error before it raises. What goes wrong here is raised in the process that asked.
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    _reader = read_quickly
