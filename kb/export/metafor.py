"""Pools for R's metafor: rows as CSV under metafor's names, a codebook, what was left out, and a script that pools them again.

Counts are raw, never corrected. What has no value is `NA`. The script stops when an estimate is not the one that was exported,
so that running it is the check.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from kb.analysis.effects import MEASURES
from kb.analysis.meta import as_word, levels
from kb.analysis.meta_report import Report
from kb.analysis.pooling.result import Regression
from kb.analysis.pools import SINGLE
from kb.analysis.spool import Spool
from kb.analysis.synthesis import COUNT_METHODS, Exclusion, Row
from kb.export.cells import DISARMED, csv_table
from kb.export.formats import Extract, Pieces

_COUNTS = {2: ("xi", "ni"), 4: ("ai", "n1i", "ci", "n2i")}
_APART = {"GLMM": "1e-3"}
"""Difference in standard errors that the script allows: lme4 stops earlier than the other estimators, which get 1e-4."""
_STEPPING = ("REML", "ML", "EB")
"""Estimators that metafor finds by steps."""
_COLUMNS = {
    "slab": "study in words",
    "study_id": "study",
    "item_id": "outcome within the study",
    "cohort_id": "independent cohort: studies that share patients, certainly or probably, share it",
    "cohort_certain_id": "independent cohort where only certain overlaps count",
    "overlaps": "studies that are declared to share patients with it: relation and certainty",
    "year": "year of the main report",
    "derived": "how counts or effect came about where they are not printed as such",
    "place": "file of the record and line",
    "xi": "patients with the event",
    "ni": "patients",
    "ai": "patients with the event in the first arm",
    "n1i": "patients of the first arm",
    "ci": "patients with the event in the second arm",
    "n2i": "patients of the second arm",
    "yi": "effect on the analysis scale; ratios as logarithms",
    "vi": "its sampling variance",
    "regimen-class": "class of the regimen, by rules over doses and routes",
    "agents": "agents that were given",
    "route": "routes of the agents",
    "condition": "disease of the population",
    "design": "kind of study",
    "allocation": "how patients came into their arms",
    "phase": "trial phase",
    "decade": "decade of the main report",
    "n": "patients of the result",
    "criteria": "era of the response criteria",
    "population": "kind of population",
    "evidence": "whether arms were randomised",
    "arms": "arms of the result; of the first side where two are compared",
    "study": "study",
    "adjusted": "what a printed effect is adjusted for",
}
"""Columns in words; the first nine stand in every file, in this order."""
_HEAD = tuple(_COLUMNS)[:9]
_LEFT_OUT = ("pool", "slab", "study_id", "item_id", "place", "reason")


def metafor(report: Report) -> Iterator[tuple[str, Pieces]]:
    """Yield the files of one pool: `data.csv`, `excluded.csv`, `codebook.csv` and `analysis.R`.

    Args:
        report: An answer of `kb meta`.
    """
    yield from _files(iter([("data", report)]), _Told())


def metafor_folder(extract: Extract) -> Iterator[tuple[str, Pieces]]:
    """Yield the files of every pool of a selection, one table each named by endpoint and measure, and `README.md`."""
    told = _Told()
    named = ((f"{endpoint}-{report.synthesis.measure}", report) for endpoint, report in extract.pools())
    yield from _files(_with_lines(named, told, extract), told)
    yield "README.md", _readme(extract, told)


class _Told:
    """What the files after the tables tell of the pools, of which one is held at a time."""

    def __init__(self) -> None:
        self.columns: dict[str, str] = {}
        self.left: Spool[tuple[str, Exclusion]] = Spool()
        self.script: list[str] = []
        self.tables: list[str] = []
        self.rules: dict[str, None] = {}


def _with_lines(named: Iterable[tuple[str, Report]], told: _Told, extract: Extract) -> Iterator[tuple[str, Report]]:
    """Pass pools on, each with its line in the folder's README."""
    for name, report in named:
        told.tables.append(
            f"| `{name}.csv` | {report.title} | {len(report.synthesis.rows)} | {_told(report)} | `{_command(name, report, extract)}` |"
        )
        told.rules |= dict.fromkeys(report.rules)
        yield name, report


def _files(named: Iterator[tuple[str, Report]], told: _Told) -> Iterator[tuple[str, Pieces]]:
    for name, report in named:
        counts, traits = _counts(report), _traits(report)
        head = (*_HEAD, *(counts or ("yi", "vi")), *traits)
        told.columns |= {column: _meaning(column, report) for column in head if column not in told.columns}
        yield f"{name}.csv", csv_table(head, (_line(row, report, traits, counted=bool(counts)) for row in report.synthesis.rows))
        for one in report.synthesis.excluded:
            told.left.add((name, one))
        told.script += ["", *_comments(name, report), *_fits(name, report)]
    left = told.left.settled()
    yield (
        "excluded.csv",
        csv_table(_LEFT_OUT, ((name, one.label, one.study_id or None, one.item_id or None, one.place, one.reason) for name, one in left)),
    )
    yield "codebook.csv", csv_table(("column", "meaning"), told.columns.items())
    yield "analysis.R", _script(told.script)


