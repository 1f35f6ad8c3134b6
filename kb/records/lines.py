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

_KEY = re.compile(r"^(  )?([A-Za-z0-9_][A-Za-z0-9_.-]*):(?=[ \n\r]|\Z)", re.MULTILINE)


def item_lines(text: str, study: Study) -> Lines:
    """Return the line of every section and item that stands in the text, counted from 1."""
    found = _scan(text)
    for section in SECTIONS:
        expected = [(section, ident) for ident in getattr(study, section)]
        if expected != [path for path in found if len(path) == 2 and path[0] == section]:
            return _careful(text)
    return found


def _scan(text: str) -> dict[tuple[str, ...], int]:
    found: dict[tuple[str, ...], int] = {}
    section = ""
    line, before = 1, 0
    for match in _KEY.finditer(text):
        line += text.count("\n", before, match.start())
        before = match.start()
        if match[1] is None:
            section = match[2]
            found[section,] = line
        elif section in SECTIONS:
            found[section, match[2]] = line
    return found


def _careful(text: str) -> dict[tuple[str, ...], int]:
    places = locate(text)
    return {tuple(str(step) for step in path): at.key.line for path, at in places.items() if 1 <= len(path) <= 2}
