"""What a question costs: in the processor's seconds where a reader waits for sums, against rdflib where both can answer."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
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

AGGREGATE = """
SELECT ?endpoint (COUNT(?outcome) AS ?outcomes) (SUM(?events) AS ?responders) (SUM(?total) AS ?patients) WHERE {
  ?study kb:outcome ?outcome .
  ?outcome kb:endpoint ?endpoint .
  ?outcome kb:result ?result .
  ?result kb:events ?events .
  ?result kb:total ?total .
} GROUP BY ?endpoint ORDER BY ?endpoint
"""
"""An aggregate over five patterns."""


def processor(words: list[str], folder: Path) -> Measured:
    """Return what a command costs the processor, in seconds of its own and the system's, once it has been warmed up."""
    for _ in range(2):
        process = subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        if os.waitstatus_to_exitcode(status) != 0:
            raise RuntimeError(f"{' '.join(words)} failed")
    return Measured(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def sparql_and_rdflib(folder: Path) -> tuple[Measured, Measured, float]:
    """Return how long our store and rdflib take to answer the aggregate, both loaded, and how long ours takes to open.

    Loading is not counted: rdflib reads 600,000 triples in most of a minute, our store lies on disk and is opened. Of each the
    quickest of three answers stands.

    Raises:
        RuntimeError: If the two answers differ.
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
    ours, found = _timed(lambda: ask_graph(store, AGGREGATE, known).rows)
    graph = rdflib.Graph()
    graph.parse(data=text, format="nt")
    theirs, other = _timed(lambda: [tuple(term.toPython() for term in row) for row in graph.query(AGGREGATE, initNs=known)])
    if [tuple(map(str, row)) for row in found] != [tuple(map(str, row)) for row in other]:
        raise RuntimeError("the two engines disagree on the aggregate")
    return ours, theirs, opened


def _timed(action: Callable[[], list[tuple[Any, ...]]]) -> tuple[Measured, list[tuple[Any, ...]]]:
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        found = action()
        seconds.append(time.perf_counter() - start)
    return Measured(min(seconds), 0.0), found
