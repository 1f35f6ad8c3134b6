"""Regimen algebra: amounts per dose, day, cycle and course, within one family of units, and the class of a regimen.

Nothing is guessed. An amount that the printed words do not give is None, and two amounts of different families or body
bases do not compare unless the units vocabulary holds a factor with its source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kb.model.regimen import Arm, Component, Dose, Schedule, span_bounds
from kb.model.terms import AgentClass, Body, Per, RegimenClass, UnitFamily

HIGH_DOSE_IU_PER_KG = 500_000.0
"""Bolus doses from here on are called high; the labelled dose is 600,000 IU/kg, low-dose trials gave a tenth."""


class Amount(NamedTuple):
    """An amount of one family of units.

    Attributes:
        low: Amount in the family's base unit, the lower one of a range.
        high: Upper amount of the range; equal to `low` for one amount.
        family: Unit family.
        body: What it is scaled by.
    """

    low: float
    high: float
    family: UnitFamily
    body: Body

    def times(self, factor: float) -> Amount:
        """Return the amount multiplied."""
        low, high, family, body = self
        return Amount(low * factor, high * factor, family, body)

    def plus(self, other: Amount) -> Amount | None:
        """Return the sum, or None when the two do not add up."""
        if (self.family, self.body) != (other.family, other.body):
            return None
        return Amount(self.low + other.low, self.high + other.high, self.family, self.body)

    def converted(self, to: UnitFamily, factors: Mapping[tuple[str, str], float]) -> Amount | None:
        """Return the amount in another family, or None without a sourced factor.

        Args:
            to: Family asked for.
            factors: Base units of the second family in one base unit of the first.
        """
        if self.family is to:
            return self
        factor = factors.get((self.family._value_, to._value_))
        return None if factor is None else Amount(self.low * factor, self.high * factor, to, self.body)


def _amount(dose: Dose) -> Amount | None:
    if dose.low is None or dose.high is None or dose.family is None or dose.body is None:
        return None
    return Amount(dose.low, dose.high, dose.family, dose.body)


def _parts(component: Component) -> tuple[Amount | None, Per | None, Schedule | None]:
    dose = component.dose if isinstance(component.dose, Dose) else None
    schedule = component.schedule if isinstance(component.schedule, Schedule) else None
    return (None if dose is None else _amount(dose)), (None if dose is None else dose.per), schedule


def per_dose(component: Component) -> Amount | None:
    """Amount of one administration, or None where the words do not give it."""
    amount, per, schedule = _parts(component)
    if amount is None or per is Per.DOSE:
        return amount
    if per is Per.DAY and schedule is not None and schedule.times_per_day is not None:
        return amount.times(1 / schedule.times_per_day)
    return None


def per_day(component: Component) -> Amount | None:
    """Amount of one dosing day, or None where the words do not give it."""
    amount, per, schedule = _parts(component)
    if amount is None:
        return None
    if per is Per.DAY:
        return amount
    if schedule is None:
        return None
    if per is Per.DOSE and schedule.times_per_day is not None:
        return amount.times(schedule.times_per_day)
    if per is Per.HOUR and schedule.infusion_hours is not None:
        return amount.times(schedule.infusion_hours)
    if per is Per.HOURS_12 and schedule.infusion_hours == 24:
        return amount.times(2)
    return None


def dosing_days(schedule: Schedule) -> float | None:
    """Number of dosing days in a cycle, or None where the words do not give it.

    With `weeks`, the days (or the days a week) repeat in each of these weeks; without, days count through the cycle.
    """
    weeks = sum(last - first + 1 for first, last in map(span_bounds, schedule.weeks))
    named = sum(last - first + 1 for first, last in map(span_bounds, schedule.days))
    if named:
        return named * (weeks or 1)
    if schedule.days_per_week is not None and weeks:
        return schedule.days_per_week * weeks
    if schedule.days_per_week is not None and schedule.cycle_days is not None and not schedule.cycle_days % 7:
        return schedule.days_per_week * schedule.cycle_days / 7
    return None


def per_cycle(component: Component) -> Amount | None:
    """Planned amount of one cycle; a largest number of doses caps it."""
    return _cycle(component, per_dose(component), per_day(component))


def _cycle(component: Component, single: Amount | None, daily: Amount | None) -> Amount | None:
    amount, per, schedule = _parts(component)
    if amount is None or schedule is None:
        return None
    if per is Per.CYCLE:
        return amount
    if per is Per.WEEK:
        weeks = sum(last - first + 1 for first, last in map(span_bounds, schedule.weeks))
        return amount.times(weeks) if weeks else None
    days = None if daily is None else dosing_days(schedule)
    planned = daily.times(days) if daily is not None and days is not None else None
    capped = single.times(schedule.max_doses) if single is not None and schedule.max_doses is not None else None
    if planned is None or capped is None:
        return planned or capped
    return min(planned, capped, key=lambda total: total.high)


def cumulative(component: Component) -> Amount | None:
    """Planned amount of all cycles, the smallest planned number of cycles where a range is printed."""
    return _course(component, per_cycle(component))


def _course(component: Component, cycle: Amount | None) -> Amount | None:
    amount, per, schedule = _parts(component)
    if per is Per.TOTAL:
        return amount
    if cycle is None or schedule is None or schedule.cycles is None:
        return None
    return cycle.times(schedule.cycles)


class Planned(NamedTuple):
    """All amounts of a component, each None where the words do not give it."""

    per_dose: Amount | None = None
    per_day: Amount | None = None
    per_cycle: Amount | None = None
    cumulative: Amount | None = None


def planned(component: Component) -> Planned:
    """Return all amounts of a component at once: the larger ones are made of the smaller ones."""
    if not isinstance(component.dose, Dose) or component.dose.family is None:
        return Planned()
    single, daily = per_dose(component), per_day(component)
    cycle = _cycle(component, single, daily)
    return Planned(single, daily, cycle, _course(component, cycle))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What the rules need to know of the vocabulary.

    Attributes:
        agent_class: Class of every agent.
        route_mode: Infusion mode of every route.
        factors: Sourced factors between unit families.
    """

    agent_class: Mapping[str, AgentClass]
    route_mode: Mapping[str, str]
    factors: Mapping[tuple[str, str], float]


