"""`kb fmt`."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.cli import fmt
from kb.project import Project
from kb.records import canonical
from kb.records.yaml import parse
from tests.builders import study_data

Run = Callable[..., tuple[int, str, str]]
HEAD = "# yaml-language-server: $schema=../../../schemas/study.schema.json\n"


@pytest.fixture
def record(collection: Callable[..., Project], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The record of the example collection, which is the current folder. Each vocabulary has its first term only.

    A tracer makes ruamel.yaml slow, and the whole vocabulary is looked at by the test of the collection.
    """
    project = collection()
    for file in project.vocabulary.glob("*.yaml"):
        head, first, *_ = re.split(r"^(?=  \S)", file.read_text("utf-8"), flags=re.MULTILINE)
        file.write_text(head + first, encoding="utf-8")
    monkeypatch.chdir(project.root)
    return project.studies / "1991" / "example-1991-il2.yaml"


NAME = "entries/studies/1991/example-1991-il2.yaml"


def test_a_record_is_rewritten_once(record: Path, run_kb: Run):
    code, out, err = run_kb("fmt")
    assert (0, f"{NAME}\n", "9 files, 1 rewritten\n") == (code, out, err)
    text = record.read_text("utf-8")
    assert text.startswith(HEAD + '"id": "example-1991-il2"\n') or text.startswith(HEAD + "id: ")
    assert study_data() == parse(text)
    assert (0, "", "9 files, 0 rewritten\n") == run_kb("fmt")
    assert text == record.read_text("utf-8")


def test_check_names_the_files_and_changes_nothing(record: Path, run_kb: Run):
    before = record.read_bytes()
    assert (1, f"{NAME}\n", "9 files, 1 not canonical\n") == run_kb("fmt", "--check")
    assert before == record.read_bytes()
    assert (1, f"{NAME}\n", "1 file, 1 not canonical\n") == run_kb("fmt", "--check", NAME)


def test_a_dry_run_shows_the_difference_and_changes_nothing(record: Path, run_kb: Run):
    record.write_text(HEAD + "design: {phase: 2, type: x}\nid: x", encoding="utf-8")
    before = record.read_bytes()
    code, out, err = run_kb("fmt", "--dry-run", NAME)
    assert (0, "1 file, 1 not canonical\n") == (code, err)
    assert ["-design: {phase: 2, type: x}", "-id: x", "+id: x", "+design: {type: x, phase: 2}"] == [
        line for line in out.split("\n") if line[:1] in ("-", "+") and line[:3] not in ("---", "+++")
    ]
    assert before == record.read_bytes()


def test_comments_stay(record: Path, run_kb: Run):
    record.write_text("# for later\nid: x  # short\n", encoding="utf-8")
    run_kb("fmt", NAME)
    assert HEAD + "# for later\nid: x  # short\n" == record.read_text("utf-8")


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"id: [\n", ":1:5: error KB010 "),
        (b"id: x\nid: y\n", ":2:1: error KB011 "),
        (b"id: \xff\n", ":1:5: error KB004 "),
        (b"- x\n", ":1:1: error KB014 "),
    ],
    ids=["syntax", "twice", "latin-1", "list"],
)
def test_a_file_that_cannot_be_read_is_told_and_left(record: Path, run_kb: Run, raw: bytes, told: str):
    record.write_bytes(raw)
    code, out, err = run_kb("fmt")
    assert 1 == code
    assert out.startswith(NAME + told)
    assert "9 files, 0 rewritten, 1 left as they are, because they cannot be read\n" == err
    assert raw == record.read_bytes()


def test_nothing_is_written_that_says_something_else(record: Path, run_kb: Run, monkeypatch: pytest.MonkeyPatch):
    before = record.read_bytes()
    monkeypatch.setattr(canonical, "_emitted", lambda text: "id: y\n")
    code, out, _ = run_kb("fmt", NAME)
    assert 1 == code
    assert f"{NAME}:1:1: error KB010 the canonical text would say something else" in out
    assert before == record.read_bytes()
    assert [record.name] == sorted(path.name for path in record.parent.iterdir())


def test_an_invalid_record_is_formatted_all_the_same(record: Path, run_kb: Run):
    record.write_text("zebra: 1\nid: x\n", encoding="utf-8")
    assert 0 == run_kb("fmt", NAME)[0]
    assert HEAD + "id: x\nzebra: 1\n" == record.read_text("utf-8")


def test_vocabulary_and_questions_are_formatted_by_their_models(record: Path, run_kb: Run):
    root = record.parents[3]
    question = root / "entries" / "questions" / "q.yaml"
    question.parent.mkdir()
    question.write_text("why: It matters.\nid: q\nquestion: Does it work?\n", encoding="utf-8")
    routes = root / "entries" / "vocabulary" / "routes.yaml"
    routes.write_text("terms:\n  oral: {mode: oral, label: by mouth}\n", encoding="utf-8")
    assert 0 == run_kb("fmt")[0]
    assert (
        "# yaml-language-server: $schema=../../schemas/question.schema.json\nid: q\nquestion: Does it work?\nwhy: It matters.\n"
        == question.read_text("utf-8")
    )
    assert (
        "# yaml-language-server: $schema=../../schemas/vocabulary-routes.schema.json\nterms:\n  oral: {label: by mouth, mode: oral}\n"
        == routes.read_text("utf-8")
    )


def test_two_processes_do_what_one_does(record: Path, run_kb: Run, monkeypatch: pytest.MonkeyPatch):
    for number in range(5):
        (record.parent / f"x{number}.yaml").write_text(f"registry: [a]\nid: x{number}\n", encoding="utf-8")
    monkeypatch.setattr(fmt, "PARALLEL_FROM", 3)
    together = run_kb("fmt", "--check", "entries/studies", "-j", "2")
    assert together == run_kb("fmt", "--check", "entries/studies", "-j", "1")
    assert 6 == len(together[1].splitlines())


def test_a_path_that_is_not_there(record: Path, run_kb: Run):
    assert 3 == run_kb("fmt", "nowhere")[0]
