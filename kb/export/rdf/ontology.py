"""The ontology file: what every class, property and closed term means, and how ours lie beside public ontologies.

Classes and properties are read from the table and the models' own words. The alignment alone is written here, and
nowhere else: a public ontology that moves, or a mapping that turns out wrong, costs this file and no data.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator

from kb.export.rdf.fields import models
from kb.export.rdf.graphs import closed_sets
from kb.export.rdf.names import NS, PREFIXES, curie_iri
from kb.export.rdf.properties import IRI, entries, properties, value_nodes
from kb.export.rdf.spelling import Spelling
from kb.export.rdf.table import CLASSES
from kb.export.rdf.turtle import node_blocks
from kb.export.rdf.walk import Node
from kb.model.terms import ClosedSet

_PREFIXES = ("kb", "dcat", "dcterms", "oa", "obo", "owl", "prov", "rdf", "rdfs", "schema", "skos", "void", "xsd")

ALIGNMENT: dict[str, tuple[tuple[str, str], ...]] = {
    # A claim is an assertion in SEPIO's sense. The rest is near and not the same: SEPIO hangs evidence on an evidence
    # line, and STATO's terms are of statistics in general.
    "kb:Claim": (("rdfs:subClassOf", "SEPIO:0000001"),),
    "kb:ImmuneFinding": (("skos:closeMatch", "SEPIO:0000173"),),
    "kb:Outcome": (("skos:closeMatch", "SEPIO:0000173"),),
    "kb:Study": (("skos:closeMatch", "schema:MedicalStudy"),),
    "kb:Report": (("rdfs:subClassOf", "schema:CreativeWork"),),
    "kb:Arm": (("skos:closeMatch", "NCIT:C174447"),),
    "kb:Population": (("skos:closeMatch", "NCIT:C61512"),),
    "kb:Proportion": (("skos:closeMatch", "STATO:0000607"),),
    "kb:TimeToEvent": (("skos:closeMatch", "STATO:0000731"),),
    "kb:CountResult": (("skos:closeMatch", "STATO:0000047"),),
    "kb:Interval": (("skos:closeMatch", "STATO:0000196"),),
    "kb:PValue": (("skos:closeMatch", "STATO:0000700"),),
    "kb:subject": (("skos:closeMatch", "SEPIO:0000388"),),
    "kb:relation": (("skos:closeMatch", "SEPIO:0000389"),),
    "kb:object": (("skos:closeMatch", "SEPIO:0000390"),),
    "kb:restsOn": (("skos:closeMatch", "SEPIO:0000084"),),
    "kb:polarity": (("skos:closeMatch", "SEPIO:0000183"),),
    "kb:evidenceType": (("schema:rangeIncludes", "ECO:0000000"),),
    "kb:n": (("skos:closeMatch", "STATO:0000088"),),
    "kb:median": (("skos:closeMatch", "STATO:0000574"),),
    "kb:mean": (("skos:closeMatch", "STATO:0000573"),),
    "kb:sd": (("skos:closeMatch", "STATO:0000237"),),
    "kb:se": (("skos:closeMatch", "STATO:0000037"),),
    "kb:range": (("skos:closeMatch", "STATO:0000035"),),
    "kb:percent": (("skos:closeMatch", "STATO:0000639"),),
    "kb:curie": (("rdfs:subPropertyOf", "skos:notation"),),
}
"""How classes and properties lie beside others. Every CURIE of an ontology is a verified one; a test holds that."""

_COMMENTS = {
    "kb:ImmuneFinding": "What the immune system did or was: a level, a change, a contrast or an association.",
    "kb:Result": "What a number, or a sentence without one, says.",
    "kb:Quantity": "A number as printed, with its operator or censoring mark.",
    "kb:PValue": "A P value with its operator; NS has no number.",
    "kb:DayRange": "A day of the cycle, or a week, or a range of them, counted from 1.",
    "kb:Author": "An author as printed.",
    "kb:DomainJudgement": "Judgement on one domain of a risk-of-bias instrument.",
    "kb:Criterion": "One option of a selection with its values.",
}


def ontology_text() -> str:
    """Return `schemas/ontology.ttl`."""
    spelling = Spelling(NS.removesuffix("ns#"), turtle=True)
    head = "".join(f"@prefix {prefix}: <{PREFIXES[prefix]}> .\n" for prefix in _PREFIXES)
    nodes = [_header(spelling), *_classes(spelling), *_properties(spelling), *closed_sets(spelling)]
    return f"{head}\n{node_blocks(nodes).rstrip()}\n"


def _header(spelling: Spelling) -> Node:
    pairs = [
        "a owl:Ontology",
        f"dcterms:title {spelling.literal('Literature evidence on immunotherapy', language='en')}",
        f"rdfs:comment {spelling.literal('Classes, properties and closed terms of the records, generated from their models.', language='en')}",
    ]
    return f"<{NS.removesuffix('#')}>", pairs


def _classes(spelling: Spelling) -> Iterator[Node]:
    found: dict[str, tuple[tuple[str, ...], str]] = {}
    for model in models():
        found[CLASSES[model][0]] = (CLASSES[model][1:], _first_paragraph(model))
    for node in value_nodes():
        found[node.types[0]] = (node.types[1:], "")
    for entry, _ in entries():
        found[entry.types[0]] = ((), "")
    for parents, _ in list(found.values()):
        for parent in parents:
            found.setdefault(parent, ((), ""))
    for closed_set in ClosedSet.__subclasses__():
        found[f"kb:{closed_set.__name__}"] = (("skos:Concept",), _first_paragraph(closed_set))
    for name, (parents, comment) in sorted(found.items()):
        if name.startswith("kb:"):
            more = [f"rdfs:subClassOf {parent}" for parent in parents]
            yield name, ["a owl:Class", *_words(spelling, name, _COMMENTS.get(name, comment)), *more, *_aligned(spelling, name)]


def _properties(spelling: Spelling) -> Iterator[Node]:
    for name, one in properties().items():
        if not name.startswith("kb:"):
            continue
        kind = "owl:ObjectProperty" if one.objects == {IRI} else "rdf:Property" if IRI in one.objects else "owl:DatatypeProperty"
        subjects = [f"schema:domainIncludes {subject}" for subject in sorted(one.subjects)]
        yield name, [f"a {kind}", *_words(spelling, name, *one.comments), *subjects, *_aligned(spelling, name)]


def _words(spelling: Spelling, name: str, *comments: str) -> Iterable[str]:
    label = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.partition(":")[2]).lower()
    yield f"rdfs:label {spelling.literal(label, language='en')}"
    for comment in filter(None, comments):
        yield f"rdfs:comment {spelling.literal(comment, language='en')}"


def _aligned(spelling: Spelling, name: str) -> Iterator[str]:
    for predicate, target in ALIGNMENT.get(name, ()):
        iri = curie_iri(target)
        yield f"{predicate} {target if iri is None else spelling.iri(iri)}"


def _first_paragraph(documented: type) -> str:
    return " ".join((inspect.getdoc(documented) or "").split("\n\n", 1)[0].split())
