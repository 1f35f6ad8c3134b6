"""A selection as a condition in SQL. Values are parameters, never part of the text.

Queries name the study `s` and the row itself `i`: `FROM outcomes i JOIN studies s ON s.study_id = i.study_id`; for
studies `FROM studies s`. `from_clause` writes that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from kb.analysis.clause import TRUE, Clause, all_of, among, any_of, exists, negated, or_absent
from kb.analysis.selection import OPTIONS, Criterion, Selection
from kb.analysis.words import search_expression

if TYPE_CHECKING:
    from kb.analysis.ranges import DoseRange, NumberRange
    from kb.records.index import Index

KINDS: Mapping[str, str] = {
    # what is listed: its table
    "studies": "studies",
    "reports": "reports",
    "arms": "arms",
    "populations": "populations",
    "findings": "findings",
    "outcomes": "outcomes",
    "adverse-events": "adverse_events",
    "claims": "claims",
}
"""Kinds of row that a selection can be asked of."""
_WITH_POPULATION = ("findings", "outcomes", "adverse_events")
GIVEN = "c.role <> 'supportive'"
"""When the agent of a component `c` counts as given, if no role is asked for."""
_TOLERANCE = 1e-9
"""Relative; 0.72 MIU three times a day is 2.16 MIU but for the last bit."""
AMOUNTS = {"dose": "per_dose", "day": "per_day", "cycle": "per_cycle", "total": "cumulative"}
"""Columns that hold the amount for a time; other times compare with doses printed for the same time."""


def from_clause(kind: str) -> str:
    """Return the FROM of a query over a kind of row."""
    return "studies s" if kind == "studies" else f"{KINDS[kind]} i JOIN studies s ON s.study_id = i.study_id"


def compile_selection(selection: Selection, kind: str) -> Clause:
    """Return the condition under which a row of a kind belongs to a selection.

    Args:
        selection: The selection.
        kind: One of `KINDS`.
    """
    table = KINDS[kind]
    clauses = [among("s.status", selection.statuses)]
    for together in (selection.criteria, *selection.besides):
        clauses += _clauses([item for item in together if item.option != "status"], table)
    return all_of(clauses)


def _clauses(criteria: Iterable[Criterion], table: str) -> Iterator[Clause]:
    """The conditions of criteria of which each option stands once."""
    items = list(criteria)
    included = [item for item in items if not item.excluded]
    yield from (_study_clause(item, table) for item in included if item.option in _STUDY_OPTIONS)
    yield _regimen_clause({item.option: item for item in included if item.option in REGIMEN_OPTIONS}, table)
    yield from (_population_clause(item, table) for item in included if item.option in ("condition", "n"))
    yield from _fact_clauses({item.option: item for item in included if item.option in _FACT_OPTIONS}, table)
    yield from (negated(_alone(item, table)) for item in items if item.excluded)


_STUDY_OPTIONS = ("design", "phase", "year", "id", "text")
REGIMEN_OPTIONS = ("agent", "role", "route", "dose", "regimen-class")
"""Options that speak of what an arm was given."""
_FACT_OPTIONS = ("biomarker", "direction", "association", "endpoint", "adverse-event")


def _alone(item: Criterion, table: str) -> Clause:
    """The condition of one criterion without the others, for exclusions."""
    if item.option in _STUDY_OPTIONS:
        return _study_clause(item, table)
    if item.option in REGIMEN_OPTIONS:
        return _regimen_clause({item.option: item}, table)
    if item.option in _FACT_OPTIONS:
        return all_of(_fact_clauses({item.option: item}, table))
    return _population_clause(item, table)


def _study_clause(item: Criterion, table: str) -> Clause:
    match item.option:
        case "design":
            return any_of((among("s.design", item.values), among("s.allocation", item.values)))
        case "phase":
            return or_absent("s.phase", item.values)
        case "year":
            return any_of(_range("s.year", bounds) for bounds in item.ranges)
        case "text":
            found = "s.study_no IN (SELECT rowid FROM search WHERE search MATCH ?)"
            return Clause(found, (search_expression(item.values),))
        case _:
            return any_of(_id_clause(value, table) for value in item.values)


def _id_clause(value: str, table: str) -> Clause:
    study, _, ident = value.partition("#")
    if not ident or table == "studies":
        return Clause("s.study_id = ?", (study,))
    return Clause("(s.study_id = ? AND i.item_id = ?)", (study, ident))


def _ranges() -> ModuleType:
    """Loaded when a range is asked for: most selections have none."""
    from kb.analysis import ranges

    return ranges


def _range(column: str, bounds: NumberRange | DoseRange) -> Clause:
    assert isinstance(bounds, _ranges().NumberRange)
    parts = []
    if bounds.low is not None:
        parts.append(Clause(f"{column} {'>' if bounds.low_open else '>='} ?", (bounds.low,)))
    if bounds.high is not None:
        parts.append(Clause(f"{column} {'<' if bounds.high_open else '<='} ?", (bounds.high,)))
    return all_of(parts)


def _arm_link(column: str, table: str) -> Clause:
    """The condition that an arm is one that the row speaks of."""
    if table in ("studies", "reports"):
        return TRUE
    if table == "arms":
        return Clause(f"{column} = i.item_id")
    link = f"x.study_id = i.study_id AND x.kind = '{table}' AND x.item_id = i.item_id AND x.arm = {column}"
    return Clause(f"EXISTS (SELECT 1 FROM item_arms x WHERE {link})")


def _regimen_clause(items: Mapping[str, Criterion], table: str) -> Clause:
    if not items:
        return TRUE
    clauses = [Clause("a.study_id = s.study_id")]
    if "regimen-class" in items:
        clauses.append(among("a.regimen_class", items["regimen-class"].values))
    clauses.append(_arm_link("a.item_id", table))
    component = component_clause(items)
    if component is TRUE:
        return exists("arms a", *clauses)
    joined = "arms a JOIN components c ON c.study_id = a.study_id AND c.arm = a.item_id"
    return exists(joined, component, *clauses)


def component_clause(items: Mapping[str, Criterion], *, dose: bool = True) -> Clause:
    """Return what a component `c` must fit.

    Args:
        items: Criteria on the regimen, by option.
        dose: Whether the dose counts, too.
    """
    if not set(items) & {"agent", "role", "route", "dose"}:
        return TRUE
    clauses = []
    if "agent" in items:
        clauses.append(among("c.agent", items["agent"].terms))
    if "role" in items:
        clauses.append(among("c.role", items["role"].values))
    elif "agent" not in items and "dose" in items:
        clauses.append(Clause("c.role = 'investigational'"))
    else:
        clauses.append(Clause(GIVEN))
    if "route" in items:
        clauses.append(or_absent("c.route", items["route"].terms))
    if dose and "dose" in items:
        clauses.append(any_of(dose_clause(bounds) for bounds in doses_of(items["dose"])))
    return all_of(clauses)


def doses_of(item: Criterion) -> list[DoseRange]:
    """Return the ranges of a criterion on doses."""
    return [bounds for bounds in item.ranges if isinstance(bounds, _ranges().DoseRange)]


def comparable(wanted: DoseRange) -> Clause:
    """Return the factor that brings a component's amounts into the family asked for; NULL when there is none.

    A factor is sourced in one direction; its inverse says the same.
    """
    family = wanted.family.value
    return Clause(
        "CASE WHEN c.dose_family = ? THEN 1.0 ELSE coalesce("
        "(SELECT factor FROM factors WHERE source_family = c.dose_family AND target_family = ?), "
        "(SELECT 1.0 / factor FROM factors WHERE source_family = ? AND target_family = c.dose_family)) END",
        (family, family, family),
    )


def amount_columns(per: str) -> tuple[str, str]:
    """Return the columns of a component's lower and upper amount for a time."""
    name = AMOUNTS.get(per, "dose")
    return f"c.{name}_low", f"c.{name}_high"


