"""Comparisons of arms as rows for a pool: counts of two randomised arms, and printed effects with their interval.

The first side is the one that the selection's regimen asks for; where none is asked for, or both sides fit, the record's own
comparison says which side is first. A study gives one comparison, so that no arm counts twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from kb.analysis.effects import Effect, NotEstimableError, reported_effect
from kb.analysis.evidence_candidates import COHORTS, KIND_RULES, Candidate, candidates, fitting_arms
from kb.analysis.evidence_rows import ROW_RULES, Choice, Chooser, Evidence, Named, Told
from kb.analysis.gap_rules import design_of
from kb.analysis.meta_report import Direction, way_of
from kb.analysis.selection import Selection
from kb.analysis.selection_sql import REGIMEN_OPTIONS, among_selected
from kb.analysis.spool import Spool, derived, joined
from kb.analysis.synthesis import Datum, Exclusion
from kb.records.tables import JOINER

if TYPE_CHECKING:
    from kb.records.index import Index

PRINTED = {"HR": "hr", "OR": "or", "RR": "rr", "RD": "rd", "MD": "mean-difference", "SMD": "smd"}
"""Measures of effect in records, by the measure they are pooled as."""
SIDE_RULES = (
    "one comparison a study: of arms that the selection's regimen asks for against the others, else as the record compares them",
    "randomised comparisons alone; --mix-designs takes others",
)
REPORTED_RULES = (
    *SIDE_RULES,
    "printed effects of whole populations: unadjusted before adjusted, the latest report, the largest population; subgroups stay out",
    "a standard error comes from the interval at its printed level, else from an exact P value; without either the effect stays out",
)

COMPARED = ("every study compares its own treatments: the rows name the arms",)

_Sides = tuple[frozenset[str], frozenset[str]]


def counted_evidence(index: Index, selection: Selection, endpoint: str, choice: Choice) -> Evidence:
    """Choose the rows for pooling counts of two arms; arguments and errors as `single_arm_evidence`."""
    groups = candidates(index, _both_sides(selection), endpoint, overlap=choice.overlap, mix_conditions="conditions" in choice.mix)
    pairer = _Pairer(fitting_arms(index, selection), _recorded(index, _designs(choice)), "designs" in choice.mix)
    named, told, chooser = Named(choice), Told(), Chooser(index, choice)
    unpaired: Spool[Exclusion] = Spool()
    for group in groups:
        named.see(group.found, group.excluded)
        told.add(group)
        pairs: list[_Pair] = []
        for held in _compared(group.found):
            pair, out = pairer.pair(held)
            for left in out:
                unpaired.add(left, held[0].late, left.study_id)
            if pair is not None:
                pairs.append(_paired(*pair, late=held[0].late))
        chooser.add(pairs)
    named.check()
    chosen = chooser.chosen()
    data = derived(lambda rows: (_pair_datum(*one.sides) for one in rows if isinstance(one, _Pair)), chosen.rows)
    excluded = joined(told.excluded.settled(), unpaired.settled(), chosen.excluded)
    labels, rules = (*COMPARED, *chosen.labels), (*KIND_RULES, *SIDE_RULES, *ROW_RULES)
    return Evidence(data, excluded, labels, rules, chosen.strata, told.directions.settled())


def _compared(found: Sequence[Candidate]) -> list[list[Candidate]]:
    """Return the candidates of each study and kind of criteria and population, which may be compared with each other."""
    groups: dict[tuple[str, str, str], list[Candidate]] = {}
    for one in found:
        groups.setdefault((one.study_id, one.era, one.population), []).append(one)
    return list(groups.values())


def _both_sides(selection: Selection) -> Selection:
    """Return a selection without what it says of regimens: the other side of a comparison need not fit it."""
    return selection.without(*REGIMEN_OPTIONS)


def _designs(choice: Choice) -> tuple[str, ...]:
    return ("randomised", "factorial-margin", *(("not-randomised",) if "designs" in choice.mix else ()))


def _recorded(index: Index, designs: Sequence[str]) -> Callable[[str], list[_Sides]]:
    """Return a function from a study to the sides that its record compares, in order."""
    marks = ", ".join("?" * len(designs))
    sql = (
        f"SELECT comparison_arms, versus_arms FROM outcomes WHERE study_id = ? AND comparison IN ({marks}) AND comparison_arms IS NOT NULL "
        "AND versus_arms IS NOT NULL ORDER BY position"
    )

    @lru_cache(maxsize=1)  # studies come one after the other
    def sides(study: str) -> list[_Sides]:
        rows = index.rows(sql, (study, *designs))
        return [(frozenset(first.split(JOINER)), frozenset(second.split(JOINER))) for first, second in rows]

    return sides


@dataclass(frozen=True, slots=True)
class _Pairer:
    fitting: Callable[[str], frozenset[str]] | None
    recorded: Callable[[str], list[_Sides]]
    any_design: bool

    def pair(self, held: Sequence[Candidate]) -> tuple[tuple[Candidate, Candidate] | None, list[Exclusion]]:
        """Return first and second arm of a study and kind of population, and what cannot be one of them."""
        if held[0].design != "randomised" and not self.any_design:
            return None, [_left(one, "not a randomised comparison: --mix-designs") for one in held]
        pair = self._pair(held[0].study_id, held)
        if isinstance(pair, str):
            return None, [_left(one, pair) for one in held]
        what = f"another arm of the comparison {pair[0].item_id} with {pair[1].item_id}"
        return pair, [_left(one, what) for one in held if one not in pair]

    def _pair(self, study: str, held: Sequence[Candidate]) -> tuple[Candidate, Candidate] | str:
        by_arms: dict[frozenset[str], Candidate] = {}
        for one in sorted(held, key=lambda each: (each.mark != "", -each.cut, -each.total, each.position)):
            by_arms.setdefault(frozenset(one.arms), one)
        sides = [pair for pair in self.recorded(study) if pair[0] in by_arms and pair[1] in by_arms]
        whole = list(by_arms)
        if not sides and len(whole) == 2 and not whole[0] & whole[1]:
            sides = [(whole[0], whole[1])] if self._told(study, whole[0], whole[1]) else []
        if not sides:
            return "a single arm is counted: no comparison" if len(whole) < 2 else "which arm stands against which is not told"
        oriented = [turned for first, second in sides if (turned := self.turned(study, first, second)) is not None]
        if not oriented:
            return "neither side, or a part of a side, is what the selection's regimen asks for"
        return by_arms[oriented[0][0]], by_arms[oriented[0][1]]

    def _told(self, study: str, first: frozenset[str], second: frozenset[str]) -> bool:
        return self.fitting is not None and self._fits(study, first) != self._fits(study, second)

    def _fits(self, study: str, arms: frozenset[str]) -> bool:
        return self.fitting is None or arms <= self.fitting(study)

    def turned(self, study: str, first: frozenset[str], second: frozenset[str]) -> _Sides | None:
        """Return the sides with what is asked for first; None where neither side is asked for."""
        here, there = self._fits(study, first), self._fits(study, second)
        if here:
            return first, second
        return (second, first) if there else None


@dataclass(frozen=True, slots=True)
class _Pair(Candidate):
    """Two arms as one candidate, so that the rules for rows hold for pairs."""

    sides: tuple[Candidate, ...] = ()


def _paired(first: Candidate, second: Candidate, *, late: bool) -> _Pair:
    both = {
        "events": first.events + second.events, "total": first.total + second.total, "mark": max(first.mark, second.mark, key=len),
        "how": _how(first, second), "arms": (*first.arms, *second.arms), "late": late,
    }  # fmt: skip
    return _Pair(**{part.name: getattr(first, part.name) for part in fields(first)} | both, sides=(first, second))


def _how(first: Candidate, second: Candidate) -> str:
    return "; ".join(part for part in (first.how, second.how) if part)


def _pair_datum(first: Candidate, second: Candidate) -> Datum:
    label = f"{first.label} ({' + '.join(first.arms)} v {' + '.join(second.arms)})"
    counts = (first.events, first.total, second.events, second.total)
    return Datum(
        label, counts, None, first.year, first.cohort, first.place, first.study_id, first.item_id, _how(first, second), first.traits
    )


def _left(one: Candidate, reason: str) -> Exclusion:
    return Exclusion(one.label, one.place, reason, one.study_id, one.item_id)


class _Contrast(NamedTuple):
    study_id: str
    item_id: str
    label: str
    comparison: str | None
    first: str | None
    second: str | None
    basis: str | None
    n: int | None
    conditions: str | None
    measure: str | None
    estimate: float | None
    low: float | None
    high: float | None
    level: float | None
    p: float | None
    operator: str | None
    p_printed: str | None
    says: str | None
    words: str | None
    adjusted: str | None
    year: int | None
    cut: int | None
    position: int
    cohort: str
    certain: str
    design: str
    retracted: int
    file: str
    line: int


_CONTRASTS = """
  SELECT o.study_id, o.item_id, s.label, o.comparison, o.comparison_arms, o.versus_arms, o.population_basis, o.population_n, o.conditions,
         o.measure, o.estimate, o.interval_low, o.interval_high, o.interval_level, o.p, o.p_operator, o.p_printed, o.says, o.result_text,
         o.result_adjusted_for, s.year, r.year, o.position, s.cohort_id, s.cohort_certain_id, s.design, s.retracted,
         o.file, o.line
  FROM outcomes o JOIN studies s USING (study_id) LEFT JOIN reports r ON r.study_id = o.study_id AND r.item_id = o.report
  WHERE o.endpoint = ? AND o.comparison IS NOT NULL AND {chosen}
  ORDER BY s.{cohort}, o.study_id, o.position
