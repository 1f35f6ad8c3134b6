"""`kb export`: where it goes, what it holds, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kb.export.formats import FORMATS, Extract, Format
from tests.builders import study_data

OTHER = study_data(id="other-2001-il2", **{"reports.main.year": 2001, "findings": {}})


def ids(text: str) -> set[str]:
    """The studies of an N-Triples export."""
    return {line.split("/id/")[1].split(">")[0] for line in text.splitlines() if line.endswith("ns#Study> .")}


def a_folder(extract: Extract) -> Iterator[tuple[str, str]]:
    """A format that is a folder, as tables are."""
    yield "studies.txt", "".join(f"{study.id}\n" for study in extract.studies)
    yield "about/selection.txt", extract.selection


@pytest.fixture
def root(collection):
    return collection(study_data(), OTHER).root


def test_everything_goes_to_stdout(root, run_kb):
    code, out, err = run_kb("-C", str(root), "export", "ntriples")
    assert (0, "", {"example-1991-il2", "other-2001-il2"}) == (code, err, ids(out))
    assert (0, out, "") == run_kb("-C", str(root), "export", "ntriples", "-o", "-")


@pytest.mark.parametrize("name", sorted(name for name, row in FORMATS.items() if not row.folder))
def test_every_stream_is_written_to_a_file(name, root, tmp_path, run_kb):
    out = tmp_path / "new" / f"all{FORMATS[name].suffix}"
    told = "" if FORMATS[name].tells else "selection: everything; status draft, reviewed, accepted\n"
    assert (0, "", told) == run_kb("-C", str(root), "export", name, "-o", str(out))
    assert out.read_bytes().decode("utf-8") == run_kb("-C", str(root), "export", name)[1]
    assert [out] == list(out.parent.iterdir())


def test_a_selection_chooses_studies_and_is_written_down(root, run_kb):
    code, out, _ = run_kb("-C", str(root), "export", "ntriples", "--year", "<1995")
    assert (0, {"example-1991-il2"}) == (code, ids(out))
    assert '<https://w3id.org/evidence-kb/ns#selection> "year <1995; status draft, reviewed, accepted"' in out


def test_withdrawn_records_are_left_out_unless_asked_for(collection, run_kb):
    gone = study_data(**{"curation.status": "withdrawn", "curation.withdrawn": {"reason": "counted twice; nothing replaces it"}})
    root = str(collection(gone, OTHER).root)
    assert {"other-2001-il2"} == ids(run_kb("-C", root, "export", "ntriples")[1])
    assert {"example-1991-il2"} == ids(run_kb("-C", root, "export", "ntriples", "--status", "withdrawn")[1])


def test_doses_that_do_not_compare_are_said(collection, run_kb):
    unknown = study_data(**{"arms.a.regimen.0.components.0.dose": "not-reported"})
    code, _, err = run_kb("-C", str(collection(unknown).root), "export", "ntriples", "--dose", ">=1 MIU/kg")
    assert code == 0
    assert err.startswith("kb: 1 dose could not be compared and is left out: example-1991-il2#a, aldesleukin")


def test_an_unreadable_study_is_left_out_and_makes_the_command_fail(root, run_kb):
    (root / "entries" / "studies" / "2001" / "other-2001-il2.yaml").write_text("id: [", encoding="utf-8")
    code, out, err = run_kb("-C", str(root), "export", "ntriples")
    assert (1, {"example-1991-il2"}) == (code, ids(out))
    assert "kb: 1 file could not be read and is left out; run `kb check`\n" == err


def test_an_unreadable_vocabulary_writes_nothing(root, tmp_path, run_kb):
    (root / "entries" / "vocabulary" / "agents.yaml").write_text("terms: {a: {label: 1}}", encoding="utf-8")
    out = tmp_path / "all.nt"
    code, _, err = run_kb("-C", str(root), "export", "ntriples", "-o", str(out))
    assert (3, False) == (code, out.exists())
    assert "kb: entries/vocabulary/agents.yaml:1:" in err


@pytest.mark.parametrize("text", ["id: [", "\x00"], ids=["no yaml", "no text"])
def test_a_study_that_changes_while_it_is_read_leaves_the_old_file(text, root, tmp_path, run_kb, monkeypatch):
    """The index has read the file; what is written reads it again."""
    from kb.export import extract

    path = root / "entries" / "studies" / "2001" / "other-2001-il2.yaml"
    real = extract._studies

    def change(project, files):
        path.write_text(text, encoding="utf-8")
        return real(project, files)

    monkeypatch.setattr(extract, "_studies", change)
    out = tmp_path / "all.nt"
    out.write_text("old", encoding="utf-8")
    code, _, err = run_kb("-C", str(root), "export", "ntriples", "-o", str(out))
    assert (3, "old") == (code, out.read_text(encoding="utf-8"))
    assert err.startswith("kb: entries/studies/2001/other-2001-il2.yaml:")
    assert [out] == [found for found in tmp_path.iterdir() if found.is_file()]


def test_a_folder_format_needs_a_folder(root, tmp_path, run_kb, monkeypatch):
    monkeypatch.setitem(FORMATS, "turtle", Format(__name__, "a_folder", "", "files for a test", folder=True))
    code, _, err = run_kb("-C", str(root), "export", "turtle", "-o", str(tmp_path / "x"))
    assert (2, True) == (code, "turtle is a folder of files, so it needs a folder and no -o\n  hint: kb export turtle DIR" in err)
    assert (0, "", "") == run_kb("-C", str(root), "export", "turtle", str(tmp_path / "out"))
    assert "example-1991-il2\nother-2001-il2\n" == (tmp_path / "out" / "studies.txt").read_text(encoding="utf-8")
    assert "everything; status draft, reviewed, accepted" == (tmp_path / "out" / "about" / "selection.txt").read_text(encoding="utf-8")


def test_a_stream_takes_no_folder(root, run_kb):
    code, out, err = run_kb("-C", str(root), "export", "turtle", "here")
    assert (2, "") == (code, out)
    assert err == 'kb: turtle is one file, so "here" cannot be its folder\n  hint: kb export turtle -o FILE.ttl\n'


def test_a_place_that_cannot_be_written_is_named(root, tmp_path, run_kb):
    (tmp_path / "file").write_text("", encoding="utf-8")
    code, _, err = run_kb("-C", str(root), "export", "turtle", "-o", str(tmp_path / "file" / "all.ttl"))
    assert code == 2
    assert err.startswith(f"kb: {tmp_path / 'file' / 'all.ttl'}: cannot be written: ")


def test_an_unknown_format_lists_the_known(root, run_kb):
    code, _, err = run_kb("-C", str(root), "export", "turtel")
    assert code == 2
    assert "turtle" in err


def test_help_says_what_each_format_is(run_kb):
    code, out, _ = run_kb("export", "--help")
    assert code == 0
    assert [] == [row.description for row in FORMATS.values() if row.description.split(":")[0] not in out]


def test_a_base_that_is_no_iri_is_an_error_of_the_collection(root, run_kb):
    settings = root / "kb.toml"
    settings.write_text(settings.read_text("utf-8").replace("https://example.org/kb/", "my kb"), encoding="utf-8")
    code, out, err = run_kb("-C", str(root), "export", "turtle")
    assert (3, "") == (code, out)
    assert err == (
        'kb: kb.toml: base_iri "my kb/" is not an absolute IRI that ends in a slash\n  hint: write for instance base_iri = "https://example.org/kb/"\n'
    )
