"""Rules on the vocabulary files and curated questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kb.diagnostics import Problem
from kb.errors import nearest
from kb.lint.terms import term_hint
from kb.model.terms import VocabularyKind
from kb.model.vocabulary import AgentTerm, EndpointTerm, Question, Term, UnitTerm
from kb.records.collection import Vocabulary

Found = tuple[str, Problem]
"""A problem with the name of the file it is in: a kind, or the id of a question."""


@dataclass(frozen=True)
class VocabularyView:
    """The open sets and questions as the rules see them.

    Attributes:
        vocabulary: All terms.
        verified: CURIEs of the verified table.
        questions: Curated questions by id.
        terms: Every term with its kind and id.
    """

    vocabulary: Vocabulary
    verified: frozenset[str]
    questions: Mapping[str, Question] = field(default_factory=dict)

    @property
    def terms(self) -> list[tuple[VocabularyKind, str, Term]]:
        """Every term with its kind and id, in the order of the files."""
        return [(kind, ident, term) for kind, terms in self.vocabulary.terms.items() for ident, term in terms.items()]

    @property
    def asked(self) -> list[Question]:
        """Every question."""
        return list(self.questions.values())


def unverified_curie(view: VocabularyView) -> Iterator[Found]:
    """An identifier of a term is not in the table of verified ones.

    An identifier from memory is often another concept's. `entries/vocabulary/verified-curies.tsv` holds those that were
    looked up, with the place where; a concept without one gets an id of ours and no guess.

    Fix: look the identifier up and add its row with the source, or remove it.
    """
    for kind, ident, term in view.terms:
        for name, curies in (("curies", term.curies), ("close", term.close)):
            for index, curie in enumerate(curies):
                if curie not in view.verified:
                    near = nearest(curie, sorted(view.verified), limit=2)
                    hint = "add its row with the source to verified-curies.tsv, or remove it"
                    yield (
                        kind.value,
                        Problem(
                            "KB311",
                            ("terms", ident, name, index),
                            f"{curie} is not verified",
                            hint if not near else f"{hint}; near: {', '.join(near)}",
                        ),
                    )


def broader_unknown(view: VocabularyView) -> Iterator[Found]:
    """A term names a broader term, a member or a part that its file does not have.

    Fix: write the id of a term of the same file, or add the term.
    """
    for kind, ident, term in view.terms:
        groups: list[tuple[str, tuple[str, ...]]] = [("broader", term.broader)]
        if isinstance(term, AgentTerm):
            groups.append(("members", term.members))
        if isinstance(term, EndpointTerm):
            groups.append(("includes", term.includes))
        known = view.vocabulary.terms[kind]
        for name, others in groups:
            for index, other in enumerate(others):
                if other not in known:
                    hint = term_hint(view.vocabulary, kind, other)
                    yield kind.value, Problem("KB312", ("terms", ident, name, index), f'there is no term "{other}" in this file', hint)


def broader_circle(view: VocabularyView) -> Iterator[Found]:
    """Terms are broader than each other in a circle.

    A query for a term finds all below it; in a circle every term would be below every other.

    Fix: remove `broader` from the most general of them.
    """
    for kind, terms in view.vocabulary.terms.items():
        for ident in terms:
            circle = _circle(terms, ident)
            if circle and ident == min(circle):
                message = "a circle: " + " below ".join([*circle, ident])
                yield (
                    kind.value,
                    Problem("KB313", ("terms", ident, "broader"), message, "let the most general of them stand without `broader`"),
                )


def _circle(terms: Mapping[str, Term], start: str) -> list[str]:
    """Return a way from a term up to itself, or nothing."""
    stack: list[tuple[str, list[str]]] = [(start, [start])]
    seen: set[str] = set()
    while stack:
        here, way = stack.pop()
        for parent in terms[here].broader if here in terms else ():
            if parent == start:
                return way
            if parent not in seen:
                seen.add(parent)
                stack.append((parent, [*way, parent]))
    return []


def spelling_twice(view: VocabularyView) -> Iterator[Found]:
    """One spelling names two terms, or stands twice in one.

    Whoever types a synonym must get one term. Case does not count.

    Fix: keep the spelling at the term that papers mean by it.
    """
    for kind, terms in view.vocabulary.terms.items():
        owner: dict[str, str] = {}
        for ident in terms:
            owner.setdefault(ident.casefold(), ident)
        for ident, term in terms.items():
            label = term.label.casefold()
            if owner.setdefault(label, ident) != ident:
                message = f'"{term.label}" also names the term {owner[label]}'
                yield kind.value, Problem("KB314", ("terms", ident, "label"), message, "keep the spelling at one of them")
        for ident, term in terms.items():
            own = {term.label.casefold(), ident.casefold()}
            for index, synonym in enumerate(term.synonyms):
                spelling = synonym.casefold()
                first = owner.setdefault(spelling, ident)
                if first != ident or spelling in own:
                    where = f"also names the term {first}" if first != ident else "stands twice in this term"
                    message = f'"{synonym}" {where}'
                    yield kind.value, Problem("KB314", ("terms", ident, "synonyms", index), message, "keep the spelling once")
                own.add(spelling)


def conversion_both_ways(view: VocabularyView) -> Iterator[Found]:
    """A unit converts to its own family, or two families convert by factors that contradict each other.

    Fix: keep one factor with its source; the way back is one divided by it.
    """
    factors: dict[tuple[str, str], float] = {}
    for kind, ident, term in view.terms:
        if not isinstance(term, UnitTerm):
            continue
        for index, row in enumerate(term.conversions):
            path = ("terms", ident, "conversions", index)
            if row.to is term.family:
                yield kind.value, Problem("KB315", (*path, "to"), f"{term.family.value} to itself", "remove it")
                continue
            back = factors.get((row.to.value, term.family.value))
            if back is not None and abs(back * row.factor - 1) > 1e-6:
                message = f"a factor of {row.factor:g}, but the way back is {back:g}"
                yield kind.value, Problem("KB315", (*path, "factor"), message, f"one of them is wrong: 1/{back:g} is {1 / back:g}")
            factors[term.family.value, row.to.value] = row.factor


def question_terms(view: VocabularyView) -> Iterator[Found]:
    """A curated question asks for a term that the vocabulary does not have.

    The values of `agent`, `condition`, `biomarker`, `endpoint` and `route`, also after `not-`, are terms.

    Fix: write the id that the hint names.
    """
    for question in view.asked:
        for part in ("population", "intervention", "comparison", "markers", "outcomes"):
            for option, values in getattr(question, part).items():
                kind = _OPTIONS.get(option.removeprefix("not-"))
                for index, value in enumerate(values if kind is not None else ()):
                    if kind is not None and view.vocabulary.resolve(kind, value) is None:
                        message = f'"{value}" is not in the vocabulary of {kind.label}'
                        yield question.id, Problem("KB316", (part, option, index), message, term_hint(view.vocabulary, kind, value))


_OPTIONS = {
    "agent": VocabularyKind.AGENTS,
    "condition": VocabularyKind.CONDITIONS,
    "biomarker": VocabularyKind.BIOMARKERS,
    "endpoint": VocabularyKind.ENDPOINTS,
    "route": VocabularyKind.ROUTES,
}
"""Options of a selection whose values are terms."""
