"""Canonical text: the same meaning, comments kept, one way to write it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.model.study import Source, Study
from kb.model.terms import VocabularyKind
from kb.model.vocabulary import FILE_MODELS, Question
from kb.project import resource
from kb.records import canonical
from kb.records.canonical import CanonicalError, canonical_text, render_record, schema_comment
from kb.records.yaml import YamlError, parse
from tests.builders import study_data, text_of
from tests.whole import whole_data

HEAD = "# yaml-language-server: $schema=../../../schemas/study.schema.json\n"
ENTRIES = resource("entries")
# That every record is canonical is a test of the collection; here a few of each kind show that nothing is lost on the way.
FILES = [
    *sorted(ENTRIES.glob("studies/*/*.yaml"))[::40],
    ENTRIES / "vocabulary" / "routes.yaml",
    *sorted(ENTRIES.glob("questions/*.yaml"))[:1],
]


def canon(text: str) -> str:
    return canonical_text(text, Study)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("id: x\n", HEAD + "id: x\n"),
        ("\n\nid: x", HEAD + "id: x\n"),
        (HEAD + "id: x\n", HEAD + "id: x\n"),
        ("# mine\n" + HEAD + "id: x\n", HEAD + "# mine\nid: x\n"),
        ("# yaml-language-server: $schema=elsewhere.json\nid: x\n", "# yaml-language-server: $schema=elsewhere.json\nid: x\n"),
        ("id: 'x: y'\n", HEAD + 'id: "x: y"\n'),
        ("id: 'say \"a: b\"'\n", HEAD + "id: 'say \"a: b\"'\n"),
        ('id: "say \\"a: b\\""\n', HEAD + "id: 'say \"a: b\"'\n"),
        ('id: "36"\n', HEAD + 'id: "36"\n'),
        ("id: >-\n  a\n  b\n", HEAD + "id: a b\n"),
        ("id: |\n  a\n  b\n", HEAD + 'id: "a\\nb\\n"\n'),
        ("id: a\n  b\n", HEAD + "id: a b\n"),
        ("id: x\r\nregistry: []\r\n", HEAD + "id: x\nregistry: []\n"),
        ("registry:\n- a\n- b\n", HEAD + "registry:\n  - a\n  - b\n"),
        ("design:\n    type: x\n", HEAD + "design:\n  type: x\n"),
        ("design: {type: x,   phase: 2}\n", HEAD + "design: {type: x, phase: 2}\n"),
        ("design: {phase: 1.50, type: x}\n", HEAD + "design: {type: x, phase: 1.50}\n"),
        ("{id: x, registry: [a]}\n", HEAD + "id: x\nregistry: [a]\n"),
        ("id: x   \n\n\n\n\nregistry: []\n", HEAD + "id: x\n\nregistry: []\n"),
        ("zebra: 1\nid: x\nabc: 2\n", HEAD + "id: x\nzebra: 1\nabc: 2\n"),
    ],
)  # fmt: skip
def test_one_way_to_write_it(written: str, expected: str):
    assert expected == canon(written)


def test_fields_stand_in_the_order_of_the_models_with_remarks_and_source_last():
    text = """id: x
findings:
  b:
    source: {anchor: x, at: y}
    direction: increase
    note: n
    biomarker: m
    kind: change
  a: {population: all, kind: level, biomarker: m}
outcomes:
  o: {source: {at: y}, result: {total: 2, events: 1, kind: proportion}, population: all, endpoint: e}
design: {source: {at: x}, phase: 2, type: t}
"""
    assert (
        HEAD
        + """id: x
design: {type: t, phase: 2, source: {at: x}}
findings:
  b:
    kind: change
    biomarker: m
    direction: increase
    note: n
    source: {at: y, anchor: x}
  a: {kind: level, biomarker: m, population: all}
outcomes:
  o: {endpoint: e, population: all, result: {kind: proportion, events: 1, total: 2}, source: {at: y}}
"""
        == canon(text)
    )


def test_comments_move_with_what_they_stand_above():
    text = """# about the registry
registry: [a]  # behind the registry
# about the id

id: x
curation:
  # checked twice
  checked: []
  status: draft  # for now
overlaps:
  # the first
  - relation: same-trial  # why
    study: y
# at the end
"""
    assert (
        HEAD
        + """# about the id

id: x
# about the registry
registry: [a]  # behind the registry
overlaps:
  # the first
  - study: y
    relation: same-trial  # why
curation:
  status: draft  # for now
  # checked twice
  checked: []
