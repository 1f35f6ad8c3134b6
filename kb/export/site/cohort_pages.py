"""Cohort pages: which reports are the same patients, in the order of their reports, and which speaks where all are counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kb.analysis.find import find
from kb.analysis.selection import select
from kb.analysis.told import words
from kb.export.site.desk import Desk, counted
from kb.export.site.frame import Link, Page
from kb.export.site.page_twins import list_twins, page_turtle
from kb.export.site.sheet import Cell, Head, Line, Sheet, given
from kb.export.site.topic import Links, Section, TopicPage, json_text, listing_csv, listing_json, twins
from kb.model.terms import Certainty, OverlapRelation, Read

if TYPE_CHECKING:
    from kb.export.site.build import File

_MEMBERS = "SELECT study_id, coalesce(year, 'undated'), n, report_read, enrolment_start, enrolment_end, cohort_certain_id FROM studies WHERE cohort_id = ? ORDER BY coalesce(year, 9999), study_id"
_OVERLAPS = "SELECT o.study_id, o.other_id, o.relation, o.certainty, o.reason FROM overlaps o JOIN studies s USING (study_id) WHERE s.cohort_id = ? ORDER BY 1, overlap_no"
RULE = (
    "Whatever counts or pools counts these patients once. A pool takes the report that is no earlier cut of another, then that with most "
    "patients, then the latest; each outcome page names what it left out and why."
)


def shared_cohorts(desk: Desk) -> dict[str, tuple[str, ...]]:
    """Return the studies of every cohort that has several reports."""
    return {cohort: studies for cohort, studies in sorted(desk.survey.members.items()) if len(studies) > 1}


def cohort_topic(desk: Desk, cohort: str, studies: tuple[str, ...]) -> tuple[TopicPage, list[File]]:
    """Return a cohort's page with its machine twins."""
    from kb.export.site.build import File

    found = _cohort_page(desk, cohort, studies)
    listing = find(desk.index, "studies", select(desk.index, id=list(studies)))
    stem = f"cohorts/{cohort}"
    return found, [
        File(f"{stem}.csv", listing_csv(listing)),
        File(f"{stem}.json", json_text(found.page, found.lead, listing_json(listing))),
        page_turtle(desk.holdings.base_iri, found.page, found.lead, (f"id/{study}" for study in studies)),
    ]


def cohort_index(desk: Desk) -> Iterator[tuple[TopicPage, list[File]]]:
    """Yield the index of cohorts with several reports."""
    shared = shared_cohorts(desk)
    items = tuple(
        (Link(desk.label(cohort), f"{cohort}.html"), ", ".join(desk.label(study) for study in studies))
        for cohort, studies in shared.items()
    )
    lead = f"{counted(len(desk.survey.digests), 'study', 'studies')} of {counted(len(desk.survey.members), 'independent cohort')}; {counted(len(shared), 'cohort')} with several reports."
    page = Page("cohorts/index.html", "Cohorts", lead, section="studies/index.html", twins=twins("index", turtle=True))
    section = Section(
        "list", "Cohorts with several reports", (Links(items),) if items else (), RULE, "" if items else "None: every study stands alone."
    )
    rows = [{"cohort": cohort, "studies": studies} for cohort, studies in sorted(desk.survey.members.items())]
    index = TopicPage(page, "Cohorts", lead, (), desk.status(desk.survey.digests), desk.cite("Cohorts"), (section,))
    turtle = page_turtle(desk.holdings.base_iri, page, lead, (f"id/{study}" for row in rows for study in row["studies"]))
    yield index, [*list_twins(page, lead, rows, ("cohort", "studies")), turtle]


def _cohort_page(desk: Desk, cohort: str, studies: tuple[str, ...]) -> TopicPage:
    lines = []
    for study, year, n, read, start, end, certain in desk.index.rows(_MEMBERS, (cohort,)):
        cells = (
            Cell(desk.label(study), f"../studies/{study}.html", note=desk.survey.digests[study].title if study in desk.survey.digests else ""),
            Cell(str(year)), given(n), Cell(f"{start or 'start not given'} to {end or 'end not given'}", absent=not start and not end), Cell(words(read, Read)),
            Cell("certainly the same" if certain != study or any(row[6] == study and row[0] != study for row in desk.index.rows(_MEMBERS, (cohort,))) else "joined by a probable overlap"),
        )  # fmt: skip
        lines.append(Line(cells))
    heads = (Head("Report"), Head("Year", "num"), Head("Patients", "num"), Head("Enrolled"), Head("Read as"), Head("Joined"))
    reports = Sheet("reports", "Reports of these patients, earliest first", heads, tuple(lines))
    stated = []
    for study, other, relation, certainty, reason in desk.index.rows(_OVERLAPS, (cohort,)):
        known = other in desk.survey.digests
        told = (
            Cell(desk.label(study), f"../studies/{study}.html#_overlaps"), Cell(words(relation, OverlapRelation)),
            Cell(desk.label(other), f"../studies/{other}.html" if known else "", note="" if known else "no record here"), Cell(words(certainty, Certainty)), Cell(reason),
        )  # fmt: skip
        stated.append(Line(told))
    links = Sheet(
        "overlaps",
        "What the records say of each other",
        (Head("Report"), Head("Relation"), Head("Other report"), Head("Certainty"), Head("Why")),
        tuple(stated),
    )
    title = f"Same patients: {desk.label(cohort)} and others"
    lead = f"{counted(len(studies), 'report')} share patients and count as one cohort."
    page = Page(f"cohorts/{cohort}.html", title, lead, (Link("Cohorts", "index.html"),), "studies/index.html", twins(cohort, turtle=True))
    sections = (
        Section("reports-title", "Reports", (reports,), RULE),
        Section(
            "overlaps-title",
            "Stated overlaps",
            (links,) if stated else (),
            absent="" if stated else "Joined through studies without a record.",
        ),
    )
    return TopicPage(page, title, lead, (), desk.status(studies), desk.cite(title), sections)
