import pytest

from kb.model.algebra import Amount, Lexicon, class_rules, cumulative, dosing_days, per_cycle, per_day, per_dose, regimen_class
from kb.model.regimen import Arm, Component, Schedule
from kb.model.terms import AgentClass, Body, RegimenClass, UnitFamily

LEXICON = Lexicon(
    agent_class={
        "aldesleukin": AgentClass.IL2,
        "bempegaldesleukin": AgentClass.ENGINEERED_IL2,
        "n-803": AgentClass.IL15,
        "efineptakin": AgentClass.IL7,
        "dacarbazine": AgentClass.CHEMOTHERAPY,
    },
    route_mode={
        "iv-bolus": "bolus",
        "iv-continuous": "continuous",
        "iv": "infusion",
        "subcutaneous": "injection",
        "inhaled": "inhaled",
        "intralesional": "local",
    },
    factors={("cetus-units", "iu"): 6.0},
)


def a_component(dose="600,000 IU/kg", route="iv-bolus", agent="aldesleukin", **schedule):
    return Component.model_validate(
        {"agent": agent, "role": "investigational", "dose": dose, "route": route, "schedule": {"text": "as printed", **schedule}}
    )


def an_arm(*components):
    phases = [{"phase": "treatment", "components": [component.model_dump() for component in components]}] if components else []
    return Arm.model_validate({"label": "a", "n": 1, "regimen": phases})


def iu_per_kg(value):
    return Amount(value, value, UnitFamily.IU, Body.PER_KG)


def test_high_dose_bolus_per_dose_day_cycle_and_course():
    component = a_component("720,000 IU/kg", days=["1-5", "15-19"], times_per_day=3, max_doses=28, cycles=2)
    assert iu_per_kg(720_000) == per_dose(component)
    assert iu_per_kg(2_160_000) == per_day(component)
    assert iu_per_kg(28 * 720_000) == per_cycle(component), "30 planned doses, capped at 28"
    assert iu_per_kg(2 * 28 * 720_000) == cumulative(component)


def test_a_daily_amount_is_split_over_the_day():
    component = a_component("18 MIU/m2/day", times_per_day=2, days=["1-5"])
    assert Amount(9e6, 9e6, UnitFamily.IU, Body.PER_M2) == per_dose(component)


@pytest.mark.parametrize(
    ("dose", "hours", "expected"),
    [
        ("100,000 IU/kg/h", 24, 2_400_000),
        ("300,000 IU/kg/12 h", 24, 600_000),
        ("300,000 IU/kg/12 h", 12, None),
        ("100,000 IU/kg/h", None, None),
    ],
)
def test_rates_become_days_only_with_hours(dose, hours, expected):
    schedule = {} if hours is None else {"infusion_hours": hours}
    found = per_day(a_component(dose, "iv-continuous", **schedule))
    assert (None if expected is None else iu_per_kg(expected)) == found


@pytest.mark.parametrize(
    ("schedule", "days"),
    [
        ({"days": ["1-5"]}, 5),
        ({"days": [1, 3, 5], "weeks": ["1-4"]}, 12),
        ({"days_per_week": 5, "weeks": ["1-6"]}, 30),
        ({"days_per_week": 4, "cycle_days": 28}, 16),
        ({"days_per_week": 5}, None),
        ({"cycle_days": 21}, None),
    ],
)
def test_dosing_days(schedule, days):
    assert days == dosing_days(Schedule.model_validate({"text": "t", **schedule}))


def test_nothing_is_guessed():
    absent = a_component("not-in-what-was-read")
    assert [absent_amount(absent) for absent_amount in (per_dose, per_day, per_cycle, cumulative)] == [None] * 4
    no_days = a_component("9 MIU", "subcutaneous")
    assert per_day(no_days) is None
    assert per_cycle(no_days) is None
    words_only = Component.model_validate(
        {"agent": "aldesleukin", "role": "investigational", "dose": {"printed": "106 U/m2"}, "route": "iv", "schedule": "unclear"}
    )
    assert per_dose(words_only) is None
    assert per_day(words_only) is None


