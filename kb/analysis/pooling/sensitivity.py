"""What a pool rests on: each study left out in turn, influence, the pool as years went by; and what small studies do.

Egger's regression and trim-and-fill are not offered below ten studies: they cannot tell chance from small-study effects there
(Sterne et al. 2011). Sources: Viechtbauer and Cheung 2010 (influence); Egger et al. 1997, in the random-effects form of
Sterne and Egger 2005; Duval and Tweedie 2000, estimator L0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.analysis.effects import NotEstimableError
from kb.analysis.pooling.heterogeneity import Weighted, estimate_tau2
from kb.analysis.pooling.inverse_variance import pool_effects, regress
from kb.analysis.pooling.result import Pooled, Settings

if TYPE_CHECKING:
    from kb.analysis.pooling.heterogeneity import Array

ENOUGH = 10
"""Studies below which nothing is said of small-study effects."""


def leave_one_out(effects: Sequence[float], variances: Sequence[float], settings: Settings) -> list[Pooled]:
    """Return the pool without each study in turn.

    Raises:
        NotEstimableError: If there are fewer than two studies.
    """
    if len(effects) < 2:
        raise NotEstimableError("leaving one out needs two studies or more")
    return [pool_effects(_without(effects, place), _without(variances, place), settings) for place in range(len(effects))]


def _without(values: Sequence[float], place: int) -> list[float]:
    return [*values[:place], *values[place + 1 :]]


@dataclass(frozen=True, slots=True)
class Influence:
    """What one study does to the pool.

    Attributes:
        rstudent: Its residual against the pool of the others, in standard errors.
        dffits: How far the pool moves with it, in standard errors.
        cook: Cook's distance.
        cov_ratio: Variance of the pool without it over that with it.
        hat: Its leverage, which is its share of the weight.
        influential: Whether one of metafor's bounds is passed.
    """

    rstudent: float
    dffits: float
    cook: float
    cov_ratio: float
    hat: float
    influential: bool


def influence(effects: Sequence[float], variances: Sequence[float], settings: Settings) -> list[Influence]:
    """Return what each study does to the pool.

    Raises:
        NotEstimableError: If there are fewer than three studies.
    """
    k = len(effects)
    if k < 3:
        raise NotEstimableError("influence needs three studies or more")
    full = pool_effects(effects, variances, settings)
    return [
        _influence(full, part, effects[place], variances[place], settings, k, full.weights[place] / 100)
        for place, part in enumerate(leave_one_out(effects, variances, settings))
    ]


def _influence(full: Pooled, part: Pooled, y: float, v: float, settings: Settings, k: int, hat: float) -> Influence:
    from kb.analysis.pooling.distributions import chi2_p

    (here, error), (there, other), scale = _point(full), _point(part), part.scale
    tau2 = part.tau2 or 0.0
    moved = here - there
    residual = (y - there) / math.sqrt(scale * (v + tau2) + other**2)
    dffits = moved / math.sqrt(scale * hat * (tau2 + v))
    cook = (moved / error) ** 2
    dfbeta = moved / math.sqrt(scale) / _se_with(other / math.sqrt(scale), v + tau2)
    influential = abs(dffits) > 3 * math.sqrt(1 / (k - 1)) or chi2_p(cook, 1) < 0.5 or hat > 3 / k or abs(dfbeta) > 1
    return Influence(residual, dffits, cook, (other / error) ** 2, hat, influential)


def _point(pooled: Pooled) -> tuple[float, float]:
    """Return estimate and standard error of an inverse-variance pool, which always has both."""
    if pooled.estimate is None or not pooled.se:
        raise NotEstimableError("the studies agree to the last digit: nothing can be set against their spread")
    return pooled.estimate, pooled.se


def _se_with(alone: float, variance: float) -> float:
    """Standard error of a pool after one more study of a variance joins at the same tau2."""
    return 1 / math.sqrt(1 / alone**2 + 1 / variance)


def cumulative(effects: Sequence[float], variances: Sequence[float], settings: Settings) -> list[Pooled]:
    """Return the pools of the first study, the first two, and so on, in the order given."""
    return [pool_effects(effects[: end + 1], variances[: end + 1], settings) for end in range(len(effects))]


@dataclass(frozen=True, slots=True)
class Egger:
    """Egger's regression of effects on their standard errors: test of its slope, and the effect at a standard error of zero."""

    statistic: float | None
    p: float | None
    limit: float


def egger(effects: Sequence[float], variances: Sequence[float], settings: Settings) -> Egger:
    """Regress effects on their standard errors under the model of the pool.

    Raises:
        NotEstimableError: If there are too few studies, or all are equally large.
    """
    errors = [math.sqrt(variance) for variance in variances]
    found = regress(effects, variances, [("standard error", errors)], settings)
    limit, slope = found.coefficients
    return Egger(slope.statistic, slope.p, limit.estimate)


@dataclass(frozen=True, slots=True)
class TrimFill:
    """Trim-and-fill: studies filled in, on which side, and the pool with them."""

    filled: int
    right: bool
    pooled: Pooled


def trim_and_fill(effects: Sequence[float], variances: Sequence[float], settings: Settings) -> TrimFill:
    """Fill in the studies that a symmetric funnel would hold (estimator L0).

    Raises:
        NotEstimableError: If there are fewer than three studies or the steps do not come to rest.
    """
    import numpy as np

    if len(effects) < 3:
        raise NotEstimableError("trim-and-fill needs three studies or more")
    y, v = np.asarray(effects, float), np.asarray(variances, float)
    right = _slope(y, v, settings) < 0
    turned = -y if right else y
    order = np.argsort(turned, kind="stable")
    turned, ordered = turned[order], v[order]
    filled, centre = _missing(turned, ordered, settings)
    if not filled:
        return TrimFill(0, right, pool_effects(effects, variances, settings))
    mirrored = 2 * centre - turned[-filled:]
    new = np.concatenate([y, -mirrored if right else mirrored])
    return TrimFill(filled, right, pool_effects(new.tolist(), np.concatenate([v, ordered[-filled:]]).tolist(), settings))


def _slope(y: Array, v: Array, settings: Settings) -> float:
    import numpy as np

    errors = np.sqrt(v)
    if float(np.ptp(errors)) == 0:
        raise NotEstimableError("all studies are equally large: a funnel has no sides")
    x = np.column_stack([np.ones(len(y)), errors])
    return float(Weighted(y, v, x, estimate_tau2(settings.method, y, v, x)).beta[1])


def _missing(y: Array, v: Array, settings: Settings) -> tuple[int, float]:
    """Return how many studies are missing on the left, and the centre, of effects in ascending order."""
    import numpy as np

    k, found, before = len(y), 0, -1
    centre = 0.0
    for _ in range(100):
        if found == before:
            return found, centre
        before = found
        kept, spread = y[: k - found], v[: k - found]
        ones = np.ones((len(kept), 1))
        tau2 = estimate_tau2(settings.method, kept, spread, ones) if len(kept) > 1 else 0.0
        centre = float(Weighted(kept, spread, ones, tau2).beta[0])
        away = y - centre
        ranks = np.empty(k)
        ranks[np.argsort(np.abs(away), kind="stable")] = np.arange(1, k + 1)
        above = float(ranks[away > 0].sum())
        found = max(0, round((4 * above - k * (k + 1)) / (2 * k - 1)))
    raise NotEstimableError("trim-and-fill did not come to rest")