def dose_clause(wanted: DoseRange) -> Clause:
    """Return the condition that a component's planned amount meets a range."""
    low, high = amount_columns(wanted.per.value)
    factor = comparable(wanted)
    bounds = wanted.amounts
    clauses = [Clause("c.dose_body = ?", (wanted.body.value,))]
    if wanted.per.value not in AMOUNTS:
        clauses.append(Clause("c.dose_per = ?", (wanted.per.value,)))
    if bounds.low is not None:
        edge = bounds.low * (1 + _TOLERANCE if bounds.low_open else 1 - _TOLERANCE)
        clauses.append(Clause(f"{high} * ({factor.sql}) >= ?", (*factor.parameters, edge)))
    if bounds.high is not None:
        edge = bounds.high * (1 - _TOLERANCE if bounds.high_open else 1 + _TOLERANCE)
        clauses.append(Clause(f"{low} * ({factor.sql}) <= ?", (*factor.parameters, edge)))
    return all_of(clauses)


def _population_clause(item: Criterion, table: str) -> Clause:
    if item.option == "n":
        column = {"arms": "i.n", "populations": "i.n"}.get(table, "i.population_n" if table in _WITH_POPULATION else "s.n")
        return any_of(_range(column, bounds) for bounds in item.ranges)
    if table in ("studies", "reports"):
        link = Clause("k.study_id = s.study_id AND k.kind = 'populations'")
    else:
        link = Clause(f"k.study_id = i.study_id AND k.kind = '{table}' AND k.item_id = i.item_id")
    return exists("item_conditions k", link, among("k.condition", item.terms))


def _finding(items: Mapping[str, Criterion], alias: str) -> list[Clause]:
    """What one finding must fit: marker, direction, association."""
    clauses = []
    if "biomarker" in items:
        terms = items["biomarker"].terms
        clauses.append(any_of((among(f"{alias}.biomarker", terms), among(f"{alias}.other_marker", terms))))
    clauses += [or_absent(f"{alias}.{name}", items[name].values) for name in ("direction", "association") if name in items]
    return clauses


