"""Rows of a study page: where a fact stands, and the facts of arms, outcomes, findings and harms in cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from kb.analysis import phrases
from kb.analysis.shares import Share, share
from kb.analysis.summary import Place, place_of
from kb.analysis.telling import Teller, finding_details, finding_parts, qualifiers, timepoint
from kb.export.site.charts import ShareStrip, share_strip
from kb.export.site.frame import Link, Value
from kb.model.base import Source
from kb.model.findings import Change, Finding, Level, MarkerAssociation
from kb.model.outcomes import AdverseEvent, Outcome
from kb.model.results import Proportion
from kb.model.scope import conditions_of
from kb.model.study import Study
from kb.model.terms import Absence, Association, CountOf, Direction, EndpointKind, Favours, VocabularyKind
from kb.model.vocabulary import EndpointTerm


class Among(NamedTuple):
    """Patients that a number speaks of.

    Attributes:
        words: Who they are.
        arms: The arms, where they are not all of the study's; else empty.
        href: Address of the denominator on the page; empty when the record has none of that name.
    """

    words: str
    arms: str
    href: str


class Footing(NamedTuple):
    """Where a row stands: in the source, and in the record.

    Attributes:
        place: Place in the source, or None where the record names none.
        line: Line of the record, or 0.
        href: Address of that line in the record's file.
    """

    place: Place | None
    line: int
    href: str


class Marked(NamedTuple):
    """What every row has.

    Attributes:
        anchor: Permanent id on the page (`anchors`).
        footing: Where it stands.
        flags: Threats to validity that touch it.
        remarks: The curator's note and the ambiguities that touch it alone.
        readings: Ambiguities that touch other facts as well, linked to where they are told once.
    """

    anchor: str
    footing: Footing
    flags: tuple[str, ...]
    remarks: tuple[str, ...]
    readings: tuple[Link, ...] = ()


class Shown(NamedTuple):
    """A share in a table: counts, percentage, interval and drawing.

    Attributes:
        counts: `5/20`, or an empty string without both numbers.
        percent: `25.0 %`, or `25 % as printed`.
        interval: `8.7 to 49.1`, or an empty string.
        interval_note: What sort of interval it is.
        strip: Drawing.
    """

    counts: str
    percent: str
    interval: str
    interval_note: str
    strip: ShareStrip


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One outcome."""

    marked: Marked
    endpoint: str
    printed: str
    among: Among
    shown: Shown | None
    words: str
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding: glyph, marker, what is said, where and when, among whom, numbers.

    Attributes:
        tone: CSS class of the glyph.
        biomarker: Id of the marker, for links.
    """

    marked: Marked
    mark: str
    tone: str
    biomarker: str
    marker: str
    printed: str
    says: str
    where: str
    when: str
    among: Among
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HarmRow:
    """One adverse event."""

    marked: Marked
    event: str
    printed: str
    grade: Value
    among: Among
    shown: Shown | None
    words: str
    details: tuple[str, ...]


NAMED_PARTS = ("findings", "outcomes", "adverse_events", "cited", "claims")
"""Parts of a record whose items share one set of names."""


def anchors(study: Study) -> dict[tuple[str, str], str]:
    """Return the permanent id on the page of every item, by part and id.

    An item of `NAMED_PARTS` keeps its own id, so that `study.html#item` and `kb show study#item` agree. Arms,
    populations and reports have names of their own; an underscore, which no id holds, keeps them apart, as it keeps the
    ids of the page's frame apart. Should two items share an id against the rules, the second one is told apart the same way.
    """
    found: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for part in NAMED_PARTS:
        for ident in getattr(study, part):
            found[part, ident] = f"{part}_{ident}" if ident in taken else ident
            taken.add(ident)
    for part, name in (("arms", "arm"), ("populations", "population"), ("reports", "report")):
        found.update({(part, ident): f"{name}_{ident}" for ident in getattr(study, part)})
    return found


def ambiguity_anchor(place: int) -> str:
    """Return the id on the page of an ambiguity, by its place in the record."""
    return f"ambiguity_{place}"


@dataclass(frozen=True)
class Ground:
    """What rows need of their surroundings.

    Attributes:
        teller: Tells the study.
        anchors: Id on the page by part and id.
        line: Line of a path in the record, 0 when unknown.
        href: Address of a line in the record's file.
    """

    teller: Teller
    anchors: Mapping[tuple[str, str], str]
    line: Callable[[tuple[str, ...]], int]
    href: Callable[[int], str]

    @cached_property
    def _populations(self) -> Mapping[str, str]:
        """Every population in words; diseases only where they are not those of the whole study."""
        study = self.teller.study
        whole = conditions_of(study, next(iter(study.populations)))
        told = {}
        for ident, found in study.populations.items():
            words = found.label or found.basis.label
            if not found.label and (diseases := conditions_of(study, ident)) != whole and diseases:
                words = f"{phrases.listed(self.teller.term(VocabularyKind.CONDITIONS, term) for term in diseases)}, {words}"
            told[ident] = f"{words} (n {found.n.label if isinstance(found.n, Absence) else found.n})"
        return told

    def among(self, item: Outcome | AdverseEvent | Finding) -> Among:
        """Return the patients of a fact."""
        ident = item.population
        words = self._populations.get(ident)
        if words is None:
            return Among(ident, self.teller.arms(item), "")
        return Among(words, self.teller.arms(item), "#" + self.anchors["populations", ident])

    def footing(self, path: tuple[str, ...], source: Source | None) -> Footing:
        """Return where the row of a path stands."""
        line = self.line(path)
        return Footing(place_of(source), line, self.href(line))

    def marked(self, path: tuple[str, ...], source: Source | None, flags: Iterable[str] = (), note: str | None = None) -> Marked:
        """Return what the row of a path has beside its own cells."""
        touching = list(self.teller.touching(path))
        own = (f"{ambiguity.kind.label}: {ambiguity.text}" for _, ambiguity in touching if len(ambiguity.about) == 1)
        readings = (Link(one.kind.label, f"#{ambiguity_anchor(place)}") for place, one in touching if len(one.about) > 1)
        remarks = (*([note] if note else []), *own)
        return Marked(self.anchors[path[0], path[1]], self.footing(path, source), tuple(flags), remarks, tuple(readings))


def shown(result: Proportion, largest: int) -> Shown | None:
    """Return a proportion for a table, or None where it gives no share."""
    found = share(result)
    if found is None:
        return None
    counts = f"{found.events}/{found.total}" if found.counted else ""
    printed = result.percent is not None
    percent = f"{result.percent} %" if printed else f"{phrases.percent(found.percent / 100)} %"
    return Shown(counts, percent, *_interval(result, found), share_strip(found, largest))


def _interval(result: Proportion, found: Share) -> tuple[str, str]:
    if found.low is None or found.high is None:
        return (phrases.interval(result.interval, " %"), "as printed") if result.interval is not None else ("", "")
    if found.exact:
        return f"{phrases.percent(found.low / 100)} to {phrases.percent(found.high / 100)}", "95 % exact"
    level = "level not stated" if found.level is None else f"{found.level:g} %"
    interval = result.interval
    assert interval is not None
    return f"{interval.low} to {interval.high}", f"{level}, printed"


def outcome_groups(ground: Ground) -> dict[str, list[OutcomeRow]]:
    """Return the outcomes by `response`, `survival` and `other`, each in the order of the record."""
    groups: dict[str, list[OutcomeRow]] = {"response": [], "survival": [], "other": []}
    largest = _largest(outcome.result for outcome in ground.teller.study.outcomes.values())
    for ident, outcome in ground.teller.study.outcomes.items():
        term = ground.teller.vocabulary.get(VocabularyKind.ENDPOINTS, outcome.endpoint)
        kind = term.kind if isinstance(term, EndpointTerm) else EndpointKind.OTHER
        group = kind.value if kind in (EndpointKind.RESPONSE, EndpointKind.SURVIVAL) else "other"
        groups[group].append(_outcome(ground, ident, outcome, largest))
    return groups


def _largest(results: Iterable[object]) -> int:
    return max((result.total or 0 for result in results if isinstance(result, Proportion)), default=0)


def _outcome(ground: Ground, ident: str, outcome: Outcome, largest: int) -> OutcomeRow:
    teller = ground.teller
    drawn = shown(outcome.result, largest) if isinstance(outcome.result, Proportion) else None
    details = [teller.comparison(outcome.comparison), *qualifiers(outcome)]
    if drawn is not None and isinstance(outcome.result, Proportion):
        details.append(phrases.p_value(outcome.result.p))
    flags = (flag.label for flag in teller.flagged(ident, outcome.flags))
    return OutcomeRow(
        marked=ground.marked(("outcomes", ident), outcome.source, flags, outcome.note),
        endpoint=teller.term(VocabularyKind.ENDPOINTS, outcome.endpoint),
        printed=outcome.printed or "",
        among=ground.among(outcome),
        shown=drawn,
        words="" if drawn is not None else phrases.result(outcome.result),
        details=tuple(detail for detail in details if detail),
    )


_TONES = {
    Direction.INCREASE: "increase",
    Direction.DECREASE: "decrease",
    Direction.NO_CHANGE: "no-change",
}


def finding_rows(ground: Ground, kinds: tuple[type, ...]) -> list[FindingRow]:
    """Return the findings of some kinds, in the order of the record."""
    findings = ground.teller.study.findings.items()
    return [_finding(ground, ident, finding) for ident, finding in findings if isinstance(finding, kinds)]


def _finding(ground: Ground, ident: str, finding: Finding) -> FindingRow:
    teller = ground.teller
    mark, _, says = finding_parts(teller, finding)
    details = [finding.detail or ""]
    if not isinstance(finding.assay, Absence):
        details.append(f"by {teller.term(VocabularyKind.ASSAYS, finding.assay)}")
    if not isinstance(finding.n, Absence):
        details.append(f"measured in {finding.n}")
    further = list(finding_details(teller, finding))
    if isinstance(finding, Level):
        says = further.pop(0) if further else f"level {teller.silence.label}"
    flags = (flag.label for flag in teller.flagged(ident, finding.flags))
    return FindingRow(
        marked=ground.marked(("findings", ident), finding.source, flags, finding.note),
        mark=mark,
        tone=tone(ground, finding),
        biomarker=finding.biomarker,
        marker=teller.term(VocabularyKind.BIOMARKERS, finding.biomarker),
        printed=finding.printed or "",
        says=says,
        where=finding.compartment.label,
        when=timepoint(finding.timepoint),
        among=ground.among(finding),
        details=tuple(detail for detail in (*details, *further) if detail),
    )


def tone(ground: Ground, finding: Finding) -> str:
    """Return the colour class of a finding's glyph: its direction, or better and worse for the patient."""
    if isinstance(finding, Change):
        return "unknown" if isinstance(finding.direction, Absence) else _TONES.get(finding.direction, "mixed")
    if not isinstance(finding, MarkerAssociation):
        return "plain"
    term = ground.teller.vocabulary.get(VocabularyKind.ENDPOINTS, finding.endpoint) if finding.endpoint else None
    favours = term.favours if isinstance(term, EndpointTerm) else Favours.NEITHER
    association = finding.association
    if association in (Association.POSITIVE, Association.NEGATIVE) and favours is not Favours.NEITHER:
        return "better" if (association is Association.POSITIVE) == (favours is Favours.MORE) else "worse"
    if association is Association.NONE:
        return "none"
    return "mixed" if association in (Association.MIXED, Association.DIFFERS) else "plain"


