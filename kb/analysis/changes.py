"""What differs between two states of a collection: records, their fields, and the pooled estimates that rest on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb.analysis.forest import back_transformed
from kb.analysis.pools import SINGLE, pooled_endpoint
from kb.analysis.report import asked

if TYPE_CHECKING:
    from kb.analysis.synthesis import Synthesis
    from kb.model.vocabulary import Question
    from kb.records.index import Index

ENDPOINT = "objective-response"
"""Endpoint whose pooled estimates are compared."""


Records = Mapping[str, Any]
"""Records by id, as plain data; what a record leaves out is left out."""


@dataclass(frozen=True, slots=True)
class Change:
    """A field that differs: its path, and its value before and after as JSON; None where it was not there."""

    path: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class RecordChange:
    """A record that was `added`, `removed` or `changed`; a changed one with its fields."""

    study_id: str
    kind: str
    fields: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """A pooled share of patients for a question.

    Attributes:
        k: Independent cohorts or arms.
        estimate: Pooled proportion, or None.
        low: Lower bound of its 95 % interval.
        high: Upper bound.
        tau2: Variance between studies on the logit scale.
        i2: Share of the variance that lies between studies, in percent.
        reason: Why nothing was pooled, or empty.
        rows: Counts by `study#item`.
    """

    k: int
    estimate: float | None
    low: float | None
    high: float | None
    tau2: float | None
    i2: float | None
    reason: str
    rows: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Move:
    """An estimate before and after; None where the question was not asked.

    Attributes:
        question: Id of the question.
        old: Before.
        new: After.
        behind: Records whose rows entered, left or hold other counts.
    """

    question: str
    old: Estimate | None
    new: Estimate | None
    behind: tuple[str, ...]


def record_changes(old: Records, new: Records) -> Iterator[RecordChange]:
    """Yield what happened to each record, by id; records that are the same are left out."""
    for study in sorted({*old, *new}):
        if study not in old:
            yield RecordChange(study, "added")
        elif study not in new:
            yield RecordChange(study, "removed")
        elif fields := tuple(field_changes(old[study], new[study])):
            yield RecordChange(study, "changed", fields)


def field_changes(old: Any, new: Any, path: str = "") -> Iterator[Change]:
    """Yield the fields that differ, deepest first met, in the order of the new record and then of the old one.

    Mappings are followed by key and lists by position: `outcomes.response.result.events`, `reports.main.authors.0`.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        for key in (*new, *(key for key in old if key not in new)):
            yield from _member(old, new, key, f"{path}.{key}" if path else str(key))
    elif isinstance(old, list) and isinstance(new, list):
        first, second = dict(enumerate(old)), dict(enumerate(new))
        for place in range(max(len(old), len(new))):
            yield from _member(first, second, place, f"{path}.{place}")
    elif old != new:
        yield Change(path, _written(old), _written(new))


def _member(old: Mapping[Any, Any], new: Mapping[Any, Any], key: Any, path: str) -> Iterator[Change]:
    if key not in old:
        yield Change(path, None, _written(new[key]))
    elif key not in new:
        yield Change(path, _written(old[key]), None)
    else:
        yield from field_changes(old[key], new[key], path)


def _written(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


def estimates(index: Index, questions: Mapping[str, Question]) -> dict[str, Estimate]:
    """Return the pooled objective-response proportion of each question that asks for that endpoint, by question.

    The rows are those of `kb meta objective-response` for the patients and arms of the question.

    Args:
        index: Index of the collection.
        questions: Its curated questions.

    Raises:
        UsageError: If a question names what the collection does not know.
    """
    found = {}
    for ident, question in sorted(questions.items()):
        about = asked(index, question)
        endpoint = about.outcomes.find("endpoint")
        if endpoint is not None and ENDPOINT in endpoint.terms:
            found[ident] = _estimate(pooled_endpoint(index, about.patients, ENDPOINT).synthesis)
    return found


def _estimate(found: Synthesis) -> Estimate:
    pooled = found.pooled
    share, low, high = back_transformed(SINGLE, pooled) or (None, None, None)
    rows = {f"{row.datum.study_id}#{row.datum.item_id}": row.datum.counts for row in found.rows}
    tau2, i2 = (pooled.tau2, pooled.i2) if pooled else (None, None)
    return Estimate(len(found.rows), share, low, high, tau2, i2, found.reason, rows)


def moves(old: Mapping[str, Estimate], new: Mapping[str, Estimate]) -> Iterator[Move]:
    """Yield the estimates that differ, by question."""
    for question in sorted({*old, *new}):
        before, after = old.get(question), new.get(question)
        if before != after:
            first, second = before.rows if before else {}, after.rows if after else {}
            changed = {item.split("#")[0] for item in {*first, *second} if first.get(item) != second.get(item)}
            yield Move(question, before, after, tuple(sorted(changed)))
