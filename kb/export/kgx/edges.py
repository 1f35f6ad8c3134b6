"""Which items of a study become edges of the Biolink Model, and which do not, each with the reason.

Predicates, qualifiers and levels are those of Biolink 4.4.6. An edge is one item of one study; nothing is summed up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kb.model.findings import Change, MarkerAssociation
from kb.model.quantities import PValue
from kb.model.scope import arms_of_item, arms_of_population
from kb.model.study import Report, Study
from kb.model.terms import Absence, Association, Comparison, CountOf, DesignType, Direction, NullBasis, Role, VocabularyKind

BIOLINK = "4.4.6"
Term = tuple[VocabularyKind, str]

_NO_INTERVENTION = (Role.SUPPORTIVE, Role.COMPARATOR, Role.PROCEDURE)
_MOVES = {Direction.INCREASE: "increased", Direction.DECREASE: "decreased"}
_CORRELATIONS = {
    Association.POSITIVE: "biolink:positively_correlated_with",
    Association.NEGATIVE: "biolink:negatively_correlated_with",
    Association.DIFFERS: "biolink:associated_with",
}


class Edge(NamedTuple):
    """One item of a study as an edge.

    Attributes:
        subject: Term that it starts from.
        predicate: Biolink predicate.
        object: Term that it speaks of.
        item: Path of the item in the record.
        level: Biolink knowledge level.
        negated: Whether the statement is that it is not so.
        direction: Biolink direction of the object, or an empty text.
        events: Patients with the event, or None.
        total: Patients observed, or None.
        p: P value as printed, or an empty text.
        publications: CURIEs of the report.
    """

    subject: Term
    predicate: str
    object: Term
    item: str
    level: str
    negated: bool = False
    direction: str = ""
    events: int | None = None
    total: int | None = None
    p: str = ""
    publications: tuple[str, ...] = ()


class LeftOut(NamedTuple):
    """An item that is no edge.

    Attributes:
        item: Path of the item in the record.
        reason: Why.
    """

    item: str
    reason: str


def edges(study: Study) -> Iterator[Edge | LeftOut]:
    """Yield what each finding, outcome, adverse event and arm of a study becomes."""
    yield from _trials(study)
    for ident, finding in study.findings.items():
        path = f"findings/{ident}"
        if isinstance(finding, MarkerAssociation):
            yield _association(study, path, finding)
        elif isinstance(finding, Change):
            yield _change(study, path, finding)
        else:
            yield LeftOut(path, "a level or a contrast of groups is no statement of two terms")
    for ident in study.outcomes:
        yield LeftOut(f"outcomes/{ident}", "Biolink has no predicate between a treatment and a response or survival endpoint")
    yield from _harms(study)


def _published(report: Report) -> tuple[str, ...]:
    found = (report.pmid and f"PMID:{report.pmid}", report.doi and f"doi:{report.doi}")
    return tuple(one for one in found if one)


def _agents(study: Study, arm: str) -> list[str]:
    """The interventions of an arm, in order."""
    parts = (part for phase in study.arms[arm].regimen for part in phase.components) if arm in study.arms else ()
    return list(dict.fromkeys(part.agent for part in parts if part.role not in _NO_INTERVENTION))


def _trials(study: Study) -> Iterator[Edge]:
    trial = study.design.type is DesignType.CLINICAL_TRIAL
    predicate = "biolink:in_clinical_trials_for" if trial else "biolink:studied_to_treat"
    found = {
        (arm, agent, condition): None
        for ident, population in study.populations.items()
        for arm in arms_of_population(study, ident)
        for agent in _agents(study, arm)
        for condition in population.conditions
    }
    for arm, agent, condition in found:
        yield Edge(
            (VocabularyKind.AGENTS, agent), predicate, (VocabularyKind.CONDITIONS, condition), f"arms/{arm}", "knowledge_assertion",
            publications=_published(study.main_report),
        )  # fmt: skip


def _association(study: Study, path: str, finding: MarkerAssociation) -> Edge | LeftOut:
    # The model holds that exactly one of the three is given.
    given = (
        (VocabularyKind.ENDPOINTS, finding.endpoint),
        (VocabularyKind.ADVERSE_EVENTS, finding.adverse_event),
        (VocabularyKind.BIOMARKERS, finding.other_marker),
    )
    target = next((kind, ident) for kind, ident in given if ident is not None)
    none = finding.association is Association.NONE
    if none and finding.basis is not NullBasis.TESTED:
        return LeftOut(path, "an absence of association that was not tested must not become a negated edge")
    said = None if isinstance(finding.association, Absence) else finding.association
    predicate = "biolink:associated_with" if none else _CORRELATIONS.get(said) if said else None
    if predicate is None:
        return LeftOut(path, "a mixed or absent association has no direction")
    p = getattr(finding, "p", None)
    return Edge(
        (VocabularyKind.BIOMARKERS, finding.biomarker), predicate, target, path, "statistical_association", negated=none,
        p="" if p is None else _p(p), total=finding.n if isinstance(finding.n, int) else None,
        publications=_published(study.reports[finding.source.report]),
    )  # fmt: skip


def _p(value: PValue) -> str:
    """A P value that Biolink can hold: a number; a bound or NS is none."""
    return f"{value.value:g}" if value.exact else ""


def _change(study: Study, path: str, finding: Change) -> Edge | LeftOut:
    agents = {agent for arm in arms_of_item(study, finding) for agent in _agents(study, arm)}
    if len(agents) != 1:
        return LeftOut(path, "several agents were given, so the change cannot be put down to one")
    if finding.versus is not Comparison.BASELINE:
        return LeftOut(path, "the change is not against the state before treatment")
    move = None if isinstance(finding.direction, Absence) else _MOVES.get(finding.direction)
    still = finding.direction is Direction.NO_CHANGE
    if move is None and not still:
        return LeftOut(path, "a mixed, passing or absent direction has no qualifier")
    return Edge(
        (VocabularyKind.AGENTS, agents.pop()), "biolink:affects", (VocabularyKind.BIOMARKERS, finding.biomarker), path, "observation",
        negated=still, direction=move or "", total=finding.n if isinstance(finding.n, int) else None,
        publications=_published(study.reports[finding.source.report]),
    )  # fmt: skip


def _harms(study: Study) -> Iterator[Edge | LeftOut]:
    for ident, event in study.adverse_events.items():
        path = f"adverse_events/{ident}"
        if not event.events or event.count_of is not CountOf.PATIENTS:
            yield LeftOut(path, "no count of patients with the event above zero")
            continue
        agents = dict.fromkeys(agent for arm in arms_of_item(study, event) for agent in _agents(study, arm))
        for agent in agents:
            yield Edge(
                (VocabularyKind.AGENTS, agent), "biolink:has_adverse_event", (VocabularyKind.ADVERSE_EVENTS, event.term), path,
                "observation", events=event.events, total=event.total, publications=_published(study.reports[event.source.report]),
            )  # fmt: skip
