"""Whole processes, timed: wall clock and peak memory, pairs run in turn so that a busy machine is busy for both."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians over repeated runs.

    Attributes:
        seconds: Wall clock.
        peak: Peak memory in MB of the largest process, its children included.
    """

    seconds: float
    peak: float


@dataclass(frozen=True, slots=True)
class Command:
    """A command to time.

    Attributes:
        words: Program and arguments.
        folder: Where it runs.
        before: What is done before each run, outside the clock.
        codes: Exit codes that count as success.
    """

    words: Sequence[str]
    folder: Path
    before: Callable[[], object] | None = None
    codes: tuple[int, ...] = (0,)


def once(command: Command) -> Measured:
    """Run a command.

    Raises:
        RuntimeError: If it fails; a failed run has no time.
    """
    if command.before is not None:
        command.before()
    start = time.perf_counter()
    process = subprocess.Popen(list(command.words), cwd=command.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    talk = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode not in command.codes:
        raise RuntimeError(f"{' '.join(map(str, command.words))[:200]} ended with {process.returncode}: {talk.decode()[-500:]}")
    return Measured(seconds, usage.ru_maxrss / 1024)


def in_turn(*commands: Command, rounds: int) -> list[Measured]:
    """Run commands in turn, `rounds` times each after one unmeasured round; return their medians."""
    for command in commands:
        once(command)
    runs = [[once(command) for command in commands] for _ in range(rounds)]
    return [
        Measured(statistics.median(run.seconds for run in column), statistics.median(run.peak for run in column))
        for column in zip(*runs, strict=True)
    ]
