"""Moderators that are not fields of a row: dose intensity from the regimen algebra, and how a marker moved in the same arms.

Doses compare within one family of units and one scale of the body; families join only over a sourced factor. What cannot be
compared is named and left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from kb.analysis.selection import Selection
from kb.analysis.synthesis import Datum
from kb.errors import UsageError, nearest
from kb.records.tables import JOINER

if TYPE_CHECKING:
    from kb.records.index import Index

DOSES = {
    "dose": "per_day",
    "dose-per-day": "per_day",
    "dose-per-dose": "per_dose",
    "dose-per-cycle": "per_cycle",
    "dose-total": "cumulative",
}
"""Names of dose moderators with the amount that they take; `dose` is that of a dosing day."""


class _Amount(NamedTuple):
    value: float
    unit: str


def with_moderators(
    index: Index, selection: Selection, data: Sequence[Datum], names: Sequence[str]
) -> tuple[list[Datum], tuple[str, ...]]:  # fmt: skip
    """Give rows the moderators that are asked for and that they do not have.

    Args:
        index: Index of the collection.
        selection: The selection; its agents are those whose dose counts, else every investigational one.
        data: Rows with the trait `arms`.
        names: Names of moderators: fields, `dose` and its kin, or markers by id, label or synonym.

    Returns:
        The rows, and what could not be compared.

    Raises:
        UsageError: If a name is neither a field nor a dose nor a marker.
    """
    rows, notes = list(data), []
    for name in names:
        if any(name in row.traits for row in rows) or not rows:
            continue
        if name in DOSES:
            rows, found = _with_doses(index, selection, rows, name)
            notes += found
        else:
            rows = _with_marker(index, rows, name)
    return rows, tuple(notes)


def _with(row: Datum, name: str, value: float | str | None) -> Datum:
    return replace(row, traits={**row.traits, name: value})


def _arms(row: Datum) -> tuple[str, ...]:
    return tuple(str(row.traits.get("arms") or "").split(JOINER))


def _with_doses(index: Index, selection: Selection, rows: Sequence[Datum], name: str) -> tuple[list[Datum], list[str]]:
    amounts = _amounts(index, selection, DOSES[name])
    found = [_amount(row, amounts) for row in rows]
    units = Counter(one.unit for one in found if isinstance(one, _Amount))
    unit = min(units, key=lambda one: (-units[one], one)) if units else None
    told = [] if unit is None else [f"{name}: in {unit}, {units[unit]} of {len(rows)} rows"]
    values: list[Datum] = []
    for row, one in zip(rows, found, strict=True):
        comparable = isinstance(one, _Amount) and one.unit == unit
        values.append(_with(row, name, one.value if isinstance(one, _Amount) and comparable else None))
        if not comparable:
            told.append(f"{row.label}: not comparable: {one if isinstance(one, str) else f'its dose is in {one.unit}'}")
    return values, told


def _amount(row: Datum, amounts: Mapping[tuple[str, str], _Amount | str]) -> _Amount | str:
    found = [amounts.get((row.study_id, arm), "no dose of it is known") for arm in _arms(row)]
    if len({one if isinstance(one, str) else (round(one.value, 9), one.unit) for one in found}) > 1:
        return "its arms have several doses"
    return found[0]


_COMPONENTS = """
  SELECT study_id, arm, agent, dose_family, dose_body, {0}_high, {0}_iu, dose_printed, dose_absence FROM components
  WHERE {1} ORDER BY study_id, arm, phase_no, component_no
"""


def _amounts(index: Index, selection: Selection, column: str) -> dict[tuple[str, str], _Amount | str]:
    """Return by arm the amount of its first component that counts, or why there is none."""
    asked = selection.find("agent")
    found: dict[tuple[str, str], _Amount | str] = {}
    roles = "role = 'investigational'" if asked is None else "role NOT IN ('supportive', 'procedure', 'conditioning')"
    for study, arm, agent, family, body, high, units, printed, absence in index.rows(_COMPONENTS.format(column, roles)):
        if (asked is not None and agent not in asked.terms) or isinstance(found.get((study, arm)), _Amount):
            continue
        if high is None:
            found[study, arm] = (
                f"its dose is {absence}" if absence else f"printed as {printed}, which gives no amount {column.replace('_', ' ')}"
            )
        else:
            scale = "" if body in (None, "flat") else f" {body.replace('-', ' ')}"
            found[study, arm] = _Amount(high, f"{family}{scale}") if units is None else _Amount(units / 1e6, f"MIU{scale}")
    return found


_MOVES = """
  SELECT f.study_id, a.arm, f.direction FROM findings f
  JOIN item_arms a ON a.study_id = f.study_id AND a.kind = 'findings' AND a.item_id = f.item_id
  WHERE f.kind = 'change' AND f.versus = 'baseline' AND f.direction IS NOT NULL AND f.biomarker IN ({})
  ORDER BY f.study_id, f.position
"""


def _with_marker(index: Index, rows: Sequence[Datum], name: str) -> list[Datum]:
    marker = index.resolve("biomarkers", name)
    if marker is None:
        known = sorted({key for row in rows for key in row.traits}) + list(DOSES)
        near = nearest(name, known) or index.suggest("biomarkers", name)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}, and every marker"
        raise UsageError(f'"{name}" is neither a field of the rows nor a marker', hint=hint)
    terms = sorted(index.narrower("biomarkers", marker))
    moves: dict[tuple[str, str], set[str]] = {}
    for study, arm, direction in index.rows(_MOVES.format(", ".join("?" * len(terms))), terms):
        moves.setdefault((study, arm), set()).add(direction)
    return [_with(row, name, _moved(row, lambda study, arm: moves.get((study, arm), set()))) for row in rows]


def _moved(row: Datum, moves: Callable[[str, str], set[str]]) -> str | None:
    found = {direction for arm in _arms(row) for direction in moves(row.study_id, arm)}
    if not found:
        return None
    return found.pop() if len(found) == 1 else "mixed"
