"""`kb check`: what is checked, how it is told, and how it ends."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kb.cli import checking
from kb.cli.checking import Report, check
from kb.lint.engine import Selection
from kb.project import Project
from kb.records import workers
from tests.builders import make_collection, study_data, text_of
from tests.lint.examples import SECOND, changed

Run = Callable[..., tuple[int, str, str]]
Make = Callable[..., Project]


@pytest.fixture
def here(collection: Make, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The example collection, as the current folder."""
    project = collection()
    monkeypatch.chdir(project.root)
    return project


def example(project: Project) -> Path:
    return project.studies / "1991" / "example-1991-il2.yaml"


def write(path: Path, data: dict[str, Any] | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data if isinstance(data, str) else text_of(data), encoding="utf-8")
    return path


def codes(out: str) -> list[str]:
    return [line.split(": ")[1].split()[1] for line in out.split("\n") if ": error " in line or ": warning " in line or ": note " in line]


def test_a_clean_collection(here: Project, run_kb: Run):
    code, out, err = run_kb("check")
    assert (0, "") == (code, out)
    assert err.startswith("9 files, ")
    assert err.rstrip().endswith(" passed: 0 errors, 0 warnings, 0 notes")


def test_a_problem_is_told_with_place_line_caret_and_hint(here: Project, run_kb: Run):
    write(example(here), study_data(**{"outcomes.response.result.events": 25}))
    code, out, err = run_kb("check")
    assert 1 == code
    assert (
        "entries/studies/1991/example-1991-il2.yaml:81:19: error KB601 25 events of only 20\n"
        '            "events": 25,\n'
        "                      ^\n"
        "  hint: are events and total swapped, or does the total belong to another group?\n"
    ) == out  # fmt: skip
    assert "1 error, 0 warnings, 0 notes" in err
    assert "`kb explain KB601` explains a code" in err


@pytest.mark.parametrize(
    ("changes", "options", "expected"),
    [
        ({"outcomes.response.result.events": 25}, [], 1),
        ({"outcomes.response.result.percent": 52}, [], 1),
        ({"arms.a.regimen.0.components.0.dose": {"printed": "high"}}, [], 0),
        ({"arms.a.regimen.0.components.0.dose": {"printed": "high"}}, ["--strict"], 1),
        ({}, ["--strict"], 0),
        ({"outcomes.response.result.events": 25}, ["--ignore", "KB6"], 0),
        ({"outcomes.response.result.events": 25}, ["--select", "KB5,KB4"], 0),
        ({"outcomes.response.result.events": 25}, ["--select", "kb5", "--select", "kb601"], 1),
    ],
    ids=str,
)
def test_the_exit_code(here: Project, run_kb: Run, changes: dict[str, Any], options: list[str], expected: int):
    write(example(here), study_data(**changes))
    assert expected == run_kb("check", *options)[0]


def test_every_problem_of_all_files_is_told_in_order(here: Project, run_kb: Run):
    write(here.studies / "1990" / "b-1990-x.yaml", "id: [\n")
    write(here.studies / "1990" / "a-1990-x.yaml", "id: x\nid: y\n")
    write(
        here.studies / "1992" / "example-1992-x.yaml",
        study_data(id="example-1992-x", **{"reports.main.pmid": "9", "reports.main.year": 1993}),
    )
    _, out, err = run_kb("check")
    assert ["KB011", "KB010", "KB202"] == codes(out)
    assert "skipped: all rules, in records that cannot be read (2)" in err


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: path.mkdir(), "KB001"),
        (lambda path: path.symlink_to("nowhere.yaml"), "KB001"),
        (lambda path: os.mkfifo(path), "KB001"),
        (lambda path: path.symlink_to("/etc/hostname"), "KB002"),
        (lambda path: path.write_bytes(b"x" * 100_000_000), "KB003"),
        (lambda path: path.write_bytes(b"a: \xff\n"), "KB004"),
        (lambda path: path.write_bytes(b"a: \x00\n"), "KB005"),
        (lambda path: path.write_text("a: &x [1]\nb: [*x, *x]\n"), "KB012"),
        (lambda path: path.write_text("a: " + "[" * 100_000), "KB015"),
        (lambda path: path.write_text("a: " + '"' + "x" * 900_000), "KB010"),
        (lambda path: path.write_text(""), "KB014"),
    ],
    ids=["folder", "dangling", "pipe", "link-out", "huge", "latin-1", "nul", "alias", "deep", "long-scalar", "empty"],
)  # fmt: skip
def test_hostile_files_give_one_located_message_each(here: Project, run_kb: Run, make: Callable[[Path], object], code: str):
    make(here.studies / "1991" / "x-1991-y.yaml")
    ended, out, err = run_kb("check")
    assert (1, [code]) == (ended, codes(out))
    assert out.startswith("entries/studies/1991/x-1991-y.yaml:")
    assert "Traceback" not in err
    assert (1, [code]) == ((again := run_kb("check", "entries/studies/1991/x-1991-y.yaml"))[0], codes(again[1]))


