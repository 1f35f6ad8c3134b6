"""Doses that a selection cannot judge: without a sourced factor, in words only, or for another measure of the body."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kb.analysis.clause import TRUE, Clause, all_of, among, negated
from kb.analysis.selection import Selection
from kb.analysis.selection_sql import AMOUNTS, REGIMEN_OPTIONS, amount_columns, comparable, compile_selection, component_clause, doses_of

if TYPE_CHECKING:
    from kb.analysis.ranges import DoseRange
    from kb.records.index import Index


class NotCompared(NamedTuple):
    """A component whose dose could not be compared with the range asked for.

    Attributes:
        study_id: Study.
        arm: Arm.
        agent: Agent.
        dose: Dose as printed, or None.
        reason: Why.
    """

    study_id: str
    arm: str
    agent: str
    dose: str | None
    reason: str

    def __str__(self) -> str:
        return f"{self.study_id}#{self.arm}, {self.agent} {self.dose or '(no dose)'}: {self.reason}"


def not_compared(index: Index, selection: Selection) -> list[NotCompared]:
    """Return the components that the rest of the selection asks for and whose dose compares with no range asked for.

    Each component that could be compared with at least one of the ranges, whether it fits or not, is left out.
    """
    asked = selection.find("dose")
    if asked is None:
        return []
    ranges = doses_of(asked)
    items = {item.option: item for item in selection.criteria if not item.excluded and item.option in REGIMEN_OPTIONS}
    rest = selection._replace(criteria=tuple(item for item in selection.criteria if item.option not in REGIMEN_OPTIONS or item.excluded))
    where = compile_selection(rest, "arms")
    classes = among("i.regimen_class", items["regimen-class"].values) if "regimen-class" in items else TRUE
    component = component_clause(items, dose=False)
    unknown = all_of(negated(_compares(bounds)) for bounds in ranges)
    reason = _reason(ranges[0])
    condition = all_of((where, classes, component, unknown))
    sql = (
        f"SELECT DISTINCT c.study_id, c.arm, c.agent, c.dose_printed, {reason.sql} "
        "FROM arms i JOIN studies s ON s.study_id = i.study_id JOIN components c ON c.study_id = i.study_id AND c.arm = i.item_id "
        f"WHERE {condition.sql} ORDER BY 1, 2, 3, 4, 5"
    )
    return [NotCompared(*row) for row in index.rows(sql, (*reason.parameters, *condition.parameters))]


def _compares(wanted: DoseRange) -> Clause:
    low, _ = amount_columns(wanted.per.value)
    factor = comparable(wanted)
    timed = TRUE if wanted.per.value in AMOUNTS else Clause("c.dose_per = ?", (wanted.per.value,))
    known = Clause(f"({low} IS NOT NULL AND ({factor.sql}) IS NOT NULL)", factor.parameters)
    return all_of((Clause("c.dose_body = ?", (wanted.body.value,)), timed, known))


_BODY_WORDS = {"flat": "flat", "per-kg": "per kg", "per-m2": "per m²"}


def _reason(wanted: DoseRange) -> Clause:
    factor = comparable(wanted)
    return Clause(
        "CASE WHEN c.dose_printed IS NULL THEN 'dose ' || c.dose_absence "
        "WHEN c.dose_family IS NULL THEN 'dose in words only' "
        f"WHEN ({factor.sql}) IS NULL THEN c.dose_family || ', no sourced factor to ' || ? "
        "WHEN c.dose_body <> ? THEN 'not ' || ? "
        "ELSE 'the words do not give the amount per ' || ? END",
        (*factor.parameters, wanted.family.value, wanted.body.value, _BODY_WORDS[wanted.body.value], wanted.per.value),
    )
