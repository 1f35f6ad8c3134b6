"""The twenty questions of docs/queries: answered by the graph as the tables answer them, and as reviewed on a few records.

Each query is asked twice. On the whole shipped collection its answer must be that of a query of the tables, which are made
by other code; on a few records it must be the golden one (`pytest --write-golden` rewrites; review the difference). Then
all are asked of another program: Oxigraph's own server, over HTTP on this machine, as anyone would who loads the export.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest

from kb.analysis.selection import select
from kb.export.extract import make_extract
from kb.export.rdf.names import namespaces
from kb.export.rdf.ntriples import ntriples
from kb.ingest.transport import send
from kb.project import open_project
from kb.records.index import open_index
from kb.records.sparql import ask_graph, read_results

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "queries"
QUERIES = sorted(path.stem for path in FOLDER.glob("*.rq"))
FEW = (
    "sosman-1991-prolonged-il2",
    "danish-2004-leukocyte-orchestration",
    "mcdermott-2015-select",
    "radvanyi-2012-til-phenotype",
    "rosenberg-2011-til-lymphodepletion-93",
    "tannir-2024-pivot-09-rcc",
    "weekly-cycles-1988-n11",
)
"""Records of the golden answers, the founding study first."""

_FINDINGS = "FROM findings f JOIN studies s USING (study_id) WHERE s.status <> 'withdrawn'"
_OUTCOMES = "FROM outcomes o JOIN studies s USING (study_id) WHERE s.status <> 'withdrawn'"
SQL = {
    "founding-question": (
        "SELECT DISTINCT f.study_id, f.biomarker, f.endpoint, f.basis FROM findings f JOIN findings c ON c.study_id = f.study_id AND "
        "c.biomarker = f.biomarker AND c.kind = 'change' AND c.direction = 'increase' JOIN studies s ON s.study_id = f.study_id "
        "WHERE s.status <> 'withdrawn' AND f.association = 'none' AND f.endpoint IS NOT NULL"
    ),
    "what-is-held": " UNION ALL ".join(
        f"SELECT '{kind}', count(*) FROM {table} JOIN studies s USING (study_id) WHERE s.status <> 'withdrawn'"
        for kind, table in (
            ("Report", "reports"), ("Arm", "arms"), ("Population", "populations"), ("ImmuneFinding", "findings"), ("Outcome", "outcomes"),
            ("AdverseEvent", "adverse_events"), ("Claim", "claims"),
        )
    )
    + " UNION ALL SELECT 'Study', count(*) FROM studies WHERE status <> 'withdrawn'",
    "response-rates": (
        f"SELECT study_id, item_id, population, events, total {_OUTCOMES} AND endpoint = 'objective-response' AND result = 'proportion' "
        "AND count_of = 'patients' AND events IS NOT NULL AND total IS NOT NULL"
    ),
    "markers-that-rose": (
        f"SELECT biomarker, count(DISTINCT study_id) {_FINDINGS} AND kind = 'change' AND direction = 'increase' GROUP BY biomarker"
    ),
    "tested-and-none": (
        f"SELECT study_id, item_id, biomarker, endpoint {_FINDINGS} AND association = 'none' AND f.basis = 'tested' AND endpoint IS NOT NULL"
    ),
    "markers-of-survival": (
        f"SELECT biomarker, association, count(DISTINCT study_id) {_FINDINGS} AND endpoint = 'overall-survival' "
        "AND association IN ('positive', 'negative') GROUP BY 1, 2"
    ),
    "who-disagrees": (
        "SELECT DISTINCT f.biomarker, f.endpoint, f.study_id, g.study_id FROM findings f JOIN findings g ON g.biomarker = f.biomarker AND "
        "g.endpoint = f.endpoint AND g.study_id <> f.study_id WHERE f.association = 'positive' AND g.association = 'none' AND g.basis = 'tested' AND NOT EXISTS "
        "(SELECT 1 FROM studies s WHERE s.status = 'withdrawn' AND s.study_id IN (f.study_id, g.study_id))"
    ),
    "subcutaneous-interleukin-2": (
        "SELECT DISTINCT c.study_id, c.arm FROM components c JOIN studies s USING (study_id) "
        "JOIN closure a ON a.kind = 'agents' AND a.ancestor = 'interleukin-2' AND a.descendant = c.agent "
        "JOIN closure r ON r.kind = 'routes' AND r.ancestor = 'subcutaneous' AND r.descendant = c.route WHERE s.status <> 'withdrawn'"
    ),
    "high-dose-per-kilogram": (
        "SELECT DISTINCT c.study_id, c.arm, c.dose_printed FROM components c JOIN studies s USING (study_id) WHERE s.status <> 'withdrawn' "
        "AND c.dose_family = 'iu' AND c.dose_body = 'per-kg' AND c.dose_per = 'dose' AND c.dose_high >= 500000"
    ),
    "renal-cell-carcinoma": (
        "SELECT DISTINCT k.study_id FROM item_conditions k JOIN studies s USING (study_id) "
        "JOIN closure c ON c.kind = 'conditions' AND c.ancestor = 'renal-cell-carcinoma' AND c.descendant = k.condition "
        "WHERE s.status <> 'withdrawn' AND k.kind = 'populations'"
    ),
    "randomised-hazard-ratios": (
        f"SELECT study_id, item_id, endpoint, estimate, interval_low, interval_high {_OUTCOMES} AND s.allocation = 'randomised' "
        "AND measure = 'hr' AND estimate IS NOT NULL AND interval_low IS NOT NULL AND interval_high IS NOT NULL"
    ),
    "small-p-values": f"SELECT study_id, item_id, endpoint, p {_OUTCOMES} AND p < 0.01",
    "nobody-responded": (
        f"SELECT study_id, item_id, total, at, anchor {_OUTCOMES} AND endpoint = 'objective-response' AND result = 'proportion' AND events = 0"
    ),
    "claims-of-no-association": (
        "SELECT c.study_id, c.item_id, CASE WHEN c.rests_on IS NULL THEN 0 ELSE 1 + length(c.rests_on) - length(replace(c.rests_on, ';', '')) END "
        "FROM claims c JOIN studies s USING (study_id) WHERE s.status <> 'withdrawn' AND c.relation = 'not-associated-with'"
    ),
    "treatment-deaths": (
        "SELECT a.study_id, a.item_id, a.events, a.total FROM adverse_events a JOIN studies s USING (study_id) "
        "WHERE s.status <> 'withdrawn' AND a.term = 'treatment-related-death' AND a.events IS NOT NULL"
    ),
    "shared-patients": (
        "SELECT o.study_id, o.other_id, o.relation FROM overlaps o JOIN studies s USING (study_id) "
        "WHERE s.status <> 'withdrawn' AND o.certainty = 'certain'"
    ),
    "why-no-phase": "SELECT phase_absence, count(*) FROM studies WHERE status <> 'withdrawn' AND phase_absence IS NOT NULL GROUP BY 1",
    "how-much-was-read": "SELECT r.read, count(*) FROM reports r JOIN studies s USING (study_id) WHERE s.status <> 'withdrawn' GROUP BY 1",
    "references": (
        "SELECT r.study_id, r.item_id, r.year, r.doi FROM reports r JOIN studies s USING (study_id) WHERE s.status <> 'withdrawn' AND r.doi IS NOT NULL"
    ),
    "agents-with-ncit": (
        "SELECT DISTINCT c.agent, j.value FROM components c JOIN studies s USING (study_id) JOIN terms t ON t.kind = 'agents' AND t.id = c.agent, "
        "json_each('[\"' || replace(t.curies, '; ', '\",\"') || '\"]') j WHERE s.status <> 'withdrawn' AND j.value LIKE 'NCIT:%'"
    ),
}  # fmt: skip


def shown(term):
    """A term as a person writes it: an id for an IRI, a number as the shortest one, nothing for what is unbound."""
    if term is None:
        return ""
    if isinstance(term, ox.NamedNode):
        last = term.value.rsplit("/", 1)[-1]
        # Members of closed sets are named by set and member.
        return last.partition("#")[2].partition("-")[2] or last.partition("#")[2] or last
    return plain(float(term.value)) if term.datatype.value.endswith(("#double", "#integer", "#gYear")) else term.value


def plain(value):
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def answer(store, name):
    """The head and the rows of a query's answer."""
    found = store.query((FOLDER / f"{name}.rq").read_text("utf-8"))
    head = [variable.value for variable in found.variables]
    return head, [tuple(shown(row[variable]) for variable in head) for row in found]


