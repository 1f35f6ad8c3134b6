"""A study on its way into rows of the index: what every row needs of its surroundings."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from kb.model.algebra import regimen_class
from kb.model.scope import conditions_of
from kb.model.study import Study
from kb.model.terms import VocabularyKind
from kb.records.collection import Vocabulary
from kb.records.lines import Lines
from kb.records.result_rows import Values, population_values
from kb.records.tables import STUDY_TABLES

Rows = dict[str, list[tuple[Any, ...]]]
"""Rows by table, each a tuple in the order of the table's columns."""
_IN_ORDER = {table.name: itemgetter(*table.names) for table in STUDY_TABLES}
"""Takes the values of a row out of its columns, in their order."""


class StudyRows:
    """A study on its way into rows: what every row needs of its surroundings."""

    def __init__(self, study: Study, file: str, lines: Lines, vocabulary: Vocabulary) -> None:
        self.study = study
        self.file = file
        self.lines = lines
        self.vocabulary = vocabulary
        self.rows: Rows = {table.name: [] for table in STUDY_TABLES}
        self._conditions: dict[str, tuple[str, ...]] = {}
        self._classes: dict[str, str] = {}
        self._populations: dict[tuple[str, tuple[str, ...]], Values] = {}

    def add(self, table: str, values: Values) -> None:
        """Add a row, of values made for it alone; a missing column is a KeyError, so that no column is forgotten."""
        values["study_id"] = self.study.id
        self.rows[table].append(_IN_ORDER[table](values))

    def line(self, *path: str) -> int:
        """Return the line of a path, or of the nearest of its parents."""
        if path in self.lines:
            return self.lines[path]
        return next((self.lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in self.lines), 1)

    def head(self, section: str, ident: str, position: int) -> Values:
        """Return the columns that every item has."""
        return {"item_id": ident, "position": position, "file": self.file, "line": self.line(section, ident)}

    def label(self, kind: VocabularyKind, ident: str) -> str:
        """Return a term's label."""
        return self.vocabulary.label(kind, ident)

    def conditions(self, population: str) -> tuple[str, ...]:
        """Return the diseases of a population; many items hang on one."""
        if population not in self._conditions:
            self._conditions[population] = conditions_of(self.study, population)
        return self._conditions[population]

    def population(self, ident: str, arms: tuple[str, ...]) -> Values:
        """Return the columns of the population that an item hangs on; many items hang on one."""
        found = self._populations.get((ident, arms))
        if found is None:
            found = self._populations[ident, arms] = population_values(self.study, ident, arms, self.vocabulary)
        return found

    def regimen_class(self, arm: str) -> str:
        """Return the class of an arm's regimen; the arm and the study both tell it."""
        found = self._classes.get(arm)
        if found is None:
            found = self._classes[arm] = regimen_class(self.study.arms[arm], self.vocabulary.lexicon).value
        return found

    def link(self, table: str, ident: str, *, arms: Iterable[str] = (), conditions: Iterable[str] = ()) -> None:
        """Add the link rows of an item."""
        study = self.study.id  # a study has more of these rows than of all others: they are made in the order of their columns
        self.rows["item_arms"] += [(study, ident, table, arm) for arm in dict.fromkeys(arms)]
        self.rows["item_conditions"] += [(study, ident, table, condition) for condition in dict.fromkeys(conditions)]
