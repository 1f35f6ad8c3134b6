"""`kb help` and its topics."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kb.analysis.selection import OPTIONS
from kb.cli.main import COMMANDS
from kb.cli.output import FORMATS
from kb.cli.topics import TOPICS
from kb.errors import Exit
from kb.export.formats import FORMATS as EXPORTS
from kb.model.terms import Absence, UnitFamily

KB = Path(sys.executable).with_name("kb")


def test_lists_commands_and_topics(run_kb):
    code, out, _ = run_kb("help")
    assert code == 0
    assert [] == [name for name in (*COMMANDS, *TOPICS) if f"\n  {name} " not in out]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself(name, run_kb):
    code, out, _ = run_kb("help", name)
    assert code == 0
    assert out.startswith(f"Usage: kb {name} ")
    assert (out, "") == run_kb(name, "--help")[1:]


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_every_topic_is_a_text_of_readable_width(topic, run_kb):
    code, out, _ = run_kb("help", topic)
    assert code == 0
    assert out.endswith("\n")
    assert [] == [line for line in out.splitlines() if len(line) > 130]


def test_topics_hold_what_the_tables_hold():
    assert [] == [name for name in OPTIONS if f"--{name} " not in TOPICS["selection"][1]()]
    assert [] == [name for name in (*FORMATS, *EXPORTS) if f"\n  {name} " not in TOPICS["formats"][1]()]
    assert [] == [code for code in Exit if f"\n  {code.value}  " not in TOPICS["exit-codes"][1]()]
    assert [] == [kind.value for kind in Absence if kind.value not in TOPICS["record"][1]()]
    assert [] == [family.value for family in UnitFamily if family.value not in TOPICS["units"][1]()]


def test_unknown_names_get_a_hint(run_kb):
    assert (2, "", 'kb: there is no command or topic "unit"\n  hint: did you mean units or init?\n') == run_kb("help", "unit")
    assert "the topics are completion, exit-codes" in run_kb("help", "qqqq")[2]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_documented_line_makes_a_completion_script(shell):
    assert f"_KB_COMPLETE={shell}_source kb" in TOPICS["completion"][1]()
    done = subprocess.run([KB], env={**os.environ, "_KB_COMPLETE": f"{shell}_source"}, capture_output=True, text=True, check=True)
    assert "_kb_completion" in done.stdout


def test_the_shell_completes_commands_and_topics():
    asked = {**os.environ, "_KB_COMPLETE": "bash_complete", "COMP_WORDS": "kb help ex", "COMP_CWORD": "2"}
    done = subprocess.run([KB], env=asked, capture_output=True, text=True, check=True)
    assert ["plain,explain", "plain,export", "plain,exit-codes"] == done.stdout.splitlines()
