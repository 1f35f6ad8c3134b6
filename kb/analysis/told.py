"""How the ids in a record are told: as they are, for machines, or by their labels, for people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from kb.model.terms import Absence, ClosedSet, VocabularyKind
from kb.records.tables import JOINER

CENTRES = {"single": "one centre", "multi": "several centres"}
"""Words for how many centres a study had."""


def words(value: str | None, *sets: type[ClosedSet]) -> str:
    """Return the label of a value of one of some closed sets, an absence included; the value itself where none has it."""
    labels: dict[str, str] = {}
    known: tuple[type[ClosedSet], ...] = (Absence, *sets)
    for terms in known:
        labels |= {term.value: term.label for term in terms}
    return labels.get(value or "", value or "")


class Ids:
    """Tells every id as it is."""

    def closed(self, values: str, *sets: type[ClosedSet]) -> str:
        """Tell joined values of closed sets, or an absence."""
        return values

    def one_of(self, value: str, labels: Mapping[str, str]) -> str:
        """Tell a value that is no term of a set, by its words."""
        return value

    def terms(self, kind: VocabularyKind, idents: str) -> str:
        """Tell joined ids of a vocabulary."""
        return idents

    def study(self, ident: str) -> str:
        """Tell the id of a study."""
        return ident

    def agents(self, text: str, agents: Iterable[str]) -> str:
        """Tell a joined text whose parts begin with the id of an agent, such as doses."""
        return text


@dataclass(frozen=True, slots=True)
class Labels(Ids):
    """Tells every id by its label.

    Attributes:
        term: Label of a vocabulary's term.
        named: Label of a study.
    """

    term: Callable[[VocabularyKind, str], str]
    named: Callable[[str], str]

    def closed(self, values: str, *sets: type[ClosedSet]) -> str:
        """Tell joined values of closed sets, or an absence."""
        return JOINER.join(words(value, *sets) for value in values.split(JOINER))

    def one_of(self, value: str, labels: Mapping[str, str]) -> str:
        """Tell a value that is no term of a set, by its words."""
        return labels.get(value, value)

    def terms(self, kind: VocabularyKind, idents: str) -> str:
        """Tell joined ids of a vocabulary."""
        return JOINER.join(self.term(kind, ident) for ident in idents.split(JOINER))

    def study(self, ident: str) -> str:
        """Tell the id of a study."""
        return self.named(ident)

    def agents(self, text: str, agents: Iterable[str]) -> str:
        """Tell a joined text whose parts begin with the id of an agent, such as doses."""
        for agent in agents:
            text = re.sub(rf"(^|{JOINER}){re.escape(agent)} ", rf"\g<1>{self.term(VocabularyKind.AGENTS, agent)} ", text)
        return text
