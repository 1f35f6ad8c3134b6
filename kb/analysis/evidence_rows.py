"""Honest selection: one row for each independent group of patients, kinds of evidence apart, every exclusion named.

Rules, in order: evidence of one kind (criteria, population, design) is pooled, that with most patients, unless a flag mixes
kinds; within a study one result for each set of arms; of studies that share patients one speaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from kb.analysis.evidence_candidates import FIELDS, KIND_RULES, Candidate, Candidates, candidates
from kb.analysis.meta_report import Direction, Stratum
from kb.analysis.selection import Selection
from kb.analysis.spool import Spool, derived, joined
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
    """Rows to pool, and everything that a reader must know of how they were chosen; what grows with the collection may lie in a file."""

    data: Sequence[Datum]
    excluded: Sequence[Exclusion]
    labels: tuple[str, ...]
    rules: tuple[str, ...]
    strata: tuple[Stratum, ...]
    directions: Sequence[Direction]


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
    groups = candidates(index, selection, endpoint, overlap=choice.overlap, mix_conditions="conditions" in choice.mix)
    named, told, chooser = Named(choice), Told(), Chooser(index, choice)
    for group in groups:
        named.see(group.found, group.excluded)
        told.add(group)
        chooser.add(group.found)
    named.check()
    chosen = chooser.chosen()
    data = derived(_data, chosen.rows)
    excluded = joined(told.excluded.settled(), chosen.excluded)
    return Evidence(data, excluded, chosen.labels, (*KIND_RULES, *ROW_RULES), chosen.strata, told.directions.settled())


def _data(rows: Iterable[Candidate]) -> Iterator[Datum]:
    """Rows as they enter; arms are named where a study has several."""
    for _, held in groupby(rows, key=lambda one: one.study_id):
        arms = list(held)
        yield from (_datum(one, named=len(arms) > 1) for one in arms)


class Told:
    """What cannot be a candidate and what is told without a count, cohort by cohort in, study by study out."""

    def __init__(self) -> None:
        self.excluded: Spool[Exclusion] = Spool()
        self.directions: Spool[Direction] = Spool()

    def add(self, group: Candidates) -> None:
        """Take what a cohort has of it."""
        for out in group.excluded:
            self.excluded.add(out, out.study_id)
        for direction in group.directions:
            self.directions.add(direction, direction.study_id)


class Named:
    """Whether what is to be taken or left out is there at all."""

    def __init__(self, choice: Choice) -> None:
        self._wanted = choice.take | choice.leave
        self._known: set[str] = set()

    def see(self, *there: Iterable[Candidate | Exclusion]) -> None:
        """Take note of results; of none where nothing was named."""
        if self._wanted:
            self._known.update(name for some in there for one in some for name in (one.study_id, f"{one.study_id}#{one.item_id}"))

    def check(self) -> None:
        """Refuse what is not there.

        Raises:
            UsageError: Names the nearest.
        """
        for name in sorted(self._wanted - self._known):
            near = nearest(name, sorted(self._known))
            raise UsageError(
                f'"{name}" is not among the results of this selection', hint=f"did you mean {' or '.join(near)}?" if near else ""
            )


@dataclass(frozen=True, slots=True)
class Chosen:
    """Candidates that entered, the others with the reason, what is put together, and the kinds at hand."""

    rows: Sequence[Candidate]
    excluded: Sequence[Exclusion]
    labels: tuple[str, ...]
    strata: tuple[Stratum, ...]


class _Kind:
    """Candidates of one kind of evidence: those that would enter, by year, study and place, the others with the reason."""

    def __init__(self) -> None:
        self.patients = 0
        self.rows: Spool[Candidate] = Spool()
        self.out: Spool[Exclusion] = Spool()
        self.members: Spool[tuple[bool, str, int, Exclusion]] = Spool()  # should another kind be pooled


class Chooser:
    """Chooses one candidate for each independent group of patients, of one kind of evidence unless kinds are mixed.

    Cohorts come one at a time, since no rule looks beyond one; of what kind the pool is, is known when all have come.

    Args:
        index: Index of the collection.
        choice: What the user decides.
    """

    def __init__(self, index: Index, choice: Choice) -> None:
        self._choice = choice
        self._earlier = _earlier_cuts(index)
        self._left: Spool[Exclusion] = Spool()
        self._kinds: dict[tuple[str, ...], _Kind] = {}

    def add(self, found: Sequence[Candidate]) -> None:
        """Take the candidates of one cohort, those that come late last."""
        groups: dict[tuple[str, ...], list[Candidate]] = {}
        for number, one in enumerate(found):
            reason = _unwanted(one, self._choice)
            if reason:
                self._left.add(_out(one, reason), one.late, one.study_id)
            else:
                key = _key(one, self._choice)
                groups.setdefault(key, []).append(one)
                if key not in self._kinds:
                    self._kinds[key] = _Kind()
                self._kinds[key].members.add((one.late, one.study_id, number, _out(one, "")))
        for key, members in groups.items():
            self._collapse(members, self._kinds[key])

    def _collapse(self, members: Sequence[Candidate], kind: _Kind) -> None:
        """Take one candidate for each independent group of patients of a cohort, and the others with the reason."""
        studies: dict[str, list[Candidate]] = {}
        for one in members:
            studies.setdefault(one.study_id, []).append(one)
        rows: dict[str, list[Candidate]] = {}
        for study, held in studies.items():
            rows[study], out = _within(held, self._choice)
            for left in out:
                kind.out.add(left, 0, held[0].late, study)
        speaker = _speaker(list(studies), rows, self._choice, self._earlier)
        size = sum(one.total for one in rows[speaker])
        for one in rows[speaker]:
            kind.patients += one.total
            kind.rows.add(one, one.year or 0, one.label, one.study_id, one.position)
        for study in studies:
            if study != speaker:
                for one in rows[study]:
                    kind.out.add(
                        _out(one, _shares(one, study, speaker, size, rows, self._earlier)), 1, members[0].late, members[0].study_id
                    )

    def chosen(self) -> Chosen:
        """Return what enters, of the kind with most patients unless another is wanted.

        Raises:
            UsageError: If there is no evidence of the wanted kind.
        """
        kinds, choice = self._kinds, self._choice
        wanted = [key for key in kinds if not choice.kinds or set(choice.kinds) <= set(key)]
        if choice.kinds and not wanted:
            there = sorted({part for key in kinds for part in key})
            raise UsageError(
                f"there is no evidence of kind {', '.join(choice.kinds)}", hint=f"there is {', '.join(there)}" if there else ""
            )
        left = self._left.settled()
        if not wanted:
            return Chosen((), left, (), ())
        best = max(wanted, key=lambda key: (kinds[key].patients, len(kinds[key].rows), key))
        order = sorted(kinds, key=lambda key: (-kinds[key].patients, key))
        strata = tuple(Stratum(_name(key, choice), len(kinds[key].rows), kinds[key].patients, key == best) for key in order)
        pooled, others = kinds[best], Spool[Exclusion]()
        for key, kind in kinds.items():
            if key != best:
                reason = _other_kind(key, best, choice)
                for late, study, number, one in kind.members.settled():
                    others.add(replace(one, reason=reason), late, study, number)
        rows = pooled.rows.settled()
        return Chosen(rows, joined(left, others.settled(), pooled.out.settled()), _labels(rows), strata)


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


def _unwanted(one: Candidate, choice: Choice) -> str:
    """Return why a candidate is left out as asked, or an empty text."""
    if {one.study_id, one.reference} & choice.leave:
        return "left out as asked"
    return f"{one.how}: left out as asked" if one.mark in choice.without else ""


def _key(one: Candidate, choice: Choice) -> tuple[str, ...]:
    return tuple(getattr(one, name) for kind, name in KINDS.items() if kind not in choice.mix)


def _name(key: Sequence[str], choice: Choice) -> str:
    parts = [
        {"era": "criteria", "population": "population", "design": "arms"}[name] for kind, name in KINDS.items() if kind not in choice.mix
    ]
    return ", ".join(f"{part} {value}" for part, value in zip(parts, key, strict=True)) or "all kinds together"


def _other_kind(mine: Sequence[str], pooled: Sequence[str], choice: Choice) -> str:
    apart = [kind for kind in KINDS if kind not in choice.mix]
    differs = [
        f"{kind} {own}, pooled are {theirs}: --mix-{kind}" for kind, own, theirs in zip(apart, mine, pooled, strict=True) if own != theirs
    ]
    return f"another kind of evidence: {'; '.join(differs)}"


def _labels(rows: Sequence[Candidate]) -> tuple[str, ...]:
    """Say what the rows put together; the rows of a study stand together."""
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
    several = sum(1 for _ in groupby(rows, key=lambda one: one.study_id))
    if several < len(rows):
        labels.append(f"{len(rows)} arms of {several} studies: arms of one study count as rows of their own")
    return tuple(labels)


_ORDER = {"": 0, "added": 1, "from-percent": 2}
_POPULATIONS = {"assigned": 0, "evaluable": 1, "unstated": 2}


def _rank(one: Candidate, choice: Choice) -> tuple[bool, int, int, int, int, int]:
    taken = one.reference in choice.take
    return (not taken, _ORDER[one.mark], _POPULATIONS[one.population], -one.cut, -one.total, one.position)


def _shares(
    one: Candidate, study: str, speaker: str, size: int, rows: Mapping[str, Sequence[Candidate]], earlier: Mapping[str, frozenset[str]]
) -> str:  # fmt: skip
    if study in earlier.get(speaker, frozenset()):
        return f"an earlier cut of the cohort of {speaker}"
    mine = sum(each.total for each in rows[study])
    return f"shares patients with {speaker}, which speaks for them ({size} against {mine} patients)"


def _within(held: Sequence[Candidate], choice: Choice) -> tuple[list[Candidate], list[Exclusion]]:
    """Return one result for each set of arms of a study, no patient twice, and the others with the reason."""
    out: list[Exclusion] = []
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
    return rows, out


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
