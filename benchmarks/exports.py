"""What every export costs in memory, whatever the size of the collection, and whether it says the same twice."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.measure import Command, Measured, once
from kb.export.formats import FORMATS
from kb.export.graph_formats import GRAPH_FORMATS

MOST = 300.0
"""Peak memory in MB that no export may pass, at any size."""
_OUT = "{out}"
WAYS: dict[str, tuple[str, ...]] = {
    **{f"export {name}": (*((_OUT,) if row.folder else ()),) for name, row in sorted(FORMATS.items())},
    **{f"graph export {name}": () for name in sorted(GRAPH_FORMATS)},
    "export csv --zip": (f"{_OUT}/tables.zip",),
    "release 1.0.0": ("--out", _OUT),
}
"""Every way out of a collection: words of the command, and the arguments that name where it writes."""


def costs(kb: str, folder: Path, ways: Sequence[str] = tuple(WAYS)) -> Iterator[tuple[str, Measured]]:
    """Yield each way out with what it costs in one pass over a collection whose index is warm; what it wrote is thrown away."""
    out = folder / ".exported"
    for way in ways:
        shutil.rmtree(out, ignore_errors=True)
        try:
            yield way, once(Command(_words(kb, way, out), folder))
        finally:
            shutil.rmtree(out, ignore_errors=True)


def that_differ(kb: str, folder: Path) -> list[str]:
    """Return the ways out that two runs go with different bytes."""
    return [way for way in WAYS if _digest(kb, way, folder) != _digest(kb, way, folder)]


def _words(kb: str, way: str, out: Path) -> list[str]:
    return [kb, *way.split(), *(word.replace(_OUT, str(out)) for word in WAYS[way])]


def _digest(kb: str, way: str, folder: Path) -> str:
    out, digest = folder / ".exported", hashlib.sha256()
    shutil.rmtree(out, ignore_errors=True)
    try:
        with subprocess.Popen(_words(kb, way, out), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            while piece := process.stdout.read(1 << 20):
                digest.update(piece)
        if process.returncode != 0:
            raise RuntimeError(f"{way} ended with {process.returncode}")
        for path in sorted(path for path in out.rglob("*") if path.is_file()):
            digest.update(path.relative_to(out).as_posix().encode() + path.read_bytes())
    finally:
        shutil.rmtree(out, ignore_errors=True)
    return digest.hexdigest()
