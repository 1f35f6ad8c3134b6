"""What a model's annotations say of each field, joined with its row of the table: the plan that all writers follow."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import MinLen
from pydantic import StringConstraints
from pydantic.fields import FieldInfo

from kb.export.rdf.names import PREFIXES, XSD
from kb.export.rdf.rows import Row
from kb.export.rdf.table import CLASSES, OMITTED, ROWS
from kb.model.base import ID_PATTERN, Date, Record
from kb.model.docstrings import field_words
from kb.model.terms import Absence

_DATE_PATTERN = get_args(Date)[1].pattern
DATE_TYPES = {4: "gYear", 7: "gYearMonth", 10: "date"}
"""Datatype of a date by its length: as precise as printed."""


class Many(Enum):
    """How many values a field holds."""

    ONE = "one value"
    LIST = "a list"
    MAP = "a mapping"


class Text(Enum):
    """What a text is."""

    WORDS = "words"
    ID = "an id"
    DATE = "a date"


@dataclass(frozen=True, slots=True)
class Plan:
    """One field of a model, and how it becomes triples.

    Attributes:
        name: Field.
        row: Its row of the table.
        many: Whether it holds one value, a list or a mapping.
        kinds: Python types that a value may have: `str`, `int`, `float`, `bool`, quantities, closed sets, models.
        text: What a text is, where `kinds` has `str`.
        absent: Whether the field may be an `Absence` instead of its list.
        needed: Whether at least one triple is always written.
        comment: What the field means, from the model.
    """

    name: str
    row: Row
    many: Many
    kinds: tuple[type, ...]
    text: Text
    absent: bool
    needed: bool
    comment: str

    @property
    def models(self) -> tuple[type[Record], ...]:
        """The models among the kinds."""
        return tuple(kind for kind in self.kinds if issubclass(kind, Record))


@cache
def plans(model: type[Record]) -> tuple[Plan, ...]:
    """Return the plan of each field that is written, in the model's order.

    Raises:
        KeyError: If a field has neither a row nor a reason to be left out.
        TypeError: If the table and the annotation contradict each other.
    """
    hints = get_type_hints(model, include_extras=True)
    found = []
    for name, info in model.model_fields.items():
        row = row_of(model, name)
        if row is not None:
            found.append(_plan(model, name, info, hints[name], row))
    return tuple(found)


def models() -> Iterator[type[Record]]:
    """Yield every model that is a node, in the table's order."""
    yield from CLASSES


def _plan(model: type[Record], name: str, info: FieldInfo, hint: Any, row: Row) -> Plan:
    leaves = list(_leaves(hint))
    many = next((leaf.many for leaf in leaves if leaf.many is not Many.ONE), Many.ONE)
    inner = [leaf for leaf in leaves if leaf.many is many and leaf.kind is not type(None)]
    kinds = tuple(dict.fromkeys(leaf.kind for leaf in inner))
    texts = {leaf.text for leaf in inner if leaf.kind is str}
    text = next(iter(texts), Text.WORDS)
    if len(texts) > 1 and row.node is None:
        raise TypeError(f"{model.__name__}.{name}: texts of two sorts in one field need a node")
    if (text is Text.ID and not name == "id") != (row.to is not None):
        raise TypeError(f"{model.__name__}.{name}: an id needs `to` in its row, and nothing else may have it")
    optional = any(leaf.kind is type(None) and leaf.many is Many.ONE for leaf in leaves)
    limits = [*_limits(tuple(info.metadata)), *(limit for leaf in leaves for limit in leaf.limits)]
    shortest = max((limit.min_length for limit in limits), default=0)
    needed = not optional if many is Many.ONE else shortest > 0
    absent = many is not Many.ONE and any(leaf.kind is Absence and leaf.many is Many.ONE for leaf in leaves)
    return Plan(name, row, many, kinds, text, absent, needed, field_words(model, name))


@dataclass(frozen=True, slots=True)
class _Leaf:
    kind: type
    many: Many
    text: Text
    limits: tuple[MinLen, ...]


def _leaves(hint: Any, many: Many = Many.ONE, metadata: tuple[Any, ...] = ()) -> Iterator[_Leaf]:
    """Yield every type that a value may have, through unions, annotations, lists and mappings."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        yield from _leaves(args[0], many, (*metadata, *args[1:]))
    elif origin in (Union, types.UnionType):
        for arg in args:
            yield from _leaves(arg, many, metadata)
    elif origin is Literal:
        for kind in dict.fromkeys(type(arg) for arg in args):
            yield _Leaf(kind, many, Text.WORDS, ())
    elif origin is tuple:
        yield from _inside(args[0], Many.LIST, metadata)
    elif origin in (dict, Mapping):
        yield from _inside(args[1], Many.MAP, metadata)
    else:
        yield _Leaf(hint, many, _text(metadata), _limits(metadata))


def _inside(hint: Any, many: Many, metadata: tuple[Any, ...]) -> Iterator[_Leaf]:
    limits = _limits(metadata)
    for leaf in _leaves(hint, many):
        yield _Leaf(leaf.kind, many, leaf.text, limits)


def _text(metadata: tuple[Any, ...]) -> Text:
    patterns = {found.pattern for found in metadata if isinstance(found, StringConstraints)}
    if ID_PATTERN in patterns:
        return Text.ID
    return Text.DATE if _DATE_PATTERN in patterns else Text.WORDS


def _limits(metadata: tuple[Any, ...]) -> tuple[MinLen, ...]:
    found = [part for item in metadata for part in (item.metadata if isinstance(item, FieldInfo) else (item,))]
    return tuple(part for part in found if isinstance(part, MinLen))


def datatypes(plan: Plan) -> tuple[str, ...]:
    """Return the datatypes that a field's literals may have."""
    named = {
        int: (XSD + "integer",),
        float: (XSD + "double",),
        bool: (XSD + "boolean",),
        str: (PREFIXES["rdf"] + "langString",) if plan.row.language else (XSD + "string",),
    }
    if plan.row.node is not None or plan.row.to is not None:
        return ()
    if plan.row.datatype:
        return (plan.row.datatype,)
    if plan.text is Text.DATE:
        return tuple(XSD + name for name in DATE_TYPES.values())
    return tuple(datatype for kind in plan.kinds for datatype in named.get(kind, ()))


def row_of(model: type[Record], field: str) -> Row | None:
    """Return a field's row, or None when it is one of `OMITTED`.

    Raises:
        KeyError: If it has neither a row nor a reason; the message says where to add one.
    """
    if f"{model.__name__}.{field}" in OMITTED:
        return None
    key = key_of(model, field)
    if key is None:
        raise KeyError(f"{model.__name__}.{field} has no row in kb/export/rdf/table.py: add it to ROWS, or to OMITTED with the reason")
    return ROWS[key]


def key_of(model: type[Record], field: str) -> str | None:
    """Return the key of a field's row: that of the model, else of a model that it extends, else the bare name."""
    keys = [f"{base.__name__}.{field}" for base in model.__mro__ if issubclass(base, Record)]
    return next((key for key in (*keys, field) if key in ROWS), None)


def order_property(predicate: str) -> str:
    """Return the property that keeps the order of repeated values where it is not their sorted order.

    Its text gives, for each value in the record's order, the place of that value among the sorted distinct values,
    counted from 1: `2 1` says that the record lists the second one first.
    """
    return f"kb:{predicate.partition(':')[2]}Order"