@pytest.fixture(scope="module")
def shipped():
    """The shipped collection: its index, a store of all of it, and a store of a few records."""
    project = open_project(Path(__file__).parent, explicit=True)
    with open_index(project) as index:
        stores = []
        for selection in (select(index, {}), select(index, {"id": FEW})):
            store = ox.Store()
            text = "".join(ntriples(make_extract(project, index, selection)))
            store.bulk_load(text.encode(), format=ox.RdfFormat.N_TRIPLES)
            stores.append(store)
        yield index, *stores


def test_there_are_twenty_each_with_its_question():
    assert sorted(SQL) == QUERIES
    assert 20 == len(QUERIES)
    assert [] == [name for name in QUERIES if not (FOLDER / f"{name}.rq").read_text("utf-8").startswith("# ")]


@pytest.mark.parametrize("name", QUERIES)
def test_the_graph_answers_as_the_tables_do(name, shipped):
    index, whole, _ = shipped
    _, rows = answer(whole, name)
    assert sorted(tuple(map(plain, row)) for row in index.rows(SQL[name])) == sorted(rows)
    assert rows


@pytest.mark.parametrize("name", QUERIES)
def test_the_answer_on_a_few_records_is_the_reviewed_one(name, shipped, golden):
    _, _, few = shipped
    head, rows = answer(few, name)
    golden(f"queries/{name}.tsv", "".join("\t".join(cells) + "\n" for cells in (head, *rows)))


