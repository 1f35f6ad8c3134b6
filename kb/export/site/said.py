"""Facts in words: claims, cited numbers, ambiguities, appraisal, and studies with the same patients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kb.analysis.summary import Row
from kb.export.site.frame import Link
from kb.export.site.rows import NAMED_PARTS, Footing, Ground, ambiguity_anchor
from kb.export.site.survey import Survey
from kb.model.study import Study


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact in words with its place: claims, ambiguities, appraisal, cited numbers."""

    anchor: str
    headline: str
    details: tuple[str, ...]
    remarks: tuple[str, ...]
    footing: Footing | None
    links: tuple[Link, ...] = ()
    link_words: str = ""


@dataclass(frozen=True, slots=True)
class OverlapRow:
    """A study that the record says has the same patients."""

    label: str
    href: str
    relation: str
    certainty: str
    reason: str


def fact_rows(ground: Ground, rows: tuple[Row, ...]) -> Iterator[FactRow]:
    """Yield rows of the study told for reading, with their places."""
    for row in rows:
        line = ground.line(row.path)
        footing = Footing(row.place, line, ground.href(line))
        yield FactRow(ground.anchors[row.path[0], row.path[1]], row.headline, row.details, row.remarks, footing)


def claim_rows(ground: Ground, rows: tuple[Row, ...]) -> Iterator[FactRow]:
    """Yield the claims, linked to the facts that they rest on."""
    for fact, row in zip(fact_rows(ground, rows), rows, strict=True):
        links = tuple(_item_link(ground, item) for item in ground.teller.study.claims[row.path[1]].rests_on)
        # The links say it better than the list of ids does.
        details = tuple(detail for detail in fact.details if not (links and detail.startswith("rests on ")))
        yield replace(fact, details=details, links=links, link_words="rests on")


def _item_link(ground: Ground, item: str) -> Link:
    anchor = next((ground.anchors[part, item] for part in NAMED_PARTS if (part, item) in ground.anchors), None)
    return Link(item, f"#{anchor}" if anchor else "")


def ambiguity_rows(ground: Ground) -> Iterator[FactRow]:
    """Yield what can be read two ways, linked to what it touches."""
    for place, ambiguity in enumerate(ground.teller.study.ambiguities):
        links = tuple(Link(about, _path_href(ground, about)) for about in ambiguity.about)
        yield FactRow(ambiguity_anchor(place), ambiguity.text, (ambiguity.kind.label,), (), None, links, "about")


_SECTION_ANCHORS = {
    "arms": "regimen", "populations": "patients", "outcomes": "outcomes", "findings": "markers", "design": "design",
    "adverse_events": "harms", "claims": "claims", "reports": "sources", "cited": "cited", "overlaps": "overlaps",
}  # fmt: skip


def _path_href(ground: Ground, path: str) -> str:
    """Return the address of a record's path on the page: its row, else its part, else nothing."""
    part, _, rest = path.partition(".")
    # Ids may hold dots, so the longest id that the path starts with is the one meant.
    idents = sorted((known for at, known in ground.anchors if at == part), key=len, reverse=True)
    ident = next((known for known in idents if rest == known or rest.startswith(f"{known}.")), None)
    if ident is not None:
        return "#" + ground.anchors[part, ident]
    filled = part in ("arms", "populations", "design", "reports") or bool(getattr(ground.teller.study, part, ()))
    return f"#_{_SECTION_ANCHORS[part]}" if part in _SECTION_ANCHORS and filled else ""


def appraisal_rows(ground: Ground) -> Iterator[FactRow]:
    """Yield our own view of the study, linked to what it touches."""
    study = ground.teller.study
    appraisal = study.appraisal
    if appraisal is None:
        return
    for place, flag in enumerate(appraisal.flags):
        links = tuple(_item_link(ground, item) for item in flag.items)
        details = () if links else ("touches the whole study",)
        yield FactRow(f"appraisal_flag_{place}", f"{flag.flag.label}: {flag.reason}", details, (), None, links, "touches")
    for place, judged in enumerate(appraisal.judgements):
        domains = tuple(f"{domain}: {judgement.label}" for domain, judgement in judged.domains.items())
        headline = f"{judged.instrument.label}: {judged.overall.label}. {judged.reason} ({judged.by})"
        yield FactRow(f"appraisal_judgement_{place}", headline, domains, (), None)
    if appraisal.grade is not None:
        yield FactRow("appraisal_grade", f"GRADE certainty: {appraisal.grade.label}", (), (), None)
    if appraisal.note:
        yield FactRow("appraisal_note", appraisal.note, (), (), None)


def overlap_rows(study: Study, survey: Survey) -> Iterator[OverlapRow]:
    """Yield the studies that the record says have the same patients."""
    for overlap in study.overlaps:
        known = overlap.study in survey.digests
        yield OverlapRow(
            label=survey.labels.get(overlap.study, overlap.study),
            href=f"{overlap.study}.html" if known else "",
            relation=overlap.relation.label if known else f"{overlap.relation.label}; it has no record here",
            certainty=overlap.certainty.label,
            reason=overlap.reason,
        )


def joined_studies(study: Study, survey: Survey) -> Iterator[Link]:
    """Yield the further studies of the cohort: those that are joined through a third, or say so themselves."""
    stated = {overlap.study for overlap in study.overlaps}
    for other in survey.members[survey.cohorts[study.id].any]:
        if other != study.id and other not in stated:
            yield Link(survey.labels[other], f"{other}.html")
