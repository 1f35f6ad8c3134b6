"""RDF/XML, for tools that read nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from kb.errors import UsageError
from kb.export.formats import Extract
from kb.export.rdf.graphs import graphs
from kb.export.rdf.names import DATA_PREFIXES, PREFIXES, XSD, parse_term
from kb.export.rdf.ntriples import node_triples
from kb.export.rdf.walk import Node

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def rdfxml(extract: Extract) -> Iterator[str]:
    """Yield an export as RDF/XML, a study at a time.

    Raises:
        UnreadableError: If the collection's base IRI cannot stand in RDF.
        UsageError: If a text holds a control character, which XML cannot hold at all.
    """
    prefixes = {**{name: PREFIXES[name] for name in DATA_PREFIXES}, "rdf": PREFIXES["rdf"]}
    spaces = "".join(f'\n  xmlns:{name}="{iri}"' for name, iri in sorted(prefixes.items()))
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{spaces}>\n'
    for _, nodes in graphs(extract, turtle=False):
        yield "".join(_description(node, prefixes) for node in nodes)
    yield "</rdf:RDF>\n"


def _description(node: Node, prefixes: dict[str, str]) -> str:
    inner = "".join(_property(predicate[1:-1], spelled, node[0], prefixes) for _, predicate, spelled in node_triples([node]))
    return f"<rdf:Description rdf:about={quoteattr(node[0][1:-1])}>\n{inner}</rdf:Description>\n"


def _property(predicate: str, spelled: str, subject: str, prefixes: dict[str, str]) -> str:
    name = next(f"{prefix}:{predicate[len(stem) :]}" for prefix, stem in prefixes.items() if predicate.startswith(stem))
    term = parse_term(spelled)
    if isinstance(term, str):
        return f"  <{name} rdf:resource={quoteattr(term)}/>\n"
    found = _NOT_XML.search(term.text)
    if found is not None:
        raise UsageError(
            f"{subject} {name}: the character U+{ord(found[0]):04X} cannot be written as XML",
            hint="take it out of the record, or export turtle, which can hold it",
        )
    kind = f" xml:lang={quoteattr(term.language)}" if term.language else ""
    kind = kind or ("" if term.datatype == XSD + "string" else f" rdf:datatype={quoteattr(term.datatype)}")
    # A bare carriage return would come back as a line feed.
    text = escape(term.text, {"\r": "&#13;"})
    return f"  <{name}{kind}>{text}</{name}>\n"
