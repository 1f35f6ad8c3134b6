"""A pool with the analyses that are asked for beside it: subgroups, meta-regression, sensitivity."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kb.analysis.effects import Effect, NotEstimableError
from kb.analysis.evidence_rows import check_field
from kb.analysis.forest import back_transformed
from kb.analysis.meta_report import Report
from kb.analysis.moderators import DOSES
from kb.analysis.pooling.result import Pooled, Regression, Settings
from kb.analysis.synthesis import COUNT_METHODS, Datum, Exclusion, Row, Synthesis, pool, synthesise

ENOUGH = 10
"""Studies for each coefficient of a meta-regression."""
Table = tuple[dict[str, float | str | None], ...]
"""Rows of named values."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for beside the pool.

    Attributes:
        by: Trait that makes subgroups, or None.
        moderators: Traits of the meta-regression.
        sensitivity: `leave-one-out`, `influence`, `cumulative`, `small-studies`.
        add: Added to zero cells.
        interval: Interval of single proportions.
        seed: Seed of the permutation test.
    """

    by: str | None = None
    moderators: tuple[str, ...] = ()
    sensitivity: tuple[str, ...] = ()
    add: float = 0.0
    interval: str = "clopper-pearson"
    seed: int = 1


def analysed(
    title: str, selection: str, data: Sequence[Datum], measure: str, settings: Settings, asked: Asked, *,
    excluded: Sequence[Exclusion] = (), **more: Any,
) -> Report:  # fmt: skip
    """Pool and do what else is asked for.

    Args:
        title: What was asked, in words.
        selection: The selection in words.
        data: Studies.
        measure: Measure of effect.
        settings: How to pool.
        asked: What else.
        excluded: What was left out before.
        more: Further fields of the report.

    Raises:
        UsageError: If a field does not exist, or the method does not know the measure.
    """
    for name in (*asked.moderators, *((asked.by,) if asked.by else ())):
        check_field(name, data)
    found = synthesise(data, measure, settings, by=asked.by, add=asked.add, interval=asked.interval, excluded=excluded)
    regression, notes = regression_on(found, asked) if asked.moderators else (None, ())
    tables = tuple((name, _told(found, name, asked)) for name in asked.sensitivity)
    notes = (*more.pop("regression_notes", ()), *notes)
    return Report(
        title,
        selection,
        found,
        by=asked.by,
        moderators=asked.moderators,
        regression=regression,
        regression_notes=notes,
        sensitivity=tables,
        add=asked.add,
        **more,
    )


def regression_on(found: Synthesis, asked: Asked) -> tuple[Regression | None, tuple[str, ...]]:
    """Return the meta-regression on traits of the rows, and why there is none or what it left out.

    Words become columns of 0 and 1 against the most frequent word. The binomial-normal model has no permutation test; under
    Mantel-Haenszel and Peto, which have no regression, REML stands in and says so.
    """
    held = [row for row in found.rows if all(row.datum.traits.get(name) is not None for name in asked.moderators)]
    # What has no comparable dose was named when doses were compared.
    notes = [
        f"{row.datum.label}: {names} not known, left out"
        for row in found.rows
        if row not in held and (names := _missing(row, asked.moderators))
    ]
    columns = [column for name in asked.moderators for column in _columns(name, [row.datum.traits[name] for row in held])]
    method = found.settings.method
    try:
        if not columns:
            what = "is known of no study" if not held else f"is the same in all {len(held)} studies"
            raise NotEstimableError(f"{' and '.join(asked.moderators)} {what}")
        if method == "GLMM" and found.measure == "PLO":
            fit, told = _by_counts(held, columns, found.settings, notes)
        else:
            fit, told = _by_effects(held, columns, found, asked, notes)
        return fit, (*told, *_too_few(fit))
    except NotEstimableError as error:
        return None, (*notes, f"no regression: {error}")


def _too_few(fit: Regression) -> Iterator[str]:
    """Say where there are fewer than ten studies for each coefficient (Cochrane Handbook 5.1, section 9.6.5.1)."""
    moderators = len(fit.coefficients) - 1
    if fit.k < ENOUGH * moderators:
        what = "a coefficient" if moderators == 1 else f"{moderators} coefficients"
        yield f"{fit.k} studies are few for {what}: ten for each are the least that is advised, and P is too sure of itself"


def _missing(row: Row, names: Sequence[str]) -> str:
    return " and ".join(name for name in names if row.datum.traits.get(name) is None and name not in DOSES)


def _columns(name: str, values: Sequence[str | float | None]) -> list[tuple[str, list[float]]]:
    if all(isinstance(value, float) for value in values):
        return [(name, [float(value or 0) for value in values])] if values else []
    words = [as_word(value) for value in values]
    order = levels(words)
    return [(f"{name} {word} (against {order[0]})", [float(one == word) for one in words]) for word in order[1:]]


def as_word(value: str | float | None) -> str:
    """Return a value of a moderator that holds words."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def levels(words: Sequence[str]) -> list[str]:
    """Return the words of a moderator, the most frequent first: the others stand against it."""
    return sorted(set(words), key=lambda word: (-words.count(word), word))


def _by_counts(
    held: Sequence[Row], columns: Sequence[tuple[str, Sequence[float]]], settings: Settings, notes: list[str]
) -> tuple[Regression, tuple[str, ...]]:
    from kb.analysis.pooling.binomial import regress_proportions

    found = regress_proportions([row.datum.counts[0] for row in held], [row.datum.counts[1] for row in held], columns, settings)
    return found, tuple(notes)


