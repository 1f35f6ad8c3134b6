"""What pages about many studies are written from: the survey, the vocabulary and the index, with answers kept for reuse."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from kb.analysis.conflicts import Conflict, conflicts
from kb.analysis.selection import Selection, select
from kb.analysis.stands import MarkerStand, marker_stands
from kb.export.site.frame import Settings
from kb.export.site.survey import Survey
from kb.model.terms import RegimenClass, Status, VocabularyKind
from kb.records.collection import Vocabulary

if TYPE_CHECKING:
    from kb.diagnostics import Diagnostic
    from kb.export.formats import Pieces
    from kb.model.vocabulary import Question
    from kb.records.index import Index


@dataclass(frozen=True)
class Download:
    """A file that holds the whole collection.

    Attributes:
        path: Path within the site.
        words: What it holds.
        content: Makes its content, whole or in pieces.
    """

    path: str
    words: str
    content: Callable[[], Pieces]


@dataclass(frozen=True)
class Holdings:
    """What the caller lends beside the records.

    Attributes:
        index: Open index of the collection.
        questions: Curated questions by id.
        changelog: Text of the collection's changelog, or an empty string.
        notes: What checking the records found.
        term_turtle: Writes a vocabulary term's own node as Turtle, or None.
        base_iri: Prefix of every IRI of the collection.
        downloads: Files that hold the whole collection.
    """

    index: Index
    questions: Mapping[str, Question] = field(default_factory=dict)
    changelog: str = ""
    notes: tuple[Diagnostic, ...] = ()
    term_turtle: Callable[[VocabularyKind, str], str] | None = None
    base_iri: str = "https://kb.example/"
    downloads: tuple[Download, ...] = ()


@dataclass(frozen=True)
class Desk:
    """What every page about many studies is written from."""

    survey: Survey
    vocabulary: Vocabulary
    settings: Settings
    holdings: Holdings

    @property
    def index(self) -> Index:
        """The index."""
        return self.holdings.index

    @cached_property
    def everything(self) -> Selection:
        """The selection that leaves out withdrawn records alone."""
        return select(self.index)

    @cached_property
    def conflicts(self) -> tuple[tuple[str, Conflict], ...]:
        """All disagreements, each with its permanent anchor: made of what is asked, not of its place."""
        found: list[tuple[str, Conflict]] = []
        taken: Counter[str] = Counter()
        for conflict in conflicts(self.index, self.everything):
            name = slug(f"{conflict.kind} {conflict.question}")
            taken[name] += 1
            found.append((name if taken[name] == 1 else f"{name}-{taken[name]}", conflict))
        return tuple(found)

    @cached_property
    def stands(self) -> Mapping[str, Sequence[MarkerStand]]:
        """Where findings stand on their markers, by marker."""
        found: dict[str, list[MarkerStand]] = {}
        for one in marker_stands(self.index, self.everything):
            found.setdefault(one.marker, []).append(one)
        return found

    @cached_property
    def item_markers(self) -> Mapping[tuple[str, str], str]:
        """Marker of every finding, by study and item."""
        return {(study, item): marker for study, item, marker in self.index.rows("SELECT study_id, item_id, biomarker FROM findings")}

    def label(self, study: str) -> str:
        """Return a study's unique label."""
        return self.survey.labels.get(study, study)

    def term(self, kind: VocabularyKind, ident: str) -> str:
        """Return a term's label."""
        return self.vocabulary.label(kind, ident)

    def status(self, studies: Iterable[str]) -> str:
        """Say how far the records of some studies have come: `12 studies: 3 draft, 9 reviewed`."""
        known = [self.survey.digests[study].status for study in sorted(set(studies)) if study in self.survey.digests]
        counts = Counter(known)
        told = ", ".join(f"{counts[status]} {status.label}" for status in Status if counts[status])
        return f"{counted(len(known), 'study', 'studies')}{': ' + told if told else ''}"

    def cohorts(self, studies: Iterable[str]) -> int:
        """Count the independent cohorts of some studies."""
        return len({self.survey.cohorts[study].any for study in studies if study in self.survey.cohorts})

    def cite(self, title: str) -> str:
        """Return how to cite a page."""
        settings = self.settings
        who = ", ".join(settings.maintainers)
        state = f", state of {self.survey.changed}" if self.survey.changed else ""
        return f"{who + '. ' if who else ''}{title}. {settings.name}. Version {settings.version}{state}. Licence {settings.licence}."


def slug(words: str) -> str:
    """Return words as an id: lower-case letters and digits joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "x"


def counted(number: int, one: str, several: str = "") -> str:
    """Return a number with its noun: `1 study`, `2 studies`."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def held_regimens(desk: Desk) -> frozenset[RegimenClass]:
    """Return the classes of regimen that any arm has, withdrawn records left out."""
    found = desk.index.rows("SELECT DISTINCT a.regimen_class FROM arms a JOIN studies s USING (study_id) WHERE s.status <> 'withdrawn'")
    held = {value for (value,) in found}
    return frozenset(regimen for regimen in RegimenClass if regimen.value in held)
