"""Glossary and methods: the words of the closed sets, and the rules by which records are classed and counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.export.site.frame import Page
from kb.export.site.page_twins import list_twins, page_turtle
from kb.export.site.survey import Survey
from kb.export.site.topic import twins
from kb.model.algebra import class_rules
from kb.model.terms import Absence, ClosedSet, Read, Status

if TYPE_CHECKING:
    from kb.export.site.build import File


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
    page = Page(
        "glossary.html", "Glossary", "What the words on these pages mean.", section="glossary.html", twins=twins("glossary", turtle=True)
    )
    return GlossaryPage(page, tuple(_word_list(terms) for terms in _sets()))


def _sets() -> list[type[ClosedSet]]:
    return [terms for terms in ClosedSet.__subclasses__() if terms.__module__ == ClosedSet.__module__]


def glossary_twins(glossary: GlossaryPage, base_iri: str) -> Iterator[File]:
    """Yield the closed sets for machines.

    Args:
        glossary: The page.
        base_iri: Prefix of every IRI of the collection.
    """
    page = glossary.page
    rows = [
        {"set": terms.__name__, "value": term.value, "label": term.label, "note": term.note or None, "curie": term.curie}
        for terms in _sets()
        for term in terms
    ]
    yield from list_twins(page, page.description, rows, tuple(rows[0]))
    yield page_turtle(base_iri, page, page.description, about=[term for terms in _sets() for term in terms])


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
            "methods.html",
            "Methods",
            "How records are made, counted and classed, and what to keep in mind.",
            section="methods.html",
            twins=twins("methods"),
        ),
        absences=tuple((absence.label, absence.note) for absence in Absence),
        rules=tuple((name.label, words) for name, words in class_rules()),
        statuses=tuple((status.label, statuses[status]) for status in Status if statuses[status]),
        reads=tuple((read.label, reads[read.value]) for read in Read if reads[read.value]),
        studies=len(survey.digests),
        cohorts=len(survey.members),
    )


def methods_twins(methods: MethodsPage) -> Iterator[File]:
    """Yield the rules for machines: those that records are checked by, as `kb explain` has them, and those of the classes of regimens."""
    from kb.lint.catalogue import RULES

    checks = (("check", rule.code, rule.name, rule.severity.value, rule.summary) for rule in RULES)
    classes = (("regimen-class", name.value, name.label, None, words) for name, words in class_rules())
    columns = ("kind", "code", "name", "severity", "rule")
    rows = [dict(zip(columns, row, strict=True)) for row in (*checks, *classes)]
    yield from list_twins(methods.page, methods.page.description, rows, columns)
