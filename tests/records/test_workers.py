"""Work in several processes: in order, in shares, and settled to read many records."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import UnreadableError
from kb.records import workers
from kb.records.quick import read_quickly
from kb.records.workers import evenly, in_order, shrinking


def _squares(add: int) -> Callable[[Sequence[int]], tuple[int, list[int]]]:
    return lambda numbers: (os.getpid(), [number * number + add for number in numbers])


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_order_from_as_many_processes(jobs: int):
    done = list(in_order(_squares, (1,), evenly(range(100), 7), jobs=jobs))
    assert [number * number + 1 for number in range(100)] == [value for _, values in done for value in values]
    assert (1 == jobs) == ({os.getpid()} == {process for process, _ in done})


def test_no_more_is_worked_on_than_is_taken():
    """Else what is finished would lie in memory, all of it."""
    asked: list[int] = []

    def shares():
        for number in range(50):
            asked.append(number)
            yield [number]

    results = in_order(_squares, (0,), shares(), jobs=2)
    next(results)
    assert len(asked) < 10
    results.close()


def _impossible() -> Callable[[Sequence[int]], int]:
    raise UnreadableError("the index was taken away", hint="run the command again")


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_stops_another_process_is_told_here(jobs: int):
    with pytest.raises(UnreadableError, match="taken away") as stopped:
        list(in_order(_impossible, (), evenly(range(4), 1), jobs=jobs))
    assert "run the command again" == stopped.value.hint


@given(st.integers(0, 2000), st.integers(1, 50), st.integers(1, 8))
def test_shares_are_the_items_in_order(count: int, size: int, jobs: int):
    for shares in (list(evenly(range(count), size)), list(shrinking(range(count), size, jobs))):
        assert list(range(count)) == [item for share in shares for item in share]
        assert all(shares)
    lengths = [len(share) for share in shrinking(range(count), size, jobs)]
    assert sorted(lengths, reverse=True) == lengths


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch):
    """What settling does to a process is undone."""
    for name in ("freeze", "set_threshold"):
        monkeypatch.setattr(workers.gc, name, lambda *_: None)
    monkeypatch.setattr(workers.os, "dup2", lambda *_: None)
    monkeypatch.setattr(workers.signal, "signal", lambda *_: None)
    monkeypatch.setattr(workers, "_plan", None)
    monkeypatch.setattr(workers, "_reader", None)
    monkeypatch.setattr(workers, "_made", None)


@pytest.mark.usefixtures("settled")
def test_a_worker_reads_quickly():
    assert workers.reader() is None
    workers._begin(_squares, (2,))
    assert workers.reader() is read_quickly
    assert (os.getpid(), [2, 3]) == workers._work([0, 1])


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("missing", ["orjson", "ryml"])
def test_a_worker_without_one_of_the_libraries_reads_as_all_do(monkeypatch: pytest.MonkeyPatch, missing: str):
    found = workers.importlib.util.find_spec
    monkeypatch.setattr(workers.importlib.util, "find_spec", lambda name: None if name == missing else found(name))
    workers._begin(_squares, (2,))
    assert workers.reader() is None
