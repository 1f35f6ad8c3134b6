"""What the models say about a place in a document: which model a mapping there is meant to be."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from kb.diagnostics import Path


def record_at(model: type[BaseModel], data: Any, path: Path) -> type[BaseModel] | None:
    """Return the model of the mapping at a path of plain data, or None where the models do not decide it.

    Args:
        model: Model of the document.
        data: The document, which need not be valid.
        path: Steps to the mapping; they must lead somewhere in `data`.
    """
    found: Any = model
    for step in path:
        found = _step(found, step, data)
        data = data[step]
    return _record_of(found, data)


def _step(annotation: Any, step: str | int, data: Any) -> Any:
    """Return the annotation of what lies one step below a value, or None where the model does not say."""
    record = _record_of(annotation, data)
    if record is not None:
        field = record.model_fields.get(str(step))
        return None if field is None else field.annotation
    for choice in _choices(annotation):
        origin, arguments = get_origin(choice), get_args(choice)
        if origin is dict and isinstance(data, dict):
            return arguments[1]
        if origin in (tuple, list) and isinstance(data, list):
            return arguments[0]
    return None


def _choices(annotation: Any) -> list[Any]:
    """Unfold unions and annotations into plain types."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _choices(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [choice for part in get_args(annotation) for choice in _choices(part)]
    return [annotation]


def _record_of(annotation: Any, data: Any) -> type[BaseModel] | None:
    """Return the model that a mapping is meant to be; of several kinds the one that `kind` names."""
    if not isinstance(data, dict):
        return None
    records = [choice for choice in _choices(annotation) if isinstance(choice, type) and issubclass(choice, BaseModel)]
    if len(records) < 2:
        return records[0] if records else None
    for record in records:
        field = record.model_fields.get("kind")
        if field is not None and get_origin(field.annotation) is Literal and data.get("kind") in get_args(field.annotation):
            return record
    return None
