"""KGX: what becomes an edge of Biolink, and what must not."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from kb.export.kgx.edges import Edge, LeftOut, edges
from kb.export.kgx.folder import EDGE_COLUMNS, NODE_COLUMNS, kgx
from kb.model.terms import VocabularyKind
from tests.builders import ASSOCIATION, SOURCE, a_study, study_data
from tests.export.rdf.extracts import TERMS, VOCABULARY, WHOLE, an_extract

MEASURED = {**{name: value for name, value in ASSOCIATION.items() if name != "p"}, "timepoint": {"when": "on-treatment"}}


def rows(text):
    return list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))


def taken(extract):
    """The files, each taken whole before the next, as whoever writes them does."""
    return {name: "".join(pieces) for name, pieces in kgx(extract)}


def written(*studies):
    return taken(replace(an_extract(), studies=studies or (WHOLE,)))


def became(part, **changes):
    """What the changed finding or event of the example study became."""
    return [found for found in edges(a_study(**changes)) if found.item.startswith(part)]


def finding(**changes):
    (found,) = became("findings/", **{"findings.nk-rise": {**MEASURED, **changes}})
    return found


def test_every_item_becomes_edges_or_is_left_out_with_a_reason():
    study = WHOLE
    told = {found.item for found in edges(study)}
    wanted = {f"{part}/{ident}" for part in ("arms", "findings", "outcomes", "adverse_events") for ident in getattr(study, part)}
    assert wanted == told


def test_a_trial_is_an_edge_from_agent_to_disease():
    (edge,) = became("arms/")
    assert (
        Edge(
            (VocabularyKind.AGENTS, "aldesleukin"), "biolink:in_clinical_trials_for", (VocabularyKind.CONDITIONS, "renal-cell-carcinoma"),
            "arms/a", "knowledge_assertion", publications=("PMID:1",),
        )
        == edge
    )  # fmt: skip
    (edge,) = became("arms/", **{"design.type": "retrospective"})
    assert "biolink:studied_to_treat" == edge.predicate


@pytest.mark.parametrize(
    ("association", "predicate", "negated"),
    [
        ({"association": "positive", "p": "0.04"}, "biolink:positively_correlated_with", False),
        ({"association": "negative"}, "biolink:negatively_correlated_with", False),
        ({"association": "differs"}, "biolink:associated_with", False),
        ({"association": "none", "basis": "tested"}, "biolink:associated_with", True),
    ],
)
def test_associations_have_their_direction(association, predicate, negated):
    found = finding(**association)
    assert (predicate, negated, "statistical_association") == (found.predicate, found.negated, found.level)


@pytest.mark.parametrize("basis", ["stated", "activation-without-response", "implied-by-omission"])
def test_an_untested_none_is_no_negated_edge(basis):
    assert isinstance(finding(association="none", basis=basis), LeftOut)


def test_a_bound_is_no_p_value():
    assert ("0.04", "", "") == tuple(finding(p=p).p for p in ("0.04", "<0.05", "NS"))


def test_other_targets_of_a_marker():
    event = finding(endpoint=None, adverse_event="hypotension")
    assert (VocabularyKind.ADVERSE_EVENTS, "hypotension") == event.object
    other = finding(endpoint=None, other_marker="crp", n=7)
    assert ((VocabularyKind.BIOMARKERS, "crp"), 7) == (other.object, other.total)
    assert isinstance(finding(association="mixed"), LeftOut)
    assert isinstance(finding(association="not-reported"), LeftOut)


def test_a_change_belongs_to_one_agent_alone():
    (edge,) = became("findings/")
    assert ("biolink:affects", "increased", False) == (edge.predicate, edge.direction, edge.negated)
    second = {
        "agent": "interferon-alfa",
        "role": "investigational",
        "dose": "not-reported",
        "route": "iv-bolus",
        "schedule": "not-reported",
    }
    first = study_data()["arms"]["a"]["regimen"][0]["components"][0]
    for role, kind in (("investigational", LeftOut), ("supportive", Edge)):
        (found,) = became("findings/", **{"arms.a.regimen.0.components": [first, {**second, "role": role}]})
        assert isinstance(found, kind)


def test_changes_without_a_direction_are_left_out():
    (still,) = became("findings/", **{"findings.nk-rise.direction": "no-change"})
    assert (True, "") == (still.negated, still.direction)
    for change in ({"findings.nk-rise.direction": "mixed"}, {"findings.nk-rise.versus": "healthy-controls"}):
        assert isinstance(became("findings/", **change)[0], LeftOut)


def test_harms_need_patients_with_the_event():
    event = {"term": "hypotension", "printed": "hypotension", "population": "all", "events": 2, "total": 20, "source": SOURCE}
    (edge,) = became("adverse_events/", adverse_events={"h": event})
    assert ("biolink:has_adverse_event", 2, 20) == (edge.predicate, edge.events, edge.total)
    for change in ({"events": 0}, {"events": None}, {"count_of": "courses"}):
        assert isinstance(became("adverse_events/", adverse_events={"h": {**event, **change}})[0], LeftOut)


def test_nodes_are_those_that_edges_name_and_ids_are_unique():
    files = written()
    nodes, found = rows(files["nodes.tsv"]), rows(files["edges.tsv"])
    assert (list(NODE_COLUMNS), list(EDGE_COLUMNS)) == (list(nodes[0]), list(found[0]))
    assert {node["id"] for node in nodes} == {edge[end] for edge in found for end in ("subject", "object")}
    assert len(nodes) == len({node["id"] for node in nodes})
    assert len(found) == len({edge["id"] for edge in found})
    by_id = {node["id"]: node for node in nodes}
    assert ("biolink:ChemicalEntity", "CHEBI:749478") == (by_id["NCIT:C1498"]["category"], by_id["NCIT:C1498"]["xref"])
    assert "biolink:Disease" == by_id["MONDO:0005086"]["category"]
    assert "https://example.org/kb/term/biomarkers/nk-cell-count" == by_id["kb.biomarkers:nk-cell-count"]["iri"]


def test_a_shared_identifier_names_no_node():
    from kb.model.vocabulary import TERM_MODELS
    from kb.records.collection import Vocabulary

    terms = {kind: dict(known) for kind, known in VOCABULARY.terms.items()}
    agents = terms[VocabularyKind.AGENTS]
    same = {**TERMS[VocabularyKind.AGENTS]["aldesleukin"], "curies": ["NCIT:C1498"]}
    terms[VocabularyKind.AGENTS] = {**agents, "other": TERM_MODELS[VocabularyKind.AGENTS].model_validate(same)}
    files = taken(replace(an_extract(a_study()), vocabulary=Vocabulary(terms)))
    assert "CHEBI:749478" in {node["id"] for node in rows(files["nodes.tsv"])}


def test_cells_are_a_treatment():
    files = taken(an_extract(a_study(**{"arms.a.regimen.0.components.0.agent": "two-agents"})))
    assert "biolink:Treatment" in {node["category"] for node in rows(files["nodes.tsv"])}


def test_hostile_labels_stay_in_their_cell():
    study = a_study(**{"reports.main.doi": '10.1000/a"b'})
    files = written(study)
    assert {len(EDGE_COLUMNS)} == {line.count("\t") + 1 for line in files["edges.tsv"].splitlines()}
    assert 'PMID:1|doi:10.1000/a"b' == rows(files["edges.tsv"])[0]["publications"]


def test_two_exports_are_the_same_bytes_and_say_what_was_left_out():
    assert written() == written()
    about = json.loads(written()["about.json"])
    assert ("4.4.6", "everything; status draft") == (about["biolink"], about["selection"])
    assert sum(isinstance(found, LeftOut) for found in edges(WHOLE)) == sum(about["left_out"].values())
    assert about["edges"] == len(rows(written()["edges.tsv"]))
