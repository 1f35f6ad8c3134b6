"""Rules on provenance: every fact says where it stands, in a few words and never in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from kb.diagnostics import Path, Problem
from kb.lint.view import StudyView
from kb.model.base import Source

MAX_WORDS = 8
"""Words of an anchor; a word is what white space separates."""
MAX_CHARACTERS = 100
"""Length from which even eight words are suspicious: formulas and lists without spaces."""
_QUOTATION = re.compile(r"[\"“”]([^\"“”]{20,})[\"“”]")


def _anchored(source: Source) -> bool:
    return source.anchor is not None or source.derived is not None or any(_anchored(other) for other in source.also)


def no_anchor(view: StudyView) -> Iterator[Problem]:
    """A finding, outcome, cited result or claim has neither an anchor nor a derivation.

    The anchor is the few words of the source that hold the figure; with them a reader finds the place in seconds. A
    number that is not printed says instead how it was obtained.

    Fix: add `anchor:` with at most eight words as printed, or `derived:` such as `2 CR + 7 PR of 22`.
    """
    study = view.study
    for part, items in (("findings", study.findings), ("outcomes", study.outcomes), ("cited", study.cited), ("claims", study.claims)):
        for ident, item in items.items():
            if item.source.anchor is None and not _anchored(item.source):
                yield _no_anchor("KB501", (part, ident, "source"))


def no_anchor_of_adverse_event(view: StudyView) -> Iterator[Problem]:
    """An adverse event has neither an anchor nor a derivation.

    Tables of adverse events are long, and the place in `at` often suffices; so this is only a note.

    Fix: add `anchor:` with the words of the table's row.
    """
    for ident, event in view.study.adverse_events.items():
        if event.source.anchor is None and not _anchored(event.source):
            yield _no_anchor("KB502", ("adverse_events", ident, "source"))


def _no_anchor(code: str, path: Path) -> Problem:
    message = "neither an anchor nor a derivation"
    return Problem(code, path, message, f"add `anchor:` with at most {MAX_WORDS} words as printed, or `derived:` with the sum")


def long_anchor(view: StudyView) -> Iterator[Problem]:
    """An anchor has more than eight words.

    An anchor points at a passage; it does not copy it. Eight words hold any figure, and a record that quotes whole
    sentences copies somebody's text. A word is what white space separates.

    Fix: keep the words around the figure and drop the rest.
    """
    for path, source in view.sources:
        if source.anchor is not None and source.anchor.count(" ") >= MAX_WORDS and (words := len(source.anchor.split())) > MAX_WORDS:
            yield Problem(
                "KB503", (*path, "anchor"), f"{words} words, but an anchor has at most {MAX_WORDS}", "keep the words around the figure"
            )


def sentence_as_anchor(view: StudyView) -> Iterator[Problem]:
    """An anchor is a whole sentence, or as long as one.

    Six words or more that end with a full stop are a sentence of the source; a hundred characters without more than
    eight words are a formula or a list. Neither belongs in a record.

    Fix: keep the words that hold the figure, without the full stop.
    """
    for path, source in view.sources:
        anchor = source.anchor
        if anchor is None:
            continue
        if anchor.endswith(".") and len(anchor.split()) >= 6:
            yield Problem("KB504", (*path, "anchor"), "a whole sentence", "keep the words that hold the figure, without the full stop")
        elif len(anchor) > MAX_CHARACTERS:
            message = f"{len(anchor)} characters; an anchor is a few words"
            yield Problem("KB504", (*path, "anchor"), message, "keep the words that hold the figure")


def long_quotation(view: StudyView) -> Iterator[Problem]:
    """A note, summary or ambiguity quotes more than eight words of a source.

    These texts are in the curators' own words. Words in quotation marks are taken from somebody; eight of them are
    enough to show a wording.

    Fix: say it in your own words, and quote only the words that matter.
    """
    for path, text in _own_words(view):
        for quoted in _QUOTATION.findall(text):
            words = len(quoted.split())
            if words > MAX_WORDS:
                yield Problem("KB505", path, f"a quotation of {words} words", f"use your own words, or quote at most {MAX_WORDS}")


def _own_words(view: StudyView) -> Iterator[tuple[Path, str]]:
    """Yield the texts that are in the curators' words and hold a quotation mark at all."""
    parts = chain(
        view.items,
        ((("arms", ident), arm) for ident, arm in view.arms),
        ((("populations", ident), part) for ident, part in view.populations),
    )
    for path, part in parts:
        if part.note is not None and _quotes(part.note):
            yield (*path, "note"), part.note
    for ident, claim in view.claims:
        if _quotes(claim.summary):
            yield ("claims", ident, "summary"), claim.summary
    for number, ambiguity in enumerate(view.ambiguities):
        if _quotes(ambiguity.text):
            yield ("ambiguities", number, "text"), ambiguity.text
    note = view.study.design.note
    if note is not None and _quotes(note):
        yield ("design", "note"), note


def _quotes(text: str) -> bool:
    return '"' in text or "“" in text or "”" in text
