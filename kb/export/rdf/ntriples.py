"""N-Triples, and the stream of triples that the other forms are made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kb.export.formats import Extract
from kb.export.rdf.graphs import graphs
from kb.export.rdf.names import Triple
from kb.export.rdf.walk import Node


def ntriples(extract: Extract) -> Iterator[str]:
    """Yield an export as N-Triples, a graph at a time; lines are sorted within each.

    A line is a triple and no triple is written twice, so two exports can be compared line by line.

    Raises:
        UnreadableError: If the collection's base IRI cannot stand in RDF.
    """
    for _, nodes in graphs(extract, turtle=False):
        yield "".join(sorted({f"{subject} {pair} .\n" for subject, pairs in nodes for pair in pairs}))


def triples(extract: Extract) -> Iterator[Triple]:
    """Yield every triple of an export, each term spelled as in N-Triples.

    Raises:
        UnreadableError: If the collection's base IRI cannot stand in RDF.
    """
    for _, nodes in graphs(extract, turtle=False):
        yield from node_triples(nodes)


def node_triples(nodes: Iterable[Node]) -> Iterator[Triple]:
    """Yield the triples of nodes in N-Triples spelling, in their order."""
    for subject, pairs in nodes:
        for pair in pairs:
            predicate, _, spelled = pair.partition(" ")
            yield subject, predicate, spelled
