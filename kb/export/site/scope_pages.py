"""Pages of regimens, agents and diseases: what was given, what the immune system and the tumours did, and at what cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from kb.analysis.board import IMMUNE_ROLES
from kb.analysis.concordance import marker_rows
from kb.analysis.dosing import strips
from kb.analysis.find import find
from kb.analysis.pools import pooled_endpoint
from kb.analysis.selection import Selection, select
from kb.analysis.selection_sql import selected, selected_studies
from kb.analysis.told import words
from kb.export.site.charts import dose_strip, tallest_amounts
from kb.export.site.desk import Desk, counted, held_regimens
from kb.export.site.finder import search_hash
from kb.export.site.forest_sheet import forest_section, pooled_words
from kb.export.site.frame import Link, Page
from kb.export.site.home import TOP_MARKERS, board_lines
from kb.export.site.markers import CAUTION, Board
from kb.export.site.page_twins import LISTED, item_paths, list_twins, page_turtle
from kb.export.site.regimen import StripView, strip_view
from kb.export.site.sheet import MOST_LINES, Cell, Head, Line, Sheet, absent, capped, given
from kb.export.site.times_and_harms import harms, survival
from kb.export.site.topic import Facts, Links, Section, TopicPage, json_text, listing_csv, listing_json, twins
from kb.model.algebra import class_rules
from kb.model.regimen import Arm
from kb.model.terms import RegimenClass, Role, VocabularyKind
from kb.model.vocabulary import AgentTerm

if TYPE_CHECKING:
    from kb.export.site.build import File

RESPONSE = "objective-response"
MOST_STRIPS = 24
"""Arms drawn on a regimen's page: those with the highest daily dose whose days are known."""
_CLASSES = {regimen.value: regimen for regimen in RegimenClass}


@dataclass(frozen=True, slots=True)
class StripArm:
    """An arm with its dose strips."""

    label: str
    href: str
    note: str
    strips: tuple[StripView, ...]


@dataclass(frozen=True, slots=True)
class Strips:
    """Dose strips of several arms on one day axis."""

    kind: ClassVar[str] = "strips"
    arms: tuple[StripArm, ...]


@dataclass
class ArmShelf:
    """The arms that the regimens' pages draw, put aside while the records are read; their number is bounded.

    Attributes:
        wanted: Arms by class of regimen, highest daily dose first, as study and arm.
        arms: What has been read of them.
    """

    wanted: Mapping[str, tuple[tuple[str, str], ...]]
    arms: dict[tuple[str, str], Arm] = field(default_factory=dict)

    @property
    def all(self) -> frozenset[tuple[str, str]]:
        """Every wanted arm."""
        return frozenset(arm for arms in self.wanted.values() for arm in arms)


_WANTED = """
  SELECT a.regimen_class, a.study_id, a.item_id, max(c.per_day_iu) AS daily
  FROM arms a JOIN studies s USING (study_id) JOIN components c ON c.study_id = a.study_id AND c.arm = a.item_id
  WHERE s.status <> 'withdrawn' AND (c.days IS NOT NULL OR c.days_per_week = 7)
  GROUP BY 1, 2, 3 ORDER BY 1, daily IS NULL, daily DESC, 2, 3
"""


def arm_shelf(desk: Desk) -> ArmShelf:
    """Return an empty shelf that knows which arms the regimens' pages draw."""
    wanted: dict[str, list[tuple[str, str]]] = {}
    for regimen, study, arm, _ in desk.index.rows(_WANTED):
        chosen = wanted.setdefault(regimen, [])
        if len(chosen) < MOST_STRIPS:
            chosen.append((study, arm))
    return ArmShelf({regimen: tuple(arms) for regimen, arms in wanted.items()})


@dataclass(frozen=True)
class Scope:
    """What a page is about.

    Attributes:
        folder: Folder of the page.
        ident: Its id.
        label: Its name.
        option: Option of the selection.
        group: Name of the index that it belongs to.
        dimension: Dimension of the finder.
    """

    folder: str
    ident: str
    label: str
    option: str
    group: str
    dimension: str
    kind: VocabularyKind | None = None

    def selection(self, desk: Desk) -> Selection:
        """Return what the page speaks of."""
        return select(desk.index, {self.option: [self.ident]})


