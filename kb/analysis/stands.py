"""Where studies stand on a question: one finding or outcome each, with what it could be explained by.

Both sides of a disagreement are lists of stands; what differs between the lists, how strong the nulls are and whether
patients are shared is computed from them alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from sys import intern
from typing import Any

from kb.analysis.board import Move, Side, move_of, side_of
from kb.analysis.selection import Selection
from kb.analysis.selection_sql import each_selected
from kb.model.terms import (
    Adjustment,
    Allocation,
    Association,
    ClosedSet,
    Comparison,
    ComparisonKind,
    Compartment,
    Criteria,
    DesignType,
    Direction,
    DiseaseSetting,
    EndpointKind,
    Favours,
    MarkerTime,
    NullBasis,
    Phase,
    PopulationBasis,
    RegimenClass,
    Sampling,
)
from kb.records.index import Index
from kb.records.tables import JOINER

SIGNIFICANCE = 0.05
_NORMAL = NormalDist()
_BOUND = _NORMAL.inv_cdf(1 - SIGNIFICANCE / 2)
_SETS: Mapping[str, type[ClosedSet]] = {
    "time": MarkerTime, "compartment": Compartment, "adjustment": Adjustment, "regimen": RegimenClass, "design": DesignType,
    "allocation": Allocation, "sampling": Sampling, "setting": DiseaseSetting, "comparison": ComparisonKind,
    "population": PopulationBasis, "phase": Phase, "criteria": Criteria,
}  # fmt: skip
"""Traits whose values are terms of a closed set; a difference is told in their labels."""


@dataclass(frozen=True, slots=True)
class Stand:
    """One item's stand on a question.

    Attributes:
        study_id: Study.
        item_id: Item within it.
        label: First author and year.
        cohort_id: Independent cohort.
        position: Where it stands: `better`, `none`, `increase`, ...
        said: The same in the words of the record: result, basis.
        n: Patients that it speaks of, or None.
        p: P value as a number, or None.
        p_printed: P value as printed, or None.
        p_bound: Whether the number is only an upper bound (`<0.01`).
        traits: What could explain a disagreement, by name: marker, endpoint, time, disease, regimen, design, ...
        file: File of the record.
        line: Line of the item.
    """

    study_id: str
    item_id: str
    label: str
    cohort_id: str
    position: str
    said: str
    n: int | None
    p: float | None
    p_printed: str | None
    p_bound: bool
    traits: Mapping[str, str] = field(hash=False)
    file: str
    line: int

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.file}:{self.line}"


_FINDINGS = """
  SELECT i.study_id, i.item_id, s.label, s.cohort_id, i.kind, i.biomarker, i.biomarker_label, i.direction, i.versus, i.only_in,
         i.association, i.basis, i.endpoint, i.endpoint_label, t.class, t.favours, coalesce(i.n, i.population_n), i.p, i.p_printed, i.p_operator,
         i.timepoint, i.compartment, i.assay, i.adjustment, i.conditions, s.regimen_classes, s.design, s.allocation, s.sampling, s.year,
         i.file, i.line
  FROM {source} LEFT JOIN terms t ON t.kind = 'endpoints' AND t.id = i.endpoint
  WHERE i.kind IN ('change', 'association') AND {condition}
  ORDER BY i.study_id, i.position
