import json
import shutil
import subprocess

import networkx as nx
import pytest

from kb.analysis.graph import Edge, Node
from kb.export.graph_formats import GRAPH_FORMATS, Drawn, attributes, cytoscape, dot, gexf, graphml

IL2, NK, ORR = Node("agents", "il-2"), Node("biomarkers", "nk"), Node("endpoints", "orr")
RISE = Edge(
    IL2, NK, "changes", "increase", "baseline", 20, None, None, "a; b", 'so-called "RCC" <all> & more', "one-1991", "nk-rise", "one.yaml", 7
)
OUTCOME = Edge(IL2, ORR, "outcome", "1 of 18", None, 18, None, 1, "a", None, "one-1991", "response", "one.yaml", 12)
AGAIN = Edge(IL2, NK, "changes", None, None, None, "<0.01", None, None, "back\\slash\x0b", "two-1992", "nk", "two.yaml", 3)


def drawn(*edges):
    return Drawn("Test", "everything; status draft", edges or (RISE, OUTCOME, AGAIN), {NK: "NK cells"})


def test_an_edge_carries_what_the_record_says_and_nothing_else():
    assert {
        "relation": "changes", "direction": "increase", "qualifier": "baseline", "n": 20, "arm": "a; b",
        "population": 'so-called "RCC" <all> & more', "study": "one-1991", "item": "nk-rise", "place": "one.yaml:7",
    } == attributes(RISE)  # fmt: skip
    assert {
        "relation": "outcome", "effect": "1 of 18", "n": 18, "events": 1, "arm": "a", "study": "one-1991", "item": "response",
        "place": "one.yaml:12",
    } == attributes(OUTCOME)  # fmt: skip


@pytest.mark.parametrize(("name", "read"), [("graphml", nx.parse_graphml), ("gexf", None)])
def test_xml_reads_back_as_the_same_graph(name, read, tmp_path):
    text = GRAPH_FORMATS[name][0](drawn())
    if read is None:
        (tmp_path / "graph").write_text(text, encoding="utf-8")
        found = nx.read_gexf(tmp_path / "graph")
    else:
        found = read(text, force_multigraph=True)
    assert {"agents:il-2": "il-2", "biomarkers:nk": "NK cells", "endpoints:orr": "orr"} == dict(found.nodes(data="label"))
    held = {data["place"]: data for _, _, data in found.edges(data=True)}
    assert {"one.yaml:7", "one.yaml:12", "two.yaml:3"} == set(held)
    assert ("increase", 20, 'so-called "RCC" <all> & more') == tuple(held["one.yaml:7"][key] for key in ("direction", "n", "population"))
    assert ("1 of 18", 1) == tuple(held["one.yaml:12"][key] for key in ("effect", "events"))
    assert "back\\slash\ufffd" == held["two.yaml:3"]["population"]
    assert "n" not in held["two.yaml:3"]


def test_gexf_has_no_date_and_says_the_selection():
    text = gexf(drawn())
    assert "lastmodifieddate" not in text
    assert "<description>Test; selection: everything; status draft</description>" in text


def test_graphml_says_the_selection():
    assert "everything; status draft" == nx.parse_graphml(graphml(drawn())).graph["selection"]


def test_cytoscape_holds_nodes_and_edges_with_ids():
    found = json.loads(cytoscape(drawn()))
    assert "everything; status draft" == found["data"]["selection"]
    assert {"id": "biomarkers:nk", "kind": "biomarkers", "label": "NK cells"} in [node["data"] for node in found["elements"]["nodes"]]
    assert ["e1", "e2", "e3"] == sorted(edge["data"]["id"] for edge in found["elements"]["edges"])


def test_dot_quotes_what_would_end_a_string():
    text = dot(drawn(RISE, AGAIN))
    assert 'population="so-called \\"RCC\\" <all> & more"' in text
    assert 'population="back\\\\slash' in text
    assert '"agents:il-2" -> "biomarkers:nk" [label="changes", relation="changes", p="<0.01"' in text
    graphviz = shutil.which("dot")
    if graphviz:  # the writer's own reader, where it is installed
        subprocess.run([graphviz, "-Tplain"], input=text, text=True, check=True, capture_output=True)


@pytest.mark.parametrize("name", GRAPH_FORMATS)
def test_same_graph_same_bytes(name):
    write = GRAPH_FORMATS[name][0]
    assert write(drawn()) == write(drawn())


@pytest.mark.parametrize("name", GRAPH_FORMATS)
def test_an_empty_graph_is_a_graph(name):
    assert "everything; status draft" in GRAPH_FORMATS[name][0](Drawn("Test", "everything; status draft", (), {}))