def scopes(desk: Desk) -> Iterator[Scope]:
    """Yield every regimen, agent and disease of which a record speaks."""
    held = held_regimens(desk)
    for regimen in RegimenClass:
        if regimen in held:
            yield Scope("regimens", regimen.value, regimen.label, "regimen-class", "Regimens", "regimen")
    live = "JOIN studies s USING (study_id) WHERE s.status <> 'withdrawn'"
    agents = desk.index.rows(f"SELECT DISTINCT c.agent FROM components c {live} AND c.role <> 'supportive' ORDER BY 1")
    for (ident,) in agents:
        if desk.vocabulary.get(VocabularyKind.AGENTS, ident) is not None:
            yield Scope("agents", ident, desk.term(VocabularyKind.AGENTS, ident), "agent", "Agents", "agent", VocabularyKind.AGENTS)
    conditions = desk.index.rows(f"SELECT DISTINCT k.condition FROM item_conditions k {live} ORDER BY 1")
    for (ident,) in conditions:
        if desk.vocabulary.get(VocabularyKind.CONDITIONS, ident) is not None:
            label = desk.term(VocabularyKind.CONDITIONS, ident)
            yield Scope("conditions", ident, label, "condition", "Diseases", "disease", VocabularyKind.CONDITIONS)


def scope_page(desk: Desk, scope: Scope, shelf: ArmShelf, *, turtle: bool) -> TopicPage:
    """Return the page of a regimen, an agent or a disease."""
    selection = scope.selection(desk)
    studies = selected_studies(desk.index, selection)
    report = pooled_endpoint(desk.index, selection, RESPONSE)
    arms = len(selected(desk.index, selection, "arms"))
    rows = [row for row in marker_rows(desk.index, selection) if row.role in IMMUNE_ROLES and (row.moves or row.sides)]
    lead = f"{counted(len(studies), 'study', 'studies')} of {counted(desk.cohorts(studies), 'independent cohort')}; objective response {pooled_words(report)}."
    sections: list[Section] = [_about(desk, scope)]
    if scope.folder == "regimens":
        sections.append(_strips(desk, scope, shelf))
    sections.append(_arms(desk, scope, selection))
    sections.append(forest_section(desk, report, "response", "How often did tumours respond?", "../"))
    sections.append(survival(desk, selection))
    board = Board(board_lines(rows[:TOP_MARKERS], "../", anchored=False))
    said = "Says of these patients alone; the markers' own pages hold all. " + CAUTION
    sections.append(
        Section(
            "board",
            "What did the immune system do?",
            (board,) if rows else (),
            said if rows else "",
            "" if rows else "No immune marker reported.",
        )
    )
    sections.append(harms(desk, selection))
    items = tuple(
        (Link(desk.label(study), f"../studies/{study}.html"), desk.survey.digests[study].title)
        for study in studies
        if study in desk.survey.digests
    )
    finder = Link("these studies in the finder", f"../studies/index.html{search_hash(**{scope.dimension: scope.ident})}")
    sections.append(Section("studies", "Studies", (Links(((finder, ""),)), Links(items[:MOST_LINES]))))
    page = Page(
        path=f"{scope.folder}/{scope.ident}.html", title=scope.label, description=lead[:300], crumbs=(Link(scope.group, "index.html"),),
        section="regimens/index.html", twins=twins(scope.ident, turtle=turtle),
    )  # fmt: skip
    chips = (counted(arms, "arm"), counted(len(rows), "immune marker"))
    return TopicPage(
        page, scope.label[0].upper() + scope.label[1:], lead, chips, desk.status(studies), desk.cite(scope.label), tuple(sections)
    )


