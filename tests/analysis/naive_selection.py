"""What a selection means, said once more in plain Python over models: slow, and written apart from the SQL.

The words of `kb.analysis.selection` are the specification of both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kb.analysis.ranges import DoseRange, parse_dose_range, parse_range
from kb.model.algebra import Amount, cumulative, per_cycle, per_day, per_dose, regimen_class
from kb.model.regimen import Arm, Component
from kb.model.scope import arms_of_item, arms_of_population, conditions_of
from kb.model.study import Study
from kb.model.terms import Absence, VocabularyKind
from kb.records.collection import Vocabulary

SECTIONS = {
    "reports": "reports", "arms": "arms", "populations": "populations", "findings": "findings", "outcomes": "outcomes",
    "adverse-events": "adverse_events", "claims": "claims",
}  # fmt: skip
TERMS = {
    "agent": VocabularyKind.AGENTS, "route": VocabularyKind.ROUTES, "condition": VocabularyKind.CONDITIONS,
    "biomarker": VocabularyKind.BIOMARKERS, "endpoint": VocabularyKind.ENDPOINTS, "adverse-event": VocabularyKind.ADVERSE_EVENTS,
}  # fmt: skip
REGIMEN = ("agent", "role", "route", "dose", "regimen-class")
FACTS = ("biomarker", "direction", "association", "endpoint", "adverse-event")
AMOUNTS = {"dose": per_dose, "day": per_day, "cycle": per_cycle, "total": cumulative}

Options = Mapping[str, tuple[str, ...]]


def naive_rows(studies: list[Study], vocabulary: Vocabulary, kind: str, options: Options) -> list[tuple[str, str]]:
    """Return study and item of the rows that belong to a selection; options by name, `not-` before exclusions."""
    wider: dict[str, set[str]] = {}
    for name, values in options.items():
        kind_of = TERMS.get(name.removeprefix("not-"))
        wider[name] = {term for value in values for term in vocabulary.narrower(kind_of, value)} if kind_of else set(values)
    return [
        (study.id, item)
        for study in studies
        for item in ([""] if kind == "studies" else list(getattr(study, SECTIONS[kind])))
        if _belongs(_Row(study, kind, item, vocabulary), wider)
    ]


class _Row:
    def __init__(self, study: Study, kind: str, item: str, vocabulary: Vocabulary) -> None:
        self.study, self.kind, self.item, self.vocabulary = study, kind, item, vocabulary
        self.value: Any = study if kind == "studies" else getattr(study, SECTIONS[kind])[item]

    @property
    def arms(self) -> list[Arm]:
        study = self.study
        match self.kind:
            case "studies" | "reports":
                return list(study.arms.values())
            case "arms":
                return [self.value]
            case "populations":
                names = arms_of_population(study, self.item)
            case "claims":
                names = tuple(e.arm for e in (self.value.subject, self.value.object) if e.arm)
                names = names or tuple(a for p in self.value.populations for a in arms_of_population(study, p)) or tuple(study.arms)
            case _:
                names = arms_of_item(study, self.value)
        return [study.arms[name] for name in names]

    @property
    def conditions(self) -> set[str]:
        study = self.study
        everything = {c for p in study.populations for c in conditions_of(study, p)}
        match self.kind:
            case "studies" | "reports":
                return everything
            case "arms":
                return {c for p in study.populations if self.item in arms_of_population(study, p) for c in conditions_of(study, p)}
            case "populations":
                return set(conditions_of(study, self.item))
            case "claims":
                named = {*self.value.conditions, *(e.condition for e in (self.value.subject, self.value.object) if e.condition)}
                return named or {c for p in self.value.populations for c in conditions_of(study, p)} or everything
            case _:
                return set(conditions_of(study, self.value.population))

    @property
    def n(self) -> int | Absence:
        match self.kind:
            case "arms" | "populations":
                n: int | Absence = self.value.n
                return n
            case "findings" | "outcomes" | "adverse-events":
                return self.study.populations[self.value.population].n
            case _:
                return next(iter(self.study.populations.values())).n

    def held(self, section: str) -> Iterator[Any]:
        """Yield the items of the study, for an arm those that speak of it."""
        for item in getattr(self.study, section).values():
            if self.kind != "arms" or self.item in arms_of_item(self.study, item):
                yield item


def _belongs(row: _Row, options: Mapping[str, set[str]]) -> bool:
    status = options.get("status", {"draft", "reviewed", "accepted"}) - options.get("not-status", set())
    if row.study.curation.status not in status:
        return False
    chosen = {name: values for name, values in options.items() if not name.startswith("not-") and name != "status"}
    if not _fits(row, chosen):
        return False
    return not any(
        _fits(row, {name.removeprefix("not-"): values})
        for name, values in options.items()
        if name.startswith("not-") and name != "not-status"
    )


def _fits(row: _Row, options: Mapping[str, set[str]]) -> bool:
    regimen = {name: options[name] for name in REGIMEN if name in options}
    facts = {name: options[name] for name in FACTS if name in options}
    return (
        all(_study(row, name, values) for name, values in options.items() if name in ("design", "phase", "year", "id"))
        and (not regimen or any(_arm(row, arm, regimen) for arm in row.arms))
        and ("condition" not in options or bool(row.conditions & options["condition"]))
        and ("n" not in options or (isinstance(row.n, int) and any(parse_range("n", v).holds(row.n) for v in options["n"])))
        and (not facts or _facts(row, facts))
    )


def _study(row: _Row, name: str, values: set[str]) -> bool:
    design = row.study.design
    match name:
        case "design":
            return bool({design.type.value, design.allocation.value} & values)
        case "phase":
            return design.phase.value in values
        case "year":
            return any(parse_range("year", value).holds(row.study.main_report.year) for value in values)
        case _:
            wanted = [value.partition("#") for value in values]
            return any(study == row.study.id and (not mark or row.kind == "studies" or item == row.item) for study, mark, item in wanted)


def _arm(row: _Row, arm: Arm, options: Mapping[str, set[str]]) -> bool:
    if "regimen-class" in options and regimen_class(arm, row.vocabulary.lexicon).value not in options["regimen-class"]:
        return False
    if set(options) <= {"regimen-class"}:
        return True
    return any(_component(row, component, options) for phase in arm.regimen for component in phase.components)


def _component(row: _Row, component: Component, options: Mapping[str, set[str]]) -> bool:
    if "role" in options:
        role = component.role in options["role"]
    elif "dose" in options and "agent" not in options:
        role = component.role == "investigational"
    else:
        role = component.role != "supportive"
    return (
        role
        and ("agent" not in options or component.agent in options["agent"])
        and ("route" not in options or str(component.route) in options["route"])
        and ("dose" not in options or any(_dose(row, component, parse_dose_range(value)) for value in options["dose"]))
    )


def _dose(row: _Row, component: Component, wanted: DoseRange) -> bool:
    amount = AMOUNTS[wanted.per.value](component)
    if amount is None or amount.body is not wanted.body:
        return False
    factors = row.vocabulary.lexicon.factors
    both = {**factors, **{(target, source): 1 / factor for (source, target), factor in factors.items()}}
    here = amount if amount.family is wanted.family else amount.converted(wanted.family, both)
    return here is not None and _meets(here, wanted)


def _meets(amount: Amount, wanted: DoseRange) -> bool:
    bounds = wanted.amounts
    near = 1e-9
    above = bounds.low is None or (amount.high > bounds.low * (1 + near) if bounds.low_open else amount.high >= bounds.low * (1 - near))
    below = bounds.high is None or (amount.low < bounds.high * (1 - near) if bounds.high_open else amount.low <= bounds.high * (1 + near))
    return above and below


def _finding(finding: Any, options: Mapping[str, set[str]]) -> bool:
    markers = {finding.biomarker, getattr(finding, "other_marker", None)}
    absent = Absence.NOT_APPLICABLE
    return (
        ("biomarker" not in options or bool(markers & options["biomarker"]))
        and ("direction" not in options or str(getattr(finding, "direction", absent)) in options["direction"])
        and ("association" not in options or str(getattr(finding, "association", absent)) in options["association"])
        and ("endpoint" not in options or getattr(finding, "endpoint", None) in options["endpoint"])
    )


def _facts(row: _Row, options: Mapping[str, set[str]]) -> bool:
    marker = {name: options[name] for name in ("biomarker", "direction", "association") if name in options}
    endpoint, event = options.get("endpoint"), options.get("adverse-event")
    with_endpoint = {**marker, "endpoint": endpoint} if endpoint and "association" in options else marker
    value = row.value
    match row.kind:
        case "findings":
            return _finding(value, {**marker, **({"endpoint": endpoint} if endpoint else {})}) and (
                not event or getattr(value, "adverse_event", None) in event
            )
        case "claims":

            def about(field: str, terms: set[str]) -> bool:
                return any(getattr(entity, field) in terms for entity in (value.subject, value.object))

            return (
                ("biomarker" not in options or about("biomarker", options["biomarker"]))
                and (set(marker) <= {"biomarker"} or any(_finding(f, with_endpoint) for f in row.held("findings")))
                and (not endpoint or about("endpoint", endpoint))
                and (not event or about("adverse_event", event))
            )
        case _:
            return (
                (not marker or any(_finding(f, with_endpoint) for f in row.held("findings")))
                and (not endpoint or _endpoint(row, endpoint, joint="association" in options))
                and (not event or _event(row, event))
            )


def _endpoint(row: _Row, terms: set[str], *, joint: bool) -> bool:
    if row.kind == "outcomes":
        return row.value.endpoint in terms
    if joint:  # asked of the finding already
        return True
    return any(o.endpoint in terms for o in row.held("outcomes")) or any(
        getattr(f, "endpoint", None) in terms for f in row.held("findings")
    )


def _event(row: _Row, terms: set[str]) -> bool:
    if row.kind == "adverse-events":
        return row.value.term in terms
    return any(e.term in terms for e in row.held("adverse_events")) or any(
        getattr(f, "adverse_event", None) in terms for f in row.held("findings")
    )
