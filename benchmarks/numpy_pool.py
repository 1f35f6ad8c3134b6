"""What `kb meta` is measured against: numpy and scipy, loaded, and the same pool by REML written out for one file."""

from __future__ import annotations

import sys

import numpy as np
from scipy.special import chdtrc, ndtri


def main() -> None:
    """Read `xi,ni`, pool the logits by REML and print the estimate with its interval, tau2, Q and P."""
    x, n = np.loadtxt(sys.argv[1], delimiter=",", skiprows=1, unpack=True)
    y, v = np.log(x / (n - x)), 1 / x + 1 / (n - x)
    tau2 = float(np.var(y))
    for _ in range(200):
        w = 1 / (v + tau2)
        mean = (w * y).sum() / w.sum()
        score = (w**2 * (y - mean) ** 2).sum() - w.sum() + (w**2).sum() / w.sum()
        trace = (w**2).sum() - 2 * (w**3).sum() / w.sum() + ((w**2).sum() / w.sum()) ** 2
        step = score / trace
        tau2 = max(0.0, tau2 + step)
        if abs(step) < 1e-12:
            break
    w = 1 / (v + tau2)
    mean, se = (w * y).sum() / w.sum(), w.sum() ** -0.5
    common = 1 / v
    q = (common * (y - (common * y).sum() / common.sum()) ** 2).sum()
    print(mean, mean - ndtri(0.975) * se, mean + ndtri(0.975) * se, tau2, q, chdtrc(len(y) - 1, q))


if __name__ == "__main__":
    main()
