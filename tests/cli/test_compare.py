import csv
import io

import pytest

from tests.builders import study_data


@pytest.fixture
def compare(collection, run_kb):
    root = collection(study_data(), study_data(id="second-1991-il2", **{"design.phase": "1", "findings": {}})).root
    return lambda *args: run_kb("-C", str(root), "compare", *args)


def test_a_column_a_study(compare):
    code, out, _ = compare("example-1991-il2", "second-1991-il2", "-f", "csv")
    rows = {(row["section"], row["property"]): row for row in csv.DictReader(io.StringIO(out))}
    assert 0 == code
    assert ("2", "1", "NA") == tuple(rows["study", "phase"][name] for name in ("example-1991-il2", "second-1991-il2", "equal"))
    assert "all" == rows["study", "design"]["equal"]


def test_rows_can_be_left_out(compare):
    _, out, _ = compare("example-1991-il2", "second-1991-il2", "--differing", "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert "all" not in {row["equal"] for row in rows}
    _, out, _ = compare("example-1991-il2", "second-1991-il2", "--shared", "--section", "finding", "--section", "outcome", "-f", "csv")
    assert {"outcome"} == {row["section"] for row in csv.DictReader(io.StringIO(out))}


def test_an_unknown_study_is_an_error_of_the_call(compare):
    code, _, err = compare("example-1991-il2", "second-1991-il")
    assert 2 == code
    assert "did you mean second-1991-il2" in err


def test_ids_complete(collection):
    from click.testing import CliRunner

    from kb.cli.main import root_command

    words = f"kb -C {collection().root} compare exam"
    result = CliRunner().invoke(
        root_command, [], prog_name="kb", env={"_KB_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "4"}
    )
    assert "plain,example-1991-il2" in result.output


def test_people_read_labels_and_programs_ids(compare):
    def design(form):
        _, out, _ = compare("example-1991-il2", "second-1991-il2", "-f", form)
        return next(line for line in out.splitlines() if "design" in line)

    assert all("clinical trial" in design(form) for form in ("table", "md"))
    assert all("clinical-trial" in design(form) for form in ("csv", "tsv", "jsonl"))
