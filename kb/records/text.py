"""Bytes of a file to text, or to the problem that stops it. The first of the two places that read from disk."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from kb.diagnostics import Position

MAX_BYTES = 1 << 20
"""Largest record in bytes; the longest real one is a hundredth of it."""
# A carriage return alone, NEL, LS and PS break lines for some readers and not for others: places would differ.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)")
_HARMLESS = bytes(code for code in range(256) if code in (9, 10) or 32 <= code != 127)
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
_SUSPECT = (b"\xc2", *(character.encode() for character in "\u2028\u2029\ufeff\ufffe\uffff"))
"""Beginnings, in UTF-8, of the characters above ASCII that have no place in a text."""


@dataclass(frozen=True, slots=True)
class TextProblem:
    """Why a file is not a usable text.

    Attributes:
        code: Code of the rule.
        position: Place in the file, (1, 1) when it has none.
        message: What was found and what was expected.
        hint: What to do.
        line_text: The line at fault, as far as it can be shown.
    """

    code: str
    position: Position
    message: str
    hint: str
    line_text: str = ""


START = Position(1, 1)


def read_text(path: Path, *, root: Path | None = None) -> str | TextProblem:
    """Read a record's text.

    Args:
        path: The file.
        root: Folder of the collection; a link that leads out of it is refused.

    Returns:
        The text with its line breaks as they are, or the problem. Nothing is raised for a bad file.
    """
    try:
        found = _read(path, root)
    except FileNotFoundError:
        reason = "a link to nothing" if path.is_symlink() else "no such file"
        return TextProblem("KB001", START, reason, "mend or remove the link" if path.is_symlink() else "check the name")
    except OSError as error:
        return TextProblem("KB001", START, f"cannot be read: {error.strerror or error}", "check the file and its permissions")
    return found if isinstance(found, TextProblem) else decode_bytes(found)


def _open(path: Path, root: Path | None) -> int | TextProblem:
    # Without waiting: opening a pipe that nobody writes to would otherwise never return.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if root is None:
        return os.open(path, flags)
    if _NO_LINKS:
        try:
            return os.open(path, flags | _NO_LINKS)  # one question to the system where asking first would be two
        except OSError:
            if not path.is_symlink():
                raise
    if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
        return TextProblem("KB002", START, "a link that leads out of the collection", "copy the file into the collection")
    return os.open(path, flags)


def _read(path: Path, root: Path | None) -> bytes | TextProblem:
    handle = _open(path, root)
    if isinstance(handle, TextProblem):
        return handle
    try:
        status = os.fstat(handle)
        if stat.S_ISDIR(status.st_mode):
            return TextProblem("KB001", START, "a folder, but a record is a file", "rename the folder or remove the suffix .yaml")
        if not stat.S_ISREG(status.st_mode):
            return TextProblem("KB001", START, "not a regular file", "a record is a plain text file")
        if status.st_size > MAX_BYTES:
            return TextProblem(
                "KB003",
                START,
                f"{status.st_size:,} bytes, but a record has at most {MAX_BYTES:,}",
                "split the file, or remove what does not belong in a record",
            )
        # One byte more than there is: room for the largest record would cost more than reading a usual one.
        raw = os.read(handle, status.st_size + 1)
        while len(raw) != status.st_size and len(raw) <= MAX_BYTES and (piece := os.read(handle, MAX_BYTES + 1 - len(raw))):
            raw += piece
        return raw
    finally:
        os.close(handle)


def decode_bytes(raw: bytes) -> str | TextProblem:
    """Decode UTF-8 and refuse what has no place in a text: control characters, a byte order mark."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        start = before.rfind(b"\n") + 1
        good = before[start:].decode("utf-8", "replace")
        return TextProblem(
            "KB004", Position(line, len(good) + 1), f"byte 0x{raw[error.start]:02X} is not UTF-8", "save the file as UTF-8", good
        )
    # Looking through bytes first: most texts hold nothing suspicious, and the pattern costs as much as all rules together.
    if not raw.translate(None, _HARMLESS) and (raw.isascii() or not any(bytes_ in raw for bytes_ in _SUSPECT)):
        return text
    found = _CONTROL.search(text)
    if found is None:
        return text
    position = position_of(text, found.start())
    name = "a byte order mark" if found[0] == "\ufeff" else f"the control character U+{ord(found[0]):04X}"
    return TextProblem("KB005", position, f"{name} has no place in a record", "remove it", line_of(text, position.line).translate(_VISIBLE))


_VISIBLE = dict.fromkeys([*range(0x20), 0x7F, *range(0x80, 0xA0), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF], "\ufffd")


def position_of(text: str, offset: int) -> Position:
    """Return line and column of an offset."""
    start = text.rfind("\n", 0, offset) + 1
    return Position(text.count("\n", 0, offset) + 1, offset - start + 1)


def line_of(text: str, line: int) -> str:
    """Return a line without its break, or an empty text past the end."""
    lines = text.split("\n", line)
    return lines[line - 1].rstrip("\r") if len(lines) >= line else ""
