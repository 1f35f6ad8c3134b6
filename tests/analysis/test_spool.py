"""Sequences that may lie in a file: the same values in the same order, wherever they lie."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.analysis import spool
from kb.analysis.spool import Spool, derived, joined
from kb.errors import UnreadableError

KEYS = st.lists(st.tuples(st.integers(-3, 3), st.sampled_from(["", "a", "Z", "é", "a b"])), max_size=12)


def filled(keys, limit):
    held = Spool(limit)
    for number, key in enumerate(keys):
        held.add((number, {"key": key}), *key)
    return held.settled()


@given(KEYS, st.integers(0, 14))
def test_values_come_in_the_order_of_their_keys_and_then_of_their_coming(keys, limit):
    expected = [(number, {"key": key}) for number, key in sorted(enumerate(keys), key=lambda pair: pair[1])]
    found = filled(keys, limit)
    assert expected == list(found)
    assert expected == list(found), "it can be read again"
    assert len(expected) == len(found)
    assert expected[1:4] == list(found[1:4])
    assert expected[::-2] == list(found[::-2])


def test_a_value_is_found_by_its_place():
    held = filled([(2, ""), (1, "")], 0)
    assert (1, 0, 0) == (held[0][0], held[1][0], held[-1][0])
    with pytest.raises(IndexError, match="2 of 2"):
        held[2]


def test_few_values_are_a_tuple():
    assert ((0, {"key": (1, "")}),) == filled([(1, "")], 1)
    assert not isinstance(filled([(1, ""), (2, "")], 1), tuple)


def test_two_readers_of_one_file_do_not_disturb_each_other():
    held = filled([(place, "") for place in range(5)], 1)
    assert [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4)] == [(one[0], other[0]) for one, other in zip(held, held, strict=True)]


@pytest.mark.parametrize("limit", [0, 9])
def test_sequences_are_joined_and_derived_alike_in_memory_and_out_of_it(limit):
    source = filled([(1, ""), (2, "")], limit)
    doubled = derived(lambda values: (2 * number for number, _ in values), source)
    some = derived(lambda values: (number for number, _ in values if number), source, count=1)
    both = joined(doubled, ("a",))
    assert ([0, 2], [0, 2], [1], [0, 2, "a"]) == (list(doubled), list(doubled), list(some), list(both))
    assert (2, 1, 3, 2, "a") == (len(doubled), len(some), len(both), doubled[1], both[-1])
    assert (limit > 0) == isinstance(both, tuple)


@pytest.mark.parametrize("limit", [0, 9])
def test_what_is_added_later_is_no_part_of_what_was_settled(limit):
    held = Spool(limit)
    held.add("b", 2)
    before = held.settled()
    held.add("a", 1)
    assert (["b"], ["a", "b"]) == (list(before), list(held.settled()))


def test_a_full_disk_is_told(monkeypatch):
    class Full(sqlite3.Connection):
        def executemany(self, *_):
            raise sqlite3.OperationalError("database or disk is full")

    connect = sqlite3.connect
    monkeypatch.setattr(spool.sqlite3, "connect", lambda *words, **more: connect(*words, factory=Full, **more))
    with pytest.raises(UnreadableError, match="temporary folder: database or disk is full") as told:
        filled([(1, "")], 0)
    assert "SQLITE_TMPDIR" in told.value.hint
