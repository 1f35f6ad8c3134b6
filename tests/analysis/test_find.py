"""`find` and its groups: columns, order, counts of cohorts beside studies and rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kb.analysis.find import COUNTS, describe_columns, find, group
from kb.analysis.find_columns import FACETS, SHORT, columns_of
from kb.analysis.selection import select
from kb.analysis.selection_sql import KINDS
from kb.errors import UsageError
from kb.records.index import Index
from tests.builders import SOURCE, a_study
from tests.small import index_of

SHARED = [{"study": "a", "relation": "same-cohort-earlier-cut", "certainty": "probable", "reason": "same trial"}]
EVENT = {"term": "hypotension", "printed": "low", "population": "all", "events": 0, "total": 20, "source": SOURCE}
COMPARED = {"agent": "interferon-alfa", "role": "comparator", "dose": "not-reported", "route": "not-reported", "schedule": "unclear"}


@pytest.fixture
def index() -> Iterator[Index]:
    a = a_study(id="a", adverse_events={"low": EVENT})
    b = a_study(
        id="b",
        overlaps=SHARED,
        **{"reports.main.year": 1985, "outcomes.response.result": {"kind": "statement", "says": "better", "text": "much better"},
           "populations.all.conditions": ["melanoma", "clear-cell-carcinoma"], "populations.all.n": "not-reported"},
    )  # fmt: skip
    c = a_study(
        id="c",
        **{"populations.all.conditions": [], "design.phase": "not-reported",
           "arms.b": {"label": "b", "n": 3, "regimen": [{"phase": "treatment", "components": [COMPARED]}]}},
    )  # fmt: skip
    with index_of([a, b, c]) as opened:
        yield opened


def test_rows_have_denominator_population_and_provenance(index: Index) -> None:
    columns = [
        "study_id",
        "item_id",
        "events",
        "total",
        "population_label",
        "population_n",
        "arms",
        "agents",
        "regimen_classes",
        "at",
        "anchor",
    ]
    listing = find(index, "outcomes", select(index, condition="RCC", endpoint="OBJECTIVE RESPONSE"), columns=columns)
    assert tuple(columns) == listing.columns
    assert "condition renal-cell-carcinoma (2 terms); endpoint objective-response; status draft, reviewed, accepted" == listing.selection
    common = ("a", "aldesleukin", "high-dose-bolus", "abstract, sentence 1", "five of twenty patients")
    assert [
        ("b", "response", None, None, "melanoma and clear cell renal cell carcinoma, treated", None, *common),
        ("a", "response", 5, 20, "renal cell carcinoma, treated", 20, *common),
    ] == listing.rows


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_of_every_kind_can_be_asked_for(index: Index, kind: str) -> None:
    full = find(index, kind, select(index))
    assert tuple(columns_of(kind)) == full.columns
    assert full.rows
    short = find(index, kind, select(index), short=True)
    assert SHORT[kind] == short.columns
    assert len(full.rows) == len(short.rows)
    described = describe_columns(kind)
    assert set(full.columns) <= {row[0] for row in described.rows}
    assert all(row[3] for row in described.rows)


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_and_absences_stand_side_by_side(kind: str) -> None:
    names = list(columns_of(kind))
    for name in names:
        if name.endswith("_absence") and name not in ("dose_absence",):
            assert name.removesuffix("_absence") == names[names.index(name) - 1]


def test_rows_come_by_year_study_and_place_unless_sorted(index: Index) -> None:
    assert ["b", "a", "c"] == [row[0] for row in find(index, "studies", select(index)).rows]
    by_n = find(index, "studies", select(index), columns=["study_id", "n"], sort=["-n", "-study_id"])
    assert [("c", 20), ("a", 20), ("b", None)] == by_n.rows
    assert [("a", 20), ("c", 20)] == find(index, "studies", select(index), columns=["study_id", "n"], sort=["n"], limit=2).rows
    assert [] == find(index, "studies", select(index), limit=0).rows


def test_words_rank_the_rows_and_show_the_hit(index: Index) -> None:
    listing = find(index, "studies", select(index, text="clear"), short=True)
    assert "snippet" == listing.columns[-1]
    assert ["b"] == [row[0] for row in listing.rows]
    assert "«clear»" in listing.rows[0][-1]
    titled = a_study(id="z", **{"reports.main.title": "melanoma", "reports.main.year": 2000})
    with index_of([a_study(id="n", **{"design.note": "melanoma among other words"}), titled]) as other:
        assert ["z", "n"] == [row[0] for row in find(other, "studies", select(other, text="melanoma")).rows]
        assert ("study_id",) == find(other, "outcomes", select(other, text="melanoma"), columns=["study_id"]).columns
        by_year = find(other, "findings", select(other, text="melanoma"), columns=["study_id"], sort=["year"])
        assert [("n",), ("z",)] == by_year.rows


def test_groups_count_cohorts_first_and_studies_and_rows_beside(index: Index) -> None:
    listing = group(index, "outcomes", select(index), ["endpoint"])
    assert ("endpoint", "cohorts", "cohorts_certain", "studies", "rows") == listing.columns
    assert [("objective-response", 2, 3, 3, 3)] == listing.rows
    assert ("cohorts", "cohorts_certain", "studies", "rows") == tuple(name for name, _, _ in COUNTS)


def test_a_group_keeps_the_kinds_of_absence_apart(index: Index) -> None:
    listing = group(index, "studies", select(index), ["phase"])
    assert ("phase", "phase_absence") == listing.columns[:2]
    assert [("2", None, 1, 2, 2, 2), (None, "not-reported", 1, 1, 1, 1)] == sorted(listing.rows, key=repr)


@pytest.mark.parametrize(
    ("kind", "facet", "expected"),
    [
        ("outcomes", "condition", {None: 1, "renal-cell-carcinoma": 1, "melanoma": 1, "clear-cell-carcinoma": 1}),
        ("studies", "condition", {None: 1, "renal-cell-carcinoma": 1, "melanoma": 1, "clear-cell-carcinoma": 1}),
        ("arms", "condition", {None: 2, "renal-cell-carcinoma": 1, "melanoma": 1, "clear-cell-carcinoma": 1}),
        ("studies", "agent", {"aldesleukin": 3, "interferon-alfa": 1}),
        ("arms", "agent", {"aldesleukin": 3, "interferon-alfa": 1}),
        ("findings", "agent", {"aldesleukin": 3, "interferon-alfa": 1}),
        ("claims", "route", {"iv-bolus": 3, "not-reported": 1}),
        ("reports", "class", {"high-dose-bolus": 3, "no-il-2": 1}),
        ("arms", "class", {"high-dose-bolus": 3, "no-il-2": 1}),
        ("populations", "class", {"high-dose-bolus": 3, "no-il-2": 1}),
        ("adverse-events", "decade", {1990: 1}),
        ("studies", "decade", {1980: 1, 1990: 2}),
    ],
)
def test_a_row_counts_once_in_every_value_of_a_facet(index: Index, kind: str, facet: str, expected: dict[Any, int]) -> None:
    listing = group(index, kind, select(index), [facet])
    assert facet == listing.columns[0]
    assert expected == {row[0]: row[-1] for row in listing.rows}


def test_groups_of_several_columns_are_sorted_and_cut(index: Index) -> None:
    listing = group(index, "outcomes", select(index), ["condition", "decade", "result"], sort=["-rows", "condition"], limit=2)
    assert ("condition", "decade", "result", "cohorts", "cohorts_certain", "studies", "rows") == listing.columns
    assert [("clear-cell-carcinoma", 1980, "statement", 1, 1, 1, 1), ("melanoma", 1980, "statement", 1, 1, 1, 1)] == listing.rows


@pytest.mark.parametrize("facet", FACETS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_facet_works_for_every_kind(index: Index, kind: str, facet: str) -> None:
    whole = len(find(index, kind, select(index)).rows)
    assert whole <= sum(row[-1] for row in group(index, kind, select(index), [facet]).rows)


def test_unknown_columns_and_kinds_name_the_nearest(index: Index) -> None:
    everything = select(index)
    with pytest.raises(UsageError) as raised:
        find(index, "outcomes", everything, columns=["event"])
    assert 'outcomes have no column "event"' == str(raised.value)
    assert raised.value.hint.startswith("did you mean events")
    with pytest.raises(UsageError) as raised:
        find(index, "outcomes", everything, sort=["-zzzzzz"])
    assert "`kb find outcomes --list-columns` names them" == raised.value.hint
    with pytest.raises(UsageError, match='outcomes have no column "conditio"'):
        group(index, "outcomes", everything, ["conditio"])
    with pytest.raises(UsageError, match='groups have no column "events"'):
        group(index, "outcomes", everything, ["endpoint"], sort=["events"])
    with pytest.raises(UsageError) as raised:
        find(index, "outcome", everything)
    assert ('there is no kind "outcome"', "one of outcomes") == (str(raised.value), raised.value.hint)
    with pytest.raises(UsageError, match="there is no kind"):
        describe_columns("zzz")
