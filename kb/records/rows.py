"""A study, or the vocabulary, as rows of the index's tables (`kb.records.tables`). Pure: opens nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from kb.model.algebra import Amount, cumulative, per_cycle, per_day, per_dose, regimen_class
from kb.model.findings import Change, Finding, Level, MarkerAssociation, MarkerContrast
from kb.model.outcomes import AdverseEvent, CitedResult, Outcome
from kb.model.quantities import Quantity
from kb.model.regimen import Arm, Component, Dose, RegimenPhase, Schedule
from kb.model.results import TimeToEvent
from kb.model.scope import Item, arms_of_item, arms_of_population, conditions_of
from kb.model.study import Centres, Claim, Enrolment, Entity, Population, Report, Study
from kb.model.terms import Absence, Role, UnitFamily, VocabularyKind
from kb.model.vocabulary import (
    AdverseEventTerm,
    AgentTerm,
    BiomarkerTerm,
    EndpointTerm,
    RouteTerm,
    Term,
    UnitTerm,
)
from kb.records.collection import Vocabulary
from kb.records.lines import Lines
from kb.records.result_rows import (
    Values,
    comparison_values,
    covered_arms,
    group_values,
    interval_values,
    joined,
    landmark_values,
    not_applicable,
    p_values,
    plain,
    population_label,
    population_values,
    printed,
    result_values,
    source_values,
    with_absence,
)
from kb.records.tables import STUDY_TABLES, VOCABULARY_TABLES, Table

Rows = dict[str, list[tuple[Any, ...]]]
"""Rows by table, each a tuple in the order of the table's columns."""

_NAMES: Mapping[str, tuple[str, ...]] = {table.name: table.names for table in (*STUDY_TABLES, *VOCABULARY_TABLES)}


class _Study:
    """A study on its way into rows: what every row needs of its surroundings."""

    def __init__(self, study: Study, file: str, lines: Lines, vocabulary: Vocabulary) -> None:
        self.study = study
        self.file = file
        self.lines = lines
        self.vocabulary = vocabulary
        self.rows: Rows = {table.name: [] for table in STUDY_TABLES}

    def add(self, table: str, values: Values) -> None:
        """Add a row; a missing column is a KeyError, so that no column is forgotten."""
        row = {"study_id": self.study.id, **values}
        self.rows[table].append(tuple([row[name] for name in _NAMES[table]]))

    def line(self, *path: str) -> int:
        """Return the line of a path, or of the nearest of its parents."""
        return next((self.lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in self.lines), 1)

    def head(self, section: str, ident: str, position: int) -> Values:
        """Return the columns that every item has."""
        return {"item_id": ident, "position": position, "file": self.file, "line": self.line(section, ident)}

    def label(self, kind: VocabularyKind, ident: str) -> str:
        """Return a term's label."""
        return self.vocabulary.label(kind, ident)

    def link(self, table: str, ident: str, *, arms: Iterable[str] = (), conditions: Iterable[str] = ()) -> None:
        """Add the link rows of an item."""
        for arm in dict.fromkeys(arms):
            self.add("item_arms", {"item_id": ident, "kind": table, "arm": arm})
        for condition in dict.fromkeys(conditions):
            self.add("item_conditions", {"item_id": ident, "kind": table, "condition": condition})


def study_rows(study: Study, *, file: str, lines: Lines, vocabulary: Vocabulary) -> Rows:
    """Return all rows of a study.

    Args:
        study: The study.
        file: Its file, relative to the collection.
        lines: Lines of its sections and items (`kb.records.lines.item_lines`).
        vocabulary: For labels, unit factors and the classes of agents and routes.

    Returns:
        Rows by table. `studies.study_no` is None (the database numbers it), and the cohort is the study alone
        (`kb.records.cohorts` joins cohorts once all studies are known).
    """
    into = _Study(study, file, lines, vocabulary)
    for section, add in _SECTIONS.items():
        for position, (ident, item) in enumerate(getattr(study, section).items()):
            add(into, ident, item, position)
    _add_study(into)
    _add_overlaps(into)
    _add_flags(into)
    _add_ambiguities(into)
    return into.rows


def _all_conditions(study: Study) -> tuple[str, ...]:
    return tuple(dict.fromkeys(condition for ident in study.populations for condition in conditions_of(study, ident)))


