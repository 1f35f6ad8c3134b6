"""The table of verified identifiers."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.errors import UnreadableError
from kb.records.verified import read_verified


def write(folder: Path, text: str) -> Path:
    (folder / "verified-curies.tsv").write_text(text, encoding="utf-8")
    return folder


def test_the_curies_of_the_table_are_read(tmp_path: Path):
    write(tmp_path, "curie\tlabel\tkind\tsource\nHP:1\ta\tb\tc\nHP:2\ta\tb\tc\n")
    assert frozenset({"HP:1", "HP:2"}) == read_verified(tmp_path)


def test_a_folder_without_a_table_has_none(tmp_path: Path):
    assert frozenset() == read_verified(tmp_path)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", ":1:1: "),
        ("curie\tlabel\n", ":1:1: "),
        ("curie\tlabel\tkind\tsource\nHP:1\ta\tb\t\n", ":2:1: "),
        ("curie\tlabel\tkind\tsource\nHP:1\n", ":2:1: "),
    ],
    ids=["empty", "columns", "no-source", "short"],
)
def test_a_row_without_a_source_is_refused(text: str, place: str, tmp_path: Path):
    with pytest.raises(UnreadableError, match=f"verified-curies.tsv{place}"):
        read_verified(write(tmp_path, text))


def test_a_table_that_is_no_text_is_refused(tmp_path: Path):
    (tmp_path / "verified-curies.tsv").write_bytes(b"\xff")
    with pytest.raises(UnreadableError, match="cannot be read"):
        read_verified(tmp_path)
