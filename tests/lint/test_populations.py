"""Denominators: parts and wholes, arms, men and women, dates."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import study_data
from tests.lint.examples import study_codes


def codes(**changes: Any) -> list[str]:
    return [item.code for item in study_codes(study_data(**changes))]


def part(n: object, basis: str = "subgroup", **more: Any) -> dict[str, Any]:
    return {"n": n, "basis": basis, "within": "all", **more}


ARMS = {"arms.b": {"label": "b", "n": 12, "regimen": []}, "arms.a.n": 8}


@pytest.mark.parametrize(("n", "expected"), [(20, []), (21, ["KB611"]), ("unclear", []), (0, [])])
def test_a_part_is_not_larger_than_its_whole(n: object, expected: list[str]):
    assert expected == codes(**{"populations.part": part(n)})


def test_a_whole_of_unknown_size_holds_any_part():
    assert [] == codes(**{"populations.part": part(99), "populations.all.n": "unclear"})


@pytest.mark.parametrize(
    ("parts", "changes", "expected"),
    [
        ([part(5, "responders"), part(16, "non-responders")], {}, ["KB612"]),
        ([part(5, "responders"), part(15, "non-responders")], {}, []),
        ([part(15), part(15)], {}, []),  # strata of different markers may overlap
        ([part(15, arms=["a"]), part(15, arms=["b"])], ARMS, ["KB612", "KB613", "KB613"]),
        ([part(15, arms=["a"], note="crossed over"), part(15, arms=["b"])], ARMS, ["KB613"]),
        ([part(15, conditions=["melanoma"]), part(15, conditions=["renal-cell-carcinoma"])], {}, ["KB612"]),
        ([part(15, conditions=["melanoma"]), part(5, conditions=["renal-cell-carcinoma"])], {}, []),
        ([part(15, conditions=["cancer"]), part(15, conditions=["melanoma"])], {}, []),  # one is a kind of the other
        ([part(15, "evaluable", conditions=["melanoma"]), part(15, "treated", conditions=["renal-cell-carcinoma"])], {}, []),
        ([part(15, conditions=["melanoma"]), part(15, conditions=["renal-cell-carcinoma"])], {"design.repeat_patients": True}, []),
        ([part(15, conditions=["melanoma"]), part("unclear", conditions=["renal-cell-carcinoma"])], {}, []),
    ],
    ids=[
        "responders", "responders-fit", "strata", "arms", "explained", "diseases", "diseases-fit", "umbrella", "other-basis", "repeated", "unknown",
    ],
)  # fmt: skip
def test_parts_that_exclude_each_other_fit_into_the_whole(parts: list[dict[str, Any]], changes: dict[str, Any], expected: list[str]):
    named = {f"populations.part-{number}": one for number, one in enumerate(parts)}
    assert expected == sorted(codes(**named, **changes))


def test_the_message_names_the_parts():
    found = study_codes(study_data(**{"populations.yes": part(5, "responders"), "populations.no": part(16, "non-responders")}))
    assert ['yes 5 + no 16 make 21, but "all" has 20'] == [item.message for item in found]


@pytest.mark.parametrize(
    ("basis", "sizes", "changes", "expected"),
    [
        ("randomised", (8, 12), {}, []),
        ("randomised", (8, 11), {}, ["KB613"]),
        ("randomised", (8, 13), {}, ["KB613"]),
        ("enrolled", (8, 11), {}, []),  # some may never have been assigned
        ("enrolled", (8, 13), {}, ["KB613"]),
        ("treated", (8, 13), {}, []),
        ("randomised", (8, "unclear"), {}, []),
        ("randomised", (8, 13), {"design.repeat_patients": True}, []),
        ("randomised", (8, 13), {"populations.all.note": "one was assigned twice"}, []),
        ("randomised", (8, 13), {"populations.all.arms": ["a"], "populations.all.n": 8}, []),
        ("randomised", (8, 12), {"populations.all.arms": ["b", "a"]}, []),
    ],
    ids=str,
)
def test_arms_make_the_study(basis: str, sizes: tuple[object, object], changes: dict[str, Any], expected: list[str]):
    arms = {"arms.a.n": sizes[0], "arms.b": {"label": "b", "n": sizes[1], "regimen": []}}
    number = {"outcomes.response.note": "of those evaluable"}
    assert expected == codes(**{**arms, **number, "populations.all.basis": basis, **changes})


@pytest.mark.parametrize(
    ("n", "note", "expected"), [(8, None, []), (9, None, ["KB613"]), (9, "with one who crossed over", []), ("unclear", None, [])]
)
def test_a_population_of_an_arm_fits_into_the_arm(n: object, note: str | None, expected: list[str]):
    population = {"n": n, "basis": "evaluable", "arms": ["a"], **({"note": note} if note else {})}
    assert expected == codes(**ARMS, **{"populations.a-evaluable": population})


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ({"male": 12, "female": 8}, []),
        ({"male": 12, "female": 9}, ["KB614"]),
        ({"female": 21}, ["KB614"]),
        ({"male": 20}, []),
        ({"age_median": 50}, []),
    ],
    ids=str,
)
def test_men_and_women(who: dict[str, Any], expected: list[str]):
    assert expected == codes(**{"populations.all.characteristics": who})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"design.enrolment": {"start": "1988", "end": "1988-05"}}, []),
        ({"design.enrolment": {"start": "1988-05", "end": "1988"}}, []),
        ({"design.enrolment": {"start": "1988-06", "end": "1988-05-30"}}, ["KB615"]),
        ({"design.enrolment": {"start": "1992"}}, ["KB615"]),
        ({"design.enrolment": {"end": "1992-01"}}, ["KB615"]),
        ({"design.enrolment": {"start": "1990", "end": "1991-12-31"}}, []),
        ({"design.enrolment": {"text": "for two years"}}, []),
        ({"curation.checked": [{"by": "b", "on": "2025-12-31", "what": "all"}]}, ["KB615"]),
        ({"curation.checked": [{"by": "b", "on": "2026", "what": "all"}]}, []),
    ],
    ids=str,
)
def test_dates_run_forward(changes: dict[str, Any], expected: list[str]):
    assert expected == codes(**changes)


def test_a_later_report_allows_later_enrolment():
    later = {"reports.update": {"read": "abstract", "title": "Update", "authors": "not-in-what-was-read", "year": 1995}}
    assert [] == codes(**later, **{"design.enrolment": {"end": "1994"}})
