"""A study as rows of the index's tables (`kb.records.tables`). Pure: opens nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from kb.model.findings import Change, Finding, Level, MarkerAssociation, MarkerContrast
from kb.model.outcomes import AdverseEvent, CitedResult, Outcome
from kb.model.quantities import Quantity
from kb.model.results import Continuous, Contrast, TimeToEvent
from kb.model.scope import Item, arms_of_item, arms_of_population, conditions_of
from kb.model.study import Claim, Entity, Population, Study
from kb.model.terms import Absence, VocabularyKind
from kb.model.vocabulary import AdverseEventTerm, BiomarkerTerm, EndpointTerm
from kb.records.collection import Vocabulary
from kb.records.lines import Lines
from kb.records.record_rows import add_ambiguities, add_flags, add_overlaps, add_report, add_study, all_conditions
from kb.records.regimen_rows import add_arm
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
    printed,
    result_values,
    source_values,
    with_absence,
)
from kb.records.row_set import Rows, StudyRows


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
    into = StudyRows(study, file, lines, vocabulary)
    for section, add in _SECTIONS.items():
        for position, (ident, item) in enumerate(getattr(study, section).items()):
            add(into, ident, item, position)
    add_study(into)
    add_overlaps(into)
    add_flags(into)
    add_ambiguities(into)
    return into.rows


def _number(value: Quantity | None) -> float | None:
    return None if value is None else value.value


def _add_population(into: StudyRows, ident: str, population: Population, position: int) -> None:
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


def _item_values(into: StudyRows, section: str, ident: str, item: Item, position: int) -> Values:
    """Return what findings, outcomes and adverse events share, and add their links."""
    arms = arms_of_item(into.study, item)
    into.link(section, ident, arms=arms, conditions=into.conditions(item.population))
    return {
        **into.head(section, ident, position),
        **into.population(item.population, arms),
        "flags": joined(dict.fromkeys(flag for flag, _ in _item_flags(into.study, ident, item.__dict__.get("flags", ())))),
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


def _add_finding(into: StudyRows, ident: str, finding: Finding, position: int) -> None:
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


def _association_values(into: StudyRows, finding: Finding) -> Values:
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


def _add_parts(into: StudyRows, section: str, ident: str, result: Any, groups: Sequence[Any] = ()) -> None:
    """Add the landmarks and group values of an item: those of the item itself, then those of its result."""
    of = {"kind": section, "item_id": ident}
    for number, group in enumerate((*groups, *(result.groups if isinstance(result, Contrast | Continuous) else ()))):
        into.add("group_values", {**of, **group_values(number, group)})
    for number, landmark in enumerate(result.landmarks if isinstance(result, TimeToEvent) else ()):
        into.add("landmarks", {**of, **landmark_values(number, landmark)})


def _add_outcome(into: StudyRows, ident: str, outcome: Outcome, position: int) -> None:
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


def _add_adverse_event(into: StudyRows, ident: str, event: AdverseEvent, position: int) -> None:
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
            **p_values(event.p),
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


def _entity_values(into: StudyRows, side: str, entity: Entity) -> Values:
    kind, value = next((name, found) for name in type(entity).model_fields if (found := getattr(entity, name)) is not None)
    label = value
    if kind in _ENTITY_KINDS:
        label = into.label(_ENTITY_KINDS[kind], value)
    elif kind == "arm" and value in into.study.arms:
        label = into.study.arms[value].label
    return {f"{side}_kind": kind, side: value, f"{side}_label": label}


def _add_claim(into: StudyRows, ident: str, claim: Claim, position: int) -> None:
    study = into.study
    entities = (claim.subject, claim.object)
    arms = tuple(entity.arm for entity in entities if entity.arm is not None) or covered_arms(study, claim.populations)
    named = tuple(dict.fromkeys((*claim.conditions, *(entity.condition for entity in entities if entity.condition is not None))))
    of_populations = tuple(dict.fromkeys(c for name in claim.populations for c in conditions_of(study, name)))
    conditions = named or of_populations or all_conditions(study)
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


def _add_cited(into: StudyRows, ident: str, cited: CitedResult, position: int) -> None:
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


_SECTIONS: Mapping[str, Callable[[StudyRows, str, Any, int], None]] = {
    "reports": add_report,
    "arms": add_arm,
    "populations": _add_population,
    "findings": _add_finding,
    "outcomes": _add_outcome,
    "adverse_events": _add_adverse_event,
    "claims": _add_claim,
    "cited": _add_cited,
}
"""How the items of each section become rows."""
