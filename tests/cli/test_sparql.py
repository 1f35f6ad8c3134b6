import io
import json

import pytest

from kb.ingest import transport
from tests.builders import study_data


@pytest.fixture
def sparql(collection, run_kb):
    root = collection(study_data(), study_data(id="second-1991-il2")).root
    return lambda *args: run_kb("-C", str(root), "sparql", *args)


def test_rows(sparql):
    code, out, err = sparql("SELECT ?study WHERE { ?study a kb:Study } ORDER BY ?study", "-f", "csv")
    assert 0 == code
    assert "study\nhttps://example.org/kb/id/example-1991-il2\nhttps://example.org/kb/id/second-1991-il2\n" == out
    assert "the graph is being made" in err
    _, again, err = sparql("SELECT ?study WHERE { ?study a kb:Study } ORDER BY ?study", "-f", "csv")
    assert (out, "") == (again, err)


def test_yes_or_no_from_standard_input(sparql, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("ASK { id:example-1991-il2 a kb:Study }"))
    assert "answer\ntrue\n" == sparql("-", "-f", "tsv")[1]


def test_triples_as_ntriples_and_turtle(sparql, tmp_path):
    query = "CONSTRUCT { ?s a kb:Study } WHERE { ?s a kb:Study }"
    _, out, _ = sparql(query)
    lines = out.splitlines()
    assert 2 == len(lines)
    assert sorted(lines) == lines
    assert "id:example-1991-il2 a kb:Study .\n" in sparql(query, "-f", "turtle")[1]
    sparql(query, "-o", str(tmp_path / "studies.ttl"))
    assert "id:second-1991-il2 a kb:Study .\n" in (tmp_path / "studies.ttl").read_text("utf-8")


def test_what_does_not_fit_is_said(sparql):
    assert "triples" in sparql("ASK {}", "-f", "turtle")[2]
    assert "holds rows" in sparql("CONSTRUCT WHERE { ?s a kb:Study }", "-f", "csv")[2]
    assert "a query is needed" in sparql()[2]
    code, _, err = sparql("SELECT * { SERVICE <http://example.org/> {} }")
    assert 2 == code
    assert "SERVICE would ask another place" in err
    assert "being made" not in err


def test_limits(sparql):
    _, out, err = sparql("SELECT ?s WHERE { ?s ?p ?o }", "--limit", "3", "-f", "csv")
    assert 4 == len(out.splitlines())
    assert "only the first 3" in err


def test_namespaces(sparql):
    found = json.loads(sparql("--prefixes", "-f", "json")[1])["rows"]
    assert {"prefix": "id", "namespace": "https://example.org/kb/id/"} in found
    assert {"kb", "term", "prov", "xsd"} <= {row["prefix"] for row in found}


def test_another_endpoint_is_asked_with_the_namespaces(sparql, monkeypatch):
    sent = []

    def answer(url, form, *, accept, seconds):
        sent.append((url, form["query"], accept, seconds))
        return transport.Answer('{"head": {"vars": ["n"]}, "results": {"bindings": [{"n": {"value": "7"}}]}}', "application/json")

    monkeypatch.setattr(transport, "send", answer)
    code, out, _ = sparql("SELECT ?n {}", "--endpoint", "https://example.org/sparql", "--seconds", "5", "-f", "csv")
    assert (0, "n\n7\n") == (code, out)
    ((url, query, accept, seconds),) = sent
    assert ("https://example.org/sparql", 5.0) == (url, seconds)
    assert query.endswith("\nSELECT ?n {}")
    assert "PREFIX id: <https://example.org/kb/id/>\n" in query
    assert "application/sparql-results+json" in accept
