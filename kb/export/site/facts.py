"""Findings, read from the index in the words of the closed sets, for pages that gather them from many studies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kb.analysis.board import Move, Side, move_of, side_of
from kb.analysis.telling import MARKS
from kb.analysis.told import words
from kb.export.site.desk import Desk
from kb.export.site.sheet import Cell, Head, Line, absent
from kb.model.terms import (
    Association,
    Comparison,
    Compartment,
    ContrastDirection,
    Direction,
    EndpointKind,
    Favours,
    MarkerTime,
    NullBasis,
    Status,
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One finding of a study.

    Attributes:
        study: Study.
        item: Finding.
        cohort: Independent cohort.
        marker: Id of the marker.
        kind: Kind of the finding.
        mark: Glyph.
        tone: CSS class of the glyph.
        says: What is said, in words.
        details: Size, P value, estimate as printed.
        where: Compartment and time.
        among: Population.
        n: Patients, or None.
        p: P value as printed, or an empty string.
        move: Change as the board counts it, or None.
        side: Association with benefit as the board counts it, or None.
        measure: Measure of a printed estimate, or an empty string.
        estimate: Printed estimate and bounds, as far as printed.
        place: Where it stands in the source.
        anchor: The few words that hold it.
        status: Status of the record.
        design: Design and allocation of the study.
    """

    study: str
    item: str
    cohort: str
    marker: str
    kind: str
    mark: str
    tone: str
    says: str
    details: str
    where: str
    among: str
    n: int | None
    p: str
    move: Move | None
    side: Side | None
    measure: str
    estimate: tuple[float | None, float | None, float | None]
    place: str
    anchor: str
    status: str
    design: tuple[str, str]


_SQL = """
  SELECT f.study_id, f.item_id, s.cohort_id, f.biomarker, f.kind, coalesce(f.direction, f.direction_absence), f.versus, f.magnitude,
         f.only_in, f.endpoint_label, t.class, t.favours, m.label, a.label, coalesce(f.association, f.association_absence), f.basis,
         coalesce(f.compartment, f.compartment_absence), coalesce(f.timepoint, f.timepoint_absence), f.timepoint_text, f.population_label,
         coalesce(f.n, f.population_n), f.p_printed, f.measure, f.estimate, f.estimate_printed, f.interval_low, f.interval_high,
         f.interval_low_printed, f.interval_high_printed, f.at, f.anchor, s.status, s.design, s.allocation
  FROM findings f JOIN studies s USING (study_id)
  LEFT JOIN terms t ON t.kind = 'endpoints' AND t.id = f.endpoint
  LEFT JOIN terms m ON m.kind = 'biomarkers' AND m.id = f.other_marker
  LEFT JOIN terms a ON a.kind = 'adverse-events' AND a.id = f.adverse_event
  WHERE s.status <> 'withdrawn' AND {where}
  ORDER BY coalesce(s.year, 9999), f.study_id, f.position
"""


def facts(desk: Desk, where: str, parameters: Sequence[Any] = ()) -> list[Fact]:
    """Return findings of records that are not withdrawn, by year, study and place in the record.

    Args:
        desk: Where they are read.
        where: Condition in SQL over `findings f` and `studies s`.
        parameters: Its parameters.
    """
    return [_fact(row) for row in desk.index.rows(_SQL.format(where=where), parameters)]


def marker_facts(desk: Desk, marker: str) -> list[Fact]:
    """Return the findings on a marker."""
    return facts(desk, "f.biomarker = ?", (marker,))


