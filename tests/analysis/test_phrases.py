import pytest
from pydantic import TypeAdapter

from kb.analysis import phrases
from kb.model.algebra import Amount
from kb.model.base import GroupValue, Interval, Spread
from kb.model.quantities import PValue
from kb.model.regimen import Component, Schedule
from kb.model.results import Result
from kb.model.terms import Body, UnitFamily, VocabularyKind
from kb.model.vocabulary import ConditionTerm
from kb.records.collection import Vocabulary
from tests.builders import a_study

VOCABULARY = Vocabulary({VocabularyKind.CONDITIONS: {"renal-cell-carcinoma": ConditionTerm(label="renal cell carcinoma")}})
RESULT = TypeAdapter(Result)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, "3"),
        (0.006, "0.006"),
        (1234.5, "1,234"),
        (2_000_000_000_000, "2 million million"),
        (72_000, "72,000"),
        (600_000, "600,000"),
        (1.8e6, "1.8 million"),
        (5e10, "50,000 million"),
    ],
)
def test_numbers_are_marked_for_reading(value, expected):
    assert expected == phrases.number(value)


def test_amounts_carry_their_unit_and_range():
    assert phrases.amount(Amount(1.8e6, 1.8e6, UnitFamily.IU, Body.PER_KG)) == "1.8 million IU/kg"
    assert phrases.amount(Amount(5, 20, UnitFamily.MASS, Body.FLAT)) == "5 to 20 mg"


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (
            {"days": ["1-5", "15-19"], "times_per_day": 3, "max_doses": 28, "cycle_days": 84},
            "days 1-5, 15-19, 3 times a day, at most 28 doses, 84-day cycle",
        ),
        ({"days": [1], "cycle_days": 21}, "day 1, 21-day cycle"),
        ({"days_per_week": 5, "weeks": ["1-6"], "times_per_day": 1}, "5 days a week, weeks 1-6, once a day"),
        ({"weeks": [3], "infusion_hours": 24}, "week 3, round the clock"),
        ({"infusion_hours": 0.25, "cycles": 1}, "over 0.25 h, 1 cycle"),
        ({"cycles": 2, "cycles_max": 4, "until": "progression"}, "2 to 4 cycles, until progression"),
        ({"cycles_max": 3, "when": "if-responding"}, "up to 3 cycles, only when responding"),
        ({}, ""),
    ],
)
def test_schedules_in_words(schedule, expected):
    assert expected == phrases.schedule_structure(Schedule.model_validate({"text": "t", **schedule}))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"kind": "proportion", "events": 1, "total": 18}, "1 of 18; 5.6 %, 95 % exact interval 0.1 to 27.3 %"),
        ({"kind": "proportion", "events": 0, "total": 38}, "0 of 38; 0.0 %, 95 % exact interval 0.0 to 9.3 %"),
        ({"kind": "proportion", "events": 3, "total": 28, "percent": 10}, "3 of 28; 10 % as printed; 95 % exact interval 2.3 to 28.2 %"),
        ({"kind": "proportion", "percent": 9.9, "total": 81}, "9.9 % of 81 as printed"),
        ({"kind": "proportion", "events": 4}, "4 (of how many is not stated)"),
        ({"kind": "proportion", "total": 4}, "of 4, number not stated"),
        (
            {"kind": "proportion", "events": 30, "total": 120, "percent": 25, "interval": {"low": 17.5, "high": 33.7, "level": 95}, "p": 0.0014},
            "30 of 120; 25 % as printed; 95 % CI 17.5 to 33.7 % as printed; P = 0.0014",
        ),
        ({"kind": "time-to-event", "unit": "months", "median": "35+"}, "median 35+ months"),
        ({"kind": "time-to-event", "median": 9}, "median 9 (unit not stated)"),
        ({"kind": "time-to-event", "median_not_reached": True, "unit": "months", "range": {"low": 2, "high": "107+"}}, "median not reached; range 2 to 107+"),
        ({"kind": "time-to-event", "unit": "months", "times": [2, ">3", "36+"]}, "single times 2, >3, 36+ months"),
        (
            {"kind": "time-to-event", "landmarks": [{"at": 1, "unit": "years", "percent": 57, "interval": {"low": 40, "high": 70, "level": 95}}]},
            "at 1 years 57 %, 95 % CI 40 to 70 %",
        ),
        ({"kind": "time-to-event", "mean": 4, "unit": "weeks", "events": 3, "total": 9, "clock": "first metastasis"}, "mean 4 weeks; 3 of 9; counted from first metastasis"),
        (
            {"kind": "contrast", "measure": "hr", "estimate": 1.09, "interval": {"low": 0.88, "high": 1.35, "level": 97}, "p": 0.3988, "alpha": 0.001, "test": "log-rank"},
            "hazard ratio 1.09; 97 % CI 0.88 to 1.35; P = 0.3988; alpha allotted 0.001; log-rank",
        ),
        ({"kind": "contrast", "measure": "p-only", "p": "NS", "direction": "no-difference"}, "no difference; P not significant (NS)"),
        ({"kind": "contrast", "measure": "or", "estimate": 2, "adjusted_for": ["age", "stage"], "unit": "per unit"}, "odds ratio 2 per unit; adjusted for age and stage"),
        ({"kind": "continuous", "statistic": "mean", "value": 5, "unit": "ng/ml", "spread": {"sd": 2, "se": 1}, "n": 9}, "mean 5 ng/ml; SD 2 ng/ml, SE 1 ng/ml; n 9"),
        ({"kind": "count", "count": 12, "of": "courses"}, "12 courses"),
        ({"kind": "count", "count": 12}, "12"),
        ({"kind": "statement", "says": "better", "text": "longer with cells", "p": "<0.05", "test": "log-rank"}, "better: longer with cells; P <0.05; log-rank"),
        ({"kind": "statement", "says": "described", "text": "seen in a few"}, "seen in a few"),
    ],
)  # fmt: skip
def test_results_in_words(data, expected):
    assert expected == phrases.result(RESULT.validate_python(data))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, ""),
        ({"low": 3, "high": 9, "level": 90}, "90 % CI 3 to 9"),
        ({"low": 3, "high": 9}, "interval, level not stated 3 to 9"),
        ({"low": 22.14, "not_reached": True, "level": 95}, "95 % CI 22.14 to not reached"),
        ({"high": 3, "level": 95}, "95 % CI not given to 3"),
        ({"half_width": 17.5, "level": 95}, "95 % CI ± 17.5"),
    ],
)
def test_intervals_in_words(data, expected):
    assert expected == phrases.interval(None if data is None else Interval.model_validate(data))


