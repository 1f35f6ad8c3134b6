"""The wheel holds everything: from an empty folder, the installed command answers from the collection that ships with it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from kb import __version__
from kb.model.schema import schema_text

ROOT = Path(__file__).resolve().parent.parent


def run(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    # Without coverage's variables: what is measured is the checkout, not the copy that is installed here.
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTHON"))}
    done = subprocess.run([str(word) for word in words], cwd=cwd, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done


def installed(folder: Path) -> Path:
    """Build the wheel without a network, install it alone into a new environment, and return its folder of programs."""
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", ROOT, cwd=folder)
    (wheel,) = (folder / "dist").glob("*.whl")
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / "bin"
    run(programs / "python", "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--disable-pip-version-check", wheel, cwd=folder)
    # What the wheel depends on is taken from here; the wheel's own package comes first.
    (packages,) = (folder / "venv").glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return programs


def test_the_wheel_answers_from_an_empty_folder(tmp_path: Path) -> None:
    kb = installed(tmp_path) / "kb"
    empty = tmp_path / "empty"
    empty.mkdir()

    where = run(kb.with_name("python"), "-c", "import kb; print(kb.__file__)", cwd=empty).stdout
    assert where.startswith(str(tmp_path))
    assert f"kb, version {__version__}\n" == run(kb, "--version", cwd=empty).stdout
    assert schema_text("study") == run(kb, "schema", "study", cwd=empty).stdout

    studies = run(kb, "find", "studies", "-f", "tsv", cwd=empty)
    here = run(Path(sys.executable).with_name("kb"), "find", "studies", "-f", "tsv", cwd=ROOT)
    assert here.stdout == studies.stdout
    assert "sosman-1991-prolonged-il2" in studies.stdout
    assert "kb: no collection here; answering from the one that ships with kb" in studies.stderr

    counts = run(kb, "stats", "-f", "tsv", cwd=empty)
    assert f"records\tstudies\t{len(studies.stdout.splitlines()) - 1}\t" in counts.stdout
    assert "no collection here" in counts.stderr

    run(kb, "init", "mine", cwd=empty)
    assert "example-2000-two-regimens" in run(kb, "-C", "mine", "find", "studies", "-f", "tsv", cwd=empty).stdout
    assert ["mine"] == [path.name for path in empty.iterdir()]
