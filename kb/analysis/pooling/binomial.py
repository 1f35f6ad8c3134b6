"""The binomial-normal model for proportions: counts as they are, normal differences between studies on the logit scale.

It is the default for single arms. An inverse-variance pool needs an effect for every study, so that arms without a responder
must be corrected or dropped, and the correction pulls towards one half where responses are rare; here 0 of 20 enters as
0 of 20. Maximum likelihood by adaptive Gauss-Hermite quadrature with seven nodes, as metafor's `rma.glmm` over lme4.

Source: Stijnen, Hamza and Ozdemir 2010.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kb.analysis.effects import NotEstimableError
from kb.analysis.pooling.distributions import chi2_p, normal_crit, normal_p, proportion_bounds, t_crit, t_p
from kb.analysis.pooling.inverse_variance import check_columns, rows_of
from kb.analysis.pooling.result import Coefficient, Pooled, Regression, Settings

if TYPE_CHECKING:
    from kb.analysis.pooling.heterogeneity import Array

NODES = 7
"""Nodes of the quadrature; metafor's default, so that results compare."""
FARTHEST = 5.0
"""Standard deviation between studies on the logit scale beyond which seven nodes no longer hold the integral: measured with
0/10, 10/10, 4/9 and 9/9, where 7, 25 and 51 nodes put the maximum at three places. lme4 stops somewhere and does not say so."""
TOO_FAR = "studies lie at both ends of the scale: the binomial-normal model has no maximum that can be trusted; --measure PAS --method REML pools them"
GONE = 2 * FARTHEST
"""Where a climb is given up: it takes several steps uphill to come this far, so that one step too long is not refused."""
_STEP = 1e-4
_ROUNDS = 200
_AT_ONCE = 20_000
"""Studies whose nodes are held at once: a dozen arrays of seven numbers a study."""


def quadrature(x: Array, n: Array, middle: Array, tau: float, slope: Array | float = 1.0, *, count: int = NODES) -> Array:
    """Return the log likelihood of each study, the random effect integrated out.

    Args:
        x: Events, of shape (arms, studies); the arms of a study share its random effect.
        n: Patients, same shape.
        middle: Linear predictor without the random effect, same shape.
        tau: Standard deviation of the random effect; its sign does not matter.
        slope: What the random effect is multiplied by in each arm: broadcastable to the shape.
        count: Nodes.

    Returns:
        An array of k values, binomial constants left out.
    """
    import numpy as np

    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    load = tau * slope * np.ones_like(middle)
    u = _modes(x, n, middle, load)
    share = _shares(middle + load * u)
    width = 1 / np.sqrt((load**2 * n * share * (1 - share)).sum(axis=0) + 1)
    at = u[:, None] + width[:, None] * nodes
    eta = middle[:, :, None] + load[:, :, None] * at
    terms = (x[:, :, None] * eta - n[:, :, None] * np.logaddexp(0, eta)).sum(axis=0) - 0.5 * at**2 + 0.5 * nodes**2 + np.log(weights)
    top = terms.max(axis=1)
    found: Array = top + np.log(np.exp(terms - top[:, None]).sum(axis=1)) + np.log(width) - 0.5 * math.log(2 * math.pi)
    return found


def _shares(eta: Array) -> Array:
    import numpy as np

    share: Array = 1 / (1 + np.exp(-np.clip(eta, -700, 700)))
    return share


def _modes(x: Array, n: Array, middle: Array, load: Array) -> Array:
    """Return where each study's integrand is highest, by Newton's steps within a bracket.

    Steps alone may swing from one side to the other for ever where the random effect is large. The slope falls, so that its
    sign tells on which side the top lies; a step that leaves the bracket, or is not half of that before, halves the bracket.
    """
    import numpy as np

    u = np.zeros(x.shape[1])
    high = (np.abs(load) * n).sum(axis=0) + 1  # no slope is steeper than that at 0, and it falls by 1 or more for each unit
    low, before = -high, 2 * high
    for _ in range(200):
        share = _shares(middle + load * u)
        gradient = (load * (x - n * share)).sum(axis=0) - u
        curve = (load**2 * n * share * (1 - share)).sum(axis=0) + 1
        low, high = np.where(gradient > 0, u, low), np.where(gradient > 0, high, u)
        move = gradient / curve
        astray = (u + move <= low) | (u + move >= high) | (2 * np.abs(move) > before)
        move = np.where(astray & (np.abs(move) > 1e-11), (low + high) / 2 - u, move)
        before = np.abs(move)
        u = u + move
        if before.max() < 1e-11:
            break
    return u


