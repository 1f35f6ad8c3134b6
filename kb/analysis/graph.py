"""The evidence graph: interventions, markers, outcomes and harms, linked by the items that say something of both ends.

Nodes are vocabulary terms (`biomarkers:nk-cell-count`); an edge is one item of one study, with its direction or effect,
its patients, its arm and its place in the record. The graph is built from the index for one question, never loaded
whole. Supportive drugs are not interventions: their edges do not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from kb.analysis.selection import Selection
from kb.analysis.selection_sql import among_selected
from kb.errors import UsageError, nearest
from kb.records.index import Index
from kb.records.tables import JOINER

if TYPE_CHECKING:
    import networkx as nx

NODE_KINDS = ("agents", "biomarkers", "endpoints", "adverse-events", "conditions")
"""Vocabularies whose terms are nodes."""

_ARM_AGENTS = """
  JOIN components c ON c.study_id = i.study_id AND c.role NOT IN ('supportive', 'comparator', 'procedure')
  JOIN item_arms ia ON ia.study_id = i.study_id AND ia.kind = '{table}' AND ia.item_id = i.item_id AND ia.arm = c.arm
"""
_SAID_OF_NUMBERS = """
  CASE WHEN i.events IS NOT NULL AND i.total IS NOT NULL THEN i.events || ' of ' || i.total
       WHEN i.percent_printed IS NOT NULL THEN i.percent_printed || ' %'
       WHEN i.median_printed IS NOT NULL THEN 'median ' || i.median_printed || COALESCE(' ' || i.unit, '')
       WHEN i.estimate_printed IS NOT NULL THEN COALESCE(i.measure || ' ', '') || i.estimate_printed
       ELSE COALESCE(i.says, i.result) END
"""
_EFFECT = """
  CASE WHEN i.estimate_printed IS NOT NULL THEN
         COALESCE(i.measure || ' ', '') || i.estimate_printed || COALESCE(' ' || i.unit, '')
         || COALESCE(' (' || i.interval_low_printed || ' to ' || i.interval_high_printed || ')', '')
       WHEN i.events IS NOT NULL AND i.total IS NOT NULL THEN i.events || ' of ' || i.total
       WHEN i.percent_printed IS NOT NULL THEN i.percent_printed || ' %'
       ELSE i.magnitude END
