"""Reference values: scipy 1.17.1, binomtest(k, n).proportion_ci(level, "exact" and "wilson") and beta.ppf for Jeffreys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.model.intervals import Bounds, beta_cdf, beta_quantile, clopper_pearson, jeffreys, wilson

REFERENCE = [
    # events, total, level, exact low and high, Wilson low and high, Jeffreys low and high
    (
        1,
        18,
        95,
        0.0014055561673740596,
        0.2729435996732089,
        0.009875190978303083,
        0.25757300781872594,
        0.0060613441653268995,
        0.2316118084895261,
    ),
    (0, 38, 95, 0.0, 0.09251276141587829, 0.0, 0.09180986822558396, 0.0, 0.06355825497022045),
    (
        36,
        255,
        95,
        0.10087688908235291,
        0.19005357213555152,
        0.10374942295634124,
        0.1892540980647305,
        0.10256936688729046,
        0.1878712784386341,
    ),
    (
        36,
        255,
        90,
        0.10661557649524837,
        0.18213162671255914,
        0.10906744340573976,
        0.18081977614257616,
        0.10835281534174894,
        0.17998223317529138,
    ),
    (5, 20, 99, 0.05833393605890944, 0.5597609077584391, 0.08736390840107405, 0.5371887921483027, 0.07102542277677855, 0.5336327734565605),
    (20, 20, 95, 0.8315665290169145, 1.0, 0.8388748419471808, 1.0, 0.8833610170951246, 1.0),
    (1, 1, 95, 0.025000000000000022, 1.0, 0.20654931437723745, 1.0, 0.14674631630957521, 1.0),
    (0, 1, 95, 0.0, 0.975, 0.0, 0.7934506856227626, 0.0, 0.8532536836904248),
    (
        30,
        120,
        95,
        0.17546461903005656,
        0.3372692162922581,
        0.18109821656809566,
        0.33441136664125615,
        0.1791069218790651,
        0.33278543123987575,
    ),
    (
        500,
        1000,
        95,
        0.46854917297179194,
        0.531450827028208,
        0.4690696003681042,
        0.5309303996318958,
        0.46904771269911394,
        0.5309522873008861,
    ),
    (
        3,
        100000,
        95,
        6.186763915927223e-06,
        8.767020256784099e-05,
        1.0202758544517341e-05,
        8.82080492517673e-05,
        8.449415825486267e-06,
        8.006161709151734e-05,
    ),
    (7, 11, 80, 0.4005268162806377, 0.8307666580179319, 0.4443623225030758, 0.7929348735366959, 0.44410391552187145, 0.7958922787076704),
]
ROUNDING = 1e-10  # relative; the reference stops its root search at an absolute 2e-12


@pytest.mark.parametrize("row", REFERENCE, ids=lambda row: f"{row[0]}-of-{row[1]}-at-{row[2]}")
def test_intervals_agree_with_the_reference(row):
    events, total, level, *expected = row
    found = [bound for method in (clopper_pearson, wilson, jeffreys) for bound in _pair(method(events, total, level=level))]
    assert pytest.approx(expected, rel=ROUNDING, abs=2e-12) == found


def _pair(bounds: Bounds) -> tuple[float, float]:
    return bounds.low, bounds.high


@given(st.integers(0, 300), st.integers(1, 300), st.sampled_from([50, 80, 90, 95, 99]))
def test_an_interval_holds_its_estimate_and_lies_in_0_to_1(events, total, level):
    events = min(events, total)
    for method in (clopper_pearson, wilson, jeffreys):
        bounds = method(events, total, level=level)
        assert 0 <= bounds.low <= events / total <= bounds.high <= 1


@given(st.integers(0, 100), st.integers(1, 100))
def test_the_exact_interval_mirrors(events, total):
    events = min(events, total)
    bounds, mirrored = clopper_pearson(events, total), clopper_pearson(total - events, total)
    assert pytest.approx(1 - bounds.high, abs=1e-12) == mirrored.low


@pytest.mark.parametrize(("events", "total", "level"), [(-1, 3, 95), (4, 3, 95), (0, 0, 95), (1, 2, 0), (1, 2, 100)])
def test_impossible_counts_and_levels_are_refused(events, total, level):
    for method in (clopper_pearson, wilson, jeffreys):
        with pytest.raises(ValueError, match=r"proportion|level"):
            method(events, total, level=level)


@pytest.mark.parametrize(("x", "expected"), [(-1, 0), (0, 0), (1, 1), (2, 1), (0.5, 0.5)])
def test_the_beta_distribution_at_its_ends_and_middle(x, expected):
    assert pytest.approx(expected) == beta_cdf(x, 3.0, 3.0)
    assert pytest.approx(0.5) == beta_quantile(0.5, 3.0, 3.0)
