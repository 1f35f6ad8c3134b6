"""JSON-LD: a document with its context and one object for each node."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from kb.export.formats import Extract
from kb.export.rdf.context import coercions, context, key_of
from kb.export.rdf.graphs import base_iri, graphs
from kb.export.rdf.names import DATA_PREFIXES, NS, PREFIXES, RDF_TYPE, XSD, Literal, expand, parse_term
from kb.export.rdf.ntriples import node_triples
from kb.export.rdf.properties import properties


def jsonld(extract: Extract) -> Iterator[str]:
    """Yield an export as one JSON-LD document, a node a line; IRIs below the collection's base are relative.

    Raises:
        UnreadableError: If the collection's base IRI cannot stand in RDF.
    """
    base = base_iri(extract)
    shown = json.dumps({"@base": base, **context()}, indent=1)
    yield f'{{"@context": {shown},\n"@graph": ['
    between = "\n"
    names = _Names(base)
    for _, nodes in graphs(extract, turtle=False):
        yield between + ",\n".join(json.dumps(names.node(node), ensure_ascii=False) for node in nodes)
        between = ",\n"
    yield "\n]}\n"


class _Names:
    """Shortens IRIs and values to what the context allows."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._keys = {expand(name): key_of(name) for name in properties()}
        self._stems = [(PREFIXES[prefix], prefix) for prefix in DATA_PREFIXES]
        self._coercions = coercions()

    def node(self, node: tuple[str, list[str]]) -> dict[str, Any]:
        """Return a node as an object; a property with several values has a list."""
        found: dict[str, Any] = {"@id": self._relative(node[0][1:-1])}
        for _, predicate, spelled in node_triples([node]):
            iri = predicate[1:-1]
            found.setdefault(self._keys[iri], []).append(self._value(iri, parse_term(spelled)))
        return {key: value[0] if isinstance(value, list) and len(value) == 1 else value for key, value in found.items()}

    def _value(self, predicate: str, term: str | Literal) -> Any:
        coerced = self._coercions[predicate]
        if isinstance(term, str):
            if predicate == RDF_TYPE:
                return self._prefixed(term)
            return self._relative(term) if coerced == "@id" else {"@id": self._relative(term)}
        if term.language:
            return term.text if coerced == "@en" else {"@value": term.text, "@language": term.language}
        if coerced or term.datatype == XSD + "string":
            return term.text
        if term.datatype == XSD + "boolean":
            return term.text == "true"
        if term.datatype == XSD + "integer":
            return int(term.text)
        return {"@value": term.text, "@type": self._prefixed(term.datatype)}

    def _relative(self, iri: str) -> str:
        if iri.startswith(self._base) and not iri.startswith(NS):
            return iri[len(self._base) :]
        return self._prefixed(iri)

    def _prefixed(self, iri: str) -> str:
        for stem, prefix in self._stems:
            if iri.startswith(stem):
                return f"{prefix}:{iri[len(stem) :]}"
        return iri
