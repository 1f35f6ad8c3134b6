"""The process behind `kb` and `python -m kb`: the command line, and how long Python looks for garbage while it runs."""

from __future__ import annotations

import gc

COLLECT_AFTER = 50_000
"""Containers made since the last look for cycles before the next one; Python's own default is 700."""


def run() -> None:
    """Run the command line as a process of its own.

    What a start makes, modules above all, lives to the end: looking through it again and again, and once more at the
    very end, costs a short answer a tenth of its time. Cycles of longer work are still found.
    """
    gc.set_threshold(COLLECT_AFTER, *gc.get_threshold()[1:])
    from kb.cli.main import main

    try:
        main()
    finally:
        gc.freeze()


if __name__ == "__main__":
    run()
