"""Names in the graph: namespaces, the IRI form of each CURIE prefix, and how terms are spelled in N-Triples.

The ontology's namespace is fixed and the data's is not: studies and vocabulary terms of a collection stand under the
base IRI of its `kb.toml`, but classes, properties and closed sets are the same for every collection, so that two
collections can be asked together and one file of shapes serves both.
"""

from __future__ import annotations

import re
from typing import NamedTuple

NS = "https://w3id.org/evidence-kb/ns#"
"""Namespace of the classes, properties and closed sets."""

XSD = "http://www.w3.org/2001/XMLSchema#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

PREFIXES: dict[str, str] = {
    "kb": NS,
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "oa": "http://www.w3.org/ns/oa#",
    "obo": "http://purl.obolibrary.org/obo/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": XSD,
}
"""Namespaces by prefix; a data export declares those of `DATA_PREFIXES`."""


def namespaces(base_iri: str) -> dict[str, str]:
    """Return the namespaces that a query over a collection may use undeclared: those above, and `id` and `term` of its own."""
    return {**PREFIXES, "id": f"{base_iri}id/", "term": f"{base_iri}term/"}


DATA_PREFIXES = ("kb", "dcat", "dcterms", "oa", "obo", "prov", "rdfs", "schema", "skos", "void", "xsd")

_OBO = (
    "CHEBI", "CL", "DOID", "DRON", "ECO", "GO", "HP", "MONDO", "NCIT", "OBI", "PATO", "PR", "SEPIO", "STATO", "UBERON", "UO",
)  # fmt: skip
CURIE_IRIS: dict[str, str] = {
    # The OBO library's own form. DRON and UO are members of it like the rest.
    **{prefix: f"http://purl.obolibrary.org/obo/{prefix}_" for prefix in _OBO},
    # EFO and UniProt publish RDF under these names (Bioregistry 0.15.6, uri_format).
    "EFO": "http://www.ebi.ac.uk/efo/EFO_",
    "UNIPROT": "http://purl.uniprot.org/uniprot/",
    # HGNC and MeSH are namespaces of identifiers.org under these names (MIRIAM prefix in Bioregistry 0.15.6).
    "HGNC": "https://identifiers.org/hgnc:",
    "MESH": "https://identifiers.org/mesh:",
}
"""IRI form of each CURIE prefix. UCUM codes and SEVCO ids have none that is published, so they stay text (`kb:curie`)."""

_UNSAFE_IN_IRI = re.compile(r'[\x00-\x20<>"{}|\\^`\x7f-\x9f\ud800-\udfff]')
_UNSAFE_IN_SEGMENT = re.compile(r"[^A-Za-z0-9._~-]")
_SPECIAL = re.compile(r'[\x00-\x1f"\\\x7f]')
_ESCAPES = {"\t": "\\t", "\b": "\\b", "\n": "\\n", "\r": "\\r", "\f": "\\f", '"': '\\"', "\\": "\\\\"}
_BACK = {escape[1]: plain for plain, escape in _ESCAPES.items()} | {"'": "'"}
_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"(?:\^\^<([^>]*)>|@([A-Za-z0-9-]+))?', re.DOTALL)


class Literal(NamedTuple):
    """A literal: its text, the IRI of its datatype, and its language or an empty string."""

    text: str
    datatype: str = XSD + "string"
    language: str = ""


Triple = tuple[str, str, str]
"""Subject, predicate and object, each spelled as in N-Triples."""


def expand(name: str) -> str:
    """Return the IRI of a prefixed name such as `kb:Study`.

    Raises:
        KeyError: If the prefix is not one of `PREFIXES`.
    """
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local


def curie_iri(curie: str) -> str | None:
    """Return the IRI of a CURIE such as `NCIT:C1498`, or None when its prefix has no published form."""
    prefix, _, local = curie.partition(":")
    stem = CURIE_IRIS.get(prefix)
    return None if stem is None else iri_safe(stem + local)


def iri_safe(text: str) -> str:
    """Percent-encode what may not stand in an IRI, such as the angle brackets of old DOIs."""
    return _UNSAFE_IN_IRI.sub(_percent, text)


def segment(key: str) -> str:
    """Return a key as one step of an IRI path; ids pass unchanged. `urllib.parse.unquote` brings it back."""
    return _UNSAFE_IN_SEGMENT.sub(_percent, key)


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "surrogatepass"))


def quote(text: str) -> str:
    """Return a plain literal: quoted, with control characters, quotes and backslashes escaped."""
    return f'"{text}"' if _SPECIAL.search(text) is None else f'"{_SPECIAL.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[0]) or f"\\u{ord(found[0]):04X}"


def spell(value: str | Literal) -> str:
    """Spell a term as in N-Triples: an IRI given as text, or a literal."""
    if isinstance(value, str):
        return f"<{value}>"
    if value.language:
        return f"{quote(value.text)}@{value.language}"
    return quote(value.text) if value.datatype == XSD + "string" else f"{quote(value.text)}^^<{value.datatype}>"


def parse_term(spelled: str) -> str | Literal:
    """Bring back what `spell` was given.

    Raises:
        ValueError: If it is neither an IRI nor a literal, as a blank node.
    """
    if spelled.startswith("<") and spelled.endswith(">"):
        return spelled[1:-1]
    found = _LITERAL.fullmatch(spelled)
    if found is None:
        raise ValueError(f"{spelled} is neither an IRI nor a literal")
    text = _ESCAPED.sub(_unescape, found[1]) if "\\" in found[1] else found[1]
    return Literal(text, found[2] or (PREFIXES["rdf"] + "langString" if found[3] else XSD + "string"), found[3] or "")


def _unescape(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _BACK[found[3]]
