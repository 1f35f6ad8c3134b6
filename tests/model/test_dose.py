import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.model.dose import ParsedDose, parse_dose
from kb.model.terms import Body, Per, UnitFamily

IU, CETUS, U, MASS, CELLS = UnitFamily.IU, UnitFamily.CETUS, UnitFamily.U, UnitFamily.MASS, UnitFamily.CELLS
KG, M2, FLAT = Body.PER_KG, Body.PER_M2, Body.FLAT


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("600,000 IU/kg", (6e5, 6e5, IU, KG, Per.DOSE)),
        ("720 000 IU/kg", None),
        ("3 x 10(6) U/m2/day", (3e6, 3e6, U, M2, Per.DAY)),
        ("3 × 10^6 U/m²/day", (3e6, 3e6, U, M2, Per.DAY)),
        ("3 x 10⁶ U/m2 per day", (3e6, 3e6, U, M2, Per.DAY)),
        ("18e6 IU", (18e6, 18e6, IU, FLAT, Per.DOSE)),
        ("18 MIU/m2/24 h", (18e6, 18e6, IU, M2, Per.DAY)),
        ("0.5 MIU/kg/d", (5e5, 5e5, IU, KG, Per.DAY)),
        ("0.4 to 1.75 MIU/m2/day", (0.4e6, 1.75e6, IU, M2, Per.DAY)),
        ("5-20 x 10(6) IU", (5e6, 20e6, IU, FLAT, Per.DOSE)),
        ("5e7 to 3e10 cells", (5e7, 3e10, CELLS, FLAT, Per.DOSE)),
        ("3 x 10(6) C.U./m2", (3e6, 3e6, CETUS, M2, Per.DOSE)),
        ("100,000 Cetus units/kg", (1e5, 1e5, CETUS, KG, Per.DOSE)),
        ("6 MU/m2", (6e6, 6e6, U, M2, Per.DOSE)),
        ("1.5 million units/m2 daily", (1.5e6, 1.5e6, U, M2, Per.DAY)),
        ("0.006 mg/kg", (0.006, 0.006, MASS, KG, Per.DOSE)),
        ("6 µg/kg", (0.006, 0.006, MASS, KG, Per.DOSE)),
        ("1200 ug/kg", (1.2, 1.2, MASS, KG, Per.DOSE)),
        ("360 mg", (360.0, 360.0, MASS, FLAT, Per.DOSE)),
        ("250 mg/m2/day", (250.0, 250.0, MASS, M2, Per.DAY)),
        ("2 g/m2", (2000.0, 2000.0, MASS, M2, Per.DOSE)),
        ("12 Gy", (12.0, 12.0, UnitFamily.GRAY, FLAT, Per.DOSE)),
        ("9 MIU/week", (9e6, 9e6, IU, FLAT, Per.WEEK)),
    ],
)
def test_printed_doses(printed, expected):
    if expected is None:
        with pytest.raises(ValueError):
            parse_dose(printed)
    else:
        assert ParsedDose(*expected) == parse_dose(printed)


@pytest.mark.parametrize(
    ("printed", "part"),
    [
        ("high dose", "does not start with an amount"),
        ("18", "has no unit"),
        ("3 foo/kg", '"foo"'),
        ("3 IU/stone", '"stone"'),
        ("20 to 5 mg", "wrong way round"),
        ("", "amount"),
    ],
)
def test_what_is_not_understood_is_named_not_guessed(printed, part):
    with pytest.raises(ValueError, match=part):
        parse_dose(printed)


@pytest.mark.parametrize("printed", ["18 U/m2", "3e6 units", "6 MU"])
def test_unlabelled_units_stay_unlabelled(printed):
    assert parse_dose(printed).family is U


@given(st.integers(1, 999), st.sampled_from(["x 10(6)", "x 10^6", "× 10⁶", "million"]), st.sampled_from(["IU", "U", "Cetus units"]))
def test_every_way_of_printing_a_power_gives_the_same_amount(number, power, unit):
    assert number * 1e6 == parse_dose(f"{number} {power} {unit}/m2").low


@given(st.floats(0.001, 1e9, allow_nan=False).map(lambda x: f"{x:.3f}"))
def test_amounts_scale_with_their_unit(number):
    assert parse_dose(f"{number} g").low == pytest.approx(1000 * parse_dose(f"{number} mg").low)
