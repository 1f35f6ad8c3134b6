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
from kb.model.terms import Absence, VocabularyKind
from kb.records.collection import Vocabulary
from kb.records.tables import JOINER

Values = dict[str, Any]
"""Column name to value: None, int, float or str."""

_RESULT_BLANK: Values = dict.fromkeys(
    (
        "result", "events", "total", "percent", "percent_printed", "measure", "estimate", "estimate_printed", "median",
        "median_printed", "median_not_reached", "mean", "mean_printed", "unit", "interval_low", "interval_high",
        "interval_low_printed", "interval_high_printed", "interval_level", "interval_half_width", "interval_not_reached",
        "range_low", "range_high", "range_low_printed", "range_high_printed", "range_quartiles", "sd", "se", "times",
        "clock", "result_n", "p", "p_printed", "p_operator", "alpha", "test", "sides", "result_adjusted_for", "says",
        "result_text",
    )
)  # fmt: skip

_NO_INTERVAL: Values = dict.fromkeys(name for name in _RESULT_BLANK if name.startswith("interval_"))


def joined(values: Iterable[object]) -> str | None:
    """Join several values for one column; None when there is none."""
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
    if isinstance(value, str):
        return str.__str__(value)  # a term of a closed set becomes a plain text, which SQLite and pickle take faster
    return value


def with_absence(name: str, value: Any) -> Values:
    """Return a value under its name, and why it is not there beside it."""
    return {name: plain(value), f"{name}_absence": value.value if isinstance(value, Absence) else None}


def not_applicable(name: str) -> Values:
    """Return the columns of a field that a kind of row does not have."""
    return {name: None, f"{name}_absence": Absence.NOT_APPLICABLE.value}


def printed(name: str, value: Quantity | None) -> Values:
    """Return a quantity as a number and as printed."""
    return {name: None if value is None else value.value, f"{name}_printed": None if value is None else str(value)}


def interval_values(interval: Interval | None) -> Values:
    """Return an interval's columns."""
    if interval is None:
        return _NO_INTERVAL
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
        return {"p": None, "p_printed": None, "p_operator": None}
    return {"p": None if p.operator == "NS" else p.value, "p_printed": str(p), "p_operator": p.operator}


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
    """Return every result column; those that the kind does not fill are None."""
    if result is None:
        return dict(_RESULT_BLANK)
    return {**_RESULT_BLANK, "result": result.kind, **_RESULT_VALUES[type(result)](result)}


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
        return dict.fromkeys(("comparison", "comparison_arms", "versus_arms", "versus_population", "versus_text", "differs"))
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
        "also": joined(f"{other.report}: {other.at}" for other in source.also),
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
