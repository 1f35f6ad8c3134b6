"""Running rules: selections, counts, printed errors."""

from __future__ import annotations

import pytest

from kb.lint.catalogue import RULES
from kb.lint.engine import STUDY_RULES, Selection, StudyChecker, Tally
from kb.lint.rule import Scope
from kb.lint.view import FilePlace, Known, StudyView
from kb.model.terms import VocabularyKind
from tests.builders import a_study, study_data
from tests.lint.examples import shipped_vocabulary, study_codes

PLACE = FilePlace("example-1991-il2", "1991")
KNOWN = Known(shipped_vocabulary())


@pytest.mark.parametrize(
    ("select", "ignore", "code", "taken"),
    [
        ((), (), "KB601", True),
        (("KB6",), (), "KB601", True),
        (("KB6",), (), "KB501", False),
        (("kb601",), (), "KB601", True),
        ((), ("KB6",), "KB601", False),
        ((), ("KB6",), "KB501", True),
        (("KB6",), ("KB602",), "KB602", False),
        (("KB602",), ("KB6",), "KB602", True),
        (("KB602",), ("KB602",), "KB602", False),
    ],
)
def test_the_longer_prefix_decides(select: tuple[str, ...], ignore: tuple[str, ...], code: str, taken: bool):
    assert taken is Selection(select, ignore).takes(code)


def test_checks_are_rules_times_items():
    checker = StudyChecker(KNOWN)
    assert [] == checker.check(a_study(), PLACE)
    counted = checker.checks_run()
    view = StudyView(a_study(), KNOWN, PLACE)
    assert {rule.code: len(getattr(view, rule.over)) for rule in STUDY_RULES} == dict(counted)
    assert (3, 3, 1) == (counted["KB401"], counted["KB503"], counted["KB201"])
    assert 0 == sum(checker.checks_run().values())


def test_counts_add_up_over_studies_and_tallies():
    checker = StudyChecker(KNOWN)
    for _ in range(2):
        checker.check(a_study(), PLACE)
    tally = Tally(files=1)
    tally.add(Tally(2, checker.checks_run()))
    assert (3, 6) == (tally.files, tally.checks["KB401"])


def test_only_selected_rules_run():
    study = a_study(**{"outcomes.response.result.events": 25, "claims.active.rests_on": []})
    found = StudyChecker(KNOWN, Selection(["KB6"])).check(study, PLACE)
    assert ["KB601"] == [problem.code for problem in found]
    checker = StudyChecker(KNOWN, Selection(["KB904"]))
    assert ["KB904"] == [problem.code for problem in checker.check(study, PLACE)]
    assert {"KB904"} == set(checker.checks_run())


FLAG = {"kind": "printed-error", "about": "outcomes.response", "text": "printed so"}


@pytest.mark.parametrize(
    ("flag", "codes"),
    [
        ({}, ["KB690"]),
        ({"kind": "contradiction"}, ["KB690"]),
        ({"kind": "garbled"}, ["KB690"]),
        ({"about": "outcomes.response.result.percent"}, ["KB690"]),
        ({"about": ["populations.all", "outcomes.response"]}, ["KB690"]),
        ({"kind": "caution"}, ["KB602"]),
        ({"about": "outcomes"}, ["KB602"]),
        ({"about": "study"}, ["KB602"]),
        ({"about": "populations.all"}, ["KB602"]),
    ],
)
def test_a_printed_error_is_a_note_where_the_record_says_so(flag: dict[str, object], codes: list[str]):
    found = study_codes(study_data(**{"outcomes.response.result.percent": 52, "ambiguities": [{**FLAG, **flag}]}))
    assert codes == [item.code for item in found]


def test_the_note_says_what_it_was():
    (found,) = study_codes(study_data(**{"outcomes.response.result.percent": 52, "ambiguities": [FLAG]}))
    assert "kept as printed, and flagged: 5/20 is 25.0 %, but 52 is printed [KB602]" == found.message


def test_what_is_no_arithmetic_stays_an_error_even_where_it_is_flagged():
    found = study_codes(study_data(**{"outcomes.response.population": "nobody", "ambiguities": [FLAG]}))
    assert ["KB402"] == [item.code for item in found]


def test_selecting_printed_errors_alone_finds_them():
    study = a_study(**{"outcomes.response.result.percent": 52, "ambiguities": [FLAG]})
    assert ["KB690"] == [problem.code for problem in StudyChecker(KNOWN, Selection(["KB690"])).check(study, PLACE)]


def test_a_vocabulary_that_cannot_be_read_refuses_no_term():
    known = Known(shipped_vocabulary(), frozenset({VocabularyKind.ENDPOINTS}))
    study = a_study(**{"outcomes.response.endpoint": "whatever", "findings.nk-rise.biomarker": "nonsense"})
    assert [("KB301", ("findings", "nk-rise", "biomarker"))] == [(p.code, p.path) for p in StudyChecker(known).check(study, PLACE)]


def test_every_scope_has_rules():
    assert set(Scope) == {rule.scope for rule in RULES}
