"""The shipped collection: every record loads, checks clean, and is written back byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

import kb
from kb.model.study import Study
from kb.project import open_project, resource
from kb.records.collection import study_files
from kb.records.decode import decode
from tests.untraced import python

PROJECT = open_project(resource("kb.toml").parent, explicit=True)
FILES = study_files(PROJECT)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_record_loads_under_its_own_name(path: Path) -> None:
    decoded = decode(path.read_text(encoding="utf-8"), Study, file=path.name)
    assert () == decoded.diagnostics
    assert decoded.value is not None
    assert (decoded.value.id, decoded.value.main_report.period) == (path.stem, path.parent.name)


def test_the_whole_collection_loads() -> None:
    loaded = kb.load(str(PROJECT.root))
    assert () == loaded.diagnostics
    assert {path.stem for path in FILES} == set(loaded.studies)


def test_the_whole_collection_checks_clean(run_kb) -> None:
    code, out, _ = run_kb("-C", str(PROJECT.root), "check", "--jobs", "1", "--quiet")
    assert (0, "") == (code, "\n".join(line for line in out.splitlines() if " note " not in line and not line.startswith(" ")))


def test_every_record_is_in_canonical_form() -> None:
    done = python("-m", "kb", "-C", PROJECT.root, "fmt", "--check")
    assert (0, "") == (done.returncode, done.stdout), f"run `kb fmt`: {done.stderr}"
