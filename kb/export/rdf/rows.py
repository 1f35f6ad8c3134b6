"""What a row of the mapping table consists of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from kb.model.quantities import PValue, Quantity
from kb.model.regimen import span_bounds
from kb.model.terms import VocabularyKind


class Place(Enum):
    """What a bare id of a record points at."""

    STUDY = "another study"
    REPORT = "reports"
    ARM = "arms"
    POPULATION = "populations"
    ITEM = "a finding, outcome, adverse event, cited result or claim"
    SAME_KIND = "a term of the same vocabulary"


ITEM_FIELDS = ("findings", "outcomes", "adverse_events", "cited", "claims")
"""Where `Place.ITEM` looks, in this order."""

Target = VocabularyKind | Place


@dataclass(frozen=True, slots=True)
class Link:
    """A further triple that says again, for other vocabularies, what the row's own triple says; never read back.

    Attributes:
        predicate: Prefixed name.
        iri: Makes the object of the value, or None where it has none; the row's own object when left out.
    """

    predicate: str
    iri: Callable[[Any], str | None] | None = None


@dataclass(frozen=True, slots=True)
class ValueNode:
    """A value that is a node of its own instead of a literal. Its first part alone brings the value back.

    Attributes:
        types: Classes, the most specific first.
        parts: Predicate, and what it says of the value (None: nothing).
    """

    types: tuple[str, ...]
    parts: tuple[tuple[str, type, Callable[[Any], Any]], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a mapping whose keys are words, as a node.

    Attributes:
        types: Classes.
        key: Predicate of the key.
        value: Predicate of the value or values.
    """

    types: tuple[str, ...]
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Row:
    """How a field becomes triples.

    Attributes:
        predicate: Prefixed name of the property.
        to: What an id points at; needed for ids, not allowed otherwise.
        node: Node that a plain value, or an entry of a mapping, is made into.
        also: Further triples.
        language: Language of a text.
        datatype: Datatype of a literal, where the field's type does not give it.
        at_most: Field of the same record that this count may not exceed.
    """

    predicate: str
    to: Target | None = None
    node: ValueNode | Entry | None = None
    also: tuple[Link, ...] = ()
    language: str = ""
    datatype: str = ""
    at_most: str = ""


def text_node(types: tuple[str, ...], predicate: str) -> ValueNode:
    """Return the node of a text that is a thing of its own: a person, a journal, a quotation."""
    return ValueNode(types, ((predicate, str, lambda text: text),))


def _number(quantity: Quantity) -> float | None:
    return None if quantity.operator == "NS" else quantity.value


_QUANTITY_PARTS: tuple[tuple[str, type, Callable[[Any], Any]], ...] = (
    ("kb:printed", str, lambda quantity: str(quantity.printed)),
    ("kb:value", float, _number),
    ("kb:operator", str, lambda quantity: quantity.operator or None),
    ("kb:censored", bool, lambda quantity: quantity.censored or None),
)
QUANTITIES: dict[type, ValueNode] = {
    Quantity: ValueNode(("kb:Quantity",), _QUANTITY_PARTS),
    PValue: ValueNode(("kb:PValue", "kb:Quantity"), _QUANTITY_PARTS),
}
"""Numbers as printed keep their print, and offer the number, its operator and whether it was censored."""

DAYS = ValueNode(
    ("kb:DayRange",),
    (
        ("kb:printed", str, str),
        ("kb:first", int, lambda span: span_bounds(span)[0]),
        ("kb:last", int, lambda span: span_bounds(span)[1]),
    ),
)
