"""Provenance: anchors, derivations, quotations."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import study_data
from tests.lint.examples import study_codes

EVENT = {"term": "fever", "printed": "fever", "population": "all"}
CITED = {"endpoint": "objective-response", "whose": "earlier series", "result": {"kind": "proportion", "events": 1, "total": 9}}
LONG = '"one two three four five six seven eight nine"'


def codes(**changes: Any) -> list[str]:
    return [item.code for item in study_codes(study_data(**changes))]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"at": "abstract", "anchor": "five"}, []),
        ({"at": "abstract", "derived": "2 + 3"}, []),
        ({"at": "abstract", "also": [{"at": "table", "anchor": "five"}]}, []),
        ({"at": "abstract", "also": [{"at": "table"}]}, ["KB501"]),
        ({"at": "abstract"}, ["KB501"]),
    ],
    ids=str,
)
def test_facts_need_an_anchor_or_a_derivation(source: dict[str, Any], expected: list[str]):
    for path in ("findings.nk-rise.source", "outcomes.response.source", "claims.active.source"):
        assert expected == codes(**{path: source})
    assert expected == codes(**{"cited.series": {**CITED, "source": source}})
    assert [code.replace("KB501", "KB502") for code in expected] == codes(**{"adverse_events.fever": {**EVENT, "source": source}})


def test_a_population_needs_no_source():
    assert [] == codes(**{"populations.part": {"n": 3, "basis": "subgroup"}})


@pytest.mark.parametrize(
    ("anchor", "expected"),
    [
        ("one two three four five six seven eight", []),
        ("one two three four five six seven eight nine", ["KB503"]),
        ("one  two   three four five six seven eight", []),  # blanks are no words
        ("one two three-four five/six seven eight nine.ten", []),
        ("one two three four five six.", ["KB504"]),
        ("one two three four five.", []),
        ("12.5 (95 % CI 2-30)", []),
        ("x" * 100, []),
        ("x" * 101, ["KB504"]),
        ("one two three four five six seven eight nine ten.", ["KB503", "KB504"]),
    ],
)
def test_anchors_point_and_do_not_copy(anchor: str, expected: list[str]):
    assert expected == codes(**{"outcomes.response.source.anchor": anchor})
    assert expected == codes(**{"arms.a.source": {"at": "methods", "anchor": anchor}})


@pytest.mark.parametrize(
    "path",
    ["outcomes.response.note", "findings.nk-rise.note", "claims.active.summary", "arms.a.note", "populations.all.note", "design.note"],
)
def test_quotations_are_short_everywhere(path: str):
    assert ["KB505"] == codes(**{path: f"they say {LONG}"})
    assert [] == codes(**{path: 'they say "one two three four five six seven eight"'})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"they say {LONG}", ["KB505"]),
        ("“one two three four five six seven eight nine”", ["KB505"]),
        ("nothing quoted at all, however long it may run on", []),
    ],
)
def test_quotations_in_ambiguities(text: str, expected: list[str]):
    assert expected == codes(ambiguities=[{"kind": "caution", "about": "study", "text": text}])
