"""Rules on the use of vocabulary terms in records."""

from __future__ import annotations

from collections.abc import Iterator

from kb.diagnostics import Problem
from kb.lint.regimens import SUNKEN_POWER
from kb.lint.view import StudyView
from kb.model.terms import VocabularyKind
from kb.records.collection import Vocabulary
from kb.records.decode import Advise


def term_hint(vocabulary: Vocabulary, kind: VocabularyKind, name: str) -> str:
    """Say what the writer may have meant: the id behind a label or synonym, or near spellings."""
    meant = vocabulary.resolve(kind, name)
    if meant is not None:
        return f'write {meant}: "{name}" is another spelling of it'
    near = vocabulary.suggest(kind, name)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"choose a term of entries/vocabulary/{kind.value}.yaml, or add one there"


_FIELDS = {
    "agent": VocabularyKind.AGENTS,
    "agents": VocabularyKind.AGENTS,
    "route": VocabularyKind.ROUTES,
    "biomarker": VocabularyKind.BIOMARKERS,
    "other_marker": VocabularyKind.BIOMARKERS,
    "condition": VocabularyKind.CONDITIONS,
    "conditions": VocabularyKind.CONDITIONS,
    "endpoint": VocabularyKind.ENDPOINTS,
    "assay": VocabularyKind.ASSAYS,
    "adverse_event": VocabularyKind.ADVERSE_EVENTS,
    "term": VocabularyKind.ADVERSE_EVENTS,
}
"""Fields of a study that hold terms, with their kind."""


def advise(vocabulary: Vocabulary) -> Advise:
    """Return what gives better hints where a record does not even have its form: a label typed for an id, a sunken power."""

    def hint(problem: Problem, value: object) -> str | None:
        if not isinstance(value, str):
            return None
        field = next((step for step in reversed(problem.path) if isinstance(step, str)), "")
        if problem.code in ("KB104", "KB105") and field in _FIELDS:
            return term_hint(vocabulary, _FIELDS[field], value)
        if field == "dose" and SUNKEN_POWER.search(value):
            return 'a power of ten that lost its superscript? write it as 10(6), or {printed: "…"} alone with an ambiguity of kind garbled'
        return None

    return hint


def unknown_term(view: StudyView) -> Iterator[Problem]:
    """An agent, route, marker, disease, endpoint, assay or adverse event is not in the vocabulary.

    Queries, pages and exports find a study through the ids of `entries/vocabulary/`. An id that is not there is found
    by nobody. A label or a synonym in place of the id is not enough: the id is what stays the same.

    Fix: write the id that the hint names, or add the term to the vocabulary file.
    """
    for base, step, kind, known, term in view.terms:
        if term not in known:
            hint = term_hint(view.known.vocabulary, kind, term)
            yield Problem("KB301", (*base, *step), f'"{term}" is not in the vocabulary of {kind.label}', hint)
