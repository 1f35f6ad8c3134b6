"""The project's own order: names, help, manual, and nothing of the machine that it was written on."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from kb.cli.main import COMMANDS
from kb.project import open_project

ROOT = Path(__file__).resolve().parent.parent
FILES = [
    ROOT / name for name in subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
]
TEXTS = [path for path in FILES if path.is_file() and path.suffix not in (".png", ".jpg", ".ico")]


def test_the_repository_is_a_collection() -> None:
    assert not open_project(ROOT, explicit=True).shipped


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_a_place_in_the_readme(name: str) -> None:
    assert f"`kb {name}`" in (ROOT / "README.md").read_text(encoding="utf-8"), f"list `kb {name}` in README.md"


def test_no_module_has_a_name_without_a_reason_to_stop_growing() -> None:
    named = [path for path in FILES if path.stem in ("utils", "util", "helpers", "helper", "common", "misc")]
    assert [] == named


def test_no_file_names_a_place_on_a_machine() -> None:
    """Paths of one machine, and hosts that packages were fetched from, mean nothing to anyone else."""
    machine = re.compile(r"/(?:work|root|home)/[a-z]|pypi\.org|pythonhosted|registry\.npmjs|file:///")
    told = ROOT / "tests" / "test_structure.py"
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in TEXTS
        if path != told
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if machine.search(line)
    ]
    assert [] == found


def test_text_files_end_with_one_line_break() -> None:
    ragged = [
        path.relative_to(ROOT).as_posix()
        for path in TEXTS
        # Golden files are bytes as an exporter gives them.
        if "golden" not in path.parts and (raw := path.read_bytes()) and (not raw.endswith(b"\n") or raw.endswith(b"\n\n"))
    ]
    assert [] == ragged


def test_exact_versions_name_no_address() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert [] == [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line)]


def test_exact_versions_hold_everything_that_is_asked_for() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    plain = re.compile(r"[A-Za-z0-9._-]+")
    spelled = {
        re.sub(r"[-_.]+", "-", plain.match(line)[0]).lower()
        for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
        if plain.match(line)
    }
    missing = [name for name in asked if re.sub(r"[-_.]+", "-", plain.match(name)[0]).lower() not in spelled]
    assert [] == missing, "run `make constraints`"
