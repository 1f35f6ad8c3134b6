"""The evidence graph for other tools: GraphML, GEXF, Cytoscape JSON and DOT. The same graph gives the same bytes.

Nodes are terms with their kind and label. Every edge is one item of one study and carries its relation, direction or
effect, patients, arm, and its place as file and line. What the record does not say is left out, never 0.

A graph is read twice, for its nodes and for its edges, and written edge by edge: the nodes are as many as there are terms, the
edges grow with the collection.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from kb.analysis.graph import Edge, Node
from kb.export.json_pieces import Members, json_pieces

_MEASURED = ("outcome", "harm")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A graph to be written.

    Attributes:
        name: Name of the collection.
        selection: The selection in words.
        edges: Reads the edges in their order, from the first each time.
        labels: Names of terms.
    """

    name: str
    selection: str
    edges: Callable[[], Iterable[Edge]]
    labels: Mapping[Node, str]

    @property
    def about(self) -> dict[str, str]:
        """What the graph as a whole carries."""
        return {"name": _clean(self.name), "selection": _clean(self.selection)}

    def nodes(self) -> list[tuple[str, dict[str, str]]]:
        """Return the nodes that edges touch, with what they carry, by kind and id."""
        touched: set[Node] = set()
        for edge in self.edges():
            touched.add(edge.source)
            touched.add(edge.target)
        return [(str(node), {"kind": node.kind, "label": _clean(self.labels.get(node, node.id))}) for node in sorted(touched)]

    def links(self) -> Iterator[tuple[str, str, str, dict[str, str | int]]]:
        """Yield id, source, target and what it carries of each edge."""
        for number, edge in enumerate(self.edges(), 1):
            yield f"e{number}", str(edge.source), str(edge.target), attributes(edge)


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
    return {name: _clean(value) if isinstance(value, str) else value for name, value in held.items() if value is not None}


def _clean(text: str) -> str:
    """Replace what XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)


_EDGE_TYPES = {
    "relation": "string", "direction": "string", "effect": "string", "qualifier": "string", "n": "long", "events": "long", "p": "string",
    "arm": "string", "population": "string", "study": "string", "item": "string", "place": "string",
}  # fmt: skip
"""What an edge can carry, with its type in GraphML and GEXF."""
_GRAPHML_KEYS = {"edge": _EDGE_TYPES, "node": {"kind": "string", "label": "string"}, "graph": {"name": "string", "selection": "string"}}


def _xml(value: str | int) -> str:
    """Return a value as text or attribute of XML, in which a bare line break would be read as a blank or as another one."""
    return escape(str(value), {'"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"})


def graphml(drawn: Drawn) -> Iterator[str]:
    """Yield a graph as GraphML."""
    space = "http://graphml.graphdrawing.org/xmlns"
    yield f'<graphml xmlns="{space}" {_SCHEMA}="{space} {space}/1.0/graphml.xsd">\n'
    for whose, types in _GRAPHML_KEYS.items():
        for name, kind in types.items():
            yield f'  <key id="{name}" for="{whose}" attr.name="{name}" attr.type="{kind}" />\n'
    yield '  <graph edgedefault="directed">\n'
    for node, carried in drawn.nodes():
        yield f'    <node id="{_xml(node)}">\n{_data(carried, "      ")}    </node>\n'
    for ident, source, target, held in drawn.links():
        yield f'    <edge source="{_xml(source)}" target="{_xml(target)}" id="{ident}">\n{_data(held, "      ")}    </edge>\n'
    yield f"{_data(drawn.about, '    ')}  </graph>\n</graphml>\n"


_SCHEMA = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation'


def _data(held: Mapping[str, str | int], indent: str) -> str:
    return "".join(f'{indent}<data key="{name}">{_xml(value)}</data>\n' for name, value in held.items())


def gexf(drawn: Drawn) -> Iterator[str]:
    """Yield a graph as GEXF 1.2; it has no date, which would differ from run to run."""
    space, about = "http://www.gexf.net/1.2draft", drawn.about
    yield "<?xml version='1.0' encoding='utf-8'?>\n"
    yield f'<gexf xmlns="{space}" {_SCHEMA}="{space} {space}/gexf.xsd" version="1.2">\n  <meta>\n    <creator>kb</creator>\n'
    yield f"    <description>{_xml(about['name'])}; selection: {_xml(about['selection'])}</description>\n  </meta>\n"
    yield f'  <graph defaultedgetype="directed" mode="static" name="{_xml(about["name"])}">\n'
    yield from _declared("edge", _EDGE_TYPES)
    yield from _declared("node", {"kind": "string"})
    yield "    <nodes>\n"
    for node, carried in drawn.nodes():
        label = carried.pop("label")
        yield f'      <node id="{_xml(node)}" label="{_xml(label)}">\n{_values("node", carried)}      </node>\n'
    yield "    </nodes>\n    <edges>\n"
    for ident, source, target, held in drawn.links():
        yield f'      <edge source="{_xml(source)}" target="{_xml(target)}" id="{ident}">\n{_values("edge", held)}      </edge>\n'
    yield "    </edges>\n  </graph>\n</gexf>\n"


def _declared(whose: str, types: Mapping[str, str]) -> Iterator[str]:
    yield f'    <attributes mode="static" class="{whose}">\n'
    for name, kind in types.items():
        yield f'      <attribute id="{whose}-{name}" title="{name}" type="{kind}" />\n'
    yield "    </attributes>\n"


def _values(whose: str, held: Mapping[str, str | int]) -> str:
    lines = (f'          <attvalue for="{whose}-{name}" value="{_xml(value)}" />\n' for name, value in held.items())
    return f"        <attvalues>\n{''.join(lines)}        </attvalues>\n"


def cytoscape(drawn: Drawn) -> Iterator[str]:
    """Yield a graph as the JSON that Cytoscape and Cytoscape.js read."""
    nodes = ({"data": {"id": node, **held}} for node, held in drawn.nodes())
    edges = ({"data": {"id": ident, "source": source, "target": target, **held}} for ident, source, target, held in drawn.links())
    elements = Members([("nodes", nodes), ("edges", edges)])
    yield from json_pieces(Members([("data", drawn.about), ("directed", True), ("multigraph", True), ("elements", elements)]))
    yield "\n"


def dot(drawn: Drawn) -> Iterator[str]:
    """Yield a graph as DOT, the language of Graphviz."""
    yield f"digraph evidence {{\n  graph [label={_quoted(drawn.about['selection'])}];\n"
    for node, carried in drawn.nodes():
        yield f"  {_quoted(node)} [{_pairs(carried)}];\n"
    for _, source, target, held in drawn.links():
        told = {"label": held.get("direction") or held.get("effect") or held["relation"], **held}
        yield f"  {_quoted(source)} -> {_quoted(target)} [{_pairs(told)}];\n"
    yield "}\n"


def _pairs(held: Mapping[str, str | int]) -> str:
    return ", ".join(f"{name}={_quoted(str(value))}" for name, value in held.items())


def _quoted(text: str) -> str:
    """Return a quoted string of DOT, in which a backslash would begin an escape of its own."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "\\n") + '"'


GRAPH_FORMATS: dict[str, tuple[Callable[[Drawn], Iterator[str]], str]] = {
    "graphml": (graphml, ".graphml"),
    "gexf": (gexf, ".gexf"),
    "cytoscape": (cytoscape, ".cyjs"),
    "dot": (dot, ".dot"),
}
"""Writers and suffixes of files by format."""
