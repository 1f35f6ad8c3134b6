"""The words for one study's facts: what a finding, a component, a claim or a citation says to a reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kb.analysis import phrases
from kb.model.algebra import Lexicon
from kb.model.findings import Change, Finding, Level, MarkerAssociation, MarkerContrast, Timepoint
from kb.model.outcomes import AdverseEvent, GroupComparison, Outcome
from kb.model.regimen import Component, Schedule
from kb.model.scope import arms_of_item
from kb.model.study import Ambiguity, Claim, Entity, Report, Study
from kb.model.terms import Absence, Association, BiasFlag, ContrastDirection, CountOf, Direction, Read, VocabularyKind
from kb.records.collection import Vocabulary

SILENT = {
    Read.FULL_TEXT: Absence.NOT_REPORTED,
    Read.ABSTRACT: Absence.NOT_IN_WHAT_WAS_READ,
    Read.ABSTRACT_CUT: Absence.NOT_IN_WHAT_WAS_READ,
    Read.SECONDARY: Absence.NOT_IN_WHAT_WAS_READ,
}
"""What the silence of a source means, by how much of it was read."""


MARKS: Mapping[str, str] = {
    Direction.INCREASE: "▲",
    Direction.DECREASE: "▼",
    Direction.NO_CHANGE: "▬",
    Direction.MIXED: "◆",
    Direction.RISE_THEN_FALL: "◆",
    Direction.FALL_THEN_RISE: "◆",
    ContrastDirection.HIGHER: "▲",
    ContrastDirection.LOWER: "▼",
    ContrastDirection.NO_DIFFERENCE: "▬",
    Association.POSITIVE: "+",
    Association.NEGATIVE: "−",
    Association.NONE: "○",
    Association.MIXED: "◆",
    Association.DIFFERS: "≠",
}
"""Glyph of a direction or an association; always beside its word, never instead of it."""


@dataclass(frozen=True)
class Teller:
    """Tells the parts of one study."""

    study: Study
    vocabulary: Vocabulary
    flags: Mapping[str, tuple[BiasFlag, ...]] = field(default_factory=dict)

    @property
    def silence(self) -> Absence:
        """What the silence of the main report means."""
        return SILENT[self.study.main_report.read]

    def term(self, kind: VocabularyKind, ident: str) -> str:
        """Return a term's label."""
        return self.vocabulary.label(kind, ident)

    def population(self, ident: str) -> str:
        """Return a population in words."""
        return phrases.population(self.study, ident, self.vocabulary)

    def remarks(self, path: tuple[str, ...], note: str | None) -> tuple[str, ...]:
        """Return the note of a fact and the ambiguities that touch it."""
        touching = (f"{ambiguity.kind.label}: {ambiguity.text}" for _, ambiguity in self.touching(path))
        return (*([note] if note else []), *touching)

    def touching(self, path: tuple[str, ...]) -> Iterator[tuple[int, Ambiguity]]:
        """Yield the ambiguities that touch a fact, each with its place in the record."""
        if not self.study.ambiguities:
            return
        dotted = ".".join(path)
        for place, ambiguity in enumerate(self.study.ambiguities):
            if any(about == dotted or about.startswith(dotted + ".") for about in ambiguity.about):
                yield place, ambiguity

    def flagged(self, ident: str, own: tuple[BiasFlag, ...] = ()) -> tuple[BiasFlag, ...]:
        """Return the flags of a fact: its own and those of the appraisal."""
        return tuple(dict.fromkeys((*own, *self.flags.get(ident, ()))))

    def arms(self, item: Outcome | AdverseEvent | Finding) -> str:
        """Return the arms of a fact, when they are not all of the study's."""
        arms = arms_of_item(self.study, item)
        if item.arms or (len(self.study.arms) > 1 and set(arms) != set(self.study.arms)):
            return "arm " + " and ".join(arms) if len(arms) == 1 else "arms " + " and ".join(arms)
        return ""

    def comparison(self, value: GroupComparison | None) -> str:
        """Return which groups are compared; empty when none are."""
        if value is None:
            return ""
        sides = " and ".join(value.arms) or "first group"
        other = value.versus_text or " and ".join(value.versus)
        if not other and value.versus_population:
            other = self.population(value.versus_population)
        differs = f"; differing in {phrases.listed(value.differs)}" if value.differs else ""
        return f"{sides}{' against ' + other if other else ''} ({value.kind.label}{differs})"


