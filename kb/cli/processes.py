"""Work on many records in several processes, its results in order and never more of them at once than are being written."""

from __future__ import annotations

import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")
Work = Callable[[Sequence[ItemT]], ResultT]

POOL_FROM = 200
"""Records from which further processes pay for their start."""


def workers() -> int:
    """Return how many processes may run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(
    factory: Callable[..., Work[ItemT, ResultT]],
    arguments: Sequence[Any],
    items: Sequence[ItemT],
    *,
    chunk: int,
    jobs: int,
    least: int = POOL_FROM,
) -> Iterator[ResultT]:
    """Yield what came of chunks of items, in their order; in this process where there are few, or one job.

    Args:
        factory: Makes the work from the arguments, once in each process; a function of a module.
        arguments: What it is given.
        items: What is worked on.
        chunk: Items that are worked on at once.
        jobs: Processes to use at most.
        least: Items from which further processes pay for their start.
    """
    chunks = (items[start : start + chunk] for start in range(0, len(items), chunk))
    if len(items) < least or jobs < 2:
        yield from map(factory(*arguments), chunks)
        return
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing import get_context

    from kb.cli.checking import start_method

    waiting: deque[Future[ResultT]] = deque()
    with ProcessPoolExecutor(jobs, get_context(start_method()), _begin, (factory, arguments)) as pool:
        for some in chunks:
            waiting.append(pool.submit(_work, some))
            # What is finished waits in memory until it is written, so no more is asked for than keeps everybody busy.
            if len(waiting) > 2 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


_plan: tuple[Callable[..., Work[Any, Any]], Sequence[Any]] | None = None
_made: Work[Any, Any] | None = None


def _begin(factory: Callable[..., Work[Any, Any]], arguments: Sequence[Any]) -> None:
    global _plan
    # Who stops the command stops this process by it, and need not be told so by each of them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Records and pages hold no circles: the collector would only walk what all processes share again and again.
    gc.freeze()
    gc.set_threshold(200_000, 50, 50)
    _plan = (factory, arguments)


def _work(items: Sequence[Any]) -> Any:
    global _made
    if _made is None:  # made with the first work, whose caller hears of it if that cannot be done
        assert _plan is not None  # set by the pool's initializer
        _made = _plan[0](*_plan[1])
    return _made(items)
