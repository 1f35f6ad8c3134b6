"""What the values of the survey's dimensions are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kb.analysis.board import Move, Side
from kb.analysis.gaps import Question
from kb.export.site.survey import HAS, OPEN
from kb.model.terms import (
    Allocation,
    ClosedSet,
    DesignType,
    EndpointKind,
    MarkerClass,
    Phase,
    Read,
    RegimenClass,
    Status,
    VocabularyKind,
)
from kb.records.collection import Vocabulary


def value_labels(dimension: str, values: Iterable[str], vocabulary: Vocabulary) -> dict[str, str]:
    """Return the label of each value of a dimension."""
    return {value: _value_label(dimension, value, vocabulary) for value in values}


_CLOSED: Mapping[str, type[ClosedSet]] = {
    "regimen": RegimenClass,
    "design": DesignType,
    "allocation": Allocation,
    "phase": Phase,
    "read": Read,
    "status": Status,
}
MOVE_WORDS = {Move.DECREASE: "fell", Move.NO_CHANGE: "did not change", Move.MIXED: "differs", Move.INCREASE: "rose"}
SIDE_WORDS = {
    Side.WORSE: "goes with worse",
    Side.WORSE_IN_PART: "goes with worse in part",
    Side.MIXED: "differs",
    Side.NONE_TESTED: "no association, tested",
    Side.NONE_STATED: "no association, stated",
    Side.NONE_WITHOUT_RESPONSE: "activated, next to no responders",
    Side.NONE_IMPLIED: "no association, implied by silence",
    Side.BETTER_IN_PART: "goes with better in part",
    Side.BETTER: "goes with better",
}


def _value_label(dimension: str, value: str, vocabulary: Vocabulary) -> str:
    if dimension in OPEN:
        return vocabulary.label(OPEN[dimension], value)
    if dimension in _CLOSED:
        return next(term.label for term in _CLOSED[dimension] if term.value == value)
    if dimension in ("change", "benefit"):
        marker, _, said = value.partition("~")
        words = MOVE_WORDS[Move(said)] if dimension == "change" else SIDE_WORDS[Side(said)]
        return f"{vocabulary.label(VocabularyKind.BIOMARKERS, marker)}: {words}"
    if dimension == "asked":
        question, _, key = value.partition("~")
        terms: tuple[type[ClosedSet], ...] = (EndpointKind,) if question == Question.OUTCOME else (MarkerClass,)
        return f"{Question(question).words} {next(term.label for terms_ in terms for term in terms_ if term.value == key)}"
    return HAS.get(value, value)
