"""A table of results with named columns: what listing commands compute and every output format writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class Listing(NamedTuple):
    """Rows with their columns.

    Attributes:
        columns: Names of the columns.
        rows: Values in the order of the columns: None, int, float or str.
        selection: The selection in words, or an empty text where nothing was selected.
        not_compared: What the selection could not judge, such as doses without a sourced factor; one text each.
    """

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    selection: str = ""
    not_compared: tuple[str, ...] = ()
