"""The YAML of a record: YAML 1.2 scalars, what is refused and where, and the two readers in step."""

from __future__ import annotations

import math
import re
from io import StringIO
from typing import Any

import pytest
import yaml
from hypothesis import assume, example, given, reject, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from kb.diagnostics import Position
from kb.records.yaml import YamlError, locate, parse, place


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("NO", "NO"), ("y", "y"),
        ("true", True), ("false", False), ("True", True), ("null", None), ("~", None), ("", None),
        ("12:30", "12:30"), ("1:2:3", "1:2:3"), ("010", "010"), ("0o17", 15), ("0x1F", 31), ("1_000", "1_000"), ("_2", "_2"),
        ("1e6", 1e6), ("1E6", 1e6), ("1.5e-3", 0.0015), (".5", 0.5), ("5.", 5.0), ("+5", 5), ("-5", -5), ("36.0", 36.0),
        (".inf", math.inf), ("-.inf", -math.inf), ("1e999", "1e999"), ("36+", "36+"), ("<0.01", "<0.01"), (">= 70", None),
        ("1991-03-17", "1991-03-17"), ("1991-03", "1991-03"), ('"36"', "36"), ("'36'", "36"), ("10.1000/182", "10.1000/182"),
        ("NCT00554515", "NCT00554515"),
        ("a #b", "a"), ("a#b", "a#b"), ("CD4+", "CD4+"), ("HLA-A*02", "HLA-A*02"), ("R&D", "R&D"), ("wow!", "wow!"), ("5 * 3", "5 * 3"),
        ("Smith & Co", "Smith & Co"), ("35 %", "35 %"),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(written: str, read: object):
    if written == ">= 70":  # the mark of a folded text; such a value needs its quotes
        with pytest.raises(YamlError):
            parse("a: >= 70\n")
        return
    found = parse(f"a: {written}\n")["a"]
    assert (type(read), read) == (type(found), found)


def test_not_a_number_is_read_as_such():
    assert math.isnan(parse("a: .nan\n")["a"])


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: b: c\n", "KB010", 1, 5),
        ('a: "b" c\n', "KB010", 1, 8),
        ("a: @x\n", "KB010", 1, 4),
        ("\ta: 1\n", "KB010", 1, 1),
        ("a:\n  - b\n c: d\n", "KB010", 3, 2),
        ("a: [1, 2\nb: 3\n", "KB010", 2, 2),
        ("a: {b: c\n", "KB010", 1, 4),
        ("x: 1\na: [[1, 2]\n", "KB010", 2, 4),
        ('a: "b\n', "KB010", 1, 4),
        ("a: 'don't'\n", "KB010", 1, 9),
        ('a: "\\q"\n', "KB010", 1, 5),
        ("? [a]\n: b\n", "KB010", 1, 1),
        ("{a: 1}\nb\n", "KB010", 2, 1),
        ("a: \x01\n", "KB010", 1, 4),
        ("a: 123456789012345678901234567890\n", "KB010", 1, 4),
        ("a: 1\nb: 2\na: 3\n", "KB011", 3, 1),
        ("a: {b: 1, b: 2}\n", "KB011", 1, 11),
        ("a: [{x: 1, y: 2, x: 3}]\n", "KB011", 1, 18),
        ('a: 1\n"a": 2\n', "KB011", 2, 1),
        ("a: {x: 1}\nb: {x: 1, y: {x: 1, x: 2}}\n", "KB011", 2, 21),
        ("1: a\n1: b\n", "KB011", 2, 1),
        ("a: &x 1\n", "KB012", 1, 4),
        ("a: *x\n", "KB012", 1, 4),
        ("a: 1\nb: !!str 1\n", "KB012", 2, 4),
        ("a: !python/object:os.system x\n", "KB012", 1, 4),
        ("a: ! x\n", "KB012", 1, 4),
        ("!x a: 1\n", "KB012", 1, 1),
        ("%YAML 1.1\n---\na: yes\n", "KB012", 1, 1),
        ("a: 1\n---\nb: 2\n", "KB013", 2, 1),
        ("a: 1\n...\n---\nb: 2\n", "KB013", 3, 1),
        ("", "KB014", 1, 1),
        ("# nothing\n", "KB014", 1, 1),
        ("- a\n", "KB014", 1, 1),
        ("a\n", "KB014", 1, 1),
        ("a: " + "[" * 300 + "]" * 300 + "\n", "KB015", 1, 131),
    ],
)
def test_what_a_record_may_not_use_is_refused_at_its_place(text: str, code: str, line: int, column: int):
    with pytest.raises(YamlError) as raised:
        parse(text)
    assert (code, Position(line, column)) == (raised.value.code, raised.value.position)
    assert raised.value.hint


def test_an_alias_bomb_is_refused_before_it_grows():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    with pytest.raises(YamlError) as raised:
        parse("\n".join(lines) + "\n")
    assert ("KB012", Position(1, 5)) == (raised.value.code, raised.value.position)


def test_deep_nesting_is_refused_in_block_style_too():
    with pytest.raises(YamlError) as raised:
        parse("".join(" " * depth + "a:\n" for depth in range(400)))
    assert "KB015" == raised.value.code


