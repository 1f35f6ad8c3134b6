"""A study itself, its reports, and what is said about the record as a whole, as rows of the index."""

from __future__ import annotations

from typing import Any

from kb.model.study import Centres, Enrolment, Report, Study
from kb.model.terms import Absence, VocabularyKind
from kb.records.lines import SECTIONS
from kb.records.regimen_rows import agents_of, components_of, routes_of
from kb.records.result_rows import Values, joined, plain, with_absence
from kb.records.row_set import StudyRows


def _report_values(report: Report) -> Values:
    return {
        **with_absence("title", report.title),
        **with_absence("authors", report.authors if isinstance(report.authors, Absence) else joined(report.authors)),
        **with_absence("year", report.year),
        "journal": report.journal,
        "doi": report.doi,
        "pmid": report.pmid,
    }


def add_study(into: StudyRows) -> None:
    """Add the row of the study."""
    study = into.study
    first = next(iter(study.populations.values()))
    components = components_of(study.arms.values())
    conditions = into.all_conditions()
    withdrawn = study.curation.withdrawn
    into.add(
        "studies",
        {
            "label": study.label,
            **_report_values(study.main_report),
            "registry": joined(study.registry),
            "reports": len(study.reports),
            "report_read": plain(study.main_report.read),
            "retracted": int(any(report.retracted for report in study.reports.values())),
            "status": plain(study.curation.status),
            "withdrawn_reason": None if withdrawn is None else withdrawn.reason,
            "replaced_by": None if withdrawn is None else withdrawn.replaced_by,
            "formerly": joined(study.curation.formerly),
            **_design_values(study),
            **with_absence("n", first.n),
            "basis": plain(first.basis),
            "conditions": joined(conditions),
            "condition_labels": joined(into.label(VocabularyKind.CONDITIONS, ident) for ident in conditions),
            "agents": agents_of(components),
            "routes": routes_of(components),
            "regimen_classes": joined(dict.fromkeys(map(into.regimen_class, study.arms))),
            **{name: len(getattr(study, name)) for name in ("arms", "findings", "outcomes", "adverse_events", "claims")},
            "flags": joined(flag.flag.value for flag in study.appraisal.flags if not flag.items) if study.appraisal else None,
            "grade": plain(study.appraisal.grade) if study.appraisal else None,
            "note": study.design.note,
            "cohort_id": study.id,
            "cohort_certain_id": study.id,
            "file": into.file,
            "line": into.line("id"),
        },
    )


def _design_values(study: Study) -> Values:
    design = study.design
    centres = design.centres
    enrolment = design.enrolment
    dates = enrolment if isinstance(enrolment, Enrolment) else None
    return {
        "design": plain(design.type),
        "allocation": plain(design.allocation),
        **with_absence("phase", design.phase),
        **with_absence("masking", design.masking),
        **with_absence("control", design.control),
        **with_absence("setting", design.setting),
        **with_absence("sampling", design.sampling),
        **with_absence("stopping", design.stopping),
        **with_absence("centres", centres.kind if isinstance(centres, Centres) else centres),
        "centres_n": centres.n if isinstance(centres, Centres) else None,
        **with_absence("enrolment_start", enrolment if dates is None else dates.start),
        **with_absence("enrolment_end", enrolment if dates is None else dates.end),
        "repeat_patients": int(design.repeat_patients),
        "compared": design.compared,
    }


def add_report(into: StudyRows, ident: str, report: Report, position: int) -> None:
    """Add the row of a report."""
    into.add(
        "reports",
        {
            **into.head("reports", ident, position),
            **_report_values(report),
            "read": plain(report.read),
            "kind": plain(report.kind),
            "et_al": int(report.et_al),
            "volume": report.volume,
            "issue": report.issue,
            "pages": report.pages,
            "pmcid": report.pmcid,
            "urls": joined(report.urls),
            "data_cut": report.data_cut,
            "supersedes": report.supersedes,
            "retracted": int(report.retracted),
            "note": report.note,
        },
    )


def add_overlaps(into: StudyRows) -> None:
    """Add the declared overlaps of patients."""
    for number, overlap in enumerate(into.study.overlaps):
        into.add(
            "overlaps",
            {
                "overlap_no": number,
                "other_id": overlap.study,
                "relation": plain(overlap.relation),
                "certainty": plain(overlap.certainty),
                "reason": overlap.reason,
                "file": into.file,
                "line": into.line("overlaps"),
            },
        )


def add_flags(into: StudyRows) -> None:
    """Add the threats to validity: those on items, then those of the appraisal."""
    study = into.study
    found: list[tuple[str | None, Any, str | None]] = []
    for section in ("findings", "outcomes"):
        found += [(ident, flag, None) for ident, item in getattr(study, section).items() for flag in item.flags]
    for raised in study.appraisal.flags if study.appraisal else ():
        found += [(ident, raised.flag, raised.reason) for ident in raised.items or (None,)]
    for number, (ident, flag, reason) in enumerate(found):
        into.add("flags", {"flag_no": number, "item_id": ident, "flag": plain(flag), "label": flag.label, "reason": reason})


def add_ambiguities(into: StudyRows) -> None:
    """Add the ambiguities, one row a field that they touch."""
    for number, ambiguity in enumerate(into.study.ambiguities):
        for place, about in enumerate(ambiguity.about):
            steps = about.split(".")
            into.add(
                "ambiguities",
                {
                    "ambiguity_no": number,
                    "about_no": place,
                    "kind": plain(ambiguity.kind),
                    "about": about,
                    "item_id": steps[1] if len(steps) > 1 and steps[0] in SECTIONS else None,
                    "text": ambiguity.text,
                    "file": into.file,
                    "line": into.line("ambiguities"),
                },
            )
