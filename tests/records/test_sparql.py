import json

import pyoxigraph
import pytest

from kb.errors import UnreadableError, UsageError
from kb.records.sparql import GraphAnswer, as_turtle, ask_graph, check_query, read_results, with_prefixes

EX = "http://example.org/"
PREFIXES = {"ex": EX, "xsd": "http://www.w3.org/2001/XMLSchema#"}
TRIPLES = f"""
<{EX}a> <{EX}n> "20"^^<http://www.w3.org/2001/XMLSchema#integer> .
<{EX}a> <{EX}half> "0.5"^^<http://www.w3.org/2001/XMLSchema#double> .
<{EX}a> <{EX}odd> "many"^^<http://www.w3.org/2001/XMLSchema#integer> .
<{EX}a> <{EX}label> "a service \\"#1\\""@en .
<{EX}a> <{EX}knows> _:someone .
<{EX}b> <{EX}knows> <{EX}a> .
"""


@pytest.fixture(scope="module")
def store():
    made = pyoxigraph.Store()
    made.load(TRIPLES, format=pyoxigraph.RdfFormat.N_TRIPLES)
    return made


def test_rows_are_plain_values(store):
    query = "SELECT ?n ?half ?odd ?label ?none ?b { ex:a ex:n ?n; ex:half ?half; ex:odd ?odd; ex:label ?label. ?b ex:knows ex:a }"
    answer = ask_graph(store, query, PREFIXES)
    assert GraphAnswer(("n", "half", "odd", "label", "none", "b"), [(20, 0.5, "many", 'a service "#1"', None, f"{EX}b")]) == answer


def test_a_blank_node_is_no_iri(store):
    ((found,),) = ask_graph(store, "SELECT ?who { ex:a ex:knows ?who }", PREFIXES).rows
    assert found.startswith("_:")


@pytest.mark.parametrize(("query", "answer"), [("ASK { ex:b ex:knows ex:a }", "true"), ("ASK { ex:a ex:knows ex:b }", "false")])
def test_yes_or_no(store, query, answer):
    assert (("answer",), [(answer,)]) == (ask_graph(store, query, PREFIXES).columns, ask_graph(store, query, PREFIXES).rows)


def test_triples_are_sorted_lines(store):
    answer = ask_graph(store, "CONSTRUCT { ?b ex:met ?a } WHERE { ?b ex:knows ?a FILTER(isIRI(?a)) }", PREFIXES)
    assert ((f"<{EX}b> <{EX}met> <{EX}a> .",), False) == (answer.triples, answer.cut)


def test_rows_and_triples_are_cut(store):
    assert (2, True) == (len((answer := ask_graph(store, "SELECT ?p { ex:a ?p ?o }", PREFIXES, rows=2)).rows), answer.cut)
    assert (5, False) == (len((answer := ask_graph(store, "SELECT ?p { ex:a ?p ?o }", PREFIXES, rows=5)).rows), answer.cut)
    answer = ask_graph(store, "CONSTRUCT WHERE { ex:a ?p ?o }", PREFIXES, rows=1)
    assert (1, True) == (len(answer.triples or ()), answer.cut)


def test_a_query_may_not_run_for_ever():
    large = pyoxigraph.Store()
    large.bulk_load("".join(f"<{EX}{n}> <{EX}p> <{EX}{n + 1}> .\n" for n in range(2000)), format=pyoxigraph.RdfFormat.N_TRIPLES)
    with pytest.raises(UsageError, match=r"more than 0\.05 seconds"):
        ask_graph(large, "SELECT (count(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER(?a != ?d) }", {}, seconds=0.05)


@pytest.mark.parametrize(
    ("query", "place", "words"),
    [
        ("SELECT ?x WHERE {\n ?x ex:p }", "2:10", "expected"),
        ("SELECT ?x WHERE { ?x foo:p ?y }", "1:27", "prefix"),
        ("", "1:1", "expected"),
    ],
)
def test_a_mistake_has_its_place(store, query, place, words):
    with pytest.raises(UsageError, match=f"^{place}: ") as error:
        ask_graph(store, query, PREFIXES)
    assert words in str(error.value)
    assert str(error.value).endswith("^")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://example.org/> { ?a ?b ?c } }",
        "select * { service silent ?x { ?a ?b ?c } }",
        "SELECT * { SERV\\u0049CE <http://example.org/> { ?a ?b ?c } }",
        "SELECT * { \\U00000053ERVICE <http://example.org/> { ?a ?b ?c } }",
        "PREFIX : <http://example.org/> SELECT * { SERVICE:x { ?a ?b ?c } }",
        "SELECT * { ?a ex:b\\#c ?d . SERVICE <http://example.org/> { ?a ?b ?c } }",
        'SELECT * { ?a ex:b "# \\" " . SERVICE <http://example.org/> { ?a ?b ?c } }',
        "SELECT * { ?a ex:b '''it's # ''' . SERVICE <http://example.org/> { ?a ?b ?c } }",
        "SELECT * { FILTER(?a<?b)SERVICE<http://example.org/>{ ?a ?b ?c } }",
        "SELECT * { <http://example.org/it's> ?p ?o . SERVICE <http://example.org/> { ?a ?b ?c } }",
        "SELECT * { ?a ?b ?c }# a comment\rSERVICE <http://example.org/> {}",
    ],
)
def test_no_other_service_is_asked(query):
    with pytest.raises(UsageError, match="SERVICE"):
        check_query(query)


