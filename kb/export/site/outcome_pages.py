"""Outcome pages: how often or how long, by regimen, by disease and by decade; and curated questions with their answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kb.analysis.find import find
from kb.analysis.listing import Listing
from kb.analysis.meta_report import Report
from kb.analysis.pools import pooled_endpoint
from kb.analysis.report import Bullets, Citations, Heading, Matrix, Paragraph, asked, report
from kb.analysis.selection import select
from kb.errors import UsageError
from kb.export.plots.of_report import figures_of
from kb.export.site.desk import Desk, counted, slug
from kb.export.site.facts import FACT_HEADS, fact_line, facts
from kb.export.site.forest_sheet import forest_section, pooled_words
from kb.export.site.frame import Link, Page
from kb.export.site.page_twins import LISTED, item_paths, list_twins, page_turtle
from kb.export.site.sheet import Cell, Head, Line, Sheet, absent, capped, given
from kb.export.site.times_and_harms import times_sheet
from kb.export.site.topic import Facts, Links, Section, Subtitle, TopicPage, Words, csv_text, json_text, listing_csv, listing_json, twins
from kb.model.terms import EndpointKind, RegimenClass, VocabularyKind
from kb.model.vocabulary import EndpointTerm, Question

if TYPE_CHECKING:
    from kb.export.site.build import File

GROUPINGS = (
    ("", "regimen-class", "by class of regimen"),
    ("-by-disease", "condition", "by disease"),
    ("-by-decade", "decade", "by decade"),
)
"""Pages of an outcome: end of the file name, field of the groups, words."""
GROUPED_FROM = 5
"""Counted arms from which an outcome is also grouped by disease and decade."""

_TIMES = """
  SELECT i.study_id, i.item_id, i.endpoint_label, i.population_label, i.population_n, i.median, i.median_printed, i.median_not_reached, i.unit,
         i.interval_low, i.interval_high, i.interval_low_printed, i.interval_high_printed, i.arms
  FROM outcomes i JOIN studies s USING (study_id)
  WHERE s.status <> 'withdrawn' AND i.endpoint = ? AND i.result = 'time-to-event' AND (i.median IS NOT NULL OR i.median_not_reached = 1)
  ORDER BY coalesce(s.year, 9999), i.study_id, i.position
"""
_TOLD = """
  SELECT i.study_id, i.item_id, i.population_label, i.result, coalesce(i.says, i.result_text), i.measure, i.estimate_printed,
         i.interval_low_printed, i.interval_high_printed, i.p_printed, i.arms, i.comparison_arms, i.versus_arms
  FROM outcomes i JOIN studies s USING (study_id)
  WHERE s.status <> 'withdrawn' AND i.endpoint = ? AND (i.comparison IS NOT NULL OR i.result IN ('contrast', 'statement', 'continuous', 'count'))
  ORDER BY coalesce(s.year, 9999), i.study_id, i.position
