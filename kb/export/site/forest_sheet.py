"""The forest table: every arm with its counts, the pooled row that the statistics give, and what stayed out with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kb.analysis.forest import Mark, counts_in_words, layout
from kb.analysis.meta_report import Report
from kb.analysis.pooling.result import Pooled
from kb.analysis.synthesis import Row
from kb.export.site.desk import Desk, counted
from kb.export.site.sheet import Axis, Cell, Head, Interval, Line, Sheet, Tick, absent, capped, group, place
from kb.export.site.topic import Facts, Section, Words
from kb.model.terms import VocabularyKind

_JOINTS = ("; ", " / ")
"""What joins the agents of an arm, and the arms of a row."""


def _percent(values: tuple[float, float, float] | None) -> str:
    return "" if values is None else f"{100 * values[0]:.1f} ({100 * values[1]:.1f} to {100 * values[2]:.1f})"


def _interval(mark: Mark, shape: str, side: float, words: str) -> Interval | None:
    if mark.estimate is None or mark.low is None or mark.high is None:
        return None
    return Interval(shape, place(mark.estimate), place(mark.low), place(mark.high), side, words, mark.cut_low, mark.cut_high)


def forest_sheet(desk: Desk, report: Report, root: str, labels: dict[str, str] | None = None) -> Sheet:
    """Return a synthesis as a table: rows by effect within each group, then what the statistics give of the group.

    Args:
        desk: For labels.
        report: The synthesis.
        root: Way from the page to the root of the site.
        labels: Words of the groups by name.
    """
    found = report.synthesis
    plan = layout(found)
    marks = iter(plan.marks)
    most = max((row.datum.patients for row in found.rows), default=1) or 1
    lines: list[Line] = []
    for name, rows, pooled in [(one.name, one.rows, one.pooled) for one in found.groups] or [("", found.rows, None)]:
        drawn = [(row, next(marks)) for row in rows]
        if name:
            words = (labels or {}).get(name, name)
            lines.append(group(words, note=counted(len(rows), "arm")))
        drawn.sort(key=lambda pair: (-(pair[0].shown or (-1.0,))[0], pair[0].datum.label, pair[0].datum.item_id))
        lines += [_row_line(desk, row, mark, most, root) for row, mark in drawn]
        if name:
            mark = next(marks)
            if pooled is not None and mark.values is not None and len(rows) > 1:
                lines.append(_pooled_line("pooled", mark, "diamond", _heterogeneity(pooled), len(rows)))
    for mark in marks:
        if mark.kind == "pooled" and mark.values is not None and found.pooled is not None and len(found.rows) > 1:
            lines.append(_pooled_line("all arms, pooled", mark, "diamond", _heterogeneity(found.pooled), found.pooled.k))
        elif mark.kind == "prediction" and len(found.rows) > 1:
            lines.append(_pooled_line("a new study, 95 % prediction", mark, "dashes", "", 0))
    axis = Axis(tuple(Tick(place(at), f"{100 * value:g}") for at, value in plan.ticks), "%")
    heads = (
        Head("Study"), Head("Arms"), Head("Population and criteria"), Head("n/N", "num"), Head("Share of patients", "plot", axis),
        Head("% (95 % CI)", "num"), Head("Weight, %", "num"),
    )  # fmt: skip
    caption = f"{report.title}: exact intervals; the square follows the patients. Pooled rows hide while a filter or an order is on"
    return Sheet("forest", caption, heads, tuple(lines), filtered=len(found.rows) > 8)


def _row_line(desk: Desk, row: Row, mark: Mark, most: float, root: str) -> Line:
    datum = row.datum
    words = f"{desk.label(datum.study_id)}: {_percent(row.shown)} %"
    side = round(5 + 8 * (datum.patients / most) ** 0.5, 1)
    traits = datum.traits
    about = "; ".join(_about(desk, traits))
    agents = _terms(desk, VocabularyKind.AGENTS, str(traits.get("agents") or ""))
    events, total = int(datum.counts[0]), int(datum.counts[1])
    plot = _interval(mark, "square", side, words)
    return Line(
        (
            Cell(desk.label(datum.study_id), f"{root}studies/{datum.study_id}.html#{datum.item_id}", note=datum.mark),
            Cell(agents or "not given", absent=not agents),
            Cell(about) if about else absent("not stated"),
            Cell(counts_in_words(row), value=events / total),
            Cell(value=round(100 * row.shown[0], 3), plot=plot) if plot and row.shown else absent("not computable"),
            Cell(_percent(row.shown), value=round(100 * row.shown[0], 3)) if row.shown else absent("not computable"),
            Cell(f"{row.weight:.1f}", value=round(row.weight, 3)) if row.weight is not None else absent("none of its own"),
        ),
        events=events,
        total=total,
    )


def _about(desk: Desk, traits: Mapping[str, str | float | None]) -> Iterator[str]:
    """Yield the disease, how the patients were counted, and the criteria of response, as far as they are told."""
    if traits.get("condition"):
        yield _terms(desk, VocabularyKind.CONDITIONS, str(traits["condition"]))
    if traits.get("population"):
        yield f"patients {traits['population']}" if traits["population"] != "unstated" else "patients counted as not stated"
    if traits.get("criteria"):
        yield f"criteria {'not stated' if traits['criteria'] == 'unstated' else traits['criteria']}"


def _terms(desk: Desk, kind: VocabularyKind, joined: str) -> str:
    """Return joined ids as labels, what joins them kept."""
    return "".join(part if part in _JOINTS else desk.term(kind, part) for part in re.split(f"({'|'.join(_JOINTS)})", joined) if part)


def _heterogeneity(pooled: Pooled) -> str:
    parts = [
        f"I² {pooled.i2:.0f} %" if pooled.i2 is not None else "",
        f"tau² {pooled.tau2:.2f}" if pooled.tau2 is not None else "",
        pooled.method,
    ]
    return ", ".join(part for part in parts if part)


def _pooled_line(words: str, mark: Mark, shape: str, note: str, k: int) -> Line:
    percent = _percent(mark.values)
    plot = _interval(mark, shape, 0.0, f"{words}: {percent} %")
    cells = (
        Cell(words), Cell(note) if note else absent("–"), absent("–"), Cell(f"k {k}") if k else absent("–"),
        Cell(plot=plot) if plot else absent("–"), Cell(percent) if percent else absent("–"), absent("–"),
    )  # fmt: skip
    return Line(cells, "pooled")


def forest_section(desk: Desk, report: Report, anchor: str, title: str, root: str, labels: dict[str, str] | None = None) -> Section:
    """Return the part of a page that holds a synthesis: the table, what it mixes, and what stayed out with its reason."""
    found = report.synthesis
    blocks: list[object] = []
    if found.rows:
        blocks.append(forest_sheet(desk, report, root, labels))
        said = [f"It puts together {label}." for label in report.labels]
        if found.pooled is None and found.reason:
            said.append(f"No pooled estimate: {found.reason}.")
        said += [f"{one.name}: no pooled estimate, {one.reason}." for one in found.groups if one.pooled is None and one.reason]
        if said:
            blocks.append(Words(tuple(said), listed=True))
    if report.strata and len(report.strata) > 1:
        items = tuple(
            (stratum.name, f"{counted(stratum.k, 'arm')}, {stratum.patients} patients{', pooled here' if stratum.pooled else ''}")
            for stratum in report.strata
        )
        blocks.append(Facts(items))
    out = [
        Line(
            (
                Cell(
                    desk.label(one.study_id),
                    f"{root}studies/{one.study_id}.html#{one.item_id}" if one.item_id else f"{root}studies/{one.study_id}.html",
                ),
                Cell(one.reason),
            )
        )
        for one in found.excluded
    ]
    out += [
        Line(
            (
                Cell(desk.label(one.study_id), f"{root}studies/{one.study_id}.html#{one.item_id}"),
                Cell(f"told in words: {one.said}{f', P {one.p}' if one.p else ''}"),
            ),
            "aside",
        )
        for one in report.directions
    ]
    if out:
        blocks.append(
            Sheet(
                "not-pooled",
                "Listed and not pooled, each with its reason",
                (Head("Study"), Head("Why")),
                capped(out),
                filtered=len(out) > 20,
            )
        )
    note = "The same as `kb meta` with its defaults: one kind of evidence, one arm a group of patients, one report a cohort; response across arms is not a comparison of treatments."
    return Section(anchor, title, tuple(blocks), note if blocks else "", "" if blocks else "Nothing counted.")


def pooled_words(report: Report) -> str:
    """Say what a synthesis gives: `23 % (17 to 31) in 22 arms of 20 cohorts`; where it gives none, the sums and why."""
    found = report.synthesis
    if not found.rows:
        return "nothing counted"
    arms = f"{counted(len(found.rows), 'arm')} of {counted(found.cohorts, 'cohort')}, {found.patients:g} patients"
    mark = next((mark for mark in layout(found).marks if mark.kind == "pooled" and mark.values is not None), None)
    if mark is None or mark.values is None:
        events = sum(row.datum.counts[0] for row in found.rows)
        return f"{events:g}/{found.patients:g} in {arms}; not pooled{f': {found.reason}' if found.reason else ''}"
    estimate, low, high = (100 * value for value in mark.values)
    return f"{estimate:.1f} % ({low:.1f} to {high:.1f}) in {arms}"
