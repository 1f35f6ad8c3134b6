import math

from hypothesis import given
from hypothesis import strategies as st

from kb.analysis.effects import Effect
from kb.analysis.forest import drawn, layout
from kb.analysis.pooling.result import Settings
from kb.analysis.synthesis import Datum, synthesise


def plan_of(effects, measure="RR", method="DL"):
    data = [Datum(f"S{place}", (), Effect(*pair), None, f"S{place}", "") for place, pair in enumerate(effects)]
    return layout(synthesise(data, measure, Settings(method)))


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(1e-6, 100)), min_size=1, max_size=8), st.sampled_from(["RR", "MD"]))
def test_every_mark_lies_on_the_axis_in_order(effects, measure):
    plan = plan_of(effects, measure)
    for mark in plan.marks:
        assert 0 <= mark.low <= mark.high <= 1
        assert mark.low - 1e-9 <= mark.estimate <= mark.high + 1e-9
    assert all(-1e-9 <= place <= 1 + 1e-9 for place, _ in plan.ticks)
    assert {41} == {len(line) for line in drawn(plan)[:-1]}


def test_a_huge_interval_is_cut_and_says_so():
    plan = plan_of([(0.0, 0.01), (0.1, 0.02), (0.0, 400.0)])
    assert (True, True) == (plan.marks[2].cut_low, plan.marks[2].cut_high)
    assert drawn(plan)[2].startswith("<")
    assert drawn(plan)[2].endswith(">")


def test_the_line_of_no_effect_stands_where_the_ratio_is_one():
    plan = plan_of([(-1.0, 0.1), (1.0, 0.1)], method="EE")
    assert math.isclose(0.5, plan.null)
    assert ["study", "study", "pooled"] == [mark.kind for mark in plan.marks]
    assert ":" in drawn(plan)[0]


def test_a_proportion_has_its_axis_from_zero():
    data = [Datum("A", (1, 18), None, None, "A", ""), Datum("B", (0, 40), None, None, "B", "")]
    plan = layout(synthesise(data, "PLO", Settings("GLMM")))
    assert (0.0, None, False) == (plan.ticks[0][1], plan.null, plan.logarithmic)
    assert ["1/18", "0/40"] == [mark.counts for mark in plan.marks[:2]]


def test_without_an_estimate_there_is_an_axis_all_the_same():
    data = [Datum("A", (0, 18, 0, 20), None, None, "A", "")]
    plan = layout(synthesise(data, "OR", Settings("GLMM")))
    assert [None] == [mark.estimate for mark in plan.marks]
    assert "1" in drawn(plan)[-1]
    same = plan_of([(2.0, 1e-40), (2.0, 1e-40)], "MD", "EE")
    assert 2.0 == same.marks[0].values[0]


def test_a_narrow_axis_of_ratios_has_labels_too():
    from kb.analysis.forest import ticks

    assert [0.7, 1.0, 1.5, 2.0] == ticks(0.56, 2.1, True)
    assert [0.1, 0.2, 0.5, 1.0] == ticks(0.08, 1.2, True)