def climb(function: Callable[[Array], float], start: Array, *, bound: float = math.inf) -> tuple[Array, float, Array]:
    """Maximise a smooth function of a few parameters by Newton's steps over central differences.

    Args:
        function: What is maximised.
        start: Where to begin.
        bound: Size of the last parameter beyond which the climb is given up: on a ridge that rises for ever, hundreds of
            steps would only tell the same later.

    Returns:
        Where the maximum lies, its value and the Hessian there.

    Raises:
        NotEstimableError: If no maximum is found within the bound.
    """
    import numpy as np

    here, value = start.astype(float), function(start)
    for _ in range(_ROUNDS):
        gradient, hessian = _derivatives(function, here, value)
        roots, turned = np.linalg.eigh(hessian)
        # Uphill whatever the curvature: a saddle or a flat ridge must not turn the step round.
        step = turned @ ((turned.T @ gradient) / np.maximum(np.abs(roots), 1e-8))
        step *= min(1.0, 3.0 / max(float(np.abs(step).max()), 1e-300))
        factor = 1.0
        while factor > 1e-6 and not (after := function(here + factor * step)) >= value:
            factor /= 2
        if factor <= 1e-6 or float(np.abs(here).max()) > 1e3 or (after - value < 1e-10 and float(np.abs(factor * step).max()) < 1e-7):
            return here, value, hessian
        here, value = here + factor * step, after
        if abs(here[-1]) > bound:
            break
    raise NotEstimableError(TOO_FAR)


def _derivatives(function: Callable[[Array], float], here: Array, value: float) -> tuple[Array, Array]:
    import numpy as np

    size = len(here)
    steps = np.eye(size) * _STEP * np.maximum(1.0, np.abs(here))
    up, down = [function(here + step) for step in steps], [function(here - step) for step in steps]
    width = np.diag(steps)
    gradient = (np.array(up) - np.array(down)) / (2 * width)
    hessian = np.diag((np.array(up) - 2 * value + np.array(down)) / width**2)
    for i in range(size):
        for j in range(i):
            both = (function(here + steps[i] + steps[j]) - up[i] - up[j] + value) + (
                function(here - steps[i] - steps[j]) - down[i] - down[j] + value
            )
            hessian[i, j] = hessian[j, i] = both / (2 * width[i] * width[j])
    return gradient, hessian


def common_logit(x: Array, n: Array, design: Array) -> tuple[Array, Array]:
    """Return coefficients and covariance of a logistic regression without differences between studies."""
    import numpy as np

    beta: Array = np.linalg.lstsq(design, np.log((x + 0.5) / (n - x + 0.5)), rcond=None)[0]
    for _ in range(100):
        share = 1 / (1 + np.exp(-(design @ beta)))
        information = design.T @ (design * (n * share * (1 - share))[:, None])
        step = np.linalg.solve(information, design.T @ (x - n * share))
        beta = beta + step
        if float(np.abs(step).max()) < 1e-12:
            covariance: Array = np.linalg.inv(information)
            return beta, covariance
        # Nobody's data hold a logit of 25; the steps are running off to infinity.
        if float(np.abs(design @ beta).max()) > 25:
            break
    raise NotEstimableError("a group has no events, or events in all patients: no finite logit")


