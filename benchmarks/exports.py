"""What every export costs in memory, whatever the size of the collection, and whether it says the same twice."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Command, Measured, once
from kb.export.formats import FORMATS

MOST = 300.0
"""Peak memory in MB that no export may pass, at any size."""


def costs(kb: str, folder: Path, names: tuple[str, ...] = tuple(sorted(FORMATS))) -> Iterator[tuple[str, Measured]]:
    """Yield each export with what it costs in one pass over a collection whose index is warm; what it wrote is thrown away."""
    out = folder / ".exported"
    for name in names:
        shutil.rmtree(out, ignore_errors=True)
        try:
            yield name, once(Command(_words(kb, name, out), folder))
        finally:
            shutil.rmtree(out, ignore_errors=True)


def that_differ(kb: str, folder: Path) -> list[str]:
    """Return the exports that two runs write with different bytes."""
    return [name for name in sorted(FORMATS) if _digest(kb, name, folder) != _digest(kb, name, folder)]


def _words(kb: str, name: str, out: Path) -> list[str]:
    return [kb, "export", name, *((str(out),) if FORMATS[name].folder else ())]


def _digest(kb: str, name: str, folder: Path) -> str:
    out, digest = folder / ".exported", hashlib.sha256()
    shutil.rmtree(out, ignore_errors=True)
    try:
        with subprocess.Popen(_words(kb, name, out), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            while piece := process.stdout.read(1 << 20):
                digest.update(piece)
        if process.returncode != 0:
            raise RuntimeError(f"{name} ended with {process.returncode}")
        for path in sorted(path for path in out.rglob("*") if path.is_file()):
            digest.update(path.relative_to(out).as_posix().encode() + path.read_bytes())
    finally:
        shutil.rmtree(out, ignore_errors=True)
    return digest.hexdigest()
