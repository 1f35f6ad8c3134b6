"""JSON Schema (2020-12) of everything that people type: studies, vocabulary files, questions.

The models are the source; this module only says in JSON Schema what they accept, in the form that editors show best:
fields with the words of their docstrings, terms of closed sets with their labels. What JSON Schema cannot say (whether
a dose parses, whether a reference leads somewhere, whether numbers add up) stays with `kb check`.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from kb.model.docstrings import field_words
from kb.model.study import Study
from kb.model.terms import ClosedSet, VocabularyKind
from kb.model.vocabulary import FILE_MODELS, Question

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_BASE = "https://w3id.org/evidence-kb/schemas/"
"""Prefix of every schema's `$id`."""
SUFFIX = ".schema.json"


def schema_names() -> tuple[str, ...]:
    """Return the names of all schemas, such as `study` and `vocabulary-agents`."""
    return tuple(name for name, _, _ in _documents())


def schema_text(name: str) -> str:
    """Return one schema as pretty JSON with a line break at its end.

    Raises:
        KeyError: If there is no schema of that name.
    """
    for known, title, model in _documents():
        if known == name:
            return json.dumps(_schema(name, title, model), indent=2, ensure_ascii=False) + "\n"
    raise KeyError(name)


def schemas() -> dict[str, str]:
    """Return the text of every schema by file name, such as `study.schema.json`; same models, same bytes."""
    return {name + SUFFIX: schema_text(name) for name in schema_names()}


def _documents() -> Iterator[tuple[str, str, type[BaseModel]]]:
    """Yield name, title and model of each kind of document."""
    yield "study", "Study record", Study
    for kind in VocabularyKind:
        yield f"vocabulary-{kind.value}", f"Vocabulary of {kind.label}", FILE_MODELS[kind]
    yield "question", "Curated question", Question


def _schema(name: str, title: str, model: type[BaseModel]) -> dict[str, Any]:
    body = model.model_json_schema(schema_generator=_EditorSchema)
    definitions = body.pop("$defs", {})
    head = {"$schema": DIALECT, "$id": SCHEMA_BASE + name + SUFFIX, "title": title, "description": _first_paragraph(model)}
    whole = {**head, **{key: value for key, value in body.items() if key not in head}, "$defs": definitions}
    bounded: dict[str, Any] = _bounds_by_type(whole)
    return bounded


def _first_paragraph(kind: type) -> str:
    return (inspect.getdoc(kind) or "").split("\n\n", 1)[0].replace("\n", " ")


def _bounds_by_type(value: Any) -> Any:
    """Name the bounds of arrays and objects as JSON Schema does.

    Pydantic writes `minLength` for the length of whatever lies behind a validator function; on anything but a text
    that keyword bounds nothing.
    """
    if isinstance(value, list):
        return [_bounds_by_type(item) for item in value]
    if not isinstance(value, dict):
        return value
    noun = {"array": "Items", "object": "Properties"}.get(str(value.get("type")), "Length")
    renamed = {"minLength": f"min{noun}", "maxLength": f"max{noun}"} if isinstance(value.get("type"), str) else {}
    return {renamed.get(key, key): _bounds_by_type(item) for key, item in value.items()}


class _EditorSchema(GenerateJsonSchema):
    """Pydantic's generator, in the dialect that editors and strict validators take."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Leave out titles that only repeat the field's name."""
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Describe each field with the docstring under it, unless the definition that it refers to says the same."""
        found = super().model_schema(schema)
        for name, described in found.get("properties", {}).items():
            words = field_words(schema["cls"], name)
            there = self.get_schema_from_definitions(described["$ref"]) if "$ref" in described else None
            if words and words != (there or {}).get("description"):
                described["description"] = words
        return found

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        """Give each term its label and note, which editors show beside it."""
        kind: type[ClosedSet] = schema["cls"]
        terms = [{"const": term.value, "description": f"{term.label}: {term.note}" if term.note else term.label} for term in kind]
        return {"title": kind.__name__, "description": inspect.getdoc(kind), "type": "string", "oneOf": terms}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Bind keys with `propertyNames`; pydantic's `patternProperties` lets keys of another form pass."""
        found = super().dict_schema(schema)
        values = found.pop("patternProperties", None)
        if values is not None:
            found["additionalProperties"] = next(iter(values.values()))
        keys = self.generate_inner(schema["keys_schema"]).copy() if "keys_schema" in schema else {}
        keys.pop("type", None)
        if keys:
            found["propertyNames"] = keys
        return found

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        """Leave out `discriminator`, which belongs to OpenAPI; the constants of `kind` tell the choices apart."""
        found = super().tagged_union_schema(schema)
        found.pop("discriminator", None)
        return found

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Leave out defaults that say nothing: null and the empty list."""
        found = super().default_schema(schema)
        if found.get("default", ...) in (None, []):
            found.pop("default")
        return found