def test_files_that_are_never_read_are_told(here: Project, run_kb: Run):
    write(here.studies / "1991" / "other.yml", "id: x\n")
    write(here.studies / "1991" / ".hidden.yaml", "id: x\n")
    write(here.vocabulary / "agnets.yaml", "terms: {}\n")
    write(here.entries / "REVIEW.md", "A page for readers is no record.\n")
    code, out, _ = run_kb("check")
    assert (1, ["KB006", "KB006"]) == (code, codes(out))
    assert "entries/studies/1991/other.yml:1:1: warning KB006 never read: its name does not end in .yaml" in out
    assert "entries/vocabulary/agnets.yaml:1:1: warning KB006 never read: no vocabulary has this name" in out


def test_a_folder_and_a_file_can_be_named(here: Project, run_kb: Run):
    write(here.studies / "1992" / "x-1992-y.yaml", "id: [\n")
    assert 0 == run_kb("check", "entries/studies/1991")[0]
    assert 1 == run_kb("check", "entries/studies/1992")[0]
    assert 0 == run_kb("check", "entries/studies/1991/example-1991-il2.yaml", "entries/vocabulary/agents.yaml")[0]
    assert 1 == run_kb("check", ".")[0]
    assert 0 == run_kb("check", "entries/vocabulary")[0]


def test_a_single_record_is_checked_against_the_others(here: Project, run_kb: Run):
    other = changed(SECOND, {"reports.main.pmid": "1", "registry": ["NCT00554515"]})
    write(here.studies / "1992" / "other-1992-il2.yaml", other)
    third = changed(SECOND, {"id": "third-1992-il2", "reports.main.pmid": "8"})
    write(here.studies / "1992" / "third-1992-il2.yaml", third)
    overlaps = [
        {"study": "third-1992-il2", "relation": "same-trial", "certainty": "certain", "reason": "r"},
        {"study": "nobody-1990-x", "relation": "same-trial", "certainty": "certain", "reason": "r"},
    ]
    write(example(here), study_data(overlaps=overlaps, registry=["NCT00554515"]))
    code, out, err = run_kb("check", "entries/studies/1991/example-1991-il2.yaml")
    assert (1, ["KB803", "KB807", "KB805", "KB808"]) == (code, codes(out))
    assert "skipped: " not in err, "both other records were read"


def test_what_a_single_check_leaves_out_is_named(here: Project, run_kb: Run):
    write(here.studies / "1992" / "other-1992-il2.yaml", SECOND)
    _, _, err = run_kb("check", "entries/studies/1991/example-1991-il2.yaml")
    assert "skipped: KB804 near-title, against the record that was not named" in err


def test_a_record_that_the_named_one_touches_and_that_cannot_be_read_is_passed_over(here: Project, run_kb: Run):
    write(here.studies / "1992" / "other-1992-il2.yaml", "id: [\n")
    overlaps = [{"study": "other-1992-il2", "relation": "same-trial", "certainty": "certain", "reason": "r"}]
    write(example(here), study_data(overlaps=overlaps))
    assert (0, "") == run_kb("check", str(example(here)))[:2]


