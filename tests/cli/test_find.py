"""`kb find`, `kb stats` and `kb index` as a user calls them."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete

from kb.analysis.selection import OPTIONS
from kb.cli import options
from kb.cli.main import root_command
from kb.cli.options import complete_option
from kb.project import Project
from kb.records import index
from tests.builders import study_data
from tests.small import small_collection, write_study

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    other = study_data(id="other-1992", **{"reports.main.year": 1992, "populations.all.conditions": ["melanoma"]})
    return small_collection(tmp_path / "c", study_data(), other)


@pytest.fixture
def kb(project: Project, run_kb: Run) -> Run:
    return lambda *args: run_kb("-C", str(project.root), *args)


def test_outcomes_of_a_disease_and_endpoint_come_counted_with_population_and_place(kb: Run) -> None:
    code, out, err = kb("find", "outcomes", "--condition", "RCC", "--endpoint", "objective-response", "-f", "csv")
    (row,) = csv.DictReader(io.StringIO(out))
    expected = {
        "study_id": "example-1991-il2", "events": "5", "total": "20", "population_n": "20", "population_n_absence": "NA",
        "population_basis": "treated", "at": "abstract, sentence 1", "anchor": "five of twenty patients", "percent": "NA",
        "file": "entries/studies/1991/example-1991-il2.yaml", "cohort_id": "example-1991-il2",
    }  # fmt: skip
    assert expected == {name: row[name] for name in expected}
    assert int(row["line"]) > 1
    assert (0, "selection: condition renal-cell-carcinoma (2 terms); endpoint objective-response; status draft, reviewed, accepted\n") == (
        code,
        err,
    )


def test_an_empty_list_is_a_success(kb: Run) -> None:
    assert (0, '{\n "selection": "year >2020; status draft, reviewed, accepted",\n "rows": []\n}\n', "") == kb(
        "find", "claims", "--year", ">2020", "-f", "json"
    )


def test_not_and_or_and_limit_sort_columns(kb: Run) -> None:
    code, out, _ = kb("find", "studies", "--not-condition", "melanoma", "--columns", "study_id, year", "--no-header")
    assert (0, "example-1991-il2\t1991\n") == (code, out)
    code, out, _ = kb(
        "find", "studies", "--condition", "melanoma", "--condition", "RCC", "--columns", "study_id", "--sort", "-year", "--limit", "1"
    )
    assert (0, "study_id\nother-1992\n") == (code, out)
    code, out, _ = kb("find", "studies", "--columns", "all", "-f", "table")
    assert (0, True) == (code, "condition_labels" in out)


def test_groups_and_columns_are_listed(kb: Run, tmp_path: Path) -> None:
    code, out, _ = kb("find", "findings", "--group-by", "class,direction", "-f", "tsv")
    assert (0, ["class\tdirection\tdirection_absence\tcohorts\tcohorts_certain\tstudies\trows", "high-dose-bolus\tincrease\tNA\t2\t2\t2\t2"]) == (
        code, out.splitlines(),
    )  # fmt: skip
    code, out, err = kb("find", "arms", "--list-columns", "-o", str(tmp_path / "x.json"))
    assert (0, "", "") == (code, out, err)
    assert {
        "column": "regimen_class",
        "shown": "yes",
        "unit": None,
        "meaning": "class of the regimen, by rules over its components",
    } in json.loads((tmp_path / "x.json").read_text())["rows"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["find", "studies", "--condition", "melanom"], "did you mean melanoma?"),
        (["find", "studies", "--columns", "a", "--group-by", "b"], "exclude each other"),
        (["find", "studies", "-o", "x.doc"], "says no format"),
        (["find", "study"], "study"),
        (["find", "studies", "--limit", "-1"], "-1"),
        (["stats", "--phase", "9"], '--phase: there is no phase "9"'),
    ],
)
def test_mistakes_are_usage_errors(kb: Run, args: list[str], said: str) -> None:
    code, out, err = kb(*args)
    assert (2, "") == (code, out)
    assert said in err


def test_doses_that_do_not_compare_are_told(kb: Run, project: Project) -> None:
    write_study(project, study_data(id="unlabelled", **{"arms.a.regimen.0.components.0.dose": "3e6 U/m2/day"}))
    code, out, err = kb("find", "arms", "--dose", ">=0.5 MIU/kg/d", "-f", "json")
    found = json.loads(out)
    assert 0 == code
    assert ["example-1991-il2", "other-1992"] == [row["study_id"] for row in found["rows"]]
    assert ["unlabelled#a, aldesleukin 3e6 U/m2/day: unlabelled-units, no sourced factor to iu"] == found["not_compared"]
    assert err.startswith("kb: 1 dose could not be compared and is left out: unlabelled#a")


def test_stats_say_how_patients_are_counted(kb: Run) -> None:
    code, out, err = kb("stats", "--condition", "melanoma", "-f", "csv")
    assert 0 == code
    assert "records,studies,1,1,1,20" in out.splitlines()
    assert "the largest known number" in err
    assert "condition melanoma" in err


def test_the_index_is_made_refreshed_rebuilt_and_found(kb: Run, project: Project) -> None:
    where = str(project.index)
    assert (0, f"{where}\n", "") == kb("index", "--where")
    assert (0, "", f"kb: 2 studies in the index (2 read, 0 gone): {where}\n") == kb("index")
    for path in project.entries.glob("**/*.yaml"):
        os.utime(path, ns=(10**18, 10**18))
    kb("index")
    assert (0, "", f"kb: 2 studies in the index (fresh): {where}\n") == kb("index")
    (project.studies / "1992" / "other-1992.yaml").unlink()
    assert (0, "", f"kb: 1 study in the index (0 read, 1 gone): {where}\n") == kb("index")
    assert (0, "", f"kb: 1 study in the index (1 read, 0 gone): {where}\n") == kb("index", "--rebuild")


def test_records_that_cannot_be_read_are_named_by_index_and_counted_by_others(kb: Run, project: Project) -> None:
    (project.studies / "1991" / "bad.yaml").write_text("id: [")
    code, out, _ = kb("index")
    assert 1 == code
    assert out.startswith("entries/studies/1991/bad.yaml:")
    code, _, err = kb("find", "studies", "-f", "json")
    assert (0, "kb: 1 file could not be read and is left out; run `kb check`\n") == (code, err)
    (project.studies / "1991" / "worse.yaml").write_text("[")
    assert "kb: 2 files could not be read and are left out" in kb("stats")[2]


def test_an_index_that_cannot_be_kept_is_told(kb: Run, project: Project, tmp_path: Path) -> None:
    (project.root / ".kb").write_text("")
    assert "not kept where it belongs: " in kb("index")[2]
    (tmp_path / "cache" / "kb").rename(tmp_path / "moved")
    (tmp_path / "cache" / "kb").write_text("")
    code, out, err = kb("find", "studies", "--columns", "study_id", "-f", "jsonl")
    assert (0, 2) == (code, len(out.splitlines()))
    assert "kb: the index is made for this call alone: " in err


def test_a_large_collection_says_that_it_was_not_swept(kb: Run, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    kb("index")
    open_index = index.open_index
    monkeypatch.setattr(options, "open_index", lambda project: open_index(project, limit=1))
    assert "answering from the index as it is; `kb index` takes up changes" in kb("find", "studies")[2]


def completions(project: Project, *args: str) -> list[tuple[str, str | None]]:
    *before, incomplete = args
    complete = ShellComplete(root_command, {}, "kb", "_KB_COMPLETE")
    return [(item.value, item.help) for item in complete.get_completions(["-C", str(project.root), *before], incomplete)]


def test_the_shell_offers_terms_by_beginning_and_then_by_label(project: Project) -> None:
    assert [("renal-cell-carcinoma", "renal cell carcinoma"), ("clear-cell-carcinoma", "clear cell renal cell carcinoma")] == completions(
        project, "find", "outcomes", "--condition", "ren"
    )
    assert [("melanoma", "melanoma")] == completions(project, "find", "studies", "--not-condition", "mel")
    assert [("increase", "rose")] == completions(project, "find", "findings", "--direction", "inc")
    assert [("example-1991-il2", "Example 1991"), ("other-1992", "Example 1992")] == completions(project, "stats", "--id", "exa")
    assert [] == completions(project, "find", "studies", "--year", "19")
    assert ["studies", "arms"] == [value for value, _ in completions(project, "find", "")][:3:2]


def test_completion_is_silent_where_there_is_no_collection(tmp_path: Path) -> None:
    context = click.Context(root_command, obj=tmp_path)
    assert [] == complete_option(OPTIONS["condition"], context, "ren")


def test_every_option_and_its_counterpart_stand_in_the_command_and_every_one_has_help(kb: Run) -> None:
    code, out, _ = kb("find", "--help")
    assert 0 == code
    for name, option in OPTIONS.items():
        assert f"--{name} " in out
        assert option.asks
    assert "--not-OPTION" in " ".join(out.split())
    assert "--not-condition" not in out