def fit_proportions(x: Array, n: Array, design: Array) -> tuple[Array, Array, float, float]:
    """Fit the binomial-normal model: coefficients, their covariance, tau2, log likelihood without binomial constants."""
    import numpy as np

    beta, covariance = common_logit(x, n, design)
    counts, totals = x[None, :], n[None, :]

    def log_likelihood(parameters: Array) -> float:
        middle, tau = (design @ parameters[:-1])[None, :], float(parameters[-1])
        parts = [slice(start, start + _AT_ONCE) for start in range(0, len(x), _AT_ONCE)]
        return float(np.concatenate([quadrature(counts[:, at], totals[:, at], middle[:, at], tau) for at in parts]).sum())

    bottom = float((x * (design @ beta) - n * np.logaddexp(0, design @ beta)).sum())
    best: tuple[Array, Array, float, float] = (beta, covariance, 0.0, bottom)
    if len(x) <= design.shape[1]:
        return best
    for start in (0.3, 1.0):
        at, value, hessian = climb(log_likelihood, np.append(beta, start), bound=GONE)
        if abs(at[-1]) > FARTHEST:
            raise NotEstimableError(TOO_FAR)
        if value > best[3] + 1e-9 and abs(at[-1]) > 1e-3:
            best = (at[:-1], np.linalg.inv(-hessian)[:-1, :-1], float(at[-1]) ** 2, value)
    return best


def pool_proportions(events: Sequence[float], totals: Sequence[float], settings: Settings) -> Pooled:
    """Pool proportions by the binomial-normal model, on the logit scale.

    Args:
        events: Patients with the event.
        totals: Patients.
        settings: Level and test; with `knha` or `adhoc` the interval uses t with k - 1 degrees of freedom.

    Raises:
        NotEstimableError: If there is no study.
    """
    import numpy as np

    x, n = np.asarray(events, float), np.asarray(totals, float)
    k = len(x)
    if not k:
        raise NotEstimableError("there is no study to pool")
    if x.sum() in (0, n.sum()):
        return _at_the_end(x, n, settings)
    beta, covariance, tau2, _ = fit_proportions(x, n, np.ones((k, 1)))
    ratio = max(0.0, 2 * (_saturated(x, n) - _common_value(x, n)))
    weights, i2, h2 = _typical(x, n, tau2)
    notes = ["Q is the likelihood ratio against a proportion for each study"] if k > 1 else ["one study: it stands for itself"]
    return _wald("GLMM", float(beta[0]), math.sqrt(float(covariance[0, 0])), tau2, k, (ratio, i2, h2), settings, notes, weights)


def _wald(
    method: str, estimate: float, se: float, tau2: float, k: int, spread: tuple[float, float, float], settings: Settings,
    notes: Sequence[str], weights: tuple[float, ...] = (),
) -> Pooled:  # fmt: skip
    df = k - 1
    q, i2, h2 = spread
    as_t = settings.test != "z"
    crit = (t_crit(settings.level, df) if df else None) if as_t else normal_crit(settings.level)
    half, new = (None, None) if crit is None else (crit * se, crit * math.sqrt(se * se + tau2))
    if as_t:
        notes = [*notes, "the interval uses t; Knapp and Hartung's factor does not exist for this model"]
    return Pooled(
        method=method, test=settings.test, level=settings.level, k=k, estimate=estimate, se=se,
        ci_low=None if half is None else estimate - half, ci_high=None if half is None else estimate + half,
        p=(t_p(estimate / se, df) if df else None) if as_t else normal_p(estimate / se),
        pi_low=None if new is None else estimate - new, pi_high=None if new is None else estimate + new,
        tau2=tau2, q=q if df else 0.0, q_df=df, q_p=chi2_p(q, df) if df else 1.0, i2=i2, h2=h2, weights=weights, notes=tuple(notes),
    )  # fmt: skip


