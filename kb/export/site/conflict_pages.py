"""Where reports contradict each other: both sides, what differs between them, and whether the null could have told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from kb.analysis.conflicts import KINDS, Conflict
from kb.analysis.stands import POWER_RULE, Stand
from kb.export.site.desk import Desk, counted
from kb.export.site.frame import Page
from kb.export.site.page_twins import page_turtle
from kb.export.site.topic import Section, TopicPage, Words, csv_text, json_text, twins

if TYPE_CHECKING:
    from kb.export.site.build import File


@dataclass(frozen=True, slots=True)
class StandRow:
    """A stand for reading: study, its item, what it says."""

    label: str
    href: str
    said: str


@dataclass(frozen=True, slots=True)
class ConflictBox:
    """A disagreement for reading.

    Attributes:
        anchor: Permanent id.
        href: Its address on the page of conflicts; empty on that page itself.
        question: What the reports disagree on.
        sides: Position, cohorts, stands.
        differs: What the sides have not in common.
        power: Whether the nulls could have seen the effect.
        shared: Studies on opposite sides that share patients.
    """

    kind: ClassVar[str] = "conflict"
    anchor: str
    href: str
    question: str
    sides: tuple[tuple[str, str, tuple[StandRow, ...]], ...]
    differs: tuple[str, ...]
    power: tuple[str, ...]
    shared: tuple[str, ...]


_TITLES = {
    "marker-endpoint": "Does a marker go with an endpoint?",
    "marker-direction": "Which way does a marker move?",
    "intervention-endpoint": "Does an intervention change an endpoint?",
}
_LONGEST = 12
"""Lines of power shown; the JSON holds more."""
_LARGEST_SIDE = 60
"""Stands shown of one side; the CSV holds all."""


def conflict_boxes(desk: Desk, found: Iterable[tuple[str, Conflict]], root: str, *, own: bool = False) -> tuple[ConflictBox, ...]:
    """Return disagreements for reading.

    Args:
        desk: For labels.
        found: Anchors and disagreements.
        root: Way from the page to the root of the site.
        own: Whether this is the page of conflicts itself.
    """
    return tuple(_box(desk, anchor, conflict, root, own) for anchor, conflict in found)


def _box(desk: Desk, anchor: str, conflict: Conflict, root: str, own: bool) -> ConflictBox:
    sides = tuple(
        (position, _size(stands), tuple(_stand(desk, stand, root) for stand in stands[:_LARGEST_SIDE]))
        for position, stands in conflict.sides.items()
    )
    power = conflict.power[:_LONGEST]
    if more := len(conflict.power) - len(power):
        power = (*power, f"and {more} more pairs")
    href = "" if own else f"{root}conflicts.html#{anchor}"
    return ConflictBox(anchor, href, conflict.question, sides, conflict.differs, power, conflict.shared)


def _size(stands: tuple[Stand, ...]) -> str:
    words = counted(len({stand.cohort_id for stand in stands}), "cohort")
    return words if len(stands) <= _LARGEST_SIDE else f"{words}, the first {_LARGEST_SIDE} stands; the CSV holds all"


def _stand(desk: Desk, stand: Stand, root: str) -> StandRow:
    numbers = ", ".join(
        part
        for part in (f"n {stand.n}" if stand.n is not None else "n not stated", f"P {stand.p_printed}" if stand.p_printed else "")
        if part
    )
    return StandRow(desk.label(stand.study_id), f"{root}studies/{stand.study_id}.html#{stand.item_id}", f"{stand.said} ({numbers})")


def conflicts_page(desk: Desk) -> TopicPage:
    """Return the page of all disagreements, by kind of question."""
    total = len(desk.conflicts)
    studies = {stand.study_id for _, conflict in desk.conflicts for stands in conflict.sides.values() for stand in stands}
    lead = (
        f"On {counted(total, 'question')} independent reports contradict each other; each is listed with what differs between the sides, not averaged."
        if total
        else "No two independent reports of this collection contradict each other, as far as they can be compared."
    )
    page = Page("conflicts.html", "Conflicts", lead, section="conflicts.html", twins=twins("conflicts", turtle=True))
    return TopicPage(
        page,
        "Where do reports contradict each other?",
        lead,
        tuple(_chips(desk)),
        desk.status(studies),
        desk.cite("Conflicts"),
        tuple(_sections(desk)),
    )


def _chips(desk: Desk) -> Iterator[str]:
    for kind in KINDS:
        count = sum(conflict.kind == kind for _, conflict in desk.conflicts)
        if count:
            yield f"{count} on {kind.replace('-', ' and ')}"


def _sections(desk: Desk) -> Iterator[Section]:
    for kind in KINDS:
        found = [(anchor, conflict) for anchor, conflict in desk.conflicts if conflict.kind == kind]
        yield Section(f"_{kind}", _TITLES[kind], conflict_boxes(desk, found, "", own=True), absent="" if found else "None.")
    rules = (
        "Two findings ask the same of a marker when it is the same term, one term above the other, or the same analyte in the same class of marker: number and function are never one question.",
        "What is implied by silence is no stand. Studies that share patients are named.",
        f"{POWER_RULE[0].upper()}{POWER_RULE[1:]}.",
    )
    yield Section("_rules", "How it is made", (Words(rules, listed=True),))


def conflict_files(desk: Desk) -> list[File]:
    """Return the machine twins of the page of conflicts."""
    from kb.export.site.build import File

    found = conflicts_page(desk)
    columns = ("anchor", "kind", "question", "position", "study_id", "item_id", "cohort_id", "said", "n", "p")
    rows = [
        (
            anchor,
            conflict.kind,
            conflict.question,
            position,
            stand.study_id,
            stand.item_id,
            stand.cohort_id,
            stand.said,
            stand.n,
            stand.p_printed,
        )
        for anchor, conflict in desk.conflicts
        for position, stands in conflict.sides.items()
        for stand in stands
    ]
    listed = [
        {
            "anchor": anchor, "kind": conflict.kind, "question": conflict.question, "differs": conflict.differs, "power": conflict.power,
            "shared": conflict.shared,
            "sides": {position: [f"{stand.study_id}#{stand.item_id}" for stand in stands] for position, stands in conflict.sides.items()},
        }
        for anchor, conflict in desk.conflicts
    ]  # fmt: skip
    return [
        File("conflicts.csv", csv_text(columns, rows)),
        File("conflicts.json", json_text(found.page, found.lead, {"conflicts": listed})),
        page_turtle(desk.holdings.base_iri, found.page, found.lead, _paths(desk)),
    ]


def _paths(desk: Desk) -> Iterator[str]:
    """Yield the nodes of all stands: findings, or outcomes of randomised arms."""
    for _, conflict in desk.conflicts:
        for stand in (stand for stands in conflict.sides.values() for stand in stands):
            part = "findings" if (stand.study_id, stand.item_id) in desk.item_markers else "outcomes"
            yield f"id/{stand.study_id}/{part}/{stand.item_id}"
