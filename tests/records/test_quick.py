"""The quick reader: what it reads is what `parse` reads, and it leaves alone what it may read otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.model.study import Study
from kb.project import open_project
from kb.records.collection import study_files
from kb.records.decode import decode
from kb.records.quick import read_quickly
from kb.records.yaml import YamlError, parse

TEXTS = sorted(
    (path.read_text(encoding="utf-8") for path in study_files(open_project(Path(__file__).parent.parent.parent, explicit=True))),
    key=lambda text: (len(text), text),
)


def test_it_reads_nearly_all_records_as_they_are():
    read = {text: data for text in TEXTS if (data := read_quickly(text)) is not None}
    assert len(read) > 0.9 * len(TEXTS)
    for text, data in read.items():
        # Their written form tells 1 from 1.0 and from True, and the order of keys.
        assert repr(parse(text)) == repr(data)


@pytest.mark.parametrize(
    "value",
    ["~", "Null", "NULL", "True", "FALSE", "0x1F", "0o17", "0b1", "+5", "1e400", "-1e400", ".inf", "-.INF", ".NaN", "inf", "nan", "Infinity",
     "1234567890123456789012", "`x", "@x", "%x", "&x 1", "*x", "!x", "!!str 5", "|\n  b", ">\n  b", ", x", "? x", ": x", "} x", "] x", "- x", "a\tb",
     "a\u2028b", "a\x85b", "x # said", "[a: ]", "[a:]", "{a:, b}", "[,]", "{x: {y: 1}  - b}"],
)  # fmt: skip
def test_it_leaves_what_it_might_read_otherwise(value: str):
    assert read_quickly(f"k: {value}\nl: x\n") is None


@pytest.mark.parametrize(
    "text",
    ["", "- a\n", "word\n", "a: 1\na: 2\n", "k: {a: 1, b: 2, a: 3}\n", "k:\n  a: 1\n  a: 1\n", "%YAML 1.2\n---\na: 1\n", "a: 1\n---\nb: 2\n", "...\na: 1\n",
     "a: 1\n# said\nb: 2\n", "1: a\n", "k: {-1.5: a}\n", "true: a\n", "null : a\n", ": a\n", "k: [a, b\n", "k: b: c\n", "a: 'b\n", "a:\n  - b\n c: d\n",
     "- " * 20_000 + "x\n", "[" * 20_000 + "]" * 20_000, "{a: " * 5_000 + "}" * 5_000,
     "a: " + "[" * 100 + "]" * 100 + "\nb: " + "[" * 300 + "]" * 300 + "\n", "a: " + "x" * 200_000 + "\n"],
)  # fmt: skip
def test_it_leaves_what_is_no_plain_mapping(text: str):
    assert read_quickly(text) is None


PIECES = (
    ":", " ", "  ", "\n", "\n  ", "- ", "'", '"', "[", "]", "{", "}", ", ", " #", "|", ">", "? ", "`", "%", "\\", "\\n", "null", "true", "1", "01", "1e3", ".5",
    "-1", "+1", "1.", "nan\n", ".inf", "1e400", "12345678901234567890", "é", "\u00a0", "''", ": ", "a: b", "[]", "{a: b}", "...", "--", "\u2028", "note: x\n",
    "True", "0x1", "~", "<<: ", "\\x41", "\\_", "\t", "\r",
)  # fmt: skip
"""What a slip of the hand puts into a record, and what has a meaning of its own in YAML."""


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A short record of the collection with one to three places damaged."""
    text = draw(st.sampled_from(TEXTS[:20]))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 3)))
        text = text[:start] + draw(st.sampled_from(("", *PIECES))) + text[end:]
    return text


@given(damaged())
@settings(max_examples=150, deadline=None)
def test_a_damaged_record_is_told_alike(text: str):
    expected = decode(text, Study, file="x.yaml")
    found = decode(text, Study, file="x.yaml", reader=read_quickly)
    assert (expected, repr(expected.data)) == (found, repr(found.data))


def test_no_other_mapping_of_a_study_has_free_keys():
    """A key over two lines is refused as no field or name; only where any word is a key does the reader have to leave it."""
    free: set[str] = set()

    def walk(node: Any, name: str) -> None:
        if isinstance(node, dict):
            if (
                node.get("type") == "object"
                and "properties" not in node
                and "propertyNames" not in node
                and "patternProperties" not in node
            ):
                free.add(name)
            for key, value in node.items():
                walk(value, key)
        elif isinstance(node, list):
            for value in node:
                walk(value, name)

    walk(Study.model_json_schema(), "")
    assert {"domains"} == free
    assert read_quickly("risk:\n  domains: {a: low}\n") is None


def test_what_it_refuses_is_refused_with_a_place():
    text = "a: 1\na: 2\n"
    assert read_quickly(text) is None
    with pytest.raises(YamlError, match='"a" stands twice'):
        parse(text)
