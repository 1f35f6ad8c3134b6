"""The table has an answer for every field of every model, and says nothing that no field uses."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

import kb.model
from kb.export.rdf.fields import key_of, models, order_property, plans
from kb.export.rdf.names import CURIE_IRIS, curie_iri
from kb.export.rdf.ontology import ALIGNMENT
from kb.export.rdf.properties import properties
from kb.export.rdf.rows import Place, Row
from kb.export.rdf.spelling import member_name
from kb.export.rdf.table import CLASSES, CONSTANT, OMITTED, ROWS, WITHOUT_NODE
from kb.model.base import Date, LocalId, Record, Words
from kb.model.study import Entity
from kb.model.terms import ClosedSet
from kb.project import resource

MODELS = {
    found
    for module in pkgutil.iter_modules(kb.model.__path__, "kb.model.")
    for _, found in inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
    if issubclass(found, Record) and found is not Record and not found.__name__.startswith("_") and "[" not in found.__name__
}
VERIFIED = {
    line.partition("\t")[0] for line in (resource("entries") / "vocabulary" / "verified-curies.tsv").read_text("utf-8").splitlines()
}


def test_every_model_has_a_class_or_a_reason() -> None:
    assert {model.__name__ for model in MODELS} == {model.__name__ for model in (*CLASSES, *WITHOUT_NODE)}
    assert set() == set(CLASSES) & set(WITHOUT_NODE)


@pytest.mark.parametrize("model", [*CLASSES, Entity], ids=lambda model: model.__name__)
def test_every_field_has_a_row_or_a_reason(model: type[Record]) -> None:
    fields = {plan.name for plan in plans(model)} | {name.partition(".")[2] for name in OMITTED if name.startswith(f"{model.__name__}.")}
    assert set(model.model_fields) == fields


def test_every_row_and_every_reason_is_of_a_field() -> None:
    used = {key_of(model, plan.name) for model in (*models(), Entity) for plan in plans(model)}
    assert set(ROWS) == used
    assert set(OMITTED) == {
        f"{model.__name__}.{name}" for model in models() for name in model.model_fields if f"{model.__name__}.{name}" in OMITTED
    }


def test_a_field_without_a_row_is_named_with_the_place_to_add_it() -> None:
    class Stray(Record):
        stray: str

    with pytest.raises(KeyError, match=r"Stray.stray has no row in kb/export/rdf/table.py"):
        plans(Stray)


def test_an_id_that_points_at_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Loose(Record):
        loose: LocalId

    monkeypatch.setitem(ROWS, "loose", Row("kb:loose"))
    with pytest.raises(TypeError, match=r"Loose.loose: an id needs `to` in its row"):
        plans(Loose)


def test_words_that_point_at_something_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pointing(Record):
        pointing: Words

    monkeypatch.setitem(ROWS, "pointing", Row("kb:pointing", Place.ARM))
    with pytest.raises(TypeError, match=r"Pointing.pointing: an id needs `to` in its row, and nothing else may have it"):
        plans(Pointing)


def test_texts_of_two_sorts_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Either(Record):
        either: Words | Date

    monkeypatch.setitem(ROWS, "either", Row("kb:either"))
    with pytest.raises(TypeError, match=r"Either.either: texts of two sorts"):
        plans(Either)


def test_a_class_brings_one_model_back_and_no_closed_set_shares_its_name() -> None:
    own = [names[0] for names in CLASSES.values()]
    assert len(own) == len(set(own))
    sets = {f"kb:{found.__name__}" for found in ClosedSet.__subclasses__()}
    assert set() == sets & {name for names in CLASSES.values() for name in names}


def test_members_of_closed_sets_have_iris_of_their_own() -> None:
    names = [member_name(member) for closed_set in ClosedSet.__subclasses__() for member in closed_set]
    assert len(names) == len(set(names))
    assert [] == [name for name in names if not name.removeprefix("kb:").replace("-", "").replace(".", "").isalnum()]


def test_properties_of_one_model_never_share_a_predicate() -> None:
    for model in models():
        predicates = [plan.row.predicate for plan in plans(model)]
        predicates += {link.predicate for plan in plans(model) for link in plan.row.also} | {name for name, _ in CONSTANT.get(model, ())}
        assert [] == [name for name in set(predicates) if predicates.count(name) > 1], model.__name__
        orders = {order_property(name) for name in predicates}
        assert set() == orders & set(predicates), model.__name__


def test_json_keys_are_unique() -> None:
    local = [name.partition(":")[2] for name in properties()]
    assert [] == sorted({name for name in local if local.count(name) > 1})


def test_every_curie_of_the_alignment_is_verified() -> None:
    targets = {target for pairs in (*ALIGNMENT.values(), *CONSTANT.values()) for _, target in pairs}
    assert set() == {target for target in targets if target.partition(":")[0] in CURIE_IRIS} - VERIFIED
    assert {"schema", "skos"} == {target.partition(":")[0] for target in targets} - set(CURIE_IRIS)


@pytest.mark.parametrize(
    ("curie", "iri"),
    [
        ("NCIT:C1498", "http://purl.obolibrary.org/obo/NCIT_C1498"),
        ("HGNC:6001", "https://identifiers.org/hgnc:6001"),
        ("MESH:D015996", "https://identifiers.org/mesh:D015996"),
        ("UCUM:[iU]", None),
        ("NCIT:<C>", "http://purl.obolibrary.org/obo/NCIT_%3CC%3E"),
    ],
)
def test_curies_have_the_published_iri_or_none(curie: str, iri: str | None) -> None:
    assert iri == curie_iri(curie)
