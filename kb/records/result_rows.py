"""Results, intervals, comparisons, populations and sources of a record as columns of the index."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kb.model.base import GroupValue, Interval, Record, Source, Spread
from kb.model.outcomes import GroupComparison
from kb.model.quantities import PValue, Quantity
from kb.model.results import Continuous, Contrast, CountResult, Landmark, Proportion, Result, StatementResult, TimeToEvent
from kb.model.scope import arms_of_population, conditions_of
from kb.model.study import Population, Study
from kb.model.terms import Absence, ClosedSet, VocabularyKind
from kb.records.collection import Vocabulary
from kb.records.tables import JOINER, STUDY_TABLES

Values = dict[str, Any]
"""Column name to value: None, int, float or str. A column that is not named is NULL, as one that is None."""

_ABSENCE: dict[str, str] = {}
_PRINTED: dict[str, str] = {}
for _table in STUDY_TABLES:
    _ABSENCE |= {name.removesuffix("_absence"): name for name in _table.names if name.endswith("_absence")}
    _PRINTED |= {name.removesuffix("_printed"): name for name in _table.names if name.endswith("_printed")}


def joined(values: Iterable[object]) -> str | None:
    """Join several values for one column; None when there is none."""
    if not values:  # half of the lists of a record are empty
        return None
    return JOINER.join([value if isinstance(value, str) else str(value) for value in values]) or None


def plain(value: Any) -> Any:
    """Return a value that SQLite stores: a term's id, a number, a text, 0 or 1; None for an absence."""
    kind = type(value)
    if value is None or kind is str or kind is int or kind is float:  # most of the values, and dozens in every row
        return value
    if kind is Absence:
        return None
    if kind is bool:
        return int(value)
    if isinstance(value, ClosedSet):
        return value._value_  # a plain text, which SQLite and marshal take; the short way round `value`
    return value


def with_absence(name: str, value: Any) -> Values:
    """Return a value under its name, or why it is not there."""
    if type(value) is Absence:
        return {_ABSENCE[name]: value._value_}
    return {name: plain(value)}


def not_applicable(*names: str) -> Values:
    """Return why there is no value in fields that a kind of row does not have."""
    return {_ABSENCE[name]: Absence.NOT_APPLICABLE.value for name in names}


def printed(name: str, value: Quantity | None) -> Values:
    """Return a quantity as a number and as printed."""
    return {} if value is None else {name: value.value, _PRINTED[name]: str(value.printed)}


def interval_values(interval: Interval | None) -> Values:
    """Return an interval's columns."""
    if interval is None:
        return {}
    return {
        **printed("interval_low", interval.low),
        **printed("interval_high", interval.high),
        "interval_level": interval.level,
        "interval_half_width": None if interval.half_width is None else interval.half_width.value,
        "interval_not_reached": int(interval.not_reached),
    }


def p_values(p: PValue | None) -> Values:
    """Return a P value's columns; `NS` is no number."""
    if p is None:
        return {}
    return {"p": None if p.operator == "NS" else p.value, "p_printed": str(p.printed), "p_operator": p.operator}


def _spread_values(spread: Spread | None) -> Values:
    if spread is None:
        return {}
    return {
        **printed("range_low", spread.low),
        **printed("range_high", spread.high),
        "range_quartiles": int(spread.quartiles),
        "sd": None if spread.sd is None else spread.sd.value,
        "se": None if spread.se is None else spread.se.value,
    }


def _proportion(result: Proportion) -> Values:
    return {
        "events": result.events,
        "total": result.total,
        **printed("percent", result.percent),
        **interval_values(result.interval),
        **p_values(result.p),
    }


def _time_to_event(result: TimeToEvent) -> Values:
    return {
        "unit": plain(result.unit),
        **printed("median", result.median),
        "median_not_reached": int(result.median_not_reached),
        **printed("mean", result.mean),
        **interval_values(result.interval),
        **_spread_values(result.range),
        "times": joined(result.times),
        "events": result.events,
        "total": result.total,
        "clock": result.clock,
        **p_values(result.p),
    }


def _contrast(result: Contrast) -> Values:
    return {
        "measure": plain(result.measure),
        **printed("estimate", result.estimate),
        **interval_values(result.interval),
        **p_values(result.p),
        "alpha": result.alpha,
        "test": result.test,
        "sides": result.sides,
        "says": plain(result.direction),
        "result_adjusted_for": joined(result.adjusted_for),
        "unit": result.unit,
    }


