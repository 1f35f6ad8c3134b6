"""Records at random, made from the models' own annotations: every field, with texts that are hard to write."""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt, MinLen
from hypothesis import strategies as st
from pydantic import StringConstraints
from pydantic.fields import FieldInfo

from kb.model.base import Record
from kb.model.findings import MarkerAssociation
from kb.model.quantities import PValue, Quantity
from kb.model.regimen import Dose, Schedule
from kb.model.study import Entity
from kb.model.terms import ClosedSet

HOSTILE = [
    '"',
    "\\",
    "\n",
    "\r",
    "\t",
    "\x00",
    "\x1f",
    "\x7f",
    "\u2028",
    "\ufeff",
    "\U0001f9ec",
    '"""',
    "@en",
    "^^<x>",
    "<b>&amp;",
    " . ",
    "\\u0041",
]
WORDS = st.one_of(st.text(min_size=1, max_size=12), st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=4).map("".join))
IDS = st.sampled_from(["a", "b", "a-proportion", "x.y", "1-2", "z9"])
SPANS = st.one_of(
    st.integers(-400, 4000), st.tuples(st.integers(-9, 9), st.integers(0, 9)).map(lambda found: f"{found[0]}-{abs(found[0]) + found[1]}")
)
QUANTITIES = st.sampled_from([0, 36, 36.5, 1e-05, "36+", "36.50", "<0.01", ">= 70", "~5", " 12 ", "+3", "-2.5"])
P_VALUES = st.sampled_from([0.048, 1, "<0.01", "NS", "ns", ">= 0.05", "1e-3"])


def records(model: type[Record]) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy of plain data that the model accepts."""
    hints = get_type_hints(model, include_extras=True)
    fields = {name: _values(hints[name], tuple(info.metadata)) for name, info in model.model_fields.items()}
    if model is Entity:
        return st.one_of(
            [found.filter(lambda value: value is not None).map(lambda value, name=name: {name: value}) for name, found in fields.items()]
        )
    needed = {name: fields[name] for name, info in model.model_fields.items() if info.is_required()}
    optional = {name: found for name, found in fields.items() if name not in needed}
    return st.fixed_dictionaries(needed, optional=optional).map(_MENDED.get(model, lambda data: data))


def _whole_dose(data: dict[str, Any]) -> dict[str, Any]:
    parts = ("low", "high", "family", "body", "per")
    if any(data.get(part) is None for part in parts):
        return {name: value for name, value in data.items() if name not in parts}
    return {**data, "low": min(data["low"], data["high"]), "high": max(data["low"], data["high"])}


def _cycles_in_order(data: dict[str, Any]) -> dict[str, Any]:
    if data.get("cycles") is not None and data.get("cycles_max") is not None:
        data["cycles_max"] += data["cycles"]
    return data


def _one_target(data: dict[str, Any]) -> dict[str, Any]:
    others = [name for name in ("other_marker", "adverse_event") if data.get(name) is not None]
    for name in ("endpoint", "other_marker", "adverse_event"):
        data.pop(name, None) if name not in others[:1] else None
    data.setdefault("endpoint", None if others else "objective-response")
    data["basis"] = "tested" if data["association"] == "none" else None
    return data


_MENDED = {Dose: _whole_dose, Schedule: _cycles_in_order, MarkerAssociation: _one_target}


def _values(hint: Any, metadata: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _values(args[0], (*metadata, *(part for item in args[1:] for part in _parts(item))))
    if origin in (Union, types.UnionType):
        if {get_args(arg)[0] for arg in args if get_origin(arg) is Annotated} == {int, str}:
            return SPANS
        return st.one_of([_values(arg, metadata) for arg in args])
    if origin is Literal:
        return st.sampled_from(args)
    if origin is tuple:
        return st.lists(_values(args[0]), min_size=_least(metadata), max_size=3)
    if origin is dict:
        return st.dictionaries(_values(args[0]), _values(args[1]), min_size=_least(metadata), max_size=2)
    return _leaf(hint, metadata)


def _leaf(kind: type, metadata: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if kind is type(None):
        return st.none()
    if issubclass(kind, Quantity):
        return P_VALUES if kind is PValue else QUANTITIES
    if issubclass(kind, ClosedSet):
        return st.sampled_from([member.value for member in kind])
    if issubclass(kind, Record):
        return st.deferred(lambda: records(kind))
    if kind is str:
        return _text(metadata)
    if kind is bool:
        return st.booleans()
    low = max((bound.ge for bound in metadata if isinstance(bound, Ge)), default=1)
    high = min((bound.le for bound in metadata if isinstance(bound, Le)), default=99)
    if kind is int:
        return st.integers(low, high)
    least = max((bound.gt for bound in metadata if isinstance(bound, Gt)), default=0)
    most = min((bound.lt for bound in metadata if isinstance(bound, Lt)), default=1e9)
    return st.floats(least, min(most, high if high != 99 else most), exclude_min=True, exclude_max=True, allow_subnormal=False)


def _text(metadata: tuple[Any, ...]) -> st.SearchStrategy[str]:
    pattern = _pattern(metadata)
    if pattern is None:
        return WORDS
    if pattern.startswith("^[a-z0-9]+"):
        return IDS
    if "https" in pattern:
        return st.sampled_from(["https://example.org/a", "https://example.org/{x}|\\^`", "https://example.org/%20?q=1#f"])
    if pattern.startswith("^10"):
        return st.sampled_from(["10.1000/182", "10.1002/(SICI)1097-0142(19990101)85:1<1::AID-CNCR1>3.0.CO;2-#", '10.1000/"x"'])
    if pattern.startswith("^[A-Za-z]+:"):
        return st.sampled_from(["NCIT:C1498", "UCUM:[iU]", "HGNC:6001", 'X:<y>"z'])
    longest = min((item.max_length for item in metadata if isinstance(item, StringConstraints) and item.max_length), default=60)
    return st.from_regex(pattern, fullmatch=True).map(str.rstrip).filter(lambda text: len(text) <= longest)


def _pattern(metadata: tuple[Any, ...]) -> str | None:
    found = [item.pattern for item in metadata if isinstance(item, StringConstraints) or hasattr(item, "pattern")]
    return next((str(pattern) for pattern in found if pattern), None)


def _least(metadata: tuple[Any, ...]) -> int:
    return max((item.min_length for item in metadata if isinstance(item, MinLen)), default=0)


def _parts(item: Any) -> tuple[Any, ...]:
    return tuple(item.metadata) if isinstance(item, FieldInfo) else (item,)
