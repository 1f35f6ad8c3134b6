"""A study as rows of the index's tables (`kb.records.tables`). Pure: opens nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kb.model.findings import Change, Finding, Level, MarkerAssociation, MarkerContrast, Timepoint
from kb.model.outcomes import AdverseEvent, CitedResult, Outcome
from kb.model.quantities import Quantity
from kb.model.results import Continuous, Contrast, TimeToEvent
from kb.model.scope import Item, named_arms
from kb.model.study import Characteristics, Claim, Entity, Population, Study
from kb.model.terms import Absence, BiasFlag, VocabularyKind
from kb.model.vocabulary import AdverseEventTerm, BiomarkerTerm, EndpointTerm
from kb.records.collection import Vocabulary
from kb.records.lines import Lines
from kb.records.record_rows import add_ambiguities, add_flags, add_overlaps, add_report, add_study
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
    arms, conditions = into.arms(ident), into.conditions(ident)
    who = population.characteristics
    into.add(
        "populations",
        {
            **into.head("populations", ident, position),
            "label": into.population(ident, arms)["population_label"],
            **with_absence("n", population.n),
            "basis": plain(population.basis),
            "arms": joined(arms),
            "conditions": joined(conditions),
            "within": population.within,
            **({} if who is None else _who(who)),
            "note": population.note,
        },
    )
    into.link("populations", ident, arms=arms, conditions=conditions)


def _who(who: Characteristics) -> Values:
    words = ("age_range", "male", "female", "performance_status", "stage", "prior_therapy", "other")
    return {"age_median": _number(who.age_median), "age_mean": _number(who.age_mean), **{name: getattr(who, name) for name in words}}


def _item_values(into: StudyRows, section: str, ident: str, item: Item, position: int) -> Values:
    """Return what findings, outcomes and adverse events share, and add their links."""
    arms = named_arms(item) or into.arms(item.population)
    into.link(section, ident, arms=arms, conditions=into.conditions(item.population))
    return {
        **into.head(section, ident, position),
        **into.population(item.population, arms),
        "flags": joined(_item_flags(into.study, ident, item.__dict__.get("flags", ()))),
        "note": item.note,
        **source_values(into.study, item.source),
    }


def _item_flags(study: Study, ident: str, own: Sequence[BiasFlag]) -> dict[str, None]:
    """Return an item's flags, each once: its own, then those of the appraisal."""
    found = dict.fromkeys([flag.value for flag in own])
    for raised in study.appraisal.flags if study.appraisal else ():
        if ident in raised.items:
            found[raised.flag.value] = None
    return found


def _add_finding(into: StudyRows, ident: str, finding: Finding, position: int) -> None:
    marker = into.vocabulary.get(VocabularyKind.BIOMARKERS, finding.biomarker)
    values: Values = {
        **_item_values(into, "findings", ident, finding, position),
        "kind": finding.kind,
        "biomarker": finding.biomarker,
        "biomarker_label": finding.biomarker if marker is None else marker.label,
        "printed": finding.printed,
        "detail": finding.detail,
        **with_absence("compartment", finding.compartment),
        **_time_values(finding.timepoint),
        **with_absence("assay", finding.assay),
        **with_absence("n", finding.n),
        **result_values(finding.result),
    }
    if isinstance(marker, BiomarkerTerm):
        values |= {"marker_class": plain(marker.marker_class), "marker_role": plain(marker.role), "marker_measure": plain(marker.measure)}
    if isinstance(finding, Level):
        values |= not_applicable("direction", "association", "adjustment")
    else:
        values |= {**p_values(finding.p), **_OF_KIND[type(finding)](into, finding)}
    into.add("findings", values)
    _add_parts(into, "findings", ident, finding.result, () if isinstance(finding, Level) else finding.groups)


def _time_values(when: Timepoint | Absence) -> Values:
    if isinstance(when, Absence):
        return with_absence("timepoint", when)
    return {
        **with_absence("timepoint", when.when),
        "timepoint_text": when.text,
        "from_start": when.from_start,
        "after_dose": when.after_dose,
    }


def _change_values(into: StudyRows, change: Change) -> Values:
    return {
        **with_absence("direction", change.direction),
        "versus": plain(change.versus),
        "magnitude": change.magnitude,
        "only_in": change.only_in,
        "dose_dependent": plain(change.dose_dependent),
        **not_applicable("association", "adjustment"),
    }


def _contrast_values(into: StudyRows, contrast: MarkerContrast) -> Values:
    return {
        **with_absence("direction", contrast.direction),
        **comparison_values(contrast.comparison),
        **not_applicable("association", "adjustment"),
    }


def _association_values(into: StudyRows, finding: MarkerAssociation) -> Values:
    own: Values = {"test": finding.test} if finding.test else {}  # that of the result stands otherwise
    return {
        **own,
        **not_applicable("direction"),
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


_OF_KIND: Mapping[type[Finding], Callable[[StudyRows, Any], Values]] = {
    Change: _change_values,
    MarkerContrast: _contrast_values,
    MarkerAssociation: _association_values,
}
"""The columns that each kind of finding fills beside those that all have."""


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
    kind, value = next((name, found) for name, found in entity.__dict__.items() if found is not None)
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
    of_populations = tuple(dict.fromkeys([c for name in claim.populations for c in into.conditions(name)]))
    conditions = named or of_populations or into.all_conditions()
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
            "flags": joined(_item_flags(study, ident, ())),
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
