import json

import pytest

from tests.builders import study_data

QUESTION = {
    "id": "nk",
    "question": "Do NK cells go with response?",
    "why": "They are counted everywhere.",
    "intervention": {"agent": ["interleukin-2"]},
    "markers": {"biomarker": ["nk-cell-count"]},
    "outcomes": {"endpoint": ["objective-response"]},
}


@pytest.fixture
def root(collection):
    project = collection(study_data())
    project.questions.mkdir()
    (project.questions / "nk.yaml").write_text(json.dumps(QUESTION), encoding="utf-8")
    return project.root


def test_questions_are_listed(root, run_kb):
    assert (0, "id\tquestion\nnk\tDo NK cells go with response?\n", "") == run_kb("-C", str(root), "report")


def test_a_report_as_markdown_and_html(root, run_kb, tmp_path):
    code, out, _ = run_kb("-C", str(root), "report", "nk")
    assert 0 == code
    assert out.startswith("# Do NK cells go with response?\n\nThey are counted everywhere.\n\n## What was selected\n")
    assert out == run_kb("-C", str(root), "report", "nk")[1]
    run_kb("-C", str(root), "report", "nk", "-o", str(tmp_path / "nk.html"))
    text = (tmp_path / "nk.html").read_text("utf-8")
    assert text.startswith("<!doctype html>")
    assert text == run_kb("-C", str(root), "report", "nk", "-f", "html")[1]


def test_a_selection_narrows_it(root, run_kb):
    assert "0 studies" in run_kb("-C", str(root), "report", "nk", "--status", "accepted")[1]
    code, out, err = run_kb("-C", str(root), "report", "nk", "--agent", "aldesleukin", "--not-phase", "1", "--dose", ">=9 MIU/m2")
    assert (0, "kb: 1 dose could not be compared and is left out: example-1991-il2#a, aldesleukin 600,000 IU/kg: not per m²\n") == (
        code,
        err,
    )
    assert "- all of it narrowed to: agent aldesleukin; dose &gt;=9 MIU/m2; not phase 1; status draft, reviewed, accepted\n" in out
    code, _, err = run_kb("-C", str(root), "report", "nk", "--agent", "aldesleukim")
    assert (2, True) == (code, "did you mean aldesleukin" in err)


def test_an_unknown_question_and_a_broken_one(root, run_kb):
    code, _, err = run_kb("-C", str(root), "report", "nkk")
    assert (2, True) == (code, "did you mean nk?" in err)
    assert "`kb report` lists them" in run_kb("-C", str(root), "report", "zzzz")[2]
    (root / "entries" / "questions" / "nk.yaml").write_text("id: [", encoding="utf-8")
    code, _, err = run_kb("-C", str(root), "report", "nk")
    assert (3, True) == (code, "entries/questions/nk.yaml:1:" in err)


def test_questions_complete(root, tmp_path):
    from click.testing import CliRunner

    from kb.cli.main import root_command

    def offered(folder):
        words = f"kb -C {folder} report n"
        surroundings = {"_KB_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "4"}
        return CliRunner().invoke(root_command, [], prog_name="kb", env=surroundings).output

    assert "plain,nk" in offered(root)
    assert "" == offered(tmp_path).strip()
