"""What a site was made from: sums over all of it, kept among its files, so that only what rests on a change is made again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kb.project import Project, resource

if TYPE_CHECKING:
    from kb.export.site.build import File

STATE = ".kb-site-state"
"""Name of the file that holds the sums."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Sums over what a site is made from: by content, never by time.

    Attributes:
        total: Over all of it.
        shared: Over what every page rests on: code, templates, vocabulary, settings and options.
        reading: Over what the first look at a record rests on: code and vocabulary.
        records: Over each record, by its file relative to the collection.
    """

    total: str
    shared: str
    reading: str
    records: Mapping[str, str]


class PieceState(NamedTuple):
    """What is known of a piece of a site (`kb.export.site.pieces`).

    Attributes:
        sum: Over what it alone rests on.
        lead: Its sentence.
        files: Its files.
        pages: Those of them that are pages.
    """

    sum: str
    lead: str
    files: tuple[str, ...]
    pages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a site that stands.

    Attributes:
        inputs: Sum over all that it was made from (`Inputs.total`).
        shared: Sum over what every page rests on.
        files: How many files it has.
        sizes: Sum over their names and sizes.
        told: What the command told of it.
        studies: By study, the sum over what its pages alone rest on.
        pieces: What is known of each piece, by its name.
    """

    inputs: str = ""
    shared: str = ""
    files: int = 0
    sizes: str = ""
    told: list[str] = field(default_factory=list)
    studies: dict[str, str] = field(default_factory=dict)
    pieces: dict[str, PieceState] = field(default_factory=dict)


def sum_of(parts: Iterable[str]) -> str:
    """Return a sum over texts in their order."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()


def _sum_of_files(paths: Iterable[Path]) -> str:
    found = (path for path in sorted(paths) if path.is_file())
    return sum_of(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in found)


def inputs_of(project: Project, *options: str) -> Inputs:
    """Return the sums over records, vocabulary, questions, settings, templates, code and options."""
    package = Path(__file__).parent.parent
    templates = [path for folder in dict.fromkeys((resource("templates"), project.root / "templates")) for path in folder.rglob("*")]
    vocabulary = (path for path in project.vocabulary.rglob("*") if path.suffix == ".yaml")
    reading = sum_of((_sum_of_files(package.rglob("*.py")), _sum_of_files(vocabulary)))
    shared = sum_of((reading, _sum_of_files(templates), _sum_of_files([project.root / "kb.toml"]), *options))
    records = {
        path.relative_to(project.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(project.studies.rglob("*.yaml"))
        if path.is_file()
    }
    rest = _sum_of_files([project.root / "CHANGELOG.md", *project.questions.rglob("*.yaml"), *project.vocabulary.rglob("*.tsv")])
    return Inputs(sum_of((shared, rest, *(f"{name} {one}" for name, one in records.items()))), shared, reading, records)


def _sizes(folder: Path, names: list[str]) -> str:
    return sum_of(f"{name} {(folder / name).stat().st_size}" for name in sorted(names))


def with_state(folder: Path, files: Iterator[File], state: State) -> Iterator[File]:
    """Yield the files of a site, and last the file that says what they were made from.

    Args:
        folder: The folder that they are written to, each before the next is asked for.
        files: Files of the site.
        state: What they are made from; files and sizes are counted here.
    """
    from kb.export.site.build import File

    names = []
    for file in files:
        names.append(file.path)
        yield file
    known = asdict(state) | {"files": len(names) + 1, "sizes": _sizes(folder, names)}
    yield File(STATE, json.dumps(known, indent=1, sort_keys=True) + "\n")


def standing(folder: Path, manifest: str) -> State | None:
    """Return what is known of a site that has not been touched since it was made; else None.

    Args:
        folder: The folder.
        manifest: Name of the list of its files.
    """
    try:
        state = State(**json.loads((folder / STATE).read_text(encoding="utf-8")))
        state.pieces.update({name: PieceState(*known) for name, known in state.pieces.items()})
        made = (folder / STATE).stat().st_mtime_ns
        names = [name for name in (folder / manifest).read_text(encoding="utf-8").splitlines() if name != STATE]
        # The sums are written last, so a file that somebody touched afterwards is younger.
        same = state.sizes == _sizes(folder, names)
        return state if same and all((folder / name).stat().st_mtime_ns <= made for name in names) else None
    except (OSError, ValueError, TypeError, AttributeError):
        return None  # whatever is not as it was left is made again
