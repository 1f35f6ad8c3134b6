"""Glossary and methods: the words of the closed sets, and the rules by which records are classed and counted."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from kb.export.site.frame import Page
from kb.export.site.survey import Survey
from kb.model.algebra import class_rules
from kb.model.terms import Absence, ClosedSet, Read, Status


@dataclass(frozen=True, slots=True)
class Word:
    """A term of a closed set."""

    anchor: str
    label: str
    note: str
    curie: str


@dataclass(frozen=True, slots=True)
class WordList:
    """A closed set."""

    anchor: str
    title: str
    meaning: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class GlossaryPage:
    """The glossary."""

    page: Page
    lists: tuple[WordList, ...]


@dataclass(frozen=True, slots=True)
class MethodsPage:
    """The methods: how records are made, counted and classed."""

    page: Page
    absences: tuple[tuple[str, str], ...]
    rules: tuple[tuple[str, str], ...]
    statuses: tuple[tuple[str, int], ...]
    reads: tuple[tuple[str, int], ...]
    studies: int
    cohorts: int


def glossary_page() -> GlossaryPage:
    """Return the glossary's context: every closed set, in the order of the model."""
    page = Page("glossary.html", "Glossary", "What the words on these pages mean.", section="glossary.html")
    return GlossaryPage(page, tuple(_word_list(terms) for terms in ClosedSet.__subclasses__() if terms.__module__ == ClosedSet.__module__))


def _word_list(terms: type[ClosedSet]) -> WordList:
    name = terms.__name__
    title = re.sub(r"(?<=[a-z])(?=[A-Z0-9])", " ", name).lower().capitalize()
    words = tuple(Word(f"{name}-{term.value.replace('/', '-')}", term.label, term.note, term.curie) for term in terms)
    return WordList(name, title, (terms.__doc__ or "").replace("`", ""), words)


def methods_page(survey: Survey) -> MethodsPage:
    """Return the methods' context."""
    statuses = Counter(digest.status for digest in survey.digests.values())
    reads = Counter(digest.values["read"][0] for digest in survey.digests.values())
    return MethodsPage(
        page=Page(
            "methods.html", "Methods", "How records are made, counted and classed, and what to keep in mind.", section="methods.html"
        ),
        absences=tuple((absence.label, absence.note) for absence in Absence),
        rules=tuple((name.label, words) for name, words in class_rules()),
        statuses=tuple((status.label, statuses[status]) for status in Status if statuses[status]),
        reads=tuple((read.label, reads[read.value]) for read in Read if reads[read.value]),
        studies=len(survey.digests),
        cohorts=len(survey.members),
    )
