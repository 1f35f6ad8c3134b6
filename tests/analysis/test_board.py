"""The board: what authors claim of a marker, counted in independent cohorts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.analysis.board import BoardRow, Move, Said, Side, board, collapsed_move, collapsed_side
from kb.analysis.sayings import markers, sayings
from kb.model.terms import MarkerRole, VocabularyKind
from kb.model.vocabulary import BiomarkerTerm, EndpointTerm
from kb.records.cohorts import Cohort
from kb.records.collection import Vocabulary
from tests.builders import SOURCE, a_study


def an_endpoint(**fields: Any) -> EndpointTerm:
    return EndpointTerm.model_validate({"label": "x", "kind": "response", "favours": "more", **fields})


VOCABULARY = Vocabulary(
    {
        VocabularyKind.ENDPOINTS: {
            "response": an_endpoint(),
            "death": an_endpoint(kind="survival", favours="less"),
            "dose": an_endpoint(favours="neither"),
            "harm": an_endpoint(kind="toxicity", favours="less"),
        },
        VocabularyKind.BIOMARKERS: {
            "nk": BiomarkerTerm.model_validate(
                {"label": "NK cells", "analyte": "NK cells", "measure": "count", "marker_class": "cell-number", "role": "activation"}
            )
        },
    }
)
ALONE = {name: Cohort(name, name) for name in "abcd"}


def a_finding(kind: str, **fields: Any) -> dict[str, Any]:
    base = {"kind": kind, "biomarker": "nk", "compartment": "blood", "timepoint": "not-reported", "population": "all", "source": SOURCE}
    return {**base, **fields}


def an_association(association: str, endpoint: str = "response", **fields: Any) -> dict[str, Any]:
    return a_finding("association", association=association, endpoint=endpoint, adjustment="unadjusted", **fields)


def said(finding: dict[str, Any]) -> tuple[Move | None, Side | None]:
    (found,) = sayings(a_study(findings={"x": finding}), VOCABULARY)
    return found.move, found.side


@pytest.mark.parametrize(
    ("finding", "move"),
    [
        (a_finding("change", direction="increase"), Move.INCREASE),
        (a_finding("change", direction="decrease"), Move.DECREASE),
        (a_finding("change", direction="no-change"), Move.NO_CHANGE),
        (a_finding("change", direction="rise-then-fall"), Move.MIXED),
        (a_finding("change", direction="increase", only_in="responders"), Move.MIXED),
        (a_finding("change", direction="increase", versus="healthy-controls"), None),
        (a_finding("change", direction="unclear"), None),
        (a_finding("level"), None),
    ],
    ids=["rose", "fell", "same", "both", "group", "other-comparator", "absent", "level"],
)
def test_moves(finding, move):
    assert (move, None) == said(finding)


@pytest.mark.parametrize(
    ("finding", "side"),
    [
        (an_association("positive"), Side.BETTER),
        (an_association("negative"), Side.WORSE),
        (an_association("positive", "death"), Side.WORSE),
        (an_association("negative", "death"), Side.BETTER),
        (an_association("mixed"), Side.MIXED),
        (an_association("differs"), Side.MIXED),
        (an_association("none", basis="tested"), Side.NONE_TESTED),
        (an_association("none", basis="stated"), Side.NONE_STATED),
        (an_association("none", basis="activation-without-response"), Side.NONE_WITHOUT_RESPONSE),
        (an_association("none", basis="implied-by-omission"), Side.NONE_IMPLIED),
        (an_association("positive", "harm"), None),
        (an_association("positive", "dose"), None),
        (an_association("unclear"), None),
        (an_association("positive", "not-a-term"), None),
    ],
)
def test_sides(finding, side):
    assert (None, side) == said(finding)


def test_another_marker_is_no_benefit():
    finding = a_finding("association", association="positive", other_marker="nk", adjustment="unadjusted")
    assert (None, None) == said(finding)


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ([], None),
        ([Side.BETTER], Side.BETTER),
        ([Side.BETTER, Side.NONE_TESTED], Side.BETTER_IN_PART),
        ([Side.WORSE, Side.NONE_STATED], Side.WORSE_IN_PART),
        ([Side.BETTER, Side.NONE_IMPLIED], Side.BETTER),
        ([Side.BETTER, Side.WORSE], Side.MIXED),
        ([Side.BETTER, Side.MIXED], Side.MIXED),
        ([Side.NONE_STATED, Side.NONE_TESTED], Side.NONE_TESTED),
        ([Side.NONE_IMPLIED, Side.NONE_WITHOUT_RESPONSE], Side.NONE_WITHOUT_RESPONSE),
    ],
)
def test_a_cohort_counts_once(sides, expected):
    assert expected == collapsed_side(sides)


def test_different_moves_are_mixed():
    assert (None, Move.INCREASE, Move.MIXED) == (
        collapsed_move([]),
        collapsed_move([Move.INCREASE, Move.INCREASE]),
        collapsed_move([Move.INCREASE, Move.NO_CHANGE]),
    )


def test_studies_of_the_same_patients_count_once():
    together = {"a": Cohort("a", "a"), "b": Cohort("a", "a"), "c": Cohort("c", "c")}
    findings = [
        Said("a", "rise", "nk", move=Move.INCREASE, patients=9),
        Said("b", "rise", "nk", move=Move.INCREASE, patients=12),
        Said("c", "level", "nk"),
        Said("c", "silent", "nk", side=Side.NONE_IMPLIED),
    ]
    (row,) = board(findings, together, markers(VOCABULARY))
    assert row == BoardRow(
        marker="nk",
        label="NK cells",
        role=MarkerRole.ACTIVATION,
        cohorts=2,
        studies=("a", "b", "c"),
        moves={Move.INCREASE: 1},
        sides={Side.NONE_IMPLIED: 1},
        said=tuple(findings),
        moved_patients={Move.INCREASE: 12},
        sided_patients={Side.NONE_IMPLIED: 0},
    )
    assert (row.not_claimed, row.not_assessed, row.associated) == (1, 1, 0)


def test_most_associations_first_and_unknown_markers_keep_their_id():
    findings = [Said("a", "x", "unknown"), Said("b", "y", "unknown"), Said("a", "z", "nk", side=Side.BETTER)]
    assert [("NK cells", MarkerRole.ACTIVATION), ("unknown", None)] == [
        (row.label, row.role) for row in board(findings, ALONE, markers(VOCABULARY))
    ]


findings_of_a_marker = st.lists(
    st.builds(
        Said,
        study=st.sampled_from("abcd"),
        item=st.just("x"),
        marker=st.sampled_from(["nk", "other"]),
        move=st.none() | st.sampled_from(Move),
        side=st.none() | st.sampled_from([Side.BETTER, Side.WORSE, Side.MIXED, Side.NONE_TESTED, Side.NONE_IMPLIED]),
    ),
    max_size=12,
)


@given(findings_of_a_marker, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_no_cohort_counts_twice(findings, random):
    shuffled = random.sample(findings, len(findings))
    rows = board(findings, ALONE, markers(VOCABULARY))
    assert [(row.marker, row.moves, row.sides) for row in rows] == [
        (row.marker, row.moves, row.sides) for row in board(shuffled, ALONE, markers(VOCABULARY))
    ]
    for row in rows:
        assert row.not_claimed >= 0
        assert row.not_assessed >= 0
        assert row.cohorts == len(row.studies)
