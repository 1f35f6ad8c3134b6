"""The evidence graph in numbers: how much of it there is, how it hangs together, and what stands in its middle.

Degree and betweenness say where the collection's studies meet, and nothing of the size or truth of an effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import mean
from typing import TYPE_CHECKING

from kb.analysis.graph import NODE_KINDS, RELATIONS, Edge, Node, build

if TYPE_CHECKING:
    import networkx as nx

RULES = (
    "edges: one an item and pair of terms; degree: edges at a term; neighbours: terms at the other end",
    "betweenness: share of the shortest ways between two other terms that pass it, over the graph without directions and with one edge a pair",
    "components: parts of the graph that no edge joins",
)
"""How it is counted."""


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A node with its place in the graph.

    Attributes:
        node: Kind and id.
        label: Name.
        degree: Edges at it.
        neighbours: Nodes at the other end of them.
        studies: Studies behind them.
        betweenness: Share of shortest ways that pass it, 0 to 1.
        component: Component that it belongs to, from 1, the largest first.
    """

    node: Node
    label: str
    degree: int
    neighbours: int
    studies: int
    betweenness: float
    component: int


NODE_COLUMNS = ("kind", "id", "label", "degree", "neighbours", "studies", "betweenness", "component")
"""Columns of the table by node."""
SUMMARY_COLUMNS = ("measure", "of", "value", "node")
"""Columns of the summary: what is measured, of what, its value, and the node where it is largest."""


def node_rows(found: Iterable[Edge], labels: Mapping[Node, str]) -> list[NodeRow]:
    """Return every node of a graph, by kind, then by degree.

    Args:
        found: Edges.
        labels: Names of terms; a term without one goes by its id.
    """
    import networkx as nx

    graph = build(found)
    plain: nx.Graph[Node] = nx.Graph(sorted((min(pair), max(pair)) for pair in set(graph.edges())))
    between = nx.betweenness_centrality(plain)
    parts = sorted(nx.connected_components(plain), key=lambda part: (-len(part), min(part)))
    component = {node: number for number, part in enumerate(parts, 1) for node in part}
    rows = [
        NodeRow(
            node,
            labels.get(node, node.id),
            graph.degree(node),
            len(set(plain[node]) - {node}),
            len(_studies(graph, node)),
            round(between[node], 12),
            component[node],
        )
        for node in plain
    ]
    return sorted(rows, key=lambda row: (NODE_KINDS.index(row.node.kind), -row.degree, row.node.id))


def _studies(graph: nx.MultiDiGraph[Node], node: Node) -> set[str]:
    touching = (*graph.in_edges(node, data="evidence"), *graph.out_edges(node, data="evidence"))
    return {edge.study_id for _, _, edge in touching}


def summary(found: Iterable[Edge], labels: Mapping[Node, str]) -> list[tuple[str, str, int | float, str | None]]:
    """Return the summary of a graph as rows of `SUMMARY_COLUMNS`.

    Args:
        found: Edges.
        labels: Names of terms.
    """
    edges = list(found)
    nodes = node_rows(edges, labels)
    rows: list[tuple[str, str, int | float, str | None]] = [("nodes", "all", len(nodes), None)]
    by_kind = {kind: [row for row in nodes if row.node.kind == kind] for kind in NODE_KINDS}
    rows += [("nodes", kind, len(held), None) for kind, held in by_kind.items()]
    rows.append(("edges", "all", len(edges), None))
    rows += [("edges", relation, sum(edge.relation == relation for edge in edges), None) for relation in RELATIONS]
    rows.append(("studies", "all", len({edge.study_id for edge in edges}), None))
    parts = [row.component for row in nodes]
    rows.append(("components", "all", max(parts, default=0), None))
    rows.append(("nodes", "largest component", parts.count(1), None))
    for kind, held in by_kind.items():
        if held:
            top = max(held, key=lambda row: row.degree)
            middle = max(held, key=lambda row: row.betweenness)
            rows.append(("mean degree", kind, round(mean(row.degree for row in held), 2), None))
            rows.append(("largest degree", kind, top.degree, top.label))
            rows.append(("mean betweenness", kind, round(mean(row.betweenness for row in held), 4), None))
            rows.append(("largest betweenness", kind, round(middle.betweenness, 4), middle.label))
    return rows