def _side(kind: str, terms: Iterable[str]) -> Clause:
    chosen = tuple(terms)
    sides = (all_of((Clause(f"i.{side}_kind = ?", (kind,)), among(f"i.{side}", chosen))) for side in ("subject", "object"))
    return any_of(sides)


def _item_of_study(table: str, alias: str, target: str, *clauses: Clause) -> Clause:
    """An item of the study (for an arm, one that speaks of it) that fits the clauses."""
    links = [Clause(f"{alias}.study_id = s.study_id")]
    if target == "arms":
        arm = f"x.study_id = {alias}.study_id AND x.kind = '{table}' AND x.item_id = {alias}.item_id AND x.arm = i.item_id"
        links.append(Clause(f"EXISTS (SELECT 1 FROM item_arms x WHERE {arm})"))
    return exists(f"{table} {alias}", *links, *clauses)


def _fact_clauses(items: Mapping[str, Criterion], table: str) -> list[Clause]:
    """The conditions on markers, endpoints and events, own where the row has the field."""
    clauses: list[Clause] = []
    marker = {name: items[name] for name in ("biomarker", "direction", "association") if name in items}
    if table == "findings":
        clauses += _finding(marker, "i")
    else:
        if table == "claims" and "biomarker" in marker:
            clauses.append(_side("biomarker", marker["biomarker"].terms))
        if marker and not (table == "claims" and set(marker) == {"biomarker"}):
            with_endpoint = [among("f.endpoint", items["endpoint"].terms)] if "association" in items and "endpoint" in items else []
            clauses.append(_item_of_study("findings", "f", table, *_finding(marker, "f"), *with_endpoint))
    if "endpoint" in items and not ("association" in items and table not in ("findings", "outcomes", "claims")):
        clauses.append(_target_clause("endpoint", "outcomes", "endpoint", items["endpoint"].terms, table))
    if "adverse-event" in items:
        clauses.append(_target_clause("adverse_event", "adverse_events", "term", items["adverse-event"].terms, table))
    return clauses


def _target_clause(field: str, facts: str, column: str, terms: Iterable[str], table: str) -> Clause:
    """The condition on an endpoint or an adverse event.

    Args:
        field: Its column in findings, and its kind in claims.
        facts: The table of its results.
        column: Its column there.
        terms: Terms asked for.
        table: The table that rows are selected from.
    """
    chosen = tuple(terms)
    if table == facts:
        return among(f"i.{column}", chosen)
    if table == "findings":
        return among(f"i.{field}", chosen)
    if table == "claims":
        return _side(field, chosen)
    return any_of(
        (
            _item_of_study(facts, "o", table, among(f"o.{column}", chosen)),
            _item_of_study("findings", "f", table, among(f"f.{field}", chosen)),
        )
    )


def among_selected(selection: Selection, kind: str, alias: str = "i") -> Clause:
    """Return the condition that a row is one of the selected, for queries that have names of their own for the rows.

    Args:
        selection: The selection.
        kind: One of `KINDS` whose rows have items.
        alias: The row in the query.
    """
    clause = compile_selection(selection, kind)
    chosen = f"SELECT s.study_id, i.item_id FROM {from_clause(kind)} WHERE {clause.sql}"
    return Clause(f"({alias}.study_id, {alias}.item_id) IN ({chosen})", clause.parameters)


def selected_rows(index: Index, selection: Selection, kind: str, sql: str) -> list[Any]:
    """Return the rows of a query over the selected rows of a kind.

    Args:
        index: Index of the collection.
        selection: The selection.
        kind: One of `KINDS`.
        sql: The query, with `{source}` for what stands behind FROM, where the row is `i` and its study `s`, and
            `{condition}` for the condition.
    """
    clause = compile_selection(selection, kind)
    return index.rows(sql.format(source=from_clause(kind), condition=clause.sql), clause.parameters)


def each_selected(index: Index, selection: Selection, kind: str, sql: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query over the selected rows of a kind, without holding them all; arguments as in `selected_rows`."""
    clause = compile_selection(selection, kind)
    for block in index.blocks(sql.format(source=from_clause(kind), condition=clause.sql), clause.parameters):
        yield from block


def selected(index: Index, selection: Selection, kind: str) -> list[tuple[str, str]]:
    """Return study and item of every selected row of a kind, in the order of the index; for studies the item is empty."""
    item, order = ("''", "s.study_id") if kind == "studies" else ("i.item_id", "s.study_id, i.position")
    return selected_rows(index, selection, kind, f"SELECT s.study_id, {item} FROM {{source}} WHERE {{condition}} ORDER BY {order}")


def selected_studies(index: Index, selection: Selection) -> list[str]:
    """Return the ids of the selected studies, sorted."""
    return [study for study, _ in selected(index, selection, "studies")]


assert set(OPTIONS) == {*_STUDY_OPTIONS, *REGIMEN_OPTIONS, *_FACT_OPTIONS, "condition", "n", "status"}
