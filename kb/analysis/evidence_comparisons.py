"""Comparisons of arms as rows for a pool: counts of two randomised arms, and printed effects with their interval.

The first side is the one that the selection's regimen asks for; where none is asked for, or both sides fit, the record's own
comparison says which side is first. A study gives one comparison, so that no arm counts twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from kb.analysis.effects import Effect, NotEstimableError, reported_effect
from kb.analysis.evidence_candidates import KIND_RULES, Candidate, candidates, fitting_arms
from kb.analysis.evidence_rows import ROW_RULES, Choice, Evidence, check_named, choose
from kb.analysis.gap_rules import design_of
from kb.analysis.meta_report import Direction, way_of
from kb.analysis.selection import Selection
from kb.analysis.selection_sql import REGIMEN_OPTIONS, selected
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
    found = candidates(index, _both_sides(selection), endpoint, overlap=choice.overlap, mix_conditions="conditions" in choice.mix)
    check_named(choice, [*found.found, *found.excluded])
    designs = _designs(choice)
    pairer = _Pairer(fitting_arms(index, selection), _recorded(index, designs), "designs" in choice.mix)
    pairs: dict[str, tuple[Candidate, Candidate]] = {}
    unpaired: list[Exclusion] = []
    for first, second in pairer.pairs(found.found, unpaired):
        pairs[first.reference] = (first, second)
    joined = [_joined(first, second) for first, second in pairs.values()]
    chosen = choose(index, joined, choice)
    data = tuple(_pair_datum(*pairs[one.reference]) for one in chosen.rows)
    return Evidence(
        data, (*found.excluded, *unpaired, *chosen.excluded), (*COMPARED, *chosen.labels), (*KIND_RULES, *SIDE_RULES, *ROW_RULES), chosen.strata,
        found.directions,
    )  # fmt: skip


def _both_sides(selection: Selection) -> Selection:
    """Return a selection without what it says of regimens: the other side of a comparison need not fit it."""
    return selection.without(*REGIMEN_OPTIONS)


def _designs(choice: Choice) -> tuple[str, ...]:
    return ("randomised", "factorial-margin", *(("not-randomised",) if "designs" in choice.mix else ()))


def _recorded(index: Index, designs: Sequence[str]) -> dict[str, list[_Sides]]:
    """Return by study the sides that its record compares, in order."""
    marks = ", ".join("?" * len(designs))
    sql = (
        f"SELECT study_id, comparison_arms, versus_arms FROM outcomes WHERE comparison IN ({marks}) AND comparison_arms IS NOT NULL "
        "AND versus_arms IS NOT NULL ORDER BY study_id, position"
    )
    found: dict[str, list[_Sides]] = {}
    for study, first, second in index.rows(sql, tuple(designs)):
        found.setdefault(study, []).append((frozenset(first.split(JOINER)), frozenset(second.split(JOINER))))
    return found


@dataclass(frozen=True, slots=True)
class _Pairer:
    fitting: set[tuple[str, str]] | None
    recorded: dict[str, list[_Sides]]
    any_design: bool

    def pairs(self, found: Sequence[Candidate], out: list[Exclusion]) -> Iterator[tuple[Candidate, Candidate]]:
        """Yield first and second arm of each study and kind of population."""
        groups: dict[tuple[str, str, str], list[Candidate]] = {}
        for one in found:
            groups.setdefault((one.study_id, one.era, one.population), []).append(one)
        for (study, _, _), held in groups.items():
            if held[0].design != "randomised" and not self.any_design:
                out += [_left(one, "not a randomised comparison: --mix-designs") for one in held]
                continue
            pair = self._pair(study, held)
            if isinstance(pair, str):
                out += [_left(one, pair) for one in held]
                continue
            out += [
                _left(one, f"another arm of the comparison {pair[0].item_id} with {pair[1].item_id}") for one in held if one not in pair
            ]
            yield pair

    def _pair(self, study: str, held: Sequence[Candidate]) -> tuple[Candidate, Candidate] | str:
        by_arms: dict[frozenset[str], Candidate] = {}
        for one in sorted(held, key=lambda each: (each.mark != "", -each.cut, -each.total, each.position)):
            by_arms.setdefault(frozenset(one.arms), one)
        sides = [pair for pair in self.recorded.get(study, []) if pair[0] in by_arms and pair[1] in by_arms]
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
        return self.fitting is None or all((study, arm) in self.fitting for arm in arms)

    def turned(self, study: str, first: frozenset[str], second: frozenset[str]) -> _Sides | None:
        """Return the sides with what is asked for first; None where neither side is asked for."""
        here, there = self._fits(study, first), self._fits(study, second)
        if here:
            return first, second
        return (second, first) if there else None


def _joined(first: Candidate, second: Candidate) -> Candidate:
    """Return a pair as one candidate, so that the rules for rows hold for pairs."""
    mark = max(first.mark, second.mark, key=len)
    how = "; ".join(part for part in (first.how, second.how) if part)
    return replace(
        first, total=first.total + second.total, events=first.events + second.events, mark=mark, how=how, arms=(*first.arms, *second.arms)
    )


def _pair_datum(first: Candidate, second: Candidate) -> Datum:
    how = "; ".join(part for part in (first.how, second.how) if part)
    label = f"{first.label} ({' + '.join(first.arms)} v {' + '.join(second.arms)})"
    counts = (first.events, first.total, second.events, second.total)
    return Datum(label, counts, None, first.year, first.cohort, first.place, first.study_id, first.item_id, how, first.traits)


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
  WHERE o.endpoint = ? AND o.comparison IS NOT NULL
  ORDER BY o.study_id, o.position
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
    kept = set(selected(index, _both_sides(selection), "outcomes"))
    pairer = _Pairer(fitting_arms(index, selection), {}, "designs" in choice.mix)
    excluded: list[Exclusion] = []
    directions: list[Direction] = []
    found: list[tuple[_Contrast, Datum]] = []
    for row in (_Contrast(*values) for values in index.rows(_CONTRASTS, (endpoint,))):
        if (row.study_id, row.item_id) not in kept:
            continue
        if row.estimate is None and row.low is None:
            said = row.words or row.says or "compared"
            place, cohort = f"{row.file}:{row.line}", row.certain if choice.overlap == "certain" else row.cohort
            design = design_of(row.design, row.comparison or "").key
            directions.append(
                Direction(row.label, said, row.n, row.p_printed, row.study_id, row.item_id, place, way_of(row.says), cohort, design)
            )
            continue
        try:
            found.append((row, _reported(row, measure, pairer, choice, assumed, _asked_diseases(selection, choice))))
        except NotEstimableError as error:
            excluded.append(Exclusion(row.label, f"{row.file}:{row.line}", str(error), row.study_id, row.item_id))
    check_named(choice, [*excluded, *(Exclusion(one.label, "", "", one.study_id, one.item_id) for _, one in found)])
    data = _one_each(found, choice, excluded)
    return Evidence(tuple(data), tuple(excluded), COMPARED, REPORTED_RULES, (), tuple(directions))


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
    cohort = row.certain if choice.overlap == "certain" else row.cohort
    versus = f" ({' + '.join(sorted(turned[0]))} v {' + '.join(sorted(turned[1]))})" if row.first and row.second else ""
    traits: dict[str, str | float | None] = {
        "year": None if row.year is None else float(row.year), "condition": row.conditions, "population": row.basis,
        "adjusted": row.adjusted or "no", "study": row.study_id, "n": None if row.n is None else float(row.n),
    }  # fmt: skip
    return Datum(f"{row.label}{versus}", (), effect, row.year, cohort, f"{row.file}:{row.line}", row.study_id, row.item_id, "", traits)


def _one_each(found: Sequence[tuple[_Contrast, Datum]], choice: Choice, excluded: list[Exclusion]) -> list[Datum]:
    def rank(pair: tuple[_Contrast, Datum]) -> tuple[bool, bool, int, int, str, int]:
        row, _ = pair
        taken = f"{row.study_id}#{row.item_id}" in choice.take
        return (not taken, bool(row.adjusted), -(row.cut or row.year or 0), -(row.n or 0), row.study_id, row.position)

    best: dict[str, Datum] = {}
    for row, datum in sorted(found, key=rank):
        if {row.study_id, f"{row.study_id}#{row.item_id}"} & choice.leave:
            reason = "left out as asked"
        elif datum.cohort in best:
            first = best[datum.cohort]
            reason = f"the patients of {first.study_id}#{first.item_id}, which comes first by the rules"
        else:
            best[datum.cohort] = datum
            continue
        excluded.append(Exclusion(datum.label, datum.place, reason, datum.study_id, datum.item_id))
    return sorted(best.values(), key=lambda one: (one.year or 0, one.label))
