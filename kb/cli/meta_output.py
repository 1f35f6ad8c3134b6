"""The answer of `kb meta` as a table of rows, as JSON, and for people with a forest plot."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from kb.analysis.effects import MEASURES
from kb.analysis.forest import back_transformed, drawn, layout, prediction
from kb.analysis.listing import Listing
from kb.analysis.meta_report import ECOLOGICAL_CAUTION, Report
from kb.analysis.pooling.result import Coefficient, Pooled
from kb.analysis.synthesis import Row
from kb.cli.rendering import render

COLUMNS = (
    "label", "study_id", "item_id", "cohort_id", "year", "events", "total", "events_2", "total_2", "yi", "vi", "ci_low", "ci_high",
    "estimate", "low", "high", "weight", "how", "place",
)  # fmt: skip
"""Columns of the rows: `yi`, `vi`, `ci_low` and `ci_high` on the analysis scale, `estimate`, `low` and `high` on that of the measure."""


def row_values(row: Row) -> tuple[Any, ...]:
    """Return a row in the order of `COLUMNS`."""
    datum, effect = row.datum, row.effect
    counts = (*(_whole(value) for value in datum.counts), None, None, None, None)[:4]
    return (
        datum.label, datum.study_id or None, datum.item_id or None, datum.cohort if datum.study_id else None, datum.year, *counts,
        effect.estimate if effect else None, effect.variance if effect else None, row.ci_low, row.ci_high,
        *(row.shown or (None, None, None)), row.weight, row.how or None, datum.place,
    )  # fmt: skip


def _whole(value: float) -> float | int:
    return int(value) if value == int(value) else value


def listing(report: Report) -> Listing:
    """Return the rows that entered, for csv, tsv and jsonl."""
    return Listing(COLUMNS, [row_values(row) for row in report.synthesis.rows], report.selection)


def told_as_json(report: Report) -> str:
    """Return the whole answer as JSON."""
    import json

    found = report.synthesis
    rows = [dict(zip(COLUMNS, row_values(row), strict=True)) for row in found.rows]
    answer = {
        "title": report.title,
        "selection": report.selection,
        "measure": found.measure,
        "scale": MEASURES[found.measure].scale,
        "method": found.settings.method,
        "test": found.settings.test,
        "level": found.settings.level,
        "k": len(found.rows),
        "patients": _whole(found.patients),
        "cohorts": found.cohorts,
        "mixed": report.labels,
        "pooled": _pooled(found.measure, found.pooled, len(found.rows), found.reason),
        "back_transformed": _back(found.measure, found.pooled),
        "rows": rows,
        "groups": [
            {
                "name": group.name,
                "pooled": _pooled(found.measure, group.pooled, len(group.rows), group.reason),
                "back_transformed": _back(found.measure, group.pooled),
            }
            for group in found.groups
        ],
        "between_groups": asdict(found.between) if found.between else None,
        "regression": asdict(report.regression) if report.regression else None,
        "regression_notes": report.regression_notes,
        "sensitivity": dict(report.sensitivity),
        "excluded": [asdict(one) for one in found.excluded],
        "strata": [asdict(one) for one in report.strata],
        "directions": [asdict(one) for one in report.directions],
        "rules": report.rules,
        "caution": ECOLOGICAL_CAUTION if report.moderators else None,
    }
    return json.dumps(_finite(answer), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _finite(value: Any) -> Any:
    """Return a value in which what is beyond all floats is null: a ratio, for example, whose logarithm is 1000."""
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


_KEYS = (
    "estimate", "se", "ci_low", "ci_high", "p", "pi_low", "pi_high", "tau2", "tau2_low", "tau2_high", "q", "q_df", "q_p", "i2", "h2", "k",
    "notes",
)  # fmt: skip


def _pooled(measure: str, pooled: Pooled | None, k: int, reason: str) -> dict[str, Any]:
    if pooled is None:
        return {**dict.fromkeys(_KEYS), "k": k, "notes": [reason]}
    found = {key: getattr(pooled, key) for key in _KEYS}
    if MEASURES[measure].null is None:
        found["p"] = None  # a test of a single proportion against one half answers no one's question
    return found


def _back(measure: str, pooled: Pooled | None) -> dict[str, float | None] | None:
    shown = back_transformed(measure, pooled)
    if shown is None or pooled is None:
        return None
    new = prediction(measure, pooled)
    return {
        "estimate": shown[0], "ci_low": shown[1], "ci_high": shown[2], "pi_low": new[1] if new else None, "pi_high": new[2] if new else None,
    }  # fmt: skip


def told(report: Report, form: str) -> Iterator[str]:
    """Yield the lines for people; `md` has headings and a fenced plot."""
    head = "## " if form == "md" else ""
    yield f"{head}{report.title}"
    yield f"selection: {report.selection}"
    yield from (f"put together: {label}" for label in report.labels)
    yield ""
    if form == "md":
        yield "```"
    yield from _forest(report)
    if form == "md":
        yield "```"
    yield ""
    yield from numbers(report)
    yield from _regression(report, head)
    for name, rows in report.sensitivity:
        yield from ("", f"{head}{name.replace('-', ' ')}")
        if isinstance(rows, str):
            yield rows
        elif rows:
            yield render(Listing(tuple(rows[0]), [[_rounded(value) for value in row.values()] for row in rows]), form).rstrip("\n")
    yield from _left_out(report, head)
    if report.rules:
        yield from ("", f"{head}How rows were chosen", *(f"- {rule}" for rule in report.rules))


def _forest(report: Report) -> Iterator[str]:
    found = report.synthesis
    if not found.rows:
        yield "no study entered"
        return
    plan = layout(found)
    bars = drawn(plan)
    percent = MEASURES[found.measure].counts == "one"
    labels = [
        mark.label if mark.kind == "study" else f"  {mark.label}" if mark.kind == "group" else mark.label.upper() for mark in plan.marks
    ]
    counts = [f"{mark.counts}{' *' if mark.mark else ''}" for mark in plan.marks]
    values = [_interval(mark.values, percent) for mark in plan.marks]
    weights = ["" if mark.weight is None else f"{mark.weight:.1f}" for mark in plan.marks]
    wide = [max([len(text) for text in texts], default=0) for texts in (labels, counts, values)]
    for label, count, bar, value, weight in zip(labels, counts, bars, values, weights, strict=False):
        yield f"{label:<{wide[0]}}  {count:<{wide[1]}}  {bar}  {value:<{wide[2]}}  {weight:>5}".rstrip()
    for axis in bars[-2:]:
        yield f"{'':<{wide[0]}}  {'':<{wide[1]}}  {axis}".rstrip()
    unit = "proportion with exact interval" if percent else MEASURES[found.measure].label
    yield f"{unit}; weights in percent" + ("; * count not printed as such" if any(mark.mark for mark in plan.marks) else "")


def _interval(values: tuple[float, float, float] | None, percent: bool) -> str:
    if values is None:
        return "no finite effect"
    if percent:
        return "{:.1f} % ({:.1f} to {:.1f})".format(*(100 * value for value in values))
    return "{:.3g} ({:.3g} to {:.3g})".format(*values)


def numbers(report: Report) -> Iterator[str]:
    """Yield what was pooled and how much studies differ, line by line."""
    found = report.synthesis
    patients = f", {found.patients:g} patients" if found.patients else ""
    unit = "independent cohort" if any(row.datum.study_id for row in found.rows) else "study"
    yield f"k {len(found.rows)}{patients}, {found.cohorts} {unit if found.cohorts == 1 else unit.replace('study', 'studie') + 's'}; {len(found.excluded)} left out"
    pooled = found.pooled
    measure = MEASURES[found.measure]
    if pooled is None:
        yield f"not pooled: {found.reason}"
        return
    if pooled.estimate is None:
        yield "no pooled estimate"
    else:
        yield (
            f"pooled {measure.label}: {_interval(back_transformed(found.measure, pooled), measure.counts == 'one')} at {pooled.level:g} %, "
            f"by {pooled.method}{_TESTS[pooled.test]} on the scale: {measure.scale}"
        )
        if measure.null is not None and pooled.p is not None:
            yield f"against no effect: P {_p(pooled.p)}"
        new = prediction(found.measure, pooled)
        if new is not None and pooled.k > 1:
            yield f"a new study would lie in {_interval(new, measure.counts == 'one').split('(')[1].rstrip(')')} (prediction interval)"
        yield _heterogeneity(pooled)
    yield from (f"note: {note}" for note in pooled.notes)
    yield from (f"{group.name}: not pooled: {group.reason}" for group in found.groups if group.pooled is None)
    yield from (
        f"{group.name}: {note}" for group in found.groups if group.pooled and group.pooled.estimate is None for note in group.pooled.notes
    )
    if found.between:
        yield f"between groups: Q {found.between.q:.2f}, {found.between.df} df, P {_p(found.between.p)}"


_TESTS = {"z": "", "knha": " with Knapp and Hartung's t", "adhoc": " with Knapp and Hartung's t, guarded"}


def _heterogeneity(pooled: Pooled) -> str:
    profile = "" if pooled.tau2_low is None else f" ({pooled.tau2_low:.4f} to {pooled.tau2_high:.4f} by the Q profile)"
    tau2 = "" if pooled.tau2 is None else f"tau2 {pooled.tau2:.4f}{profile}, "
    i2 = "" if pooled.i2 is None else f", I2 {pooled.i2:.1f} %, H2 {pooled.h2:.2f}"
    return f"between studies: {tau2}Q {pooled.q or 0:.2f} on {pooled.q_df} df, P {_p(pooled.q_p or 0)}{i2}"


def _p(value: float) -> str:
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"


def _regression(report: Report, head: str) -> Iterator[str]:
    if not report.moderators:
        return
    yield from ("", f"{head}Meta-regression on {', '.join(report.moderators)}")
    yield from regressed(report)
    if report.regression is not None:
        yield from (f"note: {note}" for note in report.regression.notes)
    yield from (f"note: {note}" for note in report.regression_notes)
    yield ECOLOGICAL_CAUTION


def regressed(report: Report) -> Iterator[str]:
    """Yield what a meta-regression gives, line by line; nothing where there is none."""
    found = report.regression
    if found is None:
        return
    yield from (_coefficient(one) for one in found.coefficients)
    if found.qm is not None and found.qm_p is not None:
        yield f"all moderators: {found.qm:.3f} on {', '.join(map(str, found.qm_df))} df, P {_p(found.qm_p)}"
    if found.permutation_p is not None:
        kind = "all" if found.exact else "random"
        yield f"permutation test: P {_p(found.permutation_p)} over {found.permutations} {kind} orders"
    r2 = "" if found.r2 is None else f", R2 {found.r2:.1f} %"
    yield f"left between studies: tau2 {found.tau2:.4f}, Q {found.q:.2f} on {found.q_df} df, P {_p(found.q_p)}, I2 {found.i2:.1f} %{r2}; k {found.k}"


def _coefficient(one: Coefficient) -> str:
    bounds = "" if one.ci_low is None or one.ci_high is None else f" ({one.ci_low:.4f} to {one.ci_high:.4f})"
    return f"  {one.name}: {one.estimate:.4f}{bounds}{'' if one.p is None else f', P {_p(one.p)}'}"


def _rounded(value: Any) -> Any:
    return float(f"{value:.5g}") if isinstance(value, float) else value


def _left_out(report: Report, head: str) -> Iterator[str]:
    if report.strata:
        yield from ("", f"{head}Kinds of evidence at hand")
        yield from (f"- {one.name}: {one.k} rows, {one.patients} patients{' (pooled)' if one.pooled else ''}" for one in report.strata)
    if report.synthesis.excluded:
        yield from ("", f"{head}Left out")
        yield from (f"- {one.label}{_reference(one.study_id, one.item_id)}: {one.reason}" for one in report.synthesis.excluded)
    if report.directions:
        yield from ("", f"{head}Told without an effect, never pooled")
        for one in report.directions:
            size = "" if one.n is None else f", n {one.n}"
            p = "" if one.p is None else f", P {one.p}"
            yield f"- {one.label}{_reference(one.study_id, one.item_id)}: {one.said}{size}{p}"


def _reference(study: str, item: str) -> str:
    return f" [{study}#{item}]" if study else ""