"""


@dataclass(frozen=True, slots=True)
class MarkerStand:
    """A stand on a marker: which marker it is, and which family of endpoints it was set against.

    Attributes:
        marker: Id of the marker.
        family: `response` or `survival` for an association, `change` for a change under treatment.
        stand: The stand itself.
    """

    marker: str
    family: str
    stand: Stand


_POSITIONS = {
    Side.BETTER: "better",
    Side.WORSE: "worse",
    Side.MIXED: "mixed",
    Side.NONE_TESTED: "none",
    Side.NONE_STATED: "none",
    Side.NONE_WITHOUT_RESPONSE: "not computable",
}


def marker_stands(index: Index, selection: Selection) -> Iterator[MarkerStand]:
    """Yield where the selected findings stand on their markers; what is implied by silence is no stand.

    Args:
        index: Index of the collection.
        selection: Which findings speak.
    """
    diseases, assays = dict(index.terms("conditions")), dict(index.terms("assays"))
    for row in each_selected(index, selection, "findings", _FINDINGS):
        (
            study, item, label, cohort, kind, marker, marker_label, direction, versus, only_in, association, basis, _, endpoint_label,
            endpoint_kind, favours, n, p, printed, operator, time, compartment, assay, adjustment, conditions, regimens, design, allocation,
            sampling, year, file, line,
        ) = row  # fmt: skip
        traits = _traits(
            marker=marker_label, endpoint=endpoint_label, time=time, compartment=compartment, assay=labelled(assays, assay), adjustment=adjustment,
            disease=labelled(diseases, conditions), regimen=regimens, design=design, allocation=allocation, sampling=sampling, decade=_decade(year),
        )  # fmt: skip
        if kind == "change":
            position, said, family = _change(direction, versus, only_in)
        else:
            position, said = _association(association, basis, endpoint_kind, favours)
            family = endpoint_kind or ""
        if position:
            bound = operator in ("<", "<=")
            study, label, cohort, said, file = (intern(text) for text in (study, label, cohort, said, file))
            yield MarkerStand(marker, family, Stand(study, item, label, cohort, position, said, n, p, printed, bound, traits, file, line))


def labelled(labels: Mapping[str, str], idents: str | None) -> str | None:
    """Return joined labels for joined ids; an id without a label stays."""
    return None if idents is None else JOINER.join(labels.get(ident, ident) for ident in idents.split(JOINER))


def _traits(**found: str | None) -> Mapping[str, str]:
    # Thousands of stands share most of their texts: each is held once.
    return {name: intern(value) for name, value in found.items() if value}


def _decade(year: int | None) -> str | None:
    return None if year is None else f"{year // 10 * 10}s"


def _change(direction: str | None, versus: str | None, only_in: str | None) -> tuple[str, str, str]:
    move = move_of(_or_none(Direction, direction), _or_none(Comparison, versus), only_in_a_group=only_in is not None)
    return ("", "", "") if move is None or move is Move.MIXED else (move.value, move.value, "change")


def _association(association: str | None, basis: str | None, kind: str | None, favours: str | None) -> tuple[str, str]:
    side = side_of(_or_none(Association, association), _or_none(NullBasis, basis), _or_none(EndpointKind, kind), _or_none(Favours, favours))
    if side is None or side is Side.NONE_IMPLIED:
        return "", ""
    position = _POSITIONS[side]
    return position, f"no association, {basis}" if association == "none" else f"{association} ({position} for the patient)"


def _or_none(terms: Any, value: str | None) -> Any:
    return None if value is None else terms(value)


def differences(sides: Mapping[str, Iterable[Stand]]) -> list[str]:
    """Return the traits in which two sides have nothing in common, and the spans of their patients.

    Args:
        sides: Stands by position; every pair of sides is compared.
    """
    names = list(sides)
    said: list[str] = []
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            said += _between(one, tuple(sides[one]), other, tuple(sides[other]), label=len(names) > 2)
    return said


def _between(one: str, left: tuple[Stand, ...], other: str, right: tuple[Stand, ...], *, label: bool) -> Iterator[str]:
    head = f"{one} against {other}: " if label else ""
    for trait in dict.fromkeys(name for stand in (*left, *right) for name in stand.traits):
        mine, theirs = _values(left, trait), _values(right, trait)
        if mine and theirs and not mine & theirs:
            yield f"{head}{trait}: {_listed(trait, mine)} against {_listed(trait, theirs)}"
    spans = [_span([stand.n for stand in side if stand.n is not None]) for side in (left, right)]
    if all(spans) and spans[0] != spans[1]:
        yield f"{head}patients: {spans[0]} against {spans[1]}"


def _listed(trait: str, values: set[str]) -> str:
    labels = {member.value: member.label for member in _SETS.get(trait, ())}
    return "; ".join(sorted(labels.get(value, value) for value in values))  # labels hold commas


def _values(stands: tuple[Stand, ...], trait: str) -> set[str]:
    return {value for stand in stands if trait in stand.traits for value in stand.traits[trait].split(JOINER)}


def _span(counts: list[int]) -> str:
    if not counts:
        return ""
    return str(counts[0]) if len(set(counts)) == 1 else f"{min(counts)} to {max(counts)}"


POWER_RULE = (
    "power: the effect seen is taken as a correlation r = z(P)/sqrt(n), at least that where P is a bound; the power of a null with m patients "
    "to see it at two-sided 5 % is Phi(r sqrt(m) - 1.96) + Phi(-r sqrt(m) - 1.96)"
)
"""How it is computed whether a null could have seen the other's effect."""


def power(effect: Stand, null: Stand) -> float | None:
    """Return the power of a null to see the other's effect, a fraction; None where P or a number of patients is missing.

    Source: P and n to an effect size as in the albatross plot, Harrison 2017; normal approximation.
    """
    if effect.p is None or not effect.n or not null.n or not 0 < effect.p < 1:
        return None
    r = min(_NORMAL.inv_cdf(1 - effect.p / 2) / effect.n**0.5, 1.0)
    reach = r * null.n**0.5
    return _NORMAL.cdf(reach - _BOUND) + _NORMAL.cdf(-reach - _BOUND)


_EACH = 20
"""Effects and nulls whose pairs are told: thousands against thousands would be millions of lines that nobody reads."""


def power_words(effects: Iterable[Stand], nulls: Iterable[Stand]) -> list[str]:
    """Return a line a pair of an effect with its P and a null, of different studies.

    Of more than 20 effects, those with a P and of most patients are set against nulls, and of as many nulls those of most
    patients; a last line says so.
    """
    seen, against = tuple(effects), tuple(nulls)
    told = sorted(seen, key=lambda one: (one.p is None, -(one.n or 0)))[:_EACH] if len(seen) > _EACH else seen
    facing = sorted(against, key=lambda one: -(one.n or 0))[:_EACH] if len(against) > _EACH else against
    lines = list(dict.fromkeys(_power_words(effect, null) for effect in told for null in facing if effect.study_id != null.study_id))
    if lines and (len(told), len(facing)) != (len(seen), len(against)):
        lines.append(f"these are {len(told)} of {len(seen)} effects and {len(facing)} of {len(against)} nulls: those of most patients")
    return lines


def _power_words(effect: Stand, null: Stand) -> str:
    found = power(effect, null)
    pair = f"{null.label} (n {null.n or 'not stated'}) against {effect.label} (P {effect.p_printed or 'not stated'}, n {effect.n or 'not stated'})"
    if found is None:
        return f"{pair}: power cannot be computed"
    least = "at least " if effect.p_bound else ""
    verdict = "could have seen it" if found >= 0.8 else "too few to see it" if found < 0.5 else "might have missed it"
    return f"{pair}: power {least}{100 * found:.0f} %, {verdict}"
