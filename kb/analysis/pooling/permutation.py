"""The permutation test of a meta-regression: how often moderators dealt out anew fit as well.

With few studies the normal test is too sure (Higgins and Thompson 2004). All orders are tried where they are few; else a
seeded sample, the observed order included, so that the P value is never zero.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import permutations

from kb.analysis.pooling.heterogeneity import Weighted, estimate_tau2
from kb.analysis.pooling.inverse_variance import moderators_test, regress
from kb.analysis.pooling.result import Regression, Settings

EXACT_UP_TO = 5040
"""Orders up to which all are tried: those of seven studies."""
SAMPLED = 1000
_TOLERANCE = 1e-9
"""Relative; orders that fit equally well must count although their sums round differently."""


def with_permutations(
    effects: Sequence[float], variances: Sequence[float], columns: Sequence[tuple[str, Sequence[float]]], settings: Settings, *, seed: int
) -> Regression:
    """Fit a meta-regression and add the permutation test of all its moderators.

    Args:
        effects: Effects on the analysis scale.
        variances: Their sampling variances.
        columns: Moderators: name and a value for each study.
        settings: How to pool.
        seed: Seed of the sample of orders.

    Raises:
        NotEstimableError: As `regress`.
    """
    import numpy as np

    found = regress(effects, variances, columns, settings)
    if found.qm is None:
        return found
    k = len(effects)
    exact = math.factorial(k) <= EXACT_UP_TO
    y, v = np.asarray(effects, float), np.asarray(variances, float)
    x = np.column_stack([np.ones(k), *(np.asarray(values, float) for _, values in columns)])
    orders = list(permutations(range(k))) if exact else list(_sample(k, seed))
    as_good = 0
    for order in orders:
        dealt = x[list(order)]
        fit = Weighted(y, v, dealt, estimate_tau2(settings.method, y, v, dealt))
        scale = 1.0 if settings.test == "z" else fit.q / (k - x.shape[1])
        if settings.test == "adhoc":
            scale = max(1.0, scale)
        statistic, _, _ = moderators_test(settings, fit, scale, k)
        as_good += statistic is None or statistic >= found.qm * (1 - _TOLERANCE)
    return replace(found, permutation_p=as_good / len(orders), permutations=len(orders), exact=exact)


def _sample(k: int, seed: int) -> Iterator[tuple[int, ...]]:
    dealer = random.Random(seed)
    order = list(range(k))
    yield tuple(order)
    for _ in range(SAMPLED - 1):
        dealer.shuffle(order)
        yield tuple(order)