"""


def endpoints(desk: Desk) -> list[tuple[str, EndpointTerm]]:
    """Return the outcomes of which a record speaks, those of most cohorts first."""
    rows = desk.index.rows("SELECT o.endpoint, count(DISTINCT s.cohort_id) FROM outcomes o JOIN studies s USING (study_id) WHERE s.status <> 'withdrawn' GROUP BY 1 ORDER BY 2 DESC, 1")  # fmt: skip
    terms = ((ident, desk.vocabulary.get(VocabularyKind.ENDPOINTS, ident)) for ident, _ in rows)
    return [(ident, term) for ident, term in terms if isinstance(term, EndpointTerm)]


def _labels(field: str, desk: Desk) -> dict[str, str]:
    if field == "regimen-class":
        return {regimen.value: regimen.label for regimen in RegimenClass}
    if field == "condition":
        return {ident: term.label for ident, term in desk.vocabulary.terms.get(VocabularyKind.CONDITIONS, {}).items()}
    return {}


def outcome_topics(desk: Desk, ident: str, term: EndpointTerm) -> Iterator[tuple[TopicPage, list[File]]]:
    """Yield the pages of an outcome with their machine twins, the one that its index lists first."""
    from kb.export.site.build import File

    write = desk.holdings.term_turtle
    turtle = write(VocabularyKind.ENDPOINTS, ident) if write else ""
    listing = find(desk.index, "outcomes", select(desk.index, endpoint=[ident]))
    first = pooled_endpoint(desk.index, desk.everything, ident, by="regimen-class")
    for suffix, by, words in GROUPINGS if len(first.synthesis.rows) >= GROUPED_FROM else GROUPINGS[:1]:
        pooled = first if not suffix else pooled_endpoint(desk.index, desk.everything, ident, by=by)
        found = _outcome_page(desk, ident, term, pooled, suffix, by, words, turtle=bool(turtle))
        stem = f"outcomes/{ident}{suffix}"
        files = [
            File(f"{stem}.json", json_text(found.page, found.lead, {**_pooled(pooled), **listing_json(listing)})),
            File(f"{stem}.csv", listing_csv(listing)),
        ]
        yield found, files + ([File(f"{stem}.ttl", turtle)] if turtle else [])


def outcome_rests_on(desk: Desk, ident: str, term: EndpointTerm) -> tuple[set[str], str]:
    """Return the studies that the pages of an outcome speak of: of the outcome itself, of its kinds, and of its parts."""
    wanted = [ident, *term.includes]
    for name in wanted:
        part = desk.vocabulary.get(VocabularyKind.ENDPOINTS, name)
        wanted += [other for other in (part.includes if isinstance(part, EndpointTerm) else ()) if other not in wanted]
    return {study for study, digest in desk.survey.digests.items() if not set(wanted).isdisjoint(digest.values["endpoint"])}, ""


def outcome_index_files(desk: Desk, leads: Mapping[str, str]) -> Iterator[tuple[TopicPage, list[File]]]:
    """Yield the index of outcomes.

    Args:
        desk: What it is written from.
        leads: Sentence of every page that it lists, by its path without the suffix.
    """
    listed = [(ident, term, leads[f"outcomes/{ident}"]) for ident, term in endpoints(desk)]
    index = _outcome_index(desk, listed)
    rows = [{"id": ident, "label": term.label, "sentence": lead} for ident, term, lead in listed]
    paths = [f"term/{VocabularyKind.ENDPOINTS.value}/{ident}" for ident, _, _ in listed]
    rests = page_turtle(desk.holdings.base_iri, index.page, index.lead, paths)
    yield index, [*list_twins(index.page, index.lead, rows, LISTED), rests]


def _pooled(found: Report) -> dict[str, Any]:
    pooled = found.synthesis.pooled
    if pooled is None:
        return {"pooled": None, "why": found.synthesis.reason}
    return {
        "pooled": {
            "scale": "logit",
            "estimate": pooled.estimate,
            "ci_low": pooled.ci_low,
            "ci_high": pooled.ci_high,
            "k": pooled.k,
            "i2": pooled.i2,
            "method": pooled.method,
        }
    }


def _outcome_page(
    desk: Desk, ident: str, term: EndpointTerm, pooled: Report, suffix: str, by: str, words: str, *, turtle: bool
) -> TopicPage:
    times = desk.index.rows(_TIMES, (ident,))
    lead = (
        f"{term.label[0].upper()}{term.label[1:]}: {pooled_words(pooled)}."
        if pooled.synthesis.rows
        else f"{term.label[0].upper()}{term.label[1:]}: {counted(len(times), 'median')} reported, no counts to pool."
    )
    sections: list[Section] = []
    if not times or pooled.synthesis.rows:
        grouped = len(pooled.synthesis.rows) >= GROUPED_FROM
        sections.append(
            forest_section(desk, pooled, "forest-title", f"How often, {words}" if grouped else "How often", "../", _labels(by, desk))
        )
        if grouped:
            links = tuple((Link(other, f"{ident}{end}.html"), "") for end, _, other in GROUPINGS if end != suffix)
            sections.append(Section("other-orders", "The same arms in other groups", (Links(links),)))
    if not suffix:
        if times:
            sections.append(
                Section(
                    "times-title",
                    "How long",
                    (times_sheet(desk, times, "../"),),
                    "Medians as printed, not pooled; an open arrow: not reached when it was counted.",
                )
            )
        sections += _compared(desk, ident)
        sections.append(_set_against(desk, ident))
    title = term.label[0].upper() + term.label[1:] + (f", {words}" if suffix else "")
    page = Page(
        path=f"outcomes/{ident}{suffix}.html", title=title, description=lead[:300],
        crumbs=(Link("Outcomes", "index.html"), *((Link(term.label, f"{ident}.html"),) if suffix else ())), section="outcomes/index.html",
        twins=twins(f"{ident}{suffix}", turtle=turtle, figure=bool(pooled.synthesis.rows)),
    )  # fmt: skip
    studies = (
        {row[0] for row in times}
        | {row.datum.study_id for row in pooled.synthesis.rows}
        | {one.study_id for one in pooled.synthesis.excluded}
    )
    chips = (term.kind.label, f"good for the patient: {term.favours.label}")
    figures = figures_of(pooled, ("forest", "funnel")) if pooled.synthesis.rows else ()
    return TopicPage(page, title, lead, chips, desk.status(studies), desk.cite(title), tuple(sections), figures=figures)


def _compared(desk: Desk, ident: str) -> Iterator[Section]:
    lines = []
    for study, item, population, _, says, measure, estimate, low, high, p, arms, first, versus in desk.index.rows(_TOLD, (ident,)):
        shown = " ".join(part for part in (measure, estimate, f"({low} to {high})" if low and high else "") if part) if estimate else ""
        told = "; ".join(part for part in (says, shown, f"P {p}" if p else "") if part)
        sides = f"{first} against {versus}" if first and versus else f"arm {arms}" if arms else ""
        cells = (
            Cell(desk.label(study), f"../studies/{study}.html#{item}"),
            given(told, "compared, result not printed"),
            given(sides, "all patients"),
            given(population, "not stated"),
        )
        lines.append(Line(cells))
    if lines:
        heads = (Head("Study"), Head("What is said"), Head("Arms"), Head("Among"))
        sheet = Sheet(
            "compared", "Comparisons of groups, statements and other results, as printed", heads, capped(lines), filtered=len(lines) > 12
        )
        yield Section("compared-title", "Compared, or told in words", (sheet,))


def _set_against(desk: Desk, ident: str) -> Section:
    found = facts(desk, "f.endpoint = ?", (ident,))
    lines = capped([fact_line(desk, fact, "../", named=True) for fact in found])
    sheet = Sheet(
        "markers-against", "Markers that were set against it, in the words of the authors", FACT_HEADS, lines, filtered=len(lines) > 12
    )
    return Section(
        "markers-title", "Which markers go with it?", (sheet,) if found else (), absent="" if found else "No marker was set against it."
    )


def _outcome_index(desk: Desk, listed: list[tuple[str, EndpointTerm, str]]) -> TopicPage:
    lead = f"{counted(len(listed), 'outcome')} of which a record speaks."
    sections = []
    for kind in EndpointKind:
        items = tuple((Link(term.label, f"{ident}.html"), told.partition(": ")[2]) for ident, term, told in listed if term.kind is kind)
        if items:
            sections.append(Section(f"kind-{kind.value}", kind.label.capitalize(), (Links(items),)))
    page = Page("outcomes/index.html", "Outcomes", lead, section="outcomes/index.html", twins=twins("index", turtle=True))
    return TopicPage(page, "Outcomes", lead, (), desk.status(desk.survey.digests), desk.cite("Outcomes"), tuple(sections))


# Questions


def question_files(desk: Desk) -> Iterator[tuple[TopicPage, list[File]]]:
    """Yield the page of every curated question with its machine twins, then their index.

    The answer is that of `kb report`, part for part.
    """
    from kb.export.site.build import File

    questions = desk.holdings.questions
    for ident in sorted(questions):
        found, tables = _question_page(desk, questions[ident])
        rows = {"question": questions[ident].model_dump(mode="json", exclude_defaults=True), "tables": tables}
        held = question_rows(desk, questions[ident])
        turtle = page_turtle(
            desk.holdings.base_iri, found.page, found.lead, (path for _, kind, listing in held for path in item_paths(listing, kind)),
            question=questions[ident],
        )  # fmt: skip
        yield found, [File(f"questions/{ident}.json", json_text(found.page, found.lead, rows)), _rows_csv(ident, held), turtle]
    items = tuple((Link(questions[ident].question, f"{ident}.html"), questions[ident].why) for ident in sorted(questions))
    lead = f"{counted(len(questions), 'curated question')}, each answered from the records, without a verdict."
    page = Page("questions/index.html", "Questions", lead, section="questions/index.html", twins=twins("index", turtle=True))
    sections = (Section("list", "Questions", (Links(items),) if items else (), absent="" if items else "None yet."),)
    index = TopicPage(page, "Questions", lead, (), desk.status(desk.survey.digests), desk.cite("Questions"), sections)
    listed = [{"id": ident, "question": questions[ident].question} for ident in sorted(questions)]
    turtle = page_turtle(desk.holdings.base_iri, page, lead, [f"question/{ident}" for ident in sorted(questions)])
    yield index, [*list_twins(page, lead, listed, ("id", "question")), turtle]


def question_rows(desk: Desk, question: Question) -> list[tuple[str, str, Listing]]:
    """Return the rows that answer a question, as `kb find` lists them: part of the question, kind of row, rows."""
    try:
        about = asked(desk.index, question)
    except UsageError:  # the page itself says why there is no answer
        return []
    parts = (("markers", "findings", about.markers), ("outcomes", "outcomes", about.outcomes), ("compared", "outcomes", about.compared))
    return [(part, kind, find(desk.index, kind, selection)) for part, kind, selection in parts if selection is not None]


def _rows_csv(ident: str, held: list[tuple[str, str, Listing]]) -> File:
    """Return the rows of a question as one table: a column that a kind of row has not is `NA` in it."""
    from kb.export.site.build import File

    columns = tuple(dict.fromkeys(("study_id", "item_id", *(name for _, _, listing in held for name in listing.columns))))
    rows = (
        (part, kind, *map(dict(zip(listing.columns, row, strict=True)).get, columns))
        for part, kind, listing in held
        for row in listing.rows
    )
    return File(f"questions/{ident}.csv", csv_text(("part", "section", *columns), rows))


def _question_page(desk: Desk, question: Question) -> tuple[TopicPage, list[dict[str, Any]]]:
    sections: list[Section] = []
    tables: list[dict[str, Any]] = []
    try:
        blocks = report(desk.index, question)
    except UsageError as error:
        blocks = [Heading(2, "No answer"), Paragraph(str(error))]
    title, count = "", 0
    parts: list[Words | Sheet | Subtitle] = []
    for block in (*blocks, Heading(2, "")):
        if isinstance(block, Heading):
            if block.level == 1:
                continue
            if block.level > 2:
                parts.append(Subtitle(block.text))
                continue
            if title:
                sections.append(Section(slug(title), title, tuple(parts), absent="" if parts else "Nothing found."))
            title, parts = block.text, []
        elif not title:
            continue
        elif isinstance(block, Paragraph):
            parts.append(Words((block.text,)))
        elif isinstance(block, Bullets | Citations):
            parts.append(Words(tuple(block.items[:60]), listed=True))
        elif isinstance(block, Matrix):
            count += 1
            parts.append(_table(block.listing, f"table-{count}", f"{title}: table {count}"))
            tables.append({"title": title, **listing_json(block.listing)})
    outcomes = [endpoint for endpoint in question.outcomes.get("endpoint", ()) if desk.vocabulary.get(VocabularyKind.ENDPOINTS, endpoint)]
    links = tuple(
        (Link(desk.term(VocabularyKind.ENDPOINTS, endpoint), f"../outcomes/{endpoint}.html"), "")
        for endpoint in outcomes
        if f"outcomes/{endpoint}" in _pages(desk)
    )
    if links:
        sections.append(Section("_outcomes", "Its outcomes over all patients", (Links(links),)))
    page = Page(
        f"questions/{question.id}.html", question.question, question.why[:300], (Link("Questions", "index.html"),), "questions/index.html",
        twins(question.id, turtle=True),
    )  # fmt: skip
    told = Facts(tuple((name, "; ".join(f"{option}: {', '.join(values)}" for option, values in part.items())) for name, part in (("Patients", question.population), ("Treatment", question.intervention), ("Compared with", question.comparison), ("Markers", question.markers), ("Outcomes", question.outcomes)) if part))  # fmt: skip
    sections.insert(0, Section("_asked", "What is asked", (told,)))
    studies = set(desk.survey.digests)
    return TopicPage(page, question.question, question.why, (), desk.status(studies), desk.cite(question.question), tuple(sections)), tables


def _pages(desk: Desk) -> set[str]:
    return {f"outcomes/{ident}" for ident, _ in endpoints(desk)}


def _table(listing: Listing, key: str, title: str) -> Sheet:
    heads = tuple(
        Head(
            name.replace("_", " "),
            "num" if all(isinstance(row[at], int | float) or row[at] is None for row in listing.rows) and listing.rows else "text",
        )
        for at, name in enumerate(listing.columns)
    )
    lines = [
        Line(
            tuple(
                absent("–")
                if value is None or value == ""
                else Cell(
                    f"{value:.3g}" if isinstance(value, float) else str(value), value=value if isinstance(value, int | float) else None
                )
                for value in row
            )
        )
        for row in listing.rows
    ]
    return Sheet(key, title, heads, capped(lines), filtered=len(lines) > 12)
