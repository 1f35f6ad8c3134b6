"""Layouts of the charts: numbers in, numbers out."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.analysis.board import BoardRow, Move, Side
from kb.analysis.dosing import Lane, Strip, strips
from kb.analysis.shares import Makeup, Share
from kb.export.site.charts import (
    A_ROW,
    PITCH,
    STRIP_WIDTH,
    Segment,
    benefit_bar,
    board_scale,
    change_bar,
    dose_strip,
    flow_width,
    response_squares,
    share_place,
    share_strip,
    tallest_amounts,
    years_strip,
)
from kb.model.algebra import Lexicon
from kb.model.regimen import Arm
from kb.model.terms import AgentClass, Body, UnitFamily

LEXICON = Lexicon(
    {"il2": AgentClass.IL2, "cells": AgentClass.CELLS, "cut": AgentClass.PROCEDURE}, {"civ": "continuous", "sc": "injection"}, {}
)


def a_row(moves: dict[Move, int] | None = None, sides: dict[Side, int] | None = None) -> BoardRow:
    return BoardRow("nk", "NK", None, 9, (), moves or {}, sides or {}, ())


def test_bars_diverge_about_the_centre():
    row = a_row({Move.DECREASE: 1, Move.NO_CHANGE: 2, Move.INCREASE: 3, Move.MIXED: 4})
    bar = change_bar(row, board_scale([row]))
    assert [
        Segment("decrease", 1, 68.0, 14.0, True),
        Segment("no-change", 2, 82.0, 28.0, True),
        Segment("increase", 3, 110.0, 42.0, True),
    ] == list(bar.segments)
    assert (bar.centre, bar.width, bar.mixed) == (96.0, 192.0, 4)


def test_nulls_stand_astride_and_silence_is_not_drawn():
    row = a_row(sides={Side.NONE_TESTED: 1, Side.NONE_WITHOUT_RESPONSE: 1, Side.NONE_IMPLIED: 5, Side.BETTER_IN_PART: 1, Side.MIXED: 2})
    bar = benefit_bar(row, board_scale([row]))
    assert [("none-tested", 82.0), ("none-without-response", 96.0), ("better-in-part", 110.0)] == [
        (one.kind, one.x) for one in bar.segments
    ]
    assert bar.mixed == 2


counts = st.dictionaries(st.sampled_from(Move), st.integers(0, 400)), st.dictionaries(st.sampled_from(Side), st.integers(0, 400))


@given(st.lists(st.tuples(*counts), min_size=1, max_size=4))
def test_every_bar_fits_its_drawing(found):
    rows = [a_row(moves, sides) for moves, sides in found]
    scale = board_scale(rows)
    for row in rows:
        for bar in (change_bar(row, scale), benefit_bar(row, scale)):
            for one in bar.segments:
                assert -0.5 <= one.x
                assert one.x + one.width <= bar.width + 0.5


@given(st.floats(-50, 150))
def test_shares_stay_on_the_strip(percent):
    assert 7 <= share_place(percent) <= STRIP_WIDTH - 7


def test_share_strip():
    counted = share_strip(Share(5, 20, 25.0, 8.7, 49.1, 95.0, exact=True), 20)
    assert (43.5, 19.7, 78.7, 13.0) == (counted.x, counted.low, counted.high, counted.side)
    printed = share_strip(Share(None, None, 50.0), 20)
    assert (80.0, None, None, 0.0) == (printed.x, printed.low, printed.high, printed.side)


def a_strip(*components: dict[str, Any], **phase: Any) -> Strip:
    base = {"agent": "il2", "role": "investigational", "dose": "9 MIU", "route": "sc", "schedule": {"text": "x", "days": ["1-2"]}}
    arm = Arm.model_validate(
        {"label": "a", "n": 1, "regimen": [{"phase": "treatment", "components": [{**base, **one} for one in components], **phase}]}
    )
    return strips(arm, LEXICON)[0]


def boxes(strip: Strip) -> list[list[tuple[Any, ...]]]:
    drawing = dose_strip(strip, tallest_amounts([strip]), LEXICON)
    return [[(box.kind, box.x, box.y, box.width, box.height) for box in lane.boxes] for lane in drawing.lanes]


def test_a_box_a_day_and_height_by_dose():
    strip = a_strip({}, {"dose": "3 MIU"}, {"dose": "5 mg"}, {"dose": "not-reported"})
    assert [(22.0, 22.0), (7.3, 7.3), (22.0, 22.0), (22.0, 22.0)] == [tuple(box[4] for box in lane) for lane in boxes(strip)]
    assert [("box", 1, 2.0, 8, 22.0), ("box", 11, 2.0, 8, 22.0)] == boxes(strip)[0]


def test_doses_a_day_are_stacked_up_to_three():
    stacks = [len(boxes(a_strip({"schedule": {"text": "x", "days": [1], "times_per_day": times}}))[0]) for times in (1, 2, 3, 6)]
    assert [1, 2, 3, 3] == stacks


def test_infusions_are_bars_cells_ticks_and_procedures_triangles():
    strip = a_strip(
        {"route": "civ", "schedule": {"text": "x", "days": ["1-5", 8]}},
        {"agent": "cells", "dose": "1e10 cells", "schedule": {"text": "x", "days": [3]}},
        {"agent": "cut", "dose": "not-applicable", "schedule": {"text": "x", "days": [4]}},
    )
    found = boxes(strip)
    assert [("bar", 0, 2.0, 50, 22.0), ("bar", 70, 2.0, 10, 22.0)] == found[0]
    assert [("tick", 23.5, 4.0, 3, 20.0)] == found[1]
    assert ["triangle"] == [box[0] for box in found[2]]


def test_weeks_and_unknown_days():
    strip = a_strip({"schedule": {"text": "x", "days": [-20, -3, 1, 15]}}, {"schedule": "not-reported"})
    drawing = dose_strip(strip, {}, LEXICON)
    assert ((-2, -1, 1, 2, 3), 350) == (drawing.weeks, drawing.width)
    assert [True, False] == [lane.known for lane in drawing.lanes]
    assert len(drawing.lanes[0].boxes) == 3, "what lies more than two weeks before treatment is not drawn"


def test_weeks_without_days_are_bands():
    strip = a_strip({"schedule": {"text": "5 days a week, weeks 2-3", "days_per_week": 5, "weeks": ["2-3"]}})
    drawing = dose_strip(strip, tallest_amounts([strip]), LEXICON)
    assert ((1, 2, 3), (True, False)) == (drawing.weeks, (drawing.lanes[0].known, drawing.lanes[0].exact))
    assert [("week", 71, 68), ("week", 141, 68)] == [(box.kind, box.x, box.width) for box in drawing.lanes[0].boxes]


def test_a_strip_without_days_has_one_week():
    lane = Lane(a_strip({}).lanes[0].component, (), (), False, None, None, False)
    assert (1,) == dose_strip(Strip((0,), (lane,), 1, 0, False, True), {}, LEXICON).weeks


def test_tallest_amounts():
    assert {(UnitFamily.IU, Body.FLAT): 9e6, (UnitFamily.MASS, Body.FLAT): 5.0} == tallest_amounts(
        [a_strip({}, {"dose": "3 MIU"}, {"dose": "5 mg"})]
    )


def test_one_square_is_one_patient():
    squares = response_squares(Makeup("all", (), 27, (("complete", 2), ("rest", 25)), ()))
    assert ("complete", ((0, 0, 24, 12),)) == (squares.runs[0].mark, squares.runs[0].blocks)
    assert ((24, 0, 276, 12), (0, 12, 24, 12)) == squares.runs[1].blocks
    assert (1, A_ROW * PITCH, 2 * PITCH) == (squares.each, squares.width, squares.height)


@given(st.lists(st.integers(1, 4000), min_size=1, max_size=5))
def test_squares_add_up(parts):
    total = sum(parts)
    squares = response_squares(Makeup("all", (), total, tuple((str(n), count) for n, count in enumerate(parts)), ()))
    placed = [
        (x, y)
        for run in squares.runs
        for left, top, width, height in run.blocks
        for y in range(top, top + height, PITCH)
        for x in range(left, left + width, PITCH)
    ]
    drawn = len(placed)
    assert placed == [(place % A_ROW * PITCH, place // A_ROW * PITCH) for place in range(drawn)], "row by row, no place twice"
    assert all(run.blocks for run in squares.runs), "no group of patients vanishes"
    assert all(len(run.blocks) <= 3 for run in squares.runs)
    assert drawn == total if squares.each == 1 else abs(drawn - total / squares.each) < len(parts) + 1
    assert drawn <= 205


def test_bars_of_patients_and_years():
    assert (60.0, 0.0) == (flow_width(20, 40), flow_width(0, 0))
    assert [(1990, 2, 0, 48.0), (1991, 0, 10, 0.0), (1992, 1, 20, 24.0)] == [
        (b.year, b.count, b.x, b.height) for b in years_strip({1990: 2, 1992: 1})
    ]
    assert () == years_strip({})


@pytest.mark.parametrize("rows", [[], [a_row()]])
def test_a_board_without_counts_has_a_scale(rows):
    assert board_scale(rows).unit == 14.0


def test_albatross_signs_p_and_follows_its_contours():
    from statistics import NormalDist

    from kb.analysis.gap_rules import Design
    from kb.export.plots.albatross import Bird, albatross

    p = 2 * (1 - NormalDist().cdf(0.35 * 50**0.5))  # the P value that a correlation of 0.35 gives in 50 patients
    better = Bird("a", "a.html", p, 50, True, False, Design.TRIAL, "a")
    worse = Bird("b", "b.html", p, 50, False, True, Design.RANDOMISED, "b")
    plot = albatross([better, worse], "t", "k")
    right, left = plot.points
    assert right.x - plot.centre == pytest.approx(plot.centre - left.x)
    assert (0.0, -10.0) == (right.arrow, left.arrow), "a bound points towards stronger evidence"
    contour = next(path for path, label, x, _ in plot.contours if label == "r 0.35" and x > plot.centre)
    points = [tuple(map(float, pair.split())) for pair in contour[1:].split("L")]
    below, above = next(pair for pair in itertools.pairwise(points) if pair[0][1] >= right.y >= pair[1][1])
    assert below[0] - 1 <= right.x <= above[0] + 1, "a point of that correlation lies on its contour"
    assert "1 go with benefit, 1 with worse outcome" in plot.alt
