"""Counted results on an endpoint as candidates for a pool; what cannot be one says why, and what is told in words is listed.

Nothing is chosen here: `kb.analysis.evidence_rows` takes one row for each independent group of patients.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from kb.analysis.gap_rules import design_of
from kb.analysis.meta_report import Direction, way_of
from kb.analysis.selection import Selection
from kb.analysis.selection_sql import REGIMEN_OPTIONS, among_selected, compile_selection, from_clause
from kb.analysis.synthesis import Exclusion
from kb.model.quantities import Quantity
from kb.records.tables import JOINER

if TYPE_CHECKING:
    from kb.records.index import Index

MARKS = ("added", "from-percent")
"""How a count came about that is not printed: parts of an endpoint added up, or a percentage times its denominator."""
FIRST_RECIST = 2000
"""Year in which RECIST was published (Therasse et al., J Natl Cancer Inst 2000); what was judged before was not judged by it."""
_ERAS = {
    "who": "WHO", "recist": "RECIST", "recist-1.0": "RECIST", "recist-1.1": "RECIST", "irecist": "immune criteria",
    "irrc": "immune criteria", "irrc-modified": "immune criteria", "own": "own criteria", "disease-specific": "criteria of the disease",
}  # fmt: skip
_WHOLE = {
    "enrolled": "assigned", "randomised": "assigned", "eligible": "assigned", "itt": "assigned", "treated": "assigned",
    "evaluable": "evaluable", "per-protocol": "evaluable", "unstated": "unstated",
}  # fmt: skip
"""Kinds of population by basis; other bases are parts of a cohort, chosen by a marker, a group or an outcome."""
_RANDOMISED = ("randomised", "partly-randomised", "randomised-arm-added")
_CHOSEN = ("case-control", "survivors-only", "chosen-by-pathology", "available-samples")

KIND_RULES = (
    f"criteria by era: WHO (unstated ones reported before {FIRST_RECIST} count with it: RECIST was published in {FIRST_RECIST}), RECIST, "
    "immune criteria, own, of the disease, unstated",
    "populations: assigned (enrolled, randomised, eligible, ITT, treated), evaluable (evaluable, per protocol), unstated; subgroups, "
    "responders and patients with a marker measured are parts of a cohort and stay out",
    "designs: arms of randomised studies, arms of others",
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A counted result.

    Attributes:
        study_id: Study.
        item_id: Outcome.
        label: First author and year.
        events: Patients with the event.
        total: Patients.
        mark: Empty, or one of `MARKS`.
        arms: Arms that it speaks of.
        era: Era of its criteria.
        population: Kind of its population.
        design: `randomised` or `not randomised`.
        cohort: Independent cohort.
        year: Year of the study's main report, or None.
        cut: Year of the report that gives it, for the latest data cut; 0 when not known.
        position: Place in the record.
        repeat: Whether a patient may be in more than one arm.
        place: File and line.
        how: How the count came about, in words.
        traits: Fields for groups and moderators.
        late: Whether it comes after those that are counted as such.
    """

    study_id: str
    item_id: str
    label: str
    events: int
    total: int
    mark: str
    arms: tuple[str, ...]
    era: str
    population: str
    design: str
    cohort: str
    year: int | None
    cut: int
    position: int
    repeat: bool
    place: str
    how: str
    traits: Mapping[str, str | float | None] = field(default_factory=dict)
    late: bool = False

    @property
    def reference(self) -> str:
        """`study#item`."""
        return f"{self.study_id}#{self.item_id}"


class _Outcome(NamedTuple):
    study_id: str
    item_id: str
    position: int
    label: str
    endpoint: str
    criteria: str | None
    basis: str | None
    population: str | None
    arms: str | None
    conditions: str | None
    events: int | None
    total: int | None
    percent: str | None
    n: int | None
    comparison: str | None
    count_of: str
    site: str | None
    result: str
    says: str | None
    words: str | None
    p: str | None
    measure: str | None
    estimate: float | None
    year: int | None
    cut: int | None
    study_design: str
    allocation: str
    phase: str | None
    sampling: str | None
    repeat: int
    cohort: str
    certain: str
    retracted: int
    file: str
    line: int


_OUTCOMES = """
  SELECT o.study_id, o.item_id, o.position, s.label, o.endpoint, o.criteria, o.population_basis, o.population, o.arms, o.conditions,
         o.events, o.total, o.percent_printed, o.population_n, o.comparison, o.count_of, o.site, o.result, o.says, o.result_text, o.p_printed, o.measure,
         o.estimate, s.year, r.year, s.design, s.allocation, s.phase, s.sampling, s.repeat_patients, s.cohort_id, s.cohort_certain_id,
         s.retracted, o.file, o.line
  FROM outcomes o JOIN studies s USING (study_id) LEFT JOIN reports r ON r.study_id = o.study_id AND r.item_id = o.report
  WHERE o.endpoint IN ({marks}) AND {chosen}
  ORDER BY s.{cohort}, o.study_id, o.position
"""
COHORTS = {"any": "cohort_id", "certain": "cohort_certain_id"}
"""Column of the cohort of a study, by the overlaps that join cohorts."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidates of one cohort, what cannot be one, and what is told without a count; each by study and place in the record.

    Sums of parts come after what is counted as such.
    """

    found: tuple[Candidate, ...]
    excluded: tuple[Exclusion, ...]
    directions: tuple[Direction, ...]


