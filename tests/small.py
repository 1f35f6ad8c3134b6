"""A small vocabulary, and collections and indexes made with it: quick to build, and free to change in a test."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kb.model.study import Study
from kb.model.terms import VocabularyKind
from kb.model.vocabulary import FILE_MODELS
from kb.project import Project, open_project
from kb.records.build import Read, insert_studies, insert_vocabulary, join_cohorts
from kb.records.collection import Vocabulary
from kb.records.index import Index
from kb.records.rows import study_rows
from kb.records.search_rows import search_row
from kb.records.tables import DDL, FILES
from tests.builders import study_data, text_of

TERMS: dict[str, dict[str, Any]] = {
    "agents": {
        "interleukin-2": {"label": "interleukin-2", "agent_class": "il-2", "synonyms": ["IL-2"]},
        "aldesleukin": {"label": "aldesleukin", "agent_class": "il-2", "synonyms": ["Proleukin"], "broader": ["interleukin-2"]},
        "interferon-alfa": {"label": "interferon alfa", "agent_class": "interferon"},
        "indomethacin": {"label": "indomethacin", "agent_class": "supportive-drug"},
    },
    "routes": {
        "iv": {"label": "intravenous", "mode": "infusion"},
        "iv-bolus": {"label": "intravenous bolus", "mode": "bolus", "broader": ["iv"]},
        "subcutaneous": {"label": "subcutaneous", "mode": "injection", "synonyms": ["s.c."]},
    },
    "conditions": {
        "cancer": {"label": "cancer"},
        "renal-cell-carcinoma": {"label": "renal cell carcinoma", "synonyms": ["RCC", "kidney cancer"], "broader": ["cancer"]},
        "clear-cell-carcinoma": {"label": "clear cell renal cell carcinoma", "broader": ["renal-cell-carcinoma"]},
        "melanoma": {"label": "melanoma", "broader": ["cancer"]},
    },
    "endpoints": {
        "tumour-response": {"label": "tumour response", "kind": "response", "favours": "more"},
        "objective-response": {"label": "objective response", "kind": "response", "favours": "more", "broader": ["tumour-response"]},
        "overall-survival": {"label": "overall survival", "kind": "survival", "favours": "more", "synonyms": ["OS"]},
    },
    "biomarkers": {
        "lymphocyte-count": {
            "label": "lymphocyte count", "analyte": "lymphocyte", "measure": "count", "marker_class": "cell-number", "role": "activation",
        },
        "nk-cell-count": {
            "label": "NK cell count", "analyte": "NK cell", "measure": "count", "marker_class": "cell-number", "role": "activation",
            "broader": ["lymphocyte-count"],
        },
        "crp": {
            "label": "C-reactive protein", "analyte": "CRP", "measure": "concentration", "marker_class": "soluble-mediator",
            "role": "inflammation",
        },
    },
    "assays": {"flow-cytometry": {"label": "flow cytometry"}},
    "units": {
        "iu": {"label": "international units", "family": "iu"},
        "cetus-units": {
            "label": "Cetus units", "family": "cetus-units", "conversions": [{"to": "iu", "factor": 6, "source": "an example"}],
        },
    },
    "adverse-events": {
        "toxicity": {"label": "toxicity"},
        "hypotension": {"label": "hypotension", "organ": "vessels", "broader": ["toxicity"]},
    },
}  # fmt: skip
"""Terms by vocabulary."""


def small_vocabulary() -> Vocabulary:
    """Return the small vocabulary as models."""
    return Vocabulary({kind: FILE_MODELS[kind].model_validate({"terms": TERMS[kind.value]}).terms for kind in VocabularyKind})  # type: ignore[attr-defined]


def small_collection(root: Path, *studies: Mapping[str, Any]) -> Project:
    """Write a collection with the small vocabulary; without studies, with the example study."""
    (root / "entries" / "studies").mkdir(parents=True)
    (root / "entries" / "vocabulary").mkdir()
    (root / "kb.toml").write_text('[collection]\nname = "Small"\nbase_iri = "https://example.org/kb/"\nlicence = "CC0-1.0"\n')
    for kind, terms in TERMS.items():
        (root / "entries" / "vocabulary" / f"{kind}.yaml").write_text(json.dumps({"terms": terms}))
    project = open_project(root, explicit=True)
    for data in studies or (study_data(),):
        write_study(project, data)
    return project


def write_study(project: Project, data: Mapping[str, Any], name: str | None = None) -> Path:
    """Write a study's record and return its file."""
    path = project.studies / str(data["reports"]["main"]["year"]) / f"{name or data['id']}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text_of(dict(data)), encoding="utf-8")
    return path


def index_of(studies: Iterable[Study], vocabulary: Vocabulary | None = None) -> Index:
    """Return an index in memory, without files."""
    vocabulary = vocabulary or small_vocabulary()
    connection = sqlite3.connect(":memory:")
    for statement in DDL:
        connection.execute(statement)
    insert_vocabulary(connection, vocabulary)
    for study in studies:
        file = f"entries/studies/{study.id}.yaml"
        rows = study_rows(study, file=file, lines={}, vocabulary=vocabulary)
        insert_studies(connection, [Read(file, "", study.id, rows=rows, search=search_row(study, vocabulary))])
        connection.execute(FILES.insert, (file, 0, 0, "", study.id, None))
    join_cohorts(connection)
    return Index(connection, kept="memory", path=None)