def _components(arms: Iterable[Arm]) -> list[Component]:
    return [component for arm in arms for phase in arm.regimen for component in phase.components]


def _active(components: Iterable[Component]) -> list[Component]:
    return [component for component in components if component.role is not Role.SUPPORTIVE]


def _agents(components: Iterable[Component]) -> str | None:
    return joined(dict.fromkeys(component.agent for component in _active(components)))


def _routes(components: Iterable[Component]) -> str | None:
    return joined(dict.fromkeys(c.route for c in _active(components) if not isinstance(c.route, Absence)))


def _report_values(report: Report) -> Values:
    return {
        "title": report.title,
        **with_absence("authors", report.authors if isinstance(report.authors, Absence) else joined(report.authors)),
        "year": report.year,
        "journal": report.journal,
        "doi": report.doi,
        "pmid": report.pmid,
    }


def _add_study(into: _Study) -> None:
    study = into.study
    first = next(iter(study.populations.values()))
    components = _components(study.arms.values())
    conditions = _all_conditions(study)
    withdrawn = study.curation.withdrawn
    lexicon = into.vocabulary.lexicon
    into.add(
        "studies",
        {
            "study_no": None,
            "label": study.label,
            **_report_values(study.main_report),
            "registry": joined(study.registry),
            "reports": len(study.reports),
            "report_read": plain(study.main_report.read),
            "retracted": int(any(report.retracted for report in study.reports.values())),
            "status": plain(study.curation.status),
            "withdrawn_reason": None if withdrawn is None else withdrawn.reason,
            "replaced_by": None if withdrawn is None else withdrawn.replaced_by,
            "formerly": joined(study.curation.formerly),
            **_design_values(study),
            **with_absence("n", first.n),
            "basis": plain(first.basis),
            "conditions": joined(conditions),
            "condition_labels": joined(into.label(VocabularyKind.CONDITIONS, ident) for ident in conditions),
            "agents": _agents(components),
            "routes": _routes(components),
            "regimen_classes": joined(dict.fromkeys(regimen_class(arm, lexicon).value for arm in study.arms.values())),
            **{name: len(getattr(study, name)) for name in ("arms", "findings", "outcomes", "adverse_events", "claims")},
            "flags": joined(flag.flag.value for flag in study.appraisal.flags if not flag.items) if study.appraisal else None,
            "grade": plain(study.appraisal.grade) if study.appraisal else None,
            "note": study.design.note,
            "cohort_id": study.id,
            "cohort_certain_id": study.id,
            "file": into.file,
            "line": into.line("id"),
        },
    )


def _design_values(study: Study) -> Values:
    design = study.design
    centres = design.centres
    enrolment = design.enrolment
    dates = enrolment if isinstance(enrolment, Enrolment) else None
    return {
        "design": plain(design.type),
        "allocation": plain(design.allocation),
        **with_absence("phase", design.phase),
        **with_absence("masking", design.masking),
        **with_absence("control", design.control),
        **with_absence("setting", design.setting),
        **with_absence("sampling", design.sampling),
        **with_absence("stopping", design.stopping),
        **with_absence("centres", centres.kind if isinstance(centres, Centres) else centres),
        "centres_n": centres.n if isinstance(centres, Centres) else None,
        **with_absence("enrolment_start", enrolment if dates is None else dates.start),
        **with_absence("enrolment_end", enrolment if dates is None else dates.end),
        "repeat_patients": int(design.repeat_patients),
        "compared": design.compared,
    }


def _add_report(into: _Study, ident: str, report: Report, position: int) -> None:
    into.add(
        "reports",
        {
            **into.head("reports", ident, position),
            **_report_values(report),
            "read": plain(report.read),
            "kind": plain(report.kind),
            "et_al": int(report.et_al),
            "volume": report.volume,
            "issue": report.issue,
            "pages": report.pages,
            "pmcid": report.pmcid,
            "urls": joined(report.urls),
            "data_cut": report.data_cut,
            "supersedes": report.supersedes,
            "retracted": int(report.retracted),
            "note": report.note,
        },
    )


