"""From a record to the nodes of the graph, by functions that are put together once for each model.

A walk over a record asks nothing of the models or the table any more: per model there is a list of fields, each with a
function that spells its value and adds it to the node. The spelling is built in, so that Turtle is written as fast as
N-Triples; both, and every other form, come from this one walk.

IRIs of nodes repeat the path in the record: `id/<study>/outcomes/<outcome>/result/percent`. Items of lists count from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kb.export.rdf.fields import DATE_TYPES, Many, Plan, Text, order_property, plans
from kb.export.rdf.names import XSD, curie_iri, quote, segment
from kb.export.rdf.rows import ITEM_FIELDS, QUANTITIES, Entry, Link, Place, ValueNode
from kb.export.rdf.spelling import Spelling
from kb.export.rdf.table import CLASSES, CONSTANT
from kb.model.base import Record
from kb.model.study import Entity, Study
from kb.model.terms import ClosedSet, VocabularyKind
from kb.model.vocabulary import TERM_MODELS, Question, Term

Node = tuple[str, list[str]]
"""A spelled subject with its spelled pairs of predicate and object."""


@dataclass(slots=True)
class _State:
    """Where a walk is.

    Attributes:
        root: Path of the study, below which its ids lie.
        study: The study, to find out in which part an item is.
        vocabulary: Kind of the vocabulary, when a term is walked.
        nodes: What was found so far, parents before their parts.
    """

    root: str
    study: Study | None = None
    vocabulary: VocabularyKind | None = None
    nodes: list[Node] = field(default_factory=list)


_Speller = Callable[[Any, _State], str]
_Emitter = Callable[[Any, str, list[str], _State], None]
_Writer = Callable[[Any, str, str, Sequence[str], _State], None]


class Walker:
    """Walks records in one spelling.

    Attributes:
        spelling: How terms are written.
    """

    def __init__(self, spelling: Spelling) -> None:
        self.spelling = spelling
        self._writers: dict[type[Record], _Writer] = {}
        self._opening, self._closing = spelling.node
        self._index = self._pair("kb:index")
        self._identifier = self._pair("dcterms:identifier")
        self._evidence = {
            model: [f"{spelling.predicate(name)} {spelling.iri(curie_iri(curie) or curie)}" for name, curie in pairs]
            for model, pairs in CONSTANT.items()
        }

    def study(self, study: Study, extra: Sequence[str] = ()) -> list[Node]:
        """Return the nodes of a study. `extra` are spelled pairs for the study's own node."""
        state = _State(f"id/{study.id}", study=study)
        self._writer(Study)(study, state.root, self.node(state.root), extra, state)
        return state.nodes

    def term(self, kind: VocabularyKind, ident: str, term: Term, extra: Sequence[str] = ()) -> list[Node]:
        """Return the nodes of a vocabulary term."""
        opening, closing = self.spelling.term(kind)
        state = _State("", vocabulary=kind)
        self._writer(TERM_MODELS[kind])(term, f"term/{kind.value}/{ident}", f"{opening}{ident}{closing}", extra, state)
        return state.nodes

    def question(self, question: Question) -> list[Node]:
        """Return the nodes of a curated question."""
        state = _State("")
        path = f"question/{question.id}"
        self._writer(Question)(question, path, self.node(path), (), state)
        return state.nodes

    def node(self, path: str) -> str:
        """Spell the node with a path below the base."""
        return f"{self._opening}{path}{self._closing}"

    def pair(self, predicate: str, spelled: str) -> str:
        """Spell a pair from a predicate's prefixed name and a spelled object."""
        return self._pair(predicate) + spelled

    def _pair(self, predicate: str) -> str:
        return self.spelling.predicate(predicate) + " "

    def _types(self, types: Iterable[str]) -> list[str]:
        return [self._pair("rdf:type") + self.spelling.name(name) for name in types]

    def _numbered(self, place: int) -> str:
        return self._index + self.spelling.literal(place)

    # Models.

    def _writer(self, model: type[Record]) -> _Writer:
        """Return the function that writes records of a model, putting it together on first use."""
        known = self._writers.get(model)
        if known is not None:
            return known
        start = [*self._types(CLASSES[model]), *self._evidence.get(model, ())]
        fields: list[tuple[str, _Emitter]] = []

        def write(record: Any, path: str, subject: str, extra: Sequence[str], state: _State) -> None:
            pairs = [*start, *extra]
            state.nodes.append((subject, pairs))
            values = record.__dict__
            for name, emit in fields:
                value = values[name]
                if value is not None:
                    emit(value, path, pairs, state)

        self._writers[model] = write  # before its fields: a source may hold further sources
        fields += [(plan.name, self._emitter(plan)) for plan in plans(model)]
        return write

    def _emitter(self, plan: Plan) -> _Emitter:
        if plan.many is Many.MAP:
            return self._entries(plan) if isinstance(plan.row.node, Entry) else self._named_parts(plan)
        if plan.many is Many.ONE:
            return self._one(plan)
        several = self._parts(plan) if plan.models or self._value_nodes(plan) else self._repeated(plan)
        if not plan.absent:
            return several
        one = self._plain(plan, self._member)
        return lambda value, path, pairs, state: (one if isinstance(value, ClosedSet) else several)(value, path, pairs, state)

    # One value.

    def _one(self, plan: Plan) -> _Emitter:
        if plan.kinds == (Entity,):
            return self._plain(plan, self._entity())
        by_type: dict[type, _Emitter] = {}
        nodes = self._value_nodes(plan)
        for kind in plan.kinds:
            if issubclass(kind, Record):
                by_type[kind] = self._part(plan, kind)
            elif kind in nodes:
                by_type[kind] = self._value_part(plan, nodes[kind])
            else:
                by_type[kind] = self._plain(plan, self._speller(plan, kind))
        if len(by_type) == 1:
            return next(iter(by_type.values()))
        return lambda value, path, pairs, state: by_type[type(value)](value, path, pairs, state)

    def _plain(self, plan: Plan, spell: _Speller) -> _Emitter:
        predicate = self._pair(plan.row.predicate)
        link = self._links(plan)
        if link is None:
            return lambda value, path, pairs, state: pairs.append(predicate + spell(value, state))

        def emit(value: Any, path: str, pairs: list[str], state: _State) -> None:
            spelled = spell(value, state)
            pairs.append(predicate + spelled)
            pairs.extend(link(value, spelled))

        return emit

    def _part(self, plan: Plan, model: type[Record]) -> _Emitter:
        predicate, write, step = self._pair(plan.row.predicate), self._writer(model), f"/{plan.name}"

        def emit(value: Any, path: str, pairs: list[str], state: _State) -> None:
            here = path + step
            subject = self.node(here)
            pairs.append(predicate + subject)
            write(value, here, subject, (), state)

        return emit

    def _value_part(self, plan: Plan, node: ValueNode) -> _Emitter:
        predicate, write, step = self._pair(plan.row.predicate), self._value_writer(node), f"/{plan.name}"

        def emit(value: Any, path: str, pairs: list[str], state: _State) -> None:
            subject = self.node(path + step)
            pairs.append(predicate + subject)
            write(value, subject, (), state)

        return emit

    # Several values.

    def _parts(self, plan: Plan) -> _Emitter:
        """Parts of a list: nodes that carry their place."""
        predicate, write, step = self._pair(plan.row.predicate), self._any_writer(plan), f"/{plan.name}/"

        def emit(values: Sequence[Any], path: str, pairs: list[str], state: _State) -> None:
            for place, value in enumerate(values, start=1):
                here = f"{path}{step}{place}"
                subject = self.node(here)
                pairs.append(predicate + subject)
                write(value, here, subject, (self._numbered(place),), state)

        return emit

    def _named_parts(self, plan: Plan) -> _Emitter:
        """Parts of a mapping: nodes that carry their id and their place."""
        predicate, write, step = self._pair(plan.row.predicate), self._any_writer(plan), f"/{plan.name}/"
        link = self._links(plan)

        def emit(values: Mapping[str, Any], path: str, pairs: list[str], state: _State) -> None:
            for place, (key, value) in enumerate(values.items(), start=1):
                here = path + step + key
                subject = self.node(here)
                pairs.append(predicate + subject)
                if link is not None:
                    pairs.extend(link(value, subject))
                write(value, here, subject, (self._identifier + quote(key), self._numbered(place)), state)

        return emit

    def _entries(self, plan: Plan) -> _Emitter:
        """Entries of a mapping whose keys are words: nodes of key, values and place."""
        entry = plan.row.node
        assert isinstance(entry, Entry)
        predicate, step, types = self._pair(plan.row.predicate), f"/{plan.name}/", self._types(entry.types)
        key_is, value_is, spell = self._pair(entry.key), self._pair(entry.value), self._speller(plan, plan.kinds[0])
        ordered = self._pair(order_property(entry.value))

        def emit(values: Mapping[str, Any], path: str, pairs: list[str], state: _State) -> None:
            for place, (key, value) in enumerate(values.items(), start=1):
                subject = self.node(path + step + segment(key))
                pairs.append(predicate + subject)
                inner = value if isinstance(value, tuple) else (value,)
                own = [*types, self._numbered(place), key_is + quote(key)]
                own += [value_is + spell(one, state) for one in dict.fromkeys(inner)]
                own += [ordered + quote(text) for text in _order(inner)]
                state.nodes.append((subject, own))

        return emit

    def _repeated(self, plan: Plan) -> _Emitter:
        """Values without a node: repeated triples, and their order where it is not that of sorting."""
        predicate, spell, link = self._pair(plan.row.predicate), self._speller(plan, plan.kinds[0]), self._links(plan)
        ordered = self._pair(order_property(plan.row.predicate))

        def emit(values: Sequence[Any], path: str, pairs: list[str], state: _State) -> None:
            for value in dict.fromkeys(values):
                spelled = spell(value, state)
                pairs.append(predicate + spelled)
                if link is not None:
                    pairs.extend(link(value, spelled))
            pairs.extend(ordered + quote(text) for text in _order(values))

        return emit

    # Nodes of one value.

    def _value_nodes(self, plan: Plan) -> Mapping[type, ValueNode]:
        node = plan.row.node
        return dict.fromkeys(plan.kinds, node) if isinstance(node, ValueNode) else {k: QUANTITIES[k] for k in plan.kinds if k in QUANTITIES}

    def _value_writer(self, node: ValueNode) -> Callable[[Any, str, Sequence[str], _State], None]:
        start = self._types(node.types)
        parts = [(self._pair(predicate), read) for predicate, _, read in node.parts]
        literal = self.spelling.literal

        def write(value: Any, subject: str, extra: Sequence[str], state: _State) -> None:
            pairs = [*start, *extra]
            for predicate, read in parts:
                found = read(value)
                if found is not None:
                    pairs.append(predicate + literal(found))
            state.nodes.append((subject, pairs))

        return write

    def _any_writer(self, plan: Plan) -> _Writer:
        """Return one writer for whatever kinds of value a list or mapping holds."""
        nodes = self._value_nodes(plan)
        if nodes:
            value_writer = self._value_writer(next(iter(nodes.values())))
            return lambda value, path, subject, extra, state: value_writer(value, subject, extra, state)
        by_type = {model: self._writer(model) for model in plan.models}
        if len(by_type) == 1:
            return next(iter(by_type.values()))
        return lambda value, path, subject, extra, state: by_type[type(value)](value, path, subject, extra, state)

    # Objects.

    def _links(self, plan: Plan) -> Callable[[Any, str], list[str]] | None:
        if not plan.row.also:
            return None
        links = [(self._pair(link.predicate), link) for link in plan.row.also]

        def objects(link: Link, value: Any, spelled: str) -> list[str]:
            if link.iri is None:
                return [spelled]
            iri = link.iri(value)
            return [] if iri is None else [self.spelling.iri(iri)]

        return lambda value, spelled: [predicate + found for predicate, link in links for found in objects(link, value, spelled)]

    def _speller(self, plan: Plan, kind: type) -> _Speller:
        """Return the function that spells an object of a field."""
        if issubclass(kind, ClosedSet):
            return self._member
        if plan.row.to is not None:
            return self._reference(plan.row.to)
        if plan.text is Text.DATE:
            return lambda value, state: self.spelling.literal(value, datatype=XSD + DATE_TYPES[len(value)])
        if plan.row.datatype or plan.row.language:
            datatype, language = plan.row.datatype, plan.row.language
            return lambda value, state: self.spelling.literal(value, datatype=datatype, language=language)
        if kind is str:
            return lambda value, state: quote(value)
        return lambda value, state: self.spelling.literal(value)

    def _member(self, value: ClosedSet, state: _State) -> str:
        return self.spelling.member(value)

    def _reference(self, to: VocabularyKind | Place) -> _Speller:
        opening, closing = self.spelling.node
        if isinstance(to, VocabularyKind):
            before, after = self.spelling.term(to)
            return lambda value, state: before + value + after
        if to is Place.STUDY:
            return lambda value, state: f"{opening}id/{value}{closing}"
        if to is Place.ITEM:
            return lambda value, state: f"{opening}{state.root}/{_part_of(value, state.study)}/{value}{closing}"
        if to is Place.SAME_KIND:
            return self._same_kind
        part = to.value
        return lambda value, state: f"{opening}{state.root}/{part}/{value}{closing}"

    def _same_kind(self, value: str, state: _State) -> str:
        assert state.vocabulary is not None
        before, after = self.spelling.term(state.vocabulary)
        return before + value + after

    def _entity(self) -> _Speller:
        spellers = [(plan.name, self._speller(plan, str)) for plan in plans(Entity)]

        def spell(value: Any, state: _State) -> str:
            given = value.__dict__
            return next(spell_one(given[name], state) for name, spell_one in spellers if given[name] is not None)

        return spell


def _order(values: Sequence[str]) -> list[str]:
    """Return the order of values as one text, or nothing when it is their sorted order without repeats."""
    ranks = {value: str(place) for place, value in enumerate(sorted(set(values)), start=1)}
    given = [ranks[value] for value in values]
    return [] if given == list(ranks.values()) else [" ".join(given)]


def _part_of(item: str, study: Study | None) -> str:
    """Return the part of a study that holds an item; a name that is nowhere is still written, under `items`."""
    return next((name for name in ITEM_FIELDS if item in getattr(study, name)), "items")
