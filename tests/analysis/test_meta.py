import pytest

from kb.analysis.effects import Effect
from kb.analysis.meta import Asked, analysed, regression_on
from kb.analysis.pooling.result import Settings
from kb.analysis.synthesis import Datum, synthesise


def one(label, *counts, effect=None, year=None, **traits):
    return Datum(label, counts, effect, year, label, f"own.csv:{label}", traits=traits)


ARMS = [one("A", 0, 20, dose=1.0, year=2001), one("B", 5, 25, dose=2.0), one("C", 3, 18, dose=3.0, year=1999), one("D", 9, 20, dose=4.0)]
TABLES = [
    one(name, a, 20, c, 20, dose=float(place))
    for place, (name, a, c) in enumerate([("A", 5, 2), ("B", 0, 3), ("C", 6, 2), ("D", 9, 4), ("E", 7, 3)])
]


def test_a_method_without_a_regression_says_what_stands_in():
    found = synthesise(TABLES, "OR", Settings("MH"))
    regression, notes = regression_on(found, Asked(moderators=("dose",)))
    assert 4 == regression.k
    assert (
        "B: no finite effect of its own, left out",
        "MH has no regression here: REML over the effects of the studies stands in",
        "4 studies are few for a coefficient: ten for each are the least that is advised, and P is too sure of itself",
    ) == notes


def test_a_moderator_that_does_not_vary_is_told():
    found = synthesise([one("A", 2, 20, kind="x"), one("B", 5, 25, kind="x")], "PLO", Settings("GLMM"))
    assert (None, ("no regression: kind is the same in all 2 studies",)) == regression_on(found, Asked(moderators=("kind",)))


def test_numbers_among_words_are_words():
    found = synthesise(
        [one("A", 2, 20, kind=3.0), one("B", 5, 25, kind="x"), one("C", 6, 25, kind="x"), one("D", 2, 22, kind=3.0)], "PAS", Settings("DL")
    )
    regression, _ = regression_on(found, Asked(moderators=("kind",)))
    assert ["intercept", "kind x (against 3)"] == [each.name for each in regression.coefficients]


def test_sensitivity_of_counts_rests_on_reml_and_says_when_it_cannot():
    every = Asked(sensitivity=("leave-one-out", "influence", "cumulative", "small-studies"))
    found = dict(analysed("t", "s", ARMS, "PLO", Settings("GLMM"), every).sensitivity)
    assert ["A", "B", "C", "D"] == [row["without"] for row in found["leave-one-out"]]
    assert ["C", "A", "B", "D"] == [row["with"] for row in found["cumulative"]] or ["A", "B", "C", "D"] == [
        row["with"] for row in found["cumulative"]
    ]
    assert {"REML"} == {row["method"] for row in found["influence"]}
    assert "none: 3 studies are too few for a funnel, Egger's test or trim-and-fill, which need 10" == found["small-studies"]
    alone = dict(analysed("t", "s", ARMS[:1], "PLO", Settings("GLMM"), every).sensitivity)
    assert "none: leaving one out needs two studies or more" == alone["leave-one-out"]
    assert alone["influence"].startswith("none: influence needs three")


def test_the_pool_grows_with_the_years():
    arms = [one("late", 5, 20, year=2001), one("never", 5, 25), one("early", 3, 18, year=1990)]
    found = dict(analysed("t", "s", arms, "PLO", Settings("GLMM"), Asked(sensitivity=("cumulative",))).sensitivity)
    assert [("early", 1), ("late", 2), ("never", 3)] == [(row["with"], row["k"]) for row in found["cumulative"]]


def test_a_line_without_a_pool_stands_without_an_estimate():
    tables = [one("A", 5, 20, 0, 20), one("B", 3, 20, 2, 20)]
    found = dict(analysed("t", "s", tables, "OR", Settings("MH"), Asked(sensitivity=("leave-one-out",))).sensitivity)
    assert [None] == [row["estimate"] for row in found["leave-one-out"] if row["without"] == "B"]


def test_ten_equally_large_studies_have_a_funnel_without_sides():
    arms = [one(str(place), effect=Effect(place / 10, 0.1)) for place in range(10)]
    found = dict(analysed("t", "s", arms, "GEN", Settings("DL"), Asked(sensitivity=("small-studies",))).sensitivity)
    assert found["small-studies"].startswith("none: ")


@pytest.mark.parametrize("by", ["dose", "missing"])
def test_groups_by_number_and_groups_not_stated(by):
    arms = [one("A", 2, 20, dose=1.5, missing=None), one("B", 5, 25, dose=2.0, missing="x")]
    names = [group.name for group in synthesise(arms, "PLO", Settings("GLMM"), by=by).groups]
    assert {"dose": ["1.5", "2"], "missing": ["x", "not stated"]}[by] == names
