"""Diagnostics as text, JSON, SARIF and annotations."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.diagnostics import Diagnostic, Position, Severity
from kb.lint.catalogue import RULES
from kb.lint.render import WINDOW, excerpt, render_github, render_json, render_sarif, render_text, width_of


def a_diagnostic(**changes: object) -> Diagnostic:
    fields: dict[str, object] = {
        "file": "entries/x.yaml",
        "position": Position(3, 9),
        "severity": Severity.ERROR,
        "code": "KB601",
        "message": "7 events of only 5",
        "hint": "swapped?",
        "line_text": "events: 7",
    }
    return Diagnostic(**{**fields, **changes})  # type: ignore[arg-type] - the fields' own types


def test_text_shows_place_line_caret_and_hint():
    assert (
        "entries/x.yaml:3:9: error KB601 7 events of only 5\n"
        "    events: 7\n"
        "            ^\n"
        "  hint: swapped?\n" == "".join(render_text([a_diagnostic()]))
    )  # fmt: skip


def test_text_leaves_out_what_there_is_not():
    assert "entries/x.yaml:3:9: note KB601 m\n" == "".join(
        render_text([a_diagnostic(severity=Severity.NOTE, message="m", hint="", line_text="")])
    )


def test_text_keeps_to_one_line_whatever_a_record_holds():
    text = "".join(render_text([a_diagnostic(message="a\nb\x1b[31m", hint="c\td")]))
    assert "entries/x.yaml:3:9: error KB601 a b\ufffd[31m" == text.split("\n")[0]
    assert "  hint: c d" == text.split("\n")[3]


@pytest.mark.parametrize(
    ("line", "column", "shown", "before"),
    [
        ("a: b", 4, "a: b", 3),
        ("a: b", 99, "a: b", 4),
        ("", 1, "", 0),
        ("\ta: b", 2, " a: b", 1),
        ("日本: x", 5, "日本: x", 6),  # a wide letter takes two columns
        ("e\u0301: x", 5, "e\u0301: x", 3),  # an accent of its own takes none
        ("a\x07b", 3, "a\ufffdb", 2),
        ("😀 x", 3, "😀 x", 3),
    ],
)
def test_the_caret_stands_under_the_character(line: str, column: int, shown: str, before: int):
    assert (shown, before) == excerpt(line, column)


def test_long_lines_are_cut_around_the_caret():
    line = "".join(chr(ord("a") + place % 26) for place in range(1000))
    for column in (1, 60, 500, 990, 1000):
        shown, before = excerpt(line, column)
        assert line[column - 1] == shown[before]
        assert len(shown) <= WINDOW + 4
    assert excerpt(line, 1)[0].endswith(" …")
    assert excerpt(line, 500)[0].startswith("… ")
    assert not excerpt(line, 1000)[0].endswith("…")


def test_a_window_does_not_begin_with_an_accent():
    line = "x" * 100 + "e\u0301" * 60 + "y" * 100
    for column in range(100, 240):
        shown, _ = excerpt(line, column)
        assert not shown.removeprefix("… ").startswith("\u0301")


@given(st.text(st.sampled_from("ab日é\u0301\t😀\u200b"), max_size=300), st.integers(1, 310))
def test_what_stands_before_the_caret_is_as_wide_as_said(line: str, column: int):
    shown, before = excerpt(line, column)
    assert 0 <= before <= width_of(shown)
    if len(line) <= WINDOW:
        assert width_of(shown[: min(column - 1, len(shown))]) == before


def test_json_has_the_fields_and_the_summary():
    found = json.loads(render_json([a_diagnostic(message="é")], {"files": 1}))
    assert {
        "problems": [
            {
                "file": "entries/x.yaml",
                "line": 3,
                "column": 9,
                "severity": "error",
                "code": "KB601",
                "message": "é",
                "hint": "swapped?",
            }
        ],
        "summary": {"files": 1},
    } == found


def test_sarif_has_the_shape_of_version_2_1_0():
    log = json.loads(
        render_sarif([a_diagnostic(file="entries/ä b.yaml"), a_diagnostic(severity=Severity.NOTE, hint="")], RULES, version="1.2")
    )
    assert "2.1.0" == log["version"]
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert ("kb", "1.2", len(RULES)) == (driver["name"], driver["version"], len(driver["rules"]))
    for rule, row in zip(RULES, driver["rules"], strict=True):
        assert rule.code == row["id"]
        assert row["shortDescription"]["text"]
        assert row["fullDescription"]["text"] == row["help"]["text"] == rule.page
        assert row["defaultConfiguration"]["level"] in ("error", "warning", "note")
    first, second = run["results"]
    assert "KB601" == driver["rules"][first["ruleIndex"]]["id"] == first["ruleId"]
    assert "7 events of only 5. Hint: swapped?" == first["message"]["text"]
    assert ("note", "7 events of only 5") == (second["level"], second["message"]["text"])
    place = first["locations"][0]["physicalLocation"]
    assert "entries/%C3%A4%20b.yaml" == place["artifactLocation"]["uri"]
    assert {"startLine": 3, "startColumn": 9} == place["region"]
    assert "unicodeCodePoints" == run["columnKind"]


@pytest.mark.parametrize(("severity", "command"), [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.NOTE, "notice")])
def test_annotations_name_the_command_of_the_severity(severity: Severity, command: str):
    assert [f"::{command} file=entries/x.yaml,line=3,col=9,title=KB601 {severity.value}::m%0Ahint: h\n"] == list(
        render_github([a_diagnostic(severity=severity, message="m", hint="h")])
    )


def test_annotations_escape_what_would_end_them():
    (text,) = render_github([a_diagnostic(file="a,b:c%.yaml", message="35 %\r\nnext", hint="")])
    assert "::error file=a%2Cb%3Ac%25.yaml,line=3,col=9,title=KB601 error::35 %25%0D%0Anext\n" == text
