import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.model.quantities import PValue, Quantity


@pytest.mark.parametrize(
    ("printed", "value", "operator", "censored", "decimals"),
    [
        (36, 36.0, "", False, 0),
        (36.5, 36.5, "", False, 1),
        ("36.50", 36.5, "", False, 2),
        ("36+", 36.0, ">=", True, 0),
        ("107.5+", 107.5, ">=", True, 1),
        ("<0.01", 0.01, "<", False, 2),
        (">= 70", 70.0, ">=", False, 0),
        ("~5", 5.0, "~", False, 0),
        ("-3.2", -3.2, "", False, 1),
        ("1e6", 1e6, "", False, 0),
    ],
)
def test_a_print_gives_its_number_and_keeps_itself(printed, value, operator, censored, decimals):
    quantity = Quantity(printed)
    assert (value, operator, censored, decimals) == (quantity.value, quantity.operator, quantity.censored, quantity.decimals)
    assert str(printed) == str(quantity)
    assert printed == quantity.printed


@pytest.mark.parametrize("printed", ["", "many", "3 4", "1-2", "++", "<", True, float("nan"), float("inf"), 10**400])
def test_what_is_no_number_is_refused(printed):
    with pytest.raises(ValueError):
        Quantity(printed)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (1, 2, -1),
        (2, 2, 0),
        ("36+", 12, 1),
        ("36+", 48, None),
        (12, "36+", -1),
        ("<0.01", 0.05, -1),
        ("<0.05", 0.01, None),
        (">5", 5, 1),
        (">=5", 5, None),
        ("<5", 5, -1),
        ("~5", 7, None),
        (7, "~5", None),
        ("36+", "48+", None),
        ("<3", ">5", -1),
    ],
)
def test_quantities_compare_only_where_the_prints_decide(left, right, expected):
    assert expected == Quantity(left).compare(Quantity(right))


@given(st.integers(-1000, 1000), st.sampled_from(["", "<", ">", "<=", ">="]), st.integers(-1000, 1000), st.sampled_from(["", "<", ">"]))
def test_comparison_is_antisymmetric(a, operator_a, b, operator_b):
    left, right = Quantity(f"{operator_a}{a}"), Quantity(f"{operator_b}{b}")
    forward, backward = left.compare(right), right.compare(left)
    assert (None if backward is None else -backward) == forward


def test_quantities_are_frozen_hashable_and_survive_pickling():
    quantity = Quantity("36+")
    with pytest.raises(AttributeError):
        quantity.value = 1.0
    assert quantity == pickle.loads(pickle.dumps(quantity))
    assert {quantity} == {Quantity("36+")}
    assert quantity != PValue("0.5")
    assert repr(quantity) == "Quantity('36+')"


@pytest.mark.parametrize(
    ("printed", "significant"),
    [
        (0.048, True),
        (0.05, False),
        ("<0.01", True),
        ("<0.1", None),
        ("<=0.05", True),
        (">0.05", False),
        (">0.01", None),
        ("NS", False),
        ("ns", False),
        ("~0.2", False),
    ],
)
def test_significance_is_said_only_when_certain(printed, significant):
    assert PValue(printed).significant is significant


@pytest.mark.parametrize("printed", [1.2, -0.1, "0.05+", "n.s. (0.2)", "significant"])
def test_what_is_no_p_value_is_refused(printed):
    with pytest.raises(ValueError):
        PValue(printed)


def test_not_significant_compares_with_nothing():
    assert PValue("NS").compare(PValue(0.2)) is None
    assert PValue(0.2).compare(PValue("NS")) is None
    assert PValue(0.02).compare(PValue(0.2)) == -1
