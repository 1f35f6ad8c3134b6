"""From RDF back to records: the inverse of the walk, by the same table.

A caller parses with the library it likes and hands over plain triples: subject and predicate as IRIs, the object as an
IRI or a `Literal`. `from_rdflib` and `from_pyoxigraph` make such triples of what those libraries give; neither is
imported here. Triples that other vocabularies need (`Row.also`), and triples that others have added, are passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar, get_args
from urllib.parse import unquote

from pydantic import ValidationError

from kb.errors import UnreadableError
from kb.export.rdf.fields import Many, Plan, order_property, plans
from kb.export.rdf.names import PREFIXES, RDF_TYPE, Literal, expand
from kb.export.rdf.rows import QUANTITIES, Entry, ValueNode
from kb.export.rdf.spelling import member_name
from kb.export.rdf.table import CLASSES
from kb.model.base import Record
from kb.model.study import Entity, Study
from kb.model.terms import ClosedSet, VocabularyKind
from kb.model.vocabulary import TERM_MODELS, Question, Term

PlainTriple = tuple[str, str, "str | Literal"]
"""Subject and predicate as IRIs, the object as an IRI or a literal."""

RecordT = TypeVar("RecordT", bound=Record)
_INDEX = expand("kb:index")
_ENTITY_FIELDS = {**{kind.value: plan.name for plan in plans(Entity) if isinstance(kind := plan.row.to, VocabularyKind)}, "arms": "arm"}


def from_rdflib(graph: Iterable[tuple[Any, Any, Any]]) -> Iterator[PlainTriple]:
    """Make plain triples of an rdflib graph. rdflib must not normalise literals (`rdflib.NORMALIZE_LITERALS`)."""
    for subject, predicate, term in graph:
        if not hasattr(term, "datatype"):
            yield str(subject), str(predicate), str(term)
        elif term.language:
            yield str(subject), str(predicate), Literal(str(term), PREFIXES["rdf"] + "langString", term.language)
        else:
            yield str(subject), str(predicate), Literal(str(term), str(term.datatype or PREFIXES["xsd"] + "string"))


def from_pyoxigraph(quads: Iterable[Any]) -> Iterator[PlainTriple]:
    """Make plain triples of what pyoxigraph parses."""
    for quad in quads:
        term = quad.object
        plain = term.value if not hasattr(term, "datatype") else Literal(term.value, term.datatype.value, term.language or "")
        yield quad.subject.value, quad.predicate.value, plain


def studies(triples: Iterable[PlainTriple]) -> dict[str, Study]:
    """Return the studies of a graph by id, sorted.

    Raises:
        UnreadableError: If a node lacks what its record needs.
    """
    graph = _Graph(triples)
    found = [graph.record(subject, Study) for subject in graph.of_class(expand("kb:Study"))]
    return {study.id: study for study in sorted(found, key=lambda study: study.id)}


def terms(triples: Iterable[PlainTriple]) -> dict[VocabularyKind, dict[str, Term]]:
    """Return the vocabulary of a graph by kind and id.

    Raises:
        UnreadableError: If a node lacks what its term needs.
    """
    graph = _Graph(triples)
    found: dict[VocabularyKind, dict[str, Term]] = {}
    for kind, model in TERM_MODELS.items():
        subjects = sorted(graph.of_class(expand(CLASSES[model][0])))
        found[kind] = {_last_step(subject): graph.record(subject, model) for subject in subjects}
    return found


def questions(triples: Iterable[PlainTriple]) -> dict[str, Question]:
    """Return the curated questions of a graph by id, sorted.

    Raises:
        UnreadableError: If a node lacks what its question needs.
    """
    graph = _Graph(triples)
    found = [graph.record(subject, Question) for subject in graph.of_class(expand("kb:Question"))]
    return {question.id: question for question in sorted(found, key=lambda question: question.id)}


@cache
def _members() -> Mapping[str, ClosedSet]:
    return {expand(member_name(member)): member for closed_set in ClosedSet.__subclasses__() for member in closed_set}


@cache
def _model_of_class() -> Mapping[str, type[Record]]:
    return {expand(names[0]): model for model, names in CLASSES.items()}


def _last_step(iri: str) -> str:
    return unquote(iri.rpartition("/")[2])


def _plain(term: str | Literal) -> str:
    return term if isinstance(term, str) else term.text


class _Graph:
    """Triples by subject and predicate, and the way back to records."""

    def __init__(self, triples: Iterable[PlainTriple]) -> None:
        self._nodes: dict[str, dict[str, list[str | Literal]]] = {}
        for subject, predicate, term in triples:
            self._nodes.setdefault(subject, {}).setdefault(predicate, []).append(term)

    def of_class(self, iri: str) -> list[str]:
        """Return the subjects of a class."""
        return [subject for subject, node in self._nodes.items() if iri in node.get(RDF_TYPE, ())]

    def record(self, subject: str, model: type[RecordT]) -> RecordT:
        """Return the record of a node."""
        try:
            return model.model_validate(self._data(subject, model))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            path = "/".join(str(step) for step in first["loc"])
            raise UnreadableError(
                f"<{subject}> {path}: {first['msg']}",
                hint="the graph does not hold a whole record; the shapes in schemas/ say what is needed",
            ) from error

    def _data(self, subject: str, model: type[Record]) -> dict[str, Any]:
        node = self._nodes.get(subject, {})
        data: dict[str, Any] = {}
        for plan in plans(model):
            if expand(plan.row.predicate) in node:
                data[plan.name] = self._field(node, plan)
            elif plan.many is not Many.ONE and not plan.needed:
                data[plan.name] = {} if plan.many is Many.MAP else []  # an empty list is no triple
        kind = model.model_fields.get("kind")
        if kind is not None and "kind" not in {plan.name for plan in plans(model)}:
            data["kind"] = get_args(kind.annotation)[0]  # the class stands for it
        return data

    def _field(self, node: Mapping[str, list[str | Literal]], plan: Plan) -> Any:
        objects = node[expand(plan.row.predicate)]
        read = self._reader(plan)
        absence = _members().get(objects[0]) if isinstance(objects[0], str) else None
        if plan.many is Many.ONE or (plan.absent and absence is not None):
            return absence if absence is not None else read(objects[0])
        if plan.many is Many.MAP:
            return self._mapping(objects, plan, read)
        if plan.models or self._is_value_node(plan):
            return [read(term) for term in self._by_index(objects)]
        return self._ordered(node, plan.row.predicate, [read(term) for term in objects])

    def _mapping(self, objects: list[str | Literal], plan: Plan, read: Callable[[str | Literal], Any]) -> dict[str, Any]:
        entry = plan.row.node
        if not isinstance(entry, Entry):
            return {_last_step(_plain(term)): read(term) for term in self._by_index(objects)}
        found: dict[str, Any] = {}
        for term in self._by_index(objects):
            node = self._nodes[_plain(term)]
            values = [_members().get(_plain(value), _plain(value)) for value in node.get(expand(entry.value), [])]
            key = _plain(node[expand(entry.key)][0])
            found[key] = self._ordered(node, entry.value, values) if plan.kinds == (str,) else values[0]
        return found

    def _reader(self, plan: Plan) -> Callable[[str | Literal], Any]:
        """Return the function that reads one object of a field."""
        if plan.kinds == (Entity,):
            return self._entity
        if self._is_value_node(plan):
            return lambda term: self._value(_plain(term), plan)
        if plan.models:
            return self._part
        if plan.row.to is not None:
            return lambda term: _last_step(_plain(term))
        if bool in plan.kinds:
            return lambda term: _plain(term) in ("true", "1")
        if int in plan.kinds or float in plan.kinds:
            return lambda term: _number(_plain(term))
        return lambda term: _members().get(term, term) if isinstance(term, str) else term.text

    @staticmethod
    def _is_value_node(plan: Plan) -> bool:
        return isinstance(plan.row.node, ValueNode) or any(kind in QUANTITIES for kind in plan.kinds)

    def _part(self, term: str | Literal) -> Any:
        subject = _plain(term)
        classes = [_plain(found) for found in self._nodes.get(subject, {}).get(RDF_TYPE, ())]
        model = next((_model_of_class()[iri] for iri in classes if iri in _model_of_class()), None)
        if model is None:
            raise UnreadableError(f"<{subject}> has no class that is known", hint="the graph does not hold the whole study")
        return self._data(subject, model)

    def _value(self, subject: str, plan: Plan) -> Any:
        node = plan.row.node if isinstance(plan.row.node, ValueNode) else QUANTITIES[plan.kinds[0]]
        held = self._nodes.get(subject, {}).get(expand(node.parts[0][0]))
        if not held:
            raise UnreadableError(f"<{subject}> has no {node.parts[0][0]}", hint="the graph does not hold the whole study")
        text = _plain(held[0])
        return text if plan.kinds == (str,) else _native(text)

    def _entity(self, term: str | Literal) -> dict[str, str]:
        if isinstance(term, Literal):
            return {"text": term.text}
        *_, part, ident = term.split("/")
        return {_ENTITY_FIELDS.get(part, "text"): ident}

    def _by_index(self, subjects: list[str | Literal]) -> list[str | Literal]:
        def place(term: str | Literal) -> int:
            return int(_plain(self._nodes.get(_plain(term), {}).get(_INDEX, ["0"])[0]))

        return sorted(subjects, key=place)

    def _ordered(self, node: Mapping[str, list[str | Literal]], predicate: str, values: list[Any]) -> list[Any]:
        distinct = sorted(set(values))
        order = node.get(expand(order_property(predicate)))
        return distinct if order is None else [distinct[int(rank) - 1] for rank in _plain(order[0]).split()]


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _native(text: str) -> int | float | str:
    """Return a printed number as the number whose text it is; `36.50` and `36+` stay text."""
    try:
        number = _number(text)
    except ValueError:
        return text
    return number if str(number) == text else text
