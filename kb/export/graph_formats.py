"""The evidence graph for other tools: GraphML, GEXF, Cytoscape JSON and DOT. The same graph gives the same bytes.

Nodes are terms with their kind and label. Every edge is one item of one study and carries its relation, direction or
effect, patients, arm, and its place as file and line. What the record does not say is left out, never 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb.analysis.graph import Edge, Node

if TYPE_CHECKING:
    import networkx as nx

_MEASURED = ("outcome", "harm")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A graph to be written.

    Attributes:
        name: Name of the collection.
        selection: The selection in words.
        edges: Edges in their order.
        labels: Names of terms.
    """

    name: str
    selection: str
    edges: Iterable[Edge]
    labels: Mapping[Node, str]


def attributes(edge: Edge) -> dict[str, str | int]:
    """Return what an edge carries, without what the record does not say."""
    measured = edge.relation in _MEASURED
    held: dict[str, str | int | None] = {
        "relation": edge.relation,
        "direction": None if measured else edge.said,
        "effect": edge.said if measured else edge.effect,
        "qualifier": edge.qualifier,
        "n": edge.n,
        "events": edge.events,
        "p": edge.p,
        "arm": edge.arm,
        "population": edge.population,
        "study": edge.study_id,
        "item": edge.item_id,
        "place": f"{edge.file}:{edge.line}",
    }
    return {name: _clean(value) for name, value in held.items() if value is not None}


def _clean(value: str | int) -> str | int:
    """Replace what XML cannot hold."""
    return _NOT_XML.sub("\ufffd", value) if isinstance(value, str) else value


def _graph(drawn: Drawn) -> nx.MultiDiGraph[str]:
    import networkx as nx

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=_clean(drawn.name), selection=_clean(drawn.selection))
    edges = list(drawn.edges)
    for node in sorted({node for edge in edges for node in (edge.source, edge.target)}):
        graph.add_node(str(node), kind=node.kind, label=_clean(drawn.labels.get(node, node.id)))
    for number, edge in enumerate(edges, 1):
        graph.add_edge(str(edge.source), str(edge.target), key=f"e{number}", **attributes(edge))
    return graph


def graphml(drawn: Drawn) -> str:
    """Return a graph as GraphML."""
    import networkx as nx

    return "\n".join(nx.generate_graphml(_graph(drawn), named_key_ids=True)) + "\n"


def gexf(drawn: Drawn) -> str:
    """Return a graph as GEXF 1.2, without the date that its writer would put in."""
    from xml.etree import ElementTree

    from networkx.readwrite.gexf import GEXFWriter

    graph = _graph(drawn)
    for _, _, key, held in graph.edges(keys=True, data=True):
        held["id"] = key
    writer = GEXFWriter(encoding="utf-8", prettyprint=True, version="1.2draft")
    writer.add_graph(graph)
    for meta in writer.xml.iter("meta"):
        meta.attrib.pop("lastmodifieddate", None)
        ElementTree.SubElement(meta, "description").text = f"{drawn.name}; selection: {_clean(drawn.selection)}"
    writer.indent(writer.xml)
    return "<?xml version='1.0' encoding='utf-8'?>\n" + ElementTree.tostring(writer.xml, encoding="unicode").rstrip() + "\n"


def cytoscape(drawn: Drawn) -> str:
    """Return a graph as the JSON that Cytoscape and Cytoscape.js read."""
    import json

    graph = _graph(drawn)
    nodes = [{"data": {"id": node, **held}} for node, held in graph.nodes(data=True)]
    edges = [
        {"data": {"id": key, "source": source, "target": target, **held}} for source, target, key, held in graph.edges(keys=True, data=True)
    ]
    told: dict[str, Any] = {"data": dict(graph.graph), "directed": True, "multigraph": True, "elements": {"nodes": nodes, "edges": edges}}
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def dot(drawn: Drawn) -> str:
    """Return a graph as DOT, the language of Graphviz."""
    graph = _graph(drawn)
    lines = ["digraph evidence {", f"  graph [label={_quoted(drawn.selection)}];"]
    lines += [f"  {_quoted(node)} [{_pairs(held)}];" for node, held in graph.nodes(data=True)]
    for source, target, held in graph.edges(data=True):
        told = {"label": held.get("direction") or held.get("effect") or held["relation"], **held}
        lines.append(f"  {_quoted(source)} -> {_quoted(target)} [{_pairs(told)}];")
    return "\n".join((*lines, "}")) + "\n"


def _pairs(held: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={_quoted(str(value))}" for name, value in held.items())


def _quoted(text: str) -> str:
    """Return a quoted string of DOT, in which a backslash would begin an escape of its own."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "\\n") + '"'


GRAPH_FORMATS: dict[str, tuple[Callable[[Drawn], str], str]] = {
    "graphml": (graphml, ".graphml"),
    "gexf": (gexf, ".gexf"),
    "cytoscape": (cytoscape, ".cyjs"),
    "dot": (dot, ".dot"),
}
"""Writers and suffixes of files by format."""
