"""Studies side by side: a row a property, a column a study, what is equal marked.

Properties are what the record of a study says of itself, then what was given, found, counted and suffered, each marker,
endpoint and event in one row. A value that is missing says why where the record does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb.analysis.listing import Listing
from kb.analysis.told import CENTRES, Ids, Labels
from kb.errors import UsageError, nearest
from kb.model.terms import (
    Allocation,
    Association,
    BiasFlag,
    ClosedSet,
    Comparison,
    ContrastDirection,
    Control,
    DesignType,
    Direction,
    DiseaseSetting,
    EffectMeasure,
    Grade,
    Masking,
    NullBasis,
    Phase,
    Polarity,
    PopulationBasis,
    Read,
    RegimenClass,
    Relation,
    Sampling,
    Statement,
    Status,
    VocabularyKind,
)
from kb.records.tables import JOINER

if TYPE_CHECKING:
    from kb.records.index import Index

MOST = 6
"""Largest number of studies that a page still shows side by side."""
ALL, SOME = "all", "some"
"""Marks of a row: all values equal, some values equal."""
IDS = Ids()


@dataclass(frozen=True, slots=True)
class Row:
    """A property of all studies.

    Attributes:
        section: What it belongs to: study, regimen, population, finding, outcome, adverse event, claim.
        name: Property, in words.
        values: A value a study, or None where the record has none.
        equal: `all` where all studies have the same value, `some` where at least two have, else empty. Findings are equal in
            their direction or association, whatever their numbers of patients.
    """

    section: str
    name: str
    values: tuple[str | None, ...]
    equal: str


@dataclass(frozen=True, slots=True)
class Value:
    """A value as told, and what of it must be the same to be equal."""

    text: str
    key: str


def compare(index: Index, names: Sequence[str], told: Ids = IDS) -> tuple[tuple[str, ...], list[Row]]:
    """Return the present ids of studies and the rows of their comparison.

    Args:
        index: Index of the collection.
        names: Ids of two to six studies, earlier ids included, in the order in which they are to stand.
        told: How the ids in properties and values are told; what is equal does not depend on it.

    Raises:
        UsageError: If a study does not exist, is named twice, or there are fewer than two or more than six.
    """
    studies = _studies(index, names)
    rows = [Row("study", name, texts, equality(keys)) for name, texts, keys in _own(index, studies, told)]
    for section, found in _sections(index, studies, told):
        rows += _items(section, found, studies)
    return studies, rows


def labels(index: Index) -> Labels:
    """Return how ids are told by their labels."""

    def study(ident: str) -> str:
        found = index.rows("SELECT label FROM studies WHERE study_id = ?", (ident,))
        return str(found[0][0]) if found else ident

    return Labels(index.label, study)


def properties(index: Index, study: str, told: Ids = IDS) -> list[tuple[str, str, str, str]]:
    """Return the properties of a study, each as section, name, value and what it is compared by, in the order of `compare`.

    The values are those that `compare` joins for the study; a page can then set any studies side by side.
    """
    # Two absences are not equal, for the values may differ: they have nothing to be compared by.
    found = [("study", name, text, key or "") for name, (text,), (key,) in _own(index, (study,), told) if text]
    for section, values in _sections(index, (study,), told):
        by_name: dict[str, list[Value]] = {}
        for _, name, value in values:
            by_name.setdefault(name, []).append(value)
        for name, held in by_name.items():
            keys = JOINER.join(dict.fromkeys(value.key for value in sorted(held, key=lambda one: one.key)))
            found.append((section, name, JOINER.join(dict.fromkeys(value.text for value in held)), keys))
    return found


def _sections(index: Index, studies: Sequence[str], told: Ids) -> Iterator[tuple[str, _Found]]:
    for section, read, query in (
        ("regimen", _arms, _ARMS),
        ("population", _populations, _POPULATIONS),
        ("finding", _findings, _FINDINGS),
        ("outcome", _outcomes, _OUTCOMES),
        ("adverse event", _events, _EVENTS),
        ("claim", _claims, _CLAIMS),
    ):
        yield section, read(_asked(index, query, studies), told)


def _asked(index: Index, query: str, studies: Sequence[str]) -> _Rows:
    """Return the rows of some studies; `{studies}` in the query stands for their ids."""
    return index.rows(query.replace("{studies}", ", ".join("?" * len(studies))), studies)


def equality(keys: Iterable[str | None]) -> str:
    """Return the mark of a row for what its values are compared by; missing ones are never equal."""
    given = tuple(keys)
    known = [key for key in given if key is not None]
    if len(known) < 2 or len(set(known)) == len(known):
        return ""
    return ALL if len(set(known)) == 1 and len(known) == len(given) else SOME


def listing(studies: tuple[str, ...], rows: Iterable[Row]) -> Listing:
    """Return a comparison as a table: section, property, mark, then a column a study."""
    return Listing(("section", "property", "equal", *studies), [(row.section, row.name, row.equal or None, *row.values) for row in rows])


def _studies(index: Index, names: Sequence[str]) -> tuple[str, ...]:
    found: list[str] = []
    for name in names:
        study = index.study(name)
        if study is None:
            near = nearest(name, index.studies())
            hint = f"did you mean {' or '.join(near)}?" if near else "`kb find studies` lists the ids"
            raise UsageError(f'there is no study "{name}"', hint=hint)
        if study in found:
            raise UsageError(f'"{study}" is named twice', hint="name every study once")
        found.append(study)
    if not 2 <= len(found) <= MOST:
        what = "one study alone has nothing to be compared with" if len(found) == 1 else f"{len(found)} studies do not stand side by side"
        raise UsageError(what, hint=f"name 2 to {MOST} studies; `kb find studies` lists their ids")
    return tuple(found)


_OWN: tuple[tuple[str, str, type[ClosedSet] | None], ...] = (
    # property, column of `studies`, set of its values
    ("label", "label", None),
    ("title", "title", None),
    ("year", "year", None),
    ("journal", "journal", None),
    ("read", "report_read", Read),
    ("status", "status", Status),
    ("independent cohort", "cohort_id", None),
    ("design", "design", DesignType),
    ("allocation", "allocation", Allocation),
    ("phase", "phase", Phase),
    ("masking", "masking", Masking),
    ("control", "control", Control),
    ("setting", "setting", DiseaseSetting),
    ("sampling", "sampling", Sampling),
    ("centres", "centres", None),
    ("enrolment from", "enrolment_start", None),
    ("enrolment to", "enrolment_end", None),
    ("patients", "n", None),
    ("patients counted as", "basis", PopulationBasis),
    ("diseases", "condition_labels", None),
    ("flags", "flags", BiasFlag),
    ("certainty of evidence", "grade", Grade),
)
_WITH_ABSENCE = (
    "title", "year", "phase", "masking", "control", "setting", "sampling", "centres", "enrolment_start", "enrolment_end", "n",
)  # fmt: skip


_Texts = tuple[str | None, ...]


def _own(index: Index, studies: tuple[str, ...], told: Ids) -> Iterator[tuple[str, _Texts, _Texts]]:
    """Yield what the record says of the study itself: property, values as told, and what they are compared by.

    An absence has nothing to be compared by: two of them are not equal, for the values may differ.
    """
    columns = ", ".join(column for _, column, _ in _OWN)
    absences = ", ".join(f"{column}_absence" if column in _WITH_ABSENCE else "NULL" for _, column, _ in _OWN)
    query = f"SELECT study_id, {columns}, {absences} FROM studies WHERE study_id IN ({{studies}})"
    found = {row[0]: (row[1 : len(_OWN) + 1], row[len(_OWN) + 1 :]) for row in _asked(index, query, studies)}
    for place, (name, column, terms) in enumerate(_OWN):
        keys = tuple(None if (value := found[study][0][place]) is None else str(value) for study in studies)
        values = tuple(found[study][1][place] if key is None else key for study, key in zip(studies, keys, strict=True))
        if any(value is not None for value in values):  # a row that no study has a word for is left out
            yield name, tuple(value and _spelled(value, key, column, terms, told) for value, key in zip(values, keys, strict=True)), keys


def _spelled(value: str, key: str | None, column: str, terms: type[ClosedSet] | None, told: Ids) -> str:
    if column == "cohort_id":
        return told.study(value)
    if key is None:
        return told.closed(value)
    if column == "centres":
        return told.one_of(value, CENTRES)
    return value if terms is None else told.closed(value, terms)


_Found = Iterator[tuple[str, str, Value]]
"""Study, property, value."""
_Rows = list[tuple[Any, ...]]


def _items(section: str, found: _Found, studies: tuple[str, ...]) -> list[Row]:
    """Gather items into rows: what most studies have first, then what the first study has; regimens arm by arm."""
    by_name: dict[str, dict[str, list[Value]]] = {}
    for study, name, value in found:
        if study in studies:
            by_name.setdefault(name, {}).setdefault(study, []).append(value)

    def order(name: str) -> tuple[int, list[bool], str]:
        return -len(by_name[name]), [study not in by_name[name] for study in studies], name.casefold()

    names = sorted(by_name) if section == "regimen" else sorted(by_name, key=order)
    return [_row(section, name, [by_name[name].get(study, []) for study in studies]) for name in names]


def _row(section: str, name: str, values: list[list[Value]]) -> Row:
    def joined(found: list[Value], part: Callable[[Value], str]) -> str | None:
        return JOINER.join(dict.fromkeys(map(part, found))) or None

    keys = tuple(joined(sorted(found, key=lambda one: one.key), lambda one: one.key) for found in values)
    return Row(section, name, tuple(joined(found, lambda one: one.text) for found in values), equality(keys))


_ARMS = """
  SELECT study_id, label, n, regimen_class, agents, doses, routes, schedules FROM arms WHERE study_id IN ({studies}) ORDER BY study_id, position