"""
_EDGE_QUERIES: Mapping[str, tuple[str, str, str, str]] = {
    # relation: kind of the source node, of the target node, and of the items; query of source, target, and the columns of `Edge`
    # from `said` on, to whose WHERE more can be added
    "changes": (
        "agents",
        "biomarkers",
        "findings",
        f"""SELECT c.agent, i.biomarker, COALESCE(i.direction, i.direction_absence), i.versus,
              COALESCE(i.n, i.population_n), i.p_printed, NULL, c.arm, i.population_label, i.study_id, i.item_id, i.file, i.line, {_EFFECT}
            FROM findings i {_ARM_AGENTS.format(table="findings")} WHERE i.kind IN ('change', 'contrast')""",
    ),
    "associated with": (
        "biomarkers",
        "endpoints",
        "findings",
        f"""SELECT i.biomarker, i.endpoint, COALESCE(i.association, i.association_absence), i.basis,
              COALESCE(i.n, i.population_n), i.p_printed, NULL, NULL, i.population_label, i.study_id, i.item_id, i.file, i.line, {_EFFECT}
            FROM findings i WHERE i.kind = 'association' AND i.endpoint IS NOT NULL""",
    ),
    "associated with harm": (
        "biomarkers",
        "adverse-events",
        "findings",
        f"""SELECT i.biomarker, i.adverse_event, COALESCE(i.association, i.association_absence), i.basis,
              COALESCE(i.n, i.population_n), i.p_printed, NULL, NULL, i.population_label, i.study_id, i.item_id, i.file, i.line, {_EFFECT}
            FROM findings i WHERE i.kind = 'association' AND i.adverse_event IS NOT NULL""",
    ),
    "goes with marker": (
        "biomarkers",
        "biomarkers",
        "findings",
        f"""SELECT i.biomarker, i.other_marker, COALESCE(i.association, i.association_absence), i.basis,
              COALESCE(i.n, i.population_n), i.p_printed, NULL, NULL, i.population_label, i.study_id, i.item_id, i.file, i.line, {_EFFECT}
            FROM findings i WHERE i.kind = 'association' AND i.other_marker IS NOT NULL""",
    ),
    "outcome": (
        "agents",
        "endpoints",
        "outcomes",
        f"""SELECT c.agent, i.endpoint, {_SAID_OF_NUMBERS}, i.criteria,
              COALESCE(i.total, i.population_n), i.p_printed, i.events, c.arm, i.population_label, i.study_id, i.item_id, i.file, i.line
            FROM outcomes i {_ARM_AGENTS.format(table="outcomes")} WHERE i.count_of = 'patients'""",
    ),
    "harm": (
        "agents",
        "adverse-events",
        "adverse-events",
        f"""SELECT c.agent, i.term,
              CASE WHEN i.events IS NOT NULL AND i.total IS NOT NULL THEN i.events || ' of ' || i.total
                   WHEN i.percent_printed IS NOT NULL THEN i.percent_printed || ' %' ELSE i.says END,
              i.grade, COALESCE(i.total, i.population_n), NULL, i.events, c.arm, i.population_label, i.study_id, i.item_id, i.file, i.line
            FROM adverse_events i {_ARM_AGENTS.format(table="adverse_events")} WHERE TRUE""",
    ),
    "treated": (
        "agents",
        "conditions",
        "arms",
        """SELECT c.agent, k.condition, i.regimen_class, NULL, i.n, NULL, NULL, c.arm, i.label,
              i.study_id, i.item_id, i.file, i.line
            FROM arms i JOIN components c ON c.study_id = i.study_id AND c.arm = i.item_id
                   AND c.role NOT IN ('supportive', 'comparator', 'procedure')
            JOIN item_conditions k ON k.study_id = i.study_id AND k.kind = 'arms' AND k.item_id = i.item_id WHERE TRUE""",
    ),
}
RELATIONS = tuple(_EDGE_QUERIES)
"""What an edge can say."""


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """A vocabulary term in the graph.

    Attributes:
        kind: Vocabulary.
        id: Term.
    """

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Edge:
    """What one item of one study says of two nodes.

    Attributes:
        source: Node that the item starts from.
        target: Node that it speaks of.
        relation: What links them, one of `RELATIONS`.
        said: Direction, association or result: `increase`, `none`, `1 of 18`.
        qualifier: Comparator of a change, basis of a null, criteria of a response, grade of a harm; or None.
        n: Patients; those measured where the source says, else those of the population; or None.
        p: P value as printed, or None.
        events: Patients with the event, or None.
        arm: Arms in which the intervention was given, joined by `; `; None between markers and outcomes.
        population: Population in words.
        study_id: Study.
        item_id: Item within the study.
        file: File of the record.
        line: Line of the item.
        effect: Size of a change or an association as printed: `hr 2.1 (1.3 to 3.4)`, `doubled`; or None. What a result says is
            its size.
    """

    source: Node
    target: Node
    relation: str
    said: str | None
    qualifier: str | None
    n: int | None
    p: str | None
    events: int | None
    arm: str | None
    population: str | None
    study_id: str
    item_id: str
    file: str
    line: int
    effect: str | None = None

    @property
    def row(self) -> dict[str, Any]:
        """The edge as a row with documented columns."""
        return {
            "source": str(self.source),
            "relation": self.relation,
            "target": str(self.target),
            "said": self.said,
            "effect": self.effect,
            "qualifier": self.qualifier,
            "n": self.n,
            "events": self.events,
            "p": self.p,
            "arm": self.arm,
            "population": self.population,
            "study_id": self.study_id,
            "item_id": self.item_id,
            "place": f"{self.file}:{self.line}",
        }


EDGE_COLUMNS = tuple(Edge(Node("", ""), Node("", ""), "", None, None, None, None, None, None, None, "", "", "", 0).row)
"""Columns of `Edge.row`, in order."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A term that the user named: itself and every term below it.

    Attributes:
        name: As the user wrote it.
        nodes: Nodes that it covers.
    """

    name: str
    nodes: frozenset[Node]


def resolve(index: Index, name: str) -> Asked:
    """Find a term by id, label or synonym in the vocabularies that make nodes; `kind:id` names one for certain.

    Raises:
        UsageError: If no term has that name; the nearest are named.
    """
    kind, _, rest = name.partition(":")
    kinds, wanted = ((kind,), rest) if kind in NODE_KINDS and rest else (NODE_KINDS, name)
    marks = ",".join("?" * len(kinds))
    rows = index.rows(
        f"SELECT n.kind, c.descendant FROM names n JOIN closure c ON c.kind = n.kind AND c.ancestor = n.id "
        f"WHERE n.name = ? AND n.kind IN ({marks})",
        (wanted.casefold(), *kinds),
    )
    if rows:
        return Asked(name, frozenset(Node(*row) for row in rows))
    known = [row[0] for row in index.rows(f"SELECT name FROM names WHERE kind IN ({marks}) ORDER BY name", kinds)]
    near = nearest(wanted.casefold(), known)
    hint = (
        f"did you mean {' or '.join(near)}?" if near else "`kb find findings --columns biomarker` and the vocabulary files list the terms"
    )
    raise UsageError(f'no agent, biomarker, endpoint, adverse event or condition is called "{name}"', hint=hint)


def labels(index: Index) -> dict[Node, str]:
    """Return the names of all terms that can be nodes."""
    marks = ",".join("?" * len(NODE_KINDS))
    return {
        Node(kind, ident): label
        for kind, ident, label in index.rows(f"SELECT kind, id, label FROM terms WHERE kind IN ({marks})", NODE_KINDS)
    }


def edges(index: Index, selection: Selection, *, relations: Iterable[str] = RELATIONS) -> Iterator[Edge]:
    """Yield the edges that the selected items make: by relation, then by study, item, source and target.

    They are read one at a time, so that memory does not grow with the collection; the index must stay open meanwhile.

    Args:
        index: Index of the collection.
        selection: Which findings, outcomes, adverse events and arms speak.
        relations: Which edges to make.
    """
    for relation in relations:
        source_kind, target_kind, table, query = _EDGE_QUERIES[relation]
        kept = among_selected(selection, table)
        rows = index.connection.execute(f"{query} AND {kept.sql} ORDER BY i.study_id, i.item_id, 1, 2", kept.parameters)
        for source, target, *rest in _one_an_item(rows):
            yield Edge(Node(source_kind, source), Node(target_kind, target), relation, *rest)


_ARM = 7


def _one_an_item(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Join the rows that differ in their arm alone; they stand together."""
    for (before, after), held in groupby(rows, key=lambda row: (row[:_ARM], row[_ARM + 1 :])):
        arms = {row[_ARM] for row in held} - {None}
        yield (*before, JOINER.join(sorted(arms)) or None, *after)


