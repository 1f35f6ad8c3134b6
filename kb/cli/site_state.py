"""Whether a site stands already: a sum over everything that it is made from, kept among its files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.project import Project, resource

if TYPE_CHECKING:
    from kb.export.site.build import File

STATE = ".kb-site-state"
"""Name of the file that holds the sum."""


def inputs_sum(project: Project, *options: str) -> str:
    """Return a sum over records, vocabulary, questions, settings, templates, code and options: by content, never by time."""
    package = Path(__file__).parent.parent
    found = [project.root / "kb.toml", project.root / "CHANGELOG.md", *project.entries.rglob("*.yaml"), *package.rglob("*.py")]
    for folder in dict.fromkeys((resource("templates"), project.root / "templates")):
        found += folder.rglob("*")
    total = hashlib.sha256("\0".join(options).encode())
    for path in sorted(found):
        if path.is_file():
            total.update(f"\0{path.name}\0".encode("utf-8", "backslashreplace"))
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _sizes(folder: Path, names: list[str]) -> str:
    total = hashlib.sha256()
    for name in sorted(names):
        total.update(f"{name}\0{(folder / name).stat().st_size}\n".encode())
    return total.hexdigest()


def with_state(folder: Path, files: Iterator[File], inputs: str, told: list[str]) -> Iterator[File]:
    """Yield the files of a site, and last the file that says what they were made from.

    Args:
        folder: The folder that they are written to, each before the next is asked for.
        files: Files of the site.
        inputs: Sum over what they are made from (`inputs_sum`).
        told: What the command tells of the site.
    """
    from kb.export.site.build import File

    names = []
    for file in files:
        names.append(file.path)
        yield file
    state = {"inputs": inputs, "files": len(names) + 1, "sizes": _sizes(folder, names), "told": told}
    yield File(STATE, json.dumps(state, indent=1) + "\n")


def standing(folder: Path, manifest: str, inputs: str) -> dict[str, Any] | None:
    """Return what is known of a site that was made from the same inputs and has not been touched since; else None.

    Args:
        folder: The folder.
        manifest: Name of the list of its files.
        inputs: Sum over what it would be made from.
    """
    try:
        state: dict[str, Any] = json.loads((folder / STATE).read_text(encoding="utf-8"))
        made = (folder / STATE).stat().st_mtime_ns
        names = [name for name in (folder / manifest).read_text(encoding="utf-8").splitlines() if name != STATE]
        # The sum is written last, so a file that somebody touched afterwards is younger.
        same = state["inputs"] == inputs and state["sizes"] == _sizes(folder, names)
        return state if same and all((folder / name).stat().st_mtime_ns <= made for name in names) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # whatever is not as it was left is made again