@pytest.mark.parametrize(
    "query",
    [
        'SELECT ?service { ?service ex:service "SERVICE" . # a SERVICE\n ?x <http://example.org/service> ?create }',
        "SELECT * { ?a ex:b\\'c ?d ; ex:load 'insert' }",
        "SELECT ?add { ?add ?move ?copy }",
    ],
)
def test_the_words_alone_do_no_harm(query):
    check_query(query)


@pytest.mark.parametrize(
    "query", ["INSERT DATA { ex:a ex:b ex:c }", "DELETE WHERE { ?a ?b ?c }", "LOAD <http://example.org/>", "clear all"]
)
def test_nothing_can_be_changed(store, query):
    with pytest.raises(UsageError, match="is no question"):
        ask_graph(store, query, PREFIXES)


def test_an_update_behind_a_select_is_refused_by_the_engine(store):
    before = len(store)
    with pytest.raises(UsageError):
        ask_graph(store, "SELECT * {} ; INSERT DATA { ex:a ex:b ex:c }", PREFIXES)
    assert before == len(store)


def test_a_broken_store_is_not_hidden():
    class Broken:
        error = OSError("no block")

        def query(self, *args, **options):
            raise self.error

    with pytest.raises(UnreadableError, match="damaged: no block"):
        ask_graph(Broken(), "ASK {}", {})
    Broken.error = ZeroDivisionError("a fault")
    with pytest.raises(ZeroDivisionError):
        ask_graph(Broken(), "ASK {}", {})


def test_an_error_without_a_place():
    class Odd:
        def query(self, *args, **options):
            raise SyntaxError("odd")

    with pytest.raises(UsageError, match="the query cannot be read: odd"):
        ask_graph(Odd(), "ASK {}", {})


def test_turtle_has_the_namespaces_that_occur_in_order():
    text = as_turtle(f"<{EX}b> <{EX}knows> <{EX}a> .\n", {"z": EX, "b": "http://example.com/"})
    assert f"@prefix z: <{EX}> .\nz:b z:knows z:a .\n" == text


def test_prefixes_are_declared_for_an_engine_elsewhere():
    assert f"PREFIX ex: <{EX}>\nASK {{}}" == with_prefixes("ASK {}", {"ex": EX})


def test_results_of_an_endpoint():
    number = {"type": "literal", "datatype": "http://www.w3.org/2001/XMLSchema#integer", "value": "3"}
    found = {"head": {"vars": ["n", "x"]}, "results": {"bindings": [{"n": number}, {"n": number, "x": {"type": "uri", "value": EX}}]}}
    assert GraphAnswer(("n", "x"), [(3, None), (3, EX)]) == read_results(
        json.dumps(found), "application/sparql-results+json; charset=utf-8"
    )
    assert GraphAnswer(("n", "x"), [(3, None)], True) == read_results(json.dumps(found), "", rows=1)
    assert [("false",)] == read_results('{"head": {}, "boolean": false}', "application/json").rows
    answer = read_results(f"# note\n<{EX}b> <{EX}p> <{EX}a> .\n\n<{EX}a> <{EX}p> <{EX}b> .\n", "application/n-triples")
    assert (f"<{EX}a> <{EX}p> <{EX}b> .", f"<{EX}b> <{EX}p> <{EX}a> .") == answer.triples


@pytest.mark.parametrize("body", ["<html>", "[]", '{"head": {}}', '{"head": {"vars": ["a"]}, "results": {"bindings": [3]}}', "3"])
def test_what_is_no_result_is_said(body):
    with pytest.raises(UnreadableError, match="no SPARQL result"):
        read_results(body, "text/html")
