"""Rules on counts: events, totals, percentages, and the sums of graded responses."""

from __future__ import annotations

import math
from collections.abc import Iterator

from kb.diagnostics import Path, Problem
from kb.lint.printed import keeps
from kb.lint.view import StudyView
from kb.model.outcomes import AdverseEvent, Outcome
from kb.model.quantities import Quantity
from kb.model.results import Proportion
from kb.model.scope import arms_of_population
from kb.model.terms import CountOf
from kb.model.vocabulary import EndpointTerm

_EPSILON = 1e-9


def rounds_to(share: float, printed: Quantity) -> bool:
    """Whether a percentage rounds to the printed one, half up or half even alike."""
    return abs(share - printed.value) <= printed.half_unit + _EPSILON


def _truncates_to(share: float, printed: Quantity) -> bool:
    scale = 10.0**printed.decimals
    return math.floor(share * scale + _EPSILON) == round(printed.value * scale)


def events_within_total(view: StudyView) -> Iterator[Problem]:
    """More events than patients.

    Fix: compare both numbers with the source. If the source prints them so, keep them and add an ambiguity of kind
    `printed-error` about the item; then this becomes a note.
    """
    for path, events, total, percent in view.counts:
        if events is not None and total is not None and events > total:
            yield Problem("KB601", (*path, "events"), f"{events} events of only {total}", _swap_hint(events, total, percent))
    for path, group in view.groups:
        if group.events is not None and group.n is not None and group.events > group.n:
            hint = _swap_hint(group.events, group.n, None)
            yield Problem("KB601", (*path, "events"), f"{group.events} events of only {group.n}", hint)


def _swap_hint(events: int, total: int, percent: Quantity | None) -> str:
    if percent is not None and rounds_to(100 * total / events, percent):
        return f"events and total are swapped: {total}/{events} gives the printed {percent} %"
    return "are events and total swapped, or does the total belong to another group?"


def percent_of_counts(view: StudyView) -> Iterator[Problem]:
    """The printed percentage is not what events and total give.

    Both are compared at the precision of the print: 33 of 72 is 45.8 or 46, and never 41. The message says when
    swapped numbers or cut-off digits explain the print.

    Fix: compare with the source. The percentage may belong to another denominator; then give that one, or leave out
    what is not printed. If the source contradicts itself, keep both and add an ambiguity of kind `printed-error` or
    `contradiction` about the item; then this becomes a note.
    """
    for path, events, total, percent in view.counts:
        if events is None or not total or percent is None or not percent.exact or events > total:
            continue
        share = 100 * events / total
        if not rounds_to(share, percent):
            shown = f"{share:.{max(1, percent.decimals)}f}"
            message = f"{events}/{total} is {shown} %, but {percent} is printed"
            yield Problem("KB602", (*path, "percent"), message, _percent_hint(events, total, percent))


def _percent_hint(events: int, total: int, percent: Quantity) -> str:
    share = 100 * events / total
    if _truncates_to(share, percent):
        return "the source cut digits off instead of rounding; say so in an ambiguity of kind printed-error"
    if rounds_to(100 - share, percent):
        return f"the percentage is that of the other {total - events} patients"
    if events and rounds_to(100 * total / events, percent):
        return "events and total are swapped"
    digits = str(percent)
    if len(digits) == 2 and digits.isdigit() and rounds_to(share, Quantity(int(digits[::-1]))):
        return f"two digits are swapped: {digits[::-1]} would fit"
    fits = [str(other) for other in range(1, 2 * total + 50) if other >= events and rounds_to(100 * events / other, percent)]
    if fits:
        few = ", ".join(fits[:4]) + (" …" if len(fits) > 4 else "")
        return f"{events} events fit a denominator of {few}"
    return "compare with the source, and flag it as printed-error or contradiction if it is printed so"


def percent_in_range(view: StudyView) -> Iterator[Problem]:
    """A percentage lies outside 0 to 100.

    Fix: compare with the source. If it is printed so, add an ambiguity of kind `printed-error` about the item.
    """
    for path, _, _, percent in view.counts:
        if percent is not None and not 0 <= percent.value <= 100:
            yield Problem("KB603", (*path, "percent"), f"{percent} is not a percentage of patients", "percentages lie between 0 and 100")
    for path, interval, _, _, counted in view.intervals:
        if counted is None:
            continue
        for field, bound in (("low", interval.low), ("high", interval.high)):
            if bound is not None and not 0 <= bound.value <= 100:
                message = f"the bound {bound} is not a percentage"
                yield Problem("KB603", (*path, field), message, "percentages lie between 0 and 100")


