"""Words that a user searches for, as an expression of the full-text search that no text can break."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PART = re.compile(r'"([^"]*)"?(\*?)|([^\s"]+)')


def search_expression(texts: Iterable[str]) -> str:
    """Return the FTS5 expression of one or more texts, any of which may fit.

    Within a text all words must occur; words in double quotes are a phrase, a star ends the beginning of a word. Every
    word is quoted, so that operators and punctuation of FTS5 are plain words.
    """
    found = [_expression(text) for text in texts]
    return " OR ".join(f"({expression})" for expression in found) if len(found) > 1 else found[0]


def _expression(text: str) -> str:
    terms = []
    # A NUL would end the expression early within SQLite.
    for phrase, star, word in _PART.findall(text.replace("\0", " ")):
        beginning = bool(star) or word.endswith("*")
        words = (phrase or word.rstrip("*")).replace('"', " ").strip()
        if words:
            terms.append(f'"{words}"{"*" if beginning else ""}')
    # An empty phrase finds nothing, which is what no words ask for.
    return " ".join(terms) or '""'
