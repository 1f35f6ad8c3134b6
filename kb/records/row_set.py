"""A study on its way into rows of the index: what every row needs of its surroundings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kb.model.algebra import regimen_class
from kb.model.scope import arms_of_population, conditions_of
from kb.model.study import Study
from kb.model.terms import VocabularyKind
from kb.records.collection import Vocabulary
from kb.records.item_tables import ITEM_ARMS, ITEM_CONDITIONS
from kb.records.lines import Lines
from kb.records.result_rows import Values, population_values

Shape = tuple[str, ...]
"""The columns that a row may fill."""
Rows = dict[str, dict[Shape, list[tuple[Any, ...]]]]
"""Rows by table and by the columns that they may fill, values in the order of these columns. All other columns are NULL.

Most columns of most rows are NULL: neither the process that makes a row nor the one that stores it counts them.
"""
_SHAPES: dict[Shape, Shape] = {}
"""One object for each shape, so that `marshal` writes it once for many rows."""

_ARM_LINK, _CONDITION_LINK = ITEM_ARMS.names, ITEM_CONDITIONS.names
"""Both asked once: a table makes its names anew each time."""


class StudyRows:
    """A study on its way into rows: what every row needs of its surroundings."""

    def __init__(self, study: Study, file: str, lines: Lines, vocabulary: Vocabulary) -> None:
        self.study = study
        self.file = file
        self.lines = lines
        self.vocabulary = vocabulary
        self._arm_links: list[tuple[Any, ...]] = []
        self._condition_links: list[tuple[Any, ...]] = []
        self.rows: Rows = {"item_arms": {_ARM_LINK: self._arm_links}, "item_conditions": {_CONDITION_LINK: self._condition_links}}
        self._conditions: dict[str, tuple[str, ...]] = {}
        self._arms: dict[str, tuple[str, ...]] = {}
        self._classes: dict[str, str] = {}
        self._populations: dict[tuple[str, tuple[str, ...]], Values] = {}

    def add(self, table: str, values: Values) -> None:
        """Add a row, of values made for it alone."""
        values["study_id"] = self.study.id
        self._add(table, tuple(values), tuple(values.values()))

    def _add(self, table: str, shape: Shape, row: tuple[Any, ...]) -> None:
        rows = self.rows.setdefault(table, {})
        alike = rows.get(shape)
        if alike is None:
            rows[_SHAPES.setdefault(shape, shape)] = [row]
        else:
            alike.append(row)

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
        found = self._conditions.get(population)
        if found is None:
            found = self._conditions[population] = conditions_of(self.study, population)
        return found

    def all_conditions(self) -> tuple[str, ...]:
        """Return the diseases of all populations, each once."""
        return tuple(dict.fromkeys([condition for ident in self.study.populations for condition in self.conditions(ident)]))

    def arms(self, population: str) -> tuple[str, ...]:
        """Return the arms of a population; many items hang on one."""
        found = self._arms.get(population)
        if found is None:
            found = self._arms[population] = arms_of_population(self.study, population)
        return found

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
        study = self.study.id  # a study has more of these rows than of all others
        self._arm_links += [(study, ident, table, arm) for arm in dict.fromkeys(arms)]
        self._condition_links += [(study, ident, table, condition) for condition in dict.fromkeys(conditions)]
