"""Rows of a collection for a selection: `kb find`. Counts are of independent cohorts first; rows and studies stand beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.analysis.find_columns import FACETS, SHORT, FindColumn, columns_of, facet_join
from kb.analysis.listing import Listing, Stream
from kb.analysis.selection import Selection
from kb.analysis.selection_sql import KINDS, compile_selection, from_clause
from kb.analysis.words import search_expression
from kb.errors import UsageError, nearest

if TYPE_CHECKING:
    from kb.records.index import Index

COUNTS: tuple[tuple[str, str, str], ...] = (
    # name, SQL, meaning
    ("cohorts", "count(DISTINCT s.cohort_id)", "independent cohorts: studies that share patients, certainly or probably, are one"),
    ("cohorts_certain", "count(DISTINCT s.cohort_certain_id)", "the same over certain overlaps alone"),
    ("studies", "count(DISTINCT s.study_id)", "studies"),
    ("rows", "count(DISTINCT {key})", "rows"),
)
"""What a group is counted in."""
SNIPPET = FindColumn("snippet", "snippet(search, -1, '«', '»', ' … ', 12)", "words around the hit, the hit between « and »")
_WEIGHTS = "10, 8, 4, 10, 4, 4, 4, 4, 2, 1"
"""Weights of the columns of the text search in ranking, in their order: a hit in the title counts more than in a note."""


class Query(NamedTuple):
    """A question to the index.

    Attributes:
        columns: Names of the columns of its answer.
        sql: The question.
        parameters: Its values.
        selection: The selection in words.
    """

    columns: tuple[str, ...]
    sql: str
    parameters: list[Any]
    selection: str

    def stream(self, index: Index) -> Stream:
        """Return the answer, read while it is written."""
        return Stream(self.columns, index.blocks(self.sql, self.parameters), self.selection)


def find(index: Index, kind: str, selection: Selection, **asked: Any) -> Listing:
    """Return the selected rows of a kind; arguments as in `finding`."""
    return finding(kind, selection, **asked).stream(index).listing()


def group(index: Index, kind: str, selection: Selection, by: Sequence[str], **asked: Any) -> Listing:
    """Count the selected rows; arguments as in `grouping`."""
    return grouping(kind, selection, by, **asked).stream(index).listing()


def finding(
    kind: str,
    selection: Selection,
    *,
    columns: Sequence[str] = (),
    sort: Sequence[str] = (),
    limit: int | None = None,
    short: bool = False,
) -> Query:
    """Return the question for the selected rows of a kind.

    Args:
        kind: One of `kb.analysis.selection_sql.KINDS`.
        selection: What is asked for.
        columns: Names of columns, or none for the usual ones.
        sort: Names of columns to sort by, `-` before one for descending; missing values come last. Without, rows come
            by year, study and place in the record, or by rank where words are searched for.
        limit: Largest number of rows.
        short: Whether the usual ones are those for a person's eye instead of all.

    Raises:
        UsageError: If a kind or a column does not exist.
    """
    known = _columns(kind)
    usual = [known[name] for name in SHORT[kind]] if short else list(known.values())
    chosen = [_column(known, name, kind) for name in columns] or usual
    text = selection.find("text")
    clause = compile_selection(selection, kind)
    source, condition, parameters = from_clause(kind), clause.sql, list(clause.parameters)
    if text is not None:
        source += " JOIN search ON search.rowid = s.study_no"
        condition = f"search MATCH ? AND {condition}"
        parameters.insert(0, search_expression(text.values))
        if not columns:
            chosen.append(SNIPPET)
    ranked = [f"bm25(search, {_WEIGHTS})"] if text is not None else []
    order = [_order(known, name, kind) for name in sort] or ranked
    place = [] if kind == "studies" else ["i.position"]
    sql = (
        f"SELECT {', '.join(column.sql for column in chosen)} FROM {source} WHERE {condition} "
        f"ORDER BY {', '.join((*order, 's.year', 's.study_id', *place))}"
    )
    if limit is not None:
        sql += " LIMIT ?"
        parameters.append(limit)
    return Query(tuple(column.name for column in chosen), sql, parameters, selection.describe())


def grouping(kind: str, selection: Selection, by: Sequence[str], *, sort: Sequence[str] = (), limit: int | None = None) -> Query:
    """Return the question that counts the selected rows by columns or facets, in independent cohorts, studies and rows.

    A column with a kind of absence is grouped by both, so that "not reported" and "not measured" stay apart. A row with
    several values of a facet counts in each of them, so that the groups of a facet may add up to more than the whole.

    Args:
        kind: Kind of row.
        selection: What is asked for.
        by: Names of columns or facets (`kb.analysis.find_columns.FACETS`).
        sort: Names of columns of the result; by default most cohorts first.
        limit: Largest number of groups.

    Raises:
        UsageError: If a kind or a column does not exist.
    """
    known = _columns(kind)
    names: list[str] = []
    values: list[str] = []
    joins: list[str] = []
    for name in by:
        facet = FACETS.get(name)
        if facet is not None and name not in known:
            joins.append(facet_join(facet, kind))
            names.append(name)
            values.append(facet.value)
            continue
        column = _column({**known, **dict.fromkeys(FACETS)}, name, kind)
        for part in (column, known.get(f"{column.name}_absence")):
            if part is not None:
                names.append(part.name)
                values.append(part.sql)
    clause = compile_selection(selection, kind)
    key = "s.study_id" if kind == "studies" else "s.study_id || '#' || i.item_id"
    heads = (*names, *(name for name, _, _ in COUNTS))
    counted = [sql.format(key=key) for _, sql, _ in COUNTS]
    places = ", ".join(str(place + 1) for place in range(len(values)))
    order = [_group_order(heads, name) for name in sort] or [f"{len(values) + 1} DESC"]
    sql = (
        f"SELECT {', '.join((*values, *counted))} FROM {from_clause(kind)} {' '.join(dict.fromkeys(filter(None, joins)))} "
        f"WHERE {clause.sql} GROUP BY {places} ORDER BY {', '.join(order)}, {places}"
    )
    parameters: list[Any] = list(clause.parameters)
    if limit is not None:
        sql += " LIMIT ?"
        parameters.append(limit)
    return Query(heads, sql, parameters, selection.describe())


def describe_columns(kind: str) -> Listing:
    """Return the columns of a kind with unit and meaning, then the facets and counts of grouping.

    Raises:
        UsageError: If the kind does not exist.
    """
    rows = [(column.name, "yes" if column.short else "no", column.unit or None, column.meaning) for column in _columns(kind).values()]
    rows.append((SNIPPET.name, "with --text", None, SNIPPET.meaning))
    rows += [(facet.name, "--group-by", None, facet.meaning) for facet in FACETS.values() if facet.name not in _columns(kind)]
    rows += [(name, "--group-by", "number", meaning) for name, _, meaning in COUNTS]
    return Listing(("column", "shown", "unit", "meaning"), rows)


def _columns(kind: str) -> dict[str, FindColumn]:
    if kind not in KINDS:
        near = nearest(kind, list(KINDS))
        raise UsageError(f'there is no kind "{kind}"', hint=f"one of {', '.join(near or KINDS)}")
    return dict(columns_of(kind))


def _column(known: dict[str, Any], name: str, kind: str) -> FindColumn:
    found = known.get(name)
    if isinstance(found, FindColumn):
        return found
    near = nearest(name, list(known))
    hint = f"did you mean {' or '.join(near)}?" if near else f"`kb find {kind} --list-columns` names them"
    raise UsageError(f'{kind} have no column "{name}"', hint=hint)


def _order(known: dict[str, FindColumn], name: str, kind: str) -> str:
    column = _column(known, name.removeprefix("-"), kind)
    return f"{column.sql} {'DESC' if name.startswith('-') else 'ASC'} NULLS LAST"


def _group_order(heads: Sequence[str], name: str) -> str:
    wanted = name.removeprefix("-")
    if wanted not in heads:
        raise UsageError(f'groups have no column "{wanted}"', hint=f"one of {', '.join(heads)}")
    return f"{heads.index(wanted) + 1} {'DESC' if name.startswith('-') else 'ASC'} NULLS LAST"
