"""docs/exchange.md is in step with the formats, and what it says of other engines holds where they are installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kb.export.formats import FORMATS

ROOT = Path(__file__).resolve().parent.parent
MANUAL = (ROOT / "docs" / "exchange.md").read_text(encoding="utf-8")
SCRIPT = ROOT / "docs" / "spark_counts.py"


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_has_a_row(name):
    rows = [line for line in MANUAL.splitlines() if line.startswith("| `")]
    assert any(f"`{name}`" in row.split("|")[1] for row in rows), f"describe {name} in docs/exchange.md"


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_help_names_every_format(name, run_kb):
    assert f"  {name} " in run_kb("help", "formats")[1]


def test_files_that_the_manual_names_are_there():
    assert SCRIPT.is_file()
    assert list((ROOT / "docs" / "queries").glob("*.rq"))


# Spark needs Java and a package of 400 MB, so it is no part of the tests' environment.
@pytest.mark.spark
@pytest.mark.parametrize("arguments", [(), ("--partition", "year")], ids=["whole", "split"])
def test_spark_reads_every_row(arguments, collection, run_kb, tmp_path):
    assert 0 == run_kb("-C", str(collection().root), "export", "parquet", str(tmp_path / "t"), *arguments)[0]
    done = subprocess.run([sys.executable, str(SCRIPT), str(tmp_path / "t")], capture_output=True, text=True, check=False)
    assert (0, False) == (done.returncode, "DIFFERENT" in done.stdout), done.stderr
