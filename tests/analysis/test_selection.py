"""The selection: what it means, how it is told, and that no value ever becomes part of the SQL."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.analysis.not_compared import NotCompared, not_compared
from kb.analysis.selection import DEFAULT_STATUSES, OPTIONS, Selection, select
from kb.analysis.selection_sql import KINDS, selected, selected_studies
from kb.errors import UsageError
from kb.model import terms
from kb.model.study import Study
from kb.model.terms import Status, VocabularyKind
from tests.analysis.naive_selection import naive_rows
from tests.builders import SOURCE, a_study, study_data
from tests.small import index_of, small_vocabulary

VOCABULARY = small_vocabulary()


def pick(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


CONDITIONS = pick([], ["renal-cell-carcinoma"], ["clear-cell-carcinoma"], ["melanoma"], ["melanoma", "renal-cell-carcinoma"])
COMPONENT = st.fixed_dictionaries(
    {
        "agent": pick("aldesleukin", "interferon-alfa", "indomethacin"),
        "role": pick("investigational", "comparator", "supportive"),
        "dose": pick(
            "600,000 IU/kg", "72,000 IU/kg", "100,000 Cetus U/kg", "0.4 to 0.9 MIU/kg", "9 MIU/m2/day", "3e6 U/m2/day", "not-reported",
            {"printed": "moderate"},
        ),
        "route": pick("iv", "iv-bolus", "subcutaneous", "not-reported"),
        "schedule": pick(
            "unclear",
            {"text": "every 8 hours", "times_per_day": 3, "days": ["1-5"], "cycle_days": 14, "cycles": 2},
            {"text": "daily", "times_per_day": 1},
        ),
    }
)  # fmt: skip
ARM = st.builds(
    lambda components, n: {"label": "arm", "n": n, "regimen": [{"phase": "treatment", "components": components}]},
    st.lists(COMPONENT, min_size=1, max_size=2),
    pick(10, 30, "not-reported"),
)
POPULATION = st.fixed_dictionaries(
    {"n": pick(0, 8, 25, 40, "not-in-what-was-read"), "basis": pick("treated", "evaluable"), "conditions": CONDITIONS}
)
WHERE = {"compartment": "blood", "timepoint": "unclear", "source": SOURCE}
SPEAKS = st.fixed_dictionaries({"population": pick("all", "sub"), "arms": pick([], ["a"])})
MARKER = pick("lymphocyte-count", "nk-cell-count", "crp")
CHANGE = st.builds(
    lambda on, marker, way: {**WHERE, **on, "kind": "change", "biomarker": marker, "direction": way},
    SPEAKS, MARKER, pick("increase", "decrease", "not-reported"),
)  # fmt: skip
ASSOCIATION = st.builds(
    lambda on, marker, to, way: {
        **WHERE, **on, **to, "kind": "association", "biomarker": marker, "association": way, "adjustment": "unadjusted",
        **({"basis": "tested"} if way == "none" else {}),
    },
    SPEAKS, MARKER,
    pick({"endpoint": "objective-response"}, {"endpoint": "overall-survival"}, {"other_marker": "crp"}, {"adverse_event": "hypotension"}),
    pick("positive", "none", "unclear"),
)  # fmt: skip
LEVEL = st.builds(lambda on, marker: {**WHERE, **on, "kind": "level", "biomarker": marker}, SPEAKS, MARKER)
OUTCOME = st.builds(
    lambda on, endpoint: {**on, "endpoint": endpoint, "result": {"kind": "proportion", "events": 1}, "source": SOURCE},
    SPEAKS, pick("objective-response", "overall-survival", "tumour-response"),
)  # fmt: skip
EVENT = st.builds(lambda on, term: {**on, "term": term, "printed": term, "source": SOURCE}, SPEAKS, pick("toxicity", "hypotension"))
ENTITY = pick(
    {"agent": "aldesleukin"}, {"arm": "a"}, {"biomarker": "nk-cell-count"}, {"endpoint": "objective-response"}, {"condition": "melanoma"},
    {"adverse_event": "hypotension"}, {"text": "x"},
)  # fmt: skip
CLAIM = st.builds(
    lambda subject, thing, on: {
        "subject": subject, "relation": "associated-with", "object": thing, "summary": "So it is.", "source": SOURCE, **on,
    },
    ENTITY, ENTITY, pick({}, {"populations": ["sub"]}, {"conditions": ["renal-cell-carcinoma"]}),
)  # fmt: skip


def named(prefix: str, items: list[Any]) -> dict[str, Any]:
    return {f"{prefix}{place}": item for place, item in enumerate(items)}


@st.composite
def studies(draw: st.DrawFn) -> list[Study]:
    made = []
    for place in range(draw(st.integers(1, 3))):
        arms = {"a": draw(ARM), **({"b": draw(ARM)} if draw(st.booleans()) else {})}
        status = draw(pick("draft", "reviewed", "accepted", "withdrawn"))
        changes = {
            "id": f"s{place}",
            "reports.main.year": draw(st.integers(1985, 1999)),
            "design.type": draw(pick("clinical-trial", "retrospective")),
            "design.allocation": draw(pick("single-arm", "randomised")),
            "design.phase": draw(pick("1", "2", "not-reported")),
            "arms": arms,
            "populations": {
                "all": draw(POPULATION),
                "sub": {**draw(POPULATION), "within": "all", **({"arms": ["a"]} if draw(st.booleans()) else {})},
            },
            "findings": named("f", draw(st.lists(st.one_of(CHANGE, ASSOCIATION, LEVEL), max_size=3))),
            "outcomes": named("o", draw(st.lists(OUTCOME, max_size=2))),
            "adverse_events": named("e", draw(st.lists(EVENT, max_size=2))),
            "claims": named("c", draw(st.lists(CLAIM, max_size=2))),
            "curation.status": status,
            **({"curation.withdrawn": {"reason": "twice"}} if status == "withdrawn" else {}),
        }
        made.append(a_study(**changes))
    return made


VALUES: dict[str, tuple[str, ...]] = {
    "agent": ("interleukin-2", "aldesleukin", "interferon-alfa", "indomethacin"),
    "role": ("investigational", "supportive"),
    "route": ("iv", "subcutaneous", "not-reported"),
    "dose": (">=0.5 MIU/kg", ">1.8 MIU/kg/d", "<= 80,000 IU/kg", "1-2 MIU/kg/d", "100,000 Cetus U/kg", "9 MIU/m2/day", ">=1 MIU/kg/cycle", "<90 MIU/kg/total"),
    "regimen-class": ("high-dose-bolus", "subcutaneous", "no-il-2", "bolus-dose-not-comparable"),
    "condition": ("cancer", "renal-cell-carcinoma", "melanoma"),
    "n": (">=20", "<=8", "0", "8-30"),
    "biomarker": ("lymphocyte-count", "crp"),
    "direction": ("increase", "decrease", "not-reported", "not-applicable"),
    "association": ("positive", "none", "unclear"),
    "endpoint": ("tumour-response", "overall-survival"),
    "adverse-event": ("toxicity", "hypotension"),
    "design": ("clinical-trial", "randomised"),
    "phase": ("1", "2", "not-reported"),
    "year": ("1985-1990", ">=1995", "1991"),
    "status": ("draft", "withdrawn", "accepted"),
    "id": ("s0", "s0#f0", "s0#a"),
}  # fmt: skip


@st.composite
def options(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    chosen = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=4, unique=True))
    found = {}
    for name in chosen:
        prefix = draw(pick("", "", "", "not-"))
        found[prefix + name] = tuple(draw(st.lists(st.sampled_from(VALUES[name]), min_size=1, max_size=2, unique=True)))
    return found


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(studies(), st.lists(options(), min_size=8, max_size=8))
def test_the_sql_selects_what_the_words_say(made: list[Study], asked: list[dict[str, tuple[str, ...]]]) -> None:
    # Every option alone, too, both ways: a row that two options leave out hides a fault of either.
    asked += [{f"{prefix}{name}": (value,)} for name, values in VALUES.items() for value in values for prefix in ("", "not-")]
    with index_of(made) as index:
        for chosen in asked:
            selection = select(index, chosen)
            for kind in KINDS:
                assert naive_rows(made, VOCABULARY, kind, chosen) == selected(index, selection, kind), (kind, chosen)


JOINED = sorted(set(VALUES) - {"role", "dose"})
"""Options that mean the same whatever stands beside them."""
NARROWED = st.lists(st.sampled_from(JOINED), min_size=1, max_size=3, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: st.lists(pick(*VALUES[name]), min_size=1, max_size=2, unique=True) for name in names})
)


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(studies(), st.lists(st.tuples(NARROWED, NARROWED), min_size=10, max_size=10))
def test_a_narrowed_selection_holds_nothing_that_either_leaves_out(made: list[Study], pairs: list[tuple[Any, Any]]) -> None:
    with index_of(made) as index:
        for first, second in pairs:
            own, by = select(index, first), select(index, second)
            both = own.narrowed(by)
            # Not to name a status is a default and no wish: what the other asks for stands for both.
            told = {name: values for name, values in (*first.items(), *second.items()) if name == "status"}
            alone = [select(index, {**told, **options}) for options in (first, second)]
            assert own == own.narrowed(Selection()) == own.narrowed(own) == Selection().narrowed(own)
            for kind in KINDS:
                common = set.intersection(*(set(selected(index, one, kind)) for one in alone))
                found = set(selected(index, both, kind))
                assert found <= common if not both.besides else found == common, (kind, first, second)


@pytest.mark.parametrize(
    ("question", "narrowing", "told"),
    [
        ({"agent": "IL-2"}, {"agent": "aldesleukin", "route": "iv"}, "agent aldesleukin; route iv (2 terms)"),
        ({"agent": "aldesleukin"}, {"agent": "IL-2"}, "agent aldesleukin"),
        (
            {"agent": "IL-2"},
            {"agent": "interferon-alfa", "year": "1991"},
            "agent interleukin-2 (2 terms); and in: agent interferon-alfa, year 1991",
        ),
        ({"not_phase": "1"}, {"not_phase": ["1", "2"], "phase": "3"}, "phase 3; not phase 1, 2"),
        ({"year": "1990-1995"}, {"year": ">=1992"}, "year 1990-1995; and in: year >=1992"),
    ],
)
def test_a_narrowed_selection_says_what_it_holds(question: dict[str, Any], narrowing: dict[str, Any], told: str) -> None:
    with index_of([]) as index:
        found = select(index, question).narrowed(select(index, narrowing))
        assert f"{told}; status draft, reviewed, accepted" == found.describe()
        assert found.describe() == found.without("dose").describe()


def test_of_statuses_those_of_both_stand() -> None:
    with index_of([]) as index:
        asked = select(index, status=["draft", "accepted"])
        assert ("accepted",) == asked.narrowed(select(index, status=["accepted", "withdrawn"])).statuses
        assert () == asked.narrowed(select(index, status="withdrawn")).statuses
        assert ("withdrawn",) == select(index, agent="IL-2").narrowed(select(index, status="withdrawn")).statuses


def test_a_term_stands_for_its_narrower_terms_and_may_be_a_synonym() -> None:
    clear = a_study(id="clear", **{"populations.all.conditions": ["clear-cell-carcinoma"]})
    melanoma = a_study(id="melanoma", **{"populations.all.conditions": ["melanoma"]})
    with index_of([clear, melanoma]) as index:
        assert ["clear"] == selected_studies(index, select(index, condition="kidney CANCER"))
        assert ["melanoma"] == selected_studies(index, select(index, not_condition="RCC"))
        assert ["clear", "melanoma"] == selected_studies(index, select(index, condition=["cancer"]))


def test_a_selection_is_told_in_one_line_in_a_fixed_order() -> None:
    with index_of([a_study()]) as index:
        selection = select(index, year=">=1990", condition="RCC", not_phase=["1", "phase 2"], status=["draft"])
        assert "condition renal-cell-carcinoma (2 terms); year >=1990; not phase 1, 2; status draft" == selection.describe()
        assert "everything; status draft, reviewed, accepted" == select(index).describe() == Selection().describe()
        assert select(index).everything
        assert not selection.everything
        assert "everything; status reviewed, accepted" == select(index, not_status="draft").describe()
        assert "everything; status none" == select(index, status="draft", not_status="draft").describe()


@pytest.mark.parametrize(
    ("given_options", "message", "hint"),
    [
        ({"condition": "melanome"}, '--condition: there is no condition "melanome"', "did you mean melanoma?"),
        ({"condition": "xxxxxxxx"}, '--condition: there is no condition "xxxxxxxx"', "kb sql"),
        ({"direction": "increasing"}, '--direction: there is no direction "increasing"', "did you mean increase?"),
        ({"status": "qqq"}, '--status: there is no status "qqq"', "one of draft, reviewed, accepted, withdrawn"),
        ({"id": "example-1991-il3"}, '--id: there is no study "example-1991-il3"', "did you mean example-1991-il2?"),
        ({"id": "nothing"}, '--id: there is no study "nothing"', "`kb find studies` lists the ids"),
        ({"year": "ninety"}, '--year "ninety" is not a range of numbers', "1990-1995"),
        ({"dose": ">=5 parsecs"}, '--dose: "parsecs" in "5 parsecs" is not a unit that is known', "MIU/kg/d"),
        ({"agents": "x"}, 'a selection has no option "agents"', "did you mean agent?"),
        ({"qqqqqqq": "x"}, 'a selection has no option "qqqqqqq"', ""),
    ],
)
def test_mistakes_name_the_option_and_the_nearest_terms(given_options: dict[str, str], message: str, hint: str) -> None:
    with index_of([a_study()]) as index, pytest.raises(UsageError) as raised:
        select(index, given_options)
    assert message == str(raised.value)
    assert hint in raised.value.hint


def test_an_earlier_id_finds_the_study() -> None:
    with index_of([a_study(**{"curation.formerly": ["old-one", "older-one"]})]) as index:
        assert ["example-1991-il2"] == selected_studies(index, select(index, id="older-one"))
        assert [("example-1991-il2", "response")] == selected(index, select(index, id="old-one#response"), "outcomes")


def test_a_dose_of_another_family_compares_by_a_sourced_factor_in_both_directions() -> None:
    cetus = a_study(**{"arms.a.regimen.0.components.0.dose": "100,000 Cetus U/kg"})
    with index_of([cetus]) as index:
        assert ["example-1991-il2"] == selected_studies(index, select(index, dose="600,000 IU/kg"))
        assert [] == selected_studies(index, select(index, dose=">600,000 IU/kg"))
    with index_of([a_study()]) as index:
        assert ["example-1991-il2"] == selected_studies(index, select(index, dose=">=100,000 Cetus U/kg"))


def test_three_doses_a_day_meet_the_daily_amount_to_the_last_bit() -> None:
    study = a_study(**{"arms.a.regimen.0.components.0.dose": "720,000 IU/kg"})
    with index_of([study]) as index:
        assert ["example-1991-il2"] == selected_studies(index, select(index, dose="2.16 MIU/kg/day"))
        assert [] == selected_studies(index, select(index, dose=">2.16 MIU/kg/day"))
        assert [] == selected_studies(index, select(index, dose="<2.16 MIU/kg/day"))


def test_a_time_without_an_amount_of_its_own_compares_with_the_same_print() -> None:
    hourly = a_study(**{"arms.a.regimen.0.components.0.dose": "50,000 IU/kg/h"})
    with index_of([hourly]) as index:
        assert ["example-1991-il2"] == selected_studies(index, select(index, dose=">=50,000 IU/kg/h"))
        assert [] == selected_studies(index, select(index, dose=">=50,000 IU/kg/week"))
        assert ["the words do not give the amount per week"] == [
            x.reason for x in not_compared(index, select(index, dose=">=1 IU/kg/week"))
        ]


@pytest.mark.parametrize(
    ("dose", "reason"),
    [
        ("not-reported", "dose not-reported"),
        ({"printed": "moderate"}, "dose in words only"),
        ("3e6 U/kg", "unlabelled-units, no sourced factor to iu"),
        ("9 MIU/m2", "not per kg"),
        ("18 MIU/kg/week", "the words do not give the amount per day"),
    ],
)
def test_doses_that_do_not_compare_are_named_with_the_reason(dose: Any, reason: str) -> None:
    study = a_study(**{"arms.a.regimen.0.components.0.dose": dose})
    with index_of([study]) as index:
        selection = select(index, agent="aldesleukin", dose=">=0.5 MIU/kg/d")
        printed = None if dose == "not-reported" else dose if isinstance(dose, str) else dose["printed"]
        assert [NotCompared("example-1991-il2", "a", "aldesleukin", printed, reason)] == not_compared(index, selection)
        assert [] == selected_studies(index, selection)
        assert str(not_compared(index, selection)[0]).endswith(f"{printed or '(no dose)'}: {reason}")


def test_only_doses_that_the_rest_of_the_selection_asks_for_count_as_not_compared() -> None:
    study = a_study(**{"arms.a.regimen.0.components.0.dose": "9 MIU/m2"})
    with index_of([study]) as index:
        for rest in ({"agent": "interferon-alfa"}, {"year": ">2000"}, {"regimen_class": "subcutaneous"}, {"not_agent": "aldesleukin"}):
            assert [] == not_compared(index, select(index, {**rest, "dose": "1 IU/kg"})), rest
        assert [] == not_compared(index, select(index, agent="aldesleukin"))
        assert [] == not_compared(index, select(index, dose=["1 IU/kg", "<1 IU/m2"]))


HOSTILE = ("'", '"', "'; DROP TABLE studies; --", "a\0b", "NEAR(", "AND OR NOT", "col:x", "^", "*", '"*', "\ud800", "%", "(((", "-x", "«")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_the_search(text: str) -> None:
    with index_of([a_study()]) as index:
        selected_studies(index, select(index, text=text, not_text=text))
        assert ["example-1991-il2"] == selected_studies(index, select(index))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=12))
def test_any_text_is_a_search(text: str) -> None:
    with index_of([]) as index:
        assert [] == selected_studies(index, select(index, text=text or " "))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("example", True), ("EXAMPLE il2", True), ('"an example"', True), ('"example an"', False), ("exam*", True), ("exam", False),
        ('"nk cell"', True), ("proleukin", True), ("kidney", True), ("melanoma", False), ("shrank tumours", True), ("shrank bones", False),
        ('"nk ce"*', True), ("nothing OR example", False),
    ],
)  # fmt: skip
def test_words_phrases_and_beginnings_are_found_with_synonyms(text: str, found: bool) -> None:
    with index_of([a_study()]) as index:
        assert found == bool(selected_studies(index, select(index, text=text)))
        assert found != bool(selected_studies(index, select(index, not_text=text)))


def test_several_texts_are_alternatives() -> None:
    with index_of([a_study()]) as index:
        assert ["example-1991-il2"] == selected_studies(index, select(index, text=["melanoma", "example"]))


def test_statuses_and_sets_named_in_the_options_exist() -> None:
    assert tuple(status.value for status in Status if status is not Status.WITHDRAWN) == DEFAULT_STATUSES
    for option in OPTIONS.values():
        assert option.kind is None or option.kind in {kind.value for kind in VocabularyKind}
        assert all(issubclass(getattr(terms, name), terms.ClosedSet) for name in option.sets)
        assert bool(option.members) == bool(option.sets)


def test_the_property_asks_every_option() -> None:
    assert set(VALUES) | {"text"} == set(OPTIONS)


def test_withdrawn_records_stay_out_unless_asked_for() -> None:
    withdrawn = study_data(**{"curation.status": "withdrawn", "curation.withdrawn": {"reason": "entered twice"}})
    with index_of([Study.model_validate(withdrawn)]) as index:
        assert [] == selected_studies(index, select(index))
        assert ["example-1991-il2"] == selected_studies(index, select(index, status="withdrawn"))


def test_a_marker_is_found_from_both_sides_and_an_association_only_with_its_own_endpoint() -> None:
    link = {**WHERE, "kind": "association", "population": "all", "biomarker": "crp", "association": "positive", "adjustment": "unadjusted"}
    study = a_study(findings={"a": {**link, "other_marker": "nk-cell-count"}, "b": {**link, "endpoint": "overall-survival"}})
    with index_of([study]) as index:
        assert [(study.id, "a")] == selected(index, select(index, biomarker="nk-cell-count"), "findings")
        assert [(study.id, "b")] == selected(index, select(index, association="positive", endpoint="OS"), "findings")
        # The study has that outcome, and a positive association, but not with each other.
        assert [] == selected_studies(index, select(index, association="positive", endpoint="objective-response"))
        assert [study.id] == selected_studies(index, select(index, biomarker="crp", endpoint="objective-response"))