@pytest.mark.parametrize(
    "text", ["a: " + "[" * 100_000, "a: " + "[" * 100_000 + "]" * 100_000, "a: " + "{a: " * 50_000], ids=["open", "closed", "maps"]
)
def test_nesting_without_end_is_refused_at_once(text: str):
    """Both readers take quadratic time on it: ten seconds for a file of 100 kB."""
    with pytest.raises(YamlError) as raised:
        parse(text)
    assert ("KB015", text[raised.value.position.column - 1]) == (raised.value.code, text[3])


def test_many_brackets_side_by_side_are_no_nesting():
    assert 3000 == len(parse("a: [" + "[], " * 3000 + "]")["a"])
    assert 3000 == len(parse("a:\n" + '  - "[low, high"\n' * 1500 + "  - x]\n" * 1500)["a"])


def test_a_message_names_the_key_that_stands_twice():
    with pytest.raises(YamlError, match='"b" stands twice'):
        parse("a: 1\nb: 2\nb: 3\n")


def test_keys_that_are_equal_once_read_are_refused_too():
    with pytest.raises(YamlError) as raised:
        parse("1: a\n0x1: b\n")
    assert "KB011" == raised.value.code


# The readers in step: generated documents, written by ruamel.yaml and PyYAML in their many styles.

KEYS = st.text(st.sampled_from("abz-19."), min_size=1, max_size=6)
WORDS = st.one_of(
    st.text(st.sampled_from("ab é×–:#,[]{}\"'\\|>%@`&*!?-+.0159eE_~<=/\t\n"), max_size=12),
    st.sampled_from(
        ["no", "yes", "on", "12:30", "010", "1e6", ".5", "36+", "<0.01", "null", "~", "true", "1_000", "0x1F", "2001-01-01", "", " "]
    ),
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), WORDS)
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12)
DOCUMENTS = st.dictionaries(KEYS, TREES, min_size=1, max_size=5)


def _reference(text: str) -> Any:
    """What ruamel.yaml reads as YAML 1.2; a text that it cannot read back itself is no example."""
    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        reject()


def _refused_by_both(text: str) -> bool:
    """Whether libyaml refuses a text too: a reader may be stricter than the standard, but never read something else."""
    try:
        yaml.compose(text, Loader=yaml.CLoader)
    except yaml.YAMLError:
        return True
    return False


def _agrees(text: str, expected: Any) -> bool:
    try:
        return bool(expected == parse(text))
    except YamlError:
        return _refused_by_both(text)


@settings(max_examples=300, deadline=None)
@given(DOCUMENTS, st.booleans())
@example({"a": "no", "b": "12:30", "c": "010"}, False)
@example({"a": "x: y", "b": ["- z", "#"]}, True)
def test_what_ruamel_writes_is_read_back(data: dict[str, Any], flow: bool):
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = flow
    stream = StringIO()
    writer.dump(data, stream)
    assume(data == _reference(stream.getvalue()))
    assert _agrees(stream.getvalue(), data)


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS, st.sampled_from([None, True, False]), st.sampled_from([None, '"', "'"]), st.sampled_from([20, 80, 10_000]))
def test_what_pyyaml_writes_is_read_back_where_both_versions_agree(data: dict[str, Any], flow: bool | None, quotes: str | None, width: int):
    text = yaml.dump(data, default_flow_style=flow, default_style=quotes, width=width, allow_unicode=True)
    if re.search(r"!!(?:float|int|bool|null) ", text):  # forced quotes make numbers carry a tag, which records refuse
        with pytest.raises(YamlError):
            parse(text)
        return
    assert _agrees(text, _reference(text))


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, st.booleans())
def test_every_path_has_the_place_of_its_value(data: dict[str, Any], flow: bool):
    """The place of a text in quotes is that of its first quote; of a key, that of its first character."""
    text = yaml.dump(data, default_flow_style=flow, default_style='"', allow_unicode=True, width=10_000, sort_keys=False)
    lines = text.split("\n")
    places = locate(text)

    def visit(value: Any, path: tuple[str | int, ...]) -> None:
        assert path in places
        at = places[path].value
        if isinstance(value, str):
            assert '"' == lines[at.line - 1][at.column - 1]
        if isinstance(value, dict):
            for key, item in value.items():
                spot = places[(*path, key)].key
                assert lines[spot.line - 1][spot.column - 1 :].startswith(f'"{key}"')
                visit(item, (*path, key))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                visit(item, (*path, index))

    visit(data, ())


def test_the_place_of_what_is_not_there_is_that_of_its_nearest_parent():
    places = locate("a:\n  b: {c: 1}\n")
    assert Position(2, 10) == place(places, ("a", "b", "c"))
    assert Position(2, 7) == place(places, ("a", "b", "c"), at_key=True)
    assert Position(2, 6) == place(places, ("a", "b", "x"), at_key=True)
    assert Position(2, 3) == place(places, ("a", "y", "z"))
    assert Position(1, 1) == place(places, ("q",))
    assert Position(1, 1) == place({}, ("q",))


def test_a_key_that_is_a_number_has_its_place():
    assert Position(2, 3) == place(locate("a:\n  1: x\n"), ("a", 1), at_key=True)


def test_what_cannot_be_composed_has_no_places():
    assert {} == locate("a: [")
    assert {} == locate("")


def test_columns_count_characters():
    assert Position(1, 13) == locate("a: {b: é😀×, c: 1}\n")["a", "c"].key