def _by_effects(
    held: Sequence[Row], columns: Sequence[tuple[str, Sequence[float]]], found: Synthesis, asked: Asked, notes: list[str]
) -> tuple[Regression, tuple[str, ...]]:
    from kb.analysis.pooling.permutation import with_permutations

    used = [(place, row.effect) for place, row in enumerate(held) if row.effect is not None]
    notes += [f"{row.datum.label}: no finite effect of its own, left out" for row in held if row.effect is None]
    settings = found.settings
    if settings.method in COUNT_METHODS:
        settings = Settings("REML", settings.test, settings.level)
        notes.append(f"{found.settings.method} has no regression here: REML over the effects of the studies stands in")
    chosen = [(name, [values[place] for place, _ in used]) for name, values in columns]
    effects = [effect for _, effect in used]
    result = with_permutations(
        [one.estimate for one in effects], [one.variance for one in effects], chosen, settings, seed=asked.seed
    )  # fmt: skip
    return result, tuple(notes)


def _told(found: Synthesis, name: str, asked: Asked) -> Table | str:
    make: Callable[[Synthesis, Asked], Table | str] = {
        "leave-one-out": _leave_one_out, "cumulative": _cumulative, "influence": _influence, "small-studies": _small_studies,
    }[name]  # fmt: skip
    try:
        return make(found, asked)
    except NotEstimableError as error:
        return f"none: {error}"


def _pool_of(rows: Sequence[Row], found: Synthesis, asked: Asked) -> Pooled:
    return pool([(row.datum, row.effect) for row in rows], found.measure, found.settings, asked.add)


def _line(first: Mapping[str, float | str | None], measure: str, pooled: Pooled | None) -> dict[str, float | str | None]:
    shown = back_transformed(measure, pooled) or (None, None, None)
    more = ("tau2", "i2") if pooled else ()
    return {
        **first, "k": pooled.k if pooled else None, "estimate": shown[0], "low": shown[1], "high": shown[2],
        **{key: getattr(pooled, key) for key in more}, **({} if pooled else {"tau2": None, "i2": None}),
    }  # fmt: skip


def _try(rows: Sequence[Row], found: Synthesis, asked: Asked) -> Pooled | None:
    try:
        return _pool_of(rows, found, asked)
    except NotEstimableError:  # the line then stands without an estimate
        return None


def _leave_one_out(found: Synthesis, asked: Asked) -> Table:
    if len(found.rows) < 2:
        raise NotEstimableError("leaving one out needs two studies or more")
    return tuple(
        _line({"without": row.datum.label}, found.measure, _try([*found.rows[:place], *found.rows[place + 1 :]], found, asked))
        for place, row in enumerate(found.rows)
    )


def _cumulative(found: Synthesis, asked: Asked) -> Table:
    """Pool as years went by; studies without a year come last, and studies of one year enter one after the other."""
    rows = sorted(found.rows, key=lambda row: (row.datum.year is None, row.datum.year or 0))
    return tuple(
        _line({"with": row.datum.label, "year": row.datum.year}, found.measure, _try(rows[: place + 1], found, asked))
        for place, row in enumerate(rows)
    )


def _effects(found: Synthesis) -> tuple[list[Row], list[Effect], Settings]:
    """Return rows with an effect of their own, and settings under which effects are pooled."""
    rows = [row for row in found.rows if row.effect is not None]
    settings = found.settings
    if settings.method in COUNT_METHODS:
        settings = Settings("REML", settings.test, settings.level)
    return rows, [row.effect for row in rows if row.effect is not None], settings


def _influence(found: Synthesis, asked: Asked) -> Table:
    """Influence of studies on the inverse-variance pool; under methods over counts, on that by REML."""
    from kb.analysis.pooling.sensitivity import influence

    rows, effects, settings = _effects(found)
    parts = influence([one.estimate for one in effects], [one.variance for one in effects], settings)
    return tuple(
        {
            "study": row.datum.label, "rstudent": one.rstudent, "dffits": one.dffits, "cook": one.cook, "cov_ratio": one.cov_ratio,
            "hat": one.hat, "influential": "yes" if one.influential else "", "method": settings.method,
        }
        for row, one in zip(rows, parts, strict=True)
    )  # fmt: skip


def _small_studies(found: Synthesis, asked: Asked) -> Table | str:
    from kb.analysis.pooling import sensitivity

    rows, effects, settings = _effects(found)
    if len(rows) < sensitivity.ENOUGH:
        return f"none: {len(rows)} studies are too few for a funnel, Egger's test or trim-and-fill, which need {sensitivity.ENOUGH}"
    y, v = [one.estimate for one in effects], [one.variance for one in effects]
    test, filled = sensitivity.egger(y, v, settings), sensitivity.trim_and_fill(y, v, settings)
    shown = back_transformed(found.measure, filled.pooled) or (None, None, None)
    return (
        {"analysis": f"Egger's test ({settings.method})", "statistic": test.statistic, "p": test.p, "filled": None, "estimate": None, "low": None, "high": None},
        {
            "analysis": f"trim-and-fill ({settings.method}), {'right' if filled.right else 'left'}", "statistic": None, "p": None,
            "filled": filled.filled, "estimate": shown[0], "low": shown[1], "high": shown[2],
        },
    )  # fmt: skip
