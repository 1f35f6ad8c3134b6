"""One archive of an export: its files, what each is, the selection in force, and how to cite; the same bytes each time."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase

from kb import __version__
from kb.analysis.spool import Spool
from kb.export.citations.bibtex import bibtex
from kb.export.formats import FORMATS, Extract, Pieces, folder_writer, stream_writer
from kb.export.tables.exported import TABLES

README, CITATION, REFERENCES = "README.md", "CITATION.cff", "references.bib"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of every file: the earliest that an archive can hold, since a clock would change its bytes."""
_ABOUT = {
    CITATION: "how to cite this collection, for programs that read it",
    REFERENCES: "the reports of the studies in it, as BibTeX: cite those that you rely on",
}


def export_archive(name: str, make: Callable[[], Extract]) -> Iterator[bytes]:
    """Yield an export as one zip file with `README.md`, `CITATION.cff` and `references.bib`.

    Args:
        name: Name of the format.
        make: Makes an extract anew for each part, since its studies are read once.
    """
    sizes: dict[str, int] = {}
    own: Spool[str] = Spool()
    extract = make()
    return packed(_counted(_parts(name, extract, make, own), sizes, lambda: _readme(name, extract, sizes, own)))


class _Sink:
    """A file that can only be written to; what was written is taken out piece by piece."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._held.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: nothing waits."""

    def close(self) -> None:
        """Do nothing: what was written is still to be taken."""

    def taken(self) -> list[bytes]:
        """Return what was written since it was last taken."""
        held, self._held = self._held, []
        return held


def packed(files: Iterable[tuple[str, Pieces]]) -> Iterator[bytes]:
    """Yield files as a zip file without a clock, a piece at a time."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            with archive.open(info, "w", force_zip64=True) as file:
                for raw in _raw(content):
                    file.write(raw)
                    yield from sink.taken()
            yield from sink.taken()
    yield from sink.taken()


def _raw(content: Pieces) -> Iterator[bytes]:
    for piece in (content,) if isinstance(content, str | bytes) else content:
        yield piece.encode("utf-8") if isinstance(piece, str) else piece


def _lines(content: Pieces) -> Iterator[str]:
    """Yield a text line by line, wherever its pieces begin."""
    rest = b""
    for raw in _raw(content):
        *whole, rest = (rest + raw).split(b"\n")
        yield from (f"{line.decode('utf-8')}\n" for line in whole)
    if rest:
        yield rest.decode("utf-8")


def _parts(name: str, extract: Extract, make: Callable[[], Extract], own: Spool[str]) -> Iterator[tuple[str, Pieces]]:
    if FORMATS[name].folder:
        for file, content in folder_writer(name)(extract):
            if file == README:
                for line in _lines(content):
                    own.add(line)
            else:
                yield file, content
    else:
        yield f"evidence{FORMATS[name].suffix}", stream_writer(name)(extract)
    if name != "bibtex":
        yield REFERENCES, bibtex(make())
    yield CITATION, citation(extract)


def _counted(files: Iterable[tuple[str, Pieces]], sizes: dict[str, int], last: Callable[[], Pieces]) -> Iterator[tuple[str, Pieces]]:
    """Yield files, their sizes counted as they are written, and the text that tells of them last."""

    def counted(name: str, content: Pieces) -> Iterator[bytes]:
        sizes[name] = 0
        for raw in _raw(content):
            sizes[name] += len(raw)
            yield raw

    for name, content in files:
        yield name, counted(name, content)
    yield README, last()


def citation(extract: Extract) -> str:
    """Return `CITATION.cff` (1.2.0) of what is exported; a text in JSON is one in YAML, too."""
    project = extract.project
    fields: list[tuple[str, object]] = [
        ("cff-version", "1.2.0"),
        ("message", "Please cite the studies that you rely on (references.bib), and this collection."),
        ("title", project.name),
        ("type", "dataset"),
        ("abstract", f"Selection: {extract.selection}. Exported by kb {__version__}."),
        ("authors", [{"name": name} for name in project.maintainers or (project.name,)]),
        *((("license", project.licence),) if " " not in project.licence else ()),
        ("identifiers", [{"type": "url", "value": project.base_iri}]),
    ]
    return "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in fields)


def _readme(name: str, extract: Extract, sizes: dict[str, int], own: Spool[str]) -> Iterator[str]:
    project, row = extract.project, FORMATS[name]
    split = f" --partition {extract.partition}" if extract.partition else ""
    lines = [
        f"# {project.name}: {name}", "", f"{row.description[:1].upper()}{row.description[1:]}. Selection: {extract.selection}.", "",
        f"Made by kb {__version__}. To make it again, in the folder of the collection:", "",
        f"    kb export {name}{extract.options_without()}{split} --zip FILE.zip", "",
        f"Licence of the data: {project.licence}. Cite the studies that you rely on (`{REFERENCES}`), and this collection: "
        f"{', '.join((*project.maintainers, project.name))}. The records are for research; they are no advice for the treatment of anyone.", "",
        "## Files", "", "| file | what it is | bytes |", "| --- | --- | --- |",
    ]  # fmt: skip
    lines += [f"| `{file}` | {_about(name, file)} | {size} |" for file, size in sorted(sizes.items())]
    yield "\n".join(lines) + "\n"
    if own:
        yield "\n"
    yield from (f"#{line}" if line.startswith("#") else line for line in own.settled())


def _about(name: str, file: str) -> str:
    if file in _ABOUT:
        return _ABOUT[file]
    told = (words for pattern, words in FORMATS[name].files if fnmatchcase(file, pattern))
    table = file.replace("/", ".").split(".", 1)[0]  # a table is a file, or a folder of parts
    meanings = (one.meaning for one in TABLES if one.name == table and name in ("csv", "parquet"))
    return next(told, None) or next(meanings, FORMATS[name].description)
