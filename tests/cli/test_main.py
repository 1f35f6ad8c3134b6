"""The command table, start-up, and how errors end."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from kb import __version__
from kb.cli.main import COMMANDS, root_command
from kb.errors import UnreadableError

KB = Path(sys.executable).with_name("kb")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_loads_and_keeps_the_line_of_the_table(name):
    module, line = COMMANDS[name]
    command = import_module(module).command
    assert isinstance(command, click.Command)
    assert command.help
    assert line.endswith(".")


def test_help_and_version(run_kb):
    code, out, _ = run_kb("--help")
    assert code == 0
    assert [] == [line for _, line in COMMANDS.values() if line not in " ".join(out.split())]
    assert (0, f"kb, version {__version__}\n", "") == run_kb("--version")


def test_it_runs_as_a_module_too(tmp_path):
    def run(*words: str) -> tuple[int, str]:
        done = subprocess.run([sys.executable, "-m", "kb", *words], cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    assert (0, f"kb, version {__version__}\n") == run("--version")
    assert (2, "") == run("find", "nothing")


def test_help_imports_nothing_but_click():
    script = "import sys\nfrom kb.cli.main import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    print(sorted(sys.modules))"
    # Without the variables by which coverage starts itself in every process: it loads more than the command does.
    bare = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run([sys.executable, "-c", script], env=bare, capture_output=True, text=True, check=True)
    loaded = done.stdout.splitlines()[-1]
    heavy = ("pydantic", "networkx", "rdflib", "jinja2", "rich", "ruamel", "yaml", "sqlite3", "numpy", "asyncio", "kb.model", "kb.records")
    assert [] == [name for name in heavy if f"'{name}'" in loaded]


def test_unknown_command_suggests_the_nearest(run_kb):
    code, out, err = run_kb("fnd")
    assert (2, "") == (code, out)
    assert 'There is no command "fnd". Did you mean find' in err
    assert 'There is no command "qqqq".\n' in run_kb("qqqq")[2]


@pytest.mark.parametrize(
    ("raised", "code", "message"),
    [
        (UnreadableError("no", hint="do this"), 3, "kb: no\n  hint: do this\n"),
        (UnreadableError("no"), 3, "kb: no\n"),
        (PermissionError(errno.EACCES, "Permission denied", "x"), 3, "kb: x: Permission denied\n"),
        (OSError("odd"), 3, "kb: the system: odd\n"),
        (click.exceptions.Abort(), 130, "Stopped.\n"),
        (RuntimeError("a bug"), 4, "kb: a fault of kb itself, please report it: RuntimeError: a bug\n"),
    ],
    ids=["known-with-hint", "known", "file", "system", "stopped", "fault"],
)
def test_errors_end_with_a_message_and_a_code(raised, code, message, run_kb, monkeypatch):
    def fail(*args, **kwargs):
        raise raised

    monkeypatch.setattr(root_command, "invoke", fail)
    ended, out, err = run_kb("schema")
    assert (code, "") == (ended, out)
    assert err.endswith(message)
    assert ("Traceback" in err) is (code == 4)


def test_a_reader_that_leaves_a_pipe_is_no_error():
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f'"{KB}" schema study | head -c 10'], capture_output=True, text=True, check=False
    )
    assert (0, '{\n  "$sche', "") == (done.returncode, done.stdout, done.stderr)


def test_completion_needs_no_collection(tmp_path):
    asked = {**os.environ, "_KB_COMPLETE": "bash_complete", "COMP_WORDS": "kb sche", "COMP_CWORD": "1"}
    done = subprocess.run([KB], env=asked, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ["plain,schema"] == done.stdout.splitlines()
