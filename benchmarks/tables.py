"""Tables as Parquet against pandas writing the same rows, and the memory of both at two sizes."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from benchmarks.measure import Command, Measured, in_turn

PEER = Path(__file__).with_name("pandas_parquet.py")


def parquet_and_pandas(kb: str, folder: Path, rounds: int) -> tuple[Measured, Measured]:
    """Return how long `kb export parquet` takes on a warm index, and pandas from the same index.

    Args:
        kb: The command.
        folder: The collection.
        rounds: Runs of each.
    """
    out = folder / ".tables"

    def clear() -> None:
        shutil.rmtree(out, ignore_errors=True)

    ours = Command([kb, "export", "parquet", str(out)], folder, before=clear)
    theirs = Command([sys.executable, str(PEER), str(folder / ".kb" / "index.sqlite"), str(out)], folder, before=clear)
    try:
        us, them = in_turn(ours, theirs, rounds=rounds)
    finally:
        clear()
    return us, them
