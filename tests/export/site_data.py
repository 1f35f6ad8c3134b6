"""Studies that use every part of a page, and the site built from them in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from functools import cache
from typing import Any

from pydantic import ValidationError

from kb.cli.site import read_templates
from kb.export.site.build import Renderer, StudyFiles, StudyMaker, site_files, term_turtle_writer
from kb.export.site.desk import Desk, Holdings
from kb.export.site.frame import Settings
from kb.export.site.survey import Entry, take_survey
from kb.model.study import Study
from kb.model.vocabulary import Question
from kb.project import open_project, resource
from kb.records.build import Read, insert_studies, insert_vocabulary, join_cohorts
from kb.records.collection import Vocabulary, read_vocabulary
from kb.records.index import Index
from kb.records.lines import item_lines
from kb.records.rows import study_rows
from kb.records.search_rows import search_row
from kb.records.tables import DDL
from tests.builders import SOURCE, study_data, text_of

CHANGELOG = "# Changelog\n\n## 0.1.0 - unreleased\n\n### Added\n\n- A first thing,\n  told on two lines.\n"
QUESTIONS = {
    "killer-cells": Question.model_validate(
        {
            "id": "killer-cells",
            "question": "Do more natural killer cells go with tumour response?",
            "why": "It was the first idea of how it works.",
            "population": {"condition": ["cancer"]},
            "intervention": {"agent": ["interleukin-2"]},
            "markers": {"biomarker": ["nk-cells"]},
            "outcomes": {"endpoint": ["tumour-response"]},
        }
    )
}
SETTINGS = Settings("Test collection", "CC0-1.0", ("a curator",), "0.0")


def a_source(anchor: str, **fields: Any) -> dict[str, Any]:
    return {"at": "results, sentence 2", "anchor": anchor, **fields}


def rich_data(ident: str = "rich-1995-il2-ifn", **changes: Any) -> dict[str, Any]:
    """Return a study with every kind of arm, finding, outcome and remark."""
    data = study_data(id=ident)
    data["reports"] = {
        "main": {"read": "full-text", "title": "IL-2 with interferon", "authors": ["Rich AB", "Poor CD"], "year": 1995, "pmid": "7",
                 "doi": "10.1000/x(95)1<2", "pmcid": "PMC7", "urls": ["https://example.org/paper"], "data_cut": "June 1994"},
        "later": {"read": "secondary", "kind": "meeting-abstract", "title": "Follow-up", "authors": "not-reported", "year": 1997,
                  "supersedes": "main", "retracted": True, "note": "a remark"},
    }  # fmt: skip
    data["registry"] = ["NCT00000001", "ISRCTN12345678", "EUDRACT-1"]
    data["overlaps"] = [{"study": "example-1991-il2", "relation": "shares-patients", "certainty": "probable", "reason": "same centre"},
                        {"study": "absent-1990-study", "relation": "nested-in", "certainty": "certain", "reason": "said so"}]  # fmt: skip
    data["design"].update(allocation="randomised", centres={"kind": "multi", "n": 3, "text": "Rome"}, compared="interferon",
                          enrolment={"start": "1990", "text": None}, repeat_patients=True, note="a note")  # fmt: skip
    il2 = {"agent": "aldesleukin", "role": "backbone", "route": "subcutaneous"}
    days = {"text": "days 1-5 of weeks 1-4", "days": ["1-5"], "weeks": ["1-4"], "times_per_day": 2, "cycle_days": 42, "cycles": 3}
    data["arms"] = {
        "a": {"label": "IL-2", "n": 20, "accrual": ["closed-early"], "delivered": "two thirds", "note": "an arm's note", "source": SOURCE,
              "regimen": [{"phase": "induction", "label": "weeks 1-6", "setting": "home", "components": [{**il2, "dose": "9 MIU", "schedule": days}]},
                          {"phase": "maintenance", "when": "if-responding", "components": [{**il2, "dose": "1 MIU/m2/day", "schedule": {"text": "day 1", "days": [1]}}]}]},
        "b": {"label": "IL-2 + IFN", "n": "not-reported", "regimen": [{"phase": "treatment", "starts_day": 3, "components": [
            {**il2, "dose": "18 MIU/m2/day", "route": "iv-continuous", "printed": "Proleukin", "product": "Cetus", "note": "no note",
             "schedule": {"text": "continuously, days 1-5", "days": ["1-5"], "infusion_hours": 24, "until": "progression"}},
            {"agent": "interferon-alfa", "role": "investigational", "dose": "not-reported", "route": "not-reported",
             "schedule": {"text": "three times a week", "days_per_week": 3, "when": "optional"}},
            {"agent": "lak-cells", "role": "carrier", "dose": "1e10 cells", "route": "iv-bolus", "schedule": {"text": "day 12", "days": [12]}}]}]},
        "c": {"label": "observation", "n": 5, "regimen": []},
    }  # fmt: skip
    data["populations"] = {
        "all": {"n": 40, "basis": "randomised", "conditions": ["renal-cell-carcinoma", "melanoma"], "source": SOURCE,
                "characteristics": {"age_median": "57.0", "male": 30, "stage": "IV"}},
        "rcc": {"n": 25, "basis": "evaluable", "conditions": ["renal-cell-carcinoma"], "within": "all", "note": "a note"},
        "b-only": {"n": "unclear", "basis": "treated", "label": "those given both", "arms": ["b"], "within": "rcc"},
        "loop-1": {"n": 3, "basis": "subgroup", "within": "loop-2"},
        "loop-2": {"n": 3, "basis": "subgroup", "within": "loop-1"},
    }  # fmt: skip
    common = {"compartment": "blood", "timepoint": {"when": "on-treatment", "text": "week 4", "after_dose": "24 h"}, "population": "all"}
    association = {"kind": "association", **common, "adjustment": "adjusted", "adjusted_for": ["age"], "source": SOURCE}
    comparison = {"kind": "randomised", "arms": ["b"], "versus": ["a"], "differs": ["interferon"]}
    data["findings"] = {
        "nk-up": {"kind": "change", "biomarker": "nk-cell-count", **common, "direction": "increase", "magnitude": "threefold", "n": 12,
                  "printed": "NK", "detail": "CD56+", "p": "<0.01", "assay": "flow-cytometry", "flags": ["post-hoc"], "source": SOURCE},
        "crp-both": {"kind": "change", "biomarker": "crp-concentration", **common, "direction": "mixed", "source": a_source("up", derived="from 2")},
        "il6-level": {"kind": "level", "biomarker": "il-6-concentration", **common, "source": SOURCE},
        "il6-contrast": {"kind": "contrast", "biomarker": "il-6-concentration", **common, "direction": "higher", "comparison": comparison,
                         "groups": [{"group": "a", "value": 3, "unit": "pg/ml"}], "source": SOURCE},
        "nk-none": {**association, "biomarker": "nk-cell-count", "endpoint": "objective-response", "association": "none", "basis": "tested", "p": "NS"},
        "crp-worse": {**association, "biomarker": "crp-concentration", "endpoint": "overall-survival", "association": "negative",
                      "result": {"kind": "contrast", "measure": "hr", "estimate": "1.7", "interval": {"low": "1.1", "high": "2.5", "level": 95}}},
        "nk-death": {**association, "biomarker": "nk-cell-count", "endpoint": "death", "association": "negative"},
        "nk-harm": {**association, "biomarker": "nk-cell-count", "adverse_event": "hypotension", "association": "positive"},
        "nk-mixed": {**association, "biomarker": "lak-activity", "endpoint": "objective-response", "association": "differs"},
    }  # fmt: skip
    counted = {"kind": "proportion", "total": 25}
    data["outcomes"] = {
        "cr": {"endpoint": "complete-response", "population": "rcc", "result": {**counted, "events": 2}, "source": SOURCE},
        "pr": {"endpoint": "partial-response", "population": "rcc", "result": {**counted, "events": 3}, "source": SOURCE, "note": "a note"},
        "orr": {"endpoint": "objective-response", "population": "rcc", "printed": "major response", "criteria": "who", "confirmed": True,
                "result": {**counted, "events": 5, "percent": "20", "interval": {"low": 7, "high": 41, "level": 95}, "p": 0.04}, "source": SOURCE},
        "rate-only": {"endpoint": "disease-control", "population": "b-only", "result": {"kind": "proportion", "percent": 44}, "source": SOURCE},
        "half": {"endpoint": "objective-response", "population": "nowhere", "result": {**counted, "events": 5, "interval": {"half_width": 9}},
                 "source": SOURCE},
        "os": {"endpoint": "overall-survival", "population": "all", "comparison": comparison, "source": SOURCE,
               "result": {"kind": "time-to-event", "unit": "months", "median": "36+", "landmarks": [{"at": 1, "unit": "years", "percent": 70}]}},
        "os-share": {"endpoint": "overall-survival", "population": "all", "result": {**counted, "events": 9, "total": 40}, "source": SOURCE},
        "dose": {"endpoint": "dose-received", "population": "all", "result": {"kind": "statement", "says": "described", "text": "little"}, "source": SOURCE},
    }  # fmt: skip
    data["adverse_events"] = {
        "hypo": {"term": "hypotension", "printed": "low blood pressure", "population": "all", "grade": "3-4", "scale": "who", "events": 8,
                 "total": 40, "related": True, "source": SOURCE},
        "fever": {"term": "fever", "printed": "fever", "population": "all", "says": "observed", "source": SOURCE},
        "death": {"term": "treatment-related-death", "printed": "toxic death", "population": "all", "events": 0, "total": 40, "source": SOURCE},
    }  # fmt: skip
    data["cited"] = {"others": {"endpoint": "objective-response", "whose": "39 series", "studies": 39, "patients": 1291,
                                "result": {"kind": "proportion", "percent": 19}, "source": SOURCE}}  # fmt: skip
    data["claims"] = {"no-link": {"subject": {"biomarker": "nk-cell-count"}, "relation": "not-associated-with", "object": {"endpoint": "objective-response"},
                                  "summary": "NK cells rose without benefit.", "rests_on": ["nk-up", "orr", "gone"], "scope": "renal", "source": SOURCE}}  # fmt: skip
    data["appraisal"] = {
        "flags": [
            {"flag": "immortal-time", "items": ["os"], "reason": "by response"},
            {"flag": "selective-reporting", "reason": "most not told"},
        ],
        "judgements": [
            {"instrument": "rob-2", "domains": {"randomisation": "low"}, "overall": "some-concerns", "reason": "open", "by": "a reader"}
        ],
        "grade": "low",
        "note": "small",
    }
    data["ambiguities"] = [
        {"kind": "two-readings", "about": ["outcomes.orr", "arms", "populations.rcc.n", "study"], "text": "25 may be treated or evaluable"}
    ]
    data["curation"] = {"status": "withdrawn", "extracted": [{"by": "a curator", "on": "2026-01-01", "what": "first"}],
                        "checked": [{"by": "another", "on": "2026-02-01"}], "formerly": ["older-id"],
                        "withdrawn": {"reason": "twice here", "replaced_by": "example-1991-il2"}}  # fmt: skip
    del data["design"]["enrolment"]["text"]
    for path, value in changes.items():
        data[path] = value
    return data


def bare_data(ident: str = "bare-2001-nothing") -> dict[str, Any]:
    """Return a study that says next to nothing."""
    data = study_data(id=ident, arms={}, findings={}, outcomes={}, claims={})
    data["populations"] = {"all": {"n": "not-reported", "basis": "unstated"}}
    data["reports"]["main"].update(authors="not-in-what-was-read", year=2001)
    del data["reports"]["main"]["pmid"]
    return data


PAYLOADS = (
    '<script>document.title="KB-XSS"</script>',
    '"><img src=x onerror="document.title=\'KB-XSS\'">',
    "javascript:document.title='KB-XSS'",
    "{{ 7*7 }}{% raw %}",
    "</title></style></textarea></script><svg onload=document.title='KB-XSS'>",
    "=cmd|' /C calc'!A0",
    "' onmouseover='document.title=1' x='",
    "\u202eevil & <b>bold</b>\u2028",
)
"""Texts that must never run, close a tag or be taken for a template or a formula."""


def hostile_data(ident: str = "hostile-1999-record") -> dict[str, Any]:
    """Return the rich study with a payload in every field that takes free text."""
    data = deepcopy(rich_data(ident))  # parts of it are shared with other tests' data
    places = [path for path, value in _leaves(data) if isinstance(value, str) and path != ("id",)]
    for number, path in enumerate(places):
        here = data
        for step in path[:-1]:
            here = here[step]
        kept, here[path[-1]] = here[path[-1]], PAYLOADS[number % len(PAYLOADS)]
        try:
            Study.model_validate(data)
        except ValidationError:
            here[path[-1]] = kept
    return data


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    if not isinstance(value, dict | list | tuple):
        yield path, value
    for key, child in list(steps):
        yield from _leaves(child, (*path, key))


@cache
def shipped_vocabulary() -> Vocabulary:
    """Return the collection's vocabulary."""
    vocabulary, problems = read_vocabulary(open_project(resource("entries")))
    assert not problems
    return vocabulary


