import csv
import io
import json

import pytest

from kb.cli.main import main
from tests.builders import SOURCE, study_data

BETTER = {
    "kind": "association", "biomarker": "eosinophil-count", "compartment": "blood", "timepoint": {"when": "on-treatment"}, "population": "all",
    "endpoint": "objective-response", "association": "positive", "adjustment": "unadjusted", "p": 0.01, "source": SOURCE,
}  # fmt: skip


@pytest.fixture
def ask(collection, capsys):
    null = {**BETTER, "association": "none", "basis": "tested", "p": 0.4}
    root = collection(
        study_data(findings={"x": BETTER}),
        study_data(id="other-1991-x", findings={"y": null}, **{"reports.main.pmid": "2", "reports.main.title": "Other"}),
    ).root

    def run(*args):
        with pytest.raises(SystemExit) as ended:
            main(["-C", str(root), "conflicts", *args])
        return ended.value.code, *capsys.readouterr()

    return run


def test_a_conflict_is_told_with_places_and_the_rule_of_power(ask):
    code, out, _ = ask("-f", "table")
    assert 0 == code
    assert "1 disagreement\n\n1. eosinophil count and response (on-treatment)  [marker-endpoint]\n  better: 1 cohort\n" in out
    assert (
        "Example 1991: positive (better for the patient) (n 20, P 0.01)  example-1991-il2#x entries/studies/1991/example-1991-il2.yaml:"
        in out
    )
    assert "what differs: nothing that the records hold" in out
    assert "power: the effect seen is taken as a correlation" in out


def test_rows_and_json_and_a_file(ask, tmp_path):
    _, out, _ = ask("-f", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [("1", "better", "example-1991-il2"), ("1", "none", "other-1991-x")] == [
        (row["conflict"], row["position"], row["study_id"]) for row in rows
    ]
    found = json.loads(ask("-f", "json")[1])
    assert "eosinophil count and response (on-treatment)" == found["conflicts"][0]["question"]
    code, out, _ = ask("-o", str(tmp_path / "conflicts.md"))
    assert (0, "") == (code, out)
    assert "## 1. eosinophil" in (tmp_path / "conflicts.md").read_text("utf-8")


def test_no_conflict_is_no_error(ask):
    code, out, _ = ask("--kind", "intervention-endpoint", "-f", "table")
    assert 0 == code
    assert "0 disagreements" in out
