"""`kb schema`: printing, listing, rewriting."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kb.cli.main import main
from kb.model.schema import schema_text
from kb.project import Project


def run(*args: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(args))
    return int(ended.value.code or 0)


@pytest.mark.parametrize("name", ["study", "study.schema.json"])
def test_prints_one(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run("schema", name)
    assert schema_text("study") == capsys.readouterr().out


def test_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == run("schema")
    assert "study\tstudy.schema.json" == capsys.readouterr().out.splitlines()[0]


def test_unknown_name_gets_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == run("schema", "studdy")
    assert 'kb: there is no schema "studdy"\n  hint: did you mean study?\n' == capsys.readouterr().err
    assert 2 == run("schema", "zzzz")
    assert "hint: one of: study, vocabulary-agents" in capsys.readouterr().err


def test_write_brings_the_folder_into_step(collection: Callable[..., Project], capsys: pytest.CaptureFixture[str]) -> None:
    project = collection()
    root = str(project.root)
    held = project.root / "schemas" / "study.schema.json"

    assert 0 == run("-C", root, "schema", "--write", "--dry-run")
    assert "schemas/study.schema.json: would be written" in capsys.readouterr().out
    assert not held.exists()

    assert 1 == run("-C", root, "schema", "--write", "--check")
    shown = capsys.readouterr()
    assert "schemas/study.schema.json: out of step with the models" in shown.out
    assert "run `kb schema --write`" in shown.err

    assert 0 == run("-C", root, "schema", "--write")
    assert schema_text("study") == held.read_text(encoding="utf-8")
    capsys.readouterr()

    held.write_text("{}", encoding="utf-8")
    assert 1 == run("-C", root, "schema", "--write", "--check")
    assert "schemas/study.schema.json: out of step with the models\n" == capsys.readouterr().out
    assert 0 == run("-C", root, "schema", "--write")
    assert 0 == run("-C", root, "schema", "--write", "--check")
    assert "in step" in capsys.readouterr().err


def test_unreadable_schema_is_named(collection: Callable[..., Project], capsys: pytest.CaptureFixture[str]) -> None:
    project = collection()
    (project.root / "schemas" / "study.schema.json").mkdir(parents=True)
    assert 3 == run("-C", str(project.root), "schema", "--write", "--check")
    assert "schemas/study.schema.json: cannot be read" in capsys.readouterr().err


def test_refuses_options_that_do_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == run("schema", "--check")
    assert "belong to --write" in capsys.readouterr().err
    assert 2 == run("schema", "study", "--write")
    assert "takes no name" in capsys.readouterr().err
    monkeypatch.chdir(tmp_path)
    assert 2 == run("schema", "--write")
    assert "no collection here" in capsys.readouterr().err