def total_of_population(view: StudyView) -> Iterator[Problem]:
    """The total of a result is not the size of the population that it hangs on.

    A denominator is a population. Where the total differs, the number hangs on the wrong one, or the record lacks the
    population it belongs to. A `note` or a `derived` that explains the difference silences this, and so does naming
    fewer arms than the population has.

    Fix: name the right population, add it to `populations`, or explain the difference in `note`.
    """
    study, populations = view.study, view.study.populations
    totals: list[tuple[Path, Outcome | AdverseEvent, int | None]] = [
        (("outcomes", ident, "result"), outcome, outcome.result.total)
        for ident, outcome in study.outcomes.items()
        if isinstance(outcome.result, Proportion)
    ]
    totals += [(("adverse_events", ident), event, event.total) for ident, event in study.adverse_events.items()]
    for where, item, total in totals:
        if total is None or item.count_of is not CountOf.PATIENTS or item.note is not None or item.source.derived is not None:
            continue
        population = populations.get(item.population)
        if population is None or not isinstance(population.n, int) or population.n == total:
            continue
        if item.arms and set(item.arms) != set(arms_of_population(study, item.population)):
            continue
        fits = [ident for ident, other in view.populations if other.n == total]
        hint = f"populations of {total}: {', '.join(fits)}" if fits else "add the population it belongs to, or explain it in `note`"
        message = f'a total of {total}, but the population "{item.population}" has {population.n}'
        yield Problem("KB604", (*where, "total"), message, hint)


def sum_of_grades(view: StudyView) -> Iterator[Problem]:
    """The grades of response do not add up to the response.

    The vocabulary says which grades an endpoint includes: an objective response is a complete or a partial one. Within
    one population, arms, criteria, assessor, timepoint and data cut the events must add up.

    Fix: compare with the source. If the source does not add up, add an ambiguity of kind `printed-error` or
    `contradiction` about one of the items; then this becomes a note.
    """
    by_group: dict[tuple[object, ...], dict[str, list[tuple[Path, int]]]] = {}
    for ident, outcome in view.study.outcomes.items():
        result = outcome.result
        if isinstance(result, Proportion) and result.events is not None:
            group = by_group.setdefault(_same_patients(outcome), {})
            group.setdefault(outcome.endpoint, []).append((("outcomes", ident), result.events))
    for endpoints in by_group.values():
        if len(endpoints) < 2:
            continue
        for endpoint, wholes in endpoints.items():
            term = view.known.endpoints.get(endpoint)
            if isinstance(term, EndpointTerm) and term.includes and len(wholes) == 1:
                yield from _sum_problem(view, wholes[0], term.includes, endpoints)


def _same_patients(outcome: Outcome) -> tuple[object, ...]:
    return (
        outcome.population,
        outcome.arms,
        str(outcome.criteria),
        str(outcome.assessor),
        outcome.confirmed,
        str(outcome.count_of),
        outcome.site,
        outcome.timepoint,
        outcome.data_cut,
    )


def _sum_problem(
    view: StudyView, whole: tuple[Path, int], grades: tuple[str, ...], endpoints: dict[str, list[tuple[Path, int]]]
) -> Iterator[Problem]:
    found = {grade: endpoints[grade][0] for grade in grades if len(endpoints.get(grade, ())) == 1}
    if not found:
        return
    total = sum(events for _, events in found.values())
    path, events = whole
    wrong = total != events if len(found) == len(grades) else total > events
    if wrong:
        label = view.known.endpoints
        words = " + ".join(f"{count} {label[grade].label}" for grade, (_, count) in found.items())
        message = f"{words} make {total}, but {events} {label[str(view.study.outcomes[str(path[1])].endpoint)].label} are given"
        # A contradiction flagged at one of the grades is flagged for the sum as well.
        at = next((part for part in (path, *(part for part, _ in found.values())) if keeps(view, part)), path)
        yield Problem("KB605", (*at, "result", "events"), message, "compare the three with the source")


def more_measured_than_patients(view: StudyView) -> Iterator[Problem]:
    """A marker is measured in more patients than the population has.

    Fix: name the population that was measured, or correct `n`.
    """
    for ident, finding in view.study.findings.items():
        population = view.study.populations.get(finding.population)
        if population is None or not isinstance(population.n, int) or not isinstance(finding.n, int):
            continue
        if finding.n > population.n:
            message = f'measured in {finding.n} patients, but the population "{finding.population}" has {population.n}'
            yield Problem("KB606", ("findings", ident, "n"), message, "name the population that was measured, or correct n")
