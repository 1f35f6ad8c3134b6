"""One study with an item of every kind, so that every exporter, page and table can be asked about each."""

from __future__ import annotations

from typing import Any

from tests.builders import SOURCE, study_data

FINDING = {
    "biomarker": "nk-cell-count",
    "compartment": "blood",
    "timepoint": {"when": "on-treatment"},
    "population": "all",
    "source": SOURCE,
}
OUTCOME = {"endpoint": "objective-response", "population": "all", "source": SOURCE}
ARMS = {"kind": "not-randomised", "arms": ["a"], "versus": ["b"]}

ITEMS: dict[str, dict[str, dict[str, Any]]] = {
    "findings": {
        "a-level": {**FINDING, "kind": "level", "result": {"kind": "proportion", "events": 4, "total": 20}},
        "a-change": {**FINDING, "kind": "change", "direction": "increase"},
        "a-marker-contrast": {**FINDING, "kind": "contrast", "direction": "higher", "comparison": ARMS},
        "an-association": {
            **FINDING,
            "kind": "association",
            "endpoint": "objective-response",
            "association": "none",
            "basis": "tested",
            "adjustment": "unadjusted",
        },
    },
    "outcomes": {
        "a-proportion": {**OUTCOME, "result": {"kind": "proportion", "events": 5, "total": 20}},
        "a-time": {**OUTCOME, "endpoint": "overall-survival", "result": {"kind": "time-to-event", "unit": "months", "median": 19.0}},
        "a-contrast": {**OUTCOME, "comparison": ARMS, "result": {"kind": "contrast", "measure": "or", "estimate": 1.2, "p": "NS"}},
        "a-count": {**OUTCOME, "result": {"kind": "count", "count": 3, "of": "courses"}},
        "a-value": {**OUTCOME, "result": {"kind": "continuous", "value": 2.5, "statistic": "mean"}},
        "a-statement": {**OUTCOME, "result": {"kind": "statement", "says": "observed", "text": "some tumours shrank"}},
    },
    "adverse_events": {
        "an-event": {"term": "hypotension", "printed": "hypotension", "population": "all", "events": 2, "total": 20, "source": SOURCE}
    },
    "cited": {
        "a-citation": {
            "endpoint": "objective-response",
            "whose": "an earlier series",
            "result": {"kind": "proportion", "percent": 15},
            "source": SOURCE,
        }
    },
    "claims": {
        "a-claim": {
            "subject": {"agent": "aldesleukin"},
            "relation": "active-in",
            "object": {"condition": "renal-cell-carcinoma"},
            "summary": "It shrank some tumours.",
            "rests_on": ["a-proportion"],
            "source": SOURCE,
        }
    },
}
"""An item of every kind, by part of the record and id."""

IDENT = "whole-1995-every-kind"


def whole_data() -> dict[str, Any]:
    """Return the plain data of a study with an item of every kind."""
    first = study_data()["arms"]["a"]
    return study_data(
        id=IDENT,
        **{
            "reports.main.year": 1995,
            "design.allocation": "two-regimens-not-randomised",
            "arms": {"a": {**first, "n": 10}, "b": {**first, "label": "low-dose IL-2", "n": 10}},
            **ITEMS,
            "appraisal": {"flags": [{"flag": "post-hoc", "items": ["a-contrast"], "reason": "the groups were chosen afterwards"}]},
            "ambiguities": [{"kind": "caution", "about": "outcomes.a-count", "text": "courses, not patients"}],
        },
    )


QUESTION: dict[str, Any] = {
    "id": "il-2-in-renal-cancer",
    "question": "Does interleukin-2 shrink renal cell carcinoma?",
    "why": "It is the first question that anyone asks.",
    "population": {"condition": ["renal-cell-carcinoma"]},
    "outcomes": {"endpoint": ["objective-response"]},
}
