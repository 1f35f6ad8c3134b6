"""Rules on references inside a record: every name that is used is defined, and nothing goes in circles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kb.diagnostics import Path, Problem
from kb.errors import nearest
from kb.lint.view import StudyView
from kb.model.base import Record


def _hint(name: str, known: Iterable[str], what: str) -> str:
    ids = list(known)
    near = nearest(name, ids)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"the {what} of this record: {', '.join(ids)}" if ids else f"this record has no {what}"


def unknown_report(view: StudyView) -> Iterator[Problem]:
    """A source names a report that the record does not have.

    Every fact says which publication it was read in; `main` when nothing is said. The name must be a key of `reports`.

    Fix: write the key of a report, or add the report.
    """
    reports = view.study.reports
    for path, source in view.sources:
        if source.report not in reports:
            # Without a name in the text the default `main` is meant, and the place shown is the source itself.
            yield Problem("KB401", (*path, "report"), f'there is no report "{source.report}"', _hint(source.report, reports, "reports"))
    for ident, report in view.reports:
        if report.supersedes is not None and (report.supersedes not in reports or report.supersedes == ident):
            known = [other for other in reports if other != ident]
            yield Problem(
                "KB401",
                ("reports", ident, "supersedes"),
                f'there is no other report "{report.supersedes}"',
                _hint(report.supersedes, known, "other reports"),
            )


def unknown_population(view: StudyView) -> Iterator[Problem]:
    """A number hangs on a population that the record does not have.

    Every number has a denominator. The name must be a key of `populations`.

    Fix: write the key of a population, or add the population.
    """
    known = view.study.populations
    for path, item in view.items:
        if item.population not in known:
            yield _no_population((*path, "population"), item.population, known)
    for ident, population in view.populations:
        if population.within is not None and population.within not in known:
            yield _no_population(("populations", ident, "within"), population.within, known)
    for path, group in view.groups:
        if group.population is not None and group.population not in known:
            yield _no_population((*path, "population"), group.population, known)
    for path, comparison in view.comparisons:
        if comparison.versus_population is not None and comparison.versus_population not in known:
            yield _no_population((*path, "versus_population"), comparison.versus_population, known)
    for ident, claim in view.claims:
        for index, name in enumerate(claim.populations):
            if name not in known:
                yield _no_population(("claims", ident, "populations", index), name, known)


def _no_population(path: Path, name: str, known: Iterable[str]) -> Problem:
    return Problem("KB402", path, f'there is no population "{name}"', _hint(name, known, "populations"))


def unknown_arm(view: StudyView) -> Iterator[Problem]:
    """A result, population, comparison or claim names an arm that the record does not have.

    Fix: write the key of an arm. A result pooled over arms names them all; there is no arm "all".
    """
    known = view.study.arms
    for ident, population in view.populations:
        for index, name in enumerate(population.arms):
            if name not in known:
                yield _no_arm(("populations", ident, "arms", index), name, known)
    for path, item in view.items:
        for index, name in enumerate(item.arms):
            if name not in known:
                yield _no_arm((*path, "arms", index), name, known)
    for path, comparison in view.comparisons:
        for field, names in (("arms", comparison.arms), ("versus", comparison.versus)):
            for index, name in enumerate(names):
                if name not in known:
                    yield _no_arm((*path, field, index), name, known)
    for ident, claim in view.claims:
        for side, entity in (("subject", claim.subject), ("object", claim.object)):
            if entity.arm is not None and entity.arm not in known:
                yield _no_arm(("claims", ident, side, "arm"), entity.arm, known)


def _no_arm(path: Path, name: str, known: Iterable[str]) -> Problem:
    return Problem("KB403", path, f'there is no arm "{name}"', _hint(name, known, "arms"))


def unknown_item(view: StudyView) -> Iterator[Problem]:
    """A claim rests on, or a flag touches, something that the record does not have.

    `rests_on` and the `items` of a flag name keys of `findings`, `outcomes` or `adverse_events`.

    Fix: write the key of a finding, outcome or adverse event of this record.
    """
    study = view.study
    for ident, claim in view.claims:
        for index, name in enumerate(claim.rests_on):
            if name not in study.findings and name not in study.outcomes and name not in study.adverse_events:
                yield _no_item(("claims", ident, "rests_on", index), name, view)
    if study.appraisal is not None:
        for number, flag in enumerate(study.appraisal.flags):
            for index, name in enumerate(flag.items):
                if name not in study.findings and name not in study.outcomes and name not in study.adverse_events:
                    yield _no_item(("appraisal", "flags", number, "items", index), name, view)


def _no_item(path: Path, name: str, view: StudyView) -> Problem:
    known = [str(where[-1]) for where, _ in view.items]
    message = f'there is no finding, outcome or adverse event "{name}"'
    return Problem("KB404", path, message, _hint(name, known, "findings, outcomes and adverse events"))


def unknown_place(view: StudyView) -> Iterator[Problem]:
    """An ambiguity speaks about a place that the record does not have.

    `about` is a path such as `outcomes.response` or `populations.all.n`, or `study` for the whole. It is what shows
    the ambiguity beside the number it concerns.

    Fix: write the path of the field, as the record has it.
    """
    for number, ambiguity in enumerate(view.ambiguities):
        for index, about in enumerate(ambiguity.about):
            steps = resolve(view.study, about)
            if steps is None:
                path: Path = ("ambiguities", number, "about")
                yield Problem("KB405", (*path, index), f'the record has nothing at "{about}"', _place_hint(view, about))


def resolve(study: Record, about: str) -> Path | None:
    """Turn a dotted path into steps, or None when the record has no such place.

    A field that may be there but is not still counts: an ambiguity can be about what is missing.
    """
    if about == "study":
        return ()
    return _resolve(study, about.split("."), ())


def _resolve(value: object, words: list[str], path: Path) -> Path | None:
    if not words:
        return path
    if isinstance(value, Record):
        fields = value.__dict__  # all fields of the model, also those that the text leaves out
        return _resolve(fields[words[0]], words[1:], (*path, words[0])) if words[0] in fields else None
    if isinstance(value, dict):
        for length in range(1, len(words) + 1):  # an id may hold a dot itself
            name = ".".join(words[:length])
            if name in value and (found := _resolve(value[name], words[length:], (*path, name))) is not None:
                return found
        return None
    if isinstance(value, tuple) and words[0].isdigit() and int(words[0]) < len(value):
        return _resolve(value[int(words[0])], words[1:], (*path, int(words[0])))
    return None


def _place_hint(view: StudyView, about: str) -> str:
    study = view.study
    parts = ("reports", "arms", "populations", "findings", "outcomes", "adverse_events", "cited", "claims")
    places = [f"{part}.{ident}" for part in parts for ident in getattr(study, part)]
    own = [place for place in places if place.partition(".")[2] == about]
    near = own or nearest(about, [*places, *type(study).model_fields])
    return f"did you mean {' or '.join(near)}?" if near else "write a path such as outcomes.response, or study for the whole record"


def population_circle(view: StudyView) -> Iterator[Problem]:
    """Populations lie within each other in a circle.

    `within` leads from a part to the whole. A circle has no whole, and what a population inherits is lost.

    Fix: remove `within` from the population that is the whole.
    """
    known = view.study.populations
    for ident, population in view.populations:
        seen = [ident]
        here = population.within
        while here is not None and here in known and here not in seen:
            seen.append(here)
            here = known[here].within
        if here == ident and ident == min(seen):  # each circle is told once
            circle = " within ".join([*seen, ident])
            yield Problem("KB406", ("populations", ident, "within"), f"a circle: {circle}", "let one of them stand without `within`")


def item_twice(view: StudyView) -> Iterator[Problem]:
    """Two items of one record have the same id.

    Findings, outcomes, adverse events, cited results and claims share one set of names: `kb show study#item` and the
    links of a claim find an item by its id alone.

    Fix: rename the second, such as `response-a` and `response-a-late`.
    """
    study = view.study
    parts = (study.findings, study.outcomes, study.adverse_events, study.cited, study.claims)
    if len(set().union(*parts)) == sum(len(part) for part in parts):
        return
    seen: dict[str, str] = {}
    for part in ("findings", "outcomes", "adverse_events", "cited", "claims"):
        for ident in getattr(study, part):
            if ident in seen:
                message = f'"{ident}" is also the id of one of the {seen[ident].replace("_", " ")}'
                yield Problem("KB407", (part, ident), message, "give it a name of its own", at_key=True)
            seen.setdefault(ident, part)


def overlap_with_itself(view: StudyView) -> Iterator[Problem]:
    """A study overlaps with itself, or states the same overlap twice.

    Fix: name the other study, once.
    """
    seen: set[str] = {view.study.id}
    for index, overlap in enumerate(view.overlaps):
        if overlap.study in seen:
            what = "is this study itself" if overlap.study == view.study.id else "is named twice"
            yield Problem("KB408", ("overlaps", index, "study"), f'"{overlap.study}" {what}', "name each other study once")
        seen.add(overlap.study)