def neighbours(found: Iterable[Edge], asked: Asked) -> list[Edge]:
    """Return the edges that touch what was asked for."""
    return [edge for edge in found if edge.source in asked.nodes or edge.target in asked.nodes]


@dataclass(frozen=True, slots=True)
class Path:
    """A way from one term to another.

    Attributes:
        nodes: Nodes along it.
        steps: Edges of each step, as many lists as steps.
    """

    nodes: tuple[Node, ...]
    steps: tuple[tuple[Edge, ...], ...] = field(default=())

    @property
    def study_support(self) -> int:
        """Number of studies behind the weakest step."""
        return min(len({edge.study_id for edge in step}) for step in self.steps)


def build(found: Iterable[Edge]) -> nx.MultiDiGraph[Node]:
    """Make the networkx graph of edges; each edge carries its `Edge` as `evidence`."""
    import networkx as nx

    graph: nx.MultiDiGraph[Node] = nx.MultiDiGraph()
    for edge in found:
        graph.add_edge(edge.source, edge.target, key=f"{edge.study_id}#{edge.item_id}#{edge.arm or ''}", evidence=edge)
    return graph


def paths(
    graph: nx.MultiDiGraph[Node],
    start: Asked,
    end: Asked,
    *,
    via: Sequence[Asked] = (),
    longest: int = 3,
    all_paths: bool = False,
) -> list[Path]:
    """Return the ways from one term to another, shortest first.

    Args:
        graph: Evidence.
        start: Where they start; any node that it covers.
        end: Where they end; any node that it covers.
        via: Terms that each way must pass, in any order.
        longest: Largest number of steps.
        all_paths: Whether to list every way up to `longest`, not the shortest ones alone.
    """
    import networkx as nx

    simple: nx.DiGraph[Node] = nx.DiGraph(graph)
    starts = sorted(node for node in start.nodes if node in simple)
    ends = {node for node in end.nodes if node in simple}
    ways = sorted(
        (len(way), tuple(way))
        for first in starts
        for way in nx.all_simple_paths(simple, first, ends - {first}, cutoff=longest)
        if all(any(node in stop.nodes for node in way) for stop in via)
    )
    kept = ways if all_paths else [way for way in ways if way[0] == ways[0][0]]
    return [Path(way, tuple(_step(graph, here, there) for here, there in pairwise(way))) for _, way in kept]


def _step(graph: nx.MultiDiGraph[Node], here: Node, there: Node) -> tuple[Edge, ...]:
    return tuple(sorted((data["evidence"] for data in graph[here][there].values()), key=lambda e: (e.study_id, e.item_id, e.arm or "")))