"""
_WHOLE = ("enrolled", "randomised", "eligible", "itt", "treated", "evaluable", "per-protocol", "unstated")


def reported_evidence(
    index: Index, selection: Selection, endpoint: str, measure: str, choice: Choice, *, assumed: float | None
) -> Evidence:
    """Choose the rows for pooling printed effects.

    Args:
        index: Index of the collection.
        selection: Which outcomes speak.
        endpoint: Id of the endpoint.
        measure: One of `PRINTED`.
        choice: What the user decides; kinds of criteria and populations do not part printed effects.
        assumed: Level in percent of intervals whose level is not printed, or None.

    Raises:
        UsageError: If something that is to be taken or left out is not there.
    """
    kept = among_selected(_both_sides(selection), "outcomes", "o")
    pairer = _Pairer(fitting_arms(index, selection), lambda _: [], "designs" in choice.mix)
    named, told, diseases = Named(choice), Told(), _asked_diseases(selection, choice)
    rows: Spool[Datum] = Spool()
    out: Spool[Exclusion] = Spool()
    sql = _CONTRASTS.format(chosen=kept.sql, cohort=COHORTS[choice.overlap])
    contrasts = map(_Contrast._make, index.connection.execute(sql, (endpoint, *kept.parameters)))
    for _, held in groupby(contrasts, key=lambda row: _cohort(row, choice)):
        found: list[tuple[_Contrast, Datum]] = []
        for row in held:
            if row.estimate is None and row.low is None:
                told.directions.add(_direction(row, choice), row.study_id)
                continue
            try:
                found.append((row, _reported(row, measure, pairer, choice, assumed, diseases)))
            except NotEstimableError as error:
                told.excluded.add(Exclusion(row.label, f"{row.file}:{row.line}", str(error), row.study_id, row.item_id), row.study_id)
                named.see([Exclusion(row.label, "", "", row.study_id, row.item_id)])
        named.see([Exclusion(one.label, "", "", one.study_id, one.item_id) for _, one in found])
        _one_of_cohort(found, choice, rows, out)
    named.check()
    return Evidence(rows.settled(), joined(told.excluded.settled(), out.settled()), COMPARED, REPORTED_RULES, (), told.directions.settled())


def _cohort(row: _Contrast, choice: Choice) -> str:
    return row.certain if choice.overlap == "certain" else row.cohort


def _direction(row: _Contrast, choice: Choice) -> Direction:
    said, design = row.words or row.says or "compared", design_of(row.design, row.comparison or "").key
    place = f"{row.file}:{row.line}"
    return Direction(
        row.label, said, row.n, row.p_printed, row.study_id, row.item_id, place, way_of(row.says), _cohort(row, choice), design
    )


def _asked_diseases(selection: Selection, choice: Choice) -> frozenset[str] | None:
    asked = selection.find("condition")
    return None if asked is None or "conditions" in choice.mix else frozenset(asked.terms)


def _reported(
    row: _Contrast, measure: str, pairer: _Pairer, choice: Choice, assumed: float | None, diseases: frozenset[str] | None
) -> Datum:  # fmt: skip
    if row.retracted:
        raise NotEstimableError("retracted")
    if row.design == "meta-analysis":
        raise NotEstimableError("a meta-analysis: its studies speak for themselves")
    if row.measure != PRINTED[measure]:
        raise NotEstimableError(f"prints {row.measure}, not {PRINTED[measure]}")
    if row.comparison not in _designs(choice):
        raise NotEstimableError(f"compares {row.comparison}, not randomised arms")
    if row.basis not in _WHOLE:
        raise NotEstimableError(f"part of a cohort: population {row.basis or 'not given'}")
    strange = [name for name in (row.conditions or "").split(JOINER) if diseases is not None and name and name not in diseases]
    if strange:
        raise NotEstimableError(f"other diseases among its patients ({', '.join(strange)}): --mix-conditions takes it")
    sides = frozenset((row.first or "").split(JOINER)), frozenset((row.second or "").split(JOINER))
    turned = pairer.turned(row.study_id, *sides) if row.first and row.second else (sides if pairer.fitting is None else None)
    if turned is None:
        raise NotEstimableError("neither side, or a part of a side, is what the selection's regimen asks for")
    exact = row.p if row.operator == "" else None
    level = row.level if row.level is not None else assumed
    effect = reported_effect(measure, row.estimate, low=row.low, high=row.high, level=level, p=exact)
    if row.level is None and row.low is not None:
        effect = replace(effect, how=f"{effect.how}; its level is not printed")
    if turned != sides:
        effect = Effect(-effect.estimate, effect.variance, f"{effect.how}; turned round")
    cohort = _cohort(row, choice)
    versus = f" ({' + '.join(sorted(turned[0]))} v {' + '.join(sorted(turned[1]))})" if row.first and row.second else ""
    traits: dict[str, str | float | None] = {
        "year": None if row.year is None else float(row.year), "condition": row.conditions, "population": row.basis,
        "adjusted": row.adjusted or "no", "study": row.study_id, "n": None if row.n is None else float(row.n),
    }  # fmt: skip
    return Datum(f"{row.label}{versus}", (), effect, row.year, cohort, f"{row.file}:{row.line}", row.study_id, row.item_id, "", traits)


def _one_of_cohort(found: Sequence[tuple[_Contrast, Datum]], choice: Choice, rows: Spool[Datum], out: Spool[Exclusion]) -> None:
    """Take the effect that comes first by the rules, and the others with the reason, in the order of the rules."""

    def rank(row: _Contrast) -> tuple[bool, bool, int, int, str, int]:
        taken = f"{row.study_id}#{row.item_id}" in choice.take
        return (not taken, bool(row.adjusted), -(row.cut or row.year or 0), -(row.n or 0), row.study_id, row.position)

    best: Datum | None = None
    for row, datum in sorted(found, key=lambda pair: rank(pair[0])):
        if {row.study_id, f"{row.study_id}#{row.item_id}"} & choice.leave:
            reason = "left out as asked"
        elif best is not None:
            reason = f"the patients of {best.study_id}#{best.item_id}, which comes first by the rules"
        else:
            best = datum
            rows.add(datum, datum.year or 0, datum.label, *rank(row))
            continue
        out.add(Exclusion(datum.label, datum.place, reason, datum.study_id, datum.item_id), *rank(row))
