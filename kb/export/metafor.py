"""A pool for R's metafor: its rows as CSV under metafor's names, and a script that pools them again.

Counts are raw, never corrected. What has no value is `NA`. The script stops when its estimate is not the one that was
exported, so that running it is the check.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from kb.analysis.meta_report import Report
from kb.analysis.synthesis import Row

_HEAD = ("slab", "study_id", "item_id", "cohort_id", "year", "derived", "place")
_COUNTS = {2: ("xi", "ni"), 4: ("ai", "n1i", "ci", "n2i")}
_APART = {"GLMM": "1e-3"}
"""Difference in standard errors that the script allows: lme4 stops earlier than the other estimators, which get 1e-4."""


def metafor(report: Report) -> Iterator[tuple[str, str]]:
    """Yield the files of an export: `data.csv` and `analysis.R`.

    Args:
        report: An answer of `kb meta`.
    """
    yield "data.csv", _data(report)
    yield "analysis.R", _script(report)


def _data(report: Report) -> str:
    rows = report.synthesis.rows
    counts = _counts(report)
    traits = sorted({name for row in rows for name in row.datum.traits if name not in (*_HEAD, *counts, "yi", "vi")})
    into = io.StringIO(newline="")
    writer = csv.writer(into, lineterminator="\n")
    writer.writerow((*_HEAD, *(counts or ("yi", "vi")), *traits))
    for row in rows:
        datum = row.datum
        values = datum.counts if counts else _effect(row)
        head = (datum.label, datum.study_id, datum.item_id, datum.cohort if datum.study_id else "", datum.year, datum.mark, datum.place)
        writer.writerow([_cell(value) for value in (*head, *values, *(datum.traits.get(name) for name in traits))])
    return into.getvalue()


def _counts(report: Report) -> tuple[str, ...]:
    found = {len(row.datum.counts) for row in report.synthesis.rows}
    return _COUNTS.get(found.pop(), ()) if len(found) == 1 else ()


def _effect(row: Row) -> tuple[float | None, float | None]:
    return (row.effect.estimate, row.effect.variance) if row.effect else (None, None)


def _cell(value: object) -> str:
    if value is None or value == "":
        return "NA"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    text = str(value)
    # No text of a record may run as a formula in a spreadsheet.
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _script(report: Report) -> str:
    found = report.synthesis
    settings, counts = found.settings, _counts(report)
    columns = ", ".join(f"{name} = {name}" for name in counts)
    level = f"level = {settings.level:g}"
    if settings.method == "GLMM":
        test = "t" if settings.test != "z" else "z"
        fit = f'fit <- rma.glmm(measure = "{found.measure}", {columns}, data = dat, slab = slab, test = "{test}", {level})'
    elif settings.method == "MH":
        fit = f'fit <- rma.mh(measure = "{found.measure}", {columns}, data = dat, slab = slab, {level})'
    elif settings.method == "PETO":
        fit = f"fit <- rma.peto({columns}, data = dat, slab = slab, {level})"
    else:
        effects = (
            f'dat <- escalc(measure = "{found.measure}", {columns}, data = dat, add = {report.add:g}, to = "only0")\n' if counts else ""
        )
        fit = f'{effects}fit <- rma(yi, vi, data = dat, slab = slab, method = "{settings.method}", test = "{settings.test}", {level})'
    return "".join(f"{line}\n" for line in (*_comments(report), *_LOAD, fit, "print(fit)", *_check(report)))


_LOAD = (
    "suppressMessages(library(metafor))",
    'dat <- read.csv("data.csv", na.strings = "NA", check.names = FALSE)',
    "dat$slab <- make.unique(as.character(dat$slab))",
)


def _comments(report: Report) -> Iterator[str]:
    found = report.synthesis
    lines = (report.title, f"selection: {report.selection}", *(f"put together: {label}" for label in report.labels))
    yield from ("# " + " ".join(line.split()) for line in lines)
    yield f"# {len(found.rows)} rows; {len(found.excluded)} left out:"
    yield from ("# - " + " ".join(f"{one.label} {one.study_id}#{one.item_id}: {one.reason}".split()) for one in found.excluded)
    yield "# Run in this folder: Rscript analysis.R"


def _check(report: Report) -> Iterator[str]:
    pooled = report.synthesis.pooled
    if pooled is None or pooled.estimate is None or not pooled.se:
        yield "# Nothing was pooled, so there is nothing to compare with."
        return
    allowed = _APART.get(report.synthesis.settings.method, "1e-4")
    yield f"exported <- c(estimate = {pooled.estimate!r}, se = {pooled.se!r})"
    yield "found <- c(estimate = fit$beta[1], se = fit$se[1])"
    yield f'if (any(abs(found - exported) > {allowed} * exported[["se"]])) stop("metafor gives ", paste(found, collapse = ", "))'
    yield 'cat("the same as exported\\n")'
