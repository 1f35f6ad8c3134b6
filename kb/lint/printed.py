"""Printed errors: what a source prints wrong is kept as printed, flagged by an ambiguity, and told as a note."""

from __future__ import annotations

from kb.diagnostics import Path, Problem
from kb.lint.references import resolve
from kb.lint.view import StudyView
from kb.model.terms import AmbiguityKind

PRINTED_CODE = "KB690"
"""Code that an arithmetic problem takes when the record says that the source prints it so."""


def kept_paths(view: StudyView) -> list[Path]:
    """Return the places that an ambiguity of kind printed-error, contradiction or garbled speaks of."""
    paths = []
    for ambiguity in view.ambiguities:
        kind = ambiguity.kind
        if kind is AmbiguityKind.PRINTED_ERROR or kind is AmbiguityKind.CONTRADICTION or kind is AmbiguityKind.GARBLED:
            paths += [path for path in (resolve(view.study, about) for about in ambiguity.about) if path]
    return paths


def covers(kept: Path, path: Path) -> bool:
    """Whether an ambiguity at `kept` explains a problem at `path`.

    An ambiguity of an item, or of a field of it, explains a contradiction between the item's fields; one of a
    whole part (`outcomes`, `arms`) is too wide to explain any.
    """
    if len(kept) < 2:
        return path[:1] == kept and len(path) == 1
    return path[:2] == kept[:2]


def keeps(view: StudyView, path: Path) -> bool:
    """Whether the record says that what stands at `path` is printed so."""
    return any(covers(kept, path) for kept in kept_paths(view))


def printed_as_such(kept: list[Path], problem: Problem) -> Problem:
    """Turn an arithmetic problem into a note where the record says that the source prints it so.

    Args:
        kept: What `kept_paths` gives of the record.
        problem: A problem of an arithmetic rule.
    """
    if any(covers(place, problem.path) for place in kept):
        return Problem(PRINTED_CODE, problem.path, f"kept as printed, and flagged: {problem.message} [{problem.code}]", "", problem.at_key)
    return problem
