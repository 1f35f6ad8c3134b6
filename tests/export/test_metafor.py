"""Each exported script pools again under R, where R with metafor is installed, and stops where it finds another number."""

import csv
import shutil
import subprocess

import pytest

from kb.analysis.effects import Effect
from kb.analysis.meta import Asked, analysed
from kb.analysis.pooling.result import Settings
from kb.analysis.synthesis import Datum, Exclusion
from kb.cli.main import main
from kb.export.metafor import metafor

ONE = [(0, 20), (5, 25), (3, 18), (12, 40), (1, 33), (7, 15)]
TWO = [(4, 123, 11, 139), (6, 306, 29, 303), (3, 231, 11, 220), (0, 40, 3, 42), (33, 5069, 47, 5808)]


def report(counts, measure, method, test="z", **asked):
    data = [
        Datum("Same 1991", one, None, 1991, str(place), "", traits={"dose": 1.5 * place, "note": "=1+1"})
        for place, one in enumerate(counts)
    ]
    return analysed(
        "A title",
        "everything",
        data,
        measure,
        Settings(method, test),
        Asked(**asked),
        excluded=[Exclusion("Left 1990", "", "retracted", "left", "x")],
    )


REPORTS = {
    "glmm": report(ONE, "PLO", "GLMM"), "logit": report(ONE, "PLO", "REML", add=0.5), "arcsine": report(ONE, "PAS", "DL", "knha"),
    "mh": report(TWO, "RR", "MH"), "peto": report(TWO, "PETO", "PETO"), "odds": report(TWO, "OR", "PM", "adhoc"), "glmm-or": report(TWO, "OR", "GLMM"),
    "effects": analysed("t", "s", [Datum(f"S{n}", (), Effect(n / 3, 0.1), None, str(n), "") for n in range(4)], "HR", Settings("REML"), Asked()),
}  # fmt: skip


def _metafor_is_there():
    asked = "quit(status = !(requireNamespace('metafor', quietly = TRUE) && requireNamespace('lme4', quietly = TRUE)))"
    return (
        shutil.which("Rscript") is not None and subprocess.run(["Rscript", "-e", asked], capture_output=True, check=False).returncode == 0
    )


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_the_script_gives_the_same_numbers(name, tmp_path):
    files = dict(metafor(REPORTS[name]))
    assert {"data.csv", "analysis.R"} == set(files)
    assert "stop(" in files["analysis.R"]
    for file, text in files.items():
        (tmp_path / file).write_text(text, "utf-8")
    if _metafor_is_there():
        ran = subprocess.run(["Rscript", "analysis.R"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (0, "the same as exported") == (ran.returncode, ran.stdout.strip().splitlines()[-1]), ran.stderr


def test_rows_are_raw_counts_with_na_for_what_is_missing():
    files = dict(metafor(REPORTS["logit"]))
    rows = list(csv.DictReader(files["data.csv"].splitlines()))
    assert ("0", "20", "NA", "'=1+1", "0") == tuple(rows[0][key] for key in ("xi", "ni", "study_id", "note", "dose"))
    assert "# - Left 1990 left#x: retracted\n" in files["analysis.R"]


def test_nothing_pooled_is_said():
    assert "Nothing was pooled" in dict(metafor(report([(0, 20), (0, 30)], "PLO", "GLMM")))["analysis.R"]


def test_the_command_writes_the_folder(tmp_path, capsys):
    (tmp_path / "own.csv").write_text("xi,ni\n1,20\n3,30\n", "utf-8")
    for _ in range(2):
        with pytest.raises(SystemExit) as ended:
            main(["meta", "--data", str(tmp_path / "own.csv"), "--metafor", str(tmp_path / "r"), "-f", "json"])
        assert 0 == ended.value.code
    assert [".kb-metafor", "analysis.R", "data.csv"] == sorted(path.name for path in (tmp_path / "r").iterdir())
