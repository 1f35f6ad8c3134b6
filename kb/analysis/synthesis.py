"""A synthesis: studies in, pooled estimate out, with groups, and with everything that was left out and why."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat

from kb.analysis.effects import MEASURES, Effect, NotEstimableError, normal_quantile, proportion_effect, table_effect
from kb.analysis.pooling.result import Pooled, Settings
from kb.analysis.spool import Spool, derived, joined
from kb.errors import UsageError

COUNT_METHODS = {"MH": ("RR", "OR", "RD"), "PETO": ("PETO",), "GLMM": ("PLO", "OR")}
"""Methods that take counts as they are, with the measures that they know."""


@dataclass(frozen=True, slots=True)
class Datum:
    """One study, or one independent group of patients, as it enters.

    Attributes:
        label: Study in words.
        counts: Events and patients of one arm, or of two; empty where an effect is given.
        effect: The effect, where it is given instead of counts.
        year: Year of the report.
        cohort: Independent cohort that it belongs to.
        place: Where it comes from: file and line.
        study_id: Study, or empty for a user's own table.
        item_id: Outcome within the study, or empty.
        mark: How the counts came about, where they are not printed as counts.
        traits: What it can be grouped and ordered by.
    """

    label: str
    counts: tuple[float, ...]
    effect: Effect | None
    year: int | None
    cohort: str
    place: str
    study_id: str = ""
    item_id: str = ""
    mark: str = ""
    traits: Mapping[str, str | float | None] = field(default_factory=dict)

    @property
    def patients(self) -> float:
        """Patients of all its arms; 0 where only an effect is known."""
        return sum(self.counts[1::2])


Entered = Sequence[tuple[Datum, Effect | None]]
"""Studies with their effects; None where one has no finite effect of its own and its counts enter."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What was left out, and why."""

    label: str
    place: str
    reason: str
    study_id: str = ""
    item_id: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A study of the forest plot, on the analysis scale; None where it has no finite effect of its own.

    Attributes:
        datum: The study.
        effect: Its effect.
        ci_low: Lower bound by the effect's variance.
        ci_high: Upper bound.
        weight: Percent of the weight in the pool.
        shown: Estimate and bounds on the scale of the label; for one arm the exact interval of its proportion.
    """

    datum: Datum
    effect: Effect | None
    ci_low: float | None
    ci_high: float | None
    weight: float | None
    shown: tuple[float, float, float] | None

    @property
    def how(self) -> str:
        """How its counts and its effect came about, in words; empty where both are plain."""
        made = self.effect.how if self.effect else "no finite effect of its own: its counts enter"
        return "; ".join(part for part in (self.datum.mark, made) if part)


@dataclass(frozen=True, slots=True)
class Group:
    """A subgroup with its own pool; None where it has none, and `reason` says why."""

    name: str
    rows: Sequence[Row]
    pooled: Pooled | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Between:
    """Test of differences between subgroups: Q over their pooled estimates, with degrees of freedom and P value."""

    q: float
    df: int
    p: float


@dataclass(frozen=True, slots=True)
class Synthesis:
    """A pool with what belongs to it.

    Attributes:
        measure: Measure of effect.
        settings: How it was pooled.
        rows: Studies that entered, in order.
        pooled: The estimate; None where there is none, and `reason` says why.
        reason: Why there is none.
        groups: Subgroups, if asked for.
        between: Test between them.
        excluded: What was left out.
    """

    measure: str
    settings: Settings
    rows: Sequence[Row]
    pooled: Pooled | None
    reason: str = ""
    groups: tuple[Group, ...] = ()
    between: Between | None = None
    excluded: Sequence[Exclusion] = ()

    @property
    def patients(self) -> float:
        """Patients of all rows that entered."""
        return sum(row.datum.patients for row in self.rows)

    @property
    def cohorts(self) -> int:
        """Independent cohorts that entered."""
        return len({row.datum.cohort for row in self.rows})


def default_method(measure: str) -> str:
    """Return the method that is used when none is asked for: GLMM for logits of one arm, Peto for Peto, else REML."""
    return {"PLO": "GLMM", "PETO": "PETO"}.get(measure, "REML")


def check_method(measure: str, method: str) -> None:
    """Refuse a method that does not know a measure.

    Raises:
        UsageError: Names the measures that it knows.
    """
    known = COUNT_METHODS.get(method)
    if known is not None and measure not in known:
        raise UsageError(f"{method} pools {' and '.join(known)}, not {measure}", hint=f"add --measure {known[0]}, or take another --method")


def synthesise(
    data: Sequence[Datum],
    measure: str,
    settings: Settings,
    *,
    by: str | None = None,
    add: float = 0.0,
    interval: str = "clopper-pearson",
    excluded: Sequence[Exclusion] = (),
) -> Synthesis:
    """Pool studies.

    Args:
        data: One row for each independent group of patients.
        measure: Measure of effect.
        settings: How to pool.
        by: Trait that makes subgroups, or None.
        add: Added to zero cells, where the caller asks for a correction.
        interval: Interval of single proportions: `clopper-pearson`, `wilson` or `jeffreys`.
        excluded: What was left out before.

    Raises:
        UsageError: If the method does not know the measure, or needs counts that a study does not have.
    """
    check_method(measure, settings.method)
    entered, left_out = _usable(data, measure, settings.method, add)
    pooled, reason = _pooled(entered, measure, settings, add)
    rows = _rows(entered, measure, settings, pooled, interval)
    groups = _groups(rows, measure, settings, by, add) if by is not None else ()
    return Synthesis(measure, settings, rows, pooled, reason, groups, _between(groups), joined(excluded, left_out))


def _usable(data: Sequence[Datum], measure: str, method: str, add: float) -> tuple[Entered, Sequence[Exclusion]]:
    """Return what enters, with its effect where it has one of its own, and what does not, with the reason."""

    def entered(given: Sequence[Datum]) -> Iterator[tuple[Datum, Effect | None]]:
        for one in given:
            found = _entering(one, measure, method, add)
            if not isinstance(found, Exclusion):
                yield one, found

    left: Spool[Exclusion] = Spool()
    for one in data:
        if method in COUNT_METHODS and not one.counts:
            raise UsageError(f"{method} needs counts, and {one.label} gives only an effect", hint="take --method REML")
        found = _entering(one, measure, method, add)
        if isinstance(found, Exclusion):
            left.add(found)
    return derived(entered, data, count=len(data) - len(left)), left.settled()


_KEPT_BY = {"PLO": "GLMM keeps", "OR": "GLMM or MH keeps", "RR": "MH keeps", "RD": "MH keeps"}
"""Methods over counts that keep a study without an effect of its own."""


def _entering(one: Datum, measure: str, method: str, add: float) -> Effect | Exclusion | None:
    """Return a study's effect, None where its counts enter without one, or why it cannot enter."""
    try:
        return effect_of(one, measure, add)
    except NotEstimableError as error:
        if method in COUNT_METHODS:
            return None
        hint = f"; --method {_KEPT_BY[measure]} it" if measure in _KEPT_BY else ""
        return Exclusion(one.label, one.place, f"{error}{hint}", one.study_id, one.item_id)


