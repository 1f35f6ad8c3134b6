"""Changing the order of a mapping's entries in a text, with everything that belongs to an entry moving along.

A library that dumps a reordered mapping leaves comments where they hung: at the entry before. Here an entry is a piece of
text: the comment lines above it, its key, its value and the comment behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from kb.diagnostics import Path

Order = Callable[[Path, Sequence[str]], list[str]]
"""From a mapping's path and its keys as written to the keys as they should stand."""


def reordered(text: str, order: Order) -> str:
    r"""Return the text with every mapping's entries in the order asked for.

    Args:
        text: YAML without anchors, aliases and tags, and with `\n` alone as line break.
        order: Gives the order of each mapping's keys.
    """
    from yaml import CLoader, compose

    # Moving text shifts every place behind it, so places are looked up anew after each move; most records need none.
    while True:
        root = compose(text, Loader=CLoader)
        moved = _first_move(text, root, order)
        if moved is None:
            return text
        text = moved


def _first_move(text: str, root: Any, order: Order) -> str | None:
    from yaml.nodes import MappingNode, SequenceNode

    stack: list[tuple[Any, Path]] = [(root, ())]
    while stack:
        node, path = stack.pop()
        if isinstance(node, MappingNode):
            keys = [key.value for key, _ in node.value]
            wanted = order(path, keys)
            if wanted != keys:
                move = _move_flow if node.flow_style else _move_block
                return move(text, node.value, [keys.index(key) for key in wanted])
            stack.extend((value, (*path, key.value)) for key, value in node.value)
        elif isinstance(node, SequenceNode):
            stack.extend((item, (*path, index)) for index, item in enumerate(node.value))
    return None


def _offset(text: str, mark: Any) -> int:
    """Return the offset of a mark; its line and column count characters, as the text does."""
    start = 0
    for _ in range(mark.line):
        start = text.index("\n", start) + 1
    return start + int(mark.column)


def _end(text: str, node: Any) -> int:
    """Return where a value's own text ends. A block collection's mark lies behind the comments that follow it."""
    from yaml.nodes import MappingNode, ScalarNode

    if isinstance(node, ScalarNode) or node.flow_style or not node.value:
        return _offset(text, node.end_mark)
    return _end(text, node.value[-1][1] if isinstance(node, MappingNode) else node.value[-1])


def _move_flow(text: str, entries: Sequence[tuple[Any, Any]], places: Sequence[int]) -> str:
    spans = [(_offset(text, key.start_mark), max(_end(text, value), _offset(text, key.end_mark))) for key, value in entries]
    pieces = [text[start:end] for start, end in spans]
    between = [text[end:start] for (_, end), (start, _) in pairwise(spans)]
    moved = "".join(piece + gap for piece, gap in zip((pieces[place] for place in places), [*between, ""], strict=True))
    return text[: spans[0][0]] + moved + text[spans[-1][1] :]


def _move_block(text: str, entries: Sequence[tuple[Any, Any]], places: Sequence[int]) -> str:
    starts = [_offset(text, key.start_mark) for key, _ in entries]
    ends = [_line_end(text, max(_end(text, value), _offset(text, key.end_mark))) for key, value in entries]
    indent = " " * int(entries[0][0].start_mark.column)
    bodies = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    head = text[: starts[0]]
    line = head.rindex("\n") + 1 if "\n" in head else 0
    first = _comments_above(head, line)
    # Whole comment lines between two entries belong to the second of them.
    leads = [head[first:line], *(text[end : text.rindex("\n", 0, start) + 1] for end, start in zip(ends, starts[1:], strict=False))]
    head, line = head[:first] + head[line:], first
    moved = []
    for place, index in enumerate(places):
        if place == 0:  # its comments go above the line that may hold the dash of a list
            head = head[:line] + leads[index] + head[line:]
        moved.append(bodies[index] if place == 0 else leads[index] + indent + bodies[index])
    whole = "".join(piece if piece.endswith("\n") else piece + "\n" for piece in moved)
    return head + whole + text[ends[-1] :]


def _comments_above(head: str, line: int) -> int:
    """Return where the comment lines begin that stand right above a mapping's first key.

    Above the dash of a list they belong to its item, and the schema's line belongs to the file; these stay.
    """
    if head[line:].strip():
        return line
    while line:
        above = head.rfind("\n", 0, line - 1) + 1
        words = head[above:line].strip()
        if not words.startswith("#") or words.startswith("# yaml-language-server:"):
            break
        line = above
    return line


def _line_end(text: str, offset: int) -> int:
    """Return where the line of an offset ends, its break included; a block scalar ends behind its break already."""
    if offset and text[offset - 1] == "\n":
        return offset
    found = text.find("\n", offset)
    return len(text) if found < 0 else found + 1
