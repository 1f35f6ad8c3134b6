"""Making a process one of a pool's: it reads many records, and has nothing to say to a terminal."""

from __future__ import annotations

import gc
import importlib.util
import os
import sys

from kb.records.decode import Reader


def start_method() -> str:
    """Return how workers start: forked ones share the models and the vocabulary, but only Linux forks safely."""
    return "fork" if sys.platform == "linux" else "spawn"


def settle() -> Reader | None:
    """Fit this process out as a worker.

    Returns:
        The quick reader of records; None where its library is not installed, and ryaml reads all.
    """
    spare_the_collector()
    if importlib.util.find_spec("ryml") is None:
        return None
    from kb.records.quick import read_quickly

    _close_standard_error()
    return read_quickly


def spare_the_collector() -> None:
    """Keep the garbage collector from walking the models and the vocabulary again and again: records hold no circles."""
    gc.freeze()
    gc.set_threshold(200_000, 50, 50)


def _close_standard_error() -> None:
    # The reader's library writes there before it raises. What goes wrong in a worker is raised in the process that asked.
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
