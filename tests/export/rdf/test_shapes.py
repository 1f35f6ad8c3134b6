"""The shapes accept what is exported, and each catches its own mistake; schemas/ holds what the table generates."""

from __future__ import annotations

from functools import cache

import pyshacl
import pytest
import rdflib
from rdflib import RDF, SH, XSD, URIRef

from kb.export.formats import stream_writer
from kb.export.rdf.context import context_text
from kb.export.rdf.names import NS
from kb.export.rdf.ontology import ontology_text
from kb.export.rdf.shapes import shapes_text
from kb.project import resource
from tests.export.rdf.extracts import an_extract

WRONG = rdflib.Literal("--07", datatype=XSD.gMonth)
"""A value that no property may have."""
Violation = tuple[str, str, str]
"""Focus node, path, component."""


@cache
def shapes() -> rdflib.Graph:
    return rdflib.Graph().parse(data=shapes_text(), format="turtle")


def violations(graph: rdflib.Graph) -> set[Violation]:
    _, report, _ = pyshacl.validate(graph, shacl_graph=shapes())
    assert isinstance(report, rdflib.Graph)
    return {
        (str(report.value(found, SH.focusNode)), str(report.value(found, SH.resultPath)), _component(report, found))
        for found in report.subjects(RDF.type, SH.ValidationResult)
    }


def _component(report: rdflib.Graph, found: rdflib.term.Node) -> str:
    return str(report.value(found, SH.sourceConstraintComponent)).rpartition("#")[2].removesuffix("ConstraintComponent")


def test_the_export_conforms() -> None:
    assert set() == violations(rdflib.Graph().parse(data="".join(stream_writer("ntriples")(an_extract())), format="nt"))


def test_every_shape_catches_its_mistakes() -> None:
    graph, expected = rdflib.Graph(), set()
    for shape, target in shapes().subject_objects(SH.targetClass):
        for mistake in ("none", "two", "wrong", "more"):
            node = URIRef(f"urn:{mistake}:{target}")
            graph.add((node, RDF.type, target))
            for rule in shapes().objects(shape, SH.property):
                expected |= _mistake(graph, node, mistake, rule)
    assert {"MinCount", "MaxCount", "Datatype", "Class", "Node", "Or", "NodeKind", "LessThanOrEquals"} == {found[2] for found in expected}
    assert set() == expected - violations(graph)


def _mistake(graph: rdflib.Graph, node: URIRef, mistake: str, rule: rdflib.term.Node) -> set[Violation]:
    """Make one mistake at a node, and return what a validator must say of it."""
    path = shapes().value(rule, SH.path)
    assert isinstance(path, URIRef)

    def caught(component: str) -> set[Violation]:
        return {(str(node), str(path), component)}

    if mistake == "none":
        return caught("MinCount") if (rule, SH.minCount, None) in shapes() else set()
    if mistake == "two":
        graph.add((node, path, rdflib.Literal("a")))
        graph.add((node, path, rdflib.Literal("b")))
        return caught("MaxCount") if (rule, SH.maxCount, None) in shapes() else set()
    if mistake == "more":
        other = shapes().value(rule, SH.lessThanOrEquals)
        if other is None:
            return set()
        graph.add((node, path, rdflib.Literal(19)))
        graph.add((node, URIRef(str(other)), rdflib.Literal(18)))
        return caught("LessThanOrEquals")
    graph.add((node, path, WRONG))
    names = {SH.datatype: "Datatype", SH["class"]: "Class", SH.node: "Node", SH["or"]: "Or", SH.nodeKind: "NodeKind"}
    (component,) = [name for predicate, name in names.items() if (rule, predicate, None) in shapes()]
    return caught(component)


@pytest.mark.parametrize("term", ["Absence-not-reported", "Direction-increase"])
def test_a_stated_absence_conforms_where_a_value_may_be_absent_alone(term: str) -> None:
    text = "".join(stream_writer("ntriples")(an_extract()))
    masking = f"<{NS}masking> <{NS}Masking-open-label>"
    assert text.count(masking) == 1
    found = violations(rdflib.Graph().parse(data=text.replace(masking, f"<{NS}masking> <{NS}{term}>"), format="nt"))
    assert ({"Or"} if term.startswith("Direction") else set()) == {component for _, _, component in found}


def test_the_ontology_is_readable_and_explains_every_property() -> None:
    graph = rdflib.Graph().parse(data=ontology_text(), format="turtle")
    properties = {
        found
        for kind in ("ObjectProperty", "DatatypeProperty")
        for found in graph.subjects(RDF.type, URIRef(f"http://www.w3.org/2002/07/owl#{kind}"))
    } | set(graph.subjects(RDF.type, RDF.Property))
    assert len(properties) > 200
    assert [] == sorted(str(found) for found in properties if graph.value(found, rdflib.RDFS.comment) is None)


@pytest.mark.parametrize(
    ("file", "generated"),
    [("shapes.ttl", shapes_text), ("context.jsonld", context_text), ("ontology.ttl", ontology_text)],
    ids=["shapes", "context", "ontology"],
)
def test_the_schemas_folder_is_in_step_with_the_table(file: str, generated: object) -> None:
    assert callable(generated)
    assert generated() == (resource("schemas") / file).read_text(encoding="utf-8"), "run `kb schema --write`"
