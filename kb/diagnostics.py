"""Problems as values, and the exceptions that end a command.

A `Problem` is what a reader or a rule saw: a code, a path into the record and words. A `Diagnostic` is a problem with
its place in a file, ready for any renderer. Exceptions are for callers' mistakes and broken surroundings only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

Path = tuple[str | int, ...]
"""Steps from the root of a document to a value: mapping keys and list indexes."""


class Severity(StrEnum):
    """How much a problem matters. Errors and warnings make `kb check` fail, notes do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Exit(IntEnum):
    """Exit codes of every command."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    UNREADABLE = 3
    INTERNAL = 4


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a text: line and column, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a document, found before its place in the text is known.

    Attributes:
        code: Code of the rule, such as `KB301`.
        path: Path to the value at fault; the place shown is that of its first character.
        message: What was found and what was expected, one sentence without a full stop.
        hint: What to do about it, or an empty string.
        at_key: Whether the place shown is the key instead of its value.
    """

    code: str
    path: Path
    message: str
    hint: str = ""
    at_key: bool = False


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A problem with its place, ready to be shown.

    Attributes:
        file: File as the user named it, with forward slashes.
        position: Place of the first character at fault.
        severity: How much it matters.
        code: Code of the rule.
        message: What was found and what was expected.
        hint: What to do about it, or an empty string.
        line_text: The line of the file, without its line break, for the caret view; empty when unreadable.
    """

    file: str
    position: Position
    severity: Severity
    code: str
    message: str
    hint: str = ""
    line_text: str = ""

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Order in which problems are shown: by file, place, code and words."""
        return (self.file, self.position.line, self.position.column, self.code, self.message)


class KbError(Exception):
    """Base of the errors that end a command with a message instead of a traceback.

    Attributes:
        exit_code: What the process exits with.
        hint: What the user can do, or an empty string.
    """

    exit_code = Exit.INTERNAL

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(KbError):
    """The call makes no sense: an unknown term, an option that does not fit."""

    exit_code = Exit.USAGE


class UnreadableError(KbError):
    """A collection, file or index cannot be read at all."""

    exit_code = Exit.UNREADABLE


def nearest(word: str, known: list[str] | tuple[str, ...], *, limit: int = 3) -> list[str]:
    """Return the known words most like `word`, best first, for "did you mean" hints; where none is like it, those that begin with it."""
    import difflib

    return difflib.get_close_matches(word, known, n=limit, cutoff=0.6) or [one for one in known if word and one.startswith(word)][:limit]