_AUTHORS_SHOWN = 6


def citation(report: Report) -> str:
    """Return a report's citation in one line, with its identifiers."""
    if isinstance(report.authors, Absence):
        authors = f"(authors {report.authors.label})"
    else:
        more = report.et_al or len(report.authors) > _AUTHORS_SHOWN
        authors = ", ".join((*report.authors[:_AUTHORS_SHOWN], *(["et al"] if more else [])))
    where = f"{report.journal or ''} {report.period}".strip()
    if report.volume or report.issue:
        where += f";{report.volume or ''}{f'({report.issue})' if report.issue else ''}"
    if report.pages:
        where += f":{report.pages}"
    ids = [f"doi:{report.doi}" if report.doi else "", f"PMID {report.pmid}" if report.pmid else "", report.pmcid or ""]
    retracted = "RETRACTED. " if report.retracted else ""
    return f"{retracted}{authors}. {report.named}. {where}. {' '.join(i for i in ids if i)}".rstrip()


def component_words(component: Component, vocabulary: Vocabulary, lexicon: Lexicon) -> str:
    """Return one component in words: agent, role, dose as printed and normalised, route, schedule."""
    agent = vocabulary.label(VocabularyKind.AGENTS, component.agent)
    route = component.route.label if isinstance(component.route, Absence) else vocabulary.label(VocabularyKind.ROUTES, component.route)
    route = f"route {route}" if isinstance(component.route, Absence) else route
    derived = phrases.normalised(component, dict(lexicon.factors))
    amount = phrases.dose(component) + (f" [{'; '.join(derived)}]" if derived else "")
    schedule = component.schedule
    if isinstance(schedule, Schedule):
        structure = phrases.schedule_structure(schedule)
        when = f'"{schedule.text}"' + (f" [{structure}]" if structure else " [days not given]")
    else:
        when = f"schedule {schedule.label}"
    printed = f' (printed "{component.printed}")' if component.printed else ""
    note = f"; {component.note}" if component.note else ""
    return f"{agent}{printed}, {component.role.label}: {amount}; {route}; {when}{note}"


def qualifiers(outcome: Outcome) -> Iterator[str]:
    """Yield what qualifies an outcome: criteria, assessor, site, times."""
    if not isinstance(outcome.criteria, Absence):
        yield outcome.criteria.label
    if not isinstance(outcome.assessor, Absence):
        yield f"judged by {outcome.assessor.label}"
    if outcome.confirmed is not None:
        yield "confirmed" if outcome.confirmed else "not confirmed"
    if outcome.count_of is not CountOf.PATIENTS:
        yield f"counts {outcome.count_of.label}, not patients"
    for name, value in (("site", outcome.site), ("at", outcome.timepoint), ("data cut", outcome.data_cut)):
        if value:
            yield f"{name} {value}"
    if outcome.follow_up:
        yield f"follow-up {outcome.follow_up}"


def timepoint(value: Timepoint | Absence) -> str:
    """Return when a marker was measured."""
    if isinstance(value, Absence):
        return f"time {value.label}"
    parts = [value.text or value.when.label]
    if value.from_start:
        parts.append(f"{value.from_start} from the start")
    if value.after_dose:
        parts.append(f"{value.after_dose} after a dose")
    return ", ".join(parts)


