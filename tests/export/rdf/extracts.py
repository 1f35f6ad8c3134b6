"""What the tests of RDF write: a study with an item of every kind, a question, and a term of every vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kb.export.formats import Extract
from kb.model.study import Study
from kb.model.terms import VocabularyKind
from kb.model.vocabulary import TERM_MODELS, Question, Term
from kb.project import Project
from kb.records.collection import Vocabulary
from tests.whole import QUESTION, whole_data

PROJECT = Project(
    root=Path("nowhere"),
    name='A "quoted" name',
    base_iri="https://example.org/kb/",
    licence="CC0-1.0",
    maintainers=("a curator", "another"),
)

TERMS: dict[VocabularyKind, dict[str, dict[str, Any]]] = {
    VocabularyKind.AGENTS: {
        "aldesleukin": {
            "label": "aldesleukin",
            "synonyms": ["rIL-2", "Proleukin", "IL-2"],
            "curies": ["NCIT:C1498", "CHEBI:749478"],
            "agent_class": "il-2",
        },
        "two-agents": {"label": "two agents", "agent_class": "group", "members": ["aldesleukin"], "broader": ["aldesleukin"]},
    },
    VocabularyKind.BIOMARKERS: {
        "nk-cell-count": {
            "label": "NK cells",
            "close": ["CL:0000623"],
            "note": "Any marker.",
            "analyte": "NK cells",
            "measure": "count",
            "marker_class": "cell-number",
            "role": "activation",
            "subset": "CD56bright",
            "stimulus": "K562",
        },
    },
    VocabularyKind.CONDITIONS: {"renal-cell-carcinoma": {"label": "renal cell carcinoma", "curies": ["MONDO:0005086"]}},
    VocabularyKind.ENDPOINTS: {
        "objective-response": {"label": "objective response", "kind": "response", "favours": "more", "includes": ["overall-survival"]},
        "overall-survival": {"label": "overall survival", "close": ["EFO:0000714", "MESH:D015996"], "kind": "survival", "favours": "more"},
    },
    VocabularyKind.ASSAYS: {"elisa": {"label": "ELISA"}},
    VocabularyKind.ROUTES: {"iv-bolus": {"label": "intravenous bolus", "mode": "bolus"}},
    VocabularyKind.UNITS: {
        "iu": {"label": "IU", "curies": ["UCUM:[iU]"], "family": "iu", "conversions": [{"to": "mass", "factor": 2.5, "source": "a page"}]}
    },
    VocabularyKind.ADVERSE_EVENTS: {"hypotension": {"label": "hypotension", "organ": "vascular"}},
}
VOCABULARY = Vocabulary(
    {kind: {ident: TERM_MODELS[kind].model_validate(data) for ident, data in terms.items()} for kind, terms in TERMS.items()}
)
WHOLE = Study.model_validate(whole_data())
ASKED = Question.model_validate(QUESTION)


def an_extract(*studies: Study, terms: Mapping[VocabularyKind, Mapping[str, Term]] | None = None, **project: Any) -> Extract:
    """Return an extract of the given studies, or of the whole one, with changes to the project."""
    vocabulary = VOCABULARY if terms is None else Vocabulary(terms)
    return Extract(replace(PROJECT, **project), vocabulary, studies or (WHOLE,), {ASKED.id: ASKED}, "everything; status draft")
