"""The choice of YAML readers, and the subset of YAML that a record may use.

Two paths. The fast one (`parse`) is ryaml: YAML 1.2 scalars, so `no` stays a word and `12:30` a text; it refuses
duplicate keys, second documents, deep nesting and alias bombs. The careful one (`locate`) is PyYAML's C parser, used
only for a document that has a problem: it gives every path its line and column. Anchors, aliases and tags are refused
by both, so a fact stands in one place and reading a record never builds anything but plain data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ryaml

from kb.diagnostics import Path, Position
from kb.records.text import position_of

# The mark first and what stands before it second: a pattern that starts at every blank takes as long as reading.
_SUSPECT = re.compile(r"[&*!](?<![^\s\[{,].)(?:(?<=!)|(?=\S))", re.DOTALL)
_PLACE = re.compile(r" at line (\d+) column (\d+)| at position (\d+)")


_BRACKETS = re.compile(r"[\[\]{}]")
_MANY_BRACKETS = 2000
_DEPTH_LIMIT = 129
"""Depth at which the fast reader stops."""
_TOO_DEEP = "nested too deep to be a record"
_SHALLOW = "a record is a few levels deep"


class YamlError(Exception):
    """A text that is not the YAML of a record.

    Attributes:
        code: Code of the rule.
        position: Place of the first character at fault.
        hint: What to do.
    """

    def __init__(self, code: str, message: str, position: Position, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.position = position
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value and its key stand."""

    value: Position
    key: Position


def parse(text: str) -> Any:
    """Parse a record's text to plain data.

    Raises:
        YamlError: If it is not YAML, or uses what a record may not use.
    """
    if text.count("[") + text.count("{") > _MANY_BRACKETS:
        _refuse_depth(text)
    try:
        data = ryaml.loads(text)  # type: ignore[attr-defined]
    except Exception as error:  # ryaml raises its own error, and ValueError from the bindings for odd keys
        raise _explain(text, error) from error
    if _may_refer(text):
        _refuse_references(text)
    if not isinstance(data, dict):
        found = "nothing" if data is None else f"a {'list' if isinstance(data, list) else 'single value'}"
        raise YamlError(
            "KB014",
            f"{found}, but a record is a mapping of fields",
            Position(1, 1),
            "start with a field such as `id: family-1991-two-words`",
        )
    return data


def _refuse_depth(text: str) -> None:
    """Refuse brackets within brackets without end. Both readers take quadratic time on them, so they may not see such a text."""
    depth = deepest = 0
    first = 0
    for bracket in _BRACKETS.finditer(text):
        depth = depth + 1 if bracket[0] in "[{" else max(depth - 1, 0)
        if depth > deepest:
            deepest = depth
            first = bracket.start() if depth == _DEPTH_LIMIT else first
    if deepest > _MANY_BRACKETS:  # far above the readers' own limit, so that brackets in quotes do no harm
        raise YamlError("KB015", _TOO_DEEP, position_of(text, first), _SHALLOW)


def _may_refer(text: str) -> bool:
    """Whether something looks like an anchor, an alias, a tag or a directive."""
    marked = "&" in text or "*" in text or "!" in text
    return (marked and _SUSPECT.search(text) is not None) or text.startswith("%") or "\n%" in text


def _refuse_references(text: str) -> None:
    from yaml import events

    for event in _events(text):
        start = _position(event.start_mark)
        if isinstance(event, events.DocumentStartEvent) and (event.version or event.tags):
            at = _line_that_starts_with(text, "%")
            raise YamlError("KB012", "a directive", at, "remove the line: a record is YAML 1.2 and says so nowhere")
        if isinstance(event, events.AliasEvent):
            raise YamlError("KB012", f"the alias *{event.anchor}", start, "write the value out: a fact stands in one place")
        if getattr(event, "anchor", None):
            raise YamlError("KB012", f"the anchor &{event.anchor}", start, "remove it, or put the text in quotes")
        if getattr(event, "tag", None):
            raise YamlError("KB012", f"the tag {event.tag}", start, "remove it, or put the text in quotes")


def _events(text: str) -> Iterator[Any]:
    """Yield the careful reader's events, up to the place where it gives up."""
    from yaml import CLoader, YAMLError
    from yaml import parse as scan

    try:
        yield from scan(text, Loader=CLoader)
    except YAMLError:
        return


def _line_that_starts_with(text: str, mark: str) -> Position:
    return next(Position(number, 1) for number, line in enumerate(text.split("\n"), 1) if line.startswith(mark))


def _position(mark: Any) -> Position:
    return Position(mark.line + 1, mark.column + 1)


def _explain(text: str, error: Exception) -> YamlError:
    """Give the fast reader's error a code, a place and a hint; the careful reader helps with the place."""
    words = str(error)
    if "recursion limit" in words:  # told first: the careful reader takes quadratic time on deep nesting
        return YamlError("KB015", _TOO_DEEP, _reported(words, text), _SHALLOW)
    if _may_refer(text):
        try:
            _refuse_references(text)
        except YamlError as refused:
            return refused
    if "duplicate entry" in words:
        key, at = _duplicate(text)
        return YamlError("KB011", f'"{key}" stands twice in one mapping', at, "keep one of them")
    careful = _careful_error(text)
    if "more than one document" in words and careful is None:
        return YamlError("KB013", "a second document", _second_document(text), "one file holds one record; remove the line ---")
    if "invalid type: integer" in words:
        return YamlError("KB010", "a number of too many digits", _reported(words, text), "put it in quotes")
    if "unhashable" in words:
        return YamlError("KB010", "a list or mapping used as a key", _reported(words, text), "keys are plain words")
    if careful is not None:
        return careful
    return YamlError(
        "KB010", _PLACE.sub("", words).strip(), _reported(words, text), "check indentation, quotes and brackets around this place"
    )


