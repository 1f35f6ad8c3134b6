"""The folder of a built site: only what changed is written, only what was ours is removed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kb.cli.context import write_atomically
from kb.diagnostics import UsageError

if TYPE_CHECKING:
    from kb.export.site.build import File

MANIFEST = ".kb-site"
"""List of the site's own files, one a line; it marks a folder as a site."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a build did.

    Attributes:
        files: Files of the site.
        changed: Files that were new or differed.
        removed: Files of the former build that are no longer made.
    """

    files: int
    changed: int
    removed: int


def write_site(folder: Path, files: Iterable[File]) -> Written:
    """Write a site into a folder that is new, empty or a former site.

    An interrupted build leaves whole files and a list of them, and can be taken up again.

    Raises:
        UsageError: If the folder holds anything else.
    """
    former = _former(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if former is None:
        write_atomically(folder / MANIFEST, "")
        former = set()
    made: set[str] = set()
    changed = 0
    try:
        for file in files:
            made.add(file.path)
            changed += _write(folder / file.path, file.text)
    except BaseException:
        # What was made so far is ours too, so that the next build can clear it away.
        _write(folder / MANIFEST, _listing(former | made))
        raise
    gone = former - made
    for name in sorted(gone):
        _remove(folder, name)
    _write(folder / MANIFEST, _listing(made))
    return Written(len(made), changed, len(gone))


def _listing(names: set[str]) -> str:
    return "".join(f"{name}\n" for name in sorted(names))


def _former(folder: Path) -> set[str] | None:
    """Return the files of the former build, or None for a new or empty folder."""
    manifest = folder / MANIFEST
    if manifest.is_file():
        return set(manifest.read_text(encoding="utf-8").splitlines())
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder}: this folder holds files that are no site of kb", hint="name a new or an empty folder with --out")
    return None


def _write(path: Path, text: str) -> bool:
    raw = text.encode("utf-8")
    if path.is_file() and path.stat().st_size == len(raw) and path.read_bytes() == raw:
        return False
    write_atomically(path, raw)
    return True


def _remove(folder: Path, name: str) -> None:
    """Remove a file of a former build, and its folder once that is empty; never anything outside the site."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        return
    path.unlink()
    parent = path.parent
    if parent != folder and not any(parent.iterdir()):
        parent.rmdir()
