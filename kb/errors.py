"""The exceptions that end a command, and its exit codes. They are for callers' mistakes and broken surroundings only.

What is wrong in a record is a value: `kb.diagnostics`.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    UNREADABLE = 3
    INTERNAL = 4


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