def effect_of(datum: Datum, measure: str, add: float) -> Effect:
    """Return a study's effect.

    Raises:
        NotEstimableError: If it has none on the scale.
    """
    if datum.effect is not None:
        return datum.effect
    if len(datum.counts) == 2:
        return proportion_effect(measure, *datum.counts, add=add)
    ai, n1i, ci, n2i = datum.counts
    return table_effect(measure, ai, n1i, ci, n2i, add=add)


def _pooled(entered: Entered, measure: str, settings: Settings, add: float) -> tuple[Pooled | None, str]:
    try:
        return pool(entered, measure, settings, add), ""
    except NotEstimableError as error:
        return None, str(error)


def pool(entered: Entered, measure: str, settings: Settings, add: float = 0.0) -> Pooled:
    """Pool studies whose effects are known.

    Raises:
        NotEstimableError: If there is nothing to pool, or the pooled effect is not finite.
    """
    if settings.method not in COUNT_METHODS:
        from kb.analysis.pooling.inverse_variance import pool_effects

        return pool_effects(*_columns((effect.estimate, effect.variance) for _, effect in entered if effect is not None), settings)
    if measure == "PLO":
        from kb.analysis.pooling.binomial import pool_proportions

        return pool_proportions(*_columns((one.counts[0], one.counts[1]) for one, _ in entered), settings)
    from kb.analysis.pooling.tables import TwoByTwo, mantel_haenszel, peto

    tables = [TwoByTwo(*one.counts) for one, _ in entered]
    if settings.method == "MH":
        return mantel_haenszel(measure, tables, settings, add=add)
    if settings.method == "PETO":
        return peto(tables, settings)
    from kb.analysis.pooling.two_by_two import pool_tables

    return pool_tables(tables, settings)


