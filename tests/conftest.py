"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from kb.cli.main import main
from kb.project import Project
from tests.builders import make_collection, study_data

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-golden", action="store_true", help="rewrite tests/golden/ with what the code gives now; review the diff")


# No deadlines: a busy machine is no failure, and speed is measured in benchmarks. In CI the same cases are tried each time.
settings.register_profile("kb", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("kb")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the file of that name in tests/golden/."""

    def compare(name: str, text: str) -> None:
        if request.config.getoption("--write-golden"):
            (GOLDEN / name).write_text(text, encoding="utf-8")
        assert (GOLDEN / name).read_text(encoding="utf-8") == text, "if this is meant: pytest --write-golden, and review the diff"

    return compare


@pytest.fixture
def collection(tmp_path: Path) -> Callable[..., Project]:
    """Make a collection of the given studies' data, or of the example study."""

    def make(*studies: dict[str, Any]) -> Project:
        return make_collection(tmp_path / "collection", *(studies or (study_data(),)))

    return make


@pytest.fixture
def run_kb(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run `kb` with arguments; return exit code, standard output and standard error."""

    def run(*args: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(args))
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    return run
