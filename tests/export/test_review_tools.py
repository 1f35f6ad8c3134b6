"""Counted outcomes for tools that make a review."""

import csv
import re

import pytest

from benchmarks.synthetic import synthetic_studies
from kb.analysis import spool
from kb.export.formats import no_arms
from tests.builders import SOURCE, study_data


def arm(agent):
    part = {"agent": agent, "role": "investigational", "dose": "not-reported", "route": "not-reported", "schedule": "not-reported"}
    return {"label": agent, "n": 30, "regimen": [{"phase": "treatment", "components": [part]}]}


def counted(events, total, population, endpoint="objective-response"):
    return {"endpoint": endpoint, "population": population, "result": {"kind": "proportion", "events": events, "total": total}, "source": SOURCE}  # fmt: skip


def part(name, n):
    return {"n": n, "basis": "treated", "conditions": ["melanoma"], "arms": [name]}


def trial(ident="trial-1995-il2", given=("aldesleukin", "dacarbazine"), **more):
    """A randomised trial: each arm's events are its place in the order and one more."""
    names = [chr(ord("a") + place) for place in range(len(given))]
    return study_data(
        id=ident, findings={}, claims={}, arms=dict(zip(names, map(arm, given), strict=True)),
        populations={name: part(name, 30) for name in names},
        outcomes={f"response-{name}": counted(place + 1, 30, name) for place, name in enumerate(names)},
        **{"design.allocation": "randomised", "reports.main.year": 1995, "reports.main.authors": ["Trial AB"], **more},
    )  # fmt: skip


@pytest.fixture
def export(collection, run_kb, tmp_path):
    root = None

    def run(name, *studies, args=()):
        nonlocal root
        root = root or collection(*studies).root
        folder = tmp_path / name
        code, _, err = run_kb("-C", str(root), "export", name, str(folder), *args)
        assert 0 == code, err
        return {path.name: path.read_text("utf-8") for path in folder.iterdir()}

    return run


def table(text):
    return list(csv.DictReader(text.splitlines()))


def test_an_extract_without_an_index_has_no_arms():
    with pytest.raises(LookupError, match="no index"):
        no_arms()


def test_networks_hold_randomised_comparisons_and_name_the_others(export):
    files = export("netmeta", trial(), study_data(), args=["--endpoint", "objective-response"])
    rows = table(files["objective-response.csv"])
    assert [("Trial 1995", "1", "30"), ("Trial 1995", "2", "30")] == [(row["studlab"], row["event"], row["n"]) for row in rows]
    assert "studlab,treat,event,n,study_id,items" == files["objective-response.csv"].splitlines()[0]
    assert "[example-1991-il2#response]: not a randomised comparison" in files["README.md"]


def test_metainsight_has_its_four_columns_and_names_of_letters_digits_and_underscores(export):
    text = export("metainsight", trial())["objective-response.csv"]
    assert "Study,T,R,N" == text.splitlines()[0]
    assert [] == [row["T"] for row in table(text) if not re.fullmatch(r"[A-Za-z0-9_]+", row["T"])]
    assert 2 == len({row["T"] for row in table(text)})


def test_arms_under_one_treatment_are_added_up(export):
    rows = table(export("metainsight", trial(given=("aldesleukin", "aldesleukin", "dacarbazine")))["objective-response.csv"])
    assert [("3", "60"), ("3", "30")] == [(row["R"], row["N"]) for row in rows]


def test_one_treatment_alone_is_no_network(export):
    files = export("metainsight", trial(given=("aldesleukin", "aldesleukin")))
    assert "objective-response.csv" not in files
    assert "one treatment is counted in its study" in files["README.md"]


def test_the_other_side_of_a_comparison_stays_when_a_regimen_is_asked_for(export):
    files = export("netmeta", trial(), study_data(), args=["--agent", "dacarbazine"])
    assert ["a", "b"] == [row["items"][-1] for row in table(files["objective-response.csv"])]
    assert "example-1991" not in files["README.md"]


def test_revman_has_studies_arms_and_results(export):
    files = export("revman", trial(), study_data(**{"reports.main.year": "not-reported"}))
    assert {"study-information.csv", "study-arms.csv", "study-results.csv", "README.md"} <= set(files)
    information = {row["Study ID"]: row for row in table(files["study-information.csv"])}
    assert ("NA", "1995") == (information["example-1991-il2"]["Year"], information["trial-1995-il2"]["Year"])
    results = [(row["Arm"], row["Outcome"], row["Events"], row["Total"]) for row in table(files["study-results.csv"]) if "Trial" in row["Study"]]  # fmt: skip
    assert [("a", "objective response", "1", "30"), ("b", "objective response", "2", "30")] == results
    assert 3 == len(table(files["study-arms.csv"]))


def test_patients_count_once(export):
    overlap = {"study": "trial-1995-il2", "relation": "same-cohort-earlier-cut", "certainty": "certain", "reason": "same trial"}
    later = trial("trial-1997-il2", **{"reports.main.year": 1997, "overlaps": [overlap]})
    files = export("netmeta", trial(), later)
    assert 1 == len({row["study_id"] for row in table(files["objective-response.csv"])})
    assert "an earlier cut of the cohort of" in files["README.md"]


def test_two_studies_of_one_author_and_year_carry_their_ids(export):
    text = export("netmeta", trial(), trial("trial-1995-other"))["objective-response.csv"]
    assert {"Trial 1995 [trial-1995-il2]", "Trial 1995 [trial-1995-other]"} == {row["studlab"] for row in table(text)}


def test_no_text_runs_as_a_formula(export):
    text = export("netmeta", trial(**{"reports.main.authors": ["=Cmd AB"]}))["objective-response.csv"]
    assert "'=" == text.splitlines()[1][:2]


def test_endpoints_can_be_left_out(export):
    files = export("revman", trial(), args=["--not-endpoint", "objective-response"])
    assert [] == table(files["study-results.csv"])
    assert files["README.md"].endswith("nothing\n")


def test_an_arm_whose_treatment_is_not_told_is_in_no_network(export):
    files = export("netmeta", trial(given=("aldesleukin", "dacarbazine", "x"), **{"arms.c.regimen": []}))
    assert {"a", "b"} == {row["items"][-1] for row in table(files["objective-response.csv"])}
    assert "[trial-1995-il2#response-c]: what was given is not in what was read" in files["README.md"]


def test_of_counted_endpoints_those_without_a_usable_count_have_no_file(export):
    files = export("netmeta", trial(**{"outcomes.response-a.count_of": "lesions", "outcomes.response-b": ...}))
    assert "objective-response.csv" not in files


@pytest.mark.parametrize("name", ["revman", "netmeta", "metainsight", "metafor"])
def test_what_lies_in_a_file_is_written_as_what_memory_holds(export, monkeypatch, name):
    """Invented studies, some of which share patients, with every value in memory and with none."""
    studies = list(synthetic_studies(30))
    in_memory = export(name, *studies)
    monkeypatch.setattr(spool, "LIMIT", 0)
    assert in_memory == export(name)
    why = "another kind of evidence" if name == "metafor" else "shares patients with"
    assert any(why in text for text in in_memory.values()), "the studies are no test of what is left out"
