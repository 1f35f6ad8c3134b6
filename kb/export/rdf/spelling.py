"""Two spellings of the same terms: N-Triples, with every IRI in full, and Turtle, with a base, prefixes and short forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from kb.export.rdf.names import DATA_PREFIXES, PREFIXES, XSD, expand, iri_safe, quote
from kb.model.terms import ClosedSet, VocabularyKind

_SHORT = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?")


def member_name(member: ClosedSet) -> str:
    """Return the prefixed name of a member of a closed set, such as `kb:Direction-increase`.

    The IRI is ours even where the member has a CURIE, which the ontology states as `skos:exactMatch`: two sets may
    share one CURIE, and a mapping that is corrected later must not move the data.
    """
    return f"kb:{type(member).__name__}-{member.value.replace('/', '-')}"


@dataclass(frozen=True)
class Spelling:
    """How terms are written.

    Attributes:
        base: Base IRI of the collection.
        turtle: Whether prefixes and short forms may be used.
    """

    base: str
    turtle: bool = False

    @property
    def node(self) -> tuple[str, str]:
        """What stands before and after the path of a node below the base."""
        return ("<", ">") if self.turtle else (f"<{self.base}", ">")

    def term(self, kind: VocabularyKind) -> tuple[str, str]:
        """What stands before and after the id of a vocabulary term."""
        return (f"{kind.value}:", "") if self.turtle else (f"<{self.base}term/{kind.value}/", ">")

    def name(self, prefixed: str) -> str:
        """Spell a prefixed name such as `kb:Study`."""
        return prefixed if self.turtle else f"<{expand(prefixed)}>"

    def predicate(self, prefixed: str) -> str:
        """Spell a predicate."""
        return "a" if self.turtle and prefixed == "rdf:type" else self.name(prefixed)

    def member(self, member: ClosedSet) -> str:
        """Spell a member of a closed set."""
        return self.name(member_name(member))

    def iri(self, iri: str) -> str:
        """Spell an IRI, short where a data prefix fits."""
        if self.turtle:
            for stem, prefix in self._stems:
                if iri.startswith(stem) and _SHORT.fullmatch(iri, len(stem)):
                    return f"{prefix}:{iri[len(stem) :]}"
        return f"<{iri}>"

    @cached_property
    def _stems(self) -> tuple[tuple[str, str], ...]:
        return tuple((PREFIXES[prefix], prefix) for prefix in DATA_PREFIXES)

    def literal(self, value: str | int | float | bool, *, datatype: str = "", language: str = "") -> str:
        """Spell a literal; the datatype follows from the value's type unless it is given."""
        if language:
            return f"{quote(str(value))}@{language}"
        if datatype:
            return f"{quote(str(value))}^^{self.datatype(datatype)}"
        if isinstance(value, str):
            return quote(value)
        if isinstance(value, bool):
            text = "true" if value else "false"
            return text if self.turtle else f'"{text}"^^<{XSD}boolean>'
        if isinstance(value, int):
            return str(value) if self.turtle else f'"{value}"^^<{XSD}integer>'
        return f'"{value!r}"^^{self.datatype(XSD + "double")}'

    def datatype(self, iri: str) -> str:
        """Spell the IRI of a datatype."""
        return f"xsd:{iri.removeprefix(XSD)}" if self.turtle and iri.startswith(XSD) else f"<{iri}>"

    def prologue(self) -> str:
        """Return the declarations of a Turtle document."""
        lines = [f"@base <{iri_safe(self.base)}> ."]
        lines += [f"@prefix {prefix}: <{PREFIXES[prefix]}> ." for prefix in DATA_PREFIXES]
        lines += [f"@prefix {kind.value}: <{self.base}term/{kind.value}/> ." for kind in VocabularyKind]
        return "\n".join(lines) + "\n\n"
