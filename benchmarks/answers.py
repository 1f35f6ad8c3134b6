"""What answers cost in memory and time, whatever the size of the collection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Command, Measured, once

FOUR_FILTERS = (
    "find", "outcomes", "--agent", "aldesleukin", "--condition", "renal-cell-carcinoma", "--endpoint", "complete-response",
    "--year", "1990-1992", "--columns", "study_id,item_id,events,total",
)  # fmt: skip
QUESTIONS: tuple[tuple[str, ...], ...] = (
    FOUR_FILTERS,
    *(("find", "outcomes", "-f", form) for form in ("csv", "json", "table")),
    ("find", "findings", "--sort", "-n", "-f", "csv"),
    ("find", "outcomes", "--text", "lymphocytes", "-f", "csv"),
    ("find", "outcomes", "--group-by", "study_id", "-f", "csv"),
    ("sql", "SELECT * FROM outcomes", "-f", "csv"),
    ("stats", "-f", "csv"),
    ("gaps", "-f", "csv"),
    ("concordance", "--table", "markers", "-f", "csv"),
    ("concordance", "--table", "groups", "-f", "csv"),
    ("concordance", "-f", "md"),
    ("conflicts", "-f", "csv"),
)
"""Questions whose answers are long, or rest on everything."""


def answers(kb: str, folder: Path) -> Iterator[tuple[str, Measured]]:
    """Yield each question with what its answer costs in one run, the index warm."""
    once(Command([kb, "index"], folder))
    for words in QUESTIONS:
        name = f"kb {' '.join(words)}" if words is not FOUR_FILTERS else "kb find with four filters"
        yield name, once(Command([kb, *words], folder))
