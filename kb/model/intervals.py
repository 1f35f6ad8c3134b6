"""Intervals of a single proportion, exact and approximate, without a numeric library.

`kb show`, the tables and the pages need an interval within milliseconds; importing scipy costs 0.75 s.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

_TINY = 1e-300
_STEPS = 100_000
_LAST = 1e-10
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Bounds:
    """Lower and upper bound of a proportion, both fractions in [0, 1]."""

    low: float
    high: float


@cache
def clopper_pearson(events: int, total: int, *, level: float = 95.0) -> Bounds:
    """Exact interval of a proportion.

    Args:
        events: Patients with the event, 0 to `total`.
        total: Patients evaluated, at least 1.
        level: Confidence level in percent.

    Raises:
        ValueError: If the counts or the level are impossible.

    Source: Clopper and Pearson 1934, through quantiles of the beta distribution.
    """
    tail = _tail(events, total, level)
    # Exact at the ends: bisection would leave 0/n with a lower bound just above 0.
    low = 0.0 if events == 0 else beta_quantile(tail, events, total - events + 1)
    high = 1.0 if events == total else beta_quantile(1 - tail, events + 1, total - events)
    return Bounds(low, high)


def wilson(events: int, total: int, *, level: float = 95.0) -> Bounds:
    """Score interval of a proportion without continuity correction; arguments as in `clopper_pearson`.

    Raises:
        ValueError: If the counts or the level are impossible.

    Source: Wilson 1927; Newcombe 1998, method 3.
    """
    z = _NORMAL.inv_cdf(1 - _tail(events, total, level))
    share, square = events / total, z * z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = z * math.sqrt(share * (1 - share) / total + square / (4 * total * total)) / (1 + square / total)
    # Exact at the ends: rounding would leave 10/10 with an upper bound just under 1.
    return Bounds(0.0 if events == 0 else middle - half, 1.0 if events == total else middle + half)


def jeffreys(events: int, total: int, *, level: float = 95.0) -> Bounds:
    """Equal-tailed interval under the Jeffreys prior, with the ends set to 0 and 1; arguments as in `clopper_pearson`.

    Raises:
        ValueError: If the counts or the level are impossible.

    Source: Brown, Cai and DasGupta 2001.
    """
    tail = _tail(events, total, level)
    low = 0.0 if events == 0 else beta_quantile(tail, events + 0.5, total - events + 0.5)
    high = 1.0 if events == total else beta_quantile(1 - tail, events + 0.5, total - events + 0.5)
    return Bounds(low, high)


def _tail(events: int, total: int, level: float) -> float:
    if not 0 <= events <= total or total < 1:
        raise ValueError(f"{events} of {total} is not a proportion")
    if not 0 < level < 100:
        raise ValueError(f"a confidence level lies between 0 and 100 percent, not at {level}")
    return (1 - level / 100) / 2


def beta_quantile(probability: float, a: float, b: float) -> float:
    """Quantile of the beta distribution for a probability in (0, 1): steps of third order, halved wherever one leaves the bracket.

    The first guess is normal on the logit scale, with the variance by the delta method. A step that moves by less than a
    ten-thousandth of a millionth leaves an error far below what the distribution function itself resolves.
    """
    low, high = 0.0, 1.0
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    x = 1 / (1 + b / a * math.exp(-_NORMAL.inv_cdf(probability) * math.sqrt((a + b) / (a * b))))
    while True:
        beyond = beta_cdf(x, a, b) - probability
        low, high = (x, high) if beyond < 0 else (low, x)
        density = math.exp(scale + (a - 1) * math.log(x) + (b - 1) * math.log1p(-x))
        step = beyond / density if density > _TINY else math.inf
        bend = 1 - step * ((a - 1) / x - (b - 1) / (1 - x)) / 2
        following = x - step / max(bend, 0.5)
        if low < following < high:
            if abs(following - x) <= _LAST * x:
                return following
        else:
            following = (low + high) / 2
            if following in (low, high):
                return following
        x = following


def beta_cdf(x: float, a: float, b: float) -> float:
    """Regularised incomplete beta function I_x(a, b) for x in [0, 1] and positive a, b.

    Source: continued fraction DLMF 8.17.22, evaluated by the modified Lentz method.
    """
    if x <= 0 or x >= 1:
        return min(max(x, 0.0), 1.0)
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast on the other side only
        return 1 - beta_cdf(1 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    # No function is called in the loop: thousands of intervals of one answer spend their time here.
    both = a + b
    c, d = 1.0, 1 - both * x / (a + 1)
    result = d = 1 / (d or _TINY)
    for m in range(1, _STEPS):
        twice = a + 2 * m
        even = m * (b - m) * x / ((twice - 1) * twice)
        d = 1 / (1 + even * d or _TINY)
        c = 1 + even / c or _TINY
        result *= d * c
        odd = -(a + m) * (both + m) * x / (twice * (twice + 1))
        d = 1 / (1 + odd * d or _TINY)
        c = 1 + odd / c or _TINY
        change = d * c
        result *= change
        if -1e-15 < change - 1 < 1e-15:
            return front * result
    raise ArithmeticError(f"the incomplete beta function did not converge at x={x}, a={a}, b={b}")
