import io
import json
import re
import shutil
import subprocess
from dataclasses import replace

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.analysis.graph import Edge, Node
from kb.export.graph_formats import GRAPH_FORMATS, Drawn, attributes

IL2, NK, ORR = Node("agents", "il-2"), Node("biomarkers", "nk"), Node("endpoints", "orr")
RISE = Edge(
    IL2, NK, "changes", "increase", "baseline", 20, None, None, "a; b", 'so-called "RCC" <all> & more', "one-1991", "nk-rise", "one.yaml", 7
)
OUTCOME = Edge(IL2, ORR, "outcome", "1 of 18", None, 18, None, 1, "a", None, "one-1991", "response", "one.yaml", 12)
AGAIN = Edge(IL2, NK, "changes", None, None, None, "<0.01", None, None, "back\\slash\x0b", "two-1992", "nk", "two.yaml", 3)


def drawn(*edges):
    return Drawn("Test", "everything; status draft", lambda: edges or (RISE, OUTCOME, AGAIN), {NK: "NK cells"})


def written(name, graph):
    return "".join(GRAPH_FORMATS[name][0](graph))


def networkx_graph(graph):
    found = nx.MultiDiGraph()
    found.add_nodes_from(graph.nodes())
    for ident, source, target, held in graph.links():
        found.add_edge(source, target, key=ident, **held)
    return found


def test_an_edge_carries_what_the_record_says_and_nothing_else():
    assert {
        "relation": "changes", "direction": "increase", "qualifier": "baseline", "n": 20, "arm": "a; b",
        "population": 'so-called "RCC" <all> & more', "study": "one-1991", "item": "nk-rise", "place": "one.yaml:7",
    } == attributes(RISE)  # fmt: skip
    assert {
        "relation": "outcome", "effect": "1 of 18", "n": 18, "events": 1, "arm": "a", "study": "one-1991", "item": "response",
        "place": "one.yaml:12",
    } == attributes(OUTCOME)  # fmt: skip


def read_graphml(text):
    return nx.parse_graphml(text, force_multigraph=True)


def read_gexf(text):
    found = nx.read_gexf(io.BytesIO(text.encode()))
    for _, _, held in found.edges(data=True):
        held.pop("id")
    return found


def read_cytoscape(text):
    found = json.loads(text)["elements"]
    graph = nx.MultiDiGraph()
    for node in found["nodes"]:
        graph.add_node(node["data"].pop("id"), **node["data"])
    for edge in found["edges"]:
        held = edge["data"]
        graph.add_edge(held.pop("source"), held.pop("target"), key=held.pop("id"), **held)
    return graph


READERS = {"graphml": read_graphml, "gexf": read_gexf, "cytoscape": read_cytoscape}


def told(graph):
    """A graph as plain values: nodes and edges, what they carry, and of which type."""

    def typed(held):
        return {name: (type(value), value) for name, value in held.items()}

    return (
        {node: typed(held) for node, held in graph.nodes(data=True)},
        {(source, target, key): typed(held) for source, target, key, held in graph.edges(keys=True, data=True)},
    )


@pytest.mark.parametrize("name", READERS)
def test_reads_back_as_the_same_graph(name):
    found = READERS[name](written(name, drawn()))
    assert told(networkx_graph(drawn())) == told(found)
    assert ("increase", 20) == tuple(found.edges["agents:il-2", "biomarkers:nk", "e1"][key] for key in ("direction", "n"))
    assert "back\\slash\ufffd" == found.edges["agents:il-2", "biomarkers:nk", "e3"]["population"]
    assert "n" not in found.edges["agents:il-2", "biomarkers:nk", "e3"]
    assert {"agents:il-2": "il-2", "biomarkers:nk": "NK cells", "endpoints:orr": "orr"} == dict(found.nodes(data="label"))


def test_gexf_has_no_date_and_says_the_selection():
    text = written("gexf", drawn())
    assert "lastmodifieddate" not in text
    assert "<description>Test; selection: everything; status draft</description>" in text


def test_graphml_says_the_selection():
    assert "everything; status draft" == nx.parse_graphml(written("graphml", drawn())).graph["selection"]


def test_cytoscape_holds_nodes_and_edges_with_ids():
    found = json.loads(written("cytoscape", drawn()))
    assert "everything; status draft" == found["data"]["selection"]
    assert {"id": "biomarkers:nk", "kind": "biomarkers", "label": "NK cells"} in [node["data"] for node in found["elements"]["nodes"]]
    assert ["e1", "e2", "e3"] == sorted(edge["data"]["id"] for edge in found["elements"]["edges"])


def test_dot_quotes_what_would_end_a_string():
    text = written("dot", drawn(RISE, AGAIN))
    assert 'population="so-called \\"RCC\\" <all> & more"' in text
    assert 'population="back\\\\slash' in text
    assert '"agents:il-2" -> "biomarkers:nk" [label="changes", relation="changes", p="<0.01"' in text
    graphviz = shutil.which("dot")
    if graphviz:  # the writer's own reader, where it is installed
        subprocess.run([graphviz, "-Tplain"], input=text, text=True, check=True, capture_output=True)


HOSTILE = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("<>&\"'\\\t\r\n \x0b\x85\u2028\x00]")), min_size=1, max_size=12
)


@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_no_text_breaks_out_of_its_place(words, place, label, name):
    edges = (replace(RISE, population=words, file=place), replace(RISE, item_id=words))
    hostile = Drawn(name, words, lambda: edges, {NK: label})
    for form, read in READERS.items():
        assert told(networkx_graph(hostile)) == told(read(written(form, hostile)))


@pytest.mark.parametrize("name", GRAPH_FORMATS)
def test_edges_are_written_as_they_come(name):
    """A writer that held the edges would have taken all of them before the first stands in the file."""
    taken = []

    def edges():
        taken.clear()
        for number in range(50):
            taken.append(number)
            yield replace(RISE, item_id=f"item-{number}")

    pieces = GRAPH_FORMATS[name][0](Drawn("Test", "everything", edges, {}))
    first = next(piece for piece in pieces if "item-0" in piece)
    assert 1 == len(taken)
    assert [f"item-{number}" for number in range(50)] == re.findall(r"item-\d+", first + "".join(pieces))


@pytest.mark.parametrize("name", GRAPH_FORMATS)
def test_same_graph_same_bytes(name):
    assert written(name, drawn()) == written(name, drawn())


@pytest.mark.parametrize("name", GRAPH_FORMATS)
def test_an_empty_graph_is_a_graph(name):
    empty = Drawn("Test", "everything; status draft", lambda: (), {})
    assert "everything; status draft" in written(name, empty)
    if name in READERS:
        assert 0 == len(READERS[name](written(name, empty)))
