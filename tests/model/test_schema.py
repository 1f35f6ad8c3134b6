"""The JSON Schemas accept what the models accept, tell editors what fields mean, and stand in schemas/ as generated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from kb.model.schema import DIALECT, schema_names, schema_text, schemas
from kb.model.study import Study
from kb.model.terms import Absence, VocabularyKind
from kb.project import resource
from kb.records.yaml import parse
from tests.builders import SOURCE, study_data

VALIDATORS = {name: Draft202012Validator(json.loads(schema_text(name))) for name in schema_names()}
ENTRIES = resource("entries")
RECORDS = {
    **dict.fromkeys(ENTRIES.glob("studies/**/*.yaml"), "study"),
    **{path: f"vocabulary-{path.stem}" for path in ENTRIES.glob("vocabulary/*.yaml")},
    **dict.fromkeys(ENTRIES.glob("questions/*.yaml"), "question"),
}

RESULT = "outcomes.response.result"
DOSE = "arms.a.regimen.0.components.0.dose"
ACCEPTED: dict[str, dict[str, Any]] = {
    "as built": {},
    "phase as a number": {"design.phase": 2},
    "phase as text": {"design.phase": "1/2"},
    "phase absent": {"design.phase": "not-reported"},
    "dose as a mapping": {DOSE: {"printed": "low dose"}},
    "dose parsed by hand": {
        DOSE: {"printed": "x", "low": 1, "high": 2.5, "family": "iu", "body": "per-kg", "per": "day"},
    },
    "dose with a power": {DOSE: "3 x 10(6) U/m2/day"},
    "dose absent": {DOSE: "not-in-what-was-read"},
    "quantity as a number": {f"{RESULT}.percent": 27.5},
    "quantity as text": {f"{RESULT}.percent": "27.50"},
    "censored times": {RESULT: {"kind": "time-to-event", "unit": "months", "median": "35+", "times": [3, "36+"]}},
    "P value called not significant": {RESULT: {"kind": "contrast", "measure": "hr", "p": "NS"}},
    "P value below": {RESULT: {"kind": "contrast", "measure": "hr", "p": "<0.01"}},
    "one path of an ambiguity": {"ambiguities": [{"kind": "missing", "about": "arms.a", "text": "x"}]},
    "several paths of an ambiguity": {"ambiguities": [{"kind": "missing", "about": ["arms.a", "study"], "text": "x"}]},
    "days and ranges": {"arms.a.regimen.0.components.0.schedule.days": [1, "3-5", -6]},
    "no authors": {"reports.main.authors": "not-in-what-was-read"},
    "centres as a mapping": {"design.centres": {"kind": "single", "n": 1}},
    "further sources": {"outcomes.response.source": {**SOURCE, "also": [SOURCE]}},
    "an empty optional field": {"reports.main.note": None},
    "a date of a year": {"curation.extracted": [{"by": "a", "on": "1991"}]},
}
REFUSED: dict[str, dict[str, Any]] = {
    "unknown field": {"outcomes.response.colour": "red"},
    "unknown field at the root": {"colour": "red"},
    "missing field": {"design.type": ...},
    "term of another set": {"design.allocation": "open-label"},
    "unknown kind of result": {f"{RESULT}.kind": "guess"},
    "result without a kind": {RESULT: {"events": 1, "total": 2}},
    "field of another kind of result": {f"{RESULT}.median": 3},
    "phase that is none": {"design.phase": 7},
    "count below zero": {f"{RESULT}.events": -1},
    "count as text": {f"{RESULT}.events": "5"},
    "count with a part": {f"{RESULT}.events": 5.5},
    "P value above one": {RESULT: {"kind": "contrast", "measure": "hr", "p": 1.5}},
    "quantity in words": {f"{RESULT}.percent": "many"},
    "quantity as true": {f"{RESULT}.percent": True},
    "dose without an amount": {DOSE: "low dose"},
    "dose mapping with an unknown field": {DOSE: {"printed": "x", "unit": "IU"}},
    "id in capitals": {"id": "Sosman-1991"},
    "key in capitals": {"populations": {"ALL": {"n": 20, "basis": "treated"}}},
    "no population": {"populations": {}},
    "no path of an ambiguity": {"ambiguities": [{"kind": "missing", "about": [], "text": "x"}]},
    "an empty text": {"reports.main.title": ""},
    "an address that is not https": {"reports.main.urls": ["http://example.org/"]},
    "a month that is none": {"curation.extracted": [{"by": "a", "on": "1991-13"}]},
    "a range of days in words": {"arms.a.regimen.0.components.0.schedule.days": ["1 to 5"]},
}


def model_accepts(data: dict[str, Any]) -> bool:
    try:
        Study.model_validate(data)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("changes", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_people_type_passes_model_and_schema(changes: dict[str, Any]) -> None:
    data = study_data(**changes)
    assert [] == [error.message for error in VALIDATORS["study"].iter_errors(data)]
    assert model_accepts(data)


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED.keys())
def test_what_the_model_refuses_fails_the_schema(changes: dict[str, Any]) -> None:
    data = study_data(**changes)
    assert not VALIDATORS["study"].is_valid(data)
    assert not model_accepts(data)


@pytest.mark.parametrize("path", sorted(RECORDS), ids=lambda path: path.stem)
def test_every_shipped_record_passes_its_schema(path: Any) -> None:
    data = parse(path.read_text(encoding="utf-8"))
    assert [] == [f"{error.json_path}: {error.message}" for error in VALIDATORS[RECORDS[path]].iter_errors(data)]


@pytest.mark.parametrize("name", schema_names())
def test_schema_is_itself_valid_and_names_itself(name: str) -> None:
    schema = json.loads(schema_text(name))
    Draft202012Validator.check_schema(schema)
    assert DIALECT == schema["$schema"]
    assert schema["$id"].endswith(f"/{name}.schema.json")


def test_there_is_a_schema_for_everything_that_people_type() -> None:
    kinds = [f"vocabulary-{kind.value}" for kind in VocabularyKind]
    assert ("study", *kinds, "question") == schema_names()
    with pytest.raises(KeyError, match="no-such"):
        schema_text("no-such")


@pytest.mark.parametrize("name", schema_names())
def test_every_field_and_term_explains_itself(name: str) -> None:
    schema = json.loads(schema_text(name))
    definitions = schema["$defs"]

    def silent(where: str, fields: dict[str, Any]) -> list[str]:
        return [
            f"{where}.{field}"
            for field, value in fields.items()
            if "const" not in value and "description" not in value and "description" not in definitions.get(value.get("$ref", "")[8:], {})
        ]

    found = silent(name, schema["properties"])
    for title, definition in definitions.items():
        for part in (definition, *definition.get("anyOf", ())):
            found += silent(title, part.get("properties", {}))
        found += [f"{title}: {term['const']}" for term in definition.get("oneOf", ()) if not term.get("description")]
    assert [] == found


@pytest.mark.parametrize("name", schema_names())
def test_patterns_are_those_of_ecmascript(name: str) -> None:
    """Validators in JavaScript compile patterns in Unicode mode, where only marks of the syntax may be escaped."""

    def patterns(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get("pattern"), str):
                yield value["pattern"]
            for part in value.values():
                yield from patterns(part)
        elif isinstance(value, list):
            for part in value:
                yield from patterns(part)

    foreign = re.compile(r"\\[^dDwWsSbBnrtfv0.^$*+?()\[\]{}|/\\]|\(\?(?![:=!])|\\[AZz]")
    assert [] == [pattern for pattern in set(patterns(json.loads(schema_text(name)))) if foreign.search(pattern)]


def test_terms_of_closed_sets_carry_label_and_note() -> None:
    terms = json.loads(schema_text("study"))["$defs"]["Absence"]["oneOf"]
    absence = Absence.NOT_REPORTED
    assert {"const": "not-reported", "description": f"{absence.label}: {absence.note}"} == terms[0]


def test_schemas_are_files_of_every_schema() -> None:
    assert {f"{name}.schema.json": schema_text(name) for name in schema_names()} == schemas()
