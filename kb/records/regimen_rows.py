"""Arms and the components of their regimens as rows of the index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kb.model.algebra import Planned, planned
from kb.model.regimen import Arm, Component, Dose, RegimenPhase, Schedule
from kb.model.terms import Absence, Role, UnitFamily, VocabularyKind
from kb.model.vocabulary import AgentTerm
from kb.records.result_rows import Values, joined, plain, with_absence
from kb.records.row_set import StudyRows


def components_of(arms: Iterable[Arm]) -> list[Component]:
    """Return the components of all phases of several arms."""
    return [component for arm in arms for phase in arm.regimen for component in phase.components]


def _active(components: Iterable[Component]) -> list[Component]:
    return [component for component in components if component.role is not Role.SUPPORTIVE]


def agents_of(components: Iterable[Component]) -> str | None:
    """Return the agents, supportive drugs left out, joined."""
    return joined(dict.fromkeys(component.agent for component in _active(components)))


def routes_of(components: Iterable[Component]) -> str | None:
    """Return the routes of the agents, supportive drugs left out, joined."""
    return joined(dict.fromkeys(c.route for c in _active(components) if not isinstance(c.route, Absence)))


def add_arm(into: StudyRows, ident: str, arm: Arm, position: int) -> None:
    """Add the row of an arm, of its components, and its links to diseases."""
    components = components_of([arm])
    populations = [name for name in into.study.populations if ident in into.arms(name)]
    conditions = tuple(dict.fromkeys([condition for name in populations for condition in into.conditions(name)]))
    doses = [(c.agent, c.dose.printed) for c in components if isinstance(c.dose, Dose)]
    schedules = [(c.agent, c.schedule.text) for c in components if isinstance(c.schedule, Schedule)]
    into.add(
        "arms",
        {
            **into.head("arms", ident, position),
            "label": arm.label,
            **with_absence("n", arm.n),
            "regimen_class": into.regimen_class(ident),
            "agents": agents_of(components),
            "routes": routes_of(components),
            "doses": joined(dict.fromkeys(f"{agent} {dose}" for agent, dose in doses)),
            "schedules": joined(dict.fromkeys(f"{agent} {text}" for agent, text in schedules)),
            "phases": joined(phase.phase.value for phase in arm.regimen),
            "settings": joined(dict.fromkeys(p.setting.value for p in arm.regimen if not isinstance(p.setting, Absence))),
            "accrual": joined(accrual.value for accrual in arm.accrual),
            "conditions": joined(conditions),
            "delivered": arm.delivered,
            "note": arm.note,
        },
    )
    into.link("arms", ident, conditions=conditions)
    for phase_no, phase in enumerate(arm.regimen):
        for component_no, component in enumerate(phase.components):
            place = {"arm": ident, "phase_no": phase_no, "component_no": component_no}
            into.add("components", {**place, **_component_values(into, ident, phase, component)})


def _component_values(into: StudyRows, arm: str, phase: RegimenPhase, component: Component) -> Values:
    agent = into.vocabulary.get(VocabularyKind.AGENTS, component.agent)
    lexicon = into.vocabulary.lexicon
    return {
        "file": into.file,
        "line": into.line("arms", arm),
        "phase": plain(phase.phase),
        "phase_label": phase.label,
        **with_absence("phase_setting", phase.setting),
        "phase_starts_day": phase.starts_day,
        "phase_when": plain(phase.when),
        "agent": component.agent,
        "agent_label": into.label(VocabularyKind.AGENTS, component.agent),
        "agent_class": plain(agent.agent_class) if isinstance(agent, AgentTerm) else None,
        "role": plain(component.role),
        "printed": component.printed,
        "product": component.product,
        **with_absence("route", component.route),
        "mode": lexicon.route_mode.get(component.route),
        **_dose_values(component.dose),
        **_amount_values(planned(component), lexicon.factors),
        **_schedule_values(component.schedule),
        "note": component.note,
    }


_AMOUNTS = tuple((f"{name}_low", f"{name}_high", f"{name}_iu") for name in Planned._fields)
"""Columns of each planned amount."""


def _dose_values(dose: Dose | Absence) -> Values:
    if isinstance(dose, Absence):
        return with_absence("dose", dose)
    return {
        "dose_printed": dose.printed,
        "dose_low": dose.low,
        "dose_high": dose.high,
        "dose_family": plain(dose.family),
        "dose_body": plain(dose.body),
        "dose_per": plain(dose.per),
        "dose_assumed": int(dose.basis_assumed),
    }


def _amount_values(amounts: Planned, factors: Mapping[tuple[str, str], float]) -> Values:
    values: Values = {}
    for (low, high, iu), amount in zip(_AMOUNTS, amounts, strict=True):
        if amount is not None:
            in_iu = amount.converted(UnitFamily.IU, factors)
            values[low], values[high], values[iu] = amount.low, amount.high, None if in_iu is None else in_iu.high
    return values


def _schedule_values(schedule: Schedule | Absence) -> Values:
    if isinstance(schedule, Absence):
        return with_absence("schedule", schedule)
    return {
        **with_absence("schedule", schedule.text),
        "days": joined(schedule.days),
        "days_per_week": schedule.days_per_week,
        "weeks": joined(schedule.weeks),
        "times_per_day": schedule.times_per_day,
        "infusion_hours": schedule.infusion_hours,
        "max_doses": schedule.max_doses,
        "cycle_days": schedule.cycle_days,
        "cycles": schedule.cycles,
        "cycles_max": schedule.cycles_max,
        "until": schedule.until,
        "given": plain(schedule.when),
    }