def harm_rows(ground: Ground) -> list[HarmRow]:
    """Return the adverse events: deaths from treatment first, then in the order of the record."""
    events = ground.teller.study.adverse_events
    largest = max((event.total or 0 for event in events.values()), default=0)
    ordered = sorted(events.items(), key=lambda pair: pair[1].term not in _DEATHS)
    return [_harm(ground, ident, event, largest) for ident, event in ordered]


_DEATHS = ("treatment-related-death", "death")


def _harm(ground: Ground, ident: str, event: AdverseEvent, largest: int) -> HarmRow:
    teller = ground.teller
    term = teller.term(VocabularyKind.ADVERSE_EVENTS, event.term)
    result = Proportion(kind="proportion", events=event.events, total=event.total, percent=event.percent, interval=event.interval)
    drawn = shown(result, largest)
    scale = "" if isinstance(event.scale, Absence) else f" ({event.scale.label})"
    return HarmRow(
        marked=ground.marked(("adverse_events", ident), event.source, _labels(teller, ident), event.note),
        event=term,
        printed=event.printed if event.printed.casefold() != term.casefold() else "",
        grade=Value(f"{event.grade}{scale}") if event.grade else Value(teller.silence.label, absent=True),
        among=ground.among(event),
        shown=drawn,
        words="" if drawn is not None else phrases.result(result) or event.says.label,
        details=tuple(_harm_details(teller, event)),
    )


def _labels(teller: Teller, ident: str) -> Iterator[str]:
    return (flag.label for flag in teller.flagged(ident))


def _harm_details(teller: Teller, event: AdverseEvent) -> Iterator[str]:
    related = {True: "called treatment-related", False: "not called treatment-related", None: ""}[event.related]
    counts = "" if event.count_of is CountOf.PATIENTS else f"counts {event.count_of.label}, not patients"
    return (detail for detail in (related, counts, teller.comparison(event.comparison), phrases.p_value(event.p)) if detail)
