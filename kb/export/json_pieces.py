"""JSON that is written as it is made, so that a long list in it is never held."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Members:
    """A JSON object that is written name by name.

    Attributes:
        pairs: Names and values, which may be `Members` or iterators themselves.
    """

    pairs: Iterable[tuple[str, Any]]


def json_pieces(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield a value as `json.dumps(value, ensure_ascii=False, indent=1)` gives it, piece by piece.

    Args:
        value: Plain values; an iterator stands for a JSON array, `Members` for an object. Lists and mappings are plain values and
            may hold neither.
        depth: How deep it stands in the document.
    """
    if isinstance(value, Members):
        ends, items = "{}", ((_dumped(name, 0) + ": ", one) for name, one in value.pairs)
    elif isinstance(value, Iterator):
        ends, items = "[]", (("", one) for one in value)
    else:
        yield _dumped(value, depth)
        return
    before, after = ends[0] + "\n", ends
    for label, one in items:
        yield f"{before}{' ' * (depth + 1)}{label}"
        yield from json_pieces(one, depth + 1)
        before, after = ",\n", f"\n{' ' * depth}{ends[1]}"
    yield after


def _dumped(value: Any, depth: int) -> str:
    # Line breaks within texts are escaped, so that those between lines are the only ones.
    return json.dumps(value, ensure_ascii=False, indent=1).replace("\n", "\n" + " " * depth)
