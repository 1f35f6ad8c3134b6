"""Results as tables: rows with names, and the forms that a notebook wants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from kb.analysis.listing import Listing
from kb.errors import UsageError

if TYPE_CHECKING:
    import pandas
    import polars

_SHOWN = 50
"""Rows that a notebook shows of a longer table."""


class Row(Mapping[str, Any]):
    """A row: a mapping whose keys can be written as attributes where they are names (`row.events`)."""

    __slots__ = ("_columns", "_values")

    def __init__(self, columns: Mapping[str, int], values: Sequence[Any]) -> None:
        self._columns = columns
        self._values = tuple(values)

    def __getitem__(self, name: str) -> Any:
        return self._values[self._columns[name]]

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name in self._columns:
            return self[name]
        raise AttributeError(f'the row has no column "{name}"')

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __repr__(self) -> str:
        return f"Row({', '.join(f'{name}={value!r}' for name, value in self.items() if value is not None)})"


class Table(Sequence[Row]):
    """A table of results.

    Values are None, int, float or str; None is a value that the record does not give, never 0.

    Attributes:
        columns: Names of the columns.
        selection: The selection in words, or an empty text.
        not_compared: What the selection could not judge, one text each.
    """

    def __init__(self, listing: Listing) -> None:
        self.columns: tuple[str, ...] = tuple(listing.columns)
        self.selection = listing.selection
        self.not_compared = listing.not_compared
        self._places = {name: place for place, name in enumerate(self.columns)}
        self._rows = [tuple(row) for row in listing.rows]

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, slice):
            return [Row(self._places, row) for row in self._rows[place]]
        return Row(self._places, self._rows[place])

    # As a list: equal by what it holds, and so, by Python's rule for a class with __eq__ alone, without a hash.
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and (self.columns, self._rows) == (other.columns, other._rows)

    def column(self, name: str) -> list[Any]:
        """Return the values of a column.

        Raises:
            UsageError: If there is none of that name.
        """
        if name not in self._places:
            from kb.errors import nearest

            near = nearest(name, list(self.columns))
            raise UsageError(f'the table has no column "{name}"', hint=f"one of {', '.join(near or self.columns)}")
        return [row[self._places[name]] for row in self._rows]

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries."""
        return [dict(zip(self.columns, row, strict=True)) for row in self._rows]

    def to_pandas(self) -> pandas.DataFrame:
        """Return a pandas data frame; whole numbers stay whole where some are missing.

        Raises:
            UsageError: If pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise _missing("pandas") from error
        frame = pandas.DataFrame(self._rows, columns=list(self.columns), dtype=object)
        return frame.convert_dtypes()

    def to_polars(self) -> polars.DataFrame:
        """Return a polars data frame.

        Raises:
            UsageError: If polars is not installed.
        """
        try:
            import polars
        except ImportError as error:
            raise _missing("polars") from error
        return polars.DataFrame(self._rows, schema=list(self.columns), orient="row", infer_schema_length=None)

    def __repr__(self) -> str:
        shown = f"{len(self)} row{'' if len(self) == 1 else 's'} of {', '.join(self.columns[:6])}{', …' if len(self.columns) > 6 else ''}"
        return f"<Table: {shown}{f'; {self.selection}' if self.selection else ''}>"

    def _repr_html_(self) -> str:
        from html import escape

        def cells(tag: str, values: Sequence[Any]) -> str:
            return "".join(f"<{tag}>{'' if value is None else escape(_told(value))}</{tag}>" for value in values)

        rows = "".join(f"<tr>{cells('td', row)}</tr>" for row in self._rows[:_SHOWN])
        more = f"<p>{len(self) - _SHOWN} more rows</p>" if len(self) > _SHOWN else ""
        head = f"<caption>selection: {escape(self.selection)}</caption>" if self.selection else ""
        return f"<table>{head}<thead><tr>{cells('th', self.columns)}</tr></thead><tbody>{rows}</tbody></table>{more}"


def _told(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _missing(package: str) -> UsageError:
    return UsageError(f"{package} is not installed", hint=f"pip install {package}, or use to_dicts()")
