"""The selection: which part of a collection a command speaks of. One value for every reading command.

Options are joined by "and", the values of one option by "or". A vocabulary term stands for itself and every narrower
term. What each option asks, by kind of row:

- The study: `design`, `phase`, `year`, `status`, `id`, `text`. They hold for the study of a row.
- The regimen: `agent`, `role`, `route`, `dose`, `regimen-class`. One component of one arm must fit all of them together;
  for an item it must be one of the arms that the item speaks of. Without `role`, supportive drugs do not count. Without
  `agent` and `role`, `dose` looks at investigational components alone. A range of doses fits when it meets the range
  asked for.
- The population: `condition` (of the item's population, inherited ones included; for a study any of its populations, for
  an arm any population that it belongs to) and `n` (patients of that population, arm or study).
- The finding: `biomarker` (the marker, or the one that it was set against), `direction`, `association`; one finding must
  fit all of them, and `endpoint` too when `association` is given.
- `endpoint` and `adverse-event`: the endpoint or event of the row.

An option that a kind of row has no field for asks that the study (for an arm: an item that speaks of the arm) hold such an
item: `outcomes` with `biomarker` are the outcomes of studies with a finding on that marker.

An exclusion (`not_` before the option) leaves out the rows that the option with those values alone would find. Without
`status`, withdrawn records stay out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from kb.errors import UsageError, nearest

if TYPE_CHECKING:
    from kb.analysis.ranges import DoseRange, NumberRange
    from kb.model.terms import ClosedSet

# Closed sets and vocabularies are named here and loaded when a value is looked up: most calls need none of them, and the
# sets take longer to load than an answer takes to find. A test holds the names.
DEFAULT_STATUSES = ("draft", "reviewed", "accepted")
"""Statuses that are selected when none is asked for."""


class Terms(Protocol):
    """Where terms and studies are looked up; `kb.records.index.Index` is one."""

    def resolve(self, kind: str, name: str) -> str | None:
        """Return a term's id for an id, label or synonym, or None."""

    def suggest(self, kind: str, name: str) -> list[str]:
        """Return ids with a spelling near."""

    def narrower(self, kind: str, term: str) -> frozenset[str]:
        """Return a term and every term below it."""

    def study(self, ident: str) -> str | None:
        """Return a study's present id for its present or an earlier one, or None."""

    def studies(self) -> list[str]:
        """Return the ids of all studies."""


class Option(NamedTuple):
    """An option of the selection.

    Attributes:
        name: Name on the command line, without dashes.
        asks: What it asks, for the help.
        kind: Vocabulary of its terms, or None.
        sets: Names of the closed sets of its terms in `kb.model.terms`; empty for a vocabulary or free values.
        absence: Whether a kind of absence (`not-reported`, ...) is a value too.
        metavar: What stands for the value in the help.
    """

    name: str
    asks: str
    kind: str | None = None
    sets: tuple[str, ...] = ()
    absence: bool = False
    metavar: str = "TERM"

    @property
    def key(self) -> str:
        """Name in Python and in records."""
        return self.name.replace("-", "_")

    @property
    def members(self) -> tuple[ClosedSet, ...]:
        """Terms of its closed sets, each once."""
        from kb.model import terms

        found: list[ClosedSet] = [member for name in self.sets for member in getattr(terms, name)]
        return tuple({member.value: member for member in found}.values())


OPTIONS: Mapping[str, Option] = {
    option.name: option
    for option in (
        Option("agent", "Agent given (supportive drugs do not count unless --role asks for them).", "agents"),
        Option("role", "What the agent was there for.", sets=("Role",)),
        Option("route", "Route of the agent.", "routes", absence=True),
        Option("dose", "Dose of the agent, such as '>=0.5 MIU/kg/d'.", metavar="RANGE"),
        Option("regimen-class", "Class of the regimen, by rules over doses and routes.", sets=("RegimenClass",)),
        Option("condition", "Disease of the population.", "conditions"),
        Option("n", "Patients of the population, such as '>=20'.", metavar="RANGE"),
        Option("biomarker", "Immune marker.", "biomarkers"),
        Option("direction", "Which way the marker moved or lay.", sets=("Direction", "ContrastDirection"), absence=True),
        Option("association", "How the marker goes with the endpoint.", sets=("Association",), absence=True),
        Option("endpoint", "Endpoint.", "endpoints"),
        Option("adverse-event", "Adverse event.", "adverse-events"),
        Option("design", "Kind of study, or how patients came into their arms.", sets=("DesignType", "Allocation")),
        Option("phase", "Trial phase.", sets=("Phase",), absence=True),
        Option("year", "Year of the main report, such as 1991, 1990-1995 or '>=2000'.", metavar="RANGE"),
        Option("text", 'Words anywhere in the study; "a phrase" in quotes, a beginning with a star.', metavar="WORDS"),
        Option("status", "Status of the record (default: draft, reviewed, accepted).", sets=("Status",)),
        Option("id", "Study, or study#item.", metavar="ID"),
    )
}
"""Every option, in the order in which a selection is told."""