def test_duplicates_in_the_whole_collection(here: Project, run_kb: Run):
    write(here.studies / "1992" / "other-1992-il2.yaml", changed(SECOND, {"reports.main.pmid": "1"}))
    code, out, _ = run_kb("check")
    assert (1, ["KB803", "KB803"]) == (code, codes(out))
    assert '      "pmid": "1"' in out


def test_a_file_outside_any_collection_is_checked_against_the_shipped_vocabulary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_kb: Run
):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "anything.yaml", study_data(**{"outcomes.response.endpoint": "orr"}))
    code, out, _ = run_kb("check", "anything.yaml")
    assert (1, ["KB301"]) == (code, codes(out))
    assert "write objective-response" in out


def test_a_path_decides_the_collection_unless_one_is_named(here: Project, tmp_path: Path, run_kb: Run):
    other = make_collection(tmp_path / "other", study_data(id="x-1991-y", **{"reports.main.pmid": "9"}))
    (other.vocabulary / "endpoints.yaml").write_text("terms: {}\n", encoding="utf-8")
    path = str(other.studies / "1991" / "x-1991-y.yaml")
    assert ["KB301"] == codes(run_kb("check", path)[1])
    assert [] == codes(run_kb("-C", str(here.root), "check", path)[1])


def test_a_broken_vocabulary_is_told_and_turns_no_record_red(here: Project, run_kb: Run):
    write(here.vocabulary / "endpoints.yaml", "terms: [\n")
    code, out, err = run_kb("check", "entries/studies/1991")
    assert (1, ["KB010"]) == (code, codes(out))
    assert out.startswith("entries/vocabulary/endpoints.yaml:1:8: error KB010")
    assert "skipped: endpoints are not looked up, because their vocabulary cannot be read" in err


def test_vocabulary_and_questions_are_checked(here: Project, run_kb: Run):
    agents = here.vocabulary / "agents.yaml"
    agents.write_text(agents.read_text("utf-8").replace("broader: [interleukin-2]", "broader: [interleukin-3]", 1), encoding="utf-8")
    write(here.questions / "q.yaml", "id: q\nquestion: Does it work?\nwhy: It matters.\noutcomes: {endpoint: [orr, nonsense]}\n")
    write(here.questions / "broken.yaml", "id: [\n")
    code, out, _ = run_kb("check")
    assert (1, ["KB010", "KB316", "KB312"]) == (code, codes(out))
    assert "entries/questions/q.yaml:4:28: error KB316" in out


def test_a_verified_table_that_is_no_table_stops_the_check(here: Project, run_kb: Run):
    (here.vocabulary / "verified-curies.tsv").write_text("x\n", encoding="utf-8")
    code, _, err = run_kb("check")
    assert 3 == code
    assert "verified-curies.tsv:1:1: the columns are not curie, label, kind, source" in err


def test_a_collection_without_a_table_uses_the_shipped_one(here: Project, run_kb: Run):
    (here.vocabulary / "verified-curies.tsv").unlink()
    assert 0 == run_kb("check")[0]


def test_json(here: Project, run_kb: Run):
    write(example(here), study_data(**{"outcomes.response.result.events": 25}))
    code, out, _ = run_kb("check", "-f", "json", "entries/studies")
    found = json.loads(out)
    assert (1, ["KB601"]) == (code, [item["code"] for item in found["problems"]])
    summary = found["summary"]
    assert (1, 1, 0, 0, {}) == (summary["files"], summary["error"], summary["warning"], summary["note"], summary["skipped"])
    assert summary["checks"] - 1 == summary["passed"]


