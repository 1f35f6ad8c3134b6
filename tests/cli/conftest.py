"""Running a command as a user does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kb.cli.main import main

Outcome = tuple[int, str, str]


@pytest.fixture
def run_kb(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run `kb` with arguments; return exit code, standard output and standard error."""

    def run(*args: str) -> Outcome:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(args))
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    return run
