"""`kb init`: a new collection that reads clean, and nothing half done."""

from __future__ import annotations

import pytest

import kb
from kb.cli import init
from kb.cli.schema import schema_files
from kb.project import open_project, resource


def snapshot(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_a_new_collection_reads_clean(tmp_path, run_kb):
    folder = tmp_path / "reviews"
    code, out, err = run_kb("init", str(folder), "--name", "My reviews", "--base-iri", "https://example.org/mine")
    assert code == 0
    assert "new FAMILY-YEAR-WORDS" in err
    assert sorted(path.as_posix() for path in folder.rglob("*") if path.is_file()) == sorted(out.splitlines())

    project = open_project(folder, explicit=True)
    assert ("My reviews", "https://example.org/mine/", "CC0-1.0") == (project.name, project.base_iri, project.licence)
    made = kb.load(str(folder))
    assert ((), ["example-2000-two-regimens"]) == (made.diagnostics, list(made.studies))
    assert made.vocabulary == kb.load(str(resource("kb.toml").parent)).vocabulary
    assert set(schema_files()) == {path.name for path in (folder / "schemas").iterdir()}


def test_a_new_collection_checks_clean(tmp_path, run_kb):
    run_kb("init", str(tmp_path / "reviews"))
    code, out, _ = run_kb("-C", str(tmp_path / "reviews"), "check")
    assert (0, "") == (code, out)


def test_the_example_is_in_canonical_form(tmp_path, run_kb):
    run_kb("init", str(tmp_path / "reviews"))
    assert run_kb("-C", str(tmp_path / "reviews"), "fmt", "--check")[0] == 0


def test_dry_run_writes_nothing(tmp_path, run_kb):
    folder = tmp_path / "reviews"
    code, out, err = run_kb("init", str(folder), "--dry-run")
    assert code == 0
    assert f"{folder.as_posix()}/kb.toml" in out.splitlines()
    assert err == "nothing was written; this is what would be\n"
    assert set() == snapshot(tmp_path)


@pytest.mark.parametrize("taken", ["kb.toml", "entries", "schemas"])
def test_refuses_a_folder_that_holds_a_collection(taken, tmp_path, run_kb):
    (tmp_path / taken).mkdir()
    code, out, err = run_kb("init", str(tmp_path))
    assert (2, "") == (code, out)
    assert f"already holds {taken}" in err
    assert {taken} == snapshot(tmp_path)


def test_leaves_other_files_alone(tmp_path, run_kb):
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")
    assert run_kb("init", str(tmp_path))[0] == 0
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "mine"


def test_a_name_cannot_add_settings(tmp_path, run_kb):
    name = 'a "quoted" name\nlicence = "none"'
    assert run_kb("init", str(tmp_path / "c"), "--name", name)[0] == 0
    project = open_project(tmp_path / "c", explicit=True)
    assert (name, "CC0-1.0") == (project.name, project.licence)


def test_an_interrupted_start_leaves_no_collection(tmp_path, run_kb, monkeypatch):
    def full(path, data):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(init, "write_atomically", full)
    (tmp_path / "c").mkdir()
    code, _, err = run_kb("init", str(tmp_path / "c"))
    assert code == 3
    assert "No space left on device" in err
    assert {"c"} == snapshot(tmp_path)
