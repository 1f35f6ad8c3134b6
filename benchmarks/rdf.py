"""Turtle of a collection against rdflib building and serialising the same graph; both start from records in memory."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable
from pathlib import Path

import rdflib

from benchmarks.measure import Measured
from kb.export.formats import Extract, stream_writer
from kb.export.rdf.names import Literal, parse_term
from kb.export.rdf.ntriples import triples
from kb.project import open_project
from kb.records.collection import read_collection


def turtle_and_rdflib(folder: Path) -> tuple[Measured, Measured, int]:
    """Return how long our Turtle takes, how long rdflib takes for the same triples, and how many triples they are.

    Each is run once after our own writer has been warmed up; rdflib's minute does not depend on a warm start. Making the
    triples into plain terms is not counted for rdflib, only its own objects, its graph and its writer.
    """
    collection = read_collection(open_project(folder, explicit=True))
    extract = Extract(collection.project, collection.vocabulary, list(collection), collection.questions)
    plain = [tuple(parse_term(term) for term in triple) for triple in triples(extract)]
    gc.freeze()  # both writers would else pay for walking the records, again and again
    for _ in range(2):
        ours = _timed(lambda: sum(map(len, stream_writer("turtle")(extract))))
    theirs = _timed(lambda: _rdflib_graph(plain).serialize(format="turtle"))
    return ours, theirs, len(plain)


def _timed(action: Callable[[], object]) -> Measured:
    start = time.perf_counter()
    action()
    return Measured(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _rdflib_graph(plain: list[tuple[str | Literal, ...]]) -> rdflib.Graph:
    graph = rdflib.Graph()
    for subject, predicate, term in plain:
        graph.add((rdflib.URIRef(str(subject)), rdflib.URIRef(str(predicate)), _term(term)))
    return graph


def _term(term: str | Literal) -> rdflib.URIRef | rdflib.Literal:
    if isinstance(term, str):
        return rdflib.URIRef(term)
    return (
        rdflib.Literal(term.text, lang=term.language) if term.language else rdflib.Literal(term.text, datatype=rdflib.URIRef(term.datatype))
    )
