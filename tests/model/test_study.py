import copy
import pickle

import pytest
from pydantic import ValidationError

from kb.model.base import FrozenMap, walk
from kb.model.scope import arms_of_item, arms_of_population, conditions_of
from kb.model.study import Study, family_name
from tests.builders import NO_ASSOCIATION, a_study, study_data


def test_the_example_is_a_study():
    assert a_study().label == "Example 1991"
    assert a_study().main_report.title == "An example"


@pytest.mark.parametrize(
    ("author", "family"),
    [
        ("Sosman JA", "Sosman"),
        ("von der Maase H", "von der Maase"),
        ("Cytokine Working Group", "Cytokine Working Group"),
        ("Group", "Group"),
    ],
)
def test_family_names(author, family):
    assert family == family_name(author)


def test_a_study_without_authors_is_called_by_its_id():
    assert a_study(**{"reports.main.authors": "not-in-what-was-read"}).label == "example-1991-il2 (1991)"


def test_a_study_without_year_and_title_says_so():
    study = a_study(**{"reports.main.year": "not-in-what-was-read", "reports.main.title": "unclear"})
    assert ("Example undated", None, "undated") == (study.label, study.main_report.dated, study.main_report.period)
    assert "(title unclear in the source)" == study.main_report.named


def test_records_are_frozen_all_the_way_down():
    study = a_study()
    with pytest.raises(ValidationError):
        study.id = "other"
    for change in (
        lambda: study.outcomes.update({}),
        lambda: study.outcomes.pop("response"),
        lambda: study.outcomes.clear(),
        lambda: study.outcomes.__setitem__("x", None),
        lambda: study.outcomes.__delitem__("response"),
    ):
        with pytest.raises(TypeError, match="frozen"):
            change()
    assert isinstance(study.outcomes, FrozenMap)
    assert study == copy.deepcopy(study) == pickle.loads(pickle.dumps(study))


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("surprise", 1, "Extra inputs"),
        ("arms.a.n", -1, "greater than or equal"),
        ("arms.a.n", "a few", "Input should be"),
        ("reports.main.doi", "doi:10.1/x", "pattern"),
        ("reports", {}, "at least 1"),
        ("outcomes.response.result", {"kind": "guess"}, "kind"),
        ("claims.active.subject", {}, "exactly one"),
        ("claims.active.subject", {"agent": "aldesleukin", "text": "x"}, "exactly one"),
        ("findings.nk-rise.direction", "up", "increase"),
        ("arms.a.regimen.0.components.0.dose", "a lot", "amount"),
        ("arms.a.regimen.0.components.0.dose", {"printed": "3 IU", "low": 3}, "all of low"),
        (
            "arms.a.regimen.0.components.0.dose",
            {"printed": "3", "low": 3, "high": 2, "family": "iu", "body": "flat", "per": "day"},
            "way round",
        ),
        ("arms.a.regimen.0.components.0.schedule", {"text": "t", "days": ["5-1"]}, "backwards"),
        ("arms.a.regimen.0.components.0.schedule", {"text": "t", "cycles": 4, "cycles_max": 2}, "at most 2"),
    ],
)
def test_what_does_not_fit_is_refused(path, value, words):
    with pytest.raises(ValidationError, match=words):
        a_study(**{path: value})


def an_association(**changes):
    data = {**NO_ASSOCIATION, **changes}
    return a_study(**{"findings.nk-response": {key: value for key, value in data.items() if value is not ...}})


@pytest.mark.parametrize("basis", ["tested", "stated", "activation-without-response", "implied-by-omission"])
def test_a_null_states_its_basis(basis):
    assert basis == an_association(basis=basis).findings["nk-response"].basis


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"basis": ...}, "needs a basis"),
        ({"association": "positive"}, "belongs to association none only"),
        ({"endpoint": ...}, "exactly one of endpoint"),
        ({"other_marker": "crp-concentration"}, "exactly one of endpoint"),
    ],
)
def test_an_association_has_one_target_and_a_null_one_basis(changes, words):
    with pytest.raises(ValidationError, match=words):
        an_association(**changes)


def test_scope_inherits_diseases_and_arms_from_the_parent():
    study = a_study(
        **{
            "arms.b": {"label": "other", "n": "not-reported", "regimen": []},
            "populations.responders": {"n": 5, "basis": "responders", "within": "all"},
            "populations.b-only": {"n": 3, "basis": "treated", "arms": ["b"], "conditions": ["melanoma"]},
            "populations.deep": {"n": 1, "basis": "subgroup", "within": "b-only"},
        }
    )
    assert conditions_of(study, "responders") == ("renal-cell-carcinoma",)
    assert conditions_of(study, "deep") == ("melanoma",)
    assert arms_of_population(study, "responders") == ("a", "b")
    assert arms_of_population(study, "deep") == ("b",)
    assert conditions_of(study, "unknown") == ()
    assert arms_of_population(study, "unknown") == ("a", "b")


def test_a_mixed_population_has_the_diseases_of_its_parts():
    parts = {
        "populations.all.conditions": [],
        "populations.kidney": {"n": 18, "basis": "treated", "within": "all", "conditions": ["renal-cell-carcinoma"]},
        "populations.skin": {"n": 7, "basis": "treated", "within": "all", "conditions": ["melanoma"]},
    }
    study = a_study(**parts)
    assert ("renal-cell-carcinoma", "melanoma") == conditions_of(study, "all")
    assert ("melanoma",) == conditions_of(study, "skin")


def test_a_loop_of_populations_ends():
    study = a_study(
        **{"populations.all.within": "x", "populations.x": {"n": 1, "basis": "subgroup", "within": "all"}, "populations.all.conditions": []}
    )
    assert conditions_of(study, "all") == ()


def test_a_fact_speaks_of_its_own_arms_then_of_those_compared_then_of_its_population():
    comparison = {"kind": "randomised", "arms": ["b"], "versus": ["a"]}
    data = study_data(**{"arms.b": {"label": "other", "n": 3, "regimen": []}})
    data["outcomes"]["compared"] = {**data["outcomes"]["response"], "comparison": comparison}
    data["outcomes"]["named"] = {**data["outcomes"]["response"], "arms": ["a"], "comparison": comparison}
    study = Study.model_validate(data)
    assert arms_of_item(study, study.outcomes["response"]) == ("a", "b")
    assert arms_of_item(study, study.outcomes["compared"]) == ("b", "a")
    assert arms_of_item(study, study.outcomes["named"]) == ("a",)


def test_walk_finds_every_model_with_its_path():
    paths = {".".join(map(str, path)): type(model).__name__ for path, model in walk(a_study())}
    assert paths["arms.a.regimen.0.components.0.dose"] == "Dose"
    assert paths["outcomes.response.source"] == "Source"
    assert paths[""] == "Study"
