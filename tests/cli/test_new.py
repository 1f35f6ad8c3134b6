"""`kb new`: a skeleton that is honest about what it does not know."""

from __future__ import annotations

import pytest

from kb.model.study import Study
from kb.model.terms import Absence, Status
from kb.project import open_project
from kb.records.decode import decode

GIVEN = (
    "--title",
    'IL-2: a "trial", in 25',
    "--author",
    "Smith AB",
    "--author",
    "No",
    "--read",
    "abstract",
    "--doi",
    "10.1016/S0140-6736(99)1",
)
MORE = (
    "--pmid",
    "123",
    "--journal",
    "J Clin",
    "--type",
    "clinical-trial",
    "--allocation",
    "single-arm",
    "--by",
    "A. Curator",
    "--on",
    "2020-01-01",
)


@pytest.fixture
def root(collection):
    return collection().root


def test_what_is_given_makes_a_record(root, run_kb):
    code, out, err = run_kb("-C", str(root), "new", "smith-1999-trial", *GIVEN, *MORE)
    assert (0, "entries/studies/1999/smith-1999-trial.yaml\n") == (code, out)
    assert err == "next: fill it in, then kb check entries/studies/1999/smith-1999-trial.yaml\n"

    text = (root / out.strip()).read_text(encoding="utf-8")
    decoded = decode(text, Study, file="x")
    assert decoded.diagnostics == ()
    study = decoded.value
    report = study.main_report
    assert ('IL-2: a "trial", in 25', ("Smith AB", "No"), 1999) == (report.title, report.authors, report.year)
    assert ("10.1016/S0140-6736(99)1", "123", "J Clin") == (report.doi, report.pmid, report.journal)
    assert (Absence.NOT_IN_WHAT_WAS_READ, Status.DRAFT) == (study.design.phase, study.curation.status)
    assert ("A. Curator", "2020-01-01") == (study.curation.extracted[0].by, study.curation.extracted[0].on)


def test_a_whole_skeleton_is_in_canonical_form(root, run_kb):
    path = run_kb("-C", str(root), "new", "smith-1999-trial", *GIVEN, *MORE)[1].strip()
    assert run_kb("-C", str(root), "fmt", "--check", str(root / path))[0] == 0


def test_what_is_not_given_stands_empty_for_kb_check(root, run_kb):
    code, out, err = run_kb("-C", str(root), "new", "smith-1999-trial", "--dry-run")
    assert (0, "") == (code, err)
    problems = decode(out, Study, file="x").diagnostics
    assert ["    read:", "    title:", "  type:", "  allocation:"] == [problem.line_text for problem in problems]
    assert not (root / "entries" / "studies" / "1999").exists()


def test_the_year_may_be_given(root, run_kb):
    assert "entries/studies/2001/smith-trial.yaml\n" == run_kb("-C", str(root), "new", "smith-trial", "--year", "2001")[1]
    undated = run_kb("-C", str(root), "new", "smith-other", "--year", "not-in-what-was-read")
    assert (0, "entries/studies/undated/smith-other.yaml\n") == undated[:2]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("smith-trial",), '"smith-trial" names no year'),
        (("../smith-1999-x",), 'id: "../smith-1999-x" does not have the form that id needs'),
        (("smith-1999-x", "--pmid", "abc"), 'pmid: "abc" does not have the form that pmid needs'),
        (("smith-1999-x", "--type", "trial"), 'type: "trial" is not a term of this closed set'),
        (("smith-x", "--year", "1066"), "year: 1066"),
        (("example-1991-il2",), "entries/studies/1991/example-1991-il2.yaml exists"),
        (("example-1991-il2", "--year", "1992"), "entries/studies/1991/example-1991-il2.yaml exists"),
    ],
    ids=["no-year", "way-out", "pmid", "type", "year", "taken", "taken-elsewhere"],
)
def test_refuses_what_no_record_may_hold(args, message, root, run_kb):
    before = sorted(root.rglob("*"))
    code, out, err = run_kb("-C", str(root), "new", *args)
    assert (2, "") == (code, out)
    assert err.startswith(f"kb: {message}")
    assert before == sorted(root.rglob("*"))


def test_the_shipped_collection_is_not_written_to(tmp_path, monkeypatch, run_kb):
    monkeypatch.chdir(tmp_path)
    code, _, err = run_kb("new", "smith-1999-x")
    assert code == 3
    assert "no collection here" in err


def test_the_record_is_found_by_the_collection(root, run_kb):
    run_kb("-C", str(root), "new", "smith-1999-trial", *GIVEN, *MORE)
    from kb.records.collection import read_collection

    assert {"example-1991-il2", "smith-1999-trial"} == set(read_collection(open_project(root, explicit=True)).studies)
