"""RDF brings the records back, whatever they say and whoever parses it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import pyoxigraph
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

import kb
from kb.errors import UnreadableError
from kb.export.formats import Extract, stream_writer
from kb.export.rdf import read
from kb.export.rdf.names import parse_term
from kb.export.rdf.ntriples import node_triples, triples
from kb.export.rdf.spelling import Spelling
from kb.export.rdf.walk import Node, Walker
from kb.model import findings, outcomes, study
from kb.model.base import Record
from kb.model.regimen import Arm
from kb.model.study import Study
from kb.model.terms import VocabularyKind
from kb.model.vocabulary import TERM_MODELS, Question
from kb.project import resource
from kb.records.collection import Collection
from tests.builders import study_data
from tests.export.rdf.extracts import ASKED, PROJECT, VOCABULARY, WHOLE, an_extract
from tests.export.rdf.strategies import records

PARTS: dict[str, type[Record]] = {
    "reports.main": study.Report,
    "overlaps.0": study.Overlap,
    "design": study.Design,
    "arms.b": Arm,
    "populations.b": study.Population,
    "findings.a-level": findings.Level,
    "findings.a-change": findings.Change,
    "findings.a-contrast": findings.MarkerContrast,
    "findings.an-association": findings.MarkerAssociation,
    "outcomes.b": outcomes.Outcome,
    "adverse_events.b": outcomes.AdverseEvent,
    "cited.b": outcomes.CitedResult,
    "claims.b": study.Claim,
    "appraisal": study.Appraisal,
    "ambiguities.0": study.Ambiguity,
    "curation": study.Curation,
}


def plain(extract: Extract) -> list[read.PlainTriple]:
    found: Iterable[Any] = ([parse_term(term) for term in triple] for triple in triples(extract))
    return [(subject, predicate, term) for subject, predicate, term in found]


WALKER = Walker(Spelling(PROJECT.base_iri))


def walked(nodes: list[Node]) -> list[read.PlainTriple]:
    found: Iterable[Any] = ([parse_term(term) for term in triple] for triple in node_triples(nodes))
    return [(subject, predicate, term) for subject, predicate, term in found]


@cache
def shipped() -> Collection:
    return kb.load(str(resource("kb.toml").parent))


def test_every_part_of_a_study_is_tried() -> None:
    named = {name.partition(".")[0] for name in PARTS}
    assert named == {name for name, info in Study.model_fields.items() if name not in ("id", "registry")}


@pytest.mark.parametrize("part", PARTS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_study_comes_back_equal(part: str, data: st.DataObject) -> None:
    name, _, place = part.partition(".")
    value = data.draw(records(PARTS[part]))
    changed = study_data(registry=data.draw(st.permutations(["NCT00000001", "EORTC-1", "NCT00000001"])))
    if place == "0":
        changed[name] = [value, value]
    elif place:
        changed[name] = {**changed.get(name, {}), place: value}
    else:
        changed[name] = value
    record = Study.model_validate(changed)
    found = read.studies(walked(WALKER.study(record)))[record.id]
    assert record == found
    assert [list(getattr(record, name)) for name in ("reports", "populations", "findings")] == [
        list(getattr(found, name)) for name in ("reports", "populations", "findings")
    ], "the order of the parts"


@pytest.mark.parametrize("kind", VocabularyKind)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_term_comes_back_equal(kind: VocabularyKind, data: st.DataObject) -> None:
    term = TERM_MODELS[kind].model_validate(data.draw(records(TERM_MODELS[kind])))
    assert {"a-term": term} == read.terms(walked(WALKER.term(kind, "a-term", term)))[kind]


@settings(max_examples=15, deadline=None)
@given(records(Question))
def test_a_question_comes_back_equal(data: dict[str, Any]) -> None:
    question = Question.model_validate(data)
    assert {question.id: question} == read.questions(walked(WALKER.question(question)))


def test_all_shipped_records_come_back_equal() -> None:
    collection = shipped()
    extract = Extract(collection.project, collection.vocabulary, collection.studies.values(), collection.questions)
    text = "".join(stream_writer("turtle")(extract))
    graph = list(read.from_pyoxigraph(pyoxigraph.parse(text.encode(), format=pyoxigraph.RdfFormat.TURTLE)))
    assert dict(collection.studies) == read.studies(graph)
    assert collection.vocabulary.terms == read.terms(graph)
    assert dict(collection.questions) == read.questions(graph)


@pytest.mark.parametrize(
    ("name", "parser"), [("turtle", "turtle"), ("ntriples", "nt"), ("jsonld", "json-ld"), ("rdfxml", "xml"), ("trig", "trig")]
)
def test_every_form_read_by_rdflib_brings_the_records_back(name: str, parser: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data="".join(stream_writer(name)(an_extract())), format=parser)
    graph = list(read.from_rdflib((subject, predicate, term) for subject, predicate, term, _ in dataset.quads()))
    assert {WHOLE.id: WHOLE} == read.studies(graph)
    assert VOCABULARY.terms == read.terms(graph)
    assert {ASKED.id: ASKED} == read.questions(graph)


def test_an_incomplete_graph_names_the_node_and_what_it_lacks() -> None:
    design = f"https://example.org/kb/id/{WHOLE.id}/design"
    whole = plain(an_extract())
    with pytest.raises(UnreadableError, match=f"<https://example.org/kb/id/{WHOLE.id}> design/masking: Field required"):
        read.studies(triple for triple in whole if (triple[0], triple[1].endswith("masking")) != (design, True))
    with pytest.raises(UnreadableError, match=f"<{design}> has no class"):
        read.studies(triple for triple in whole if triple[0] != design)
    author = f"https://example.org/kb/id/{WHOLE.id}/reports/main/authors/1"
    with pytest.raises(UnreadableError, match=f"<{author}> has no schema:name"):
        read.studies(triple for triple in whole if triple[0] != author)


def test_what_others_add_is_passed_over() -> None:
    added = [*plain(an_extract()), (f"https://example.org/kb/id/{WHOLE.id}", "https://example.com/seen", "https://example.com/yes")]
    assert {WHOLE.id: WHOLE} == read.studies(added)


def test_a_blank_node_is_refused() -> None:
    with pytest.raises(ValueError, match="_:b0 is neither an IRI nor a literal"):
        parse_term("_:b0")