def _meaning(name: str, report: Report) -> str:
    return _COLUMNS.get(name) or ("moderator that was asked for" if name in report.moderators else "column of the table that was pooled")


def _counts(report: Report) -> tuple[str, ...]:
    found = {len(row.datum.counts) for row in report.synthesis.rows}
    return _COUNTS.get(found.pop(), ()) if len(found) == 1 else ()


def _traits(report: Report) -> list[str]:
    fixed = (*_HEAD, *_counts(report), "yi", "vi")
    return sorted({name for row in report.synthesis.rows for name in row.datum.traits if name not in fixed})


def _line(row: Row, report: Report, traits: Sequence[str], *, counted: bool) -> list[object]:
    datum = row.datum
    certain, overlaps = report.overlaps.get(datum.study_id, ("", ""))
    effect = (row.effect.estimate, row.effect.variance) if row.effect else (None, None)
    head = (
        datum.label, datum.study_id, datum.item_id, datum.cohort if datum.study_id else "", certain, overlaps, datum.year, row.how, datum.place,
    )  # fmt: skip
    values = (*head, *(datum.counts if counted else effect), *(datum.traits.get(name) for name in traits))
    return [_plain(value) for value in values]


def _plain(value: object) -> object:
    """Return a whole number without a point, and None for an empty text."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return None if value == "" else value


def _script(pools: Sequence[str]) -> str:
    lines = [
        "# Pools every table of this folder again with metafor, and stops where a number is not the one that was exported.",
        "# Run in this folder: Rscript analysis.R", *_LOAD,
    ]  # fmt: skip
    lines += [*pools, "", 'cat("the same as exported\\n")']
    return "".join(f"{line}\n" for line in lines)


_LOAD = (
    "suppressMessages(library(metafor))",
    "table_of <- function(file) {",
    '  dat <- read.csv(file, na.strings = "NA", check.names = FALSE)',
    "  dat$slab <- make.unique(as.character(dat$slab))",
    "  dat",
    "}",
    "tight <- function(dat) list(threshold = 1e-11 * max(mean(dat$vi), if (nrow(dat) > 1) var(dat$yi) else 0), maxiter = 100000)",
    "same <- function(fit, estimate, se, allowed) {",
    "  apart <- c(fit$beta - estimate, fit$se - se)",
    '  if (any(abs(apart) > allowed * c(se, se))) stop("metafor gives ", paste(c(fit$beta, fit$se), collapse = ", "))',
    "}",
)


def _comments(name: str, report: Report) -> Iterator[str]:
    found = report.synthesis
    lines = (f"{name}: {report.title}", f"selection: {report.selection}", *(f"put together: {label}" for label in report.labels))
    yield from ("# " + " ".join(line.split()) for line in lines)
    yield f"# {len(found.rows)} rows; {len(found.excluded)} left out: excluded.csv"
    if report.sensitivity:
        yield "# Sensitivity analyses are not made again here."


def _fits(name: str, report: Report) -> Iterator[str]:
    """Yield the pool and its subgroups; one that gives no estimate is left to a comment, since metafor would stop at it."""
    found = report.synthesis
    yield f'dat <- table_of("{name}.csv")'
    yield f"pool <- function(dat) {_call(report)}"
    wanted = [("", "dat", found.pooled, found.reason)]
    wanted += [(group.name, _subset(group.name, report), group.pooled, group.reason) for group in found.groups]
    for words, rows, pooled, reason in wanted:
        told = f"{' '.join(words.split())}: " if words else ""
        if pooled is None or pooled.estimate is None or not pooled.se:
            yield f"# {told}nothing was pooled, so there is nothing to compare with{f': {reason}' if reason else ''}"
            continue
        yield f"# {told}k {pooled.k}" if words else "print(pool(dat))"
        yield f"same(pool({rows}), {_exported([pooled.estimate], [pooled.se])}, {_APART.get(pooled.method, '1e-4')})"
    if report.regression is not None:
        yield from _regression(report, report.regression)


def _exported(estimates: Sequence[float], errors: Sequence[float]) -> str:
    told = [", ".join(map(repr, values)) for values in (estimates, errors)]
    first, second = told if len(estimates) == 1 else (f"c({values})" for values in told)
    return f"estimate = {first}, se = {second}"


def _regression(report: Report, fit: Regression) -> Iterator[str]:
    """Yield the meta-regression; rows without a moderator are left out by metafor as they were here."""
    found, settings = report.synthesis, report.synthesis.settings
    mods = f"mods = ~ {' + '.join(_term(name, report) for name in report.moderators)}"
    counts = ", ".join(f"{name} = {name}" for name in _counts(report))
    by_counts = settings.method == "GLMM" and found.measure == "PLO"
    if by_counts:
        call = f'rma.glmm(measure = "PLO", {counts}, {mods}, data = dat, level = {settings.level:g})'
    else:
        if counts:
            yield f'dat <- escalc(measure = "{found.measure}", {counts}, data = dat, add = {report.add:g}, to = "only0")'
        yield "dat <- dat[is.finite(dat$yi) & is.finite(dat$vi), ]"
        method = "REML" if settings.method in COUNT_METHODS else settings.method
        tight = ", control = tight(dat)" if method in _STEPPING else ""
        call = f'rma(yi, vi, {mods}, data = dat, method = "{method}", test = "{settings.test}", level = {settings.level:g}{tight})'
    yield f"regression <- {call}"
    yield "print(regression)"
    told = _exported([one.estimate for one in fit.coefficients], [one.se or 0.0 for one in fit.coefficients])
    yield f"same(regression, {told}, {_APART['GLMM'] if by_counts else '1e-4'})"


def _term(name: str, report: Report) -> str:
    """Return a moderator of the formula; of words the first level is that against which the others stand."""
    values = [row.datum.traits.get(name) for row in report.synthesis.rows]
    known = [value for value in values if value is not None]
    if all(isinstance(value, float) for value in known):
        return f"`{name}`"
    return f"factor(`{name}`, levels = c({', '.join(_quoted(word) for word in levels([as_word(value) for value in known]))}))"


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _subset(group: str, report: Report) -> str:
    column = f'dat[["{report.by}"]]'
    if group == "not stated":
        return f"dat[is.na({column}), ]"
    return f"dat[as.character({column}) %in% {_quoted(group)}, ]"


def _call(report: Report) -> str:
    """Return the call that pools a data frame `dat`; a binomial-normal model of one study is that study itself."""
    found = report.synthesis
    settings, counts = found.settings, _counts(report)
    columns = ", ".join(f"{name} = {name}" for name in counts)
    level = f"level = {settings.level:g}"
    if settings.method == "GLMM":
        test = "t" if settings.test != "z" else "z"
        whole = f'rma.glmm(measure = "{found.measure}", {columns}, data = dat, slab = slab, test = "{test}", {level})'
        alone = f'rma(measure = "{found.measure}", {columns}, data = dat, slab = slab, method = "EE", {level})'
        return f"if (nrow(dat) > 1) {whole} else {alone}"
    if settings.method == "MH":
        return f'rma.mh(measure = "{found.measure}", {columns}, data = dat, slab = slab, {level})'
    if settings.method == "PETO":
        return f"rma.peto({columns}, data = dat, slab = slab, {level})"
    # metafor's own steps end while tau2 still moves in the fifth digit.
    more = ", control = tight(dat)" if settings.method in _STEPPING else ""
    fit = f'rma(yi, vi, data = dat, slab = slab, method = "{settings.method}", test = "{settings.test}", {level}{more})'
    if not counts:
        return fit
    return f'{{ dat <- escalc(measure = "{found.measure}", {columns}, data = dat, add = {report.add:g}, to = "only0"); {fit} }}'


def _readme(extract: Extract, told: _Told) -> str:
    lines = [
        "# Pools for R's metafor", "", f"From {extract.project.name}. Selection: {extract.selection}.", "",
        "`Rscript analysis.R` in this folder pools every table again and stops where a number is not the one that was exported. `codebook.csv` "
        "says what each column holds, `excluded.csv` what stayed out and why.", "", "## Tables", "",
        "| table | what it pools | k | pooled | the same in kb |", "| --- | --- | --- | --- | --- |", *told.tables,
    ]  # fmt: skip
    lines += ["", "## Rules", "", *(f"- {rule}" for rule in told.rules), f"- {DISARMED}"]
    return "\n".join(lines) + "\n"


def _told(report: Report) -> str:
    from kb.analysis.forest import back_transformed

    found = back_transformed(report.synthesis.measure, report.synthesis.pooled)
    if found is None or not all(math.isfinite(value) for value in found):
        return "none"
    factor, unit = (100, " %") if MEASURES[report.synthesis.measure].counts == "one" else (1, "")
    return f"{factor * found[0]:.3g}{unit} ({factor * found[1]:.3g} to {factor * found[2]:.3g})"


def _command(name: str, report: Report, extract: Extract) -> str:
    measure = report.synthesis.measure
    endpoint = name.removesuffix(f"-{measure}")
    more = "" if measure == SINGLE else f" --measure {measure}"
    # A bar would end the cell of the table.
    return f"kb meta {endpoint}{more}{extract.options_without('endpoint')}".replace("|", "\\|")
