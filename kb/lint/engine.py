"""Running rules over values, counting every check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from kb.diagnostics import Problem, Severity
from kb.lint.catalogue import RULES
from kb.lint.printed import PRINTED_CODE, kept_paths, printed_as_such
from kb.lint.rule import Family, Rule, Scope
from kb.lint.terms import advise
from kb.lint.view import FilePlace, Known, StudyView
from kb.model.study import Study

STUDY_RULES = tuple(rule for rule in RULES if rule.scope is Scope.STUDY and rule.check is not None)
COLLECTION_RULES = tuple(rule for rule in RULES if rule.scope is Scope.COLLECTION)
VOCABULARY_RULES = tuple(rule for rule in RULES if rule.scope is Scope.VOCABULARY)
_ARITHMETIC = frozenset(rule.code for rule in RULES if rule.family is Family.ARITHMETIC)
SEVERITY: dict[str, Severity] = {rule.code: rule.severity for rule in RULES}
"""Severity by code."""


@dataclass
class Tally:
    """How many checks ran. A check is one rule looking at one item of what it goes through.

    Attributes:
        files: Files that were looked at.
        checks: Checks by code.
        failed: Checks by code that found something.
        skipped: Reasons why rules did not run, with how often.
    """

    files: int = 0
    checks: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Add another tally to this one."""
        self.files += other.files
        self.checks.update(other.checks)
        self.failed.update(other.failed)
        self.skipped.update(other.skipped)


class Selection:
    """Which codes are asked for, by prefixes to select and to ignore."""

    def __init__(self, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> None:
        self.select = tuple(code.upper() for code in select)
        self.ignore = tuple(code.upper() for code in ignore)

    def takes(self, code: str) -> bool:
        """Whether a code is asked for. The longer prefix decides; at equal length, to ignore wins."""
        chosen = max((len(prefix) for prefix in self.select if code.startswith(prefix)), default=-1 if self.select else 0)
        dropped = max((len(prefix) for prefix in self.ignore if code.startswith(prefix)), default=-1)
        return chosen >= 0 and chosen > dropped

    def rules(self, rules: Iterable[Rule]) -> tuple[Rule, ...]:
        """Return the rules that can yield a code that is asked for."""
        return tuple(rule for rule in rules if self.takes(rule.code) or (rule.family is Family.ARITHMETIC and self.takes(PRINTED_CODE)))


class StudyChecker:
    """The study rules of a selection, ready to run over many studies.

    Attributes:
        rules: The rules that run.
        advise: Gives better hints on records that cannot be decoded.
    """

    def __init__(self, known: Known, selection: Selection | None = None) -> None:
        self._known = known
        self.advise = advise(known.vocabulary)
        self._selection = selection or Selection()
        self.rules = self._selection.rules(STUDY_RULES)
        self._checks: list[Callable[[StudyView], Iterator[Problem]]] = [rule.check for rule in self.rules if rule.check is not None]
        self._lengths: dict[str, int] = dict.fromkeys((rule.over for rule in self.rules), 0)

    def check(self, study: Study, place: FilePlace | None = None) -> list[Problem]:
        """Return what the rules find in a study, in the order of the catalogue."""
        view = StudyView(study, self._known, place)
        found: list[Problem] = []
        for check in self._checks:
            found += check(view)
        lengths = self._lengths
        for over in lengths:
            lengths[over] += len(getattr(view, over))
        if not found:
            return found
        kept = kept_paths(view)
        if kept:
            found = [printed_as_such(kept, problem) if problem.code in _ARITHMETIC else problem for problem in found]
        return [problem for problem in found if self._selection.takes(problem.code)]

    def checks_run(self) -> Counter[str]:
        """Return the checks by code since the last call: for each rule, the items that it went through."""
        counted: Counter[str] = Counter()
        for rule in self.rules:
            counted[rule.code] += self._lengths[rule.over]
        self._lengths = dict.fromkeys(self._lengths, 0)
        return counted


def run(view: object, rules: Iterable[Rule], tally: Tally) -> list[tuple[str, Problem]]:
    """Run rules over a collection or vocabulary view; problems come with the name of their file."""
    found: list[tuple[str, Problem]] = []
    for rule in rules:
        if rule.check is not None:
            problems = list(rule.check(view))
            found.extend(problems)
            tally.checks[rule.code] += len(getattr(view, rule.over))
    return found