def _columns(pairs: Iterable[tuple[float, float]]) -> tuple[Sequence[float], Sequence[float]]:
    """Return two columns of numbers, eight bytes each."""
    first, second = array("d"), array("d")
    for one, other in pairs:
        first.append(one)
        second.append(other)
    return first, second


def _rows(entered: Entered, measure: str, settings: Settings, pooled: Pooled | None, interval: str) -> Sequence[Row]:
    crit, back = normal_quantile(settings.level), MEASURES[measure].back
    exact: Iterable[tuple[float, float, float] | None] = repeat(None)
    if MEASURES[measure].counts == "one" and entered and all(one.counts for one, _ in entered):
        exact = _Exact(*_columns((one.counts[0], one.counts[1]) for one, _ in entered), settings.level, interval)
    weights = pooled.weights if pooled and len(pooled.weights) == len(entered) else repeat(None)

    def rows(pairs: Entered) -> Iterator[Row]:
        for (datum, effect), weight, shown in zip(pairs, weights, exact, strict=False):
            low = high = None
            if effect is not None:
                half = crit * effect.variance**0.5
                low, high = effect.estimate - half, effect.estimate + half
                shown = shown or (back(effect.estimate), back(low), back(high))
            yield Row(datum, effect, low, high, weight, shown)

    return derived(rows, entered)


class _Exact:
    """Proportions with their exact bounds, which are reckoned at once and given out one by one."""

    def __init__(self, events: Sequence[float], totals: Sequence[float], level: float, interval: str) -> None:
        from kb.analysis.pooling.distributions import proportion_bounds

        self._counts = events, totals
        self._bounds = proportion_bounds(interval, events, totals, level)

    def __iter__(self) -> Iterator[tuple[float, float, float]]:
        for x, n, low, high in zip(*self._counts, *self._bounds, strict=True):
            yield x / n, float(low), float(high)


def _groups(rows: Sequence[Row], measure: str, settings: Settings, by: str, add: float) -> tuple[Group, ...]:
    named: dict[str, list[Row]] = {}
    for row in rows:
        value = row.datum.traits.get(by)
        named.setdefault("not stated" if value is None else f"{value:g}" if isinstance(value, float) else value, []).append(row)
    groups = []
    for name, held in sorted(named.items(), key=lambda pair: (pair[0] == "not stated", pair[0])):
        pooled, reason = _pooled([(row.datum, row.effect) for row in held], measure, settings, add)
        groups.append(Group(name, tuple(held), pooled, reason))
    return tuple(groups)


def _between(groups: Sequence[Group]) -> Between | None:
    """Compare groups by their own estimates and standard errors, each with its own tau2."""
    pairs = [(group.pooled.estimate, group.pooled.se) for group in groups if group.pooled]
    known = [(estimate, 1 / se**2) for estimate, se in pairs if estimate is not None and se]
    if len(known) < 2:
        return None
    from kb.analysis.pooling.distributions import chi2_p

    weight = sum(w for _, w in known)
    mean = sum(estimate * w for estimate, w in known) / weight
    q = sum(w * (estimate - mean) ** 2 for estimate, w in known)
    return Between(q, len(known) - 1, chi2_p(q, len(known) - 1))
