"""A pool with the analyses that are asked for beside it: subgroups, meta-regression, sensitivity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kb.analysis.meta_report import Report
from kb.analysis.pooling.result import Settings
from kb.analysis.synthesis import Datum, Exclusion, synthesise


def analysed(
    title: str, selection: str, data: Sequence[Datum], measure: str, settings: Settings, asked: Mapping[str, Any], *,
    excluded: Sequence[Exclusion] = (), **more: Any,
) -> Report:  # fmt: skip
    """Pool and do what else is asked for.

    Args:
        title: What was asked, in words.
        selection: The selection in words.
        data: Studies.
        measure: Measure of effect.
        settings: How to pool.
        asked: `by`, `add`, `interval`, `moderators`, `sensitivity`, `seed`.
        excluded: What was left out before.
        more: Further fields of the report.
    """
    found = synthesise(data, measure, settings, by=asked["by"], add=asked["add"], interval=asked["interval"], excluded=excluded)
    return Report(title, selection, found, **more)
