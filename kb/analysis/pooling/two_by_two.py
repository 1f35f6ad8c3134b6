"""The binomial-normal model for two-by-two tables: log odds ratios that differ normally, and a free level in each study.

The model is metafor's `rma.glmm(measure="OR", model="UM.FS")`: logit p = level of the study + (odds ratio + difference) x
arm, arm coded 1/2 and -1/2. Zero cells enter as they are. The levels are profiled out one study at a time.

Source: Turner et al. 2000; Jackson et al. 2018, model 4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kb.analysis.effects import NotEstimableError
from kb.analysis.pooling.binomial import FARTHEST, GONE, TOO_FAR, climb, quadrature
from kb.analysis.pooling.distributions import chi2_p, normal_crit, normal_p, t_crit, t_p
from kb.analysis.pooling.result import Pooled, Settings
from kb.analysis.pooling.tables import TwoByTwo

if TYPE_CHECKING:
    from kb.analysis.pooling.heterogeneity import Array

_STEP = 1e-4


def pool_tables(tables: Sequence[TwoByTwo], settings: Settings) -> Pooled:
    """Pool odds ratios of two-by-two tables by the binomial-normal model.

    Args:
        tables: The tables; those in which all patients fared alike say nothing of an odds ratio and stay out.
        settings: Level and test; with `knha` or `adhoc` the interval uses t with k - 1 degrees of freedom.

    Raises:
        NotEstimableError: If no table is left, or the odds ratio is not finite.
    """
    import numpy as np

    used = [one for one in tables if 0 < one.ai + one.ci < one.n1i + one.n2i]
    if not used:
        raise NotEstimableError("all patients of every table fared alike" if tables else "there is no study to pool")
    if not _finite(used):
        raise NotEstimableError("the tables together have a zero on a diagonal: no finite odds ratio")
    x = np.array([[one.ai for one in used], [one.ci for one in used]], float)
    n = np.array([[one.n1i for one in used], [one.n2i for one in used]], float)
    profile = _Profile(x, n)
    best, hessian, bottom = _maximum(profile)
    estimate, tau2 = float(best[0]), float(best[1]) ** 2
    se = math.sqrt(float(np.linalg.inv(-hessian)[0, 0]))
    notes = [f"{len(tables) - len(used)} in which all fared alike: they say nothing of a ratio"] if len(used) < len(tables) else []
    return _told(estimate, se, tau2, profile.saturated - bottom, x, n, settings, notes)


def _finite(tables: Sequence[TwoByTwo]) -> bool:
    up = sum(one.ai * (one.n2i - one.ci) for one in tables)
    down = sum(one.ci * (one.n1i - one.ai) for one in tables)
    return up > 0 and down > 0


class _Profile:
    """The log likelihood of odds ratio and tau, each study's level at its best."""

    def __init__(self, x: Array, n: Array) -> None:
        import numpy as np

        self._x, self._n = x, n
        self._arms = np.array([[0.5], [-0.5]])
        share = x.sum(axis=0) / n.sum(axis=0)
        self._level = np.log(share / (1 - share))
        cell = x / n
        inside = x * np.log(np.where(x > 0, cell, 1)) + (n - x) * np.log(np.where(x < n, 1 - cell, 1))
        self.saturated = float(inside.sum())

    def __call__(self, parameters: Array) -> float:
        import numpy as np

        beta, tau = float(parameters[0]), float(parameters[1])

        def value(level: Array) -> Array:
            return quadrature(self._x, self._n, level + beta * self._arms, tau, self._arms)

        level, here = self._level, value(self._level)
        for _ in range(60):
            up, down = value(level + _STEP), value(level - _STEP)
            curve = np.minimum((up - 2 * here + down) / _STEP**2, -1e-6)
            step = np.clip(-(up - down) / (2 * _STEP) / curve, -1.5, 1.5)
            after = value(level + step)
            worse = after < here - 1e-12
            while worse.any() and np.abs(step[worse]).max() > 1e-9:
                step = np.where(worse, step / 2, step)
                after = value(level + step)
                worse = after < here - 1e-12
            level, here = level + step, after
            if np.abs(step).max() < 1e-7:
                break
        self._level = level  # the next call lies near: starting there saves most of the work
        return float(here.sum())


def _maximum(profile: _Profile) -> tuple[Array, Array, float]:
    """Return the parameters and Hessian at the maximum, and the log likelihood without differences between studies."""
    import numpy as np

    alone, bottom, curve = climb(lambda at: profile(np.array([at[0], 0.0])), np.array([0.0]))
    best, top = np.array([float(alone[0]), 0.0]), bottom
    hessian = np.diag([float(curve[0, 0]), -1.0])
    if profile._x.shape[1] > 1:
        for start in (0.3, 1.0):
            at, value, found = climb(profile, np.array([float(alone[0]), start]), bound=GONE)
            if abs(at[1]) > FARTHEST:
                raise NotEstimableError(TOO_FAR)
            if value > top + 1e-9 and abs(at[1]) > 1e-3:
                best, top, hessian = at, value, found
    return best, hessian, bottom


def _told(
    estimate: float, se: float, tau2: float, gap: float, x: Array, n: Array, settings: Settings, notes: list[str]
) -> Pooled:  # fmt: skip
    import numpy as np

    k = x.shape[1]
    df = k - 1
    edge = np.where(((x == 0) | (x == n)).any(axis=0), 0.5, 0.0)
    v = (1 / (x + edge) + 1 / (n - x + edge)).sum(axis=0)
    common, weights = 1 / v, 1 / (v + tau2)
    typical = float(df / (common.sum() - (common**2).sum() / common.sum())) if df else 1.0
    as_t = settings.test != "z"
    crit = (t_crit(settings.level, df) if df else None) if as_t else normal_crit(settings.level)
    half, new = (None, None) if crit is None else (crit * se, crit * math.sqrt(se * se + tau2))
    q = max(0.0, 2 * gap)
    notes.append("Q is the likelihood ratio against an odds ratio for each study" if df else "one study: it stands for itself")
    if as_t:
        notes.append("the interval uses t; Knapp and Hartung's factor does not exist for this model")
    return Pooled(
        method="GLMM", test=settings.test, level=settings.level, k=k, estimate=estimate, se=se,
        ci_low=None if half is None else estimate - half, ci_high=None if half is None else estimate + half,
        p=(t_p(estimate / se, df) if df else None) if as_t else normal_p(estimate / se),
        pi_low=None if new is None else estimate - new, pi_high=None if new is None else estimate + new,
        tau2=tau2, q=q if df else 0.0, q_df=df, q_p=chi2_p(q, df) if df else 1.0, i2=100 * tau2 / (typical + tau2) if df else 0.0,
        h2=tau2 / typical + 1 if df else 1.0, weights=tuple((100 * weights / weights.sum()).tolist()), notes=tuple(notes),
    )  # fmt: skip
