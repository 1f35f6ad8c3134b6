from dataclasses import replace

import pytest

from kb.analysis.gap_rules import Design, Kind
from kb.analysis.gaps import Cell, Column, GapMap, Question
from kb.export.gap_map import layout
from kb.model.terms import RegimenClass

COLUMN = Column(Question.RESPONSE, "cell-number", "cell number")


def a_cell(kind=Kind.EVIDENCE, designs=None, studies=("a-1991",)):
    designs = designs if designs is not None else {Design.TRIAL: 1}
    counts = {kind: sum(designs.values())} if designs else {}
    return Cell(RegimenClass.INHALED, COLUMN, kind, counts, designs, studies, ())


def marks(*cells):
    columns = tuple(replace(COLUMN, key=str(place)) for place, _ in enumerate(cells))
    found = GapMap(
        "everything", (RegimenClass.INHALED,), columns, tuple(replace(cell, column=one) for cell, one in zip(cells, columns, strict=True))
    )
    (panel,) = layout(found).panels
    return panel.marks


def test_area_grows_with_cohorts():
    small, large = marks(a_cell(), a_cell(designs={Design.TRIAL: 4}))
    assert 2 * small.radius == pytest.approx(large.radius, abs=0.02)
    assert ("1", "4") == (small.text, large.text)


def test_sectors_are_designs_and_close_the_circle():
    (mark,) = marks(a_cell(designs={Design.RANDOMISED: 3, Design.POOLED: 1}))
    assert ["randomised", "pooled"] == [sector.design for sector in mark.sectors]
    first, second = (sector.path for sector in mark.sectors)
    assert f"M{mark.x} {mark.y}L{mark.x} {mark.y - mark.radius}A{mark.radius} {mark.radius} 0 1 1 {mark.x - mark.radius} {mark.y}z" == first
    assert second.endswith(f"0 0 1 {mark.x} {mark.y - mark.radius}z")


@pytest.mark.parametrize(
    ("kind", "text"), [(Kind.NOT_REPORTED, "0"), (Kind.NOT_READ, "·"), (Kind.NOTHING, "")], ids=lambda value: str(value)
)
def test_absences_are_marks_without_a_circle(kind, text):
    (mark,) = marks(a_cell(kind, {}, ()))
    assert (0.0, (), text) == (mark.radius, mark.sectors, mark.text)
    assert mark.words == f"inhaled IL-2, cell number: {kind.label}"


def test_a_cell_is_told_in_words_with_its_studies():
    (mark,) = marks(a_cell(designs={Design.RANDOMISED: 1, Design.TRIAL: 1}, studies=("a-1991", "b-1992")))
    assert "inhaled IL-2, cell number: evidence, 2 cohorts (1 randomised, 1 trial without randomisation): a-1991, b-1992" == mark.words