_FAMILIES = {
    AgentClass.ENGINEERED_IL2: RegimenClass.ENGINEERED,
    AgentClass.IL15: RegimenClass.IL15,
    AgentClass.IL7: RegimenClass.IL7,
}


@dataclass(frozen=True, slots=True)
class _Il2:
    """The IL-2 components of an arm as the rules see them."""

    modes: frozenset[str]
    bolus_iu_per_kg: tuple[float, ...]
    bolus_unscaled: bool
    steps: int


def _il2_view(components: list[Component], lexicon: Lexicon) -> _Il2:
    modes: set[str] = set()
    scaled: list[float] = []
    unscaled = False
    for component in components:
        mode = lexicon.route_mode.get(component.route, "unknown")
        modes.add("subcutaneous" if mode == "injection" else mode)
        if mode != "bolus":
            continue
        amount = per_dose(component)
        in_iu = None if amount is None else amount.converted(UnitFamily.IU, lexicon.factors)
        if in_iu is not None and in_iu.body is Body.PER_KG:
            scaled.append(in_iu.high)
        else:
            unscaled = True
    infusions = [c for c in components if lexicon.route_mode.get(c.route) in ("continuous", "infusion")]
    amounts = {
        (a.high, c.schedule.infusion_hours if isinstance(c.schedule, Schedule) else None)
        for c in infusions
        if (a := _parts(c)[0]) is not None
    }
    return _Il2(frozenset(modes - {"unknown"}) or frozenset({"unknown"}), tuple(scaled), unscaled, len(amounts))


_RULES: tuple[tuple[RegimenClass, str, Callable[[_Il2], bool]], ...] = (
    (RegimenClass.MIXED_ROUTES, "IL-2 by more than one mode or route", lambda il2: len(il2.modes) > 1),
    (
        RegimenClass.HIGH_DOSE_BOLUS,
        "bolus, at least 500,000 IU/kg a dose",
        lambda il2: bool(il2.bolus_iu_per_kg) and max(il2.bolus_iu_per_kg) >= HIGH_DOSE_IU_PER_KG,
    ),
    (RegimenClass.LOW_DOSE_BOLUS, "bolus, below 500,000 IU/kg a dose", lambda il2: bool(il2.bolus_iu_per_kg)),
    (RegimenClass.BOLUS_UNSCALED, "bolus, dose absent or not convertible to IU/kg", lambda il2: "bolus" in il2.modes),
    (
        RegimenClass.DECRESCENDO,
        "infusion at three or more stepwise rates",
        lambda il2: bool(il2.modes & {"continuous", "infusion"}) and il2.steps >= 3,
    ),
    (RegimenClass.CONTINUOUS, "continuous infusion", lambda il2: "continuous" in il2.modes),
    (RegimenClass.SUBCUTANEOUS, "subcutaneous or intramuscular injection", lambda il2: "subcutaneous" in il2.modes),
    (RegimenClass.INHALED, "inhalation", lambda il2: "inhaled" in il2.modes),
    (RegimenClass.LOCAL, "into the tumour, a cavity or a regional vessel", lambda il2: "local" in il2.modes),
    (RegimenClass.INTRAVENOUS, "intravenous, mode not given", lambda il2: "infusion" in il2.modes),
    (RegimenClass.IL2_UNSPECIFIED, "route not given", lambda il2: True),
)


def class_rules() -> list[tuple[RegimenClass, str]]:
    """Return the rules in the order in which they are tried, for documentation."""
    return [(name, words) for name, words, _ in _RULES]


def regimen_class(arm: Arm, lexicon: Lexicon) -> RegimenClass:
    """Return the class of an arm's regimen by the first rule that fits."""
    components = [component for phase in arm.regimen for component in phase.components]
    il2 = [component for component in components if lexicon.agent_class.get(component.agent) is AgentClass.IL2]
    if il2:
        view = _il2_view(il2, lexicon)
        return next(name for name, _, fits in _RULES if fits(view))
    families: Iterable[RegimenClass | None] = (_FAMILIES.get(lexicon.agent_class.get(c.agent, AgentClass.GROUP)) for c in components)
    return next((family for family in families if family is not None), RegimenClass.NO_IL2)