def _about(desk: Desk, scope: Scope) -> Section:
    if scope.kind is None:
        rule = (
            next(words for name, words in class_rules() if name.value == scope.ident)
            if scope.ident in {name.value for name, _ in class_rules()}
            else "set by its agents"
        )
        return Section(
            "about", "What it is", (Facts((("Rule", rule),)),), "Set by rules over the parsed doses and routes, never typed by hand."
        )
    term = desk.vocabulary.get(scope.kind, scope.ident)
    assert term is not None
    items = [("Also called", ", ".join(term.synonyms))] if term.synonyms else []
    if term.broader:
        items.append(("More general", ", ".join(desk.term(scope.kind, broader) for broader in term.broader)))
    if isinstance(term, AgentTerm):
        items.append(("Class", term.agent_class.label))
        if term.members:
            items.append(("Made of", ", ".join(desk.term(scope.kind, member) for member in term.members)))
    items += [("Identifiers", ", ".join(term.curies))] if term.curies else []
    items += [("Note", term.note)] if term.note else []
    return Section("about", "What it is", (Facts(tuple(items)),) if items else (), absent="" if items else "The vocabulary says no more.")


def _strips(desk: Desk, scope: Scope, shelf: ArmShelf) -> Section:
    lexicon = desk.vocabulary.lexicon
    found = [(key, shelf.arms[key]) for key in shelf.wanted.get(scope.ident, ()) if key in shelf.arms]
    planned = [(key, arm, strips(arm, lexicon)) for key, arm in found]
    tallest = tallest_amounts(strip for _, _, drawn in planned for strip in drawn)
    arms = []
    for at, ((study, ident), arm, drawn) in enumerate(planned):
        views = tuple(
            strip_view(desk.vocabulary, arm, strip, f"_arm-{at}-{number}", dose_strip(strip, tallest, lexicon))
            for number, strip in enumerate(drawn[:2])
        )
        arms.append(StripArm(desk.label(study), f"../studies/{study}.html#arm_{ident}", arm.label, views))
    note = "One day axis and one scale of doses for all; highest daily dose first. Arms whose days are not given stand in the table below."
    return Section(
        "strips",
        "Dose strips",
        (Strips(tuple(arms)),) if arms else (),
        note if arms else "",
        "" if arms else "No arm of this class has its days given.",
    )


_ARM_ROWS = """
  SELECT i.study_id, i.item_id, i.label, coalesce(i.n, i.n_absence), i.n, i.doses, i.routes, i.schedules, i.regimen_class
  FROM arms i JOIN studies s USING (study_id) ORDER BY coalesce(s.year, 9999), i.study_id, i.position
"""
_ROLES = (
    "SELECT study_id, arm, role, dose_printed, dose_absence FROM components WHERE agent = ? ORDER BY study_id, arm, phase_no, component_no"
)


def _arms(desk: Desk, scope: Scope, selection: Selection) -> Section:
    kept = set(selected(desk.index, selection, "arms"))
    roles: dict[tuple[str, str], str] = {}
    if scope.folder == "agents":
        for study, arm, role, dose, missing in desk.index.rows(_ROLES, (scope.ident,)):
            told = f"{words(role, Role)}: {dose or words(missing)}"
            known = roles.get((study, arm), "")
            roles[study, arm] = known if told in known else "; ".join(part for part in (known, told) if part)
    lines = []
    for study, arm, label, n, number, doses, routes, schedules, regimen in desk.index.rows(_ARM_ROWS):
        if (study, arm) in kept:
            given_as = roles.get((study, arm)) if roles else doses
            cells = (
                Cell(desk.label(study), f"../studies/{study}.html#arm_{arm}"), Cell(label, note=words(regimen, RegimenClass)),
                Cell(str(number), value=number) if number is not None else absent(words(n)), given(given_as, "doses not given"),
                given(routes, "routes not given"), given(schedules, "schedule not given"),
            )  # fmt: skip
            lines.append(Line(cells))
    heads = (
        Head("Study"),
        Head("Arm"),
        Head("n", "num"),
        Head("Role and dose" if roles else "Doses as printed"),
        Head("Route"),
        Head("Schedule as printed"),
    )
    sheet = Sheet("arms-table", "Arms, in the order of their reports", heads, capped(lines), filtered=len(lines) > 12)
    return Section("arms", "What was given", (sheet,) if lines else (), absent="" if lines else "No arm.")


