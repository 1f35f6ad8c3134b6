"""Moving entries of a mapping in a text, with all that belongs to them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.diagnostics import Path
from kb.records.reorder import reordered


def by_name(path: Path, keys: Sequence[str]) -> list[str]:
    return sorted(keys)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a: 1\nb: 2\n", "a: 1\nb: 2\n"),
        ("b: 2\na: 1\n", "a: 1\nb: 2\n"),
        ("b: 2\na: 1", "a: 1\nb: 2\n"),
        ("b: 2  # two\na: 1  # one\n", "a: 1  # one\nb: 2  # two\n"),
        ("# b\nb: 2\n# a\na: 1\n", "# a\na: 1\n# b\nb: 2\n"),
        ("x:\n  b: 2\n  a: 1\ny: 3\n", "x:\n  a: 1\n  b: 2\ny: 3\n"),
        ("x:\n  - b: 2\n    a: 1\n  - c: 3\n", "x:\n  - a: 1\n    b: 2\n  - c: 3\n"),
        ("x:\n  - b: 2\n    # one\n    a: 1\n", "x:\n    # one\n  - a: 1\n    b: 2\n"),
        ("x: {b: 2, a: 1}\n", "x: {a: 1, b: 2}\n"),
        ("x: { b: {d: 4, c: 3} ,a: 1 }\n", "x: { a: 1 ,b: {c: 3, d: 4} }\n"),
        ("x: {b, a: 1}\n", "x: {a: 1, b}\n"),
        ("b:\na:\n", "a:\nb:\n"),
        ("b: |\n  x\n  y\na: 1\n", "a: 1\nb: |\n  x\n  y\n"),
        ("b: 1\na:\n  - x\n  - y\n# end\n", "a:\n  - x\n  - y\nb: 1\n# end\n"),
        ("b: [1,\n    2]\na: 1\n", "a: 1\nb: [1,\n    2]\n"),
        ('"b": 1\n"a": 2\n', '"a": 2\n"b": 1\n'),
        ("é: {ü: 1, ä: 2}\na: 1\n", "a: 1\né: {ä: 2, ü: 1}\n"),
        ("b: 1\n\n\na: 2\n", "\n\na: 2\nb: 1\n"),
    ],
)
def test_entries_move_with_what_belongs_to_them(written: str, expected: str):
    moved = reordered(written, by_name)
    assert yaml.safe_load(written) == yaml.safe_load(moved)
    assert expected == moved


def test_the_order_is_asked_for_by_path():
    asked: list[tuple[Path, list[str]]] = []

    def order(path: Path, keys: Sequence[str]) -> list[str]:
        asked.append((path, list(keys)))
        return list(keys)

    reordered("a: {b: [{c: 1}]}\n", order)
    assert [((), ["a"]), (("a",), ["b"]), (("a", "b", 0), ["c"])] == asked


TREES = st.recursive(
    st.integers(0, 9) | st.sampled_from(["x", "x y", "'", "x\ny", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcdef"), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from("abcdef"), TREES, min_size=1), st.sampled_from([None, True, False]), st.integers(2, 4))
def test_sorted_texts_are_sorted_and_say_the_same(data: dict[str, object], flow: bool | None, indent: int):
    written = yaml.dump(data, default_flow_style=flow, sort_keys=False, indent=indent, width=25)
    moved = reordered(written, by_name)
    assert data == yaml.safe_load(moved)
    assert yaml.dump(yaml.safe_load(moved), sort_keys=False) == yaml.dump(data, sort_keys=True)
