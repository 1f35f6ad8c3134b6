"""`kb diff`: records and pooled estimates of two states."""

import json
import subprocess
from pathlib import Path

import pytest

from kb.analysis.changes import Change, field_changes
from tests.builders import make_collection, study_data

QUESTION = """\
id: benefit
question: Does it shrink tumours?
why: It is toxic.
population: {condition: [renal-cell-carcinoma]}
intervention: {agent: [aldesleukin]}
outcomes: {endpoint: [objective-response]}
"""
OTHER = study_data(id="other-1993-il2", **{"reports.main.year": 1993, "reports.main.pmid": "2"})


def make(folder, *studies, question=QUESTION):
    folder.mkdir()
    make_collection(folder, *studies)
    if question:
        (folder / "entries" / "questions").mkdir()
        (folder / "entries" / "questions" / "benefit.yaml").write_text(question, "utf-8")
    return folder


@pytest.fixture
def two(tmp_path):
    """Two folders: events of one record were 5, and are 8."""
    changed = study_data(**{"outcomes.response.result.events": 8})
    return str(make(tmp_path / "old", study_data(), OTHER)), str(make(tmp_path / "new", changed, OTHER))


def git(folder, *arguments):
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, "-C", str(folder), *arguments], check=True, capture_output=True)


def test_a_changed_count_names_the_record_and_moves_the_estimate(two, run_kb):
    code, out, err = run_kb("diff", *two, "-f", "json")
    assert (0, "") == (code, err)
    told = json.loads(out)
    change = {"path": "outcomes.response.result.events", "old": "5", "new": "8"}
    assert [{"study_id": "example-1991-il2", "kind": "changed", "fields": [change]}] == told["records"]
    (move,) = told["estimates"]
    assert ("benefit", ["example-1991-il2"]) == (move["question"], move["behind"])
    # Two cohorts of 20 under the binomial-normal model: 5/20 and 5/20, then 8/20 and 5/20, which differ no more than by chance.
    assert (2, 0.25) == (move["old"]["k"], pytest.approx(move["old"]["estimate"]))
    assert (2, 13 / 40, 0.0) == (move["new"]["k"], pytest.approx(move["new"]["estimate"]), move["new"]["tau2"])


def test_for_reading(two, run_kb, tmp_path):
    code, out, _ = run_kb("diff", *two)
    assert 0 == code
    assert "example-1991-il2  changed  outcomes.response.result.events  5    8" in out
    assert "25.00 -> 32.50" in out
    assert (0, "", "") == run_kb("diff", *two, "-o", str(tmp_path / "c.md"))
    text = (tmp_path / "c.md").read_text("utf-8")
    assert text.startswith("## ")
    assert "| benefit | 2 | 25.00 -&gt; 32.50 |" in text


def test_records_come_and_go(tmp_path, run_kb):
    old, new = make(tmp_path / "old", study_data()), make(tmp_path / "new", OTHER)
    told = json.loads(run_kb("diff", str(old), str(new), "-f", "json")[1])
    assert [("example-1991-il2", "removed"), ("other-1993-il2", "added")] == [(one["study_id"], one["kind"]) for one in told["records"]]
    assert ["example-1991-il2", "other-1993-il2"] == told["estimates"][0]["behind"]


def test_a_question_that_was_not_asked_has_no_estimate(tmp_path, run_kb):
    old, new = make(tmp_path / "old", study_data(), question=""), make(tmp_path / "new", study_data())
    told = json.loads(run_kb("diff", str(old), str(new), "-f", "json")[1])
    assert (None, 1) == (told["estimates"][0]["old"], told["estimates"][0]["new"]["k"])
    assert "none -> 25.00" in run_kb("diff", str(old), str(new))[1]


def test_nothing_changed(two, run_kb):
    told = json.loads(run_kb("diff", two[0], two[0], "-f", "json")[1])
    assert ([], []) == (told["records"], told["estimates"])


def test_questions_about_other_endpoints_are_not_pooled(tmp_path, run_kb):
    folder = make(tmp_path / "old", study_data(), question=QUESTION.replace("objective-response", "overall-survival"))
    other = make(tmp_path / "new", study_data(**{"outcomes.response.result.events": 8}), question="")
    assert [] == json.loads(run_kb("diff", str(folder), str(other), "-f", "json")[1])["estimates"]


def test_what_cannot_be_read_is_named(two, run_kb):
    old, new = two
    (Path(new) / "entries" / "studies" / "1993" / "other-1993-il2.yaml").write_text("id: [", "utf-8")
    code, _, err = run_kb("diff", old, new)
    assert (1, True) == (code, "other-1993-il2.yaml; run `kb check`" in err)


def test_revisions_of_the_current_collection(two, run_kb):
    old, new = two
    git(old, "init", "-q")
    git(old, "add", "-A")
    git(old, "commit", "-q", "-m", "first")
    code, out, _ = run_kb("-C", old, "diff", "HEAD", new, "-f", "json")
    assert (0, "example-1991-il2") == (code, json.loads(out)["records"][0]["study_id"])
    for name in ("no-such", "--output=x"):
        code, _, err = run_kb("-C", old, "diff", "--", name, new)
        assert (2, True) == (code, "neither the folder of a collection nor a revision that git knows" in err)


def test_a_revision_without_a_collection(two, run_kb, tmp_path):
    old, new = two
    git(old, "init", "-q")
    git(old, "commit", "-q", "--allow-empty", "-m", "first")
    code, _, err = run_kb("-C", old, "diff", "HEAD", new)
    assert (2, True) == (code, "holds no kb.toml" in err)


def test_outside_git_a_revision_means_nothing(two, run_kb, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(two[0]).rsplit("/", 1)[0])
    code, _, err = run_kb("-C", two[0], "diff", "HEAD", two[1])
    assert (2, True, True) == (code, "is not under git" in err, "hint: name two folders" in err)


def test_without_git_a_revision_means_nothing(two, run_kb, monkeypatch):
    monkeypatch.setenv("PATH", "")
    code, _, err = run_kb("-C", two[0], "diff", "HEAD", two[1])
    assert (2, True) == (code, "there is no git to ask" in err)


def test_fields_by_path():
    old = {"a": [1, 2], "b": {"c": "x"}, "gone": 1}
    new = {"a": [1, 3, 4], "b": {"c": ["x"]}, "new": None}
    wanted = [
        Change("a.1", "2", "3"), Change("a.2", None, "4"), Change("b.c", '"x"', '["x"]'), Change("new", None, "null"),
        Change("gone", "1", None),
    ]  # fmt: skip
    assert wanted == list(field_changes(old, new))
