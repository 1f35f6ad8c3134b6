"""The home page: what is held, what it says at a glance, and the board of the founding question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from kb.analysis.board import IMMUNE_ROLES, BoardRow, Side
from kb.export.site.charts import Bar, YearBar, benefit_bar, board_scale, change_bar, years_strip
from kb.export.site.finder import search_hash
from kb.export.site.frame import Page, Settings
from kb.export.site.survey import Survey
from kb.export.site.survey_words import MOVE_WORDS, SIDE_WORDS
from kb.export.site.topic import twins
from kb.model.terms import Status

TOP_MARKERS = 12
"""Markers on the home page's board."""


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One marker of the board, drawn.

    Attributes:
        href: Address of the marker's page; its parts are named `change-…` and `benefit-…` after what the segments count.
        anchored: Whether a segment opens its own part of that page.
        implied: Cohorts whose silence implies no association; printed, not drawn.
    """

    marker: str
    label: str
    role: str
    href: str
    anchored: bool
    cohorts: int
    change: Bar
    benefit: Bar
    not_claimed: int
    not_assessed: int
    implied: int
    change_words: str
    benefit_words: str


@dataclass(frozen=True, slots=True)
class Count:
    """A number that leads to what it counts."""

    number: int
    words: str
    href: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """The home page."""

    page: Page
    scope: str
    counts: tuple[Count, ...]
    statuses: tuple[Count, ...]
    board: tuple[BoardLine, ...]
    markers: int
    years: tuple[YearBar, ...]
    span: tuple[int, int]
    cite: str
    changed: str


def board_lines(rows: Iterable[BoardRow], root: str, *, anchored: bool = True) -> tuple[BoardLine, ...]:
    """Return rows of the board, drawn on one scale.

    Args:
        rows: What to draw.
        root: Way from the page to the root of the site.
        anchored: Whether a segment opens its own part of the marker's page; not where the rows count a part of the
            patients, for the marker's page counts all.
    """
    rows = tuple(rows)
    scale = board_scale(rows)
    return tuple(
        BoardLine(
            marker=row.marker,
            label=row.label,
            role=row.role.label if row.role else "no term",
            href=f"{root}markers/{row.marker}.html",
            anchored=anchored,
            cohorts=row.cohorts,
            change=change_bar(row, scale),
            benefit=benefit_bar(row, scale),
            not_claimed=row.not_claimed,
            not_assessed=row.not_assessed,
            implied=row.sides.get(Side.NONE_IMPLIED, 0),
            change_words=", ".join(f"{MOVE_WORDS[kind]} {count}" for kind, count in row.moves.items()) or "no claim",
            benefit_words=", ".join(f"{SIDE_WORDS[kind]} {count}" for kind, count in row.sides.items()) or "not assessed",
        )
        for row in rows
    )


def immune_board(survey: Survey) -> tuple[BoardRow, ...]:
    """Return the board's rows of markers that speak of the immune system."""
    return tuple(row for row in survey.board if row.role in IMMUNE_ROLES)


def home_page(survey: Survey, settings: Settings) -> HomePage:
    """Return the home page's context."""
    years = Counter(digest.year for digest in survey.digests.values() if digest.year is not None)
    span = (min(years, default=0), max(years, default=0))
    statuses = Counter(digest.status for digest in survey.digests.values())
    immune = immune_board(survey)
    finder = "studies/index.html"
    cohorts = len(survey.members)
    when = f"from {span[0]} to {span[1]}" if span[0] != span[1] else f"of {span[0]}"
    studies = "one published study" if len(survey.digests) == 1 else f"{len(survey.digests)} published studies"
    scope = f"What was given, what the immune system did, and what the tumours did, in {studies} {when}."
    return HomePage(
        page=Page("index.html", settings.name, scope, twins=twins("markers/index", turtle=True)),
        scope=scope if years else "This collection holds no study yet.",
        counts=(
            Count(len(survey.digests), "studies" if len(survey.digests) != 1 else "study", finder),
            Count(cohorts, "independent cohorts" if cohorts != 1 else "independent cohort", "methods.html#cohorts"),
            Count(survey.findings, "immune findings", finder + search_hash(has="marker-change")),
            Count(survey.outcomes, "outcomes", finder + search_hash(has="response-counts")),
            Count(len(survey.board), "markers", "markers/index.html"),
        ),
        statuses=tuple(
            Count(statuses[status], status.label, finder + search_hash(status=status.value)) for status in Status if statuses[status]
        ),
        board=board_lines(immune[:TOP_MARKERS], ""),
        markers=len(immune),
        years=years_strip(dict(years)),
        span=span,
        cite=_cite(settings, survey),
        changed=survey.changed,
    )


def _cite(settings: Settings, survey: Survey) -> str:
    who = ", ".join(settings.maintainers)
    state = f", state of {survey.changed}" if survey.changed else ""
    return f"{who + '. ' if who else ''}{settings.name}. Version {settings.version}{state}. Licence {settings.licence}."