def _count(result: CountResult) -> Values:
    return {**printed("estimate", result.count), "unit": result.of}


def _continuous(result: Continuous) -> Values:
    return {
        "measure": plain(result.statistic),
        **printed("estimate", result.value),
        "unit": result.unit,
        **_spread_values(result.spread),
        **interval_values(result.interval),
        "result_n": result.n,
        **p_values(result.p),
    }


def _statement(result: StatementResult) -> Values:
    return {"says": plain(result.says), "result_text": result.text, **p_values(result.p), "test": result.test}


_RESULT_VALUES: dict[type[Record], Any] = {
    Proportion: _proportion,
    TimeToEvent: _time_to_event,
    Contrast: _contrast,
    CountResult: _count,
    Continuous: _continuous,
    StatementResult: _statement,
}
"""The columns that each kind of result fills."""


def result_values(result: Result | None) -> Values:
    """Return the columns that a result fills."""
    return {} if result is None else {"result": result.kind, **_RESULT_VALUES[type(result)](result)}


def landmark_values(number: int, landmark: Landmark) -> Values:
    """Return the columns of a share at a point in time."""
    return {
        "landmark_no": number,
        **printed("at", landmark.at),
        "unit": plain(landmark.unit),
        "events": landmark.events,
        "total": landmark.total,
        **printed("percent", landmark.percent),
        **interval_values(landmark.interval),
    }


def group_values(number: int, group: GroupValue) -> Values:
    """Return the columns of one group's value."""
    spread = group.spread or Spread()
    return {
        "group_no": number,
        "name": group.group,
        "population": group.population,
        "n": group.n,
        "events": group.events,
        **printed("value", group.value),
        **printed("before", group.before),
        **printed("after", group.after),
        "sd": None if spread.sd is None else spread.sd.value,
        "se": None if spread.se is None else spread.se.value,
        "range_low": None if spread.low is None else spread.low.value,
        "range_high": None if spread.high is None else spread.high.value,
        "range_quartiles": None if group.spread is None else int(spread.quartiles),
        "direction": plain(group.direction),
        "unit": group.unit,
        "text": group.text,
    }


def comparison_values(comparison: GroupComparison | None) -> Values:
    """Return a comparison's columns."""
    if comparison is None:
        return {}
    return {
        "comparison": plain(comparison.kind),
        "comparison_arms": joined(comparison.arms),
        "versus_arms": joined(comparison.versus),
        "versus_population": comparison.versus_population,
        "versus_text": comparison.versus_text,
        "differs": joined(comparison.differs),
    }


def source_values(study: Study, source: Source) -> Values:
    """Return a source's columns."""
    report = study.reports.get(source.report)
    return {
        "report": source.report,
        "report_read": None if report is None else plain(report.read),
        "at": source.at,
        "anchor": source.anchor,
        "derived": source.derived,
        "also": joined([f"{other.report}: {other.at}" for other in source.also]),
    }


def population_label(study: Study, ident: str, population: Population, vocabulary: Vocabulary) -> str:
    """Return what a population is called: its own label, or diseases and basis (`renal cell carcinoma, treated`)."""
    if population.label is not None:
        return population.label
    diseases = [vocabulary.label(VocabularyKind.CONDITIONS, condition) for condition in conditions_of(study, ident)]
    *head, last = diseases or [""]
    named = f"{', '.join(head)} and {last}" if head else last
    return ", ".join(part for part in (named, population.basis.label) if part)


def population_values(study: Study, ident: str, arms: Iterable[str], vocabulary: Vocabulary) -> Values:
    """Return the columns of the population that an item hangs on.

    Args:
        study: The study.
        ident: The population; an unknown one (`kb check` reports it) gives its id alone.
        arms: Arms that the item speaks of.
        vocabulary: For the labels of diseases.
    """
    found = study.populations.get(ident)
    return {
        "population": ident,
        "population_label": None if found is None else population_label(study, ident, found, vocabulary),
        **with_absence("population_n", None if found is None else found.n),
        "population_basis": None if found is None else plain(found.basis),
        "conditions": joined(conditions_of(study, ident)),
        "arms": joined(arms),
    }


def covered_arms(study: Study, populations: Iterable[str]) -> tuple[str, ...]:
    """Return the arms that several populations cover, or all of the study when there is no population."""
    found = tuple(dict.fromkeys(arm for ident in populations for arm in arms_of_population(study, ident)))
    return found or tuple(study.arms)
