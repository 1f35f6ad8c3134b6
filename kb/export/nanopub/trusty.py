"""Trusty URIs of RDF: the artifact code by module RA.

Source: Trusty URI Specification, version 1 (Kuhn 2015), module RA. A code names the content of a set of graphs, and may
occur inside that content; for the hash it is replaced by a blank.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable

from kb.export.rdf.names import Literal

Quad = tuple[str, str, str, str | Literal]
"""Graph, subject, predicate and object; IRIs as text, a triple outside all graphs with an empty one."""

BLANK = " "
"""What stands for the code before it is known."""


def artifact_code(quads: Iterable[Quad], code: str | None = None) -> str:
    """Return the code of 45 characters for a set of graphs; order and repetition of the quads do not matter.

    Args:
        quads: The graphs. Blank nodes are not allowed.
        code: The code that the IRIs hold already; left out when they hold `BLANK` in its place.
    """
    digest = hashlib.sha256(normal_form(quads, code).encode("utf-8")).digest()
    # 256 bits and two zero bits are 43 characters of six bits.
    return "RA" + urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def normal_form(quads: Iterable[Quad], code: str | None = None) -> str:
    """Return the text that a code is the hash of, and that a signature is made over: a term a line, quads in order.

    Args:
        quads: As for `artifact_code`.
        code: As for `artifact_code`.
    """
    rows = {tuple(_preprocessed(term, code) for term in quad) for quad in quads}
    return "".join("".join(f"{_serialised(term)}\n" for term in row) for row in sorted(rows, key=_order))


def _preprocessed(term: str | Literal, code: str | None) -> str | Literal:
    if isinstance(term, Literal):
        return term._replace(language=term.language.lower())
    return term if code is None else term.replace(code, BLANK)


def _order(row: tuple[str | Literal, ...]) -> tuple[str | int, ...]:
    graph, subject, predicate, last = row
    assert isinstance(graph, str)
    assert isinstance(subject, str)
    assert isinstance(predicate, str)
    if not isinstance(last, Literal):
        return graph, subject, predicate, 0, last, "", ""
    # A text with a language has no datatype in this order.
    return graph, subject, predicate, 1, last.text, "" if last.language else last.datatype, last.language


def _serialised(term: str | Literal) -> str:
    if not isinstance(term, Literal):
        return term
    escaped = term.text.replace("\\", "\\\\").replace("\n", "\\n")
    return f"@{term.language} {escaped}" if term.language else f"^{term.datatype} {escaped}"
