"""Quantiles and tails of the distributions that pooling needs, over scipy.special: scipy.stats costs 1.5 s to import."""

from __future__ import annotations

import math
from typing import Any


def normal_crit(level: float) -> float:
    """Return the two-sided critical value of the normal distribution for a level in percent."""
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 200))


def t_crit(level: float, df: float) -> float:
    """Return the two-sided critical value of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(df, 0.5 + level / 200))


def normal_p(z: float) -> float:
    """Return the two-sided P value of a standard normal deviate."""
    return math.erfc(abs(z) / math.sqrt(2))


def t_p(t: float, df: float) -> float:
    """Return the two-sided P value of a t statistic."""
    from scipy.special import stdtr

    return float(2 * stdtr(df, -abs(t)))


def chi2_p(q: float, df: float) -> float:
    """Return the upper tail of the chi-squared distribution."""
    from scipy.special import chdtrc

    return float(chdtrc(df, q)) if q > 0 else 1.0


def chi2_quantile(probability: float, df: float) -> float:
    """Return the quantile of the chi-squared distribution with this lower tail."""
    from scipy.special import gammaincinv

    return float(2 * gammaincinv(df / 2, probability))


def f_p(value: float, df1: float, df2: float) -> float:
    """Return the upper tail of the F distribution."""
    from scipy.special import fdtrc

    return float(fdtrc(df1, df2, value))


def proportion_bounds(kind: str, events: Any, totals: Any, level: float) -> tuple[Any, Any]:
    """Return intervals of many proportions at once.

    Args:
        kind: `clopper-pearson`, `wilson` or `jeffreys`.
        events: Array of events.
        totals: Array of patients.
        level: Level in percent.

    Returns:
        Arrays of lower and upper bounds, the same as those of `kb.model.intervals`.
    """
    import numpy as np
    from scipy.special import betaincinv

    x, n = np.asarray(events, float), np.asarray(totals, float)
    tail = (1 - level / 100) / 2
    if kind == "wilson":
        z = normal_crit(level)
        share = x / n
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        low, high = middle - half, middle + half
    else:
        below, above = ((0.5, 0.5), (0.5, 0.5)) if kind == "jeffreys" else ((0.0, 1.0), (1.0, 0.0))
        # The quantile has no meaning where a parameter is zero; those ends are set below.
        low = betaincinv(np.maximum(x + below[0], 0.5), np.maximum(n - x + below[1], 0.5), tail)
        high = betaincinv(np.maximum(x + above[0], 0.5), np.maximum(n - x + above[1], 0.5), 1 - tail)
    return np.where(x == 0, 0.0, low), np.where(x == n, 1.0, high)
