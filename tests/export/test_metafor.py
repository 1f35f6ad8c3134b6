"""Each exported script pools again under R, where R with metafor is installed, and stops where it finds another number."""

import csv
import json
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from kb.analysis.effects import Effect
from kb.analysis.meta import Asked, analysed
from kb.analysis.pooling.result import Settings
from kb.analysis.synthesis import Datum, Exclusion
from kb.cli.main import main
from kb.export.formats import Extract
from kb.export.metafor import metafor, metafor_folder
from kb.project import open_project
from kb.records.collection import Vocabulary
from tests.builders import study_data
from tests.cli.test_meta import overlap
from tests.judges import missing

ROOT = Path(__file__).resolve().parents[2]

ONE = [(0, 20), (5, 25), (3, 18), (12, 40), (1, 33), (7, 15)]
TWO = [(4, 123, 11, 139), (6, 306, 29, 303), (3, 231, 11, 220), (0, 40, 3, 42), (33, 5069, 47, 5808)]


def report(counts, measure, method, test="z", **asked):
    data = [
        Datum(
            "Same 1991",
            one,
            None,
            1991,
            str(place),
            "",
            traits={"dose": 1.5 * place, "note": "=1+1", "kind": 'a "b"' if place % 3 else "c"},
        )
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
    "grouped": analysed("t", "s", [Datum(f"S{n}", (n, 20), None, None, str(n), "", traits={"kind": "none" if n == 0 else 'a "b"' if n < 5 else None}) for n in (0, 3, 4, 9, 11)], "PLO", Settings("GLMM"), Asked(by="kind")),
    "line": report(ONE, "PLO", "GLMM", moderators=("dose",)), "words": report(TWO, "OR", "MH", moderators=("kind", "dose")),
    "effects": analysed("t", "s", [Datum(f"S{n}", (), Effect(n / 3, 0.1), None, str(n), "") for n in range(4)], "HR", Settings("REML"), Asked()),
}  # fmt: skip


@cache
def _metafor_is_there():
    asked = "quit(status = !(requireNamespace('metafor', quietly = TRUE) && requireNamespace('lme4', quietly = TRUE)))"
    return (
        shutil.which("Rscript") is not None and subprocess.run(["Rscript", "-e", asked], capture_output=True, check=False).returncode == 0
    )


def run_in(folder, files):
    """Write the files and run their script, which must come to its end; without R and metafor the test is skipped here."""
    for file, text in files.items():
        (folder / file).write_text(text, "utf-8")
    if not _metafor_is_there():
        missing("R with metafor and lme4 is not installed: the script was written and not run")
    ran = subprocess.run(["Rscript", "analysis.R"], cwd=folder, capture_output=True, text=True, check=False)
    assert (0, "the same as exported") == (ran.returncode, ran.stdout.strip().splitlines()[-1]), ran.stderr


def extract(named):
    return Extract(open_project(ROOT), Vocabulary({}), (), pools=lambda: iter(named), options=(("not-text", "a | b"), ("endpoint", "x")))


def written(files):
    """Names and texts of files, each taken before the next is asked for."""
    return {name: "".join(content) for name, content in files}


def test_one_script_pools_every_table_again(tmp_path):
    files = written(metafor_folder(extract(sorted(REPORTS.items()))))
    tables = {f"{name}-{report.synthesis.measure}.csv" for name, report in REPORTS.items()}
    assert tables | {"analysis.R", "codebook.csv", "excluded.csv", "README.md"} == set(files)
    # Pools and the subgroups of one; a group without an estimate is a comment.
    assert len(REPORTS) + 2 == files["analysis.R"].count("\nsame(pool(")
    assert "# none: nothing was pooled, so there is nothing to compare with" in files["analysis.R"]
    assert 2 == files["analysis.R"].count("\nsame(regression, ")
    run_in(tmp_path, files)