"""


def _arms(rows: _Rows, told: Ids) -> _Found:
    count: dict[str, int] = {}
    for study, label, n, regimen, agents, doses, routes, schedules in rows:
        count[study] = count.get(study, 0) + 1
        arm, given = f"arm {count[study]}", (agents or "").split(JOINER)
        size = f"{label}{'' if n is None else f' (n {n})'}"
        yield study, arm, Value(size, size)
        yield study, f"{arm}: class", Value(told.closed(regimen, RegimenClass), regimen)
        for name, text in (("doses", doses), ("schedule", schedules)):
            if text is not None:
                yield study, f"{arm}: {name}", Value(told.agents(text, given), text)
        if routes is not None:
            yield study, f"{arm}: routes", Value(told.terms(VocabularyKind.ROUTES, routes), routes)


_POPULATIONS = """
  SELECT study_id, basis, conditions, n, n_absence FROM populations WHERE study_id IN ({studies}) ORDER BY study_id, position
"""


def _populations(rows: _Rows, told: Ids) -> _Found:
    for study, basis, conditions, n, absence in rows:
        counted = told.closed(basis, PopulationBasis)
        name = f"{counted}, {told.terms(VocabularyKind.CONDITIONS, conditions)}" if conditions else counted
        yield study, name, Value(told.closed(absence) if n is None else str(n), str(absence if n is None else n))


_FINDINGS = """
  SELECT f.study_id, f.kind, f.biomarker_label, coalesce(f.direction, f.direction_absence), f.versus,
         coalesce(f.endpoint_label, m.label, e.label), coalesce(f.association, f.association_absence), f.basis,
         coalesce(f.n, f.population_n), f.p_printed
  FROM findings f
  LEFT JOIN terms m ON m.kind = 'biomarkers' AND m.id = f.other_marker
  LEFT JOIN terms e ON e.kind = 'adverse-events' AND e.id = f.adverse_event
  WHERE f.study_id IN ({studies}) ORDER BY f.study_id, f.position
