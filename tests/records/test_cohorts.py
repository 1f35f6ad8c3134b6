"""Independent cohorts: whoever shares patients, directly or through others, is one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kb.records.cohorts import Cohort, cohorts

IDS = st.sampled_from([*"abcdefgh", "elsewhere"])
OVERLAPS = st.lists(st.tuples(IDS, IDS, st.sampled_from(["certain", "probable"])), max_size=10)


def reachable(start: str, edges: list[tuple[str, str]]) -> set[str]:
    found = {start}
    while True:
        more = {b for a, b in edges if a in found} | {a for a, b in edges if b in found}
        if more <= found:
            return found
        found |= more


@given(st.sets(st.sampled_from("abcdefgh"), min_size=1), OVERLAPS)
def test_a_cohort_is_what_overlaps_reach(studies: set[str], overlaps: list[tuple[str, str, str]]) -> None:
    wide = [(a, b) for a, b, _ in overlaps]
    strict = [(a, b) for a, b, certainty in overlaps if certainty == "certain"]
    expected = {s: Cohort(min(reachable(s, wide) & studies), min(reachable(s, strict) & studies)) for s in studies}
    assert expected == cohorts(studies, overlaps)


@given(OVERLAPS)
def test_neither_order_nor_side_of_a_declaration_matters(overlaps: list[tuple[str, str, str]]) -> None:
    turned = [(b, a, certainty) for a, b, certainty in reversed(overlaps)]
    assert cohorts("abcdefgh", overlaps) == cohorts("hgfedcba", turned)


def test_certainty_is_kept() -> None:
    found = cohorts(["a", "b", "c"], [("a", "b", "certain"), ("b", "c", "probable")])
    assert {"a": Cohort("a", "a"), "b": Cohort("a", "a"), "c": Cohort("a", "c")} == found


def test_two_studies_that_share_patients_with_one_that_has_no_record_are_one() -> None:
    found = cohorts(["b", "c"], [("b", "elsewhere", "certain"), ("c", "elsewhere", "certain")])
    assert {"b": Cohort("b", "b"), "c": Cohort("b", "b")} == found
