import sys

import pytest

import kb
from kb.analysis.graph import Node
from kb.errors import UnreadableError, UsageError
from tests.builders import ASSOCIATION, NO_ASSOCIATION, study_data


@pytest.fixture
def c(collection):
    first = study_data(**{"findings.goes": ASSOCIATION})
    second = study_data(id="second-1991-il2", **{"findings.goes": NO_ASSOCIATION, "reports.main.year": 1992})
    return kb.load(str(collection(first, second).root))


def test_records_are_read_once_and_are_models(c):
    assert "<Collection: Test collection>" == repr(c)
    assert ["example-1991-il2", "second-1991-il2"] == sorted(study.id for study in c)
    assert (2, 20) == (len(c), c.study("example-1991-il2").arms["a"].n)
    assert c.study("nobody") is None
    assert {"example-1991-il2", "second-1991-il2"} == set(c.studies) == set(c.files)
    assert ({}, ()) == (c.questions, c.diagnostics)
    assert c.vocabulary.terms
    assert c.records is c.records


def test_loading_where_no_collection_is(tmp_path):
    with pytest.raises(UnreadableError, match="no collection here"):
        kb.load(str(tmp_path))


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("studies", 2),
        ("reports", 2),
        ("arms", 2),
        ("populations", 2),
        ("findings", 4),
        ("outcomes", 2),
        ("adverse_events", 0),
        ("claims", 2),
    ],
)
def test_every_kind_of_row(c, kind, rows):
    assert rows == len(getattr(c.find, kind)())


def test_a_selection_is_given_as_keywords(c):
    found = c.find.outcomes(agent="aldesleukin", regimen_class="high-dose-bolus", not_id="second-1991-il2", columns="study_id")
    assert [("example-1991-il2",)] == [tuple(row.values()) for row in found]
    assert found.selection.startswith("agent aldesleukin")
    assert ["second-1991-il2"] == c.find.studies(year=["1992", "1995"]).column("study_id")
    newest = c.find.studies(sort=["-year"], limit=1, columns=["study_id", "year"])
    assert [{"study_id": "second-1991-il2", "year": 1992}] == newest.to_dicts()
    assert {"positive": 1, "none": 1} == {
        row.association: row.cohorts for row in c.find.findings(group_by="association") if row.association is not None
    }
    with pytest.raises(UsageError, match="agent"):
        c.find.outcomes(agents="aldesleukin")


def test_what_could_not_be_compared_is_told(c):
    assert 2 == len(c.find.arms(dose=">=1 MIU/m2").not_compared)


def test_an_edited_record_counts_at_the_next_question(c):
    before = c.stats()
    path = c.project.root / c.files["second-1991-il2"]
    path.unlink()
    after = c.stats()
    assert [2, 1] == [next(row["count"] for row in table if row.value == "studies") for table in (before, after)]


def test_the_founding_question(c):
    answer = c.concordance(threshold=15, endpoint="objective-response")
    assert 15 == answer.found.threshold
    assert ["nk-cell-count"] == answer.markers.column("marker")
    assert 2 == len(answer.groups)
    assert 0 == len(answer.refutations)
    assert repr(answer).startswith("<Concordance: 1 markers, 2 groups, 0 refutations; endpoint objective-response")
    assert "<h4>groups</h4><table>" in answer._repr_html_()


def test_disagreements(c):
    found = c.conflicts(kinds=["marker-endpoint"])
    assert 1 == len(found)
    assert found[0].question in found.table.column("question")
    assert (found[0],) == found[0:1]
    assert "<Conflicts: 1; everything; status draft, reviewed, accepted>" == repr(found)
    assert found.table._repr_html_() == found._repr_html_()
    assert len(c.conflicts()) >= 1


def test_gaps(c):
    found = c.gaps(biomarker="nk-cell-count")
    assert "evidence" in found.table.column("kind")
    assert found.svg().startswith("<svg ")
    assert found.svg() == found._repr_html_()
    assert repr(found).startswith("<Gaps: ")


def test_compare_and_graph(c):
    assert ("section", "property", "equal", "example-1991-il2", "second-1991-il2") == c.compare(
        "example-1991-il2", "second-1991-il2"
    ).columns
    graph = c.graph(id="example-1991-il2")
    assert Node("biomarkers", "nk-cell-count") in graph
    assert {"example-1991-il2"} == {edge.study_id for _, _, edge in graph.edges(data="evidence")}


def test_sql_sparql_and_tables_agree(c):
    assert [2] == c.sql("SELECT count(*) AS n FROM studies").column("n")
    assert [2] == c.sparql("SELECT (count(?s) AS ?n) { ?s a kb:Study }").column("n")
    assert 2 == len(c.tables()["studies"])
    assert c.sparql("CONSTRUCT { id:example-1991-il2 a kb:Study } WHERE {}").endswith("#Study> .\n")


def test_rdf(c, monkeypatch):
    graph = c.to_rdf(id="example-1991-il2")
    assert 1 == len(list(graph.query("SELECT ?s { ?s a kb:Study }")))
    assert "https://example.org/kb/id/" == str(dict(graph.namespaces())["id"])
    monkeypatch.setitem(sys.modules, "rdflib", None)
    with pytest.raises(UsageError, match="rdflib is not installed"):
        c.to_rdf()


def test_a_report(c):
    import json

    from tests.cli.test_report import QUESTION

    c.project.questions.mkdir()
    (c.project.questions / "nk.yaml").write_text(json.dumps(QUESTION), encoding="utf-8")
    found = c.report("nk")
    assert found.markdown() == found._repr_markdown_()
    assert found.markdown().startswith("# Do NK cells go with response?")
    assert found.html().startswith("<!doctype html>")
    narrowed = c.report("nk", not_id="second-1991-il2", year="1991").markdown()
    assert "- all of it narrowed to: year 1991; not id second-1991-il2; status draft, reviewed, accepted\n" in narrowed
    with pytest.raises(UsageError, match="no question") as error:
        c.report("nkk")
    assert "one of nk" == error.value.hint
