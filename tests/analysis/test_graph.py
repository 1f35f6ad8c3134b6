"""The evidence graph: every edge is one item of one record, and taking the record away takes exactly its edges."""

import pytest

from kb.analysis.graph import EDGE_COLUMNS, RELATIONS, Asked, Edge, Node, build, edges, neighbours, paths, resolve
from kb.analysis.selection import Selection, select
from kb.errors import UsageError
from kb.records.index import open_index
from tests.builders import ASSOCIATION, SOURCE, study_data

LINK = {key: value for key, value in ASSOCIATION.items() if key != "endpoint"}


def first():
    return study_data(
        **{
            "findings.nk-response": ASSOCIATION,
            "findings.nk-pressure": {**LINK, "adverse_event": "hypotension"},
            "findings.nk-lak": {**LINK, "other_marker": "lak-activity"},
            "adverse_events": {
                "low": {"term": "hypotension", "printed": "hypotension", "population": "all", "events": 2, "total": 20, "source": SOURCE}
            },
        }
    )


def second():
    return study_data(
        id="other-1992-il2", **{"reports.main.pmid": "2", "outcomes": {}, "claims": {}, "arms.a.regimen.0.components.0.role": "supportive"}
    )


@pytest.fixture
def found(collection):
    with open_index(collection(first(), second())) as index:
        yield list(edges(index, Selection())), index


def test_every_kind_of_item_is_an_edge(found):
    made, _ = found
    assert set(RELATIONS) == {edge.relation for edge in made}
    rise = next(edge for edge in made if edge.relation == "changes")
    assert {
        "source": "agents:aldesleukin",
        "relation": "changes",
        "target": "biomarkers:nk-cell-count",
        "said": "increase",
        "effect": None,
        "qualifier": "baseline",
        "n": 20,
        "events": None,
        "p": None,
        "arm": "a",
        "population": "renal cell carcinoma, treated",
        "study_id": "example-1991-il2",
        "item_id": "nk-rise",
        "place": f"entries/studies/1991/example-1991-il2.yaml:{rise.line}",
    } == rise.row
    assert set(EDGE_COLUMNS) == set(rise.row)


def test_results_stand_on_the_edges(found):
    made, _ = found
    said = {edge.relation: (edge.said, edge.n, edge.events, edge.p) for edge in made}
    assert ("5 of 20", 20, 5, None) == said["outcome"]
    assert ("2 of 20", 20, 2, None) == said["harm"]
    assert ("positive", 20, None, "0.03") == said["associated with"]
    assert ("high-dose-bolus", 20, None, None) == said["treated"]


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ({"kind": "contrast", "measure": "hr", "estimate": "2.10", "interval": {"low": "1.3", "high": "3.4"}}, "hr 2.10 (1.3 to 3.4)"),
        ({"kind": "contrast", "measure": "or", "estimate": 3}, "or 3"),
        ({"kind": "proportion", "events": 4, "total": 20}, "4 of 20"),
        ({"kind": "proportion", "percent": "20.5"}, "20.5 %"),
        ({"kind": "statement", "says": "described", "text": "in words"}, None),
    ],
)
def test_an_edge_carries_the_size_of_an_association(collection, result, told):
    project = collection(study_data(**{"findings.nk-response": {**ASSOCIATION, "result": result}}))
    with open_index(project) as index:
        assert [told] == [edge.effect for edge in edges(index, Selection()) if edge.relation == "associated with"]


def test_an_edge_carries_the_size_of_a_change_and_its_p(collection):
    project = collection(study_data(**{"findings.nk-rise.magnitude": "threefold", "findings.nk-rise.p": "<0.01"}))
    with open_index(project) as index:
        assert [("threefold", "<0.01")] == [(edge.effect, edge.p) for edge in edges(index, Selection()) if edge.relation == "changes"]


def test_a_supportive_drug_is_no_intervention(found):
    made, _ = found
    assert {"example-1991-il2"} == {edge.study_id for edge in made if edge.source.kind == "agents"}


def test_a_selection_keeps_its_items_alone(found):
    _, index = found
    assert [] == list(edges(index, select(index, not_id="example-1991-il2"))), "the other study gives its drug as supportive"
    assert ["nk-response"] == [
        edge.item_id
        for edge in edges(index, select(index, association="positive", endpoint="objective-response"), relations=["associated with"])
    ]


def test_terms_are_found_by_id_label_and_synonym_with_what_lies_below(found):
    _, index = found
    asked = resolve(index, "nk-cells")
    assert Node("biomarkers", "nk-cell-count") in asked.nodes
    assert resolve(index, "Objective Response").nodes >= {Node("endpoints", "objective-response")}
    assert {Node("biomarkers", "lak-activity")} <= resolve(index, "biomarkers:lak-activity").nodes


def test_an_unknown_term_suggests_the_nearest(found):
    _, index = found
    with pytest.raises(UsageError, match="aldesleukine") as raised:
        resolve(index, "aldesleukine")
    assert "aldesleukin" in raised.value.hint
    with pytest.raises(UsageError) as raised:
        resolve(index, "zzzzzz")
    assert "vocabulary files list the terms" in raised.value.hint


def test_neighbours_are_the_edges_that_touch_the_term(found):
    made, index = found
    near = neighbours(made, resolve(index, "lak-activity"))
    assert [("biomarkers:nk-cell-count", "biomarkers:lak-activity")] == [(str(edge.source), str(edge.target)) for edge in near]


def test_a_path_lists_the_evidence_of_every_step(found):
    made, index = found
    graph = build(made)
    start, end = resolve(index, "aldesleukin"), resolve(index, "objective-response")
    direct = paths(graph, start, end)
    assert [("agents:aldesleukin", "endpoints:objective-response")] == [tuple(map(str, path.nodes)) for path in direct]
    (through,) = paths(graph, start, end, via=[resolve(index, "nk-cells")])
    assert ("agents:aldesleukin", "biomarkers:nk-cell-count", "endpoints:objective-response") == tuple(map(str, through.nodes))
    assert [["nk-rise"], ["nk-response"]] == [[edge.item_id for edge in step] for step in through.steps]
    assert 1 == through.study_support
    assert 2 == len(paths(graph, start, end, all_paths=True))
    assert [] == paths(graph, end, start)


def an_edge(source, target, study):
    return Edge(Node("agents", source), Node("agents", target), "changes", None, None, None, None, None, None, None, study, "i", "f", 1)


def test_two_items_on_one_step_stand_together_and_support_is_that_of_the_weakest_step():
    graph = build([an_edge("a", "b", "s1"), an_edge("a", "b", "s2"), an_edge("b", "c", "s1")])
    start, end = (Asked(name, frozenset({Node("agents", name)})) for name in "ac")
    (path,) = paths(graph, start, end)
    assert [2, 1] == [len(step) for step in path.steps]
    assert 1 == path.study_support
