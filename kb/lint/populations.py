"""Rules on denominators: parts within wholes, arms within the study, men and women, dates in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from kb.diagnostics import Problem
from kb.lint.view import StudyView
from kb.model.scope import arms_of_population, conditions_of
from kb.model.study import Population
from kb.model.terms import PopulationBasis, VocabularyKind


def part_within_whole(view: StudyView) -> Iterator[Problem]:
    """A population is larger than the one it lies within.

    Fix: correct the number, or take `within` away. If the source prints it so, add an ambiguity of kind
    `printed-error` about the population.
    """
    known = view.study.populations
    for ident, part in view.populations:
        if part.within is None or not isinstance(part.n, int):
            continue
        whole = known.get(part.within)
        if whole is not None and isinstance(whole.n, int) and part.n > whole.n:
            message = f'{part.n} patients within "{part.within}", which has only {whole.n}'
            yield Problem("KB611", ("populations", ident, "n"), message, "compare both with the source, or take `within` away")


def parts_exceed_whole(view: StudyView) -> Iterator[Problem]:
    """Parts of a population that exclude each other add up to more than the whole.

    Looked at are parts of one basis that differ in their arms, in diseases of which none is a kind of the other, or
    as responders and non-responders. Studies that count a patient several times (`design.repeat_patients`) are left out.

    Fix: compare with the source; the parts may overlap, and then `note` should say so.
    """
    if view.study.design.repeat_patients:
        return
    parts: dict[str, list[tuple[str, Population]]] = {}
    for ident, part in view.populations:
        if part.within is not None and isinstance(part.n, int) and part.note is None:
            parts.setdefault(part.within, []).append((ident, part))
    for parent, children in parts.items():
        whole = view.study.populations.get(parent)
        if len(children) < 2 or whole is None or not isinstance(whole.n, int):
            continue
        if sum(part.n for _, part in children if isinstance(part.n, int)) <= whole.n:
            continue  # all parts together fit, and so do those that exclude each other
        for family in _exclusive(view, children):
            total = sum(part.n for _, part in family if isinstance(part.n, int))
            if total > whole.n:
                words = " + ".join(f"{ident} {part.n}" for ident, part in family)
                message = f'{words} make {total}, but "{parent}" has {whole.n}'
                yield Problem(
                    "KB612", ("populations", family[-1][0], "n"), message, "compare with the source, or say in `note` how they overlap"
                )


def _exclusive(view: StudyView, children: list[tuple[str, Population]]) -> Iterator[list[tuple[str, Population]]]:
    """Yield groups of parts that have no patient in common."""
    study = view.study
    by_basis: dict[tuple[str, object, object], list[tuple[str, Population]]] = {}
    for child in children:
        basis = child[1].basis
        by_basis.setdefault(("arms", basis.value, conditions_of(study, child[0])), []).append(child)
        by_basis.setdefault(("diseases", basis.value, frozenset(arms_of_population(study, child[0]))), []).append(child)
        if basis is PopulationBasis.RESPONDERS or basis is PopulationBasis.NON_RESPONDERS:
            apart = ("responders", frozenset(arms_of_population(study, child[0])), conditions_of(study, child[0]))
            by_basis.setdefault(apart, []).append(child)
    for key, group in by_basis.items():
        if len(group) < 2:
            continue
        if key[0] == "arms":
            sets = [frozenset(arms_of_population(study, ident)) for ident, _ in group]
            if all(first.isdisjoint(second) for first, second in combinations(sets, 2)):
                yield group
        elif key[0] == "diseases":
            if _diseases_apart(view, [conditions_of(study, ident) for ident, _ in group]):
                yield group
        elif len(group) == 2 and group[0][1].basis is not group[1][1].basis:
            yield group


def _diseases_apart(view: StudyView, diseases: Iterable[tuple[str, ...]]) -> bool:
    vocabulary = view.known.vocabulary
    wide = []
    for terms in diseases:
        if not terms:
            return False
        wide.append((set(terms), set().union(*(vocabulary.narrower(VocabularyKind.CONDITIONS, term) for term in terms))))
    return all(a[1].isdisjoint(b[0]) and b[1].isdisjoint(a[0]) for a, b in combinations(wide, 2))


def arms_of_study(view: StudyView) -> Iterator[Problem]:
    """The arms do not add up to the patients who were enrolled or randomised, or an arm holds more than it was assigned.

    The sum over the arms may not exceed the enrolled; it must equal the randomised. A population of a single arm may
    not exceed the arm. Studies that count a patient several times (`design.repeat_patients`) are left out.

    Fix: compare with the source. Patients who were enrolled and never assigned are a population of their own.
    """
    study = view.study
    if study.design.repeat_patients:
        return
    sizes = [arm.n for _, arm in view.arms if isinstance(arm.n, int)]
    if len(sizes) == len(view.arms) > 1:
        yield from _sum_of_arms(view, sum(sizes))
    for ident, population in view.populations:
        if len(population.arms) != 1 or not isinstance(population.n, int) or population.arms[0] not in study.arms:
            continue
        arm = study.arms[population.arms[0]]
        if isinstance(arm.n, int) and population.n > arm.n and population.note is None:
            message = f'{population.n} patients of the arm "{population.arms[0]}", to which only {arm.n} were assigned'
            yield Problem("KB613", ("populations", ident, "n"), message, "compare both with the source, or explain it in `note`")


def _sum_of_arms(view: StudyView, total: int) -> Iterator[Problem]:
    for basis in (PopulationBasis.RANDOMISED, PopulationBasis.ENROLLED):
        for ident, population in view.populations:
            if population.basis is not basis or not isinstance(population.n, int) or population.within is not None:
                continue
            if population.arms and set(population.arms) != set(view.study.arms):
                continue
            wrong = total != population.n if basis is PopulationBasis.RANDOMISED else total > population.n
            if wrong and population.note is None:
                message = f"the arms make {total}, but {population.n} were {basis.label}"
                yield Problem("KB613", ("populations", ident, "n"), message, "compare the arms' n with the source, or explain it in `note`")


def men_and_women(view: StudyView) -> Iterator[Problem]:
    """Men and women are more than the population.

    Fix: compare with the source; the characteristics may describe another population.
    """
    for ident, population in view.populations:
        who = population.characteristics
        if who is None or not isinstance(population.n, int):
            continue
        total = (who.male or 0) + (who.female or 0)
        if total > population.n:
            message = f"{who.male or 0} men and {who.female or 0} women, but {population.n} patients"
            field = "male" if who.male else "female"
            yield Problem("KB614", ("populations", ident, "characteristics", field), message, "do they describe another population?")


def dates_in_order(view: StudyView) -> Iterator[Problem]:
    """Dates run backwards: enrolment ends before it starts or after publication, or a check precedes the extraction.

    Fix: compare with the source. If it is printed so, add an ambiguity of kind `printed-error` about `design.enrolment`.
    """
    design, study = view.study.design, view.study
    enrolment = design.enrolment
    if not isinstance(enrolment, str):
        start, end = enrolment.start, enrolment.end
        last = max((report.dated for _, report in view.reports if report.dated is not None), default=None)
        if start is not None and end is not None and end[: len(start)] < start[: len(end)]:
            message = f"enrolment ends in {end}, before it starts in {start}"
            yield Problem("KB615", ("design", "enrolment", "end"), message, "are start and end swapped?")
        for field, date in (("start", start), ("end", end)):
            if date is not None and last is not None and int(date[:4]) > last:
                message = f"{date} lies after the last report, of {last}"
                yield Problem("KB615", ("design", "enrolment", field), message, "compare with the source")
    first = min(handling.on for handling in study.curation.extracted)
    for index, handling in enumerate(study.curation.checked):
        if handling.on < first[: len(handling.on)]:
            message = f"checked on {handling.on}, before the extraction on {first}"
            yield Problem("KB615", ("curation", "checked", index, "on"), message, "correct one of the dates")