def test_sarif_and_github(here: Project, run_kb: Run):
    write(example(here), study_data(**{"outcomes.response.result.events": 25}))
    _, out, _ = run_kb("check", "-f", "sarif", "-q")
    assert ["KB601"] == [item["ruleId"] for item in json.loads(out)["runs"][0]["results"]]
    _, out, err = run_kb("check", "-f", "github", "--quiet")
    assert out.startswith("::error file=entries/studies/1991/example-1991-il2.yaml,line=81,col=19,title=KB601 error::25 events")
    assert "" == err


def test_reading_problems_are_told_whatever_is_selected_unless_they_are_ignored(here: Project, run_kb: Run):
    write(example(here), "id: [\n")
    assert ["KB010"] == codes(run_kb("check", "--select", "KB6")[1])
    assert [] == codes(run_kb("check", "--ignore", "KB0")[1])


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_an_unknown_code_is_refused(here: Project, run_kb: Run, option: str):
    code, _, err = run_kb("check", option, "KB999")
    assert 2 == code
    assert 'no rule has the code "KB999"' in err
    assert "hint: " in err


def test_a_path_that_is_not_there_names_the_nearest(here: Project, run_kb: Run):
    code, _, err = run_kb("check", "entries/studies/1991/example-1991-il.yaml")
    assert 3 == code
    assert "example-1991-il.yaml: no such file or folder" in err
    assert "did you mean example-1991-il2.yaml?" in err
    assert "check the name" in run_kb("check", "zzz")[2]


def test_a_linked_folder_is_told_and_not_entered(here: Project, run_kb: Run, tmp_path: Path):
    write(tmp_path / "elsewhere" / "x.yaml", "id: [\n")
    (here.studies / "1990").symlink_to(tmp_path / "elsewhere")
    code, out, _ = run_kb("check")
    assert (1, ["KB006"]) == (code, codes(out))
    assert "entries/studies/1990:1:1: warning KB006 never read: a link to a folder" in out


def many(project: Project, count: int) -> None:
    for number in range(count):
        changes = {"id": f"s{number}-1991-x", "reports.main.pmid": str(number + 10), "reports.main.title": f"Study {number} of many"}
        bad = {"outcomes.response.result.events": 25} if number % 50 == 7 else {}
        write(project.studies / "1991" / f"s{number}-1991-x.yaml", study_data(**changes, **bad))


def test_two_processes_find_what_one_finds(here: Project, monkeypatch: pytest.MonkeyPatch):
    many(here, 60)
    monkeypatch.setattr(checking, "PARALLEL_FROM", 10)
    monkeypatch.setattr(checking, "_LEAST", 7)
    alone, together = (check(here, [], Selection(), jobs=jobs) for jobs in (1, 2))
    assert 2 == len(alone.diagnostics)
    assert alone.diagnostics == together.diagnostics
    assert alone.tally == together.tally
    assert alone.severities() == together.severities() == {"error": 2, "warning": 0, "note": 0}


def test_workers_can_be_started_afresh(here: Project, monkeypatch: pytest.MonkeyPatch):
    """Where a process cannot be forked, everything that a worker needs is sent to it."""
    many(here, 12)
    monkeypatch.setattr(checking, "PARALLEL_FROM", 10)
    monkeypatch.setattr(workers, "start_method", lambda: "spawn")
    assert ["KB601"] == [item.code for item in check(here, [], Selection(), jobs=2).diagnostics]


def test_a_worker_says_nothing_to_the_terminal(here: Project, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    """The quick reader's library prints its errors; they are told as every other problem, once."""
    many(here, 12)
    (here.studies / "1991" / "bad-1991-x.yaml").write_text("id: bad-1991-x\nreports: -\n", encoding="utf-8")
    monkeypatch.setattr(checking, "PARALLEL_FROM", 10)
    alone, together = (check(here, [], Selection(), jobs=jobs) for jobs in (1, 2))
    assert alone.diagnostics == together.diagnostics
    assert "KB010" in [item.code for item in together.diagnostics]
    assert ("", "") == capfd.readouterr()


def test_an_empty_report_counts_nothing():
    assert {"error": 0, "warning": 0, "note": 0} == Report().severities()