# at the end
"""
        == canon(text)
    )


def test_a_long_mapping_on_one_line_near_the_top_is_unfolded_and_a_long_one_below_is_left():
    words = ", ".join(f"n{number}: {'x' * 30}" for number in range(15))
    assert canon(f"populations: {{all: {{{words}}}}}\n").startswith(HEAD + "populations:\n  all:\n    n0: xxx")
    assert f"      a: {{{words}}}\n" in canon(f"arms:\n  a:\n    x:\n      a: {{{words}}}\n")


def test_a_text_that_cannot_be_parsed_is_refused():
    with pytest.raises(YamlError):
        canon("id: [\n")


def test_nothing_is_returned_that_says_something_else(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(canonical, "_emitted", lambda text: "id: y\n")
    with pytest.raises(CanonicalError, match="would say something else"):
        canon("id: x\n")


@pytest.mark.parametrize("same", [(1, 1.0), (1, True), ({"a": 1}, {"a": 1, "b": 2}), ([1], [1, 2]), ("1", 1), ([1], [True])])
def test_numbers_and_truth_are_not_the_same(same: tuple[Any, Any]):
    assert not canonical._same(*same)
    assert canonical._same(same[0], same[0])
    assert canonical._same(float("nan"), float("nan"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_keeps_its_meaning(path):
    """And the canonical text of a canonical text is that text."""
    text = path.read_text(encoding="utf-8")
    kinds = {kind.value: FILE_MODELS[kind] for kind in VocabularyKind}
    model = {"vocabulary": kinds.get(path.stem, Study), "questions": Question}.get(path.parent.name, Study)
    new = canonical_text(text, model)
    assert canonical._same(parse(text), parse(new))
    assert new == canonical_text(new, model)


SCALARS = st.none() | st.booleans() | st.integers(-99, 99) | st.sampled_from(
    ["a", "no", "a: b", "# x", "'", '"', "it's", 'a "b" c', "", " a ", "1.50", "36+", "- x", "{x}", "é × –", "a\nb", "\t", "*x", "12:30", "~", "x #y", "?", ":0"]
)  # fmt: skip
FIELDS = st.sampled_from(
    ["id", "design", "registry", "overlaps", "arms", "findings", "kind", "source", "note", "at", "result", "population", "zz"]
)
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4), max_leaves=14)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(FIELDS, TREES, min_size=1, max_size=5))
def test_canonical_text_is_canonical_and_says_the_same(data: dict[str, Any]):
    once = render_record(data, Study)
    assert canonical._same(data, parse(once))
    assert once == canon(once)
    assert once == canon(text_of(parse(once))) or canonical._same(data, parse(canon(text_of(data))))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(FIELDS, TREES, min_size=1, max_size=5), st.booleans(), st.integers(0, 3))
def test_any_writers_text_becomes_canonical_in_one_go(data: dict[str, Any], flow: bool, indent: int):
    import yaml

    text = yaml.dump(data, default_flow_style=flow, indent=indent + 2, allow_unicode=True, sort_keys=False, width=30)
    once = canon(text)
    assert canonical._same(parse(text), parse(once))
    assert once == canon(once)


@pytest.mark.parametrize("data", [study_data(), whole_data()], ids=["example", "whole"])
def test_a_record_is_rendered_in_the_house_style(data: dict[str, Any]):
    text = render_record(data, Study)
    assert text.startswith(HEAD + f"id: {data['id']}\n")
    assert data == parse(text)
    assert "\n    source: {at: " in text
    assert text == canon(text)


def test_rendering_the_example_gives_these_lines():
    lines = render_record(study_data(), Study).split("\n")
    assert "    authors: [Example AB]" in lines
    assert "            schedule: {text: every 8 hours on days 1-5, days: [1-5], times_per_day: 3}" in lines
    assert "    result: {kind: proportion, events: 5, total: 20}" in lines
    assert '    source: {at: "abstract, sentence 1", anchor: five of twenty patients}' in lines


def test_nothing_to_render_is_still_a_text():
    assert HEAD + "{}\n" == render_record({}, Study)


def test_each_kind_of_file_has_its_schema_comment():
    assert "# yaml-language-server: $schema=../../schemas/vocabulary-agents.schema.json" == schema_comment(
        FILE_MODELS[VocabularyKind.AGENTS]
    )
    assert "# yaml-language-server: $schema=../../schemas/question.schema.json" == schema_comment(Question)
    with pytest.raises(ValueError, match="Source is not a model of files"):
        schema_comment(Source)
