"""What a question costs: in the processor's seconds where a reader waits for sums, against rdflib where both can answer."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import rdflib

from benchmarks.measure import Measured
from kb.analysis.selection import select
from kb.export.extract import make_extract
from kb.export.rdf.names import namespaces
from kb.export.rdf.ntriples import ntriples
from kb.project import open_project
from kb.records.graph_store import open_store
from kb.records.index import open_index
from kb.records.sparql import ask_graph

FOUNDING = """
SELECT ?marker (COUNT(DISTINCT ?study) AS ?studies) WHERE {
  ?study kb:finding ?rise .
  ?rise kb:direction kb:Direction-increase .
  ?rise kb:biomarker ?marker .
  ?study kb:finding ?link .
  ?link kb:association kb:Association-none .
} GROUP BY ?marker ORDER BY ?marker
"""
"""Five patterns that join: by marker, the studies in which it rose and some marker was not associated with the endpoint."""

RESPONDERS = """
SELECT ?endpoint (COUNT(?outcome) AS ?outcomes) (SUM(?events) AS ?responders) (SUM(?total) AS ?patients) WHERE {
  ?study kb:outcome ?outcome .
  ?outcome kb:endpoint ?endpoint .
  ?outcome kb:result ?result .
  ?result kb:events ?events .
  ?result kb:total ?total .
} GROUP BY ?endpoint ORDER BY ?endpoint
"""
"""Five patterns in a chain, where no plan of joins is better than another: each engine only walks."""


def processor(words: list[str], folder: Path) -> Measured:
    """Return what a command costs the processor, in seconds of its own and the system's, once it has been warmed up."""
    for _ in range(2):
        process = subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        if os.waitstatus_to_exitcode(status) != 0:
            raise RuntimeError(f"{' '.join(words)} failed")
    return Measured(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def sparql_and_rdflib(folder: Path, queries: Sequence[str]) -> tuple[list[tuple[Measured, Measured]], float]:
    """Return how long our store and rdflib take to answer each query, both loaded, and how long ours takes to open.

    Loading is not counted: rdflib reads 600,000 triples in most of a minute, our store lies on disk and is opened. Of ours the
    quickest of three answers stands; rdflib is asked once where it takes a second or more, and three times else.

    Raises:
        RuntimeError: If two answers differ.
    """
    project = open_project(folder, explicit=True)
    known = namespaces(project.base_iri)
    with open_index(project) as index:
        extract = make_extract(project, index, select(index))
        text = "".join(ntriples(extract))
        open_store(project, index, lambda: (text,))
        start = time.perf_counter()
        store = open_store(project, index, lambda: (text,))
        opened = time.perf_counter() - start
    graph = rdflib.Graph()
    graph.parse(data=text, format="nt")
    pairs = []
    for query in queries:
        ours, found = _timed(lambda query=query: ask_graph(store, query, known).rows)
        theirs, other = _timed(lambda query=query: [tuple(term.toPython() for term in row) for row in graph.query(query, initNs=known)])
        if [tuple(map(str, row)) for row in found] != [tuple(map(str, row)) for row in other]:
            raise RuntimeError(f"the two engines disagree on {query}")
        pairs.append((ours, theirs))
    return pairs, opened


def _timed(action: Callable[[], list[tuple[Any, ...]]]) -> tuple[Measured, list[tuple[Any, ...]]]:
    seconds: list[float] = []
    while len(seconds) < 3 and sum(seconds) < 1:
        start = time.perf_counter()
        found = action()
        seconds.append(time.perf_counter() - start)
    return Measured(min(seconds), 0.0), found