def test_weekly_and_total_amounts():
    weekly = a_component("9 MIU/week", "subcutaneous", weeks=["1-6"], cycles=2)
    assert Amount(54e6, 54e6, UnitFamily.IU, Body.FLAT) == per_cycle(weekly)
    assert Amount(108e6, 108e6, UnitFamily.IU, Body.FLAT) == cumulative(weekly)
    assert per_cycle(a_component("9 MIU/week", "subcutaneous")) is None
    assert Amount(5e6, 5e6, UnitFamily.IU, Body.FLAT) == cumulative(a_component("5 MIU/total"))
    assert Amount(5e6, 5e6, UnitFamily.IU, Body.FLAT) == per_cycle(a_component("5 MIU/cycle"))


def test_families_convert_only_by_a_sourced_factor():
    cetus = Amount(3e6, 3e6, UnitFamily.CETUS, Body.PER_M2)
    assert Amount(18e6, 18e6, UnitFamily.IU, Body.PER_M2) == cetus.converted(UnitFamily.IU, LEXICON.factors)
    assert Amount(1, 1, UnitFamily.ROCHE, Body.FLAT).converted(UnitFamily.IU, LEXICON.factors) is None
    assert cetus.converted(UnitFamily.CETUS, {}) is cetus


def test_amounts_add_within_family_and_basis_only():
    assert iu_per_kg(3) == iu_per_kg(1).plus(iu_per_kg(2))
    assert iu_per_kg(1).plus(Amount(1, 1, UnitFamily.IU, Body.PER_M2)) is None
    assert iu_per_kg(1).plus(Amount(1, 1, UnitFamily.U, Body.PER_KG)) is None


@pytest.mark.parametrize(
    ("components", "expected"),
    [
        ([a_component("720,000 IU/kg")], RegimenClass.HIGH_DOSE_BOLUS),
        ([a_component("100,000 Cetus units/kg")], RegimenClass.HIGH_DOSE_BOLUS),
        ([a_component("72,000 IU/kg")], RegimenClass.LOW_DOSE_BOLUS),
        ([a_component("600,000 U/kg")], RegimenClass.BOLUS_UNSCALED),
        ([a_component("not-reported")], RegimenClass.BOLUS_UNSCALED),
        ([a_component("18 MIU/m2/day", "iv-continuous")], RegimenClass.CONTINUOUS),
        (
            [a_component("18 MIU/m2", "iv", infusion_hours=hours) for hours in (6, 12, 24)],
            RegimenClass.DECRESCENDO,
        ),
        ([a_component("9 MIU", "subcutaneous")], RegimenClass.SUBCUTANEOUS),
        ([a_component("9 MIU", "inhaled")], RegimenClass.INHALED),
        ([a_component("9 MIU", "intralesional")], RegimenClass.LOCAL),
        ([a_component("9 MIU", "iv")], RegimenClass.INTRAVENOUS),
        ([a_component("9 MIU", "not-reported")], RegimenClass.IL2_UNSPECIFIED),
        ([a_component("9 MIU", "subcutaneous"), a_component("9 MIU", "inhaled")], RegimenClass.MIXED_ROUTES),
        ([a_component("6 ug/kg", "iv", "bempegaldesleukin")], RegimenClass.ENGINEERED),
        ([a_component("6 ug/kg", "subcutaneous", "n-803")], RegimenClass.IL15),
        ([a_component("6 ug/kg", "subcutaneous", "efineptakin")], RegimenClass.IL7),
        ([a_component("250 mg/m2", "iv", "dacarbazine")], RegimenClass.NO_IL2),
        ([], RegimenClass.NO_IL2),
    ],
)
def test_the_class_of_a_regimen_follows_its_dose_and_route(components, expected):
    assert expected is regimen_class(an_arm(*components), LEXICON)


def test_every_il2_class_has_a_rule_in_words():
    ruled = [name for name, _ in class_rules()]
    assert len(set(ruled)) == len(ruled)
    families = {RegimenClass.ENGINEERED, RegimenClass.IL15, RegimenClass.IL7, RegimenClass.NO_IL2}
    assert set(RegimenClass) == set(ruled) | families
