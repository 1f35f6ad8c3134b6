"""The records themselves as JSON: one study a line, in the form of `schemas/study.schema.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kb.export.formats import Extract


def jsonl(extract: Extract) -> Iterator[str]:
    """Yield one study a line; fields that a record leaves out are left out."""
    for study in extract.studies:
        yield json.dumps(study.model_dump(mode="json", exclude_unset=True), ensure_ascii=False) + "\n"
