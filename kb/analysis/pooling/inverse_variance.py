"""Inverse-variance models: equal and random effects, with or without moderators.

Knapp and Hartung's test follows Knapp and Hartung 2003; the guard (`adhoc`) never lets it make an interval narrower than the
normal one. Intervals for a new study use the quantile of the test, as metafor does by default.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kb.analysis.effects import NotEstimableError
from kb.analysis.pooling.distributions import chi2_p, f_p, normal_crit, normal_p, t_crit, t_p
from kb.analysis.pooling.heterogeneity import Weighted, estimate_tau2, q_profile
from kb.analysis.pooling.result import Coefficient, Pooled, Regression, Settings

if TYPE_CHECKING:
    from kb.analysis.pooling.heterogeneity import Array

METHODS = ("DL", "REML", "PM", "ML", "EB", "SJ", "HS", "HE", "EE")
"""Methods of this module; `EE` is the common (equal) effect."""
_WIDEST = 1e14
"""Ratio of two variances up to which the sums over weights keep a digit of the smaller weight."""


def pool_effects(effects: Sequence[float], variances: Sequence[float], settings: Settings) -> Pooled:
    """Pool effects by their inverse variances.

    Args:
        effects: Effects on the analysis scale.
        variances: Their sampling variances.
        settings: How to pool.

    Raises:
        NotEstimableError: If there is no study, or a variance is not positive.
    """
    y, v, x = _arrays(effects, variances, None)
    k = len(y)
    tau2 = estimate_tau2(settings.method, y, v, x) if k > 1 else 0.0
    fit, common = Weighted(y, v, x, tau2), Weighted(y, v, x, 0)
    scale, crit = _test(settings, fit, k, 1)
    estimate, se = float(fit.beta[0]), math.sqrt(scale * float(fit.a[0, 0]))
    half = None if crit is None else crit * se
    spread = None if crit is None or settings.method == "EE" else crit * math.sqrt(se * se + tau2)
    q, q_p, i2, h2 = _heterogeneity(settings.method, common, tau2, k, 1)
    low, high = q_profile(y, v, x, settings.level) if k > 1 and settings.method != "EE" else (None, None)
    return Pooled(
        method=settings.method, test=settings.test, level=settings.level, k=k, estimate=estimate, se=se,
        ci_low=None if half is None else estimate - half, ci_high=None if half is None else estimate + half,
        p=_p(settings, estimate, se, k - 1),
        pi_low=None if spread is None else estimate - spread, pi_high=None if spread is None else estimate + spread,
        tau2=tau2, tau2_low=low, tau2_high=high, q=q, q_df=k - 1, q_p=q_p, i2=i2, h2=h2,
        weights=tuple((100 * fit.w / fit.w.sum()).tolist()), scale=scale, notes=_notes(settings, k),
    )  # fmt: skip


def _notes(settings: Settings, k: int) -> tuple[str, ...]:
    notes = []
    if k == 1:
        notes.append("one study: it stands for itself, and nothing is known of differences between studies")
    elif k < 5 and settings.method != "EE":
        notes.append(f"{k} studies: the variance between studies is hardly known, and the intervals are too sure of it")
    if settings.test != "z" and settings.method == "EE":
        notes.append("Knapp and Hartung's test is meant for random effects")
    return tuple(notes)


def regress(
    effects: Sequence[float], variances: Sequence[float], columns: Sequence[tuple[str, Sequence[float]]], settings: Settings
) -> Regression:
    """Fit a meta-regression with an intercept.

    Args:
        effects: Effects on the analysis scale.
        variances: Their sampling variances.
        columns: Moderators: name and a value for each study.
        settings: How to pool; one of `METHODS`.

    Raises:
        NotEstimableError: If there are too few studies for the moderators, or one of them does not vary.
    """
    y, v, x = _arrays(effects, variances, [values for _, values in columns])
    k, p = x.shape
    check_columns(x, columns)
    tau2 = estimate_tau2(settings.method, y, v, x)
    fit, common = Weighted(y, v, x, tau2), Weighted(y, v, x, 0)
    scale, crit = _test(settings, fit, k, p)
    names = ("intercept", *(name for name, _ in columns))
    errors = [math.sqrt(scale * float(fit.a[place, place])) for place in range(p)]
    coefficients = tuple(
        _coefficient(settings, name, float(value), error, crit, k - p) for name, value, error in zip(names, fit.beta, errors, strict=True)
    )
    q, q_p, i2, h2 = _heterogeneity(settings.method, common, tau2, k, p)
    qm, df, qm_p = moderators_test(settings, fit, scale, k)
    alone = estimate_tau2(settings.method, y, v, x[:, :1])
    return Regression(
        coefficients, k, tau2, q, k - p, q_p, i2, h2, max(0.0, 100 * (alone - tau2) / alone) if alone > 0 else None, qm, df, qm_p,
        covariance=rows_of(scale * fit.a),
    )  # fmt: skip


def rows_of(matrix: Array) -> tuple[tuple[float, ...], ...]:
    """Return a matrix as plain numbers, row by row."""
    return tuple(tuple(row) for row in matrix.tolist())


def check_columns(x: Array, columns: Sequence[tuple[str, Sequence[float]]]) -> None:
    """Refuse a model matrix that the studies cannot carry.

    Raises:
        NotEstimableError: Says which moderator is at fault, or that there are too few studies.
    """
    import numpy as np

    k, p = x.shape
    for name, values in columns:
        if len(set(values)) < 2:
            raise NotEstimableError(f"{name} is the same in all {k} studies" if k > 1 else f"one study alone says nothing of {name}")
    if k <= p:
        raise NotEstimableError(f"{k} studies are too few for {p} coefficients and a variance between studies")
    scaled = x / np.maximum(np.abs(x).max(axis=0), 1e-300)
    if np.linalg.matrix_rank(scaled) < p:
        raise NotEstimableError("the moderators cannot be told apart: one follows from the others")


def moderators_test(settings: Settings, fit: Weighted, scale: float, k: int) -> tuple[float | None, tuple[int, ...], float | None]:
    """Return the joint test of all coefficients but the intercept: statistic, degrees of freedom, P value."""
    import numpy as np

    p = len(fit.beta)
    m = p - 1
    if scale == 0:
        return None, (m,), None
    beta = fit.beta[1:]
    qm = float(beta @ np.linalg.solve(scale * fit.a[1:, 1:], beta))
    if settings.test == "z":
        return qm, (m,), chi2_p(qm, m)
    return qm / m, (m, k - p), f_p(qm / m, m, k - p)


def _coefficient(settings: Settings, name: str, value: float, error: float, crit: float | None, df: int) -> Coefficient:
    low, high = (None, None) if crit is None else (value - crit * error, value + crit * error)
    return Coefficient(name, value, error, low, high, value / error if error > 0 else None, _p(settings, value, error, df))


def _arrays(effects: Sequence[float], variances: Sequence[float], columns: Sequence[Sequence[float]] | None) -> tuple[Array, Array, Array]:
    import numpy as np

    y, v = np.asarray(effects, float), np.asarray(variances, float)
    if not len(y):
        raise NotEstimableError("there is no study to pool")
    if not (np.isfinite(y).all() and np.isfinite(v).all() and (v > 0).all()):
        raise NotEstimableError("every study needs a finite effect and a positive variance")
    if float(v.max()) > _WIDEST * float(v.min()):
        raise NotEstimableError(f"the variances of studies differ more than {_WIDEST:.0e} times: rounding would decide")
    rows: list[Any] = [np.ones(len(y)), *(columns or [])]
    return y, v, np.column_stack([np.asarray(row, float) for row in rows])


def _test(settings: Settings, fit: Weighted, k: int, p: int) -> tuple[float, float | None]:
    """Return the factor on the variance and the critical value; None where no degree of freedom is left."""
    if settings.test == "z":
        return 1.0, normal_crit(settings.level)
    if k == p:
        return 1.0, None
    scale = fit.q / (k - p)
    return max(1.0, scale) if settings.test == "adhoc" else scale, t_crit(settings.level, k - p)


def _p(settings: Settings, estimate: float, se: float, df: int) -> float | None:
    if se == 0 or (settings.test != "z" and df == 0):
        return None
    return normal_p(estimate / se) if settings.test == "z" else t_p(estimate / se, df)


def _heterogeneity(method: str, common: Weighted, tau2: float, k: int, p: int) -> tuple[float, float, float, float]:
    if k == p:
        return 0.0, 1.0, 0.0, 1.0
    q = max(0.0, common.q)
    if method == "EE":
        return q, chi2_p(q, k - p), max(0.0, 100 * (q - (k - p)) / q) if q > 0 else 0.0, q / (k - p)
    typical = (k - p) / common.trace
    return q, chi2_p(q, k - p), 100 * tau2 / (typical + tau2), tau2 / typical + 1
