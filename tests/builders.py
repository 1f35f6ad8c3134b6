"""Builders with valid defaults, so that a test names only what it is about.

Data is plain (what a YAML reader gives); `a_study` makes the model of it. JSON is YAML, so `text_of` is a record's text.
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from kb.model.study import Study
from kb.project import Project, open_project, resource

SOURCE = {"at": "abstract, sentence 1", "anchor": "five of twenty patients"}
ASSOCIATION: dict[str, Any] = {
    "kind": "association",
    "biomarker": "nk-cell-count",
    "compartment": "blood",
    "timepoint": {"when": "baseline"},
    "population": "all",
    "endpoint": "objective-response",
    "association": "positive",
    "adjustment": "unadjusted",
    "p": 0.03,
    "source": SOURCE,
}
"""A finding: the marker goes with response."""
NO_ASSOCIATION: dict[str, Any] = {**ASSOCIATION, "association": "none", "basis": "tested", "p": 0.6}
"""A finding: a test of the same found nothing."""

STUDY: dict[str, Any] = {
    "id": "example-1991-il2",
    "reports": {"main": {"read": "abstract", "title": "An example", "authors": ["Example AB"], "year": 1991, "pmid": "1"}},
    "design": {
        "type": "clinical-trial",
        "allocation": "single-arm",
        "phase": "2",
        "masking": "open-label",
        "control": "none",
        "setting": "metastatic",
        "centres": "not-in-what-was-read",
        "enrolment": "not-in-what-was-read",
    },
    "arms": {
        "a": {
            "label": "high-dose IL-2",
            "n": 20,
            "regimen": [
                {
                    "phase": "treatment",
                    "components": [
                        {
                            "agent": "aldesleukin",
                            "role": "investigational",
                            "dose": "600,000 IU/kg",
                            "route": "iv-bolus",
                            "schedule": {"text": "every 8 hours on days 1-5", "days": ["1-5"], "times_per_day": 3},
                        }
                    ],
                }
            ],
        }
    },
    "populations": {"all": {"n": 20, "basis": "treated", "conditions": ["renal-cell-carcinoma"]}},
    "findings": {
        "nk-rise": {
            "kind": "change",
            "biomarker": "nk-cell-count",
            "compartment": "blood",
            "timepoint": {"when": "on-treatment"},
            "population": "all",
            "direction": "increase",
            "source": SOURCE,
        }
    },
    "outcomes": {
        "response": {
            "endpoint": "objective-response",
            "population": "all",
            "result": {"kind": "proportion", "events": 5, "total": 20},
            "source": SOURCE,
        }
    },
    "claims": {
        "active": {
            "subject": {"agent": "aldesleukin"},
            "relation": "active-in",
            "object": {"condition": "renal-cell-carcinoma"},
            "summary": "It shrank some tumours.",
            "rests_on": ["response"],
            "source": SOURCE,
        }
    },
    "curation": {"status": "draft", "extracted": [{"by": "a curator", "on": "2026-01-01"}]},
}


def study_data(**changes: Any) -> dict[str, Any]:
    """Return the example study's data; a dotted or nested change replaces what it names.

    `study_data(id="x", **{"outcomes.response.result.events": 7})`; the value `...` removes the field.
    """
    data: dict[str, Any] = json.loads(json.dumps(STUDY))  # unlike a deep copy, this parts what the data share
    for path, value in changes.items():
        *parents, last = path.split(".")
        here = data
        for step in parents:
            here = here[int(step)] if isinstance(here, list) else here.setdefault(step, {})
        if value is ...:
            del here[last]
        elif isinstance(here, list):
            here[int(last)] = deepcopy(value)
        else:
            here[last] = deepcopy(value)
    return data


def a_study(**changes: Any) -> Study:
    """Return the example study with changes, as a model."""
    return Study.model_validate(study_data(**changes))


def text_of(data: dict[str, Any]) -> str:
    """Return a record's text in a form whose lines can be counted: JSON, one field a line."""
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def make_collection(root: Path, *studies: dict[str, Any], name: str = "Test collection") -> Project:
    """Write a collection with the shipped vocabulary and the given studies' data; return its project."""
    import shutil

    (root / "entries" / "studies").mkdir(parents=True)
    (root / "kb.toml").write_text(
        f'[collection]\nname = "{name}"\nbase_iri = "https://example.org/kb/"\nlicence = "CC0-1.0"\n', encoding="utf-8"
    )
    shutil.copytree(resource("entries") / "vocabulary", root / "entries" / "vocabulary")
    for data in studies:
        year = data["reports"]["main"]["year"]
        folder = root / "entries" / "studies" / (str(year) if isinstance(year, int) else "undated")
        folder.mkdir(exist_ok=True)
        (folder / f"{data['id']}.yaml").write_text(text_of(data), encoding="utf-8")
    return open_project(root, explicit=True)
