"""What a collection holds, counted: `kb stats`. Patients once, cohorts instead of papers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kb.analysis.clause import Clause
from kb.analysis.listing import Listing
from kb.analysis.selection import Selection
from kb.analysis.selection_sql import compile_selection

if TYPE_CHECKING:
    from kb.records.index import Index

PATIENTS_RULE = (
    "patients: of each independent cohort the largest known number of a study's first population, summed; studies that "
    "share patients are one cohort, so this is a lower bound where they share only some"
)
"""How patients are counted; printed with the figures."""
COLUMNS = ("group", "value", "count", "studies", "cohorts", "patients")
"""Columns: what is grouped, its value, how many there are, in how many studies and independent cohorts, with how many patients."""

_RECORDS = (
    ("reports", "reports"),
    ("arms", "arms"),
    ("populations", "populations"),
    ("findings", "findings"),
    ("outcomes", "outcomes"),
    ("adverse events", "adverse_events"),
    ("claims", "claims"),
    ("ambiguities", "ambiguities"),
)
_ONE_VALUE = (
    ("status", "s.status"),
    ("read", "s.report_read"),
    ("design", "s.design"),
    ("allocation", "s.allocation"),
    ("phase", "coalesce(s.phase, s.phase_absence)"),
    ("decade", "coalesce(s.year / 10 * 10, s.year_absence)"),
)
_SEVERAL_VALUES = (
    ("condition", "JOIN item_conditions k ON k.study_id = s.study_id AND k.kind = 'populations'", "k.condition"),
    ("regimen class", "JOIN arms a ON a.study_id = s.study_id", "a.regimen_class"),
)


def stats(index: Index, selection: Selection) -> Listing:
    """Count a selection of studies.

    Args:
        index: The index.
        selection: Which studies; item criteria ask that the study holds such an item.

    Returns:
        Rows of `COLUMNS`. In the group `records`, `count` is the number of records of that kind; in the other groups it
        is the number of studies with that value, and a study with several diseases or regimens counts in each.
    """
    clause = compile_selection(selection, "studies")
    rows = [*_records(index, clause), *_groups(index, clause)]
    return Listing(COLUMNS, rows, selection.describe())


def _patients(index: Index, clause: Clause, value: str = "''", join: str = "") -> dict[Any, int | None]:
    """Sum the largest n of each cohort, by a value."""
    sql = (
        f"SELECT value, sum(largest) FROM (SELECT {value} AS value, max(s.n) AS largest FROM studies s {join} "
        f"WHERE {clause.sql} GROUP BY 1, s.cohort_id) GROUP BY 1"
    )
    return dict(index.rows(sql, clause.parameters))


def _records(index: Index, clause: Clause) -> Iterator[tuple[Any, ...]]:
    counted = "count(*), count(DISTINCT s.study_id), count(DISTINCT s.cohort_id)"
    ((studies, _, cohorts),) = index.rows(f"SELECT {counted} FROM studies s WHERE {clause.sql}", clause.parameters)
    patients = _patients(index, clause).get("")
    yield "records", "studies", studies, studies, cohorts, patients
    yield "records", "independent cohorts", cohorts, studies, cohorts, patients
    ((certain,),) = index.rows(f"SELECT count(DISTINCT s.cohort_certain_id) FROM studies s WHERE {clause.sql}", clause.parameters)
    yield "records", "cohorts over certain overlaps alone", certain, studies, certain, None
    ((unknown,),) = index.rows(
        f"SELECT count(*) FROM (SELECT 1 FROM studies s WHERE {clause.sql} GROUP BY s.cohort_id HAVING max(s.n) IS NULL)", clause.parameters
    )
    yield "records", "cohorts without a known number of patients", unknown, None, unknown, None
    for words, table in _RECORDS:
        rows = "count(DISTINCT i.ambiguity_no || '@' || s.study_id)" if table == "ambiguities" else "count(*)"
        sql = f"SELECT {rows}, count(DISTINCT s.study_id), count(DISTINCT s.cohort_id) FROM {table} i JOIN studies s USING (study_id)"
        ((count, held, independent),) = index.rows(f"{sql} WHERE {clause.sql}", clause.parameters)
        yield "records", words, count, held, independent, None


def _groups(index: Index, clause: Clause) -> Iterator[tuple[Any, ...]]:
    for name, join, value in (*((name, "", value) for name, value in _ONE_VALUE), *_SEVERAL_VALUES):
        sql = (
            f"SELECT {value}, count(DISTINCT s.study_id), count(DISTINCT s.cohort_id) FROM studies s {join} "
            f"WHERE {clause.sql} GROUP BY 1 ORDER BY 1"
        )
        patients = _patients(index, clause, value, join)
        for found, studies, cohorts in index.rows(sql, clause.parameters):
            yield name, str(found), studies, studies, cohorts, patients.get(found)