def _add_arm(into: _Study, ident: str, arm: Arm, position: int) -> None:
    components = _components([arm])
    populations = [name for name in into.study.populations if ident in arms_of_population(into.study, name)]
    conditions = tuple(dict.fromkeys(condition for name in populations for condition in conditions_of(into.study, name)))
    doses = [(c.agent, c.dose.printed) for c in components if isinstance(c.dose, Dose)]
    schedules = [(c.agent, c.schedule.text) for c in components if isinstance(c.schedule, Schedule)]
    into.add(
        "arms",
        {
            **into.head("arms", ident, position),
            "label": arm.label,
            **with_absence("n", arm.n),
            "regimen_class": regimen_class(arm, into.vocabulary.lexicon).value,
            "agents": _agents(components),
            "routes": _routes(components),
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


def _component_values(into: _Study, arm: str, phase: RegimenPhase, component: Component) -> Values:
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
        **_amount_values("per_dose", per_dose(component), lexicon.factors),
        **_amount_values("per_day", per_day(component), lexicon.factors),
        **_amount_values("per_cycle", per_cycle(component), lexicon.factors),
        **_amount_values("cumulative", cumulative(component), lexicon.factors),
        **_schedule_values(component.schedule),
        "note": component.note,
    }


def _dose_values(dose: Dose | Absence) -> Values:
    if isinstance(dose, Absence):
        blank = dict.fromkeys(("printed", "low", "high", "family", "body", "per", "assumed"))
        return {**{f"dose_{name}": value for name, value in blank.items()}, "dose_absence": dose.value}
    return {
        "dose_printed": dose.printed,
        "dose_absence": None,
        "dose_low": dose.low,
        "dose_high": dose.high,
        "dose_family": plain(dose.family),
        "dose_body": plain(dose.body),
        "dose_per": plain(dose.per),
        "dose_assumed": int(dose.basis_assumed),
    }


def _amount_values(name: str, amount: Amount | None, factors: Mapping[tuple[str, str], float]) -> Values:
    in_iu = None if amount is None else amount.converted(UnitFamily.IU, factors)
    return {
        f"{name}_low": None if amount is None else amount.low,
        f"{name}_high": None if amount is None else amount.high,
        f"{name}_iu": None if in_iu is None else in_iu.high,
    }


def _schedule_values(schedule: Schedule | Absence) -> Values:
    if isinstance(schedule, Absence):
        names = (
            "days", "days_per_week", "weeks", "times_per_day", "infusion_hours", "max_doses",
            "cycle_days", "cycles", "cycles_max", "until", "given",
        )  # fmt: skip
        return {**with_absence("schedule", schedule), **dict.fromkeys(names)}
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


def _number(value: Quantity | None) -> float | None:
    return None if value is None else value.value


def _add_population(into: _Study, ident: str, population: Population, position: int) -> None:
    arms, conditions = arms_of_population(into.study, ident), conditions_of(into.study, ident)
    who = population.characteristics
    words = ("age_range", "male", "female", "performance_status", "stage", "prior_therapy", "other")
    into.add(
        "populations",
        {
            **into.head("populations", ident, position),
            "label": population_label(into.study, ident, population, into.vocabulary),
            **with_absence("n", population.n),
            "basis": plain(population.basis),
            "arms": joined(arms),
            "conditions": joined(conditions),
            "within": population.within,
            "age_median": None if who is None else _number(who.age_median),
            "age_mean": None if who is None else _number(who.age_mean),
            **{name: None if who is None else getattr(who, name) for name in words},
            "note": population.note,
        },
    )
    into.link("populations", ident, arms=arms, conditions=conditions)


def _item_values(into: _Study, section: str, ident: str, item: Item, position: int) -> Values:
    """Return what findings, outcomes and adverse events share, and add their links."""
    arms = arms_of_item(into.study, item)
    into.link(section, ident, arms=arms, conditions=conditions_of(into.study, item.population))
    return {
        **into.head(section, ident, position),
        **population_values(into.study, item.population, arms, into.vocabulary),
        "flags": joined(dict.fromkeys(flag for flag, _ in _item_flags(into.study, ident, getattr(item, "flags", ())))),
        "note": item.note,
        **source_values(into.study, item.source),
    }


def _item_flags(study: Study, ident: str, own: Sequence[Any]) -> Iterator[tuple[str, str | None]]:
    """Yield an item's flags with the reason: its own, then those of the appraisal."""
    for flag in own:
        yield flag.value, None
    for raised in study.appraisal.flags if study.appraisal else ():
        if ident in raised.items:
            yield raised.flag.value, raised.reason


def _add_finding(into: _Study, ident: str, finding: Finding, position: int) -> None:
    marker = into.vocabulary.get(VocabularyKind.BIOMARKERS, finding.biomarker)
    known = marker if isinstance(marker, BiomarkerTerm) else None
    when = finding.timepoint
    taken = None if isinstance(when, Absence) else when
    result = result_values(finding.result)
    own_p: Values = p_values(finding.p) if not isinstance(finding, Level) and finding.p is not None else {}
    into.add(
        "findings",
        {
            "kind": finding.kind,
            "biomarker": finding.biomarker,
            "biomarker_label": into.label(VocabularyKind.BIOMARKERS, finding.biomarker),
            "marker_class": plain(known.marker_class) if known else None,
            "marker_role": plain(known.role) if known else None,
            "marker_measure": plain(known.measure) if known else None,
            "printed": finding.printed,
            "detail": finding.detail,
            **with_absence("compartment", finding.compartment),
            **with_absence("timepoint", when if taken is None else taken.when),
            "timepoint_text": taken.text if taken else None,
            "from_start": taken.from_start if taken else None,
            "after_dose": taken.after_dose if taken else None,
            **with_absence("assay", finding.assay),
            **with_absence("n", finding.n),
            **result,
            **own_p,
            **_change_values(finding),
            **_association_values(into, finding),
            "test": finding.test if isinstance(finding, MarkerAssociation) and finding.test else result["test"],
            **comparison_values(finding.comparison if isinstance(finding, MarkerContrast) else None),
            **_item_values(into, "findings", ident, finding, position),
        },
    )
    _add_parts(into, "findings", ident, finding.result, () if isinstance(finding, Level) else finding.groups)


def _change_values(finding: Finding) -> Values:
    change = finding if isinstance(finding, Change) else None
    moved = finding.direction if isinstance(finding, Change | MarkerContrast) else Absence.NOT_APPLICABLE
    return {
        **with_absence("direction", moved),
        "versus": plain(change.versus) if change else None,
        "magnitude": change.magnitude if change else None,
        "only_in": change.only_in if change else None,
        "dose_dependent": plain(change.dose_dependent) if change else None,
    }


def _association_values(into: _Study, finding: Finding) -> Values:
    if not isinstance(finding, MarkerAssociation):
        names = ("endpoint", "endpoint_label", "endpoint_printed", "other_marker", "adverse_event", "basis", "adjusted_for")
        return {**dict.fromkeys(names), **not_applicable("association"), **not_applicable("adjustment")}
    return {
        "endpoint": finding.endpoint,
        "endpoint_label": None if finding.endpoint is None else into.label(VocabularyKind.ENDPOINTS, finding.endpoint),
        "endpoint_printed": finding.endpoint_printed,
        "other_marker": finding.other_marker,
        "adverse_event": finding.adverse_event,
        **with_absence("association", finding.association),
        "basis": plain(finding.basis),
        **with_absence("adjustment", finding.adjustment),
        "adjusted_for": joined(finding.adjusted_for),
    }


def _add_parts(into: _Study, section: str, ident: str, result: Any, groups: Sequence[Any] = ()) -> None:
    """Add the landmarks and group values of an item: those of the item itself, then those of its result."""
    of = {"kind": section, "item_id": ident}
    for number, group in enumerate((*groups, *getattr(result, "groups", ()))):
        into.add("group_values", {**of, **group_values(number, group)})
    for number, landmark in enumerate(result.landmarks if isinstance(result, TimeToEvent) else ()):
        into.add("landmarks", {**of, **landmark_values(number, landmark)})


def _add_outcome(into: _Study, ident: str, outcome: Outcome, position: int) -> None:
    endpoint = into.vocabulary.get(VocabularyKind.ENDPOINTS, outcome.endpoint)
    known = endpoint if isinstance(endpoint, EndpointTerm) else None
    into.add(
        "outcomes",
        {
            "endpoint": outcome.endpoint,
            "endpoint_label": into.label(VocabularyKind.ENDPOINTS, outcome.endpoint),
            "endpoint_kind": plain(known.kind) if known else None,
            "favours": plain(known.favours) if known else None,
            "printed": outcome.printed,
            **with_absence("criteria", outcome.criteria),
            **with_absence("assessor", outcome.assessor),
            "confirmed": plain(outcome.confirmed),
            "count_of": plain(outcome.count_of),
            "site": outcome.site,
            "timepoint": outcome.timepoint,
            "data_cut": outcome.data_cut,
            "follow_up": outcome.follow_up,
            **comparison_values(outcome.comparison),
            **result_values(outcome.result),
            **_item_values(into, "outcomes", ident, outcome, position),
        },
    )
    _add_parts(into, "outcomes", ident, outcome.result)


def _add_adverse_event(into: _Study, ident: str, event: AdverseEvent, position: int) -> None:
    term = into.vocabulary.get(VocabularyKind.ADVERSE_EVENTS, event.term)
    into.add(
        "adverse_events",
        {
            "term": event.term,
            "term_label": into.label(VocabularyKind.ADVERSE_EVENTS, event.term),
            "organ": term.organ if isinstance(term, AdverseEventTerm) else None,
            "printed": event.printed,
            "grade": event.grade,
            **with_absence("scale", event.scale),
            "related": plain(event.related),
            "events": event.events,
            "total": event.total,
            **printed("percent", event.percent),
            **interval_values(event.interval),
            "count_of": plain(event.count_of),
            "says": plain(event.says),
            **comparison_values(event.comparison),
            **_item_values(into, "adverse_events", ident, event, position),
        },
    )


_ENTITY_KINDS = {
    "agent": VocabularyKind.AGENTS,
    "biomarker": VocabularyKind.BIOMARKERS,
    "endpoint": VocabularyKind.ENDPOINTS,
    "condition": VocabularyKind.CONDITIONS,
    "adverse_event": VocabularyKind.ADVERSE_EVENTS,
}


def _entity_values(into: _Study, side: str, entity: Entity) -> Values:
    kind, value = next((name, found) for name in type(entity).model_fields if (found := getattr(entity, name)) is not None)
    label = value
    if kind in _ENTITY_KINDS:
        label = into.label(_ENTITY_KINDS[kind], value)
    elif kind == "arm" and value in into.study.arms:
        label = into.study.arms[value].label
    return {f"{side}_kind": kind, side: value, f"{side}_label": label}


def _add_claim(into: _Study, ident: str, claim: Claim, position: int) -> None:
    study = into.study
    entities = (claim.subject, claim.object)
    arms = tuple(entity.arm for entity in entities if entity.arm is not None) or covered_arms(study, claim.populations)
    named = tuple(dict.fromkeys((*claim.conditions, *(entity.condition for entity in entities if entity.condition is not None))))
    of_populations = tuple(dict.fromkeys(c for name in claim.populations for c in conditions_of(study, name)))
    conditions = named or of_populations or _all_conditions(study)
    into.link("claims", ident, arms=arms, conditions=conditions)
    into.add(
        "claims",
        {
            **into.head("claims", ident, position),
            **_entity_values(into, "subject", claim.subject),
            "relation": plain(claim.relation),
            **_entity_values(into, "object", claim.object),
            "polarity": plain(claim.polarity),
            "summary": claim.summary,
            "scope": claim.scope,
            "populations": joined(claim.populations),
            "conditions": joined(conditions),
            "arms": joined(dict.fromkeys(arms)),
            "rests_on": joined(claim.rests_on),
            "flags": joined(dict.fromkeys(flag for flag, _ in _item_flags(study, ident, ()))),
            **source_values(study, claim.source),
        },
    )


def _add_cited(into: _Study, ident: str, cited: CitedResult, position: int) -> None:
    into.add(
        "cited",
        {
            **into.head("cited", ident, position),
            "endpoint": cited.endpoint,
            "conditions": joined(cited.conditions),
            "agents": joined(cited.agents),
            "studies": cited.studies,
            "patients": cited.patients,
            "whose": cited.whose,
            **result_values(cited.result),
            "note": cited.note,
            **source_values(into.study, cited.source),
        },
    )
    _add_parts(into, "cited", ident, cited.result)


_SECTIONS: Mapping[str, Callable[[_Study, str, Any, int], None]] = {
    "reports": _add_report,
    "arms": _add_arm,
    "populations": _add_population,
    "findings": _add_finding,
    "outcomes": _add_outcome,
    "adverse_events": _add_adverse_event,
    "claims": _add_claim,
    "cited": _add_cited,
}
"""How the items of each section become rows."""


def _add_overlaps(into: _Study) -> None:
    for number, overlap in enumerate(into.study.overlaps):
        into.add(
            "overlaps",
            {
                "overlap_no": number,
                "other_id": overlap.study,
                "relation": plain(overlap.relation),
                "certainty": plain(overlap.certainty),
                "reason": overlap.reason,
                "file": into.file,
                "line": into.line("overlaps"),
            },
        )


def _add_flags(into: _Study) -> None:
    study = into.study
    found: list[tuple[str | None, Any, str | None]] = []
    for section in ("findings", "outcomes"):
        found += [(ident, flag, None) for ident, item in getattr(study, section).items() for flag in item.flags]
    for raised in study.appraisal.flags if study.appraisal else ():
        found += [(ident, raised.flag, raised.reason) for ident in raised.items or (None,)]
    for number, (ident, flag, reason) in enumerate(found):
        into.add("flags", {"flag_no": number, "item_id": ident, "flag": plain(flag), "label": flag.label, "reason": reason})


def _add_ambiguities(into: _Study) -> None:
    for number, ambiguity in enumerate(into.study.ambiguities):
        for place, about in enumerate(ambiguity.about):
            steps = about.split(".")
            into.add(
                "ambiguities",
                {
                    "ambiguity_no": number,
                    "about_no": place,
                    "kind": plain(ambiguity.kind),
                    "about": about,
                    "item_id": steps[1] if len(steps) > 1 and steps[0] in _SECTIONS else None,
                    "text": ambiguity.text,
                    "file": into.file,
                    "line": into.line("ambiguities"),
                },
            )


def vocabulary_rows(vocabulary: Vocabulary) -> Rows:
    """Return all rows of the vocabulary."""
    rows: Rows = {table.name: [] for table in VOCABULARY_TABLES}
    for kind, terms in vocabulary.terms.items():
        names: dict[str, str] = {}
        for ident, term in terms.items():
            values = {"kind": kind.value, "id": ident, **_term_values(term)}
            rows["terms"].append(tuple(values[name] for name in _NAMES["terms"]))
            rows["closure"] += [(kind.value, ident, narrow) for narrow in sorted(vocabulary.narrower(kind, ident))]
            for name in (ident, term.label, *term.synonyms):
                known = vocabulary.resolve(kind, name)
                names[name.casefold()] = ident if known is None else known
        rows["names"] += [(kind.value, name, ident) for name, ident in names.items()]
    for unit in vocabulary.terms.get(VocabularyKind.UNITS, {}).values():
        if isinstance(unit, UnitTerm):
            rows["factors"] += [(unit.family.value, row.to.value, row.factor, row.source) for row in unit.conversions]
    rows["factors"] = list({row[:2]: row for row in rows["factors"]}.values())
    return rows


def _term_class(term: Term) -> str | None:
    match term:
        case AgentTerm():
            return term.agent_class.value
        case BiomarkerTerm():
            return term.marker_class.value
        case EndpointTerm():
            return term.kind.value
        case RouteTerm():
            return term.mode
        case UnitTerm():
            return term.family.value
        case AdverseEventTerm():
            return term.organ
        case _:
            return None


def _term_values(term: Term) -> Values:
    marker = term if isinstance(term, BiomarkerTerm) else None
    parts = term.includes if isinstance(term, EndpointTerm) else term.members if isinstance(term, AgentTerm) else ()
    return {
        "label": term.label,
        "synonyms": joined(term.synonyms),
        "broader": joined(term.broader),
        "curies": joined(term.curies),
        "class": _term_class(term),
        "role": plain(marker.role) if marker else None,
        "measure": plain(marker.measure) if marker else None,
        "favours": plain(term.favours) if isinstance(term, EndpointTerm) else None,
        "includes": joined(parts),
        "note": term.note,
    }


__all__ = ["Rows", "Table", "study_rows", "vocabulary_rows"]
