"""Where a collection lies on disk, and where the parts that ship with the package lie.

A collection is a folder with `kb.toml` and `entries/`. Outside any collection the one that ships with the package
answers, and the caller is told so by `Project.shipped`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from kb.errors import UnreadableError

MARKER = "kb.toml"
_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Project:
    """A collection's place and its settings from `kb.toml`.

    Attributes:
        root: The folder that holds `kb.toml`.
        name: Name of the collection, for titles.
        base_iri: Prefix of every IRI of the collection, ending in a slash.
        licence: SPDX expression of the data's licence.
        maintainers: Who answers for the collection.
        shipped: Whether this is the collection inside the package, used because none was found.
    """

    root: Path
    name: str
    base_iri: str
    licence: str
    maintainers: tuple[str, ...]
    shipped: bool = False

    @property
    def entries(self) -> Path:
        """Folder of everything curated."""
        return self.root / "entries"

    @property
    def studies(self) -> Path:
        """Folder of the study records, by year."""
        return self.entries / "studies"

    @property
    def vocabulary(self) -> Path:
        """Folder of the vocabulary files."""
        return self.entries / "vocabulary"

    @property
    def questions(self) -> Path:
        """Folder of the curated questions."""
        return self.entries / "questions"

    @property
    def index(self) -> Path:
        """The disposable index; it may be deleted at any time."""
        return self.root / ".kb" / "index.sqlite"

    def relative(self, path: Path) -> str:
        """Return `path` relative to the root with forward slashes, or absolute when it lies outside."""
        try:
            return path.resolve().relative_to(self.root.resolve()).as_posix()
        except ValueError:
            return path.as_posix()


def resource(name: str) -> Path:
    """Return the folder `templates`, `schemas` or the shipped collection's part named `name`.

    In a wheel they lie inside the package, in a checkout beside it.
    """
    inside = _PACKAGE / "_shipped" / name
    return inside if inside.exists() else _PACKAGE.parent / name


def template(project: Project, name: str) -> str:
    """Read a template; the collection's own stands in for the shipped one.

    Raises:
        UnreadableError: If it cannot be read.
    """
    own = project.root / "templates" / name
    path = own if own.is_file() else resource("templates") / name
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableError(f"{path}: cannot be read as a template: {error}") from error


def find_root(start: Path) -> Path | None:
    """Walk up from `start` to the folder that holds `kb.toml`, or return None."""
    here = start.resolve()
    return next((folder for folder in (here, *here.parents) if (folder / MARKER).is_file()), None)


def open_project(start: Path, *, explicit: bool = False) -> Project:
    """Find the collection around `start` and read its settings.

    Args:
        start: Folder to search from.
        explicit: Whether the user named it; then a missing `kb.toml` is an error instead of a reason to use the
            shipped collection.

    Raises:
        UnreadableError: If there is no collection where the user said, or its `kb.toml` cannot be used.
    """
    root = find_root(start)
    if root is not None:
        return _read_settings(root, shipped=False)
    if explicit:
        raise UnreadableError(
            f"{start}: no collection here: neither this folder nor one above it holds {MARKER}",
            hint="name the folder of a collection with -C, or make one with `kb init`",
        )
    return _read_settings(resource(MARKER).parent, shipped=True)


def _read_settings(root: Path, *, shipped: bool) -> Project:
    path = root / MARKER
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8")).get("collection", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnreadableError(f"{path}: cannot be read as TOML: {error}", hint="mend the file; `kb init` shows a fresh one") from error
    missing = [key for key in ("name", "base_iri", "licence") if not isinstance(settings.get(key), str)]
    if missing:
        raise UnreadableError(
            f"{path}: [collection] lacks {', '.join(missing)}",
            hint='add for instance name = "…", base_iri = "https://example.org/kb/", licence = "CC0-1.0"',
        )
    base_iri = settings["base_iri"]
    return Project(
        root=root,
        name=settings["name"],
        base_iri=base_iri if base_iri.endswith("/") else base_iri + "/",
        licence=settings["licence"],
        maintainers=tuple(str(person) for person in settings.get("maintainers", ())),
        shipped=shipped,
    )