class Criterion(NamedTuple):
    """One option with its values.

    Attributes:
        option: Name of the option.
        values: Values as understood: ids of terms, ranges and texts as written.
        excluded: Whether rows that fit are left out.
        terms: For terms, the values and everything narrower, sorted.
        ranges: For ranges, the ranges.
    """

    option: str
    values: tuple[str, ...]
    excluded: bool = False
    terms: tuple[str, ...] = ()
    ranges: tuple[NumberRange | DoseRange, ...] = ()

    def describe(self) -> str:
        """Return the criterion in words: `condition renal-cell-carcinoma (5 terms)`."""
        more = f" ({len(self.terms)} terms)" if len(self.terms) > len(self.values) else ""
        return f"{'not ' if self.excluded else ''}{self.option} {', '.join(self.values)}{more}"

    def within(self, other: Criterion) -> bool:
        """Whether what fits it fits the other criterion of the same option too, judged by their values."""
        return set(self.terms or self.values) <= set(other.terms or other.values)


class Selection(NamedTuple):
    """What is asked for: criteria that all hold, in the order of `OPTIONS`; exclusions after inclusions.

    Attributes:
        criteria: The criteria; each option stands once, and once more for its exclusion.
        besides: Criteria of further selections that rows must lie in, too (`narrowed`).
    """

    criteria: tuple[Criterion, ...] = ()
    besides: tuple[tuple[Criterion, ...], ...] = ()

    def find(self, option: str, *, excluded: bool = False) -> Criterion | None:
        """Return the criterion of an option, or None."""
        return next((item for item in self.criteria if item.option == option and item.excluded is excluded), None)

    @property
    def statuses(self) -> tuple[str, ...]:
        """Statuses in force, in the order of the closed set or as asked for."""
        chosen, left_out = self.find("status"), self.find("status", excluded=True)
        wanted = chosen.values if chosen else DEFAULT_STATUSES
        return tuple(status for status in wanted if not (left_out and status in left_out.values))

    @property
    def everything(self) -> bool:
        """Whether nothing but the status is asked for."""
        return all(item.option == "status" for item in self.criteria)

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """The options of the command line that make this selection: names without dashes, and values."""
        return tuple((f"{'not-' if item.excluded else ''}{item.option}", value) for item in self.criteria for value in item.values)

    def describe(self) -> str:
        """Return the selection in one line, statuses included, as every output states it."""
        parts = [item.describe() for item in self.criteria if item.option != "status"]
        parts += [f"and in: {', '.join(item.describe() for item in together)}" for together in self.besides]
        return "; ".join((*(parts or ["everything"]), f"status {', '.join(self.statuses) or 'none'}"))

    def without(self, *options: str) -> Selection:
        """Return the selection without some options."""
        criteria, *besides = (tuple(item for item in part if item.option not in options) for part in (self.criteria, *self.besides))
        return Selection(criteria, tuple(part for part in besides if part))

    def narrowed(self, by: Selection) -> Selection:
        """Return what lies in both selections.

        They become one where that says the same or less: an option that one of them names joins the options of the other,
        so that one component or finding must fit all of them, and of an option that both name the narrower values stand.
        Where neither's values lie within the other's, a row must lie in each of the two selections. Statuses that one asks
        for stand for both where the other asks for none: its default is no wish.
        """
        held = {(item.option, item.excluded): item for item in self.criteria}
        shared = [(held[item.option, item.excluded], item) for item in by.criteria if (item.option, item.excluded) in held]
        apart = any(_narrower(own, item) is None for own, item in shared)
        for item in by.criteria:
            if item.option == "status" or not apart:
                own = held.get((item.option, item.excluded))
                held[item.option, item.excluded] = item if own is None else _narrower(own, item) or own
        places = list(OPTIONS)
        criteria = sorted(held.values(), key=lambda item: (item.excluded, places.index(item.option)))
        besides = (by.without("status").criteria,) if apart else ()
        return Selection(tuple(criteria), (*self.besides, *by.besides, *besides))