"""


def _findings(rows: _Rows, told: Ids) -> _Found:
    for study, kind, marker, direction, versus, against, association, basis, n, p in rows:
        if kind == "association":
            name, said = f"{marker} and {against}", f"none, {basis}" if association == "none" else association
            text = told.closed(association, Association)
            text += f", {told.closed(basis, NullBasis)}" if association == "none" else ""
        else:
            said = "measured" if kind == "level" else direction
            text = said if kind == "level" else told.closed(direction, Direction, ContrastDirection)
            name = f"{marker}: {kind if versus in (None, 'baseline') else f'{kind} against {told.closed(versus, Comparison)}'}"
        numbers = ", ".join(part for part in (f"n {n}" if n is not None else "", f"P {p}" if p else "") if part)
        yield study, name, Value(f"{text} ({numbers})" if numbers else text, said)


_NUMBERS = """
  CASE WHEN events IS NOT NULL AND total IS NOT NULL THEN events || ' of ' || total
       WHEN events IS NOT NULL THEN events || ' patients'
       WHEN percent_printed IS NOT NULL THEN percent_printed || ' %'
"""
_RESULT = f"""
  {_NUMBERS}
       WHEN median_printed IS NOT NULL THEN 'median ' || median_printed || coalesce(' ' || unit, '')
       WHEN estimate_printed IS NOT NULL THEN coalesce(measure || ' ', '') || estimate_printed
       ELSE coalesce(says, result) END
"""
_OUTCOMES = f"""
  SELECT study_id, endpoint_label, comparison, population_label, measure, {_RESULT} FROM outcomes
  WHERE study_id IN ({{studies}}) ORDER BY study_id, position
"""


def _outcomes(rows: _Rows, told: Ids) -> _Found:
    for study, endpoint, comparison, population, measure, result in rows:
        name = endpoint if comparison is None else f"{endpoint}, compared"
        head, numbers = (measure, result[len(measure) :]) if measure and result.startswith(f"{measure} ") else (result, "")
        text = told.closed(head, Statement, EffectMeasure) + numbers
        yield study, name, Value(f"{text} [{population}]" if population else text, result)


_EVENTS = f"""
  SELECT study_id, term_label, grade, {_NUMBERS} ELSE says END FROM adverse_events
  WHERE study_id IN ({{studies}}) ORDER BY study_id, position
"""


def _events(rows: _Rows, told: Ids) -> _Found:
    for study, event, grade, result in rows:
        yield study, event, Value(f"{told.closed(result, Statement)}{f' (grade {grade})' if grade else ''}", f"{result} {grade}")


_CLAIMS = """
  SELECT study_id, subject_label, relation, object_label, polarity FROM claims WHERE study_id IN ({studies}) ORDER BY study_id, position
"""


def _claims(rows: _Rows, told: Ids) -> _Found:
    for study, subject, relation, about, polarity in rows:
        yield study, f"{subject} {told.closed(relation, Relation)} {about}", Value(told.closed(polarity, Polarity), polarity)
