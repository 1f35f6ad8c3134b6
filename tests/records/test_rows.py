"""A study as rows: every column from the record, absences with their kind, no zero for a blank."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from kb.model.study import Study
from kb.model.terms import VocabularyKind
from kb.records.rows import study_rows
from kb.records.search_rows import search_row
from kb.records.tables import ALL_TABLES, DDL, STUDY_TABLES, VOCABULARY_TABLES
from kb.records.vocabulary_rows import vocabulary_rows
from tests.builders import SOURCE, a_study
from tests.small import index_of, small_vocabulary
from tests.whole import ARMS, whole_data

VOCABULARY = small_vocabulary()
ON_ALL = {"population": "all", "source": SOURCE}
MARKED = {**ON_ALL, "biomarker": "nk-cell-count", "compartment": "blood", "timepoint": "unclear"}


def rows_of(study: Study, table: str, **where: Any) -> list[dict[str, Any]]:
    """Return a table's rows as mappings, those with the given values."""
    found = study_rows(study, file="f.yaml", lines={("outcomes", "response"): 7, ("outcomes",): 6}, vocabulary=VOCABULARY)
    blank = dict.fromkeys(next(t.names for t in STUDY_TABLES if t.name == table))
    rows = [blank | dict(zip(shape, row, strict=True)) for shape, alike in found.get(table, {}).items() for row in alike]
    assert all(list(blank) == list(row) for row in rows), "no column that the table lacks"
    return [row for row in rows if all(row[name] == value for name, value in where.items())]


