"""Honest selection: one row for each independent group of patients, kinds of evidence apart, every exclusion named.

Rules, in order: evidence of one kind (criteria, population, design) is pooled, that with most patients, unless a flag mixes
kinds; within a study one result for each set of arms; of studies that share patients one speaks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.analysis.evidence_candidates import FIELDS, KIND_RULES, Candidate, candidates
from kb.analysis.meta_report import Direction, Stratum
from kb.analysis.selection import Selection
from kb.analysis.synthesis import Datum, Exclusion
from kb.errors import UsageError, nearest

if TYPE_CHECKING:
    from kb.records.index import Index

KINDS = {"criteria": "era", "populations": "population", "designs": "design"}
"""What is kept apart unless mixed, with the field of a candidate that holds it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the user decides about the rows.

    Attributes:
        mix: Of `criteria`, `populations`, `designs`, `conditions`, those that may be put together.
        kinds: Kinds of evidence to keep, such as `evaluable` or `RECIST`; empty for that with most patients.
        without: Marks of counts to leave out: `added`, `from-percent`.
        take: `study#item` that speak for their cohort whatever the rules say.
        leave: `study` or `study#item` to leave out.
        overlap: `any` or `certain`: which overlaps make two studies one cohort.
    """

    mix: frozenset[str] = frozenset()
    kinds: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()
    take: frozenset[str] = frozenset()
    leave: frozenset[str] = frozenset()
    overlap: str = "any"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Rows to pool, and everything that a reader must know of how they were chosen."""

    data: tuple[Datum, ...]
    excluded: tuple[Exclusion, ...]
    labels: tuple[str, ...]
    rules: tuple[str, ...]
    strata: tuple[Stratum, ...]
    directions: tuple[Direction, ...]


ROW_RULES = (
    "of kinds of evidence that do not mix, the one with most patients is pooled; --mix-criteria, --mix-populations, --mix-designs put them "
    "together, --kind chooses another",
    "within a study, for each set of arms: printed counts before sums before counts from a percentage, assigned before evaluable, then the "
    "latest report, then most patients; arms apart before arms together",
    "of studies that share patients (certainly or probably; --overlap certain) the one that is not an earlier cut of another, then that with "
    "most patients, then the latest; --take STUDY#ITEM overrides",
)


def single_arm_evidence(index: Index, selection: Selection, endpoint: str, choice: Choice) -> Evidence:
    """Choose the rows for pooling counts of single arms.

    Args:
        index: Index of the collection.
        selection: Which outcomes speak.
        endpoint: Id of the endpoint.
        choice: What the user decides.

    Raises:
        UsageError: If something that is to be taken or left out is not there.
    """
    found = candidates(index, selection, endpoint, overlap=choice.overlap, mix_conditions="conditions" in choice.mix)
    check_named(choice, [*found.found, *found.excluded])
    chosen = choose(index, found.found, choice)
    rows_of = Counter(one.study_id for one in chosen.rows)
    several = {study for study, count in rows_of.items() if count > 1}
    data = tuple(_datum(one, named=one.study_id in several) for one in chosen.rows)
    return Evidence(
        data, (*found.excluded, *chosen.excluded), chosen.labels, (*KIND_RULES, *ROW_RULES), chosen.strata, found.directions
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chosen:
    """Candidates that entered, the others with the reason, what is put together, and the kinds at hand."""

    rows: tuple[Candidate, ...]
    excluded: tuple[Exclusion, ...]
    labels: tuple[str, ...]
    strata: tuple[Stratum, ...]


def choose(index: Index, found: Sequence[Candidate], choice: Choice) -> Chosen:
    """Choose one candidate for each independent group of patients, of one kind of evidence unless kinds are mixed."""
    excluded: list[Exclusion] = []
    kept = _keep(found, choice, excluded)
    earlier = _earlier_cuts(index)
    strata, stratum = _strata(kept, choice, earlier)
    inside = set(map(id, stratum))
    excluded += [_out(one, _other_kind(one, stratum, choice)) for one in kept if id(one) not in inside]
    rows, collapsed = _collapse(stratum, choice, earlier)
    return Chosen(tuple(rows), (*excluded, *collapsed), _labels(rows), strata)


def check_field(name: str, data: Sequence[Datum]) -> None:
    """Refuse a field that no row has.

    Raises:
        UsageError: Names the fields that there are.
    """
    known = sorted({key for one in data for key in one.traits}) or list(FIELDS)
    if data and name not in known:
        near = nearest(name, known)
        raise UsageError(
            f'rows have no field "{name}"', hint=f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}"
        )


