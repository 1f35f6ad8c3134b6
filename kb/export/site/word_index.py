"""The words of the search index: each once, with the studies that have it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
"""Digits of a gap: the lower 32 end it, the upper 32 say that another follows."""


def fold(text: str) -> str:
    """Return a text as the finder's script folds what is typed: without marks, in small letters."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(sign for sign in decomposed if not unicodedata.category(sign).startswith("M")).lower()


def word_index(texts: Iterable[str]) -> tuple[str, str]:
    """Return every word of some texts, and who has it.

    Args:
        texts: A text for each study, in the order of the index.

    Returns:
        The words in their order, a blank between two; and for each of them, a blank between two, the places of the texts
        that have it: the gap to the place before, as a number of base 32, lowest digit first, written in `DIGITS`.
    """
    having: dict[str, list[str]] = {}
    last: dict[str, int] = {}
    for place, text in enumerate(texts):
        for word in dict.fromkeys(fold(text).split()):
            having.setdefault(word, []).append(_gap(place - last.get(word, -1) - 1))
            last[word] = place
    words = sorted(having)
    return " ".join(words), " ".join("".join(having[word]) for word in words)


def _gap(number: int) -> str:
    digits = ""
    while number > 31:
        digits += DIGITS[32 + number % 32]
        number //= 32
    return digits + DIGITS[number]
