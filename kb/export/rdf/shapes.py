"""SHACL shapes, written from the same table as the triples, so that the two cannot drift apart.

Every class has one shape with one property shape a field: how many values, and what they are. Shapes are open: others
may say more of our nodes. What an `Absence` may stand in for says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from kb.export.rdf.fields import Many, Plan, datatypes, models, plans
from kb.export.rdf.names import PREFIXES, XSD
from kb.export.rdf.properties import entries, value_nodes
from kb.export.rdf.rows import QUANTITIES, Entry, Place, ValueNode
from kb.export.rdf.spelling import member_name
from kb.export.rdf.table import CLASSES
from kb.model.base import Record
from kb.model.findings import Change
from kb.model.study import Entity
from kb.model.terms import ClosedSet
from kb.model.vocabulary import TERM_MODELS

_PREFIXES = ("kb", "dcterms", "oa", "prov", "rdf", "rdfs", "schema", "sh", "skos", "xsd")
_XSD_OF = {str: "string", int: "integer", float: "double", bool: "boolean"}
_CLASS_OF_PLACE = {
    Place.REPORT: "kb:Report",
    Place.ARM: "kb:Arm",
    Place.POPULATION: "kb:Population",
}


def shapes_text() -> str:
    """Return `schemas/shapes.ttl`."""
    head = "".join(f"@prefix {prefix}: <{PREFIXES[prefix]}> .\n" for prefix in _PREFIXES)
    return head + "\n" + "\n".join(_shapes())


def shape_name(name: str) -> str:
    """Return the name of a class's shape: `kb:StudyShape` for `kb:Study`, `kb:oaSpecificResourceShape` for a foreign one."""
    prefix, _, local = name.partition(":")
    return f"kb:{'' if prefix == 'kb' else prefix}{local}Shape"


def _shapes() -> Iterator[str]:
    for model in models():
        yield _shape(CLASSES[model][0], [_property(plan, model) for plan in plans(model)])
    for node in value_nodes():
        if node.types[0] == "prov:Agent":
            continue  # authors and maintainers are agents too; what holds of all of them is the name alone, checked below
        rows = [
            [
                ("sh:path", name),
                *([("sh:minCount", "1")] if place == 0 else []),
                ("sh:maxCount", "1"),
                ("sh:datatype", f"xsd:{_XSD_OF[kind]}"),
            ]
            for place, (name, kind, _) in enumerate(node.parts)
        ]
        yield _shape(node.types[0], rows)
    yield _shape("prov:Agent", [[("sh:path", "schema:name"), ("sh:minCount", "1"), ("sh:maxCount", "1"), ("sh:datatype", "xsd:string")]])
    for entry, plan in entries():
        yield _shape(entry.types[0], list(_entry(entry, plan)))
    for closed_set in sorted(ClosedSet.__subclasses__(), key=lambda found: found.__name__):
        members = " ".join(member_name(member) for member in closed_set)
        yield f"kb:{closed_set.__name__}Shape a sh:NodeShape ;\n    sh:in ( {members} ) .\n"


def _shape(name: str, rows: list[list[tuple[str, str]]]) -> str:
    properties = "".join(" ;\n    sh:property [ " + " ; ".join(f"{predicate} {value}" for predicate, value in row) + " ]" for row in rows)
    return f"{shape_name(name)} a sh:NodeShape ;\n    sh:targetClass {name}{properties} .\n"


def _property(plan: Plan, model: type[Record]) -> list[tuple[str, str]]:
    row = [("sh:path", plan.row.predicate)]
    if plan.needed:
        row.append(("sh:minCount", "1"))
    if plan.many is Many.ONE:
        row.append(("sh:maxCount", "1"))
    alternatives = list(dict.fromkeys(_alternatives(plan)))
    if len(alternatives) == 1:
        row.append(alternatives[0])
    else:
        row.append(("sh:or", "( " + " ".join(f"[ {predicate} {value} ]" for predicate, value in alternatives) + " )"))
    if plan.row.at_most:
        other = next(found for found in plans(model) if found.name == plan.row.at_most)
        row.append(("sh:lessThanOrEquals", other.row.predicate))
    return row


def _alternatives(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield what an object may be, each as one constraint."""
    if plan.kinds == (Entity,):
        for inner in plans(Entity):
            yield from _alternatives(inner)
        return
    for kind in plan.kinds:
        if issubclass(kind, ClosedSet):
            yield "sh:node", f"kb:{kind.__name__}Shape"
        elif isinstance(plan.row.node, ValueNode | Entry):
            yield "sh:class", plan.row.node.types[0]
        elif kind in QUANTITIES:
            yield "sh:class", QUANTITIES[kind].types[0]
        elif issubclass(kind, Record):
            yield "sh:class", CLASSES[kind][0]
    if plan.absent:
        yield "sh:node", "kb:AbsenceShape"
    yield from _reference(plan)
    for datatype in datatypes(plan):
        yield "sh:datatype", datatype.replace(XSD, "xsd:").replace(PREFIXES["rdf"], "rdf:")


def _reference(plan: Plan) -> Iterator[tuple[str, str]]:
    to = plan.row.to
    if to is None:
        return
    if to is Place.SAME_KIND:
        yield "sh:class", "skos:Concept"
    elif to is Place.STUDY:
        # The other study may lie outside the export.
        yield "sh:nodeKind", "sh:IRI"
    elif to is Place.ITEM:
        for name in (CLASSES[Change][1], "kb:Outcome", "kb:AdverseEvent", "kb:CitedResult", "kb:Claim"):
            yield "sh:class", name
    elif isinstance(to, Place):
        yield "sh:class", _CLASS_OF_PLACE[to]
    else:
        yield "sh:class", CLASSES[TERM_MODELS[to]][0]


def _entry(entry: Entry, plan: Plan) -> Iterator[list[tuple[str, str]]]:
    yield [("sh:path", entry.key), ("sh:minCount", "1"), ("sh:maxCount", "1"), ("sh:datatype", "xsd:string")]
    kind = plan.kinds[0]
    value = ("sh:node", f"kb:{kind.__name__}Shape") if issubclass(kind, ClosedSet) else ("sh:datatype", "xsd:string")
    yield [("sh:path", entry.value), ("sh:minCount", "1"), value]
