"""The immutable collection: every record, vocabulary term and question, with look-ups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from kb.diagnostics import Diagnostic
from kb.errors import nearest
from kb.model.algebra import Lexicon
from kb.model.study import Study
from kb.model.terms import VocabularyKind
from kb.model.vocabulary import FILE_MODELS, AgentTerm, Question, RouteTerm, Term, UnitTerm
from kb.project import Project
from kb.records.decode import decode, text_diagnostic
from kb.records.text import read_text


@dataclass(frozen=True)
class Vocabulary:
    """All open sets.

    Attributes:
        terms: Terms by kind and id.
    """

    terms: Mapping[VocabularyKind, Mapping[str, Term]]

    def get(self, kind: VocabularyKind, term: str) -> Term | None:
        """Return a term by id, or None."""
        return self.terms.get(kind, {}).get(term)

    def label(self, kind: VocabularyKind, term: str) -> str:
        """Return a term's label, or its id when it is unknown."""
        found = self.get(kind, term)
        return term if found is None else found.label

    @cached_property
    def _names(self) -> Mapping[VocabularyKind, Mapping[str, str]]:
        names: dict[VocabularyKind, dict[str, str]] = {}
        for kind, terms in self.terms.items():
            spelled = names.setdefault(kind, {})
            for ident, term in terms.items():
                for name in (*term.synonyms, term.label, ident):
                    spelled[name.casefold()] = ident
        return names

    def resolve(self, kind: VocabularyKind, name: str) -> str | None:
        """Return the id for an id, label or synonym, without case, or None."""
        return self._names.get(kind, {}).get(name.casefold())

    def suggest(self, kind: VocabularyKind, name: str) -> list[str]:
        """Return ids whose spelling is near."""
        names = self._names.get(kind, {})
        return list(dict.fromkeys(names[near] for near in nearest(name.casefold(), tuple(names))))

    @cached_property
    def _narrower(self) -> Mapping[tuple[VocabularyKind, str], frozenset[str]]:
        children: dict[tuple[VocabularyKind, str], set[str]] = {}
        for kind, terms in self.terms.items():
            for ident, term in terms.items():
                for parent in term.broader:
                    children.setdefault((kind, parent), set()).add(ident)
        closed: dict[tuple[VocabularyKind, str], frozenset[str]] = {}
        for kind, terms in self.terms.items():
            for ident in terms:
                seen = {ident}
                stack = [ident]
                while stack:
                    for child in children.get((kind, stack.pop()), ()):
                        if child not in seen:
                            seen.add(child)
                            stack.append(child)
                closed[kind, ident] = frozenset(seen)
        return closed

    def narrower(self, kind: VocabularyKind, term: str) -> frozenset[str]:
        """Return the term and every term below it."""
        return self._narrower.get((kind, term), frozenset({term}))

    @cached_property
    def lexicon(self) -> Lexicon:
        """What the regimen rules need to know."""
        units = (term for term in self.terms.get(VocabularyKind.UNITS, {}).values() if isinstance(term, UnitTerm))
        return Lexicon(
            agent_class={
                ident: term.agent_class for ident, term in self.terms.get(VocabularyKind.AGENTS, {}).items() if isinstance(term, AgentTerm)
            },
            route_mode={
                ident: term.mode for ident, term in self.terms.get(VocabularyKind.ROUTES, {}).items() if isinstance(term, RouteTerm)
            },
            factors={(unit.family.value, row.to.value): row.factor for unit in units for row in unit.conversions},
        )


@dataclass(frozen=True)
class Collection:
    """Every readable record of a collection.

    Attributes:
        project: Where it lies.
        studies: Studies by id, in the order of their files.
        files: File of each study, relative to the root.
        vocabulary: All open sets.
        questions: Curated questions by id.
        diagnostics: What could not be read.
    """

    project: Project
    studies: Mapping[str, Study]
    files: Mapping[str, str]
    vocabulary: Vocabulary
    questions: Mapping[str, Question] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()

    def __iter__(self) -> Iterator[Study]:
        return iter(self.studies.values())

    def __len__(self) -> int:
        return len(self.studies)

    def study(self, ident: str) -> Study | None:
        """Return a study by id, or None."""
        return self.studies.get(ident)


def study_files(project: Project) -> list[Path]:
    """Return the collection's study files, sorted by path."""
    return sorted(path for path in project.studies.glob("**/*.yaml") if not path.name.startswith("."))


def read_vocabulary(project: Project) -> tuple[Vocabulary, list[Diagnostic]]:
    """Read every vocabulary file. A missing file is an empty kind."""
    terms: dict[VocabularyKind, Mapping[str, Term]] = {}
    problems: list[Diagnostic] = []
    for kind in VocabularyKind:
        path = project.vocabulary / f"{kind.value}.yaml"
        terms[kind] = {}
        if not path.exists():
            continue
        text = read_text(path, root=project.root)
        if not isinstance(text, str):
            problems.append(text_diagnostic(text, file=project.relative(path)))
            continue
        decoded = decode(text, FILE_MODELS[kind], file=project.relative(path))
        problems.extend(decoded.diagnostics)
        if decoded.value is not None:
            terms[kind] = decoded.value.terms  # type: ignore[attr-defined]
    return Vocabulary(terms), problems


def read_questions(project: Project) -> tuple[dict[str, Question], list[Diagnostic]]:
    """Read every curated question."""
    questions: dict[str, Question] = {}
    problems: list[Diagnostic] = []
    for path in sorted(project.questions.glob("*.yaml")):
        text = read_text(path, root=project.root)
        if not isinstance(text, str):
            problems.append(text_diagnostic(text, file=project.relative(path)))
            continue
        decoded = decode(text, Question, file=project.relative(path))
        problems.extend(decoded.diagnostics)
        if decoded.value is not None:
            questions[decoded.value.id] = decoded.value
    return questions, problems


def read_collection(project: Project, paths: Iterable[Path] | None = None) -> Collection:
    """Read a collection. UnreadableError records are left out and stand in `diagnostics`.

    Args:
        project: Where it lies.
        paths: Study files to read; all when left out.
    """
    vocabulary, problems = read_vocabulary(project)
    questions, more = read_questions(project)
    problems.extend(more)
    studies: dict[str, Study] = {}
    files: dict[str, str] = {}
    for path in study_files(project) if paths is None else paths:
        name = project.relative(path)
        text = read_text(path, root=project.root)
        if not isinstance(text, str):
            problems.append(text_diagnostic(text, file=name))
            continue
        decoded = decode(text, Study, file=name)
        problems.extend(decoded.diagnostics)
        if decoded.value is not None:
            studies[decoded.value.id] = decoded.value
            files[decoded.value.id] = name
    return Collection(project, studies, files, vocabulary, questions, tuple(sorted(problems, key=lambda item: item.sort_key)))