def _careful_error(text: str) -> YamlError | None:
    from yaml import CLoader, MarkedYAMLError
    from yaml import parse as scan
    from yaml.reader import ReaderError

    try:
        for _ in scan(text, Loader=CLoader):
            pass
    except MarkedYAMLError as error:
        context = f" ({error.context})" if error.context else ""
        problem = error.problem_mark or error.context_mark
        opened = _never_closed(text) if problem is not None and problem.line > text.rstrip().count("\n") else None
        opened = opened or (None if error.context_mark is None else _position(error.context_mark))
        if problem is not None and opened is not None and problem.line > text.rstrip().count("\n"):
            # At the end of the text there is nothing to see; what was opened and never closed is the place to look at.
            hint = "close the bracket or quote that opens here"
            return YamlError("KB010", f"{error.problem}{context}, up to the end of the file", opened, hint)
        at = Position(1, 1) if problem is None else _position(problem)
        hint = "put the text in quotes, or check indentation and brackets around this place"
        return YamlError("KB010", f"{error.problem}{context}", at, hint)
    except ReaderError as error:
        return YamlError("KB010", f"{error.reason}", position_of(text, error.position), "remove the character")
    return None


def _never_closed(text: str) -> Position | None:
    """Return the place of the last bracket that is opened and never closed."""
    from yaml import CLoader, YAMLError, scan, tokens

    opened: list[Position] = []
    try:
        for token in scan(text, Loader=CLoader):
            if isinstance(token, tokens.FlowSequenceStartToken | tokens.FlowMappingStartToken):
                opened.append(_position(token.start_mark))
            elif isinstance(token, tokens.FlowSequenceEndToken | tokens.FlowMappingEndToken) and opened:
                opened.pop()
    except YAMLError:
        return None
    return opened[-1] if opened else None


def _reported(words: str, text: str) -> Position:
    found = _PLACE.search(words)
    if found is None:
        return Position(1, 1)
    if found[3] is not None:
        return position_of(text, int(found[3]))
    return Position(int(found[1]), int(found[2]))


def _second_document(text: str) -> Position:
    from yaml import events

    starts = [event.start_mark for event in _events(text) if isinstance(event, events.DocumentStartEvent)]
    return _position(starts[1])


def _duplicate(text: str) -> tuple[str, Position]:
    """Find the second standing of the first key that stands twice in a mapping."""
    from yaml import events

    stack: list[tuple[set[str] | None, bool]] = []  # keys seen (None in a list), whether a key comes next
    for event in _events(text):
        if isinstance(event, events.ScalarEvent) and stack and stack[-1][0] is not None and stack[-1][1]:
            seen = stack[-1][0]
            if event.value in seen:
                return str(event.value), _position(event.start_mark)
            seen.add(event.value)
        if isinstance(event, events.MappingStartEvent | events.SequenceStartEvent):
            stack.append((set() if isinstance(event, events.MappingStartEvent) else None, True))
            continue
        if isinstance(event, events.MappingEndEvent | events.SequenceEndEvent):
            stack.pop()
        if stack and stack[-1][0] is not None and not isinstance(event, events.StreamStartEvent | events.DocumentStartEvent):
            stack[-1] = (stack[-1][0], not stack[-1][1])
    # Two spellings of one key, such as 1 and 0x1: equal only once they are read.
    return "a key", Position(1, 1)


def locate(text: str) -> dict[Path, Place]:
    """Map every path of a document to the places of its value and its key.

    Returns:
        Places by path; empty when the text cannot be composed at all.
    """
    from yaml import CLoader, YAMLError, compose
    from yaml.nodes import MappingNode, Node, SequenceNode

    try:
        root = compose(text, Loader=CLoader)
    except YAMLError:
        return {}
    places: dict[Path, Place] = {}

    def visit(node: Node, path: Path, key: Position) -> None:
        places[path] = Place(_position(node.start_mark), key)
        if isinstance(node, MappingNode):
            for key_node, value_node in node.value:
                visit(value_node, (*path, key_node.value), _position(key_node.start_mark))
        elif isinstance(node, SequenceNode):
            for index, item in enumerate(node.value):
                visit(item, (*path, index), _position(item.start_mark))

    if root is not None:
        visit(root, (), _position(root.start_mark))
    return places


def place(places: dict[Path, Place], path: Path, *, at_key: bool = False) -> Position:
    """Return the place of a path, or of the nearest ancestor that stands in the text."""
    for length in range(len(path), -1, -1):
        # A key that is no text, such as 1, stands in the places as it was written.
        found = places.get(tuple(path[:length])) or places.get((*path[: length - 1], str(path[length - 1])) if length else ())
        if found is not None:
            return found.key if at_key and length == len(path) else found.value
    return Position(1, 1)