def candidates(
    index: Index, selection: Selection, endpoint: str, *, overlap: str = "any", mix_conditions: bool = False
) -> Iterator[Candidates]:
    """Read the counted results of a selection, cohort by cohort, so that memory does not grow with the collection.

    Args:
        index: Index of the collection.
        selection: Which outcomes speak.
        endpoint: Id of the endpoint.
        overlap: `any`: probable overlaps join cohorts; `certain`: only certain ones do.
        mix_conditions: Whether patients of other diseases may be among those of the selected ones.
    """
    parts = _parts(index, endpoint)
    wanted, chosen = (endpoint, *parts), among_selected(selection, "outcomes", "o")
    sql = _OUTCOMES.format(marks=", ".join("?" * len(wanted)), chosen=chosen.sql, cohort=COHORTS[overlap])
    rows = map(_Outcome._make, index.connection.execute(sql, (*wanted, *chosen.parameters)))
    reader = _Reader(fitting_arms(index, selection), _regimens(index), _diseases(selection, mix_conditions), overlap)
    for _, held in groupby(rows, key=lambda row: row.certain if overlap == "certain" else row.cohort):
        yield _of_cohort(reader, list(held), endpoint, parts)


def _of_cohort(reader: _Reader, rows: Sequence[_Outcome], endpoint: str, parts: Sequence[str]) -> Candidates:
    found: list[Candidate] = []
    excluded: list[Exclusion] = []
    directions: list[Direction] = []
    for row in rows:
        if row.endpoint != endpoint:
            continue
        told = _direction(row, reader.overlap)
        if told is not None:
            directions.append(told)
            continue
        read = reader.read(row)
        if isinstance(read, Candidate):
            found.append(read)
        else:
            excluded.append(read)
    counted = {(one.study_id, one.arms, one.total) for one in found}
    found += [one for one in _added(reader, rows, parts) if (one.study_id, one.arms, one.total) not in counted]
    return Candidates(tuple(found), tuple(excluded), tuple(directions))


def _parts(index: Index, endpoint: str) -> tuple[str, ...]:
    row = index.rows("SELECT includes FROM terms WHERE kind = 'endpoints' AND id = ?", (endpoint,))
    return tuple(row[0][0].split(JOINER)) if row and row[0][0] else ()


Regimen = tuple[str, str | None, str | None]
"""Class of an arm's regimen, its agents and their routes."""


def fitting_arms(index: Index, selection: Selection) -> Callable[[str], frozenset[str]] | None:
    """Return a function from a study to its arms that fit the regimen asked for; None where none is asked for."""
    asked = [item for item in selection.criteria if item.option in (*REGIMEN_OPTIONS, "status")]
    if all(item.option == "status" for item in asked):
        return None
    clause = compile_selection(Selection(tuple(asked)), "arms")
    sql = f"SELECT i.item_id FROM {from_clause('arms')} WHERE i.study_id = ? AND {clause.sql}"

    @lru_cache(maxsize=1)  # studies come one after the other
    def arms(study: str) -> frozenset[str]:
        return frozenset(arm for (arm,) in index.rows(sql, (study, *clause.parameters)))

    return arms


def _regimens(index: Index) -> Callable[[str], Mapping[str, Regimen]]:
    """Return a function from a study to the regimens of its arms."""

    @lru_cache(maxsize=1)
    def regimens(study: str) -> Mapping[str, Regimen]:
        rows = index.rows("SELECT item_id, regimen_class, agents, routes FROM arms WHERE study_id = ?", (study,))
        return {arm: (regimen, agents, routes) for arm, regimen, agents, routes in rows}

    return regimens


def _diseases(selection: Selection, mix: bool) -> frozenset[str] | None:
    asked = selection.find("condition")
    return None if asked is None or mix else frozenset(asked.terms)


