"""The tours in README.md and docs/synthesis.md are real: every `console` block is run again and its output compared.

A line that starts with `$ ` is a command, the lines after it are what it prints (both streams). `…` stands for any text.
Run this module (`python -m tests.test_readme`) to fill in the output; a block with `…` is left as it is.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = (ROOT / "README.md", ROOT / "docs" / "synthesis.md")
_BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)


def steps(block: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a block with the output printed below it."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def run(command: str) -> str:
    """Run a command in the checkout as a reader would, with a wide and colourless terminal."""
    here = str(Path(sys.executable).parent)
    surroundings = {**os.environ, "PATH": f"{here}:{os.environ['PATH']}", "NO_COLOR": "1", "COLUMNS": "120", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=ROOT,
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), f"{command} ended with {done.returncode}: {done.stdout}"
    return done.stdout


STEPS = [step for path in DOCUMENTS for block in _BLOCK.findall(path.read_text(encoding="utf-8")) for step in steps(block)]


@pytest.mark.parametrize(("command", "output"), STEPS, ids=[command for command, _ in STEPS])
def test_the_tour_prints_what_it_says(command: str, output: str) -> None:
    pattern = ".*?".join(re.escape(part) for part in output.split("…"))
    printed = run(command)
    if not re.fullmatch(pattern, printed, re.DOTALL):
        assert output == printed, "run `python -m tests.test_readme` and review the difference"


def test_there_is_a_tour() -> None:
    assert len(STEPS) >= 5


def test_figures_in_the_prose_stand_in_what_the_commands_print() -> None:
    text = DOCUMENTS[1].read_text(encoding="utf-8")
    figures = re.findall(r"\d+\.\d % \(\d+\.\d to \d+\.\d\)", _BLOCK.sub("", text))
    printed = "".join(_BLOCK.findall(text))
    assert len(figures) >= 3
    assert [] == [figure for figure in figures if figure not in printed], "the collection has moved: read the comparison again"


def _filled(block: str) -> str:
    return "".join(f"$ {command}\n{output if '…' in output else run(command)}" for command, output in steps(block))


if __name__ == "__main__":
    for path in DOCUMENTS:
        path.write_text(_BLOCK.sub(lambda found: _filled(found[0]), path.read_text(encoding="utf-8")), encoding="utf-8")
