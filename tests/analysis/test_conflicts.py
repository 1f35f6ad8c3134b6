"""Planted pairs land where they belong: true conflict, explained by what differs, underpowered null, same patients."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.analysis.conflicts import KINDS, conflicts
from kb.analysis.selection import Selection, select
from kb.analysis.stands import Stand, differences, power, power_words
from kb.records.index import open_index
from tests.builders import SOURCE, make_collection, study_data

FINDING = {
    "biomarker": "eosinophil-count",
    "compartment": "blood",
    "timepoint": {"when": "on-treatment"},
    "population": "all",
    "source": SOURCE,
}
BETTER = {
    **FINDING,
    "kind": "association",
    "endpoint": "objective-response",
    "association": "positive",
    "adjustment": "unadjusted",
    "p": 0.01,
}
NONE = {**BETTER, "association": "none", "basis": "tested", "p": 0.4}


def a_record(name, *, n=20, findings=None, outcomes=None, **changes):
    numbers = {"populations.all.n": n, "arms.a.n": n}
    return study_data(
        id=f"{name}-1991-x",
        **{
            "reports.main.pmid": str(1 + sum(map(ord, name))),
            "reports.main.title": f"About {name}",
            "reports.main.authors": [f"{name.title()} AB"],
            "findings": findings or {},
            "outcomes": outcomes or {},
            "claims": {},
            **numbers,
            **changes,
        },
    )


@pytest.fixture
def ask(tmp_path):
    folders = count()

    def run(*records, kinds=KINDS, **options):
        with open_index(make_collection(tmp_path / f"collection-{next(folders)}", *records)) as index:
            return conflicts(index, select(index, options) if options else Selection(), kinds=kinds)

    return run


def one(found):
    assert 1 == len(found), [conflict.question for conflict in found]
    return found[0]


def test_a_true_conflict_says_who_says_what_and_that_nothing_differs_but_patients(ask):
    conflict = one(ask(a_record("yes", findings={"x": BETTER}), a_record("no", n=40, findings={"y": NONE})))
    assert ("marker-endpoint", "eosinophil count and response (on-treatment)") == (conflict.kind, conflict.question)
    assert {"better": ["Yes 1991"], "none": ["No 1991"]} == {
        position: [stand.label for stand in stands] for position, stands in conflict.sides.items()
    }
    assert ("patients: 20 against 40",) == conflict.differs
    assert "positive (better for the patient)" == conflict.sides["better"][0].said
    assert "no association, tested" == conflict.sides["none"][0].said
    assert conflict.sides["none"][0].place.endswith(f"no-1991-x.yaml:{conflict.sides['none'][0].line}")


def test_it_is_symmetric_and_a_third_study_joins_both(ask):
    yes, no, third = a_record("yes", findings={"x": BETTER}), a_record("no", findings={"y": NONE}), a_record("too", findings={"z": NONE})
    forth, back = ask(yes, no), ask(no, yes)
    assert forth == back
    assert 2 == len(one(ask(yes, no, third)).sides["none"])


def test_an_underpowered_null_is_said_to_be_one(ask):
    conflict = one(
        ask(
            a_record("yes", n=100, findings={"x": BETTER}),
            a_record("no", n=8, findings={"y": NONE}),
            a_record("strong", n=400, findings={"z": NONE}),
        )
    )
    assert [
        "No 1991 (n 8) against Yes 1991 (P 0.01, n 100): power 11 %, too few to see it",
        "Strong 1991 (n 400) against Yes 1991 (P 0.01, n 100): power 100 %, could have seen it",
    ] == list(conflict.power)


def test_what_differs_is_named(ask):
    tumour = {**NONE, "compartment": "tumour", "timepoint": {"when": "baseline"}, "endpoint": "complete-response", "adjustment": "adjusted"}
    other = {"populations.all.conditions": ["melanoma"], "design.type": "retrospective", "reports.main.year": 2005}
    conflict = one(ask(a_record("yes", findings={"x": BETTER}), a_record("no", findings={"y": tumour}, **other)))
    assert "eosinophil count and response" == conflict.question
    assert {
        "time: during treatment against before treatment",
        "compartment: blood against tumour",
        "endpoint: objective response against complete response",
        "adjustment: unadjusted against adjusted",
        "disease: renal cell carcinoma against melanoma",
        "design: clinical trial against retrospective study",
        "decade: 1990s against 2000s",
    } == set(conflict.differs)


def test_shared_patients_are_named(ask):
    overlap = {"relation": "same-trial", "certainty": "certain", "reason": "same number"}
    conflict = one(
        ask(
            a_record("yes", findings={"x": BETTER}, overlaps=[{**overlap, "study": "no-1991-x"}]),
            a_record("no", findings={"y": NONE}, overlaps=[{**overlap, "study": "yes-1991-x"}]),
        )
    )
    assert ("Yes 1991 and No 1991 (no-1991-x, yes-1991-x): same-trial",) == conflict.shared


@pytest.mark.parametrize(
    "second",
    [
        {**NONE, "basis": "implied-by-omission"},
        {**NONE, "basis": "activation-without-response"},
        {**BETTER, "p": 0.2},
        {**NONE, "endpoint": "overall-survival"},
        {**NONE, "biomarker": "crp-concentration"},
        {**NONE, "biomarker": "eosinophil-cd25-expression"},
        {**BETTER, "association": "unclear"},
    ],
    ids=["implied", "no-responders", "agreeing", "other-endpoint", "other-marker", "other-class", "unclear"],
)
def test_what_is_no_conflict(ask, second):
    assert [] == ask(a_record("yes", findings={"x": BETTER}), a_record("no", findings={"y": second}))


def test_a_study_does_not_contradict_itself(ask):
    assert [] == ask(a_record("yes", findings={"x": BETTER, "y": NONE}))


@pytest.mark.parametrize(("marker", "other"), [("eosinophil-count", "eosinophil-percentage"), ("thyroid-dysfunction", "hypothyroidism")])
def test_the_same_analyte_and_the_narrower_term_ask_the_same(ask, marker, other):
    conflict = one(
        ask(a_record("yes", findings={"x": {**BETTER, "biomarker": marker}}), a_record("no", findings={"y": {**NONE, "biomarker": other}}))
    )
    assert {"better", "none"} == set(conflict.sides)


def test_time_comes_first_then_what_lies_across_times(ask):
    baseline = {**NONE, "timepoint": {"when": "baseline"}}
    assert (
        "eosinophil count and response"
        == one(ask(a_record("yes", findings={"x": BETTER}), a_record("no", findings={"y": baseline}))).question
    )


CHANGE = {**FINDING, "kind": "change", "direction": "increase"}


@pytest.mark.parametrize(("direction", "expected"), [("decrease", 1), ("no-change", 1), ("increase", 0), ("mixed", 0)])
def test_directions_under_treatment(ask, direction, expected):
    found = ask(a_record("up", findings={"x": CHANGE}), a_record("other", findings={"y": {**CHANGE, "direction": direction}}))
    assert expected == len(found)
    assert {"marker-direction"} >= {conflict.kind for conflict in found}


def test_directions_compare_for_the_very_same_measure_only(ask):
    share = {**CHANGE, "biomarker": "eosinophil-percentage", "direction": "decrease"}
    assert [] == ask(a_record("up", findings={"x": CHANGE}), a_record("down", findings={"y": share}))


ARM = {"label": "other", "n": 10, "regimen": [{"phase": "treatment", "components": [
    {"agent": "interferon-alfa-2b", "role": "investigational", "dose": "not-reported", "route": "subcutaneous", "schedule": "not-reported"}]}]}  # fmt: skip


def compared(**result):
    comparison = {"kind": "randomised", "arms": ["b"], "versus": ["a"], "differs": ["interferon-alfa-2b"]}
    return {
        "c": {
            "endpoint": "overall-survival",
            "population": "all",
            "comparison": comparison,
            "result": {"kind": "contrast", "measure": "hr", **result},
            "source": SOURCE,
        }
    }


@pytest.mark.parametrize(
    ("result", "position"),
    [
        ({"direction": "worse", "p": 0.02}, "worse"),
        ({"direction": "no-difference"}, "no better"),
        ({"p": 0.4}, "no better"),
        ({"direction": "better", "p": 0.09}, "no better"),
        ({"direction": "better", "p": "NS"}, "no better"),
    ],
)
def test_an_added_agent_that_helps_in_one_trial_and_not_in_another(ask, result, position):
    conflict = one(
        ask(
            a_record("yes", outcomes=compared(direction="better", p=0.01), **{"arms.b": ARM}),
            a_record("no", outcomes=compared(**result), **{"arms.b": ARM}),
        )
    )
    assert ("intervention-endpoint", {"better", position}) == (conflict.kind, set(conflict.sides))
    assert "interferon alfa-2b added, and survival" == conflict.question


def test_a_comparison_told_the_other_way_round_is_turned(ask):
    turned = compared(direction="better", p=0.01)
    turned["c"]["comparison"] = {"kind": "randomised", "arms": ["a"], "versus": ["b"], "differs": ["interferon-alfa-2b"]}
    conflict = one(
        ask(
            a_record("yes", outcomes=compared(direction="better", p=0.01), **{"arms.b": ARM}),
            a_record("no", outcomes=turned, **{"arms.b": ARM}),
        )
    )
    assert {"better", "worse"} == set(conflict.sides)


@pytest.mark.parametrize(("dose", "route", "expected"), [("600,000 IU/kg", "iv-bolus", 1), ("9 MIU", "subcutaneous", 0)])
def test_where_the_agent_that_both_sides_get_is_given_otherwise_nothing_is_added(ask, dose, route, expected):
    shared = {"agent": "aldesleukin", "role": "investigational", "dose": dose, "route": route, "schedule": "not-reported"}
    both = {**ARM, "regimen": [{"phase": "treatment", "components": [shared, *ARM["regimen"][0]["components"]]}]}
    found = ask(
        a_record("yes", outcomes=compared(direction="better", p=0.01), **{"arms.b": both}),
        a_record("no", outcomes=compared(direction="no-difference"), **{"arms.b": ARM}),
    )
    assert expected == len(found)


def response(events, total, **changes):
    return {
        "r": {
            "endpoint": "objective-response",
            "population": "all",
            "result": {"kind": "proportion", "events": events, "total": total},
            "source": SOURCE,
            **changes,
        }
    }


def test_responses_whose_intervals_exclude_each_other(ask):
    conflict = one(
        ask(
            a_record("many", outcomes=response(20, 38)),
            a_record("few", n=391, outcomes={"r": {**response(0, 1)["r"], "result": {"kind": "proportion", "percent": 5, "total": 391}}}),
            a_record("between", outcomes=response(3, 12)),
        )
    )
    assert "response of renal cell carcinoma to aldesleukin" == conflict.question
    assert {"higher": ["20 of 38, 36 to 69 %"], "lower": ["20 of 391 (from a printed percentage), 3 to 8 %"]} == {
        position: [stand.said for stand in stands] for position, stands in conflict.sides.items()
    }


@pytest.mark.parametrize(
    "changes",
    [{"design.sampling": "case-control"}, {"populations.all.basis": "responders"}, {"populations.all.conditions": ["melanoma"]}],
    ids=["case-control", "responders", "other-disease"],
)
def test_rates_that_mean_something_else_do_not_compare(ask, changes):
    assert [] == ask(a_record("many", outcomes=response(20, 38)), a_record("few", outcomes=response(5, 391), **changes))


def test_overlapping_intervals_do_not_conflict(ask):
    assert [] == ask(a_record("many", outcomes=response(10, 38)), a_record("few", outcomes=response(5, 38)))


def test_a_selection_and_a_kind_narrow_it(ask):
    records = (a_record("yes", findings={"x": BETTER}), a_record("no", findings={"y": NONE}))
    assert [] == ask(*records, kinds=["marker-direction"])
    assert [] == ask(*records, biomarker="crp-concentration")
    assert 1 == len(ask(*records, biomarker="eosinophils"))


def a_stand(n=20, p=0.05, bound=False, **traits):
    return Stand("s", "i", "S", "s", "better", "", n, p, str(p), bound, traits, "f", 1)


@given(st.integers(4, 1000), st.integers(4, 1000), st.floats(1e-6, 0.9))
def test_power_is_a_probability_and_grows_with_patients(n, m, p):
    low, high = power(a_stand(n, p), a_stand(m)), power(a_stand(n, p), a_stand(2 * m))
    assert low is not None
    assert high is not None
    assert 0 < low <= high <= 1


def test_a_null_of_the_same_size_has_half_a_chance_at_a_just_significant_effect():
    assert pytest.approx(0.5, abs=0.001) == power(a_stand(50, 0.05), a_stand(50))


@pytest.mark.parametrize(
    ("effect", "null"),
    [(a_stand(p=None), a_stand()), (a_stand(n=None), a_stand()), (a_stand(), a_stand(n=None)), (a_stand(p=0.0), a_stand())],
)
def test_without_p_or_patients_there_is_no_power(effect, null):
    assert power(effect, null) is None


def test_a_bound_gives_a_least_power():
    (line,) = power_words([a_stand(100, 0.01, bound=True)], [Stand("other", "i", "O", "o", "none", "", 60, None, None, False, {}, "f", 1)])
    assert "power at least 51 %, might have missed it" in line


def test_three_sides_are_told_in_pairs():
    sides = {"better": [a_stand(time="a")], "none": [a_stand(time="b")], "worse": [a_stand(time="a")]}
    assert ["better against none: time: a against b", "none against worse: time: b against a"] == differences(sides)


def stood(name, position="none", n=10, p=None):
    return Stand(name, "x", name, name, position, position, n, p, None if p is None else str(p), False, {}, f"{name}.yaml", 1)


def test_of_many_effects_and_nulls_those_of_most_patients_are_told():
    effects = [stood(f"e{place:02}", "better", n=100 + place, p=0.01 if place % 2 else None) for place in range(30)]
    nulls = [stood(f"n{place:02}", n=place) for place in range(1, 22)]
    lines = power_words(effects, nulls)
    assert 20 * 20 + 1 == len(lines)
    assert "these are 20 of 30 effects and 20 of 21 nulls: those of most patients" == lines[-1]
    assert lines[0].startswith("n21 (n 21) against e29 (P 0.01, n 129): power ")
    assert not any("n01 " in line or "e00 " in line for line in lines)
    assert 20 * 20 == len(power_words(effects[:20], nulls[:20]))