OXIGRAPH = Path(sys.executable).with_name("oxigraph")
"""The server of the package of that name, which the tests' environment holds."""


@contextmanager
def sparql_server(folder, triples):
    """Load triples into a store on disk, serve it read-only on a free port of this machine, and give the address."""
    (folder / "all.nt").write_bytes(triples)
    subprocess.run([OXIGRAPH, "load", "--location", folder / "store", "--file", folder / "all.nt"], check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        place = probe.getsockname()
    server = subprocess.Popen(
        [OXIGRAPH, "serve-read-only", "--location", folder / "store", "--bind", f"127.0.0.1:{place[1]}"], stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(place, timeout=1).close()
                break
            except OSError:
                assert server.poll() is None, f"the server ended with {server.returncode}"
                assert time.monotonic() < until, "the server did not answer"
                time.sleep(0.05)
        yield f"http://127.0.0.1:{place[1]}/query"
    finally:
        server.terminate()
        server.wait(10)


def test_a_server_of_its_own_answers_as_the_local_graph_does(shipped, tmp_path, run_kb):
    index, whole, _ = shipped
    known = namespaces(open_project(Path(__file__).parent, explicit=True).base_iri)
    with sparql_server(tmp_path, whole.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())) as address:
        for name in QUERIES:
            query = (FOLDER / f"{name}.rq").read_text("utf-8")
            reply = send(address, {"query": query}, accept="application/sparql-results+json")
            assert ask_graph(whole, query, known) == read_results(reply.body, reply.content_type), name
        count, description = "SELECT (count(*) AS ?n) WHERE { ?s a kb:Study }", "DESCRIBE id:sosman-1991-prolonged-il2"
        ((studies,),) = index.rows("SELECT count(*) FROM studies WHERE status <> 'withdrawn'")
        assert (0, f"n\n{studies}\n", "") == run_kb("sparql", count, "--endpoint", address, "-f", "csv")
        told = tuple(run_kb("sparql", description, "--endpoint", address)[1].splitlines())
        assert ask_graph(whole, description, known).triples == told
        code, out, err = run_kb("sparql", "SELECT nonsense", "--endpoint", address)
        assert (3, "", True) == (code, out, f"kb: {address}: answered 400 Bad Request: error at " in err)
