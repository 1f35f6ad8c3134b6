"""Pools of the collection: the rows of a measure, an endpoint pooled as `kb meta` pools it, and all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kb.analysis.effects import MEASURES
from kb.analysis.evidence_comparisons import PRINTED, counted_evidence, reported_evidence
from kb.analysis.evidence_rows import Choice, Evidence, single_arm_evidence
from kb.analysis.meta import Asked, analysed
from kb.analysis.meta_report import Report
from kb.analysis.pooling.result import Settings
from kb.analysis.selection import Selection
from kb.analysis.synthesis import default_method
from kb.errors import UsageError

if TYPE_CHECKING:
    from kb.records.index import Index

SINGLE = "PLO"
"""Measure of single arms unless another is asked for."""
POOLED_AS = (SINGLE, "RR", "HR")
"""Measures of an endpoint in an export: counts of single arms, counts of randomised arms, printed hazard ratios."""


def evidence_of(
    index: Index, selection: Selection, endpoint: str, measure: str, choice: Choice, *, printed: bool = False, assumed: float | None = None
) -> Evidence:
    """Choose the rows of an endpoint for a measure.

    Args:
        index: Index of the collection.
        selection: Which outcomes speak.
        endpoint: Id of the endpoint.
        measure: Measure of effect.
        choice: What the user decides.
        printed: Whether printed ratios and differences speak instead of counts.
        assumed: Level in percent of printed intervals that do not say theirs, or None.

    Raises:
        UsageError: If records hold nothing for the measure, or what is to be taken or left out is not there.
    """
    if MEASURES[measure].counts == "one":
        return single_arm_evidence(index, selection, endpoint, choice)
    if MEASURES[measure].counts == "two" and not printed:
        return counted_evidence(index, selection, endpoint, choice)
    if measure not in PRINTED:
        raise UsageError(
            f"records hold no printed effects for {measure}", hint=f"there are {', '.join(PRINTED)}; --data FILE pools any effects"
        )
    return reported_evidence(index, selection, endpoint, measure, choice, assumed=assumed)


def title_of(index: Index, endpoint: str, measure: str) -> str:
    """Return what is pooled, in words."""
    return f"{index.label('endpoints', endpoint)}, {MEASURES[measure].label}"


def pooled_endpoint(index: Index, selection: Selection, endpoint: str, measure: str = SINGLE, *, by: str | None = None) -> Report:
    """Pool an endpoint over a selection, as `kb meta ENDPOINT` does with its defaults.

    Args:
        index: Index of the collection.
        selection: Which outcomes speak.
        endpoint: Id of the endpoint.
        measure: Measure of effect.
        by: Field of the subgroups, or None.
    """
    evidence = evidence_of(index, selection, endpoint, measure, Choice())
    return analysed(
        title_of(index, endpoint, measure), selection.describe(), evidence.data, measure, Settings(default_method(measure)),
        Asked(by=by if evidence.data else None), excluded=evidence.excluded, labels=evidence.labels, rules=evidence.rules,
        strata=evidence.strata, directions=evidence.directions, overlaps=DeclaredOverlaps(index),
    )  # fmt: skip


class DeclaredOverlaps(Mapping[str, tuple[str, str]]):
    """By study its cohort where only certain overlaps count, and in words the studies with which it shares patients.

    They are read when they are asked for, so that the index must be open then.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._last = ("", ("", ""))

    def __getitem__(self, study: str) -> tuple[str, str]:
        if study != self._last[0]:  # rows of a study come one after the other
            certain = self._index.rows("SELECT cohort_certain_id FROM studies WHERE study_id = ?", (study,))
            if not certain:
                raise KeyError(study)
            sql = "SELECT other_id || ': ' || relation || ', ' || certainty FROM overlaps WHERE study_id = ? ORDER BY overlap_no"
            self._last = study, (certain[0][0], "; ".join(said for (said,) in self._index.rows(sql, (study,))))
        return self._last[1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._index.studies())

    def __len__(self) -> int:
        return len(self._index.studies())


def pools(index: Index, selection: Selection) -> Iterator[tuple[str, Report]]:
    """Yield every pool of a selection that has a row, with its endpoint: by endpoint, then measure.

    Args:
        index: Index of the collection.
        selection: Which outcomes speak; without an endpoint, all do.
    """
    endpoints, rest = asked_endpoints(index, selection)
    for endpoint in endpoints:
        for measure in POOLED_AS:
            report = pooled_endpoint(index, rest, endpoint, measure)
            if report.synthesis.rows:
                yield endpoint, report


def asked_endpoints(index: Index, selection: Selection) -> tuple[list[str], Selection]:
    """Return the endpoints that a selection asks for, all that are used where it asks for none, and the selection without them.

    Parts of an endpoint add up to it though only the whole is asked for, so that rows are chosen without the endpoint.
    """
    asked, left = selection.find("endpoint"), selection.find("endpoint", excluded=True)
    used = [row[0] for row in index.rows("SELECT DISTINCT endpoint FROM outcomes WHERE endpoint IS NOT NULL ORDER BY endpoint")]
    wanted = sorted({*used, *asked.values} & set(asked.terms)) if asked else used
    rest = Selection(tuple(item for item in selection.criteria if item.option != "endpoint"))
    return [endpoint for endpoint in wanted if not left or endpoint not in left.terms], rest
