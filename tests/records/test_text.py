"""Bytes to text: what is refused, and where."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.diagnostics import Position
from kb.records.text import MAX_BYTES, TextProblem, decode_bytes, line_of, position_of, read_text


def problem(found: str | TextProblem) -> tuple[str, Position, str]:
    assert isinstance(found, TextProblem)
    return found.code, found.position, found.message


def test_a_plain_file_is_read_as_it_is(tmp_path: Path):
    path = tmp_path / "x.yaml"
    path.write_bytes("a: 1\r\nb: ± é 😀\n".encode())
    assert "a: 1\r\nb: ± é 😀\n" == read_text(path)


def test_a_folder_named_like_a_record(tmp_path: Path):
    (tmp_path / "x.yaml").mkdir()
    assert ("KB001", Position(1, 1), "a folder, but a record is a file") == problem(read_text(tmp_path / "x.yaml"))


def test_a_link_to_nothing(tmp_path: Path):
    (tmp_path / "x.yaml").symlink_to(tmp_path / "nowhere.yaml")
    assert ("KB001", Position(1, 1), "a link to nothing") == problem(read_text(tmp_path / "x.yaml"))


def test_no_file(tmp_path: Path):
    assert ("KB001", Position(1, 1), "no such file") == problem(read_text(tmp_path / "x.yaml"))


def test_a_link_in_a_circle(tmp_path: Path):
    (tmp_path / "x.yaml").symlink_to(tmp_path / "x.yaml")
    code, _, message = problem(read_text(tmp_path / "x.yaml"))
    assert ("KB001", True) == (code, message.startswith("cannot be read: "))


def test_a_pipe_that_nobody_writes_to_does_not_block(tmp_path: Path):
    os.mkfifo(tmp_path / "x.yaml")
    assert ("KB001", Position(1, 1), "not a regular file") == problem(read_text(tmp_path / "x.yaml"))


def test_a_link_within_the_collection_is_followed_and_one_out_of_it_is_not(tmp_path: Path):
    root = tmp_path / "collection"
    root.mkdir()
    (root / "inside.yaml").write_text("a: 1\n", encoding="utf-8")
    (tmp_path / "outside.yaml").write_text("a: 2\n", encoding="utf-8")
    (root / "good.yaml").symlink_to(root / "inside.yaml")
    (root / "bad.yaml").symlink_to(tmp_path / "outside.yaml")
    assert "a: 1\n" == read_text(root / "good.yaml", root=root)
    assert ("KB002", Position(1, 1), "a link that leads out of the collection") == problem(read_text(root / "bad.yaml", root=root))
    assert "a: 2\n" == read_text(root / "bad.yaml")


@pytest.mark.parametrize(("size", "readable"), [(MAX_BYTES, True), (MAX_BYTES + 1, False), (100 * MAX_BYTES, False)])
def test_size_has_a_limit(size: int, readable: bool, tmp_path: Path):
    with (tmp_path / "x.yaml").open("wb") as stream:  # a hole reads as NUL bytes and takes no room
        stream.truncate(size)
    code, _, message = problem(read_text(tmp_path / "x.yaml"))
    assert ("KB005" if readable else "KB003") == code
    assert readable or message == f"{size:,} bytes, but a record has at most 1,048,576"


@pytest.mark.parametrize(
    ("raw", "code", "line", "column"),
    [
        (b"title: Interf\xe9ron\n", "KB004", 1, 14),
        (b"a: 1\nb: \xff\xfe\n", "KB004", 2, 4),
        ("é: ".encode() + b"\x80\n", "KB004", 1, 4),
        (b"a: \xed\xa0\x80", "KB004", 1, 4),  # a lone surrogate
        (b"a: 1\nb: x\x00y\n", "KB005", 2, 5),
        (b"\xef\xbb\xbfa: 1\n", "KB005", 1, 1),
        ("a: x\u2028y\n".encode(), "KB005", 1, 5),
        ("a: 1\nb: \x85\n".encode(), "KB005", 2, 4),
        (b"a: 1\rb: 2\r", "KB005", 1, 5),
        (b"a: \x1b[31mred\n", "KB005", 1, 4),
        ("a: \uffff\n".encode(), "KB005", 1, 4),
    ],
    ids=[
        "latin-1",
        "utf-16",
        "after-a-wide-letter",
        "surrogate",
        "nul",
        "bom",
        "line-separator",
        "nel",
        "lone-cr",
        "escape",
        "noncharacter",
    ],
)
def test_what_is_no_text_is_refused_at_its_place(raw: bytes, code: str, line: int, column: int):
    found = decode_bytes(raw)
    assert isinstance(found, TextProblem)
    assert (code, Position(line, column)) == (found.code, found.position)
    assert found.hint
    assert found.line_text == "" or found.line_text.isprintable()


@pytest.mark.parametrize("character", ["±", "µ", "é", "–", "×", "\t", "😀", "\u00a0", "\u200b"])
def test_letters_beyond_ascii_pass(character: str):
    assert f"a: x{character}\n" == decode_bytes(f"a: x{character}\n".encode())


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_the_quick_look_at_bytes_and_the_pattern_agree(text: str):
    """A text passes exactly when it holds none of the characters that have no place in a record."""
    refused = {*map(chr, (*range(9), 11, 12, *range(14, 32), *range(127, 160))), "\u2028", "\u2029", "\ufeff", "\ufffe", "\uffff"}
    lone = "\r" in text.replace("\r\n", "")
    good = not lone and not any(character in refused for character in text)
    assert (text if good else "KB005") == (found if isinstance(found := decode_bytes(text.encode()), str) else found.code)


@given(st.text("ab\n", max_size=30), st.data())
def test_positions_lead_back_to_the_offset(text: str, data: st.DataObject):
    offset = data.draw(st.integers(0, len(text)))
    position = position_of(text, offset)
    lines = text.split("\n")
    assert offset == sum(len(line) + 1 for line in lines[: position.line - 1]) + position.column - 1
    assert lines[position.line - 1] == line_of(text, position.line)


def test_a_line_past_the_end_is_empty_and_breaks_are_left_out():
    assert ("a", "b", "") == (line_of("a\r\nb", 1), line_of("a\r\nb", 2), line_of("a\r\nb", 3))
