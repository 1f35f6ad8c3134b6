"""The table of verified identifiers: CURIEs that somebody looked up, with the place where."""

from __future__ import annotations

from pathlib import Path

from kb.errors import UnreadableError

TABLE = "verified-curies.tsv"
_COLUMNS = "curie\tlabel\tkind\tsource"


def read_verified(folder: Path) -> frozenset[str]:
    """Return the CURIEs of the table in a vocabulary folder; empty when the folder has none.

    Raises:
        UnreadableError: If the table is not one: another header, or a row without a source.
    """
    path = folder / TABLE
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return frozenset()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableError(f"{path}: cannot be read: {error}", hint="mend the file, or restore it") from error
    if not lines or lines[0] != _COLUMNS:
        raise UnreadableError(f"{path}:1:1: the columns are not curie, label, kind, source", hint="restore the first line")
    found = set()
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) != 4 or not all(cells):
            raise UnreadableError(f"{path}:{number}:1: a row needs curie, label, kind and source", hint="fill the row, or remove it")
        found.add(cells[0])
    return frozenset(found)
