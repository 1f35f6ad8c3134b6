"""Median times, and counted harms, as parts of pages about many studies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from kb.analysis.selection import Selection
from kb.analysis.selection_sql import selected
from kb.export.site.desk import Desk
from kb.export.site.sheet import Axis, Cell, Dot, Dots, Head, Line, Sheet, Span, Tick, absent, capped, given, place
from kb.export.site.topic import Section

_DEATHS = ("treatment-related-death", "death")

_TIMES = """
  SELECT i.study_id, i.item_id, i.endpoint_label, i.population_label, i.population_n, i.median, i.median_printed, i.median_not_reached, i.unit,
         i.interval_low, i.interval_high, i.interval_low_printed, i.interval_high_printed, i.arms
  FROM outcomes i JOIN studies s USING (study_id)
  WHERE i.result = 'time-to-event' AND (i.median IS NOT NULL OR i.median_not_reached = 1)
  ORDER BY i.endpoint_label, coalesce(s.year, 9999), i.study_id, i.position
"""


def survival(desk: Desk, selection: Selection) -> Section:
    """Return the median times of the selected outcomes."""
    kept = set(selected(desk.index, selection, "outcomes"))
    rows = [row for row in desk.index.rows(_TIMES) if (row[0], row[1]) in kept]
    sheet = times_sheet(desk, rows, "../")
    return Section(
        "survival",
        "How long did patients live?",
        (sheet,) if rows else (),
        "Medians as printed, not pooled; an open arrow: not reached when it was counted." if rows else "",
        "" if rows else "No median time reported.",
    )


def times_sheet(desk: Desk, rows: Iterable[tuple[Any, ...]], root: str) -> Sheet:
    """Return medians of times to an event as a table; those in months share an axis, the others stand as printed."""
    rows = list(rows)
    longest = max((max(row[5] or 0, row[10] or 0) for row in rows if row[8] == "months"), default=12.0)
    axis = Axis(tuple(Tick(place(value / longest), f"{value:g}") for value in _steps(longest)), "months")
    lines = []
    for study, item, endpoint, population, n, median, printed, not_reached, unit, low, high, low_printed, high_printed, arms in rows:
        shown = f"{printed} {unit or ''}".strip() if printed else "not reached"
        if low_printed or high_printed:
            shown += f" ({low_printed or 'not given'} to {high_printed or 'not reached'})"
        plot = None
        if median is not None and unit == "months":
            ranged = low is not None and high is not None
            left, right = (place(low / longest), place(high / longest)) if ranged else (None, None)
            plot = Span(place(median / longest), left, right, bool(not_reached) or str(printed).endswith("+"), f"{endpoint}: {shown}")
        cells = (
            Cell(desk.label(study), f"{root}studies/{study}.html#{item}"), Cell(endpoint), Cell(population or "not stated", note=f"arm {arms}" if arms else ""),
            given(n), Cell(value=median, plot=plot) if plot else absent("not in months" if median is not None else "not reached"), Cell(shown, value=median),
        )  # fmt: skip
        lines.append(Line(cells))
    heads = (
        Head("Study"),
        Head("Endpoint"),
        Head("Among"),
        Head("n", "num"),
        Head("Median, months", "plot", axis),
        Head("As printed", "num"),
    )
    return Sheet("times", "Median times, by endpoint", heads, capped(lines), filtered=len(lines) > 12)


def _steps(longest: float) -> tuple[float, ...]:
    step = next((step for step in (1, 2, 5, 10, 12, 24, 60, 120) if longest / step <= 4.5), 240)
    return tuple(step * count for count in range(int(longest // step) + 1))


_EVENTS = """
  SELECT i.study_id, i.item_id, i.term, i.term_label, i.grade, i.events, i.total, i.percent, s.cohort_id
  FROM adverse_events i JOIN studies s USING (study_id)
  WHERE i.count_of = 'patients' AND i.total > 0 AND i.events <= i.total ORDER BY i.term_label, i.study_id, i.position
"""


def _severe(grade: str | None) -> bool:
    """Whether a grade names 3 and above alone."""
    found = [int(digit) for digit in re.findall(r"[0-5]", grade or "")]
    return bool(found) and min(found) >= 3


def harms(desk: Desk, selection: Selection) -> Section:
    """Return the counted harms of the selected patients, deaths first."""
    from kb.model.intervals import clopper_pearson

    kept = set(selected(desk.index, selection, "adverse-events"))
    by_event: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for row in desk.index.rows(_EVENTS):
        if (row[0], row[1]) in kept:
            by_event.setdefault((row[2], row[3]), []).append(row)
    ordered = sorted(by_event.items(), key=lambda item: (item[0][0] not in _DEATHS, -max((row[5] / row[6] for row in item[1] if _severe(row[4])), default=0.0), item[0][1]))  # fmt: skip
    lines = []
    for (_, label), rows in ordered:
        dots, told = [], []
        for at, (study, _, _, _, grade, events, total, _, _) in enumerate(rows[:8]):
            bounds = clopper_pearson(events, total)
            dots.append(Dot(place(events / total), place(bounds.low), place(bounds.high), 7.0 + 10 * at, _severe(grade)))
            told.append(f"{desk.label(study)} {events}/{total}{f' (grade {grade})' if grade else ''}")
        worst = max(row[5] / row[6] for row in rows)
        first = rows[0]
        words = f"{label}: {'; '.join(told)}"
        cells = (
            Cell(label, f"../studies/{first[0]}.html#{first[1]}"), Cell(str(desk.cohorts(row[0] for row in rows)), value=desk.cohorts(row[0] for row in rows)),
            Cell(value=round(100 * worst, 2), plot=Dots(tuple(dots), 14.0 + 10 * (len(dots) - 1), words)),
            Cell("; ".join(told), note=f"and {len(rows) - 8} more" if len(rows) > 8 else ""),
        )  # fmt: skip
        lines.append(Line(cells))
    axis = Axis(tuple(Tick(place(value / 100), f"{value}") for value in (0, 50, 100)), "%")
    heads = (Head("Event"), Head("Cohorts", "num"), Head("% of patients", "plot", axis), Head("Patients with it, by study"))
    sheet = Sheet(
        "harms-table",
        "Counted harms: filled, grade 3 and above; hollow, any or no grade; line, exact 95 % interval",
        heads,
        capped(lines),
        filtered=len(lines) > 12,
    )
    return Section(
        "harms",
        "At what cost?",
        (sheet,) if lines else (),
        "Deaths first, then by the worst share of grade 3 and above. Reports count differently; nothing is pooled." if lines else "",
        "" if lines else "No harm counted in patients.",
    )
