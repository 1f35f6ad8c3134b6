"""What a table of the index is made of, and the columns that several tables share."""

from __future__ import annotations

from typing import NamedTuple


class Column(NamedTuple):
    """A column: name, SQLite type with constraints, meaning for readers."""

    name: str
    type: str
    meaning: str


class Table(NamedTuple):
    """A table: name, columns, primary key, further indexes, meaning.

    Attributes:
        name: Name in SQL.
        meaning: What one row is.
        columns: Columns in order.
        key: Columns of the primary key; empty for a table that is found by its row number.
        indexes: Further indexes, each a tuple of columns.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def ddl(self) -> tuple[str, ...]:
        """Statements that create the table, and then its indexes."""
        lines = [f"{column.name} {column.type}" for column in self.columns]
        if self.key:
            lines.append(f"PRIMARY KEY ({', '.join(self.key)})")
        tail = "STRICT, WITHOUT ROWID" if self.key else "STRICT"
        table = f"CREATE TABLE {self.name} ({', '.join(lines)}) {tail}"
        return (
            table,
            *(f"CREATE INDEX {self.name}_{'_'.join(columns)} ON {self.name} ({', '.join(columns)})" for columns in self.indexes),
        )

    @property
    def insert(self) -> str:
        """Statement that puts in one row, one `?` a column."""
        return f"INSERT INTO {self.name} VALUES ({', '.join('?' * len(self.columns))})"


T, I, R = "TEXT", "INTEGER", "REAL"  # noqa: E741 - three letters keep the tables of columns readable
"""Types of columns that may be NULL."""
TN, IN = "TEXT NOT NULL", "INTEGER NOT NULL"
"""Types of columns that are always there."""


def columns(*rows: tuple[str, str, str]) -> tuple[Column, ...]:
    """Make columns of rows of name, type and meaning."""
    return tuple(Column(*row) for row in rows)


def absent(name: str, kind: str, meaning: str) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """Return a column that may be absent, and the one that says why."""
    return (name, kind, meaning), (f"{name}_absence", T, f"why {name} is not there")


HEAD = (
    ("study_id", TN, "study of the row"),
    ("item_id", TN, "id within the study; `study#item` names it"),
    ("position", IN, "place among its kind in the record, from 0"),
    ("file", TN, "file of the record, relative to the collection"),
    ("line", IN, "line of the item in that file, from 1"),
)
POPULATION = (
    ("population", TN, "id of the population that the row hangs on"),
    ("population_label", T, "population in words: its own label, or basis and diseases"),
    *absent("population_n", I, "patients of the population"),
    ("population_basis", T, "what the denominator counts (treated, evaluable, ...)"),
    ("conditions", T, "ids of the population's diseases, inherited ones included"),
    ("arms", T, "ids of the arms that the row speaks of"),
)
SOURCE = (
    ("report", TN, "id of the report that the fact stands in"),
    ("report_read", T, "how much of that report was read"),
    ("at", T, "place in the report"),
    ("anchor", T, "at most eight words of the source that hold the figure"),
    ("derived", T, "how a number that is not printed was obtained"),
    ("also", T, "further places that the fact rests on"),
)
COMPARISON = (
    ("comparison", T, "what sort of comparison it is"),
    ("comparison_arms", T, "arms of the first side"),
    ("versus_arms", T, "arms of the other side"),
    ("versus_population", T, "population of the other side"),
    ("versus_text", T, "the other side in words"),
    ("differs", T, "what differs between the sides"),
)
INTERVAL = (
    ("interval_low", R, "lower bound of the interval, in the unit of what it belongs to"),
    ("interval_high", R, "upper bound of the interval"),
    ("interval_low_printed", T, "lower bound as printed"),
    ("interval_high_printed", T, "upper bound as printed"),
    ("interval_level", R, "confidence level in percent; NULL when the source does not say"),
    ("interval_half_width", R, "half of the width, where the source prints `23 +/- 17.5`"),
    ("interval_not_reached", I, "whether a missing bound is printed as not reached"),
)
PROPORTION = (
    ("events", I, "patients (or what `count_of` says) with the event"),
    ("total", I, "denominator"),
    ("percent", R, "printed percentage"),
    ("percent_printed", T, "percentage as printed"),
)
RESULT = (
    ("result", T, "kind of result: proportion, time-to-event, contrast, count, continuous, statement"),
    *PROPORTION,
    ("measure", T, "what the estimate is: effect measure of a contrast, statistic of a continuous value"),
    ("estimate", R, "estimate of a contrast, value of a continuous result, number of a count"),
    ("estimate_printed", T, "estimate as printed"),
    ("median", R, "median time"),
    ("median_printed", T, "median as printed, such as `35+`"),
    ("median_not_reached", I, "whether the median is printed as not reached"),
    ("mean", R, "mean time"),
    ("mean_printed", T, "mean as printed"),
    ("unit", T, "unit of median, mean, times, estimate or range"),
    *INTERVAL,
    ("range_low", R, "lowest value or lower quartile"),
    ("range_high", R, "highest value or upper quartile"),
    ("range_low_printed", T, "lowest value as printed"),
    ("range_high_printed", T, "highest value as printed"),
    ("range_quartiles", I, "whether the range is between quartiles"),
    ("sd", R, "standard deviation"),
    ("se", R, "standard error"),
    ("times", T, "single patients' times as printed"),
    ("clock", T, "what a time counts from"),
    ("result_n", I, "patients measured for a continuous value"),
    ("p", R, "P value as a number; NULL for NS"),
    ("p_printed", T, "P value as printed, with its operator"),
    ("p_operator", T, "operator of the P value: empty, <, <=, >, >=, ~ or NS"),
    ("alpha", R, "level of significance allotted to the test"),
    ("test", T, "name of the test"),
    ("sides", I, "one- or two-sided"),
    ("result_adjusted_for", T, "factors of the model"),
    ("says", T, "what a statement or contrast says of the first group"),
    ("result_text", T, "the result in words"),
)
ITEM_TAIL = (
    ("flags", T, "threats to validity of this item"),
    ("note", T, "remark of the curators"),
)
