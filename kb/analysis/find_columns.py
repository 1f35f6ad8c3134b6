"""The columns of `kb find`: name, SQL, meaning and unit, by kind of row. Names are stable.

Most columns are those of the index's tables, with their meaning from there; the study's columns that a reader needs
beside every row, and the agents and regimen classes of an item's arms, are added here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from kb.analysis.selection_sql import GIVEN, KINDS
from kb.records.study_tables import STUDIES
from kb.records.tables import JOINER, STUDY_TABLES


class FindColumn(NamedTuple):
    """A column of a listing.

    Attributes:
        name: Stable name.
        sql: Expression over `s` (the study) and `i` (the row).
        meaning: What it holds.
        unit: Unit of its numbers, or an empty text.
        short: Whether it is shown when the reader is a person and no columns are asked for.
    """

    name: str
    sql: str
    meaning: str
    unit: str = ""
    short: bool = False


UNITS: Mapping[str, str] = {
    **dict.fromkeys(("n", "population_n", "result_n", "events", "total", "male", "female"), "patients"),
    **dict.fromkeys(("percent", "interval_level"), "percent"),
    **dict.fromkeys(("age_median", "age_mean"), "years of age"),
    **dict.fromkeys(("median", "mean", "estimate", "range_low", "range_high", "sd", "se"), "see `unit`"),
    **dict.fromkeys(("interval_low", "interval_high", "interval_half_width"), "that of the estimate, median or percentage"),
    **dict.fromkeys(("reports", "arms", "findings", "outcomes", "adverse_events", "claims", "centres_n"), "number"),
    "year": "year",
    "line": "line, from 1",
    "position": "place, from 0",
}
"""Units by name of the column."""

SHORT: Mapping[str, tuple[str, ...]] = {
    "studies": ("study_id", "label", "n", "conditions", "regimen_classes", "design", "findings", "outcomes", "status"),
    "reports": ("study_id", "item_id", "year", "journal", "pmid", "read", "title"),
    "arms": ("study_id", "item_id", "label", "n", "regimen_class", "doses", "routes", "conditions"),
    "populations": ("study_id", "item_id", "label", "n", "basis", "conditions", "arms"),
    "findings": (
        "study_id", "item_id", "kind", "biomarker_label", "compartment", "timepoint", "direction", "association", "endpoint_label",
        "population_label", "population_n", "p_printed",
    ),
    "outcomes": (
        "study_id", "item_id", "endpoint_label", "events", "total", "percent_printed", "median_printed", "estimate_printed", "unit",
        "population_label", "population_n", "arms", "at",
    ),
    "adverse-events": ("study_id", "item_id", "term_label", "grade", "events", "total", "percent_printed", "population_label", "arms"),
    "claims": ("study_id", "item_id", "subject_label", "relation", "object_label", "polarity", "summary"),
}  # fmt: skip
"""Columns for a person's eye, in order, by kind."""
_BESIDE = ("label", "year", "design", "allocation", "phase", "phase_absence", "status", "retracted", "pmid", "doi", "cohort_id")
"""Columns of the study that stand beside every row; `label` is called `study_label` there."""

_SAME_ARM = "x.study_id = i.study_id AND x.kind = '{table}' AND x.item_id = i.item_id"


def _arms_columns(table: str) -> tuple[FindColumn, ...]:
    """Agents and regimen classes of the arms that an item speaks of."""
    link = _SAME_ARM.format(table=table)
    classes = (
        f"SELECT DISTINCT a.regimen_class AS v FROM item_arms x JOIN arms a ON a.study_id = x.study_id AND a.item_id = x.arm WHERE {link}"
    )
    agents = (
        "SELECT DISTINCT c.agent AS v FROM item_arms x JOIN components c ON c.study_id = x.study_id AND c.arm = x.arm "
        f"WHERE {link} AND {GIVEN}"
    )
    return (
        FindColumn("regimen_classes", _several(classes), "classes of the regimens of its arms"),
        FindColumn("agents", _several(agents), "ids of the agents of its arms, supportive drugs left out"),
    )