def scope_topic(desk: Desk, scope: Scope, shelf: ArmShelf) -> tuple[TopicPage, list[File]]:
    """Return the page of a regimen, an agent or a disease with its machine twins."""
    from kb.export.site.build import File

    write = desk.holdings.term_turtle
    turtle = write(scope.kind, scope.ident) if write and scope.kind else ""
    found = scope_page(desk, scope, shelf, turtle=bool(turtle) or scope.kind is None)
    listing = find(desk.index, "arms", scope.selection(desk))
    stem = f"{scope.folder}/{scope.ident}"
    files = [File(f"{stem}.csv", listing_csv(listing)), File(f"{stem}.json", json_text(found.page, found.lead, listing_json(listing)))]
    if scope.folder == "regimens":
        about = [_CLASSES[scope.ident]]
        files.append(page_turtle(desk.holdings.base_iri, found.page, found.lead, item_paths(listing, "arms"), about=about))
    return found, files + ([File(f"{stem}.ttl", turtle)] if turtle else [])


def scope_rests_on(desk: Desk, scope: Scope, shelf: ArmShelf) -> tuple[set[str], str]:
    """Return the studies that the page of a regimen, an agent or a disease speaks of, and what else it shows."""
    selection = scope.selection(desk)
    kinds = ("studies", "arms", "findings", "outcomes", "adverse-events")
    studies = {study for kind in kinds for study, _ in selected(desk.index, selection, kind)}
    return studies, repr(shelf.wanted.get(scope.ident) if scope.folder == "regimens" else None)


def scope_indexes(desk: Desk, leads: Mapping[str, str]) -> Iterator[tuple[TopicPage, list[File]]]:
    """Yield the indexes of regimens, agents and diseases.

    Args:
        desk: What they are written from.
        leads: Sentence of every page that they list, by its path without the suffix.
    """
    groups: dict[str, list[tuple[Scope, str]]] = {}
    for scope in scopes(desk):
        groups.setdefault(scope.folder, []).append((scope, leads[f"{scope.folder}/{scope.ident}"]))
    for folder, title in (("regimens", "Regimens"), ("agents", "Agents"), ("conditions", "Diseases")):
        listed = groups.get(folder, [])
        index = _index(desk, folder, title, listed)
        rows = [{"id": scope.ident, "label": scope.label, "sentence": lead} for scope, lead in listed]
        paths = [f"term/{scope.kind.value}/{scope.ident}" for scope, _ in listed if scope.kind]
        about = [_CLASSES[scope.ident] for scope, _ in listed if not scope.kind]
        rests = page_turtle(desk.holdings.base_iri, index.page, index.lead, paths, about=about)
        yield index, [*list_twins(index.page, index.lead, rows, LISTED), rests]


def _index(desk: Desk, folder: str, title: str, pages: list[tuple[Scope, str]]) -> TopicPage:
    items = tuple((Link(scope.label, f"{scope.ident}.html"), lead) for scope, lead in pages)
    others = tuple(
        (Link(name, f"../{other}/index.html"), "")
        for other, name in (("regimens", "Regimens"), ("agents", "Agents"), ("conditions", "Diseases"))
        if other != folder
    )
    lead = f"{counted(len(pages), title.lower().removesuffix('s'))} of which a record speaks."
    page = Page(f"{folder}/index.html", title, lead, section="regimens/index.html", twins=twins("index", turtle=True))
    sections = (
        Section("list", title, (Links(items),) if items else (), absent="" if items else "None yet."),
        Section("others", "Other ways in", (Links(others),)),
    )
    return TopicPage(page, title, lead, (), desk.status(desk.survey.digests), desk.cite(title), sections, menu=False)
