"""The finder: choices with their counts, the first rows, and the index that the page's script searches."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kb.export.site.charts import YearBar, years_strip
from kb.export.site.frame import Link, Page, Value
from kb.export.site.survey import DIMENSIONS, Digest, Dimension, Survey
from kb.export.site.survey_words import value_labels
from kb.export.site.topic import csv_text, json_text, twins
from kb.export.site.word_index import word_index
from kb.model.study import UNDATED
from kb.records.collection import Vocabulary

PAGE_ROWS = 50
"""Rows shown at once; more wait behind a button."""

LARGEST_LIST = 600
"""Studies on one page of the list by year; above, each year has its own page."""

HASH_VERSION = "v1"
"""First part of a search in an address; a change of its meaning needs a new one."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a dimension.

    Attributes:
        value: Its id.
        label: Its words.
        count: Studies that have it.
        named: Whether a record names it itself; an umbrella that none names is found by links, not listed.
    """

    value: str
    label: str
    count: int
    named: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A dimension with its choices, most studies first."""

    key: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class StudyRow:
    """A study in a list."""

    id: str
    href: str
    label: str
    title: str
    year: str
    diseases: str
    regimens: str
    patients: Value
    response: Value
    response_of: str
    status: str
    status_label: str


@dataclass(frozen=True, slots=True)
class FinderPage:
    """The finder."""

    page: Page
    facets: tuple[Facet, ...]
    rows: tuple[StudyRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class YearGroup:
    """Studies of one year; `href` leads to a page of their own, or to their place on this one."""

    year: str
    count: int
    href: str
    rows: tuple[StudyRow, ...]


@dataclass(frozen=True, slots=True)
class YearsPage:
    """Studies by year, readable without script."""

    page: Page
    heading: str
    groups: tuple[YearGroup, ...]
    bars: tuple[YearBar, ...]


def ordered(survey: Survey) -> list[Digest]:
    """Return all studies, latest first, then by label and id."""
    return sorted(survey.digests.values(), key=lambda digest: (-(digest.year or 0), survey.labels[digest.id].casefold(), digest.id))


def period(digest: Digest) -> str:
    """Return the year of a study, or `undated`."""
    return UNDATED if digest.year is None else str(digest.year)


def study_row(digest: Digest, survey: Survey, root: str) -> StudyRow:
    """Return a study for a list.

    Args:
        digest: The study.
        survey: For its unique label.
        root: Way from the page to the folder of the study pages.
    """
    endpoint, result = digest.response
    return StudyRow(
        id=digest.id,
        href=f"{root}{digest.id}.html",
        label=survey.labels[digest.id],
        title=digest.title,
        year=period(digest),
        diseases=", ".join(digest.diseases) or "not stated",
        regimens=", ".join(digest.regimens) or "no treatment arm",
        patients=Value("not given", absent=True) if digest.patients is None else Value(str(digest.patients)),
        response=Value(result) if result else Value("not counted", absent=True),
        response_of=endpoint,
        status=digest.status.value,
        status_label=digest.status.label,
    )


def facets(survey: Survey, vocabulary: Vocabulary) -> list[Facet]:
    """Return every dimension that any study has a value of, hidden ones included."""
    return [facet for facet in (_facet(dimension, survey, vocabulary) for dimension in DIMENSIONS) if facet.choices]


def _facet(dimension: Dimension, survey: Survey, vocabulary: Vocabulary) -> Facet:
    counts = Counter(value for digest in survey.digests.values() for value in digest.values[dimension.key])
    labels = value_labels(dimension.key, counts, vocabulary)
    own = {value for digest in survey.digests.values() for key, value in digest.own if key == dimension.key}
    choices = (Choice(value, labels[value], count, not own or value in own) for value, count in counts.items())
    return Facet(dimension.key, dimension.label, tuple(sorted(choices, key=lambda one: (-one.count, one.label.casefold(), one.value))))


def finder_page(survey: Survey, found: Iterable[Facet]) -> FinderPage:
    """Return the finder's context."""
    listed = {dimension.key for dimension in DIMENSIONS if dimension.shown}
    rows = tuple(study_row(digest, survey, "") for digest in ordered(survey)[:PAGE_ROWS])
    page = Page(
        path="studies/index.html",
        title="Find studies",
        description=f"{len(survey.digests)} studies by regimen, disease, marker, endpoint and design.",
        section="studies/index.html",
        twins=twins("index", turtle=True),
    )
    return FinderPage(page, tuple(facet for facet in found if facet.key in listed), rows, len(survey.digests))


_LISTED = (
    "study_id", "label", "year", "title", "diseases", "regimens", "patients", "endpoint", "response", "status", "cohort_id", "record",
)  # fmt: skip


def finder_twins(finder: FinderPage, survey: Survey) -> Iterator[tuple[str, str]]:
    """Yield all studies for machines, as CSV and JSON, with their paths."""
    rows = [
        (
            digest.id, survey.labels[digest.id], digest.year, digest.title, "; ".join(digest.diseases) or None,
            "; ".join(digest.regimens) or None, digest.patients, *(part or None for part in digest.response), digest.status.value, survey.cohorts[digest.id].any, digest.file,
        )
        for digest in ordered(survey)
    ]  # fmt: skip
    yield "studies/index.csv", csv_text(_LISTED, rows)
    listed = [{name: value for name, value in zip(_LISTED, row, strict=True) if value is not None} for row in rows]
    yield "studies/index.json", json_text(finder.page, finder.page.description, {"studies": listed})


def index_script(survey: Survey, found: Iterable[Facet]) -> str:
    """Return the search index: a script that sets one global, one line a study.

    A study is its id, label, year, title, diseases, regimens, patients or null, endpoint and result of its main response,
    status, and for each dimension its values. What recurs stands once and is named by its place: the texts of diseases,
    regimens, endpoint and status in `texts`, the values of a study in a list of lists, each a list of places among the
    dimension's values. Words to search beside those of the values stand in `words` and `having` (`word_index`).
    """
    found = list(found)
    shown = {dimension.key: dimension.shown for dimension in DIMENSIONS}
    places = [{choice.value: place for place, choice in enumerate(facet.choices)} for facet in found]
    lists = [_Once() for _ in found]
    texts = [_Once() for _ in range(4)]
    lines = []
    for digest in ordered(survey):
        row = study_row(digest, survey, "")
        endpoint, result = digest.response
        diseases, regimens, ending, status = map(_Once.place, texts, (row.diseases, row.regimens, endpoint, row.status_label))
        values = [
            own.place(tuple(place[value] for value in digest.values[facet.key]))
            for facet, place, own in zip(found, places, lists, strict=True)
        ]
        first = (digest.id, row.label, digest.year or row.year, digest.title)
        lines.append(_compact([*first, diseases, regimens, digest.patients, ending, result, status, values]))
    words, having = word_index(f"{survey.labels[digest.id]} {digest.title} {digest.words}" for digest in ordered(survey))
    head = [
        [facet.key, facet.label, shown[facet.key], [[one.value, one.label] for one in facet.choices], list(own)]
        for facet, own in zip(found, lists, strict=True)
    ]
    parts = {"dimensions": head, "texts": [list(once) for once in texts], "words": words, "having": having}
    named = "".join(f'"{name}":{_compact(part)},\n' for name, part in parts.items())
    studies = ",\n".join(lines)
    return f'globalThis.kbIndex = {{{named}"studies":[\n{studies}\n]}};\n'


class _Once(dict[object, int]):
    """Values, each once, with its place."""

    def place(self, value: object) -> int:
        """Return the place of a value, which becomes the last if it is new."""
        return self.setdefault(value, len(self))


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def search_hash(**values: str) -> str:
    """Return the address part of a search: `search_hash(marker="nk-cell-count")`."""
    from urllib.parse import quote

    return "#" + "&".join([HASH_VERSION, *(f"{key}={quote(value, safe='')}" for key, value in values.items())])


def years_pages(survey: Survey) -> Iterator[YearsPage]:
    """Yield the list of all studies by year: one page, or one a year in a large collection."""
    by_year: dict[str, list[Digest]] = {}
    for digest in ordered(survey):
        by_year.setdefault(period(digest), []).append(digest)
    bars = years_strip(Counter(digest.year for digest in survey.digests.values() if digest.year is not None))
    split = len(survey.digests) > LARGEST_LIST
    groups = []
    for year, studies in by_year.items():
        rows = tuple(study_row(digest, survey, "") for digest in studies)
        group = YearGroup(year, len(studies), f"year-{year}.html" if split else f"#y{year}", () if split else rows)
        groups.append(group)
        if split:
            page = _years_head(f"studies/year-{year}.html", f"Studies of {year}", (Link("Studies by year", "by-year.html"),))
            yield YearsPage(page, f"Studies of {year}", (YearGroup(year, len(studies), f"#y{year}", rows),), ())
    page = _years_head("studies/by-year.html", "Studies by year", ())
    yield YearsPage(page, "Studies by year", tuple(groups), bars)


def _years_head(path: str, title: str, crumbs: tuple[Link, ...]) -> Page:
    description = "Every study, by year of publication, readable without script."
    return Page(path, title, description, (Link("Studies", "index.html"), *crumbs), "studies/index.html", twins("index", turtle=True))
