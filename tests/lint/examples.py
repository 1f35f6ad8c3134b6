"""The catalogue's examples, made into records, collections and vocabularies that rules can look at."""

from __future__ import annotations

import json
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

from kb.diagnostics import Diagnostic
from kb.lint.catalogue import BY_CODE
from kb.lint.digest import CollectionView, digest
from kb.lint.engine import SEVERITY, StudyChecker, Tally, run
from kb.lint.rule import Rule, Scope
from kb.lint.view import FilePlace, Known
from kb.lint.vocabulary import VocabularyView
from kb.model.study import Study
from kb.model.terms import VocabularyKind
from kb.model.vocabulary import FILE_MODELS, Question
from kb.project import open_project, resource
from kb.records.collection import Vocabulary, read_vocabulary
from kb.records.decode import decode, locate_problems
from kb.records.yaml import parse
from tests.builders import STUDY, text_of

SECOND: dict[str, Any] = {
    **deepcopy(STUDY),
    "id": "other-1992-il2",
    "reports": {"main": {"read": "abstract", "title": "Another example", "authors": ["Other CD"], "year": 1992, "pmid": "3"}},
}
VOCABULARY: dict[str, Any] = {
    "agents": {
        "terms": {
            "interleukin-2": {"label": "interleukin-2", "synonyms": ["IL-2"], "agent_class": "il-2"},
            "aldesleukin": {"label": "aldesleukin", "broader": ["interleukin-2"], "agent_class": "il-2"},
        }
    },
    "endpoints": {"terms": {"objective-response": {"label": "objective response", "kind": "response", "favours": "more"}}},
    "units": {
        "terms": {
            "iu": {"label": "international units", "family": "iu"},
            "cetus-units": {
                "label": "Cetus units",
                "family": "cetus-units",
                "conversions": [{"to": "iu", "factor": 6, "source": "a page"}],
            },
        }
    },
    "questions": {"example": {"id": "example", "question": "Does it work?", "why": "It matters."}},
}
VERIFIED = frozenset({"NCIT:C1498"})


@dataclass(frozen=True)
class Found:
    """What a rule found in an example, with its place in the text."""

    code: str
    line: int
    column: int
    message: str
    hint: str
    line_text: str


@cache
def shipped_vocabulary() -> Vocabulary:
    """The vocabulary of the shipped collection, which the examples use."""
    vocabulary, problems = read_vocabulary(open_project(resource("kb.toml").parent))
    assert [] == problems
    return vocabulary


def changed(data: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Apply `path: value` lines; the value `...` removes, and what lies on the way is made."""
    data = json.loads(json.dumps(data))  # unlike a deep copy, this parts what the data share
    for path, value in changes.items():
        *parents, last = path.split(".")
        here: Any = data
        for step in parents:
            here = here[int(step)] if isinstance(here, list) else here.setdefault(step, {})
        if value == "...":
            del here[last]
        elif isinstance(here, list):
            here[int(last)] = value
        else:
            here[last] = value
    return data


def study_codes(data: dict[str, Any], *, place: FilePlace | None = None) -> list[Found]:
    """Everything that reading and the study rules find in a record's data."""
    text = text_of(data)
    decoded = decode(text, Study, file="x.yaml")
    if decoded.value is None:
        return _found(decoded.diagnostics)
    here = place or FilePlace("example-1991-il2", "1991")
    problems = StudyChecker(Known(shipped_vocabulary())).check(decoded.value, here)
    return _found(locate_problems(text, problems, file="x.yaml", severity=SEVERITY))


def collection_codes(*records: dict[str, Any]) -> list[tuple[str, Found]]:
    """Everything that the rules between records find, with the id of the record."""
    texts = {data["id"]: text_of(data) for data in records}
    digests = [digest(Study.model_validate(data), data["id"]) for data in records]
    view = CollectionView(digests, {study.id: study.file for study in digests})
    found = []
    for file, problem in run(view, [rule for rule in BY_CODE.values() if rule.scope is Scope.COLLECTION], Tally()):
        found += [(file, item) for item in _found(locate_problems(texts[file], [problem], file=file))]
    return found


def vocabulary_codes(data: dict[str, Any]) -> list[tuple[str, Found]]:
    """Everything that the vocabulary rules find, with the kind or question."""
    data = deepcopy(data)
    questions = {ident: Question.model_validate(question) for ident, question in data.pop("questions").items()}
    kinds = {kind.value: kind for kind in VocabularyKind}
    terms = {kinds[name]: FILE_MODELS[kinds[name]].model_validate(file).terms for name, file in data.items()}  # type: ignore[attr-defined] - every file has terms
    view = VocabularyView(Vocabulary(terms), VERIFIED, questions)
    texts = {name: text_of(file) for name, file in data.items()}
    texts |= {ident: text_of(question.model_dump(mode="json", exclude_defaults=True)) for ident, question in questions.items()}
    found = []
    for file, problem in run(view, [rule for rule in BY_CODE.values() if rule.scope is Scope.VOCABULARY], Tally()):
        found += [(file, item) for item in _found(locate_problems(texts[file], [problem], file=file))]
    return found


def _found(diagnostics: Iterable[Diagnostic]) -> list[Found]:
    return [
        Found(item.code, item.position.line, item.position.column, item.message, item.hint, item.line_text)
        for item in sorted(diagnostics, key=lambda item: item.sort_key)
    ]


def example_codes(rule: Rule, example: str) -> list[Found]:
    """Everything that is found in an example of a rule about records, collections or vocabularies."""
    changes = parse(example)
    if rule.scope is Scope.STUDY:
        return study_codes(changed(STUDY, changes))
    if rule.scope is Scope.VOCABULARY:
        return [found for _, found in vocabulary_codes(changed(VOCABULARY, changes))]
    both = changed({"first": STUDY, "second": SECOND}, changes)
    return [found for _, found in collection_codes(both["first"], both["second"])]