def _fact(row: tuple[Any, ...]) -> Fact:
    (
        study, item, cohort, marker, kind, direction, versus, magnitude, only_in, endpoint, endpoint_kind, favours, other, event, association,
        basis, compartment, time, time_text, population, n, p, measure, estimate, printed, low, high, low_printed, high_printed, at, anchor,
        status, design, allocation,
    ) = row  # fmt: skip
    move = side = None
    if kind == "association":
        side = _side(association, basis, endpoint_kind, favours)
        target = endpoint or other or event or ""
        says = f"{target}: {words(association, Association)}" + (f" ({words(basis, NullBasis)})" if basis else "")
        mark = MARKS.get(association, "")
    elif kind == "level":
        says, mark = "level", ""
    else:
        says = words(direction, Direction, ContrastDirection)
        mark = MARKS.get(direction, "")
        if kind == "change":
            move = _move(direction, versus, only_in)
            says += f", only in {only_in}" if only_in else ""
            says += "" if versus == Comparison.BASELINE.value else f", against {words(versus, Comparison)}"
    bounds = f" ({low_printed} to {high_printed})" if low_printed and high_printed else ""
    shown = f"{measure or ''} {printed}{bounds}".strip() if printed else ""
    return Fact(
        study=study, item=item, cohort=cohort, marker=marker, kind=kind, mark=mark, tone=_tone(kind, direction, side), says=says,
        details=", ".join(part for part in (magnitude, shown, f"P {p}" if p else "") if part),
        where=f"{words(compartment, Compartment)}; {words(time, MarkerTime)}" + (f" ({time_text})" if time_text else ""),
        among=population or "", n=n, p=p or "", move=move, side=side, measure=measure or "", estimate=(estimate, low, high), place=at or "",
        anchor=anchor or "", status=status, design=(design, allocation),
    )  # fmt: skip


def _member(terms: Any, value: str | None) -> Any:
    return terms(value) if value in {term.value for term in terms} else None


def _move(direction: str | None, versus: str | None, only_in: str | None) -> Move | None:
    return move_of(_member(Direction, direction), _member(Comparison, versus), only_in_a_group=only_in is not None)


def _side(association: str | None, basis: str | None, kind: str | None, favours: str | None) -> Side | None:
    return side_of(_member(Association, association), _member(NullBasis, basis), _member(EndpointKind, kind), _member(Favours, favours))


_TONES = {"increase": "increase", "decrease": "decrease", "no-change": "no-change", "higher": "increase", "lower": "decrease"}


def _tone(kind: str, direction: str | None, side: Side | None) -> str:
    if kind == "association":
        return {Side.BETTER: "better", Side.WORSE: "worse", Side.MIXED: "mixed"}.get(side, "plain") if side else "plain"
    return _TONES.get(direction or "", "plain")


FACT_HEADS = (
    Head("Study"),
    Head("What is said"),
    Head("Where and when"),
    Head("Among"),
    Head("n", "num"),
    Head("Stands in"),
    Head("Record"),
)
"""Columns of a table of findings."""


def fact_line(desk: Desk, fact: Fact, root: str, *, named: bool = False) -> Line:
    """Return a finding as a line: it opens the study's page at the claim, where its line of the record is linked.

    Args:
        desk: For labels.
        fact: The finding.
        root: Way from the page to the root of the site.
        named: Whether the marker is named, on pages of several markers.
    """
    label = desk.label(fact.study)
    says = f"{desk.index.label('biomarkers', fact.marker)}: {fact.says}" if named else fact.says
    return Line(
        (
            Cell(label, f"{root}studies/{fact.study}.html#{fact.item}", note=design_words(fact.design)),
            Cell(says, note=fact.details, mark=fact.mark, tone=fact.tone),
            Cell(fact.where),
            Cell(fact.among) if fact.among else absent("not stated"),
            absent("not given") if fact.n is None else Cell(str(fact.n), value=fact.n),
            Cell(fact.place or "place not recorded", note=f"“{fact.anchor}”" if fact.anchor else "", absent=not fact.place),
            Cell(words(fact.status, Status)),
        )
    )


def design_words(design: tuple[str, str]) -> str:
    """Return a study's design in words."""
    from kb.analysis.gap_rules import design_of

    return design_of(*design).label