def test_the_script_stops_at_another_number(tmp_path):
    files = written(metafor(REPORTS["peto"]))
    files["data.csv"] = files["data.csv"].replace(",29,303,", ",39,303,")
    with pytest.raises(AssertionError, match="metafor gives"):
        run_in(tmp_path, files)


def test_rows_are_raw_counts_with_na_for_what_is_missing():
    files = written(metafor(REPORTS["logit"]))
    assert ["data.csv", "excluded.csv", "codebook.csv", "analysis.R"] == list(files)
    rows = list(csv.DictReader(files["data.csv"].splitlines()))
    assert ("0", "20", "NA", "'=1+1", "0") == tuple(rows[0][key] for key in ("xi", "ni", "study_id", "note", "dose"))
    left = list(csv.DictReader(files["excluded.csv"].splitlines()))
    assert [("data", "Left 1990", "left", "x", "retracted")] == [
        tuple(row[key] for key in ("pool", "slab", "study_id", "item_id", "reason")) for row in left
    ]
    meanings = {row["column"]: row["meaning"] for row in csv.DictReader(files["codebook.csv"].splitlines())}
    assert list(rows[0]) == list(meanings)
    assert ("patients with the event", "column of the table that was pooled") == (meanings["xi"], meanings["note"])


def test_nothing_pooled_is_said():
    text = written(metafor(report([(0, 20), (0, 30)], "PLO", "GLMM")))["analysis.R"]
    assert "# nothing was pooled" in text
    assert "same(pool(" not in text


def test_the_readme_names_the_command_that_gives_the_same():
    text = written(metafor_folder(extract([("objective-response", REPORTS["glmm"]), ("x", REPORTS["mh"])])))["README.md"]
    assert "`kb meta objective-response --not-text 'a \\| b'`" in text
    assert "`kb meta x --measure RR --not-text" in text


def test_every_endpoint_of_a_selection_is_a_table_that_kb_meta_pools_alike(collection, run_kb, tmp_path):
    shared = overlap("third-1995-il2", "shares-patients", "probable")
    other = study_data(id="other-1993-il2", overlaps=shared, **{"reports.main.year": 1993, "outcomes.response.result.events": 3})
    sharing = overlap("other-1993-il2", "shares-patients", "probable")
    third = study_data(id="third-1995-il2", overlaps=sharing, **{"reports.main.year": 1995, "outcomes.response.result.total": 12})
    root = str(collection(study_data(), other, third).root)
    out = tmp_path / "r"
    code, _, err = run_kb("-C", root, "export", "metafor", str(out), "--year", ">=1991", "--endpoint", "objective-response")
    assert (0, "") == (code, err)
    rows = list(csv.DictReader((out / "objective-response-PLO.csv").read_text("utf-8").splitlines()))
    told = json.loads(run_kb("-C", root, "meta", "objective-response", "--year", ">=1991", "-f", "json")[1])
    assert [(row["study_id"], row["events"]) for row in told["rows"]] == [(row["study_id"], int(row["xi"])) for row in rows]
    assert f"estimate = {told['pooled']['estimate']!r}" in (out / "analysis.R").read_text("utf-8")
    assert "selection: year >=1991; status" in (out / "analysis.R").read_text("utf-8")
    assert ("other-1993-il2", "third-1995-il2: shares-patients, probable") == tuple(
        rows[1][key] for key in ("cohort_certain_id", "overlaps")
    )
    assert "third-1995-il2" in (out / "excluded.csv").read_text("utf-8")


def test_the_command_writes_the_folder(tmp_path, capsys):
    (tmp_path / "own.csv").write_text("xi,ni\n1,20\n3,30\n", "utf-8")
    for _ in range(2):
        with pytest.raises(SystemExit) as ended:
            main(["meta", "--data", str(tmp_path / "own.csv"), "--metafor", str(tmp_path / "r"), "-f", "json"])
        assert 0 == ended.value.code
    assert [".kb-metafor", "analysis.R", "codebook.csv", "data.csv", "excluded.csv"] == sorted(
        path.name for path in (tmp_path / "r").iterdir()
    )