def check_named(choice: Choice, there: Iterable[Candidate | Exclusion]) -> None:
    """Refuse what is to be taken or left out and is not there.

    Raises:
        UsageError: Names the nearest.
    """
    known = {name for one in there for name in (one.study_id, f"{one.study_id}#{one.item_id}")}
    for name in sorted(choice.take | choice.leave):
        if name not in known:
            near = nearest(name, sorted(known))
            raise UsageError(
                f'"{name}" is not among the results of this selection', hint=f"did you mean {' or '.join(near)}?" if near else ""
            )


def _keep(found: Sequence[Candidate], choice: Choice, excluded: list[Exclusion]) -> list[Candidate]:
    kept = []
    for one in found:
        if {one.study_id, one.reference} & choice.leave:
            excluded.append(_out(one, "left out as asked"))
        elif one.mark in choice.without:
            excluded.append(_out(one, f"{one.how}: left out as asked"))
        else:
            kept.append(one)
    return kept


def _key(one: Candidate, choice: Choice) -> tuple[str, ...]:
    return tuple(getattr(one, name) for kind, name in KINDS.items() if kind not in choice.mix)


def _strata(
    kept: Sequence[Candidate], choice: Choice, earlier: Mapping[str, frozenset[str]]
) -> tuple[tuple[Stratum, ...], list[Candidate]]:
    """Return the kinds of evidence at hand, and the candidates of the one that is pooled."""
    groups: dict[tuple[str, ...], list[Candidate]] = {}
    for one in kept:
        groups.setdefault(_key(one, choice), []).append(one)
    sizes = {}
    for key, members in groups.items():
        rows, _ = _collapse(members, choice, earlier)
        sizes[key] = (sum(one.total for one in rows), len(rows))
    wanted = [key for key in groups if not choice.kinds or set(choice.kinds) <= set(key)]
    if choice.kinds and not wanted:
        there = sorted({part for key in groups for part in key})
        raise UsageError(f"there is no evidence of kind {', '.join(choice.kinds)}", hint=f"there is {', '.join(there)}" if there else "")
    chosen = max(wanted, key=lambda key: (sizes[key], key)) if wanted else None
    order = sorted(groups, key=lambda key: (-sizes[key][0], key))
    strata = tuple(Stratum(_name(key, choice), sizes[key][1], sizes[key][0], key == chosen) for key in order)
    return strata, groups[chosen] if chosen is not None else []


def _name(key: Sequence[str], choice: Choice) -> str:
    parts = [
        {"era": "criteria", "population": "population", "design": "arms"}[name] for kind, name in KINDS.items() if kind not in choice.mix
    ]
    return ", ".join(f"{part} {value}" for part, value in zip(parts, key, strict=True)) or "all kinds together"


def _other_kind(one: Candidate, stratum: Sequence[Candidate], choice: Choice) -> str:
    pooled = stratum[0]
    differs = []
    for kind, name in KINDS.items():
        mine, theirs = getattr(one, name), getattr(pooled, name)
        if kind not in choice.mix and mine != theirs:
            differs.append(f"{kind} {mine}, pooled are {theirs}: --mix-{kind}")
    return f"another kind of evidence: {'; '.join(differs)}"


def _labels(rows: Sequence[Candidate]) -> tuple[str, ...]:
    labels = []
    for kind, name in KINDS.items():
        values = sorted({getattr(one, name) for one in rows})
        if len(values) > 1:
            labels.append(f"{kind}: {', '.join(values)}")
    diseases = sorted({str(one.traits["condition"]) for one in rows})
    if len(diseases) > 1:
        labels.append(f"diseases: {', '.join(diseases)}")
    if any(one.era == "unstated" for one in rows):
        labels.append("criteria not stated in what was read: they may differ")
    given: dict[str, int] = {}
    for one in rows:
        agents = str(one.traits["agents"] or "not stated")
        given[agents] = given.get(agents, 0) + 1
    if len(given) > 1:
        labels.append(
            "treatments: "
            + ", ".join(
                f"{agents.replace('; ', ' + ')} ({count})" for agents, count in sorted(given.items(), key=lambda pair: (-pair[1], pair[0]))
            )
        )
    several = len({one.study_id for one in rows})
    if several < len(rows):
        labels.append(f"{len(rows)} arms of {several} studies: arms of one study count as rows of their own")
    return tuple(labels)


_ORDER = {"": 0, "added": 1, "from-percent": 2}
_POPULATIONS = {"assigned": 0, "evaluable": 1, "unstated": 2}


