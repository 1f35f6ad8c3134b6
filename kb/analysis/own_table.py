"""A user's own table of studies, under the names of metafor's columns, as data to pool."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence

from kb.analysis.effects import MEASURES, Effect, NotEstimableError, means_effect, reported_effect
from kb.analysis.synthesis import Datum, Exclusion
from kb.errors import UsageError, nearest

_MISSING = ("", "NA", "NaN", "nan", "na", "null", ".")
_ONE: tuple[tuple[str, ...], ...] = (("xi", "ni"), ("xi", "mi"))
_TWO: tuple[tuple[str, ...], ...] = (("ai", "n1i", "ci", "n2i"), ("ai", "bi", "ci", "di"))
_MEANS: tuple[tuple[str, ...], ...] = (("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"),)
_READY: tuple[tuple[str, ...], ...] = (("yi", "vi"), ("yi", "sei"))
_PRINTED: tuple[tuple[str, ...], ...] = (("out", "ci.lb", "ci.ub"), ("out", "pval"), ("out", "sei"))
_LABELS = ("slab", "study", "label", "author", "trial", "study_label", "study_id")


def read_table(text: str, measure: str, *, name: str, level: float = 95.0) -> tuple[list[Datum], list[Exclusion]]:
    """Read studies from CSV.

    Columns by measure: `xi ni` (or `mi`) for one arm; `ai n1i ci n2i` or `ai bi ci di` for two; `m1i sd1i n1i m2i sd2i n2i`
    for means; `yi` with `vi` or `sei` on the analysis scale for any; `out` with `ci.lb` and `ci.ub` (and `level`), `pval` or
    `sei` as printed, ratios as ratios. `slab` and `year` name a study; every other column can be a moderator.

    Args:
        text: The file's text.
        measure: Name of the measure.
        name: Name of the file, for messages.
        level: Level of printed intervals where no column says it.

    Returns:
        Studies, and rows that cannot be used with the reason.

    Raises:
        UsageError: If the columns do not fit the measure, or a cell is no number; names line and column.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=_delimiter(text))
    if not reader.fieldnames:
        raise _empty(name)
    columns = [column.strip() for column in reader.fieldnames]
    if len(set(columns)) < len(columns):
        raise UsageError(f"{name}:1: a column is named twice: {', '.join(columns)}")
    needed = _needed(columns, measure, name)
    data: list[Datum] = []
    left_out: list[Exclusion] = []
    for row in reader:
        if None in row:
            raise UsageError(f"{name}:{reader.line_num}: more cells than the {len(columns)} columns of the first line")
        cells = {column: (value or "").strip() for column, value in zip(columns, row.values(), strict=False)}
        label = next((cells[one] for one in _LABELS if cells.get(one)), f"row {len(data) + len(left_out) + 1}")
        place = f"{name}:{reader.line_num}"
        missing = [column for column in needed if cells[column] in _MISSING]
        if missing:
            left_out.append(Exclusion(label, place, f"{' and '.join(missing)} missing"))
            continue
        try:
            data.append(_datum(cells, needed, measure, label, place, level))
        except NotEstimableError as error:
            left_out.append(Exclusion(label, place, str(error)))
    return data, left_out


def _empty(name: str) -> UsageError:
    return UsageError(f"{name}: the file is empty", hint="the first line names the columns, such as xi,ni")


def _delimiter(text: str) -> str:
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _needed(columns: Sequence[str], measure: str, name: str) -> tuple[str, ...]:
    kinds: tuple[tuple[str, ...], ...] = {"one": _ONE, "two": _TWO}.get(
        MEASURES[measure].counts, _MEANS if measure in ("MD", "SMD") else ()
    )
    printed = _PRINTED if MEASURES[measure].to is not None else ()
    choices = (*kinds, *_READY, *printed)
    found = next((choice for choice in choices if set(choice) <= set(columns)), None)
    if found is not None:
        return found
    wanted = " or ".join(" ".join(choice) for choice in choices)
    near = [
        f"{column} for {close[0]}"
        for column in columns
        if (close := nearest(column.lower(), [one for choice in choices for one in choice]))
    ]
    raise UsageError(
        f"{name}:1: measure {measure} needs the columns {wanted}; found {', '.join(columns)}",
        hint=f"did you mean {'; '.join(near[:3])}?" if near else "rename the columns as metafor names them",
    )


def _datum(cells: Mapping[str, str], needed: tuple[str, ...], measure: str, label: str, place: str, level: float) -> Datum:
    values = [_number(cells, column, place) for column in needed]
    year = _number(cells, "year", place) if cells.get("year", "") not in _MISSING else None
    traits: dict[str, str | float | None] = {
        column: None if value in _MISSING else _number_or_text(value) for column, value in cells.items() if column not in needed
    }
    counts: tuple[float, ...] = ()
    effect: Effect | None = None
    if needed in (*_ONE, *_TWO):
        counts = _counts(needed, values, place)
    elif needed in _MEANS:
        effect = means_effect(measure, *values)
    elif needed in _READY:
        variance = values[1] if needed[1] == "vi" else values[1] ** 2
        if variance <= 0:
            raise NotEstimableError("its variance is not positive")
        effect = Effect(values[0], variance)
    else:
        given = dict(zip(needed, values, strict=True))
        stated = _number(cells, "level", place) if cells.get("level", "") not in _MISSING else level
        effect = reported_effect(
            measure, given["out"], low=given.get("ci.lb"), high=given.get("ci.ub"), level=stated, standard_error=given.get("sei"),
            p=given.get("pval"),
        )  # fmt: skip
    return Datum(
        label=label, counts=counts, effect=effect, year=None if year is None else int(year), cohort=place, place=place, traits=traits
    )


def _counts(needed: tuple[str, ...], values: Sequence[float], place: str) -> tuple[float, ...]:
    if needed == ("xi", "mi"):
        values = (values[0], values[0] + values[1])
    elif needed == ("ai", "bi", "ci", "di"):
        values = (values[0], values[0] + values[1], values[2], values[2] + values[3])
    for events, total in zip(values[::2], values[1::2], strict=True):
        if not 0 <= events <= total or total <= 0:
            raise UsageError(f"{place}: {events:g} of {total:g} is not a count of patients", hint="events lie between 0 and the patients")
    return tuple(values)


def _number(cells: Mapping[str, str], column: str, place: str) -> float:
    try:
        value = float(cells[column])
    except ValueError:
        raise UsageError(f'{place}: column {column}: "{cells[column]}" is not a number', hint="missing values are NA") from None
    if not math.isfinite(value):
        raise UsageError(f"{place}: column {column}: {cells[column]} is not finite", hint="missing values are NA")
    return value


def _number_or_text(value: str) -> str | float:
    try:
        return float(value)
    except ValueError:
        return value


def measure_of(text: str, *, name: str) -> str:
    """Return the measure that a table's columns hold where none is asked for: PLO, RR, MD or GEN.

    Raises:
        UsageError: If the columns fit no measure.
    """
    first = next(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=_delimiter(text)), [])
    if not first:
        raise _empty(name)
    columns = {column.strip() for column in first}
    for measure, choices in (("PLO", _ONE), ("RR", _TWO), ("MD", _MEANS), ("GEN", _READY)):
        if any(set(choice) <= columns for choice in choices):
            return measure
    raise UsageError(
        f"{name}:1: no columns of counts or effects among {', '.join(first)}", hint="name them as metafor does, or say --measure"
    )
