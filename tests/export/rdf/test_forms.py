"""Every form says the same triples, to every reader, and says them twice in the same bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache

import pyoxigraph
import pytest
import rdflib
from pyoxigraph import RdfFormat

import kb
from kb.errors import UnreadableError, UsageError
from kb.export.formats import FORMATS, Extract, stream_writer
from kb.export.rdf import read
from kb.export.rdf.names import Literal, parse_term, spell
from kb.export.rdf.ntriples import triples
from kb.export.rdf.spelling import Spelling
from kb.export.rdf.turtle import node_blocks
from kb.export.rdf.walk import Walker
from kb.project import resource
from tests.builders import a_study
from tests.export.rdf.extracts import WHOLE, an_extract
from tests.export.rdf.strategies import HOSTILE

RDF = {"turtle": "turtle", "ntriples": "nt", "trig": "trig", "jsonld": "json-ld", "rdfxml": "xml"}
"""Forms by the name that rdflib gives them."""
OXIGRAPH = {
    "turtle": RdfFormat.TURTLE,
    "ntriples": RdfFormat.N_TRIPLES,
    "trig": RdfFormat.TRIG,
    "jsonld": RdfFormat.JSON_LD,
    "rdfxml": RdfFormat.RDF_XML,
}
# XML holds no control characters but tab and line ends; the other forms hold everything.
ANYTHING = "".join(HOSTILE)
XML_SAFE = ANYTHING.translate(dict.fromkeys(map(ord, "\x00\x1f")))
Said = set[tuple[str, str, "str | Literal"]]


def written(name: str, extract: Extract) -> str:
    return "".join(stream_writer(name)(extract))


@cache
def said(extract_of: str) -> Said:
    """The triples of the term stream: what every form has to say."""
    found = ([parse_term(term) for term in triple] for triple in triples(hostile_extract(extract_of)))
    return {(str(subject), str(predicate), term) for subject, predicate, term in found}


def hostile_extract(text: str) -> Extract:
    return an_extract(WHOLE, a_study(**{"reports.main.title": text, "arms.a.label": text, "curation.extracted.0.by": text}))


def by_rdflib(name: str, text: str) -> Said:
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data=text, format=RDF[name])
    quads = [(subject, predicate, term) for subject, predicate, term, _ in dataset.quads()]
    assert not [term for triple in quads for term in triple if isinstance(term, rdflib.BNode)]
    return set(read.from_rdflib(quads))


def by_oxigraph(name: str, text: str) -> Said:
    return set(read.from_pyoxigraph(pyoxigraph.parse(text.encode(), format=OXIGRAPH[name])))


def test_every_rdf_form_is_tried() -> None:
    assert {name for name, row in FORMATS.items() if row.module.startswith("kb.export.rdf.")} == set(RDF) == set(OXIGRAPH)


@pytest.mark.parametrize("name", RDF)
@pytest.mark.parametrize("reader", [by_rdflib, by_oxigraph])
@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_every_form_says_the_same(name: str, reader: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    text = XML_SAFE if name == "rdfxml" else ANYTHING
    assert callable(reader)
    assert said(text) == reader(name, written(name, hostile_extract(text)))


@pytest.mark.parametrize("name", RDF)
def test_two_exports_are_equal_to_the_byte(name: str) -> None:
    assert written(name, an_extract()) == written(name, an_extract())


def test_the_example_study_as_turtle(golden: Callable[[str, str], None]) -> None:
    golden("example-1991-il2.ttl", node_blocks(Walker(Spelling("https://example.org/kb/", turtle=True)).study(a_study())))


@pytest.mark.parametrize("name", RDF)
def test_an_empty_collection_is_a_valid_document(name: str) -> None:
    extract = Extract(an_extract().project, an_extract().vocabulary, ())
    assert by_oxigraph(name, written(name, extract))


def test_ntriples_are_sorted_within_a_graph_and_say_nothing_twice() -> None:
    pieces = [piece.splitlines() for piece in stream_writer("ntriples")(an_extract())]
    assert pieces == [sorted(set(lines)) for lines in pieces]
    assert not Counter(line for lines in pieces for line in lines).most_common(1)[0][1] > 1


def test_trig_has_a_graph_for_each_study() -> None:
    quads = list(pyoxigraph.parse(written("trig", an_extract()).encode(), format=RdfFormat.TRIG))
    of_study = {quad.graph_name.value for quad in quads if quad.subject.value.startswith(f"https://example.org/kb/id/{WHOLE.id}")}
    assert {f"https://example.org/kb/graph/{WHOLE.id}"} == of_study
    assert {pyoxigraph.DefaultGraph()} == {quad.graph_name for quad in quads if quad.subject.value == "https://example.org/kb/dataset"}


def test_the_graph_of_the_shipped_collection_counts_what_the_collection_counts() -> None:
    collection = kb.load(str(resource("kb.toml").parent))
    extract = Extract(collection.project, collection.vocabulary, collection.studies.values(), collection.questions)
    found = Counter(term.rpartition("#")[2] for _, predicate, term in triples(extract) if predicate.endswith("#type>"))
    studies = list(collection)
    assert {
        "Study": len(studies),
        "Report": sum(len(study.reports) for study in studies),
        "Arm": sum(len(study.arms) for study in studies),
        "Population": sum(len(study.populations) for study in studies),
        "ImmuneFinding": sum(len(study.findings) for study in studies),
        "Outcome": sum(len(study.outcomes) for study in studies),
        "AdverseEvent": sum(len(study.adverse_events) for study in studies),
        "Claim": sum(len(study.claims) for study in studies),
        "Question": len(collection.questions),
    } == {
        name: found[f"{name}>"]
        for name in ("Study", "Report", "Arm", "Population", "ImmuneFinding", "Outcome", "AdverseEvent", "Claim", "Question")
    }


def test_the_data_set_is_described() -> None:
    subject = "https://example.org/kb/dataset"
    about = {(predicate, term) for found, predicate, term in said(ANYTHING) if found == subject}
    assert ("http://purl.org/dc/terms/title", Literal('A "quoted" name')) in about
    assert ("http://purl.org/dc/terms/license", "https://spdx.org/licenses/CC0-1.0") in about
    assert ("https://w3id.org/evidence-kb/ns#selection", Literal("everything; status draft")) in about


def test_a_licence_of_several_is_words() -> None:
    text = written("turtle", an_extract(licence="CC0-1.0 OR CC-BY-4.0"))
    assert 'dcterms:rights "CC0-1.0 OR CC-BY-4.0"' in text
    assert "dcterms:license" not in text


@pytest.mark.parametrize(
    "base", ["not an iri/", "example.org/kb/", "https://example.org/<kb>/", "https://example.org/kb#/", "https://é.org/ /"]
)
@pytest.mark.parametrize("name", RDF)
def test_a_base_that_is_no_iri_is_refused(name: str, base: str) -> None:
    with pytest.raises(UnreadableError, match="is not an absolute IRI that ends in a slash"):
        written(name, an_extract(base_iri=base))


def test_xml_refuses_what_it_cannot_hold() -> None:
    with pytest.raises(UsageError, match=r"schema:name: the character U\+0000 cannot be written as XML"):
        written("rdfxml", hostile_extract(ANYTHING))


def test_old_dois_and_odd_pages_make_valid_iris() -> None:
    doi = "10.1002/(SICI)1097-0142(19990101)85:1<1::AID-CNCR1>3.0.CO;2-#"
    text = written("ntriples", an_extract(a_study(**{"reports.main.doi": doi, "reports.main.urls": ["https://example.org/{x}"]})))
    links = {term for _, predicate, term in by_oxigraph("ntriples", text) if predicate == "https://schema.org/sameAs"}
    assert "https://doi.org/10.1002/(SICI)1097-0142(19990101)85:1%3C1::AID-CNCR1%3E3.0.CO;2-#" in links


@pytest.mark.parametrize(
    "term",
    ["https://example.org/x", Literal("x"), Literal("1", "http://www.w3.org/2001/XMLSchema#integer"), Literal("".join(HOSTILE))],
    ids=["iri", "text", "typed", "hostile"],
)
def test_a_spelled_term_is_parsed_again(term: str | Literal) -> None:
    assert term == parse_term(spell(term))


def test_a_language_is_kept() -> None:
    assert '"rose"@en' == spell(Literal("rose", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString", "en"))
    assert "en" == parse_term('"rose"@en')[2]
