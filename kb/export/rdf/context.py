"""The JSON-LD context: a short key for every property, with the type of its objects where it has only one."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from kb.export.rdf.names import DATA_PREFIXES, PREFIXES, XSD, expand
from kb.export.rdf.properties import IRI, properties

_NATIVE = {XSD + "string", XSD + "integer", XSD + "boolean"}
"""Datatypes that JSON itself tells apart, so that a context need not."""
_LANG = PREFIXES["rdf"] + "langString"


@cache
def coercions() -> dict[str, str]:
    """Return by property IRI what its plain JSON strings are: `@id`, a datatype, `@en`, or nothing special."""
    found = {}
    for name, one in properties().items():
        only = next(iter(one.objects)) if len(one.objects) == 1 else ""
        found[expand(name)] = "@en" if only == _LANG else "" if only in _NATIVE else only
    return found


def key_of(name: str) -> str:
    """Return the JSON key of a property: its local name."""
    return "@type" if name == "rdf:type" else name.partition(":")[2]


def context() -> dict[str, Any]:
    """Return the context that holds for every collection: prefixes and properties."""
    terms: dict[str, Any] = {prefix: PREFIXES[prefix] for prefix in DATA_PREFIXES}
    for name in properties():
        if name == "rdf:type":
            continue
        coerced = coercions()[expand(name)]
        if coerced == "@en":
            terms[key_of(name)] = {"@id": name, "@language": "en"}
        elif coerced:
            terms[key_of(name)] = {"@id": name, "@type": IRI if coerced == IRI else f"xsd:{coerced.removeprefix(XSD)}"}
        else:
            terms[key_of(name)] = name
    return {"@version": 1.1, **terms}


def context_text() -> str:
    """Return `schemas/context.jsonld`."""
    return json.dumps({"@context": context()}, indent=2) + "\n"
