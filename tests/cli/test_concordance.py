import csv
import io
import json

import pytest

from kb.cli.main import main
from tests.builders import study_data


@pytest.fixture
def ask(collection, capsys):
    root = collection(study_data(), study_data(id="other-1991-x", **{"reports.main.pmid": "2", "findings": {}})).root

    def run(*args):
        with pytest.raises(SystemExit) as ended:
            main(["-C", str(root), "concordance", *args])
        return ended.value.code, *capsys.readouterr()

    return run


def test_three_tables_with_their_rules_and_no_verdict(ask):
    code, out, _ = ask("-f", "table")
    assert 0 == code
    assert out.startswith("selection: everything; status draft, reviewed, accepted\n\nBy marker: ")
    for words in (
        "By group of patients",
        "Between randomised arms",
        "too-few-to-tell: activated",
        "no verdict",
        "1 groups without a reported change",
    ):
        assert words in out
    assert "natural killer cell count" in out


def test_one_table_in_markdown(ask, tmp_path):
    _, out, _ = ask("--table", "groups", "-f", "md", "--threshold", "5", "--every-group")
    assert "## By group of patients" in out
    assert "## By marker" not in out
    assert "begins at 5 % or above" in out
    assert "not-measured" in out
    code, out, _ = ask("--table", "markers", "-o", str(tmp_path / "board.md"))
    assert (0, "") == (code, out)
    assert "## By marker" in (tmp_path / "board.md").read_text("utf-8")


@pytest.mark.parametrize(("table", "column"), [("markers", "rose"), ("groups", "group"), ("refutations", "said"), ("all", "rose")])
def test_rows_for_a_program(ask, table, column):
    _, out, err = ask("--table", table, "-f", "csv")
    assert column in next(csv.reader(io.StringIO(out)))
    assert "selection: everything" in err


def test_everything_as_json(ask):
    _, out, _ = ask("-f", "json")
    found = json.loads(out)
    assert {"selection", "threshold", "markers", "groups", "refutations", "caution"} == set(found)
    assert "with-benefit" in " ".join(found["groups"]["rules"])
    (row,) = found["markers"]["rows"]
    assert (1, "nobody set it against response or survival") == (row["rose"], row["needed"])


def test_a_threshold_outside_its_range_is_a_usage_error(ask):
    code, _, err = ask("--threshold", "100")
    assert 2 == code
    assert "100" in err
