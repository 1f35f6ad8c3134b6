"""Output: one contract for every command that lists something."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.analysis import listing
from kb.analysis.listing import Listing, Stream
from kb.cli import rendering
from kb.cli.output import FORMATS, SUFFIXES, chosen_format, emit
from kb.cli.rendering import json_text, render
from kb.errors import UsageError
from kb.export.cells import cell

LISTING = Listing(
    ("study_id", "n", "n_absence", "percent", "words"),
    [("a", 18, None, 5.5, "one | two"), ("b", None, "not-reported", 2160000.0, "=1+1\tline\nbreak")],
    "everything; status draft",
)


def test_csv_has_one_header_row_and_na_for_missing_with_its_kind_beside() -> None:
    assert (
        "study_id,n,n_absence,percent,words\n"
        "a,18,NA,5.5,one | two\n"
        'b,NA,not-reported,2160000,"\'=1+1\tline\nbreak"\n'
    ) == render(LISTING, "csv")  # fmt: skip
    assert render(LISTING, "csv").split("\n", 1)[1] == render(LISTING, "csv", header=False)


def test_tsv_has_neither_tabs_nor_breaks_within_a_cell() -> None:
    assert (
        "study_id\tn\tn_absence\tpercent\twords\n"
        "a\t18\tNA\t5.5\tone | two\n"
        "b\tNA\tnot-reported\t2160000\t'=1+1 line break\n"
    ) == render(LISTING, "tsv")  # fmt: skip
    assert 2 == render(LISTING, "tsv", header=False).count("\n")


def test_json_states_the_selection_beside_the_rows() -> None:
    found = json.loads(render(LISTING, "json"))
    assert ["selection", "rows"] == list(found)
    assert "everything; status draft" == found["selection"]
    assert {"study_id": "b", "n": None, "n_absence": "not-reported", "percent": 2160000.0, "words": "=1+1\tline\nbreak"} == found["rows"][1]
    assert found["rows"] == [json.loads(line) for line in render(LISTING, "jsonl").splitlines()]
    assert ["x: why"] == json.loads(render(LISTING._replace(not_compared=("x: why",)), "json"))["not_compared"]


def test_markdown_is_escaped() -> None:
    text = render(Listing(("a_b",), [("<b>|*x*",), (None,)], "status_x"), "md")
    assert "selection: status\\_x\n\n| a\\_b |\n| --- |\n| &lt;b&gt;\\|\\*x\\* |\n|  |\n" == text


def test_a_plain_table_has_aligned_columns_and_no_control_characters() -> None:
    text = render(Listing(("name", "n"), [("a\x1b[31mred", 1), ("bb", None)]), "table")
    assert "name       n\n---------  -\na [31mred  1\nbb\n2 rows\n" == text
    assert render(LISTING, "table").startswith("selection: everything; status draft\n")
    assert render(Listing(("x",), [("y",)]), "table").endswith("1 row\n")
    assert "x\n-\n0 rows\n" == render(Listing(("x",), []), "table")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "NA"), (0, "0"), (0.1, "0.1"), ("", ""), ("=1", "'=1"), ("+1", "+1"), ("-5.5", "-5.5"), ("+x", "'+x"), ("-x", "'-x"),
        ("@x", "'@x"), ("\tx", "'\tx"), ("\rx", "'\rx"), ("a=1", "a=1"), ("-1 ", "'-1 "), ("-", "'-"), ("-inf", "-inf"),
    ],
)  # fmt: skip
def test_a_cell_that_a_spreadsheet_would_run_is_disarmed(value: Any, expected: str) -> None:
    assert expected == cell(value)


@given(st.lists(st.tuples(st.one_of(st.none(), st.text(), st.integers(), st.floats(allow_nan=False))), max_size=5))
def test_csv_reads_back_to_the_cells(rows: list[tuple[Any]]) -> None:
    text = render(Listing(("x",), rows), "csv")
    found = list(csv.reader(io.StringIO(text, newline="")))
    cells = [cell(value).replace("\r\n", "\n").replace("\r", "\n") for (value,) in rows]
    assert [["x"], *([text] for text in cells)] == [row or [""] for row in found]


def test_the_format_comes_from_the_option_then_the_suffix_then_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "json" == chosen_format("json", Path("x.csv"))
    assert all(form == chosen_format(None, Path(f"x{suffix.upper()}")) for suffix, form in SUFFIXES.items())
    assert set(FORMATS) == set(SUFFIXES.values())
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert "table" == chosen_format(None, None)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False, raising=False)
    assert "tsv" == chosen_format(None, None)
    with pytest.raises(UsageError, match=r'the suffix of "x\.doc" says no format'):
        chosen_format(None, Path("x.doc"))


@pytest.mark.parametrize("form", FORMATS)
def test_the_selection_is_stated_with_every_format_and_never_among_the_rows_of_csv(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    emit(LISTING, form=form)
    shown = capsys.readouterr()
    inside = form in ("table", "json", "md")
    assert inside == ("everything; status draft" in shown.out)
    assert ("" if inside else "selection: everything; status draft\n") == shown.err


def streamed(rows: list[tuple[Any, ...]], size: int = 2) -> Stream:
    blocks = (rows[at : at + size] for at in range(0, len(rows), size))
    return Stream(("a", "b"), blocks, "all of it", ("x: why",))


@pytest.mark.parametrize("rows", [0, 1, 2, 5])
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("in_memory", [20, 10_000])
def test_a_stream_is_written_as_its_listing(
    form: str, rows: int, in_memory: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In a file or on stdout, whether what waits fits into memory or not, and however the rows of the listing are cut."""
    monkeypatch.setattr(rendering, "IN_MEMORY", in_memory)
    monkeypatch.setattr(listing, "BLOCK", 3)
    held = [(f"word {'x' * number}|\n\x1e\t", None if number % 2 else number / 3) for number in range(rows)]
    expected = render(streamed(held).listing(), form)
    emit(streamed(held), form=form)
    assert expected == capsys.readouterr().out
    emit(streamed(held), form=form, out=tmp_path / "x")
    assert expected == (tmp_path / "x").read_text(encoding="utf-8")