def hostile_vocabulary() -> Vocabulary:
    """Return the vocabulary with a payload as every label."""
    return Vocabulary(
        {
            kind: {ident: term.model_copy(update={"label": PAYLOADS[n % len(PAYLOADS)]}) for n, (ident, term) in enumerate(terms.items())}
            for kind, terms in shipped_vocabulary().terms.items()
        }
    )


def an_entry(data: Mapping[str, Any]) -> Entry:
    """Return a record as if it had been read."""
    text = text_of(dict(data))
    study = Study.model_validate(data)
    return Entry(study, f"entries/studies/{study.main_report.year}/{study.id}.yaml", text, item_lines(text, study))


def templates() -> dict[str, str]:
    """Return the shipped templates."""
    return read_templates(open_project(resource("entries")))


def index_of(entries: Iterable[Entry], vocabulary: Vocabulary) -> Index:
    """Return an index in memory: the texts of hostile records are none that a reader of files would let in."""
    connection = sqlite3.connect(":memory:")
    for statement in DDL:
        connection.execute(statement)
    insert_vocabulary(connection, vocabulary)
    insert_studies(connection, [_as_read(entry, vocabulary) for entry in entries])
    join_cohorts(connection)
    return Index(connection, kept="memory", path=None)


def _as_read(entry: Entry, vocabulary: Vocabulary) -> Read:
    rows = study_rows(entry.study, file=entry.file, lines=entry.lines, vocabulary=vocabulary)
    return Read(entry.file, "", entry.study.id, rows=rows, search=search_row(entry.study, vocabulary))


def site_of(
    *data: Mapping[str, Any],
    settings: Settings = SETTINGS,
    vocabulary: Vocabulary | None = None,
    turtle: Any = None,
    questions: Mapping[str, Question] | None = None,
) -> dict[str, str]:
    """Return the site of some studies: text by path."""
    vocabulary = vocabulary or shipped_vocabulary()
    entries = [an_entry(one) for one in data]
    survey = take_survey(entries, vocabulary)
    with index_of(entries, vocabulary) as index:
        holdings = Holdings(index, questions or {}, CHANGELOG, term_turtle=term_turtle_writer("https://kb.example/", vocabulary))
        desk = Desk(survey, vocabulary, settings, holdings)

        def studies(wanted: frozenset[tuple[str, str]]) -> Iterator[StudyFiles]:
            return map(StudyMaker(Renderer(templates(), settings), desk, turtle, wanted).make, entries)

        files = list(site_files(survey, studies, vocabulary, settings, templates(), holdings))
    assert len(files) == len({file.path for file in files}), "a path was written twice"
    return {file.path: file.text for file in files}