def finding_words(teller: Teller, finding: Finding) -> tuple[str, str]:
    """Return the glyph and the headline of a finding."""
    mark, marker, words = finding_parts(teller, finding)
    if isinstance(finding, MarkerAssociation):
        return mark, f"{marker} and {words}"
    return mark, f"{marker}: {words}" if words else marker


def finding_parts(teller: Teller, finding: Finding) -> tuple[str, str, str]:
    """Return the glyph of a finding, its marker, and what is said of it."""
    marker = teller.term(VocabularyKind.BIOMARKERS, finding.biomarker)
    if finding.printed:
        marker += f' (printed "{finding.printed}")'
    if isinstance(finding, Change):
        direction = finding.direction
        word = f"direction {direction.label}" if isinstance(direction, Absence) else direction.label
        magnitude = f" ({finding.magnitude})" if finding.magnitude else ""
        return MARKS.get(direction, ""), marker, f"{word}{magnitude}"
    if isinstance(finding, MarkerContrast):
        lies = finding.direction
        word = f"direction {lies.label}" if isinstance(lies, Absence) else lies.label
        return MARKS.get(lies, ""), marker, f"{word}, {teller.comparison(finding.comparison)}"
    if isinstance(finding, MarkerAssociation):
        target = target_words(teller, finding)
        if isinstance(finding.association, Absence):
            return "", marker, f"{target}: association {finding.association.label}"
        basis = f" ({finding.basis.label})" if finding.basis else ""
        return MARKS[finding.association], marker, f"{target}: {finding.association.label}{basis}"
    return "", marker, ""


def target_words(teller: Teller, finding: MarkerAssociation) -> str:
    """Return what a marker was set against."""
    if finding.endpoint is not None:
        name = teller.term(VocabularyKind.ENDPOINTS, finding.endpoint)
        return f'{name} (printed "{finding.endpoint_printed}")' if finding.endpoint_printed else name
    if finding.other_marker is not None:
        return teller.term(VocabularyKind.BIOMARKERS, finding.other_marker)
    return teller.term(VocabularyKind.ADVERSE_EVENTS, finding.adverse_event or "")


def finding_details(teller: Teller, finding: Finding) -> Iterator[str]:
    """Yield the further words of a finding; some may be empty."""
    if finding.result is not None:
        yield phrases.result(finding.result)
    if not isinstance(finding, Level):
        yield from map(phrases.group, finding.groups)
        yield phrases.p_value(finding.p)
    if isinstance(finding, Change):
        yield "" if finding.versus.value == "baseline" else f"against {finding.versus.label}"
        yield f"only in {finding.only_in}" if finding.only_in else ""
        yield {True: "dose-dependent", False: "not dose-dependent", None: ""}[finding.dose_dependent]
    if isinstance(finding, MarkerAssociation):
        adjusted = finding.adjustment
        word = f"adjustment {adjusted.label}" if isinstance(adjusted, Absence) else adjusted.label
        yield word + (f" for {phrases.listed(finding.adjusted_for)}" if finding.adjusted_for else "")
        yield finding.test or ""


def entity_words(teller: Teller, entity: Entity) -> str:
    """Return what a claim speaks of."""
    kinds = {
        "agent": VocabularyKind.AGENTS,
        "biomarker": VocabularyKind.BIOMARKERS,
        "endpoint": VocabularyKind.ENDPOINTS,
        "condition": VocabularyKind.CONDITIONS,
        "adverse_event": VocabularyKind.ADVERSE_EVENTS,
    }
    for name, kind in kinds.items():
        value = getattr(entity, name)
        if value is not None:
            return teller.term(kind, value)
    if entity.arm is not None:
        arm = teller.study.arms.get(entity.arm)
        return entity.arm if arm is None else arm.label
    return entity.text or ""


def claim_words(claim: Claim, study: Study, vocabulary: Vocabulary) -> str:
    """Return a claim as subject, relation and object."""
    teller = Teller(study, vocabulary)
    return f"{entity_words(teller, claim.subject)} {claim.relation.label} {entity_words(teller, claim.object)}"