@pytest.mark.parametrize("form", FORMATS)
def test_an_error_on_the_way_leaves_nothing_half_written(form: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    def blocks() -> Iterator[list[tuple[str]]]:
        yield [("a",)]
        raise UsageError("the query took more than 1 seconds")

    for out in (None, tmp_path / "x"):
        with pytest.raises(UsageError):
            emit(Stream(("x",), blocks()), form=form, out=out)
    assert "" == capsys.readouterr().out
    assert [] == list(tmp_path.iterdir())


def test_a_terminal_gets_a_long_stream_as_a_plain_table(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    emit(streamed([("x", 1), ("y", 2), ("z", 3)]))
    assert "selection: all of it\na  b\n-  -\nx  1\ny  2\nz  3\n3 rows\n" == capsys.readouterr().out
    emit(streamed([("x", 1), ("y", 2)]))
    assert "\u2500" in capsys.readouterr().out, "a short one is drawn"


def test_a_file_is_written_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for suffix, form in SUFFIXES.items():
        emit(LISTING, out=tmp_path / f"x{suffix}")
        assert render(LISTING, form) == (tmp_path / f"x{suffix}").read_text(encoding="utf-8")
    assert "" == capsys.readouterr().out
    assert len(SUFFIXES) == len(list(tmp_path.iterdir()))


@pytest.mark.parametrize("colour", [True, False])
def test_a_terminal_gets_a_drawn_table_and_no_color_is_honoured(
    colour: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "xterm-256color")
    if not colour:
        monkeypatch.setenv("NO_COLOR", "1")
    else:
        monkeypatch.delenv("NO_COLOR", raising=False)
    emit(Listing(("study_id", "n"), [("[bold]a\x1b[2J", 18), ("b", None)], "all"))
    shown = capsys.readouterr().out
    assert "[bold]a [2J" in shown
    assert "2 rows" in shown
    assert "selection: all" in shown
    assert "\x1b[2J" not in shown
    assert not any(code in shown for code in ("\x1b[3", "\x1b[9")) or colour
    emit(Listing(("x",), []))
    assert "0 rows" in capsys.readouterr().out


PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


@given(
    st.recursive(
        PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4) | st.tuples(inner), max_leaves=12
    )
)
@settings(max_examples=60, derandomize=True)
def test_json_is_what_the_standard_library_writes(value: object) -> None:
    assert json.dumps(value, ensure_ascii=False, indent=1) + "\n" == json_text(value)