def test_spreads_in_words():
    assert phrases.spread(None) == ""
    assert phrases.spread(Spread.model_validate({"low": 1, "quartiles": True})) == "quartiles 1 to not given"


@pytest.mark.parametrize(("printed", "expected"), [(None, ""), (0.04, "P = 0.04"), ("<0.01", "P <0.01"), ("NS", "P not significant (NS)")])
def test_p_values_in_words(printed, expected):
    assert expected == phrases.p_value(None if printed is None else PValue(printed))


def test_groups_in_words():
    value = GroupValue.model_validate(
        {
            "group": "responders",
            "n": 4,
            "before": 1,
            "after": 3,
            "value": 2,
            "unit": "cells",
            "direction": "increase",
            "events": 2,
            "text": "few",
        }
    )
    assert phrases.group(value) == "responders: n 4, from 1 to 3 cells, 2 cells, rose, 2 with it, few"
    assert phrases.group(GroupValue.model_validate({"group": "others", "after": 3})) == "others: from not given to 3"


def test_populations_in_words():
    study = a_study(**{"populations.few": {"n": "not-reported", "basis": "evaluable", "label": "the few", "within": "all"}})
    assert phrases.population(study, "all", VOCABULARY) == "renal cell carcinoma, treated (n 20)"
    assert phrases.population(study, "few", VOCABULARY) == "the few (n not reported)"
    assert phrases.population(study, "nobody", VOCABULARY) == "nobody"
    bare = a_study(**{"populations.all.conditions": []})
    assert phrases.population(bare, "all", VOCABULARY) == "treated (n 20)"


@pytest.mark.parametrize(
    ("dose", "schedule", "expected"),
    [
        ("100,000 Cetus units/kg", {"times_per_day": 3}, ["100,000 Cetus U/kg = 600,000 IU/kg per dose", "300,000 Cetus U/kg = 1.8 million IU/kg per day"]),
        ("5e10 cells", {}, []),
        ("not-reported", {}, []),
        ("6 ug/kg", {"days": [1], "times_per_day": 1, "cycles": 2}, ["0.006 mg/kg per dose", "0.006 mg/kg per day", "0.006 mg/kg per cycle", "0.012 mg/kg planned in all"]),
    ],
)  # fmt: skip
def test_the_algebra_stands_beside_the_print(dose, schedule, expected):
    component = Component.model_validate(
        {"agent": "x", "role": "investigational", "dose": dose, "route": "iv", "schedule": {"text": "t", **schedule}}
    )
    assert expected == phrases.normalised(component, {("cetus-units", "iu"): 6.0})


def test_absent_doses_and_numbers_are_named():
    component = Component.model_validate({"agent": "x", "role": "supportive", "dose": "not-measured", "route": "iv", "schedule": "unclear"})
    assert phrases.dose(component) == "dose not measured"
    assert phrases.patients(component.schedule) == "number unclear in the source"
    assert [phrases.patients(1), phrases.patients(2)] == ["1 patient", "2 patients"]


@pytest.mark.parametrize(("words", "expected"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_lists_in_words(words, expected):
    assert expected == phrases.listed(words)


@pytest.mark.parametrize(("fraction", "expected"), [(0.0, "0.0"), (0.0004, "0.04"), (0.0556, "5.6"), (1.0, "100.0")])
def test_percentages(fraction, expected):
    assert expected == phrases.percent(fraction)
