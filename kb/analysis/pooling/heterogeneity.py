"""The variance between studies: eight estimators, and its interval by the Q profile.

All work for a model with moderators; a plain pool has one column of ones. Each is pinned to metafor. Nothing holds a
matrix of studies by studies, so a thousand studies cost milliseconds.

Sources: DerSimonian and Laird 1986 (DL); Hedges and Olkin 1985 (HE); Hunter and Schmidt 1990 (HS); Sidik and Jonkman 2005
(SJ); Paule and Mandel 1982 (PM); Morris 1983 (EB); Viechtbauer 2005 (ML, REML); Viechtbauer 2007 (Q profile).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kb.analysis.pooling.distributions import chi2_quantile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]

_GRID = 48
_TIGHT = 1e-15


class Weighted:
    """A weighted least-squares fit at one value of tau2.

    Attributes:
        w: Weights, 1 / (v + tau2).
        a: (X' W X)^-1.
        beta: Coefficients.
        r: W (y - X beta), which is P y.
        q: y' P y, the weighted sum of squared residuals.
    """

    __slots__ = ("_x", "a", "beta", "q", "r", "w")

    def __init__(self, y: Array, v: Array, x: Array, tau2: float) -> None:
        """Fit; `y` and `v` have k values, `x` k rows."""
        import numpy as np

        self._x = x
        self.w = 1 / (v + tau2)
        weighted = x * self.w[:, None]
        self.a = np.linalg.inv(x.T @ weighted)
        self.beta = self.a @ (weighted.T @ y)
        residual = y - x @ self.beta
        self.r = self.w * residual
        self.q = float(self.r @ residual)

    @property
    def trace(self) -> float:
        """Trace of P."""
        second = self._x.T @ (self._x * (self.w**2)[:, None])
        return float(self.w.sum() - (self.a * second).sum())


def estimate_tau2(method: str, y: Array, v: Array, x: Array) -> float:
    """Return tau2 by one of `DL HE HS SJ PM EB ML REML`; `EE` gives 0.

    Args:
        method: Name of the estimator.
        y: Effects, centred or not.
        v: Sampling variances, positive.
        x: Model matrix, k by p of full rank with p < k.
    """
    k, p = x.shape
    if method == "EE":
        return 0.0
    y = y - y.mean()  # a common shift changes nothing but the rounding
    if method in ("DL", "HS"):
        fit = Weighted(y, v, x, 0)
        raw = (fit.q - (k - p)) / fit.trace if method == "DL" else (fit.q - k) / float(fit.w.sum())
        return max(0.0, float(raw))
    if method == "HE":
        return max(0.0, _hedges(y, v, x))
    if method == "SJ":
        start = float(y @ y) / k
        return start * Weighted(y, v, x, start).q / (k - p) if start > 0 else 0.0
    if method in ("PM", "EB"):  # one estimator: Morris's iteration ends where Paule and Mandel's equation holds
        return solve_q(y, v, x, k - p)
    return _likelihood(method, y, v, x)


def _hedges(y: Array, v: Array, x: Array) -> float:
    import numpy as np

    k, p = x.shape
    a = np.linalg.inv(x.T @ x)
    residual = y - x @ (a @ (x.T @ y))
    trace = float(v.sum() - (a * (x.T @ (x * v[:, None]))).sum())
    return float((float(residual @ residual) - trace) / (k - p))


def solve_q(y: Array, v: Array, x: Array, target: float) -> float:
    """Return the tau2 at which Q(tau2) equals a target, 0 where Q(0) lies below it.

    Q falls and is convex in tau2, so Newton's steps from the left never overshoot: tau2 only grows, and comes to rest.
    """
    tau2, step = 0.0, math.inf
    while step > _TIGHT * tau2:
        fit = Weighted(y, v, x, tau2)
        gap, slope = fit.q - target, float(fit.r @ fit.r)
        if gap <= 0 or slope == 0:
            break
        step = gap / slope
        tau2 += step
    return tau2


def _likelihood(method: str, y: Array, v: Array, x: Array) -> float:
    """Return the highest maximum of the (restricted) likelihood over tau2 >= 0.

    The likelihood may have several maxima; every change of sign of its slope on a grid is followed to its root, so the
    answer depends on no starting value.
    """
    import numpy as np

    k, p = x.shape

    def log_likelihood(tau2: float) -> float:
        fit = Weighted(y, v, x, tau2)
        found = 0.5 * (float(np.log(fit.w).sum()) - fit.q)
        return found + 0.5 * float(np.linalg.slogdet(fit.a)[1]) if method == "REML" else found

    def slopes(points: Array) -> Array:
        return _slopes(y, v, x, points, restricted=method == "REML")

    top = max(_hedges(y, v, x), 0.0) + float(y @ y) / (k - p) + float(v.min())
    while slopes(np.array([top]))[0] > 0:
        top *= 4
    grid = np.concatenate([[0.0], np.geomspace(top * 1e-9, top, _GRID)])
    found = slopes(grid)
    maxima = [0.0] if found[0] <= 0 else []
    falls = np.flatnonzero((found[:-1] > 0) & (found[1:] <= 0))
    maxima += [_root(slopes, float(grid[place]), float(grid[place + 1])) for place in falls]
    return max(maxima, key=log_likelihood)


def _slopes(y: Array, v: Array, x: Array, points: Array, *, restricted: bool) -> Array:
    """Return the slope of the (restricted) likelihood, but for a factor, at many values of tau2 at once."""
    import numpy as np

    w = 1 / (v + points[:, None])
    weighted = w[:, :, None] * x
    a = np.linalg.inv(weighted.transpose(0, 2, 1) @ x)
    beta = (a @ (weighted.transpose(0, 2, 1) @ y)[:, :, None])[:, :, 0]
    r = w * (y - beta @ x.T)
    loss = w.sum(axis=1)
    if restricted:
        loss = loss - (a * (weighted.transpose(0, 2, 1) @ weighted)).sum(axis=(1, 2))
    found: Array = (r**2).sum(axis=1) - loss
    return found


def _root(slopes: Callable[[Array], Array], left: float, right: float) -> float:
    """Return where a function falls through zero, by ever finer grids to the last digits that matter."""
    import numpy as np

    while right - left > _TIGHT * right:
        grid = np.linspace(left, right, _GRID)
        below = slopes(grid) <= 0
        below[0], below[-1] = False, True
        place = int(below.argmax())
        left, right = float(grid[place - 1]), float(grid[place])
    return (left + right) / 2


def q_profile(y: Array, v: Array, x: Array, level: float) -> tuple[float, float]:
    """Return the interval of tau2 that the Q profile gives, cut at 0; both 0 where even the upper bound lies below 0."""
    k, p = x.shape
    tail = (1 - level / 100) / 2
    return solve_q(y, v, x, chi2_quantile(1 - tail, k - p)), solve_q(y, v, x, chi2_quantile(tail, k - p))
