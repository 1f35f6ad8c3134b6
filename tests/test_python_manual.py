"""Every example of docs/python.md is run, and prints what stands there."""

import doctest
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANUAL = ROOT / "docs" / "python.md"


def test_the_examples_print_what_they_say(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setitem(os.environ, "COLUMNS", "120")
    found = doctest.testfile(str(MANUAL), module_relative=False, optionflags=doctest.REPORT_NDIFF, encoding="utf-8")
    assert found.attempted >= 20
    assert 0 == found.failed