def _rank(one: Candidate, choice: Choice) -> tuple[bool, int, int, int, int, int]:
    taken = one.reference in choice.take
    return (not taken, _ORDER[one.mark], _POPULATIONS[one.population], -one.cut, -one.total, one.position)


def _collapse(
    members: Sequence[Candidate], choice: Choice, earlier: Mapping[str, frozenset[str]]
) -> tuple[list[Candidate], list[Exclusion]]:  # fmt: skip
    """Return one candidate for each independent group of patients, and the others with the reason."""
    studies: dict[str, list[Candidate]] = {}
    for one in members:
        studies.setdefault(one.study_id, []).append(one)
    out: list[Exclusion] = []
    rows = {study: _within(held, choice, out) for study, held in studies.items()}
    cohorts: dict[str, list[str]] = {}
    for study, held in rows.items():
        cohorts.setdefault(held[0].cohort, []).append(study)
    chosen: list[Candidate] = []
    for sharing in cohorts.values():
        speaker = _speaker(sharing, rows, choice, earlier)
        chosen += rows[speaker]
        size = sum(one.total for one in rows[speaker])
        for study in sharing:
            if study != speaker:
                out += [_out(one, _shares(one, study, speaker, size, rows, earlier)) for one in rows[study]]
    return sorted(chosen, key=lambda one: (one.year or 0, one.label, one.study_id, one.position)), out


def _shares(
    one: Candidate, study: str, speaker: str, size: int, rows: Mapping[str, Sequence[Candidate]], earlier: Mapping[str, frozenset[str]]
) -> str:  # fmt: skip
    if study in earlier.get(speaker, frozenset()):
        return f"an earlier cut of the cohort of {speaker}"
    mine = sum(each.total for each in rows[study])
    return f"shares patients with {speaker}, which speaks for them ({size} against {mine} patients)"


def _within(held: Sequence[Candidate], choice: Choice, out: list[Exclusion]) -> list[Candidate]:
    """Return one result for each set of arms of a study, no patient twice."""
    best: dict[frozenset[str], Candidate] = {}
    for one in sorted(held, key=lambda each: _rank(each, choice)):
        arms = frozenset(one.arms)
        if arms in best:
            out.append(_out(one, f"the same arms as {best[arms].item_id}, which comes first by the rules"))
        else:
            best[arms] = one
    kept = sorted(best.items(), key=lambda pair: _breadth(pair, best, choice))
    rows: list[Candidate] = []
    for arms, one in kept:
        clash = next((other for other in rows if one.repeat or arms & set(other.arms) or not arms or not other.arms), None)
        if clash is None:
            rows.append(one)
        else:
            out.append(_out(one, f"its patients may be among those of {clash.item_id}"))
    return rows


def _breadth(
    pair: tuple[frozenset[str], Candidate], best: Mapping[frozenset[str], Candidate], choice: Choice
) -> tuple[bool, int, int, int]:
    """Order sets of arms: what is taken, then sets whose arms all speak for themselves last, then most patients."""
    arms, one = pair
    parts = [other for other in best if other < arms]
    covered = bool(parts) and frozenset().union(*parts) == arms
    return (one.reference not in choice.take, int(covered), -one.total, one.position)


def _speaker(sharing: Sequence[str], rows: Mapping[str, Sequence[Candidate]], choice: Choice, earlier: Mapping[str, frozenset[str]]) -> str:
    older = {study for one in sharing for study in earlier.get(one, frozenset())}

    def rank(study: str) -> tuple[bool, bool, int, int, str]:
        held = rows[study]
        taken = any(one.reference in choice.take for one in held)
        return (not taken, study in older, -sum(one.total for one in held), -(held[0].year or 0), study)

    return min(sharing, key=rank)


def _earlier_cuts(index: Index) -> Mapping[str, frozenset[str]]:
    """Return by study those of which it is a later cut."""
    found: dict[str, set[str]] = {}
    for study, other, relation in index.rows("SELECT study_id, other_id, relation FROM overlaps WHERE relation LIKE 'same-cohort-%'"):
        later, older = (study, other) if relation == "same-cohort-earlier-cut" else (other, study)
        found.setdefault(later, set()).add(older)
    return {study: frozenset(others) for study, others in found.items()}


def _out(one: Candidate, reason: str) -> Exclusion:
    return Exclusion(one.label, one.place, reason, one.study_id, one.item_id)


def _datum(one: Candidate, *, named: bool) -> Datum:
    label = f"{one.label} ({', '.join(one.arms)})" if named or one.design == "randomised" or len(one.arms) > 1 else one.label
    return Datum(label, (one.events, one.total), None, one.year, one.cohort, one.place, one.study_id, one.item_id, one.how, one.traits)
