"""A folder that a command fills: only what changed is written, only what was the command's own is removed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kb.cli.context import write_atomically
from kb.errors import UsageError

Pieces = str | bytes | Iterable[str | bytes] | None
"""The content of a file: all of it, pieces that are written as they come, or None for a file that stays as it lies."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a run did.

    Attributes:
        files: Files that it made.
        changed: Files that were new or differed.
        removed: Files of the former run that are no longer made.
    """

    files: int
    changed: int
    removed: int


def check_folder(folder: Path, *, marker: str, what: str) -> None:
    """Refuse a folder that holds anything but what the command wrote, before any work is done.

    Raises:
        UsageError: If it does.
    """
    _former(folder, marker, what)


def write_folder(folder: Path, files: Iterable[tuple[str, Pieces]], *, marker: str, what: str) -> Written:
    """Write files into a folder that is new, empty or was filled by the same command before.

    An interrupted run leaves whole files and a list of them, and can be taken up again.

    Args:
        folder: The folder.
        files: Names below it, with forward slashes, and contents.
        marker: Name of the list of the folder's own files, one a line; it marks the folder as the command's.
        what: What the folder is, for the message about one that is something else.

    Raises:
        UsageError: If the folder holds anything else.
    """
    former = _former(folder, marker, what)
    folder.mkdir(parents=True, exist_ok=True)
    if former is None:
        write_atomically(folder / marker, "")
        former = set()
    made: set[str] = set()
    changed = 0
    try:
        for name, content in files:
            made.add(name)
            changed += _write(folder / name, content)
    except BaseException:
        # What was made so far is ours too, so that the next run can clear it away.
        _write(folder / marker, _listing(former | made))
        raise
    gone = former - made
    for name in sorted(gone):
        _remove(folder, name)
    _write(folder / marker, _listing(made))
    return Written(len(made), changed, len(gone))


def _listing(names: set[str]) -> str:
    return "".join(f"{name}\n" for name in sorted(names))


def _former(folder: Path, marker: str, what: str) -> set[str] | None:
    """Return the files of the former run, or None for a new or empty folder."""
    manifest = folder / marker
    if manifest.is_file():
        return set(manifest.read_text(encoding="utf-8").splitlines())
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder}: this folder holds files that are no {what} of kb", hint="name a new or an empty folder")
    return None


def _write(path: Path, content: Pieces) -> bool:
    if content is None:
        return False
    if not isinstance(content, str | bytes):
        return write_atomically(path, content, keep_same=True)
    raw = content.encode("utf-8") if isinstance(content, str) else content
    if path.is_file() and path.stat().st_size == len(raw) and path.read_bytes() == raw:
        return False
    write_atomically(path, raw)
    return True


def _remove(folder: Path, name: str) -> None:
    """Remove a file of a former run, and its folder once that is empty; never anything outside the folder."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        return
    path.unlink()
    parent = path.parent
    if parent != folder and not any(parent.iterdir()):
        parent.rmdir()