def _at_the_end(x: Array, n: Array, settings: Settings) -> Pooled:
    none = x.sum() == 0
    low, high = proportion_bounds("clopper-pearson", [x.sum()], [n.sum()], settings.level)
    what = "no events" if none else "events in all patients"
    bound = f"at most {100 * float(high[0]):.3g} %" if none else f"at least {100 * float(low[0]):.3g} %"
    return Pooled(
        method="GLMM", test=settings.test, level=settings.level, k=len(x), estimate=None,
        notes=(f"{what} in any of {len(x)} studies: the logit is not finite; were all one study, the exact {settings.level:g} % interval would "
               f"be {bound}",),
    )  # fmt: skip


def _saturated(x: Array, n: Array) -> float:
    import numpy as np

    share = x / n
    return float((x * np.log(np.where(x > 0, share, 1)) + (n - x) * np.log(np.where(x < n, 1 - share, 1))).sum())


def _common_value(x: Array, n: Array) -> float:
    share = float(x.sum() / n.sum())
    return float(x.sum() * math.log(share) + (n - x).sum() * math.log(1 - share))


def _typical(x: Array, n: Array, tau2: float) -> tuple[tuple[float, ...], float, float]:
    """Return approximate weights, I2 and H2 from variances of logits; 0.5 in empty cells as metafor does for these alone."""
    import numpy as np

    edge = np.where((x == 0) | (x == n), 0.5, 0.0)
    v = 1 / (x + edge) + 1 / (n - x + edge)
    w = 1 / (v + tau2)
    common = 1 / v
    k = len(x)
    if k == 1:
        return (100.0,), 0.0, 1.0
    typical = float((k - 1) / (common.sum() - (common**2).sum() / common.sum()))
    return tuple((100 * w / w.sum()).tolist()), 100 * tau2 / (typical + tau2), tau2 / typical + 1


def regress_proportions(
    events: Sequence[float], totals: Sequence[float], columns: Sequence[tuple[str, Sequence[float]]], settings: Settings
) -> Regression:
    """Fit a binomial-normal regression on the logit scale.

    Args:
        events: Patients with the event.
        totals: Patients.
        columns: Moderators: name and a value for each study.
        settings: Only the level matters.

    Raises:
        NotEstimableError: If a moderator does not vary, there are too few studies, or a group has no finite logit.
    """
    import numpy as np

    x, n = np.asarray(events, float), np.asarray(totals, float)
    design = np.column_stack([np.ones(len(x)), *(np.asarray(values, float) for _, values in columns)])
    k, p = design.shape
    check_columns(design, columns)
    # Steps are taken in standard deviations from the mean: years and doses would drown the intercept.
    middle, spread = design.mean(axis=0), design.std(axis=0)
    middle[0], spread[0] = 0.0, 1.0
    back = np.diag(1 / spread)
    back[0] -= middle / spread
    scaled = (design - middle) / spread
    at, cloud, tau2, _ = fit_proportions(x, n, scaled)
    beta, covariance = back @ at, back @ cloud @ back.T
    crit = normal_crit(settings.level)
    errors = [math.sqrt(float(value)) for value in np.diag(covariance)]
    names = ("intercept", *(name for name, _ in columns))
    coefficients = tuple(
        Coefficient(name, float(one), se, float(one) - crit * se, float(one) + crit * se, float(one) / se, normal_p(float(one) / se))
        for name, one, se in zip(names, beta, errors, strict=True)
    )
    qm = float(beta[1:] @ np.linalg.solve(covariance[1:, 1:], beta[1:]))
    alone = fit_proportions(x, n, design[:, :1])[2]
    predictor = scaled @ common_logit(x, n, scaled)[0]
    ratio = max(0.0, 2 * (_saturated(x, n) - float((x * predictor - n * np.logaddexp(0, predictor)).sum())))
    _, i2, h2 = _typical(x, n, tau2)
    return Regression(
        coefficients, k, tau2, ratio, k - p, chi2_p(ratio, k - p), i2, h2, max(0.0, 100 * (alone - tau2) / alone) if alone > 0 else None,
        qm, (p - 1,), chi2_p(qm, p - 1), notes=("the binomial-normal model has no permutation test; --method REML has",),
        covariance=rows_of(covariance),
    )  # fmt: skip
