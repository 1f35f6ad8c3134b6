"""Rules between records: duplicates, overlaps stated on both sides, replacements that exist."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher

from kb.diagnostics import Path, Problem
from kb.errors import nearest
from kb.lint.digest import CollectionView, Digest
from kb.model.terms import OverlapRelation

Found = tuple[str, Problem]
"""A problem with the file of the study it is in."""
_INVERSE = {relation.value: relation.inverse.value for relation in OverlapRelation}
NEAR_TITLE = 0.93
"""Ratio of `difflib` from which two titles are called near-identical."""
_NEIGHBOURS = 6
_SHARED = 16
"""Characters at the beginning or the end that two titles must share to be compared there."""
_DIGITS = re.compile(r"\d+|\b[ivx]+\b")


def id_twice(view: CollectionView) -> Iterator[Found]:
    """Two records have one id, or an id is the former one of another record.

    Ids are permanent and name one study each; a former id leads to the record that has it now.

    Fix: give the newer record another id, or merge the two.
    """
    seen: dict[str, str] = {}
    for study in view.studies:
        if study.id in seen and view.asked(study):
            yield (
                study.file,
                Problem("KB801", ("id",), f'"{study.id}" is also the id of {seen[study.id]}', "give it another id, or merge the two"),
            )
        seen.setdefault(study.id, study.file)
    formerly: dict[str, Digest] = {}
    for study in view.studies:
        for index, old in enumerate(study.formerly):
            other = view.ids.get(old) or (formerly[old].file if old in formerly else None)
            if other is not None and view.asked(study):
                message = f'"{old}" is an id of {other} as well'
                yield study.file, Problem("KB801", ("curation", "formerly", index), message, "a former id leads to one record")
            formerly.setdefault(old, study)


def same_doi(view: CollectionView) -> Iterator[Found]:
    """Two studies cite one DOI.

    The same publication was probably entered twice. Two studies may share a report only when they share patients.

    Fix: merge the records, correct the DOI, or declare in `overlaps` how the studies relate.
    """
    yield from _same(view, "KB802", "DOI", "doi", lambda value: value.casefold())


def same_pubmed_id(view: CollectionView) -> Iterator[Found]:
    """Two studies cite one PubMed id.

    The same publication was probably entered twice. Two studies may share a report only when they share patients.

    Fix: merge the records, correct the PubMed id, or declare in `overlaps` how the studies relate.
    """
    yield from _same(view, "KB803", "PubMed id", "pmid", lambda value: value)


def _same(view: CollectionView, code: str, name: str, field: str, key: Callable[[str], str]) -> Iterator[Found]:
    seen: dict[str, Digest] = {}
    for study in view.studies:
        for report in study.reports:
            value = getattr(report, field)
            if value is None:
                continue
            first = seen.setdefault(key(value), study)
            # Telling it in both files: whoever checks one of the two must learn of the other.
            if first is not study and not _related(first, study):
                for here, other in ((first, study), (study, first)):
                    if view.asked(here):
                        yield here.file, _duplicate(code, name, field, value, here, other)


def _duplicate(code: str, name: str, field: str, value: str, here: Digest, other: Digest) -> Problem:
    ident = next(report.id for report in here.reports if (getattr(report, field) or "").casefold() == value.casefold())
    message = f"the same {name} as in {other.file}"
    return Problem(code, ("reports", ident, field), message, "merge the records, correct it, or declare the overlap")


def _related(first: Digest, second: Digest) -> bool:
    """Whether one of two studies declares an overlap with the other, or one is withdrawn."""
    declared = any(overlap.study == second.id for overlap in first.overlaps) or any(
        overlap.study == first.id for overlap in second.overlaps
    )
    return declared or first.withdrawn or second.withdrawn


def near_title(view: CollectionView) -> Iterator[Found]:
    """Two studies have the same title, or nearly.

    The same publication may have been entered twice, from two sources that spell it differently. Titles that differ
    in a number only (parts of a series) and studies that declare an overlap are left out.

    Fix: merge the records, or declare in `overlaps` how the studies relate.
    """
    told: set[tuple[str, str]] = set()
    for block in _blocks(view.studies):
        for place, first in enumerate(block):
            for second in block[place + 1 : place + 1 + _NEIGHBOURS]:
                pair = (min(first[1].file, second[1].file), max(first[1].file, second[1].file))
                if first[1] is second[1] or pair in told or not _alike(first[0], second[0]):
                    continue
                told.add(pair)
                if _related(first[1], second[1]):
                    continue
                for here, other in ((first, second), (second, first)):
                    if view.asked(here[1]):
                        message = f"nearly the title of {other[1].file}"
                        problem = Problem("KB804", ("reports", here[2], "title"), message, "merge the records, or declare the overlap")
                        yield here[1].file, problem


Titled = tuple[str, Digest, str]


def _titles(studies: Sequence[Digest]) -> Iterator[Titled]:
    return ((report.title, study, report.id) for study in studies for report in study.reports if report.title is not None)


def _blocks(studies: Sequence[Digest]) -> Iterator[list[Titled]]:
    """Yield groups, in order, in which near-identical titles meet: by beginning, by end, by their longest words.

    Comparing all pairs would be quadratic. A difference in one place leaves the beginning, the end or the longest words alike.
    """
    for key in (_beginning, _ending, _longest_words):
        # Most titles meet no other, so keys are counted before anything is kept; a number for each is enough for that.
        shared = Counter(hash(key(title)) for title, _, _ in _titles(studies))
        blocks: dict[str, list[Titled]] = {}
        for row in _titles(studies):
            if shared[hash(found := key(row[0]))] > 1:
                blocks.setdefault(found, []).append(row)
        del shared
        for block in blocks.values():
            if len(block) > 1:
                yield sorted(block, key=lambda row: (row[0], row[1].file))


def _beginning(title: str) -> str:
    return title[:_SHARED]


def _ending(title: str) -> str:
    return title[-_SHARED:]


def _longest_words(title: str) -> str:
    return " ".join(sorted(sorted(title.split(), key=len)[-3:]))


def _alike(first: str, second: str) -> bool:
    if first == second:
        return True
    longer = max(len(first), len(second))
    if abs(len(first) - len(second)) > (1 - NEAR_TITLE) * 2 * longer:
        return False
    words, others = set(first.split()), set(second.split())
    # A changed letter costs one word: titles this near share at least half of them. Comparing letters is fifty times dearer.
    if 2 * len(words & others) < min(len(words), len(others)):
        return False
    if _DIGITS.sub("", first).split() == _DIGITS.sub("", second).split():
        return False
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    return matcher.real_quick_ratio() >= NEAR_TITLE and matcher.quick_ratio() >= NEAR_TITLE and matcher.ratio() >= NEAR_TITLE


def overlap_with_unknown(view: CollectionView) -> Iterator[Found]:
    """An overlap names a study that the collection does not have.

    That is allowed while the other record is still to be written: patients shared with it are then counted once as
    soon as it arrives. A misspelt id is not.

    Fix: correct the id, or write the record.
    """
    known = None
    for study in view.studies:
        for index, overlap in enumerate(study.overlaps):
            if overlap.study not in view.ids and view.asked(study):
                known = sorted(view.ids) if known is None else known
                yield study.file, _unknown("KB805", ("overlaps", index, "study"), overlap.study, known)


def replacement_unknown(view: CollectionView) -> Iterator[Found]:
    """A withdrawn record names a replacement that the collection does not have.

    Fix: correct the id, or add the record that replaces it.
    """
    for study in view.studies:
        if study.replaced_by is not None and study.replaced_by not in view.ids and view.asked(study):
            yield study.file, _unknown("KB806", ("curation", "withdrawn", "replaced_by"), study.replaced_by, sorted(view.ids))


def _unknown(code: str, path: Path, name: str, known: list[str]) -> Problem:
    # Ids start with the first author: looking only there keeps a missing id among thousands cheap.
    near = nearest(name, [ident for ident in known if ident[:2] == name[:2]]) or (nearest(name, known) if len(known) < 500 else [])
    hint = f"did you mean {' or '.join(near)}?" if near else "correct the id, or write the record"
    return Problem(code, path, f'there is no study "{name}" in the collection', hint)


def overlap_one_sided(view: CollectionView) -> Iterator[Found]:
    """An overlap is not stated on the other side, or stated differently.

    Whoever reads either study must learn that the patients are partly the same. The other side states the inverse relation
    (`nested-in` and `contains`, earlier and later cut) with the same certainty.

    Fix: add the overlap to the other record, or make both agree.
    """
    by_id: dict[str, Digest] = {}
    for study in view.studies:
        by_id.setdefault(study.id, study)
    for study in view.studies:
        for index, overlap in enumerate(study.overlaps):
            other = by_id.get(overlap.study)
            if other is None or other is study or not view.asked(study):
                continue
            path: Path = ("overlaps", index)
            inverse = _INVERSE[overlap.relation]
            back = next((mirror for mirror in other.overlaps if mirror.study == study.id), None)
            if back is None:
                message = f"{other.file} does not state this overlap"
                yield (
                    study.file,
                    Problem(
                        "KB807", path, message, f"add {{study: {study.id}, relation: {inverse}, certainty: {overlap.certainty}, …}} there"
                    ),
                )
            elif back.relation != inverse:
                message = f"{overlap.relation} here, but {other.file} says {back.relation}"
                yield study.file, Problem("KB807", (*path, "relation"), message, f"the other side of {overlap.relation} is {inverse}")
            elif back.certainty != overlap.certainty:
                message = f"{overlap.certainty} here, but {other.file} says {back.certainty}"
                yield study.file, Problem("KB807", (*path, "certainty"), message, "make both sides agree")


def same_registration(view: CollectionView) -> Iterator[Found]:
    """Two studies have one trial registration and declare no overlap.

    Reports of one trial usually share patients, and pooling both counts these twice.

    Fix: declare in `overlaps` how the studies relate, such as `same-trial`.
    """
    seen: dict[str, Digest] = {}
    for study in view.studies:
        for index, number in enumerate(study.registry):
            first = seen.setdefault(number, study)
            if first is study or _related(first, study):
                continue
            for here, other in ((first, study), (study, first)):
                if view.asked(here):
                    place = index if here is study else here.registry.index(number)
                    message = f"the registration of {other.file} as well, and no overlap is declared"
                    yield here.file, Problem("KB808", ("registry", place), message, "declare how the studies relate, such as same-trial")
