"""A table of results with named columns: what listing commands compute and every output format writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

BLOCK = 500
"""Rows of a long table that are held, and written, at once."""
Block = Sequence[Sequence[Any]]
"""Some rows of a table."""


class Listing(NamedTuple):
    """Rows with their columns.

    Attributes:
        columns: Names of the columns.
        rows: Values in the order of the columns: None, int, float or str.
        selection: The selection in words, or an empty text where nothing was selected.
        not_compared: What the selection could not judge, such as doses without a sourced factor; one text each.
    """

    columns: tuple[str, ...]
    rows: Block
    selection: str = ""
    not_compared: tuple[str, ...] = ()


class Stream(NamedTuple):
    """A listing whose rows are read while they are written, once: memory does not grow with their number.

    Attributes:
        columns: Names of the columns.
        blocks: The rows, some at a time.
        selection: As in `Listing`.
        not_compared: As in `Listing`.
    """

    columns: tuple[str, ...]
    blocks: Iterator[Block]
    selection: str = ""
    not_compared: tuple[str, ...] = ()

    def listing(self) -> Listing:
        """Return the listing with all its rows."""
        return Listing(self.columns, [row for block in self.blocks for row in block], self.selection, self.not_compared)


def in_blocks(rows: Iterable[Sequence[Any]]) -> Iterator[Block]:
    """Yield rows some at a time."""
    coming = iter(rows)
    while block := tuple(islice(coming, BLOCK)):
        yield block
