"""Fixtures shared by all tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kb.cli.main import main
from kb.project import Project
from tests.builders import make_collection, study_data


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