def held(row: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return what a row holds: the values that are there, or those named."""
    return {name: row[name] for name in names} if names else {name: value for name, value in row.items() if value is not None}


def test_an_outcome_row_says_what_where_in_whom_and_from_which_words() -> None:
    (row,) = rows_of(a_study(), "outcomes")
    assert {
        "study_id": "example-1991-il2",
        "item_id": "response",
        "position": 0,
        "file": "f.yaml",
        "line": 7,
        "endpoint": "objective-response",
        "endpoint_label": "objective response",
        "endpoint_kind": "response",
        "favours": "more",
        "criteria_absence": "not-in-what-was-read",
        "assessor_absence": "not-in-what-was-read",
        "count_of": "patients",
        "population": "all",
        "population_label": "renal cell carcinoma, treated",
        "population_n": 20,
        "population_basis": "treated",
        "conditions": "renal-cell-carcinoma",
        "arms": "a",
        "result": "proportion",
        "events": 5,
        "total": 20,
        "report": "main",
        "report_read": "abstract",
        "at": "abstract, sentence 1",
        "anchor": "five of twenty patients",
    } == held(row)


RESULTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "proportion with nothing but a printed percentage",
        {"kind": "proportion", "percent": "45.0", "interval": {"low": 20, "high": "70.5", "level": 95}, "p": "<0.05"},
        {
            "result": "proportion", "percent": 45.0, "percent_printed": "45.0", "interval_low": 20.0, "interval_low_printed": "20",
            "interval_high": 70.5, "interval_high_printed": "70.5", "interval_level": 95.0, "interval_not_reached": 0,
            "p": 0.05, "p_printed": "<0.05", "p_operator": "<",
        },
    ),
    (
        "no events is a zero",
        {"kind": "proportion", "events": 0, "total": 9},
        {"result": "proportion", "events": 0, "total": 9},
    ),
    (
        "time to event",
        {
            "kind": "time-to-event", "unit": "months", "median": "35+", "mean": 30, "range": {"low": 2, "high": "60+", "quartiles": True},
            "times": ["36+", 12], "events": 3, "total": 9, "clock": "first dose", "p": "NS",
        },
        {
            "result": "time-to-event", "unit": "months", "median": 35.0, "median_printed": "35+", "median_not_reached": 0, "mean": 30.0,
            "mean_printed": "30", "range_low": 2.0, "range_low_printed": "2", "range_high": 60.0, "range_high_printed": "60+",
            "range_quartiles": 1, "times": "36+; 12", "events": 3, "total": 9, "clock": "first dose", "p_printed": "NS", "p_operator": "NS",
        },
    ),
    (
        "contrast",
        {
            "kind": "contrast", "measure": "hr", "estimate": 0.7, "interval": {"half_width": 0.2, "not_reached": True}, "p": 0.03,
            "alpha": 0.01, "test": "log-rank", "sides": 2, "direction": "better", "adjusted_for": ["age", "stage"], "unit": "per year",
        },
        {
            "result": "contrast", "measure": "hr", "estimate": 0.7, "estimate_printed": "0.7", "interval_half_width": 0.2,
            "interval_not_reached": 1, "p": 0.03, "p_printed": "0.03", "p_operator": "", "alpha": 0.01, "test": "log-rank", "sides": 2,
            "says": "better", "result_adjusted_for": "age; stage", "unit": "per year",
        },
    ),
    (
        "count", {"kind": "count", "count": "~40", "of": "courses"},
        {"result": "count", "estimate": 40.0, "estimate_printed": "~40", "unit": "courses"},
    ),
    (
        "continuous",
        {"kind": "continuous", "value": 3.5, "statistic": "mean", "unit": "cells", "spread": {"sd": 1, "se": 0.2}, "n": 8},
        {
            "result": "continuous", "measure": "mean", "estimate": 3.5, "estimate_printed": "3.5", "unit": "cells", "sd": 1.0, "se": 0.2,
            "range_quartiles": 0, "result_n": 8,
        },
    ),
    (
        "statement", {"kind": "statement", "says": "no-difference", "text": "no difference", "p": 0.4, "test": "t"},
        {"result": "statement", "says": "no-difference", "result_text": "no difference", "p": 0.4, "p_printed": "0.4", "p_operator": "", "test": "t"},
    ),
]  # fmt: skip
RESULT_NAMES = [
    "result", "events", "total", "percent", "percent_printed", "measure", "estimate", "estimate_printed", "median", "median_printed",
    "median_not_reached", "mean", "mean_printed", "unit", "interval_low", "interval_high", "interval_low_printed", "interval_high_printed",
    "interval_level", "interval_half_width", "interval_not_reached", "range_low", "range_high", "range_low_printed", "range_high_printed",
    "range_quartiles", "sd", "se", "times", "clock", "result_n", "p", "p_printed", "p_operator", "alpha", "test", "sides",
    "result_adjusted_for", "says", "result_text",
]  # fmt: skip


@pytest.mark.parametrize(("result", "expected"), [case[1:] for case in RESULTS], ids=[case[0] for case in RESULTS])
def test_each_kind_of_result_fills_its_columns_and_no_others(result: dict[str, Any], expected: dict[str, Any]) -> None:
    (row,) = rows_of(a_study(**{"outcomes.response.result": result}), "outcomes")
    assert expected == held({name: row[name] for name in RESULT_NAMES})


def test_every_column_is_filled_by_some_row() -> None:
    """What no row names is NULL without a word, so that a column could be forgotten."""
    results = {f"of-{place}": result for place, (_, result, _) in enumerate(RESULTS)}
    results["of-2"] = {**results["of-2"], "landmarks": [{"at": "12", "unit": "months", "interval": {"low": 1, "high": 2}, "percent": 40}]}
    data = whole_data()
    data["populations"]["all"]["characteristics"] = {"male": 3}
    data["arms"]["a"]["regimen"][0]["components"][0]["schedule"] |= {"cycles": 2, "cycle_days": 7}
    (phase,) = data["arms"]["b"]["regimen"]
    data["arms"]["b"]["regimen"] = [{**phase, "components": [{**phase["components"][0], "dose": "not-reported"}]}]
    data["findings"] |= {ident: {**MARKED, "kind": "level", "result": result} for ident, result in results.items()}
    data["findings"]["a-change"] |= {"groups": [{"group": "one", "value": 1, "before": 2, "after": 3}]}
    data["outcomes"] |= {ident: {**ON_ALL, "endpoint": "overall-survival", "result": result} for ident, result in results.items()}
    of_others = {"endpoint": "overall-survival", "whose": "others", "source": SOURCE}
    data["cited"] = {ident: {**of_others, "result": result} for ident, result in results.items()}
    data["adverse_events"]["an-event"] |= {"percent": 10, "interval": {"low": 1, "high": 20}, "p": 0.5, "comparison": ARMS}
    data["overlaps"] = [{"study": "another-1990", "relation": "same-trial", "certainty": "certain", "reason": "the same authors"}]
    data["design"]["enrolment"] = {"start": "1990", "end": "1991"}
    rows = study_rows(Study.model_validate(data), file="f.yaml", lines={}, vocabulary=VOCABULARY)
    # A value and why it is not there come from one call, so that either of the two columns stands for both.
    named = {table: {name.removesuffix("_absence") for shape in shapes for name in shape} for table, shapes in rows.items()}
    columns = {table.name: {name.removesuffix("_absence") for name in table.names} for table in STUDY_TABLES}
    assert {"studies": {"study_no"}} == {table: missing for table, names in columns.items() if (missing := names - named[table])}


def test_absences_stay_typed() -> None:
    study = a_study(
        **{"populations.all.n": "contradictory", "findings.nk-rise.direction": "not-measured", "design.phase": "not-applicable"}
    )
    (finding,) = rows_of(study, "findings")
    assert {"population_n": None, "population_n_absence": "contradictory"} == held(finding, "population_n", "population_n_absence")
    assert {"direction": None, "direction_absence": "not-measured"} == held(finding, "direction", "direction_absence")
    assert {"association": None, "association_absence": "not-applicable"} == held(finding, "association", "association_absence")
    assert {"n": None, "n_absence": "not-in-what-was-read"} == held(finding, "n", "n_absence")
    (row,) = rows_of(study, "studies")
    assert {"phase": None, "phase_absence": "not-applicable", "n": None, "n_absence": "contradictory"} == held(
        row, "phase", "phase_absence", "n", "n_absence"
    )


def test_a_level_has_no_direction_and_an_association_has_its_target_basis_and_p() -> None:
    association = {
        **MARKED, "kind": "association", "endpoint": "objective-response", "endpoint_printed": "PR + MR", "association": "none",
        "basis": "tested", "adjustment": "adjusted", "adjusted_for": ["age"], "p": 0.4, "test": "Wilcoxon", "flags": ["post-hoc"],
        "groups": [{"group": "responders", "n": 5, "value": 3, "spread": {"low": 1, "high": 4}}],
    }  # fmt: skip
    study = a_study(findings={"low": {**MARKED, "kind": "level"}, "none": association})
    level, none = rows_of(study, "findings")
    assert {"direction": None, "direction_absence": "not-applicable"} == held(level, "direction", "direction_absence")
    expected = {
        "endpoint": "objective-response", "endpoint_label": "objective response", "endpoint_printed": "PR + MR", "association": "none",
        "basis": "tested", "adjustment": "adjusted", "adjusted_for": "age", "p": 0.4, "p_printed": "0.4", "test": "Wilcoxon",
        "flags": "post-hoc", "direction": None, "direction_absence": "not-applicable", "marker_role": "activation",
    }  # fmt: skip
    assert expected == held(none, *expected)
    (group,) = rows_of(study, "group_values")
    assert {
        "study_id": study.id, "kind": "findings", "item_id": "none", "group_no": 0, "name": "responders", "n": 5, "value": 3.0,
        "value_printed": "3", "range_low": 1.0, "range_high": 4.0, "range_quartiles": 0,
    } == held(group)  # fmt: skip


def test_a_contrast_of_groups_names_both_sides() -> None:
    comparison = {"kind": "randomised", "arms": ["a"], "versus": ["b"], "differs": ["aldesleukin"], "versus_text": "none"}
    contrast = {**MARKED, "kind": "contrast", "direction": "higher", "comparison": comparison}
    arms = {"a": {"label": "one", "n": 1, "regimen": []}, "b": {"label": "two", "n": 1, "regimen": []}}
    study = a_study(arms=arms, findings={"more": contrast})
    (row,) = rows_of(study, "findings")
    expected = {
        "comparison": "randomised", "comparison_arms": "a", "versus_arms": "b", "versus_population": None, "versus_text": "none",
        "differs": "aldesleukin", "direction": "higher", "arms": "a; b",
    }  # fmt: skip
    assert expected == held(row, *expected)
    assert ["a", "b"] == [link["arm"] for link in rows_of(study, "item_arms", kind="findings", item_id="more")]


def test_a_component_has_its_dose_as_printed_parsed_and_planned_and_in_iu_by_a_sourced_factor() -> None:
    schedule = {"text": "every 8 h", "days": ["1-5"], "times_per_day": 3, "cycle_days": 14, "cycles": 2}
    study = a_study(**{"arms.a.regimen.0.components.0": {
        "agent": "aldesleukin", "role": "investigational", "dose": "100,000-200,000 Cetus U/kg", "route": "iv-bolus", "schedule": schedule,
    }})  # fmt: skip
    (row,) = rows_of(study, "components")
    expected = {
        "agent": "aldesleukin", "agent_label": "aldesleukin", "agent_class": "il-2", "route": "iv-bolus", "mode": "bolus",
        "dose_printed": "100,000-200,000 Cetus U/kg", "dose_absence": None, "dose_low": 1e5, "dose_high": 2e5,
        "dose_family": "cetus-units", "dose_body": "per-kg", "dose_per": "dose", "per_dose_low": 1e5, "per_dose_high": 2e5,
        "per_dose_iu": 1.2e6, "per_day_low": 3e5, "per_day_high": 6e5, "per_day_iu": 3.6e6, "per_cycle_high": 3e6,
        "per_cycle_iu": 1.8e7, "cumulative_high": 6e6, "cumulative_iu": 3.6e7, "days": "1-5", "cycles": 2, "schedule": "every 8 h",
    }  # fmt: skip
    assert expected == held(row, *expected)


def test_a_dose_without_a_factor_has_no_iu_and_an_absent_one_says_why() -> None:
    unlabelled = a_study(**{"arms.a.regimen.0.components.0.dose": "3e6 U/m2/day"})
    (row,) = rows_of(unlabelled, "components")
    assert {"dose_family": "unlabelled-units", "per_day_high": 3e6, "per_day_iu": None} == held(
        row, "dose_family", "per_day_high", "per_day_iu"
    )
    absent = a_study(**{f"arms.a.regimen.0.components.0.{name}": "not-reported" for name in ("dose", "route", "schedule")})
    (row,) = rows_of(absent, "components")
    expected = {
        "dose_printed": None, "dose_absence": "not-reported", "route": None, "route_absence": "not-reported", "mode": None,
        "schedule": None, "schedule_absence": "not-reported", "per_dose_low": None, "dose_assumed": None, "given": None,
    }  # fmt: skip
    assert expected == held(row, *expected)
    (arm,) = rows_of(absent, "arms")
    assert {"regimen_class": "il-2-unspecified", "routes": None, "doses": None} == held(arm, "regimen_class", "routes", "doses")


def test_supportive_drugs_are_components_but_no_agents_of_the_arm() -> None:
    supportive = {"agent": "indomethacin", "role": "supportive", "dose": "not-reported", "route": "iv", "schedule": "not-reported"}
    components = [a_study().arms["a"].regimen[0].components[0].model_dump(), supportive]
    study = a_study(**{"arms.a.regimen.0.components": components})
    assert 2 == len(rows_of(study, "components"))
    (arm,) = rows_of(study, "arms")
    assert {"agents": "aldesleukin", "routes": "iv-bolus"} == held(arm, "agents", "routes")
    (row,) = rows_of(study, "studies")
    assert "aldesleukin" == row["agents"]


def test_items_are_linked_to_the_arms_and_diseases_of_their_population() -> None:
    study = a_study(
        **{
            "arms.b": {"label": "b", "n": 3, "regimen": []},
            "populations.part": {"n": 9, "basis": "subgroup", "label": "men", "within": "all", "arms": ["b"]},
            "outcomes.response.population": "part",
            "findings.nk-rise.arms": ["a"],
        }
    )
    assert ["b"] == [row["arm"] for row in rows_of(study, "item_arms", kind="outcomes")]
    assert ["a"] == [row["arm"] for row in rows_of(study, "item_arms", kind="findings")]
    assert ["a", "b"] == [row["arm"] for row in rows_of(study, "item_arms", kind="populations", item_id="all")]
    assert {"renal-cell-carcinoma"} == {row["condition"] for row in rows_of(study, "item_conditions")}
    assert {("outcomes", "response"), ("findings", "nk-rise"), ("claims", "active"), ("populations", "all"), ("populations", "part"),
            ("arms", "a"), ("arms", "b")} == {(row["kind"], row["item_id"]) for row in rows_of(study, "item_conditions")}  # fmt: skip
    (row,) = rows_of(study, "outcomes")
    assert ("men", 9, "b") == (row["population_label"], row["population_n"], row["arms"])


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ({}, {"arms": "a; b", "conditions": "renal-cell-carcinoma; melanoma", "populations": None}),
        ({"populations": ["part"]}, {"arms": "b", "conditions": "melanoma", "populations": "part"}),
        ({"conditions": ["cancer"]}, {"arms": "a; b", "conditions": "cancer", "populations": None}),
        ({"subject": {"arm": "a"}}, {"arms": "a", "subject_kind": "arm", "subject": "a", "subject_label": "high-dose IL-2"}),
        ({"subject": {"arm": "none"}}, {"subject": "none", "subject_label": "none"}),
        ({"object": {"condition": "cancer"}}, {"conditions": "cancer", "object_kind": "condition", "object_label": "cancer"}),
        ({"subject": {"text": "fever"}}, {"subject_kind": "text", "subject": "fever", "subject_label": "fever"}),
    ],
)
def test_a_claim_speaks_of_what_it_names_else_of_its_populations_else_of_the_study(claim: dict[str, Any], expected: dict[str, Any]) -> None:
    about = {"subject": {"agent": "aldesleukin"}, "object": {"endpoint": "objective-response"}, "relation": "increases", "summary": "s"}
    study = a_study(
        **{
            "arms.b": {"label": "b", "n": 3, "regimen": []},
            "populations.part": {"n": 9, "basis": "subgroup", "conditions": ["melanoma"], "arms": ["b"]},
            "claims.active": {**about, "source": SOURCE, **claim},
        }
    )
    (row,) = rows_of(study, "claims")
    assert expected == held(row, *expected)


def test_flags_of_an_item_its_appraisal_and_the_study_stay_apart() -> None:
    raised = [{"flag": "small-subgroup", "items": ["response", "active"], "reason": "few"}, {"flag": "post-hoc", "reason": "late"}]
    study = a_study(**{"outcomes.response.flags": ["historical-control"], "appraisal": {"flags": raised, "grade": "low"}})
    found = [(row["item_id"], row["flag"], row["reason"]) for row in rows_of(study, "flags")]
    expected = [
        ("response", "historical-control", None), ("response", "small-subgroup", "few"), ("active", "small-subgroup", "few"),
        (None, "post-hoc", "late"),
    ]  # fmt: skip
    assert expected == found
    assert "historical-control; small-subgroup" == rows_of(study, "outcomes")[0]["flags"]
    assert "small-subgroup" == rows_of(study, "claims")[0]["flags"]
    assert ("post-hoc", "low") == (rows_of(study, "studies")[0]["flags"], rows_of(study, "studies")[0]["grade"])


def test_ambiguities_name_their_item() -> None:
    ambiguity = {"kind": "missing", "about": ["outcomes.response", "study", "design.phase"], "text": "unclear"}
    found = [(row["about"], row["item_id"]) for row in rows_of(a_study(ambiguities=[ambiguity]), "ambiguities")]
    assert [("outcomes.response", "response"), ("study", None), ("design.phase", None)] == found


def test_landmarks_cited_numbers_events_and_reports() -> None:
    landmarks = [{"at": 1, "unit": "years", "percent": "55", "interval": {"low": 40}}]
    study = a_study(
        **{
            "reports.later": {"read": "full-text", "title": "t", "authors": "not-reported", "year": 1995, "retracted": True},
            "outcomes.response.result": {"kind": "time-to-event", "landmarks": landmarks},
            "outcomes.response.source.report": "elsewhere",
            "cited.old": {"endpoint": "overall-survival", "whose": "others", "result": {"kind": "count", "count": 4}, "source": SOURCE},
            "adverse_events.low": {**ON_ALL, "term": "hypotension", "printed": "low pressure", "related": True, "percent": "<5"},
        }
    )
    (landmark,) = rows_of(study, "landmarks")
    assert {"at": 1.0, "unit": "years", "percent": 55.0, "interval_low": 40.0} == held(landmark, "at", "unit", "percent", "interval_low")
    (cited,) = rows_of(study, "cited")
    assert ("others", 4.0) == (cited["whose"], cited["estimate"])
    (event,) = rows_of(study, "adverse_events")
    assert ("hypotension", "vessels", 1, None, 5.0, "<5") == tuple(
        event[name] for name in ("term_label", "organ", "related", "events", "percent", "percent_printed")
    )
    assert [None, "not-reported"] == [row["authors_absence"] for row in rows_of(study, "reports")]
    assert 1 == rows_of(study, "studies")[0]["retracted"]
    assert None is rows_of(study, "outcomes")[0]["report_read"]


def test_unknown_references_are_left_to_kb_check() -> None:
    study = a_study(
        **{"outcomes.response.population": "nobody", "outcomes.response.endpoint": "luck", "populations.all.conditions": ["plague"],
           "findings.nk-rise.biomarker": "aura", "arms.a.regimen.0.components.0.agent": "dust"}
    )  # fmt: skip
    (row,) = rows_of(study, "outcomes")
    assert ("nobody", None, "luck", None) == (row["population"], row["population_label"], row["endpoint_label"], row["endpoint_kind"])
    (finding,) = rows_of(study, "findings")
    assert ("aura", None, "plague, treated") == (finding["biomarker_label"], finding["marker_class"], finding["population_label"])
    with index_of([study]) as index:
        assert [(1,)] == index.rows("SELECT count(*) FROM studies")


def test_lines_fall_back_to_the_section_and_then_to_the_first_line() -> None:
    study = a_study(**{"outcomes.more": {**ON_ALL, "endpoint": "overall-survival", "result": {"kind": "count", "count": 1}}})
    assert [("response", 7), ("more", 6)] == [(row["item_id"], row["line"]) for row in rows_of(study, "outcomes")]
    assert 1 == rows_of(study, "claims")[0]["line"]


def test_the_vocabulary_is_spelled_out_with_everything_that_a_term_covers() -> None:
    rows = vocabulary_rows(VOCABULARY)
    names = {table.name: table.names for table in VOCABULARY_TABLES}
    terms = {row[:2]: dict(zip(names["terms"], row, strict=True)) for row in rows["terms"]}
    marker = terms["biomarkers", "nk-cell-count"]
    assert ("cell-number", "activation", "count", "lymphocyte-count") == (
        marker["class"],
        marker["role"],
        marker["measure"],
        marker["broader"],
    )
    classes = {key: value["class"] for key, value in terms.items()}
    assert ("il-2", "bolus", "iu", "vessels", "response", None) == (
        classes["agents", "aldesleukin"], classes["routes", "iv-bolus"], classes["units", "iu"], classes["adverse-events", "hypotension"],
        classes["endpoints", "objective-response"], classes["conditions", "cancer"],
    )  # fmt: skip
    covered = {row[2] for row in rows["closure"] if row[:2] == ("conditions", "cancer")}
    assert {"cancer", "renal-cell-carcinoma", "clear-cell-carcinoma", "melanoma"} == covered
    assert ("conditions", "kidney cancer", "renal-cell-carcinoma") in rows["names"]
    assert [("cetus-units", "iu", 6.0, "an example")] == rows["factors"]


def test_names_resolve_as_in_the_vocabulary() -> None:
    for kind, name, ident in vocabulary_rows(VOCABULARY)["names"]:
        assert ident == VOCABULARY.resolve(VocabularyKind(kind), name)


def test_search_holds_synonyms_prints_and_notes() -> None:
    study = a_study(
        **{"findings.nk-rise.printed": "natural killers", "outcomes.response.note": "seen late", "reports.main.pmid": "123",
           "outcomes.response.result": {"kind": "statement", "says": "better", "text": "much better"}, "appraisal": {"note": "careful"}}
    )  # fmt: skip
    words = " | ".join(search_row(study, VOCABULARY))
    for word in ("Proleukin", "kidney cancer", "natural killers", "seen late", "123", "much better", "careful", "Example 1991"):
        assert word in words


def test_tables_are_created_as_described_and_every_column_says_what_it_holds() -> None:
    connection = sqlite3.connect(":memory:")
    for statement in DDL:
        connection.execute(statement)
    for table in ALL_TABLES:
        found = [row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")]
        assert list(table.names) == found
        assert table.meaning
        assert all(column.meaning for column in table.columns)