def _narrower(first: Criterion, second: Criterion) -> Criterion | None:
    """Return the one criterion that says what two of one option say together, or None."""
    if first.option == "status" and not first.excluded:
        return first._replace(values=tuple(value for value in first.values if value in second.values))
    if first.excluded:  # what fits either is left out
        values, terms = (
            tuple(dict.fromkeys((*one, *other))) for one, other in ((first.values, second.values), (first.terms, second.terms))
        )
        return Criterion(first.option, values, True, tuple(sorted(terms)), (*first.ranges, *second.ranges))
    if second.within(first):
        return second
    return first if first.within(second) else None


EVERYTHING = Selection()
"""What is selected when nothing is asked for: every record that is not withdrawn."""


def select(terms: Terms, options: Mapping[str, str | Iterable[str]] | None = None, /, **more: str | Iterable[str]) -> Selection:
    """Make a selection from options, each a value or several: `select(index, agent="IL-2", not_phase=["1"])`.

    Args:
        terms: Where names are looked up.
        options: Values by option, dashes or underscores, `not-` before exclusions. Empty ones are left out.
        more: The same as keywords.

    Raises:
        UsageError: If an option or a term does not exist, or a range cannot be read; names the nearest terms.
    """
    included: list[Criterion] = []
    excluded: list[Criterion] = []
    given = {name.replace("_", "-"): value for name, value in {**(options or {}), **more}.items()}
    for name in given:
        if name.removeprefix("not-") not in OPTIONS:
            near = nearest(name, list(OPTIONS))
            raise UsageError(f'a selection has no option "{name}"', hint=f"did you mean {' or '.join(near)}?" if near else "")
    for name, option in OPTIONS.items():
        for prefix, into in (("", included), ("not-", excluded)):
            value = given.get(prefix + name, ())
            values = tuple(_whole(text) for text in ((value,) if isinstance(value, str) else value))
            if values:
                into.append(_criterion(terms, option, values, excluded=bool(prefix)))
    return Selection((*included, *excluded))


def _whole(text: str) -> str:
    """Bytes of a command line that are no text come as lone surrogates, which SQLite cannot take."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _criterion(terms: Terms, option: Option, written: tuple[str, ...], *, excluded: bool) -> Criterion:
    if option.name in ("year", "n", "dose"):
        from kb.analysis.ranges import parse_dose_range, parse_range

        if option.name == "dose":
            return Criterion("dose", tuple(value.strip() for value in written), excluded, ranges=tuple(map(parse_dose_range, written)))
        ranges: tuple[NumberRange | DoseRange, ...] = tuple(parse_range(option.name, value) for value in written)
        return Criterion(option.name, tuple(value.strip() for value in written), excluded, ranges=ranges)
    if option.name == "text":
        return Criterion("text", written, excluded)
    values = tuple(dict.fromkeys(_understand(terms, option, value) for value in written))
    if option.kind is None:
        return Criterion(option.name, values, excluded)
    kind = option.kind
    return Criterion(option.name, values, excluded, tuple(sorted({narrow for value in values for narrow in terms.narrower(kind, value)})))


def _understand(terms: Terms, option: Option, value: str) -> str:
    if option.name == "id":
        return _study(terms, value)
    found = None if option.kind is None else terms.resolve(option.kind, value.strip())
    if found is not None:
        return found
    absences = _absences() if option.absence else set()
    if value in absences:
        return value
    if option.kind is not None:
        raise _unknown(option, value, terms.suggest(option.kind, value.strip()))
    wanted = value.strip().casefold()
    for member in option.members:
        if wanted in (member.value, member.label.casefold()):
            return member.value
    raise _unknown(option, value, nearest(wanted, [*(member.value for member in option.members), *sorted(absences)]))


def _absences() -> set[str]:
    from kb.model.terms import Absence

    return {absence.value for absence in Absence}


def _unknown(option: Option, value: str, near: list[str]) -> UsageError:
    hint = f"did you mean {' or '.join(near)}?" if near else ""
    if not hint and option.sets:
        hint = f"one of {', '.join(member.value for member in option.members)}"
    if not hint and option.kind is not None:
        hint = f"`kb sql \"SELECT id, label FROM terms WHERE kind = '{option.kind}'\"` lists them"
    return UsageError(f'--{option.name}: there is no {option.name} "{value}"', hint=hint)


def _study(terms: Terms, value: str) -> str:
    ident, mark, item = value.strip().partition("#")
    found = terms.study(ident)
    if found is None:
        near = nearest(ident, terms.studies())
        raise UsageError(
            f'--id: there is no study "{ident}"', hint=f"did you mean {' or '.join(near)}?" if near else "`kb find studies` lists the ids"
        )
    return f"{found}{mark}{item}"