def _several(query: str) -> str:
    return f"(SELECT group_concat(v, '{JOINER}') FROM ({query} ORDER BY v))"


@cache
def columns_of(kind: str) -> Mapping[str, FindColumn]:
    """Return the columns of a kind of row, by name, in order."""
    table = next(table for table in STUDY_TABLES if table.name == KINDS[kind])
    alias = "s" if kind == "studies" else "i"
    found: dict[str, FindColumn] = {}

    def add(name: str, sql: str, meaning: str) -> None:
        found.setdefault(name, FindColumn(name, sql, meaning, UNITS.get(name, ""), name in SHORT[kind]))

    own = {column.name: column for column in table.columns}
    add("study_id", "s.study_id", "permanent id of the study")
    if kind != "studies":
        add("item_id", "i.item_id", own["item_id"].meaning)
        meanings = {column.name: column.meaning for column in STUDIES.columns}
        for name in _BESIDE:
            if name not in own or name == "label":
                add("study_label" if name == "label" else name, f"s.{name}", f"{meanings[name]} (of the study)")
    for column in table.columns:
        if column.name != "study_no":
            add(column.name, f"{alias}.{column.name}", column.meaning)
    if kind in ("findings", "outcomes", "adverse-events", "claims"):
        for extra in _arms_columns(KINDS[kind]):
            add(extra.name, extra.sql, extra.meaning)
    return found


class Facet(NamedTuple):
    """A way to group rows that have several values of one sort: each value gets the row.

    Attributes:
        name: Name for `--group-by`, also the column's name.
        join: The joins that give one value a line; `{table}` is the table of the rows.
        study_join: The same for studies and reports.
        value: Expression of the value.
        meaning: What it is.
    """

    name: str
    join: str
    study_join: str
    value: str
    meaning: str


_ARMS_OF_ITEM = "LEFT JOIN item_arms x ON x.study_id = i.study_id AND x.kind = '{table}' AND x.item_id = i.item_id "
FACETS: Mapping[str, Facet] = {
    facet.name: facet
    for facet in (
        Facet(
            "condition",
            "LEFT JOIN item_conditions k ON k.study_id = i.study_id AND k.kind = '{table}' AND k.item_id = i.item_id",
            "LEFT JOIN item_conditions k ON k.study_id = s.study_id AND k.kind = 'populations'",
            "k.condition",
            "disease of the population",
        ),
        Facet(
            "agent",
            _ARMS_OF_ITEM + f"LEFT JOIN components c ON c.study_id = x.study_id AND c.arm = x.arm AND {GIVEN}",
            f"LEFT JOIN components c ON c.study_id = s.study_id AND {GIVEN}",
            "c.agent",
            "agent of its arms, supportive drugs left out",
        ),
        Facet(
            "route",
            _ARMS_OF_ITEM + f"LEFT JOIN components c ON c.study_id = x.study_id AND c.arm = x.arm AND {GIVEN}",
            f"LEFT JOIN components c ON c.study_id = s.study_id AND {GIVEN}",
            "coalesce(c.route, c.route_absence)",
            "route of these agents, or why it is not there",
        ),
        Facet(
            "class",
            _ARMS_OF_ITEM + "LEFT JOIN arms a ON a.study_id = x.study_id AND a.item_id = x.arm",
            "LEFT JOIN arms a ON a.study_id = s.study_id",
            "a.regimen_class",
            "class of the regimens of its arms",
        ),
        Facet("decade", "", "", "s.year / 10 * 10", "decade of the main report, by its first year"),
    )
}
"""Groups over values that a row may have several of, and over the decade."""


def facet_join(facet: Facet, kind: str) -> str:
    """Return the joins of a facet for a kind of row."""
    if kind in ("studies", "reports"):
        return facet.study_join
    if kind == "arms":  # an arm is its own arm
        return (
            facet.join.format(table="arms")
            .replace(_ARMS_OF_ITEM.format(table="arms"), "JOIN arms x ON x.study_id = i.study_id AND x.item_id = i.item_id ")
            .replace("x.arm", "x.item_id")
        )
    return facet.join.format(table=KINDS[kind])