def _direction(row: _Outcome, overlap: str) -> Direction | None:
    if row.result == "proportion" and row.comparison is None:
        return None
    said = row.words or row.says or row.measure or row.result
    if row.result == "contrast" and row.estimate is not None:
        said = f"{row.measure} {row.estimate:g}"
    place = f"{row.file}:{row.line}"
    cohort, design = row.certain if overlap == "certain" else row.cohort, design_of(row.study_design, row.allocation).key
    return Direction(row.label, said, row.n, row.p, row.study_id, row.item_id, place, way_of(row.says), cohort, design)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns rows into candidates."""

    fitting: Callable[[str], frozenset[str]] | None
    regimens: Callable[[str], Mapping[str, Regimen]]
    diseases: frozenset[str] | None
    overlap: str

    def read(self, row: _Outcome) -> Candidate | Exclusion:
        reason = self.unfit(row)
        if reason:
            return _out(row, reason)
        if row.events is not None and row.total is not None:
            return self.candidate(row, row.events, row.total, "", "")
        return self._from_percent(row)

    def _from_percent(self, row: _Outcome) -> Candidate | Exclusion:
        total = row.total or row.n
        if row.events is not None:
            if total is None:
                return _out(row, f"{row.events} with the event, but no denominator")
            return (
                self.candidate(row, row.events, total, "", "denominator: patients of the population")
                if row.events <= total
                else _out(row, f"{row.events} of {total}")
            )
        if row.percent is None or total is None:
            return _out(row, "a percentage without its denominator" if row.percent else "no count")
        printed = Quantity(row.percent)
        if not printed.exact:
            return _out(row, f"printed as {row.percent} %: no single number")
        events = round(printed.value * total / 100)
        if not 0 <= events <= total or abs(100 * events / total - printed.value) > printed.half_unit * 1.000001:
            return _out(row, f"no whole number of {total} patients is {row.percent} %: the denominator must be another")
        return self.candidate(row, events, total, "from-percent", f"count from the printed {row.percent} % of {total}")

    def unfit(self, row: _Outcome) -> str:
        if row.retracted:
            return "retracted"
        if row.count_of != "patients":
            return f"counts {row.count_of}, not patients"
        if row.site is not None:
            return f"judged in one site alone: {row.site}"
        if row.study_design == "meta-analysis":
            return "a meta-analysis: its studies speak for themselves"
        if row.sampling in _CHOSEN:
            return f"patients chosen ({row.sampling}): their rate is not that of a cohort"
        if row.basis not in _WHOLE:
            return f"part of a cohort: population {row.basis or 'not given'}"
        if self.diseases is not None:
            others = [name for name in (row.conditions or "").split(JOINER) if name and name not in self.diseases]
            if others:
                return f"other diseases among its patients ({', '.join(others)}): --mix-conditions takes it"
        if self.fitting is not None:
            strange = [arm for arm in _split(row.arms) if arm not in self.fitting(row.study_id)]
            if strange:
                return f"arms outside the selection among its patients ({', '.join(strange)})"
        if row.total == 0 or (row.total is not None and row.events is not None and row.events > row.total):
            return f"{row.events} of {row.total} is not a count of patients"
        return ""

    def candidate(self, row: _Outcome, events: int, total: int, mark: str, how: str) -> Candidate:
        arms = _split(row.arms)
        regimens = self.regimens(row.study_id)
        given = [regimens[arm] for arm in arms if arm in regimens]
        era = "unstated" if row.criteria is None else _ERAS[row.criteria]
        if era == "unstated" and row.year is not None and row.year < FIRST_RECIST:
            era = "WHO"
        population, design = _WHOLE[row.basis or ""], "randomised" if row.allocation in _RANDOMISED else "not randomised"
        traits: dict[str, str | float | None] = {
            "regimen-class": _one_of(regimen for regimen, _, _ in given), "agents": _one_of(agents for _, agents, _ in given),
            "route": _one_of(routes for _, _, routes in given), "condition": row.conditions, "design": row.study_design,
            "allocation": row.allocation, "phase": row.phase, "year": None if row.year is None else float(row.year), "decade": None if row.year is None else f"{row.year // 10 * 10}s", "n": float(total),
            "criteria": era, "population": population, "evidence": design, "arms": row.arms, "study": row.study_id,
        }  # fmt: skip
        cohort = row.certain if self.overlap == "certain" else row.cohort
        return Candidate(
            row.study_id, row.item_id, row.label, events, total, mark, arms, era, population, design, cohort, row.year, row.cut or row.year or 0,
            row.position, bool(row.repeat), f"{row.file}:{row.line}", how, traits,
        )  # fmt: skip


FIELDS = (
    "regimen-class", "agents", "route", "condition", "design", "allocation", "phase", "year", "decade", "n", "criteria", "population",
    "evidence", "study",
)  # fmt: skip
"""Fields that make groups; those with numbers can be moderators as they are."""


def _one_of(values: Iterable[str | None]) -> str | None:
    found = sorted({value for value in values if value})
    return " / ".join(found) or None


def _split(arms: str | None) -> tuple[str, ...]:
    return tuple((arms or "").split(JOINER)) if arms else ()


def _out(row: _Outcome, reason: str) -> Exclusion:
    return Exclusion(row.label, f"{row.file}:{row.line}", reason, row.study_id, row.item_id)


def _added(reader: _Reader, rows: Sequence[_Outcome], parts: Sequence[str]) -> Iterator[Candidate]:
    """Yield the sums of counted parts in one population: complete plus partial responses."""
    groups: dict[tuple[str, str | None, str | None, int], dict[str, _Outcome]] = {}
    for row in rows:
        if row.endpoint in parts and row.comparison is None and row.events is not None and row.total and not reader.unfit(row):
            groups.setdefault((row.study_id, row.population, row.arms, row.total), {}).setdefault(row.endpoint, row)
    for (_, _, _, total), graded in groups.items():
        events = sum(row.events or 0 for row in graded.values())
        if len(graded) == len(parts) and events <= total:
            first = graded[parts[0]]
            words = " + ".join(f"{graded[part].events} {part}" for part in parts)
            yield replace(reader.candidate(first, events, total, "added", words), late=True)
