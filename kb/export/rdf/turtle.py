"""Turtle, and TriG with one named graph for each study."""

from __future__ import annotations

from collections.abc import Iterator

from kb.export.formats import Extract
from kb.export.rdf.graphs import base_iri, graphs
from kb.export.rdf.spelling import Spelling
from kb.export.rdf.walk import Node


def turtle(extract: Extract) -> Iterator[str]:
    """Yield an export as Turtle, a study at a time, nodes in the order of the record.

    Raises:
        UnreadableError: If the collection's base IRI cannot stand in RDF.
    """
    yield Spelling(base_iri(extract), turtle=True).prologue()
    for _, nodes in graphs(extract, turtle=True):
        yield node_blocks(nodes)


def trig(extract: Extract) -> Iterator[str]:
    """Yield an export as TriG: each study, and the vocabulary, in a graph of its own; the data set in none.

    Raises:
        UnreadableError: If the collection's base IRI cannot stand in RDF.
    """
    yield Spelling(base_iri(extract), turtle=True).prologue()
    for graph, nodes in graphs(extract, turtle=True):
        blocks = node_blocks(nodes)
        yield f"<{graph}> {{\n{blocks}}}\n\n" if graph else blocks


def node_blocks(nodes: list[Node]) -> str:
    """Return nodes as blocks, one pair a line."""
    return "".join([f"{subject} " + " ;\n    ".join(pairs) + " .\n\n" for subject, pairs in nodes])
