"""Lines of a record's items, found without composing the document where its form allows it.

Composing a record with places costs 1 ms, ten times what reading it costs. In block style the sections stand at the
margin and their items two columns in, so a scan finds them; its result is trusted only when it names exactly the items
that the model holds, in the same order. Any other form (flow style, JSON, quoted keys) goes the careful way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kb.model.study import Study
from kb.records.yaml import locate

SECTIONS = ("reports", "arms", "populations", "findings", "outcomes", "adverse_events", "cited", "claims")
"""Fields of a study that hold items by id."""

Lines = Mapping[tuple[str, ...], int]
"""Line by path: `("id",)`, `("outcomes",)`, `("outcomes", "response")`."""

_KEY = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_.-]*):(?=[ \r]|\Z)").match
"""A key at a place of a line, without quotes or anchors."""


def item_lines(text: str, study: Study) -> Lines:
    """Return the line of every section and item that stands in the text, counted from 1."""
    found = _scan(text)
    items: dict[str, list[str]] = {section: [] for section in SECTIONS}
    for path in found:
        if len(path) == 2:
            items[path[0]].append(path[1])
    if any(items[section] != [*getattr(study, section)] for section in SECTIONS):
        return _careful(text)
    return found


def _scan(text: str) -> dict[tuple[str, ...], int]:
    found: dict[tuple[str, ...], int] = {}
    section, items = "", False
    for number, line in enumerate(text.split("\n"), 1):
        if line[:3] == "   ":  # within an item: most of the lines
            continue
        if line[:1] != " ":
            if key := _KEY(line):
                section = key[1]
                found[section,] = number
                items = section in SECTIONS
        elif items and line[1:2] == " " and (key := _KEY(line, 2)):
            found[section, key[1]] = number
    return found


def _careful(text: str) -> dict[tuple[str, ...], int]:
    places = locate(text)
    return {tuple(str(step) for step in path): at.key.line for path, at in places.items() if 1 <= len(path) <= 2}
