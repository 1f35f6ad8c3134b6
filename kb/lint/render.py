"""Diagnostics as text for people, JSON, SARIF and annotations of code review."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from kb.diagnostics import Diagnostic, Severity
from kb.lint.rule import Rule

WINDOW = 100
"""Columns of a source line that are shown; longer lines are cut around the caret."""
_SARIF_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_GITHUB_COMMAND = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def width_of(text: str) -> int:
    """Return how many columns of a terminal a text takes: wide characters two, combining ones none."""
    return sum(_cell(character) for character in text)


def _cell(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def excerpt(line: str, column: int) -> tuple[str, int]:
    """Return the part of a line around a column, and the columns before it on the terminal.

    Args:
        line: The line, without its break.
        column: Character that the caret shall stand under, counted from 1; may lie one past the end.

    Returns:
        The text to show, at most about `WINDOW` characters with marks where it was cut, and the width of what stands
        before the caret.
    """
    shown = "".join(
        " " if character == "\t" else character if character.isprintable() or _cell(character) == 0 else "\ufffd" for character in line
    )
    at = min(max(column - 1, 0), len(shown))
    if len(shown) <= WINDOW:
        return shown, width_of(shown[:at])
    start = max(0, min(at - WINDOW // 2, len(shown) - WINDOW))
    # A window must not begin with a mark that belongs to the letter before it.
    while start > 0 and _cell(shown[start]) == 0:
        start -= 1
    before, after = ("… " if start > 0 else ""), (" …" if start + WINDOW < len(shown) else "")
    return before + shown[start : start + WINDOW] + after, width_of(before + shown[start:at])


def render_text(diagnostics: Iterable[Diagnostic]) -> Iterator[str]:
    """Yield each problem as `file:line:col: severity CODE message`, the line, a caret and a hint."""
    for item in diagnostics:
        place = f"{item.file}:{item.position.line}:{item.position.column}"
        yield f"{place}: {item.severity.value} {item.code} {_one_line(item.message)}\n"
        if item.line_text:
            line, before = excerpt(item.line_text, item.position.column)
            yield f"    {line}\n    {' ' * before}^\n"
        if item.hint:
            yield f"  hint: {_one_line(item.hint)}\n"


def _one_line(text: str) -> str:
    return "".join(character if character.isprintable() else " " if character in "\n\t" else "\ufffd" for character in text)


def render_json(diagnostics: Iterable[Diagnostic], summary: Mapping[str, Any]) -> str:
    """Return problems and summary as one JSON object, with the fields of the text form."""
    problems = [
        {
            "file": item.file,
            "line": item.position.line,
            "column": item.position.column,
            "severity": item.severity.value,
            "code": item.code,
            "message": item.message,
            "hint": item.hint,
        }
        for item in diagnostics
    ]
    return json.dumps({"problems": problems, "summary": summary}, ensure_ascii=False, indent=2) + "\n"


def render_sarif(diagnostics: Iterable[Diagnostic], rules: Sequence[Rule], *, version: str) -> str:
    """Return a SARIF 2.1.0 log: the rules with their pages, and a result for each problem."""
    number = {rule.code: index for index, rule in enumerate(rules)}
    driver = {"name": "kb", "version": version, "semanticVersion": version, "rules": [_sarif_rule(rule) for rule in rules]}
    results = [
        {
            "ruleId": item.code,
            "ruleIndex": number[item.code],
            "level": _SARIF_LEVEL[item.severity],
            "message": {"text": item.message + (f". Hint: {item.hint}" if item.hint else "")},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": quote(item.file)},
                        "region": {"startLine": item.position.line, "startColumn": item.position.column},
                    }
                }
            ],
        }
        for item in diagnostics
    ]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _sarif_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.page},
        "help": {"text": rule.page},
        "defaultConfiguration": {"level": _SARIF_LEVEL[rule.severity]},
        "properties": {"family": rule.family.value},
    }


def render_github(diagnostics: Iterable[Diagnostic]) -> Iterator[str]:
    """Yield each problem as a workflow command of GitHub Actions."""
    for item in diagnostics:
        properties = {
            "file": item.file,
            "line": str(item.position.line),
            "col": str(item.position.column),
            "title": f"{item.code} {item.severity.value}",
        }
        words = ",".join(f"{name}={_escape(value, ':,')}" for name, value in properties.items())
        message = item.message + (f"\nhint: {item.hint}" if item.hint else "")
        yield f"::{_GITHUB_COMMAND[item.severity]} {words}::{_escape(message)}\n"


def _escape(text: str, more: str = "") -> str:
    for character in "%\r\n" + more:  # the per cent sign first, so that no escape is escaped
        text = text.replace(character, f"%{ord(character):02X}")
    return text
