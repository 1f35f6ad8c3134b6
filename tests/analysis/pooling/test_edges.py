"""Where estimators have nothing, or next to nothing, to go by."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.analysis.effects import NotEstimableError
from kb.analysis.pooling.binomial import climb, pool_proportions, regress_proportions
from kb.analysis.pooling.heterogeneity import estimate_tau2
from kb.analysis.pooling.inverse_variance import METHODS, pool_effects, regress
from kb.analysis.pooling.permutation import with_permutations
from kb.analysis.pooling.result import Settings
from kb.analysis.pooling.sensitivity import egger, influence, leave_one_out, trim_and_fill
from kb.analysis.pooling.tables import TwoByTwo, mantel_haenszel, peto
from kb.analysis.pooling.two_by_two import pool_tables

GLMM = Settings("GLMM")


@pytest.mark.parametrize(("events", "bound"), [([0, 0, 0], "at most 5.96 %"), ([20, 20, 20], "at least 94 %")])
def test_no_events_or_events_in_all_have_no_logit_and_an_exact_bound(events, bound):
    found = pool_proportions(events, [20, 20, 20], GLMM)
    assert (None, None, 3) == (found.estimate, found.tau2, found.k)
    assert bound in found.notes[0]


def test_studies_that_are_all_alike_have_the_common_proportion():
    found = pool_proportions([5, 10, 20], [25, 50, 100], GLMM)
    assert math.isclose(math.log(0.25), found.estimate)
    assert (0.0, True) == (found.tau2, math.isclose(0, found.q, abs_tol=1e-9))


def test_one_study_stands_for_itself():
    found = pool_proportions([5], [25], GLMM)
    assert math.isclose(math.log(0.25), found.estimate)
    assert (1, 0.0, 0.0, ("one study: it stands for itself",)) == (found.k, found.tau2, found.q, found.notes)
    alone = pool_effects([0.4], [0.05], Settings("REML", "knha"))
    assert (0.4, None, None) == (alone.estimate, alone.ci_low, alone.p)
    table = pool_tables([TwoByTwo(8, 40, 3, 42)], GLMM)
    assert math.isclose(math.log(8 * 39 / (3 * 32)), table.estimate, rel_tol=1e-6)


def test_t_widens_a_binomial_normal_interval():
    counts = ([0, 5, 3, 12], [20, 25, 18, 40])
    z, t = pool_proportions(*counts, GLMM), pool_proportions(*counts, Settings("GLMM", "knha"))
    assert t.ci_low < z.ci_low
    assert "does not exist for this model" in t.notes[-1]
    tables = [TwoByTwo(8, 40, 3, 42), TwoByTwo(5, 30, 6, 31)]
    assert pool_tables(tables, Settings("GLMM", "knha")).ci_low < pool_tables(tables, GLMM).ci_low


@pytest.mark.parametrize(("events", "totals"), [([0, 100, 0, 100], [100] * 4), ([0, 10, 4, 9], [10, 10, 9, 9]), ([0, 5], [5, 5])])
def test_studies_at_both_ends_have_no_maximum_that_can_be_trusted(events, totals):
    with pytest.raises(NotEstimableError, match="both ends of the scale"):
        pool_proportions(events, totals, GLMM)


def test_tables_at_both_ends_have_no_maximum_that_can_be_trusted():
    with pytest.raises(NotEstimableError, match="both ends of the scale"):
        pool_tables([TwoByTwo(200, 200, 0, 200), TwoByTwo(0, 200, 200, 200)], GLMM)


@pytest.mark.parametrize("pool", [lambda: pool_proportions([], [], GLMM), lambda: pool_effects([], [], Settings()), lambda: peto([], GLMM)])
def test_nothing_to_pool(pool):
    with pytest.raises(NotEstimableError, match="no study to pool"):
        pool()


def test_tables_without_a_ratio():
    both_zero = [TwoByTwo(0, 10, 0, 10)]
    for pool in (
        lambda: mantel_haenszel("OR", both_zero, Settings()),
        lambda: peto(both_zero, Settings()),
        lambda: pool_tables(both_zero, GLMM),
    ):
        with pytest.raises(NotEstimableError):
            pool()
    one_sided = [TwoByTwo(3, 10, 0, 10), TwoByTwo(2, 10, 0, 12)]
    for measure in ("RR", "OR"):
        with pytest.raises(NotEstimableError):
            mantel_haenszel(measure, one_sided, Settings())
    with pytest.raises(NotEstimableError, match="zero on a diagonal"):
        pool_tables(one_sided, GLMM)
    with pytest.raises(NotEstimableError, match="every patient of every table"):
        mantel_haenszel("RR", [TwoByTwo(10, 10, 10, 10)], Settings())
    with pytest.raises(NotEstimableError, match="every patient of every table fared alike"):
        mantel_haenszel("RD", both_zero, Settings())
    for pool in (lambda: mantel_haenszel("OR", [], Settings()), lambda: pool_tables([], GLMM)):
        with pytest.raises(NotEstimableError, match="no study to pool"):
            pool()


def test_tables_that_say_nothing_stay_out_and_are_told():
    tables = [TwoByTwo(0, 10, 0, 10), TwoByTwo(3, 10, 1, 10), TwoByTwo(0, 12, 2, 11)]
    assert (2, True) == ((found := mantel_haenszel("OR", tables, Settings())).k, "1 without an event" in found.notes[-1])
    assert "1 tables that have an effect" in found.notes[0]
    assert (2, 1) == ((found := peto(tables, Settings())).k, len(found.notes))
    assert (2, True) == ((found := pool_tables(tables, GLMM)).k, "1 in which all fared alike" in found.notes[0])


@pytest.mark.parametrize("method", METHODS)
def test_identical_effects_leave_no_variance_between_studies(method):
    found = pool_effects([0.3, 0.3, 0.3], [0.1, 0.1, 0.1], Settings(method))
    assert (0.3, 0.0) == (pytest.approx(found.estimate), found.tau2)
    assert 0.0 == pool_effects([0.3, 0.3, 0.3], [0.1, 0.1, 0.1], Settings(method, "knha")).se


@pytest.mark.parametrize("method", METHODS)
def test_variance_between_studies_scales_with_the_effects(method):
    y, v = np.array([-0.5, 0.1, 1.4, 0.8]), np.array([0.1, 0.02, 0.3, 0.05])
    x = np.ones((4, 1))
    assert math.isclose(9 * estimate_tau2(method, y, v, x), estimate_tau2(method, 3 * y + 7, 9 * v, x), rel_tol=1e-9)


def test_a_likelihood_with_two_maxima_gives_the_higher():
    y, v, x = np.array([0.0, 0.0, 0.0, 12.0]), np.array([0.01, 0.01, 0.01, 30.0]), np.ones((4, 1))
    best = estimate_tau2("ML", y, v, x)

    def log_likelihood(tau2):
        w = 1 / (v + tau2)
        return 0.5 * np.log(w).sum() - 0.5 * (w * (y - (w * y).sum() / w.sum()) ** 2).sum()

    assert log_likelihood(best) >= max(log_likelihood(tau2) for tau2 in np.geomspace(1e-6, 1e3, 400)) - 1e-9


@pytest.mark.parametrize("values", [([1.0], [0.0]), ([math.nan], [1.0]), ([1.0], [math.inf])])
def test_variances_must_be_positive_and_finite(values):
    with pytest.raises(NotEstimableError, match="positive variance"):
        pool_effects(*values, Settings())


def test_moderators_that_cannot_be_told_apart_are_refused():
    y, v = [0.1, 0.4, 0.2, 0.9], [0.1] * 4
    for columns, why in (
        ([("x", [1, 1, 1, 1])], "the same in all 4"),
        ([("x", [1, 2, 3, 4]), ("y", [2, 4, 6, 8])], "told apart"),
        ([("a", [1, 2, 3, 5]), ("b", [2, 1, 2, 3]), ("c", [0, 1, 0, 3])], "too few"),
    ):
        with pytest.raises(NotEstimableError, match=why):
            regress(y, v, columns, Settings())
        with pytest.raises(NotEstimableError, match=why):
            regress_proportions([1, 2, 3, 4], [10, 10, 10, 10], columns, GLMM)


def test_a_binomial_regression_on_groups_is_the_difference_of_their_logits():
    found = regress_proportions([5, 10, 20, 40], [25, 50, 50, 100], [("late", [0, 0, 1, 1])], GLMM)
    assert math.isclose(math.log(0.25), found.coefficients[0].estimate, rel_tol=1e-6)
    assert math.isclose(math.log(0.4 / 0.6) - math.log(0.25), found.coefficients[1].estimate, rel_tol=1e-6)
    assert (0.0, None) == (found.tau2, found.permutation_p)


def test_a_group_without_events_has_no_binomial_regression():
    with pytest.raises(NotEstimableError, match="no finite logit"):
        regress_proportions([0, 0, 5, 6], [20, 20, 20, 20], [("late", [0, 0, 1, 1])], GLMM)


def test_random_orders_are_seeded_and_hold_the_observed_one():
    y, v, x = [0.1 * n for n in range(9)], [0.05] * 9, [("x", list(range(9)))]
    first, again = (with_permutations(y, v, x, Settings("DL", "adhoc"), seed=7) for _ in range(2))
    assert first == again
    assert (1000, False) == (first.permutations, first.exact)
    assert 1 / 1000 <= first.permutation_p <= 0.01


def test_effects_on_a_line_have_no_test():
    found = with_permutations([0.0, 1.0, 2.0, 3.0], [0.1] * 4, [("x", [0, 1, 2, 3])], Settings("DL", "knha"), seed=1)
    assert found.permutations == 0 or found.permutation_p is not None


def test_too_few_for_sensitivity():
    for analysis, wanted in ((leave_one_out, "two"), (influence, "three"), (trim_and_fill, "three")):
        with pytest.raises(NotEstimableError, match=wanted):
            analysis([0.1], [0.1], Settings())
    with pytest.raises(NotEstimableError, match="agree to the last digit"):
        influence([0.0, 0.0, 0.0], [0.1, 0.1, 0.1], Settings("DL", "knha"))
    for analysis in (egger, trim_and_fill):
        with pytest.raises(NotEstimableError):
            analysis([0.1, 0.2, 0.4], [0.1, 0.1, 0.1], Settings())


def test_a_climb_that_runs_off_is_given_up_at_its_bound():
    asked = []

    def ridge(at):
        asked.append(float(at[-1]))
        return float(at[-1])

    with pytest.raises(NotEstimableError, match="both ends of the scale"):
        climb(ridge, np.array([0.0]), bound=10.0)
    assert 10 < max(asked) < 14
    assert len(asked) < 20


def test_a_function_without_a_maximum_is_told():
    with pytest.raises(NotEstimableError, match="has no maximum"):
        climb(lambda at: float(at[0]), np.array([0.0]))


@pytest.mark.parametrize(("method", "tau2"), [("REML", 49.9675228457), ("ML", 24.988125328)])
def test_two_precise_studies_among_vague_ones_set_the_variance_between_studies(method, tau2):
    """The first bracket is too low here; metafor 3.8-1 gives these with threshold 1e-12, stepadj 0.5 and tau2.init 40."""
    y, v = np.array([-5.0, 5, 0, 0, 0, 0, 0, 0]), np.array([0.01, 0.01, *[1e6] * 6])
    assert tau2 == pytest.approx(estimate_tau2(method, y, v, np.ones((8, 1))), rel=1e-9)


def test_a_line_that_fits_to_the_last_digit_has_no_test():
    columns = [("x", [-1.0, 1.0, -1.0, 1.0])]
    found = with_permutations([-0.5, 0.5, -0.5, 0.5], [0.25] * 4, columns, Settings("DL", "knha"), seed=1)
    assert (None, None, 0) == (found.qm, found.permutation_p, found.permutations)
    assert 0.5 == pytest.approx(found.coefficients[1].estimate)


def test_trim_and_fill_needs_three_studies():
    with pytest.raises(NotEstimableError, match="three studies or more"):
        trim_and_fill([0.1, 0.2], [0.1, 0.1], Settings())


def test_levels_of_studies_at_the_ends_are_found_by_shorter_steps():
    """Full steps overshoot here; metafor 3.8-1's rma.glmm(measure = "OR") gives -11.0657 with standard error 1.2193."""
    found = pool_tables([TwoByTwo(0, 50, 50, 50), TwoByTwo(3, 10, 19999, 20000)], GLMM)
    assert (-11.0657, 0.0) == (round(found.estimate, 4), found.tau2)
    assert 1.2193 == pytest.approx(found.se, rel=5e-4)


