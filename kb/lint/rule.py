"""What a rule is: a code, a generator over values, and a page with examples that really fail and pass."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kb.diagnostics import Severity


class Scope(StrEnum):
    """What a rule looks at."""

    TEXT = "text"
    """The bytes of a file; the reader finds it."""
    STUDY = "study"
    """One study, with the vocabulary."""
    COLLECTION = "collection"
    """All studies together, as digests."""
    VOCABULARY = "vocabulary"
    """The vocabulary files and questions."""


class Family(StrEnum):
    """Families of rules; the first digits of a code."""

    SYNTAX = "syntax"
    STRUCTURE = "structure"
    IDENTIFIERS = "identifiers"
    VOCABULARY = "vocabulary"
    REFERENCES = "references"
    PROVENANCE = "provenance"
    ARITHMETIC = "arithmetic"
    REGIMENS = "regimens"
    COLLECTION = "between records"
    CURATION = "curation"


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the catalogue.

    Attributes:
        code: Permanent code, such as `KB601`.
        name: Short name in kebab case.
        severity: How much a violation matters.
        family: The family it belongs to.
        scope: What it looks at.
        check: The generator; None where the reader itself finds the problem.
        over: The list of its view that the rule goes through; one item of it is one check in the summary.
        fails: Example that breaks the rule. Of a study rule: changes to the example record, a dotted path and its new
            value a line (`...` removes); of a text rule: the whole text, or words for what is no text at all.
        passes: The same example, mended.
        text: The page where there is no generator whose docstring could be it.
    """

    code: str
    name: str
    severity: Severity
    family: Family
    scope: Scope
    check: Callable[[Any], Any] | None
    over: str
    fails: str
    passes: str
    text: str = ""

    @property
    def page(self) -> str:
        """Cause and fix: the docstring of the generator."""
        return inspect.cleandoc(self.text or (self.check.__doc__ if self.check is not None else "") or "")

    @property
    def summary(self) -> str:
        """First sentence of the page, without its full stop."""
        return " ".join(self.page.split("\n\n", 1)[0].split()).rstrip(".")
