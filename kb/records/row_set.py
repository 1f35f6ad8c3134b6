"""A study on its way into rows of the index: what every row needs of its surroundings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kb.model.study import Study
from kb.model.terms import VocabularyKind
from kb.records.collection import Vocabulary
from kb.records.lines import Lines
from kb.records.result_rows import Values
from kb.records.tables import STUDY_TABLES

Rows = dict[str, list[tuple[Any, ...]]]
"""Rows by table, each a tuple in the order of the table's columns."""
_NAMES = {table.name: table.names for table in STUDY_TABLES}


class StudyRows:
    """A study on its way into rows: what every row needs of its surroundings."""

    def __init__(self, study: Study, file: str, lines: Lines, vocabulary: Vocabulary) -> None:
        self.study = study
        self.file = file
        self.lines = lines
        self.vocabulary = vocabulary
        self.rows: Rows = {table.name: [] for table in STUDY_TABLES}

    def add(self, table: str, values: Values) -> None:
        """Add a row; a missing column is a KeyError, so that no column is forgotten."""
        row = {"study_id": self.study.id, **values}
        self.rows[table].append(tuple([row[name] for name in _NAMES[table]]))

    def line(self, *path: str) -> int:
        """Return the line of a path, or of the nearest of its parents."""
        return next((self.lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in self.lines), 1)

    def head(self, section: str, ident: str, position: int) -> Values:
        """Return the columns that every item has."""
        return {"item_id": ident, "position": position, "file": self.file, "line": self.line(section, ident)}

    def label(self, kind: VocabularyKind, ident: str) -> str:
        """Return a term's label."""
        return self.vocabulary.label(kind, ident)

    def link(self, table: str, ident: str, *, arms: Iterable[str] = (), conditions: Iterable[str] = ()) -> None:
        """Add the link rows of an item."""
        for arm in dict.fromkeys(arms):
            self.add("item_arms", {"item_id": ident, "kind": table, "arm": arm})
        for condition in dict.fromkeys(conditions):
            self.add("item_conditions", {"item_id": ident, "kind": table, "condition": condition})
