"""The regimen part of a study page: arms, phases, components with doses as printed, and their dose strips."""

from __future__ import annotations

from dataclasses import dataclass

from kb.analysis import phrases
from kb.analysis.dosing import Strip, strips
from kb.export.site.charts import LaneDrawing, StripDrawing, dose_strip, tallest_amounts
from kb.export.site.frame import Value
from kb.export.site.rows import Ground, Marked
from kb.model.algebra import regimen_class
from kb.model.regimen import Arm, Component, Dose, RegimenPhase, Schedule
from kb.model.terms import Absence, Condition, VocabularyKind
from kb.records.collection import Vocabulary


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """One component in cells.

    Attributes:
        dose: Dose as printed, or why it is not there.
        derived: What the regimen algebra derives from it, in words.
        schedule: Printed words, or why they are not there.
        structure: The schedule's structure in words; empty when the words gave none.
    """

    agent: str
    printed: str
    role: str
    dose: Value
    derived: tuple[str, ...]
    route: Value
    schedule: Value
    structure: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """One phase of a regimen."""

    title: str
    details: tuple[str, ...]
    components: tuple[ComponentRow, ...]


@dataclass(frozen=True, slots=True)
class LaneRow:
    """One lane of a dose strip with its label."""

    agent: str
    dose: str
    words: str
    drawing: LaneDrawing


@dataclass(frozen=True, slots=True)
class StripView:
    """A dose strip with its words.

    Attributes:
        key: Name of the strip on its page, for drawing it twice.
        title: Name of the phases on it; empty when the arm has one strip.
        lanes: Lanes, labelled.
        drawing: Layout of the whole.
        note: What the axis means where it does not start with the treatment, or that the course goes on.
    """

    key: str
    title: str
    lanes: tuple[LaneRow, ...]
    drawing: StripDrawing
    note: str


@dataclass(frozen=True, slots=True)
class ArmView:
    """One arm."""

    marked: Marked
    id: str
    label: str
    patients: Value
    regimen: str
    accrual: tuple[str, ...]
    delivered: str
    phases: tuple[PhaseRow, ...]
    strips: tuple[StripView, ...]


def arm_views(ground: Ground) -> list[ArmView]:
    """Return the arms of a study, heights of all dose strips on one scale."""
    study, lexicon = ground.teller.study, ground.teller.vocabulary.lexicon
    planned = {ident: strips(arm, lexicon) for ident, arm in study.arms.items()}
    tallest = tallest_amounts(strip for found in planned.values() for strip in found)
    views = []
    for at, (ident, arm) in enumerate(study.arms.items()):
        drawn = tuple(
            strip_view(ground.teller.vocabulary, arm, strip, f"_dose-{at}-{number}", dose_strip(strip, tallest, lexicon))
            for number, strip in enumerate(planned[ident])
        )
        views.append(_arm(ground, ident, arm, drawn))
    return views


def _arm(ground: Ground, ident: str, arm: Arm, drawn: tuple[StripView, ...]) -> ArmView:
    return ArmView(
        marked=ground.marked(("arms", ident), arm.source, note=arm.note),
        id=ident,
        label=arm.label,
        patients=Value(phrases.patients(arm.n), absent=isinstance(arm.n, Absence)),
        regimen=regimen_class(arm, ground.teller.vocabulary.lexicon).label,
        accrual=tuple(how.label for how in arm.accrual),
        delivered=arm.delivered or "",
        phases=tuple(_phase(ground, ident, place, phase) for place, phase in enumerate(arm.regimen)),
        strips=drawn,
    )


def _phase_title(phase: RegimenPhase) -> str:
    return f"{phase.phase.label} ({phase.label})" if phase.label else phase.phase.label


def _phase(ground: Ground, arm: str, place: int, phase: RegimenPhase) -> PhaseRow:
    details = []
    if not isinstance(phase.setting, Absence):
        details.append(phase.setting.label)
    if phase.starts_day is not None:
        details.append(f"from day {phase.starts_day}")
    if phase.when is not Condition.ALWAYS:
        details.append(phase.when.label)
    rows = tuple(_component(ground, ("arms", arm, "regimen", str(place)), part) for part in phase.components)
    return PhaseRow(_phase_title(phase), tuple(details), rows)


def _component(ground: Ground, path: tuple[str, ...], component: Component) -> ComponentRow:
    vocabulary = ground.teller.vocabulary
    schedule, route = component.schedule, component.route
    remarks = [text for text in (component.product, component.note) if text]
    return ComponentRow(
        agent=vocabulary.label(VocabularyKind.AGENTS, component.agent),
        printed=component.printed or "",
        role=component.role.label,
        dose=Value(component.dose.printed) if isinstance(component.dose, Dose) else Value(component.dose.label, absent=True),
        derived=tuple(phrases.normalised(component, dict(vocabulary.lexicon.factors))),
        route=Value(route.label, absent=True) if isinstance(route, Absence) else Value(vocabulary.label(VocabularyKind.ROUTES, route)),
        schedule=Value(schedule.text) if isinstance(schedule, Schedule) else Value(schedule.label, absent=True),
        structure=phrases.schedule_structure(schedule) if isinstance(schedule, Schedule) else "",
        remarks=tuple(remarks),
    )


def strip_view(vocabulary: Vocabulary, arm: Arm, strip: Strip, key: str, drawing: StripDrawing) -> StripView:
    """Return a dose strip with its words.

    Args:
        vocabulary: Names of agents and routes.
        arm: Arm that it draws.
        strip: Its lanes with their days.
        key: Name of the strip on its page.
        drawing: Its layout.
    """
    lanes = tuple(_lane(vocabulary, lane.component, drawn) for lane, drawn in zip(strip.lanes, drawing.lanes, strict=True))
    title = phrases.listed(_phase_title(arm.regimen[place]) for place in strip.phases) if len(strip.phases) < len(arm.regimen) else ""
    notes = []
    if not strip.aligned and strip.last:
        notes.append("days count from the start of this phase; when it starts is not given")
    if strip.cut:
        notes.append("the course goes on")
    return StripView(key, title, lanes, drawing, "; ".join(notes))


def _lane(vocabulary: Vocabulary, component: Component, drawn: LaneDrawing) -> LaneRow:
    route = "" if isinstance(component.route, Absence) else vocabulary.label(VocabularyKind.ROUTES, component.route)
    dose = phrases.dose(component)
    schedule = component.schedule
    words = schedule.text if isinstance(schedule, Schedule) else f"schedule {schedule.label}"
    return LaneRow(vocabulary.label(VocabularyKind.AGENTS, component.agent), f"{dose}, {route}" if route else dose, words, drawn)
