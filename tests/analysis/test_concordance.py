"""The founding question on small collections whose answer is plain."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.analysis.board import BoardRow, Move, Side, board
from kb.analysis.concordance import MARKER_COLUMNS, concordance, group_stream, listing_of, marker_values, needs
from kb.analysis.refutations import not_better
from kb.analysis.response_groups import _ByStudy, arm_rules, classify, patients_needed
from kb.analysis.sayings import markers, sayings
from kb.analysis.selection import Selection, select
from kb.model.intervals import clopper_pearson
from kb.records.cohorts import cohorts
from kb.records.collection import read_collection
from kb.records.index import open_index
from tests.builders import SOURCE, a_study, make_collection, study_data
from tests.small import index_of

CHANGE = {
    "kind": "change",
    "biomarker": "nk-cell-count",
    "compartment": "blood",
    "timepoint": {"when": "on-treatment"},
    "population": "all",
    "source": SOURCE,
}
ASSOCIATION = {**CHANGE, "kind": "association", "endpoint": "objective-response", "adjustment": "unadjusted"}


def a_record(name, *, events=1, total=18, findings=None, year=1991, pmid="1", **changes):
    return study_data(
        id=f"{name}-{year}-x",
        **{
            "reports.main.pmid": pmid,
            "reports.main.title": f"About {name}",
            "reports.main.authors": [f"{name.title()} AB"],
            "reports.main.year": year,
            "findings": findings if findings is not None else {"rise": {**CHANGE, "direction": "increase"}},
            "outcomes.response.result": {"kind": "proportion", "events": events, "total": total},
            "claims": {},
            **changes,
        },
    )


@pytest.fixture
def answer(tmp_path):
    folders = count()

    def ask(*records, threshold=10.0, every_marker=False, **options):
        with open_index(make_collection(tmp_path / f"collection-{next(folders)}", *records)) as index:
            return concordance(index, select(index, options) if options else Selection(), threshold=threshold, every_marker=every_marker)

    return ask


def test_activation_without_response_is_too_few_to_tell_until_the_interval_says(answer):
    found = answer(a_record("sosman"), a_record("meropol", events=0, total=38, pmid="2"), a_record("good", events=20, total=38, pmid="3"))
    assert [("Good 1991", "with-benefit"), ("Meropol 1991", "benefit-excluded"), ("Sosman 1991", "too-few-to-tell")] == [
        (row.label, row.group) for row in found.groups
    ]
    sosman = found.groups[-1]
    assert (1, 18, "natural killer cell count", "a", "high-dose-bolus") == (
        sosman.events,
        sosman.total,
        sosman.rose,
        sosman.arms,
        sosman.regimen_classes,
    )
    assert sosman.needed is not None
    assert sosman.needed > 18
    assert sosman.line > 1


@pytest.mark.parametrize(
    ("findings", "events", "expected"),
    [
        ({}, 5, "not-measured"),
        ({"fall": {**CHANGE, "direction": "decrease"}}, 5, "no-rise"),
        ({"rise": {**CHANGE, "direction": "rise-then-fall"}}, None, "not-counted"),
        ({"rise": {**CHANGE, "biomarker": "crp-concentration", "direction": "increase"}}, 5, "not-measured"),
        ({"rise": {**CHANGE, "direction": "increase", "versus": "healthy-controls"}}, 5, "not-measured"),
    ],
)
def test_groups_without_activation_or_count(answer, findings, events, expected):
    result = {"kind": "proportion", "percent": 5} if events is None else {"kind": "proportion", "events": events, "total": 20}
    found = answer(a_record("one", findings=findings, **{"outcomes.response.result": result}))
    assert [expected] == [row.group for row in found.groups]


def test_complete_and_partial_responses_of_the_same_patients_are_added(answer):
    outcome = {"population": "all", "source": SOURCE}
    outcomes = {
        "cr": {**outcome, "endpoint": "complete-response", "result": {"kind": "proportion", "events": 2, "total": 20}},
        "pr": {**outcome, "endpoint": "partial-response", "result": {"kind": "proportion", "events": 3, "total": 20}},
    }
    (row,) = answer(a_record("one", outcomes=outcomes)).groups
    assert ("complete and partial responses, added", 5, 20) == (row.endpoint, row.events, row.total)
    outcomes["pr"]["result"]["total"] = 19
    (row,) = answer(a_record("one", outcomes=outcomes)).groups
    assert ("complete response", 2, 20) == (row.endpoint, row.events, row.total), "other patients: not added, the larger group speaks"


def test_the_objective_response_of_the_largest_group_speaks_and_narrower_arms_before_all(answer):
    record = a_record(
        "one",
        **{
            "arms.b": {"label": "other", "n": 10, "regimen": []},
            "populations.few": {"n": 8, "basis": "evaluable", "within": "all", "arms": ["a"]},
            "populations.b": {"n": 10, "basis": "treated", "within": "all", "arms": ["b"]},
            "outcomes.pooled": {
                "endpoint": "objective-response",
                "population": "all",
                "result": {"kind": "proportion", "events": 6, "total": 30},
                "source": SOURCE,
            },
            "outcomes.response.population": "few",
            "outcomes.b": {
                "endpoint": "objective-response",
                "population": "b",
                "result": {"kind": "proportion", "events": 1, "total": 10},
                "source": SOURCE,
            },
        },
    )
    found = answer(record)
    assert [("a", 1, 18), ("b", 1, 10)] == [(row.arms, row.events, row.total) for row in found.groups]


def test_by_marker_both_sides_in_cohorts_and_patients_with_what_is_needed(answer):
    shared = {"study": "first-1991-x", "relation": "shares-patients", "certainty": "probable", "reason": "same centre"}
    found = answer(
        a_record("first", overlaps=[{**shared, "study": "second-1992-x"}]),
        a_record("second", year=1992, pmid="2", overlaps=[shared], findings={"rise": {**CHANGE, "direction": "increase", "n": 7}}),
        a_record("third", pmid="3", findings={"null": {**ASSOCIATION, "association": "none", "basis": "activation-without-response"}}),
    )
    (row,) = found.markers
    assert ({Move.INCREASE: 1}, {Side.NONE_WITHOUT_RESPONSE: 1}) == (row.moves, row.sides)
    assert (2, {Move.INCREASE: 20}) == (row.cohorts, row.moved_patients)
    assert "cohorts with responders" in needs(row)
    values = dict(zip(MARKER_COLUMNS, marker_values(row), strict=True))
    assert (1, 0, 1, 20, "first-1991-x; second-1992-x; third-1991-x") == (
        values["rose"],
        values["better"],
        values["none_without_response"],
        values["patients_rose"],
        values["studies"],
    )


def test_tumour_markers_never_mix_into_immune_activation(answer):
    record = a_record("one", findings={"caix": {**ASSOCIATION, "biomarker": "caix-expression", "association": "positive"}})
    assert () == answer(record).markers
    assert ["caix-expression"] == [row.marker for row in answer(record, every_marker=True).markers]


def a_row(sides, moves=None):
    return BoardRow("m", "M", None, 3, ("a",), moves or {}, sides, ())


@pytest.mark.parametrize(
    ("sides", "moves", "words"),
    [
        ({}, {Move.INCREASE: 2}, "nobody set it against"),
        ({}, {}, "not reported"),
        ({Side.NONE_IMPLIED: 2}, {Move.INCREASE: 1}, "nobody set it against"),
        ({Side.NONE_WITHOUT_RESPONSE: 2}, {}, "cohorts with responders"),
        ({Side.NONE_STATED: 2}, {}, "a test"),
        ({Side.BETTER: 1}, {}, "a second cohort"),
        ({Side.BETTER: 1, Side.WORSE: 1}, {}, "kb conflicts --biomarker m"),
        ({Side.BETTER: 3}, {}, ""),
    ],
)
def test_what_would_be_needed_to_tell(sides, moves, words):
    assert words in needs(a_row(sides, moves))
    assert bool(words) == bool(needs(a_row(sides, moves)))


COMPARISON = {"kind": "randomised", "arms": ["b"], "versus": ["a"], "differs": ["bempegaldesleukin"]}
ENGINEERED = {
    "label": "with it", "n": 10,
    "regimen": [{"phase": "treatment", "components": [
        {"agent": "bempegaldesleukin", "role": "investigational", "dose": "0.006 mg/kg", "route": "iv-infusion", "schedule": {"text": "Q3W", "days": [1], "cycle_days": 21}}]}],
}  # fmt: skip


def a_comparison(name, pmid, *, says="no-difference", findings=None, **changes):
    result = {"kind": "contrast", "measure": "hr", "estimate": 1.1, "p": 0.4, **({"direction": says} if says else {})}
    return a_record(
        name,
        findings=findings or {},
        pmid=pmid,
        **{
            "arms.b": ENGINEERED,
            "outcomes.compared": {
                "endpoint": "overall-survival",
                "population": "all",
                "comparison": COMPARISON,
                "result": result,
                "source": SOURCE,
            },
            **changes,
        },
    )


def test_more_activation_but_no_more_benefit_between_arms(answer):
    rise = {"rise": {**CHANGE, "direction": "increase", "arms": ["b"]}}
    (row,) = answer(a_comparison("one", "1", findings=rise)).refutations
    assert ("One 1991", "overall survival", "b", "a", "no-difference", "hr 1.1", "0.4") == (
        row.label,
        row.endpoint,
        row.arms,
        row.versus,
        row.said,
        row.estimate,
        row.p,
    )
    assert "natural killer cell count rose within the arm (one-1991-x#rise)" == row.activation
    assert row.elsewhere is None


def test_a_rise_in_both_arms_refutes_nothing_but_a_contrast_does(answer):
    both = {"rise": {**CHANGE, "direction": "increase", "arms": ["a", "b"]}}
    assert () == answer(a_comparison("one", "1", findings=both)).refutations


def test_a_contrast_between_the_arms_counts(answer):
    contrast = {
        "more": {**CHANGE, "kind": "contrast", "direction": "higher", "comparison": {"kind": "randomised", "arms": ["b"], "versus": ["a"]}}
    }
    (row,) = answer(a_comparison("one", "1", says=None, findings=contrast)).refutations
    assert ("not significant", "natural killer cell count higher between the arms (one-1991-x#more)") == (row.said, row.activation)


def test_a_better_arm_refutes_nothing(answer):
    assert (
        ()
        == answer(
            a_comparison("one", "1", says="better", findings={"rise": {**CHANGE, "direction": "increase", "arms": ["b"]}})
        ).refutations
    )


def test_activation_in_another_report_of_the_trial_and_in_other_patients(answer):
    trial = {"relation": "same-trial", "certainty": "certain", "reason": "same number"}
    single = {"rise": {**CHANGE, "direction": "increase"}}
    engineered = {"arms": {"a": ENGINEERED}}
    found = answer(
        a_comparison("one", "1", overlaps=[{**trial, "study": "two-1991-x"}]),
        a_record("two", pmid="2", findings=single, overlaps=[{**trial, "study": "one-1991-x"}], **engineered),
        a_record("three", pmid="3", findings=single, **engineered),
    )
    (row,) = found.refutations
    assert "natural killer cell count rose within the arm (two-1991-x#rise)" == row.activation
    assert "bempegaldesleukin: 1 cohort (three-1991-x)" == row.elsewhere


@pytest.mark.parametrize(
    ("says", "p", "operator", "favours", "expected"),
    [
        ("worse", None, None, "more", "worse"),
        ("similar", 0.01, "", "more", "similar"),
        ("better", 0.5, "", "more", None),
        (None, 0.05, "", "more", "not significant"),
        (None, 0.04, "", "more", None),
        (None, 0.1, "<", "more", None),
        (None, None, "NS", "more", "not significant"),
        (None, 0.5, "", "neither", None),
        (None, None, None, "more", None),
    ],
)
def test_no_better_is_said_or_not_significant(says, p, operator, favours, expected):
    assert expected == not_better(says, p, operator, favours)


@given(st.integers(0, 60), st.integers(1, 60), st.sampled_from([5.0, 10.0, 20.0, 50.0]))
def test_every_counted_group_has_one_class_and_the_needed_number_tells(events, total, threshold):
    events = min(events, total)
    bounds = clopper_pearson(events, total)
    group = classify(measured=True, rose=True, low=100 * bounds.low, high=100 * bounds.high, threshold=threshold)
    assert group in {"benefit-excluded", "with-benefit", "too-few-to-tell"}
    if group != "too-few-to-tell":
        return
    needed = patients_needed(events, total, threshold)
    if events / total == threshold / 100:
        assert needed is None
    else:
        assert needed is None or needed > total


def test_patients_needed_for_the_founding_study_by_hand():
    needed = patients_needed(1, 18, 10)
    assert needed is not None
    at, before = (clopper_pearson(round(n / 18), n).high for n in (needed, needed - 36))
    assert at < 0.105 < before + 0.005


def test_the_rules_name_every_class_and_the_threshold():
    rules = "\n".join(arm_rules(15))
    for name in ("not-measured", "no-rise", "not-counted", "benefit-excluded", "with-benefit", "too-few-to-tell"):
        assert name in rules
    assert "15 %" in rules


def test_the_index_and_the_records_give_the_same_board(collection):
    project = collection(
        a_record(
            "one",
            findings={
                "rise": {**CHANGE, "direction": "increase", "only_in": "responders"},
                "null": {**ASSOCIATION, "association": "none", "basis": "tested"},
            },
        ),
        a_record("two", pmid="2", findings={"more": {**ASSOCIATION, "association": "positive", "endpoint": "progressive-disease"}}),
    )
    held = read_collection(project)
    said = [saying for study in held for saying in sayings(study, held.vocabulary)]
    expected = board(said, cohorts(held.studies, []), markers(held.vocabulary))
    with open_index(project) as index:
        found = concordance(index, Selection()).markers
    assert tuple(expected) == found


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.integers(), min_size=1, max_size=3)), st.sets(st.sampled_from("abcdefg")))
def test_rows_by_study_are_those_of_the_study(held: dict[str, list[int]], asked: set[str]) -> None:
    by_study = _ByStudy((study, number) for study in sorted(held) for number in held[study])
    assert [[(study, number) for number in held.get(study, ())] for study in sorted(asked)] == [
        by_study.of(study) for study in sorted(asked)
    ]


def test_the_table_by_group_is_the_same_when_it_is_read_while_it_is_written() -> None:
    index = index_of([a_study(), a_study(id="second-1992", **{"findings": {}})])
    for every_group in (False, True):
        whole = listing_of(concordance(index, select(index), tables=("groups",)), "groups", every_group=every_group)
        assert whole == group_stream(index, select(index), every_group=every_group).listing()
