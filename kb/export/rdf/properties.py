"""The properties of the graph, gathered from the plans of all models: what objects each has, and what it means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from kb.export.rdf.fields import Many, Plan, datatypes, models, order_property, plans
from kb.export.rdf.names import PREFIXES, XSD
from kb.export.rdf.rows import DAYS, QUANTITIES, Entry, ValueNode
from kb.export.rdf.table import CLASSES
from kb.model.base import Record
from kb.model.study import Entity
from kb.model.terms import ClosedSet

IRI = "@id"
"""Object type of a property whose objects are nodes or terms; literals have the IRI of their datatype."""

_LANG = PREFIXES["rdf"] + "langString"
_OF_PYTHON = {str: XSD + "string", int: XSD + "integer", float: XSD + "double", bool: XSD + "boolean"}


@dataclass
class Property:
    """A property of the graph.

    Attributes:
        name: Prefixed name.
        objects: What its objects are: `IRI`, or datatypes.
        subjects: Prefixed names of the classes that carry it.
        comments: What the models say of it, in their order.
    """

    name: str
    objects: set[str] = field(default_factory=set)
    subjects: dict[str, None] = field(default_factory=dict)
    comments: dict[str, None] = field(default_factory=dict)


def value_nodes() -> Iterator[ValueNode]:
    """Yield every node that a plain value is made into, each class once."""
    found = [*QUANTITIES.values(), DAYS]
    found += [plan.row.node for model in models() for plan in plans(model) if isinstance(plan.row.node, ValueNode)]
    yield from {node.types[0]: node for node in found}.values()


def entries() -> Iterator[tuple[Entry, Plan]]:
    """Yield every sort of entry of a mapping, with a field that has it."""
    rows = [(plan.row.node, plan) for model in models() for plan in plans(model)]
    yield from {node.types[0]: (node, plan) for node, plan in rows if isinstance(node, Entry)}.values()


def object_types(plan: Plan) -> set[str]:
    """Return what the objects of a field's own triples are."""
    if plan.kinds == (Entity,):
        return {found for inner in plans(Entity) for found in object_types(inner)}
    plain = set(datatypes(plan)) - ({XSD + "string"} if plan.row.to is not None else set())
    nodes = plan.row.to is not None or plan.row.node is not None or plan.absent
    nodes = nodes or any(issubclass(kind, Record | ClosedSet) or kind in QUANTITIES for kind in plan.kinds)
    return plain | ({IRI} if nodes else set())


@cache
def properties() -> dict[str, Property]:
    """Return every property of the graph by prefixed name, sorted."""
    found: dict[str, Property] = {}

    def add(name: str, subject: str, objects: set[str], comment: str) -> None:
        one = found.setdefault(name, Property(name))
        one.objects |= objects
        one.subjects[subject] = None
        one.comments[comment] = None

    for model in models():
        subject = CLASSES[model][0]
        for plan in plans(model):
            add(plan.row.predicate, subject, object_types(plan), plan.comment)
            for link in plan.row.also:
                add(link.predicate, subject, {IRI}, plan.comment)
            if plan.many is Many.LIST and not plan.models and not isinstance(plan.row.node, ValueNode) and plan.kinds[0] not in QUANTITIES:
                add(order_property(plan.row.predicate), subject, {XSD + "string"}, _ORDER)
            if plan.many is Many.MAP and plan.models:
                add("dcterms:identifier", CLASSES[plan.models[0]][0], {XSD + "string"}, "Id within the study.")
    for node in value_nodes():
        for name, kind, _ in node.parts:
            add(name, node.types[0], {_OF_PYTHON[kind]}, _MEANING.get(name, ""))
    for entry, plan in entries():
        add(entry.key, entry.types[0], {XSD + "string"}, "Key of the entry.")
        add(entry.value, entry.types[0], {IRI} if issubclass(plan.kinds[0], ClosedSet) else {XSD + "string"}, "Value of the entry.")
        if plan.many is Many.MAP and plan.kinds == (str,):
            add(order_property(entry.value), entry.types[0], {XSD + "string"}, _ORDER)
    for name, subject, objects, comment in _OTHERS:
        add(name, subject, {objects}, comment)
    return dict(sorted(found.items()))


_ORDER = (
    "Order of the values where it is not their sorted order: for each value in turn its place among the sorted distinct values, from 1."
)
_MEANING = {
    "kb:printed": "The value as printed.",
    "kb:value": "The number; none for a P value that is printed as not significant.",
    "kb:operator": "What is printed before the number: <, <=, >, >=, ~, or NS for not significant; a censored value is >=.",
    "kb:censored": "True where a + is printed: the value was still running when it was read.",
    "kb:first": "First day or week.",
    "kb:last": "Last day or week.",
    "schema:name": "Name as printed.",
    "oa:exact": "The words of the source that hold the fact, eight at most.",
}
_STRING = XSD + "string"
_OTHERS = (
    ("kb:index", "kb:Study", XSD + "integer", "Place of the node in the list or mapping of the record that it belongs to, from 1."),
    ("kb:evidenceType", "kb:Claim", IRI, "Kind of evidence of every node of the class."),
    ("rdf:type", "kb:Study", IRI, "Class."),
    ("skos:inScheme", "skos:Concept", IRI, "The vocabulary that a term belongs to."),
    ("void:inDataset", "kb:Study", IRI, "The data set."),
    ("dcterms:title", "dcat:Dataset", _STRING, "Name of the collection."),
    ("dcterms:license", "dcat:Dataset", IRI, "Licence of the data."),
    ("dcterms:rights", "dcat:Dataset", _STRING, "Licence of the data, where it is an expression of several."),
    ("dcterms:conformsTo", "dcat:Dataset", IRI, "The ontology."),
    ("dcterms:publisher", "dcat:Dataset", IRI, "Who answers for the collection."),
    ("void:vocabulary", "dcat:Dataset", IRI, "The ontology."),
    ("void:uriSpace", "dcat:Dataset", _STRING, "What the IRIs of the studies begin with."),
    ("kb:selection", "dcat:Dataset", _STRING, "The selection of studies that the export holds."),
)
