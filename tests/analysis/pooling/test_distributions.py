import math

import pytest

from kb.analysis.pooling import distributions
from kb.model import intervals


@pytest.mark.parametrize("kind", ["clopper-pearson", "wilson", "jeffreys"])
@pytest.mark.parametrize("level", [90.0, 95.0])
def test_many_intervals_at_once_are_those_one_by_one(kind, level):
    counts = [(0, 16), (1, 18), (9, 20), (20, 20), (3, 250)]
    one = getattr(intervals, kind.replace("-", "_"))
    low, high = distributions.proportion_bounds(kind, [x for x, _ in counts], [n for _, n in counts], level)
    for (x, n), lower, upper in zip(counts, low, high, strict=True):
        bounds = one(x, n, level=level)
        assert math.isclose(bounds.low, lower, abs_tol=1e-12)
        assert math.isclose(bounds.high, upper, abs_tol=1e-12)


def test_tails_and_quantiles_fit_together():
    assert math.isclose(0.05, distributions.normal_p(distributions.normal_crit(95)))
    assert math.isclose(0.1, distributions.t_p(distributions.t_crit(90, 4), 4))
    assert math.isclose(0.2, distributions.chi2_p(distributions.chi2_quantile(0.8, 3), 3))
    assert math.isclose(distributions.t_p(2.5, 7), distributions.f_p(6.25, 1, 7))
    assert 1.0 == distributions.chi2_p(0, 0)
