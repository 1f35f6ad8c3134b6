"""Mantel-Haenszel and Peto: common effects of two-by-two tables that take zero cells as they are.

Sources: Mantel and Haenszel 1959; Robins, Breslow and Greenland 1986 (variance of the odds ratio); Greenland and Robins 1985
(risk ratio); Sato, Greenland and Robins 1989 (risk difference); Yusuf et al. 1985 (Peto). Formulas as in metafor's `rma.mh`
and `rma.peto`. Q is taken over the tables whose own effect exists without a correction; metafor's default adds 0.5 there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.analysis.effects import NotEstimableError, table_effect
from kb.analysis.pooling.distributions import chi2_p, normal_crit, normal_p
from kb.analysis.pooling.result import Pooled, Settings


@dataclass(frozen=True, slots=True)
class TwoByTwo:
    """Events and patients of two arms."""

    ai: float
    n1i: float
    ci: float
    n2i: float


def mantel_haenszel(measure: str, tables: Sequence[TwoByTwo], settings: Settings, *, add: float = 0.0) -> Pooled:
    """Pool tables by Mantel and Haenszel.

    Args:
        measure: `RR`, `OR` or `RD`.
        tables: The tables; those without an event in either arm stay out of ratios, to which they contribute nothing.
        settings: Only the level matters.
        add: Added to the cells of a table with a zero for Q alone, never for the estimate.

    Raises:
        NotEstimableError: If no finite ratio exists.
    """
    used = [one for one in tables if measure == "RD" or one.ai + one.ci > 0]
    if not used:
        raise NotEstimableError("there is no event in any table" if tables else "there is no study to pool")
    estimate, variance = {"RR": _risk_ratio, "OR": _odds_ratio, "RD": _risk_difference}[measure](used)
    parts = []
    # Tables in which all fared alike have no effect of their own, whatever a correction would make of them.
    for one in (one for one in used if 0 < one.ai + one.ci < one.n1i + one.n2i):
        try:
            parts.append(table_effect(measure, one.ai, one.n1i, one.ci, one.n2i, add=add))
        except NotEstimableError:  # it has its share in the estimate, but no effect of its own to differ by
            continue
    q = sum((part.estimate - estimate) ** 2 / part.variance for part in parts)
    notes = [f"Q is over the {len(parts)} tables that have an effect of their own"] if len(parts) < len(used) else []
    if len(used) < len(tables):
        notes.append(f"{len(tables) - len(used)} without an event in either arm: they say nothing of a ratio")
    return _common("MH", estimate, variance, q, len(parts), len(used), settings, notes)


def _odds_ratio(tables: Iterable[TwoByTwo]) -> tuple[float, float]:
    r = s = pr = both = qs = 0.0
    for one in tables:
        total, bi, di = one.n1i + one.n2i, one.n1i - one.ai, one.n2i - one.ci
        p, q = (one.ai + di) / total, (bi + one.ci) / total
        ri, si = one.ai * di / total, bi * one.ci / total
        r, s = r + ri, s + si
        pr, both, qs = pr + p * ri, both + p * si + q * ri, qs + q * si
    if r == 0 or s == 0:
        raise NotEstimableError("the tables together have a zero on a diagonal: no finite odds ratio")
    return math.log(r / s), (pr / r**2 + both / (r * s) + qs / s**2) / 2


def _risk_ratio(tables: Iterable[TwoByTwo]) -> tuple[float, float]:
    r = s = d = 0.0
    for one in tables:
        total = one.n1i + one.n2i
        r, s = r + one.ai * one.n2i / total, s + one.ci * one.n1i / total
        d += one.n1i / total * (one.n2i / total) * (one.ai + one.ci) - one.ai / total * one.ci
    if r == 0 or s == 0:
        raise NotEstimableError("one of the arms has no event in any table: no finite risk ratio")
    if d <= 0:
        raise NotEstimableError("every patient of every table had the event: the variance is zero")
    return math.log(r / s), d / (r * s)


def _risk_difference(tables: Iterable[TwoByTwo]) -> tuple[float, float]:
    held = [(one, one.n1i + one.n2i) for one in tables]
    weight = sum(one.n1i * one.n2i / total for one, total in held)
    estimate = sum(one.ai * one.n2i / total - one.ci * one.n1i / total for one, total in held) / weight
    first = sum(
        one.ci * (one.n1i / total) ** 2 - one.ai * (one.n2i / total) ** 2 + one.n1i / total * (one.n2i / total) * (one.n2i - one.n1i) / 2
        for one, total in held
    )
    second = sum(one.ai * (one.n2i - one.ci) / total + one.ci * (one.n1i - one.ai) / total for one, total in held) / 2
    variance = (estimate * first + second) / weight**2
    if variance <= 0:
        raise NotEstimableError("every patient of every table fared alike: the variance is zero")
    return estimate, variance


def peto(tables: Sequence[TwoByTwo], settings: Settings) -> Pooled:
    """Pool tables by Peto's one-step odds ratio; `tables` and `settings` as in `mantel_haenszel`.

    Raises:
        NotEstimableError: If one of the two outcomes never occurs.
    """
    parts = []
    for one in tables:
        try:
            parts.append(table_effect("PETO", one.ai, one.n1i, one.ci, one.n2i))
        except NotEstimableError:  # all fared alike: observed equals expected, so that it adds nothing to either sum
            continue
    if not parts:
        raise NotEstimableError("one of the two outcomes never occurs" if tables else "there is no study to pool")
    weight = sum(1 / part.variance for part in parts)
    estimate = sum(part.estimate / part.variance for part in parts) / weight
    q = sum((part.estimate - estimate) ** 2 / part.variance for part in parts)
    notes = [f"{len(tables) - len(parts)} in which all fared alike: they say nothing of a ratio"] if len(parts) < len(tables) else []
    return _common("PETO", estimate, 1 / weight, q, len(parts), len(parts), settings, notes)


def _common(method: str, estimate: float, variance: float, q: float, parts: int, k: int, settings: Settings, notes: list[str]) -> Pooled:
    se, half = math.sqrt(variance), normal_crit(settings.level) * math.sqrt(variance)
    df = max(parts - 1, 0)
    several = df > 0
    return Pooled(
        method=method, test="z", level=settings.level, k=k, estimate=estimate, se=se, ci_low=estimate - half, ci_high=estimate + half,
        p=normal_p(estimate / se), tau2=0.0, q=q if several else 0.0, q_df=df, q_p=chi2_p(q, df) if several else 1.0,
        i2=max(0.0, 100 * (q - df) / q) if several and q > 0 else 0.0, h2=q / df if several else 1.0, notes=tuple(notes),
    )  # fmt: skip
