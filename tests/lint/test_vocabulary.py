"""Rules on vocabulary files and questions."""

from __future__ import annotations

from typing import Any

import pytest

from kb.lint.engine import VOCABULARY_RULES, Tally, run
from kb.lint.vocabulary import VocabularyView
from kb.project import open_project, resource
from kb.records.collection import read_questions
from kb.records.verified import read_verified
from tests.lint.examples import VOCABULARY, changed, shipped_vocabulary, vocabulary_codes


def told(**changes: Any) -> list[tuple[str, str, str]]:
    return [(file, item.code, item.message) for file, item in vocabulary_codes(changed(VOCABULARY, changes))]


def test_the_small_vocabulary_passes():
    assert [] == told()


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("agents.terms.aldesleukin.close", ["NCIT:C1", "NCIT:C1498"], [("agents", "KB311", "NCIT:C1 is not verified")]),
        ("agents.terms.aldesleukin.members", ["x"], [("agents", "KB312", 'there is no term "x" in this file')]),
        ("endpoints.terms.objective-response.includes", ["x"], [("endpoints", "KB312", 'there is no term "x" in this file')]),
        ("agents.terms.aldesleukin.broader", ["aldesleukin"], [("agents", "KB313", "a circle: aldesleukin below aldesleukin")]),
        (
            "agents.terms.interleukin-2.broader",
            ["aldesleukin"],
            [("agents", "KB313", "a circle: aldesleukin below interleukin-2 below aldesleukin")],
        ),
        ("agents.terms.aldesleukin.label", "Interleukin-2", [("agents", "KB314", '"Interleukin-2" also names the term interleukin-2')]),
        (
            "agents.terms.aldesleukin.synonyms",
            ["INTERLEUKIN-2"],
            [("agents", "KB314", '"INTERLEUKIN-2" also names the term interleukin-2')],
        ),
        ("agents.terms.aldesleukin.synonyms", ["Aldesleukin"], [("agents", "KB314", '"Aldesleukin" stands twice in this term')]),
        ("agents.terms.aldesleukin.synonyms", ["x", "X"], [("agents", "KB314", '"X" stands twice in this term')]),
        ("agents.terms.interleukin-2.synonyms", ["IL-2", "interleukin 2"], []),
        ("units.terms.iu.conversions", [{"to": "cetus-units", "factor": 0.1666666667, "source": "s"}], []),
        ("units.terms.iu.conversions", [{"to": "iu", "factor": 1, "source": "s"}], [("units", "KB315", "iu to itself")]),
        ("questions.example.population", {"condition": ["x"]}, [("example", "KB316", '"x" is not in the vocabulary of conditions')]),
        (
            "questions.example.intervention",
            {"not-agent": ["x", "aldesleukin"]},
            [("example", "KB316", '"x" is not in the vocabulary of agents')],
        ),
        ("questions.example.markers", {"biomarker": ["x"]}, [("example", "KB316", '"x" is not in the vocabulary of biomarkers')]),
        ("questions.example.comparison", {"regimen-class": ["whatever"]}, []),
        ("questions.example.intervention", {"agent": ["IL-2"]}, []),
    ],
)
def test_vocabulary_and_questions(path: str, value: Any, expected: list[tuple[str, str, str]]):
    assert expected == told(**{path: value})


def test_factors_that_contradict_each_other_name_the_way_back():
    changes = {"units.terms.iu.conversions": [{"to": "cetus-units", "factor": 6, "source": "s"}]}
    assert [("units", "KB315", "a factor of 6, but the way back is 6")] == told(**changes)


def test_hints_are_near():
    ((_, item),) = vocabulary_codes(changed(VOCABULARY, {"agents.terms.aldesleukin.broader": ["interleukin-22"]}))
    assert item.hint.startswith("did you mean interleukin-2")
    ((_, item),) = vocabulary_codes(changed(VOCABULARY, {"agents.terms.aldesleukin.curies": ["NCIT:C14980"]}))
    assert "add its row with the source to verified-curies.tsv, or remove it; near: NCIT:C1498" == item.hint


def test_two_ways_up_that_meet_are_no_circle():
    changes = {
        "agents.terms.cytokines": {"label": "cytokines", "agent_class": "group"},
        "agents.terms.interleukin-2.broader": ["cytokines"],
        "agents.terms.aldesleukin.broader": ["interleukin-2", "cytokines"],
    }
    assert [] == told(**changes)


def test_the_shipped_vocabulary_and_questions_keep_every_rule():
    project = open_project(resource("kb.toml").parent)
    questions, problems = read_questions(project)
    view = VocabularyView(shipped_vocabulary(), read_verified(project.vocabulary), questions)
    tally = Tally()
    assert ([], []) == (problems, run(view, VOCABULARY_RULES, tally))
    assert min(tally.checks.values()) > 0