@pytest.mark.parametrize(
    ("events", "totals", "estimate", "se", "tau2"),
    [
        # metafor 3.8-1: rma.glmm(measure = "PLO"); studies lie so far apart that Newton's steps alone never find the tops of the integrands.
        ([0, 5], [20, 10], -2.726453, 2.6704, 8.558001),
        ([20, 5], [20, 10], 2.72645, 2.670398, 8.558008),
        ([0, 10], [20, 20], -2.688078, 2.677391, 8.6129),
        ([0, 9, 15], [20, 20, 20], -1.176594, 1.617947, 6.121215),
        ([1, 19], [20, 20], 0.0, 2.366301, 10.09716),
        ([0, 0, 0, 12], [20, 20, 20, 20], -5.77617, 3.801654, 18.28262),
    ],
)
def test_proportions_far_apart(events, totals, estimate, se, tau2):
    found = pool_proportions(events, totals, GLMM)
    assert (estimate, se, tau2) == pytest.approx((found.estimate, found.se, found.tau2), rel=1e-3, abs=1e-5)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(30, 60)), min_size=1, max_size=5), st.floats(-6, 6), st.floats(0, 6))
def test_each_integrand_is_taken_at_its_top(counts, middle, tau):
    from kb.analysis.pooling.binomial import _modes

    x, n = (np.array([values], float) for values in zip(*counts, strict=True))
    load = np.full_like(x, tau)
    top = _modes(x, n, np.full_like(x, middle), load)
    slope = (load * (x - n / (1 + np.exp(-(middle + load * top))))).sum(axis=0) - top
    assert np.abs(slope).max() < 1e-6


def test_variances_that_rounding_would_decide_are_refused():
    with pytest.raises(NotEstimableError, match=r"differ more than 1e\+14 times"):
        pool_effects([1.0, 2.0], [1e12, 1e-12], Settings())
