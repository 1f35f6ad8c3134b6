"""`kb schema`: printing, listing, rewriting."""

from __future__ import annotations

import pytest

from kb.cli.schema import schema_files
from kb.model.schema import schema_text
from kb.project import resource


@pytest.mark.parametrize("name", ["study", "study.schema.json"])
def test_prints_one(name, run_kb):
    assert (0, schema_text("study"), "") == run_kb("schema", name)


def test_lists_all(run_kb):
    code, out, _ = run_kb("schema")
    assert (0, "study\tstudy.schema.json") == (code, out.splitlines()[0])


def test_unknown_name_gets_a_hint(run_kb):
    assert (2, "", 'kb: there is no schema "studdy"\n  hint: did you mean study?\n') == run_kb("schema", "studdy")
    assert "hint: one of: study, vocabulary-agents" in run_kb("schema", "zzzz")[2]


def test_write_brings_the_folder_into_step(collection, run_kb):
    project = collection()
    root = str(project.root)
    held = project.root / "schemas" / "study.schema.json"

    code, out, _ = run_kb("-C", root, "schema", "--write", "--dry-run")
    assert code == 0
    assert "schemas/study.schema.json: would be written\n" in out
    assert not held.exists()

    code, out, err = run_kb("-C", root, "schema", "--write", "--check")
    assert code == 1
    assert "schemas/study.schema.json: out of step with the models\n" in out
    assert err == "run `kb schema --write` to bring them into step\n"

    assert run_kb("-C", root, "schema", "--write")[0] == 0
    assert schema_text("study") == held.read_text(encoding="utf-8")

    held.write_text("{}", encoding="utf-8")
    assert (1, "schemas/study.schema.json: out of step with the models\n") == run_kb("-C", root, "schema", "--write", "--check")[:2]
    assert (0, "schemas/study.schema.json: written\n", "") == run_kb("-C", root, "schema", "--write")
    assert (0, "", "schemas/ is in step with the models\n") == run_kb("-C", root, "schema", "--write", "--check")


def test_unreadable_schema_is_named(collection, run_kb):
    project = collection()
    (project.root / "schemas" / "study.schema.json").mkdir(parents=True)
    code, _, err = run_kb("-C", str(project.root), "schema", "--write", "--check")
    assert code == 3
    assert err.startswith("kb: schemas/study.schema.json: cannot be read")


def test_refuses_options_that_do_not_fit(tmp_path, monkeypatch, run_kb):
    assert (2, "", "kb: --check and --dry-run belong to --write\n  hint: kb schema --write --check\n") == run_kb("schema", "--check")
    assert "takes no name" in run_kb("schema", "study", "--write")[2]
    monkeypatch.chdir(tmp_path)
    code, _, err = run_kb("schema", "--write")
    assert code == 2
    assert "no collection here" in err


def test_the_folder_of_schemas_is_in_step():
    held = {path.name: path.read_text(encoding="utf-8") for path in resource("schemas").iterdir()}
    made = schema_files()
    stale = sorted(name for name in {*held, *made} if held.get(name) != made.get(name))
    assert [] == stale, "run `kb schema --write`, and remove files of schemas/ that it does not write"
