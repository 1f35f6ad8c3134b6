import pytest

from kb.analysis.graph import Edge, Node
from kb.analysis.graph_stats import node_rows, summary


def an_edge(source, target, study="s1", relation="changes"):
    kinds = {"a": "agents", "b": "biomarkers", "e": "endpoints"}
    ends = (Node(kinds[name[0]], name) for name in (source, target))
    return Edge(*ends, relation, None, None, None, None, None, None, None, study, "i", "f", 1)


@pytest.fixture
def edges():
    """A star about b1, a doubled edge, and a pair of its own."""
    return [
        an_edge("a1", "b1"),
        an_edge("a1", "b1", "s2"),
        an_edge("a2", "b1"),
        an_edge("b1", "e1", relation="associated with"),
        an_edge("a3", "b2", "s3"),
    ]


def test_degree_neighbours_studies_and_betweenness(edges):
    rows = {row.node.id: row for row in node_rows(edges, {Node("biomarkers", "b1"): "marker one"})}
    middle = rows["b1"]
    assert ("marker one", 4, 3, 2, 1) == (middle.label, middle.degree, middle.neighbours, middle.studies, middle.component)
    # All three ways between a1, a2 and e1 pass it; six nodes leave ten pairs of others.
    assert 0.3 == pytest.approx(middle.betweenness)
    assert (0.0, 2) == (rows["a1"].betweenness, rows["a1"].degree)
    assert (2, 2) == (rows["a3"].component, rows["b2"].component)
    assert ["a1", "a2", "a3", "b1", "b2", "e1"] == list(rows)


def test_summary(edges):
    found = {(measure, of): (value, node) for measure, of, value, node in summary(edges, {})}
    assert (6, None) == found["nodes", "all"]
    assert (3, None) == found["nodes", "agents"]
    assert (0, None) == found["nodes", "conditions"]
    assert (5, None) == found["edges", "all"]
    assert (1, None) == found["edges", "associated with"]
    assert (3, None) == found["studies", "all"]
    assert (2, None) == found["components", "all"]
    assert (4, None) == found["nodes", "largest component"]
    assert (4, "b1") == found["largest degree", "biomarkers"]
    assert (2.5, None) == found["mean degree", "biomarkers"]
    assert (0.3, "b1") == found["largest betweenness", "biomarkers"]
    assert ("mean degree", "conditions") not in found


def test_no_edges_are_no_error():
    assert [] == node_rows([], {})
    assert {0} == {value for _, _, value, _ in summary([], {})}
