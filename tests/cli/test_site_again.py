"""A site made again after edits is the site made from nothing, and only what rests on an edit is made."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from kb.cli.site_state import inputs_of
from kb.cli.site_studies import surveyed
from kb.export.site import build
from kb.export.site.build import STUDY_SUFFIXES, File, Renderer, StudyFiles, StudyMaker
from kb.export.site.pieces import Piece, PieceFiles
from kb.records.collection import read_vocabulary
from tests.builders import study_data, text_of

OVERLAP = {"relation": "shares-patients", "certainty": "probable", "reason": "same centre"}


def named(ident: str, author: str, **changes: Any) -> dict[str, Any]:
    """Return a study under a name of its own."""
    data = study_data(id=ident, **changes)
    data["reports"]["main"].update(authors=[f"{author} AB"], title=f"What {author} saw", pmid=str(1000 + sum(map(ord, ident))))
    return data


def collection_of_six() -> dict[str, dict[str, Any]]:
    """Return studies of which each is touched by another edit."""
    found = {
        ident: named(ident, author)
        for ident, author in (("ash-1991", "Ash"), ("birch-1991", "Birch"), ("cedar-1991", "Cedar"), ("dogwood-1991", "Dogwood"), ("elm-1991", "Elm"), ("fir-1991", "Fir"))
    }  # fmt: skip
    found["elm-1991"]["findings"]["nk-rise"]["biomarker"] = "crp-concentration"
    found["fir-1991"]["outcomes"]["response"]["endpoint"] = "disease-control"
    found["dogwood-1991"]["overlaps"] = [{"study": "yew-1991", **OVERLAP}]
    return found


class Folder:
    """The records of a collection, edited, and its site, made again after each edit."""

    def __init__(self, project: Any, run_kb: Any, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.project, self._run, self.out = project, run_kb, out
        self.studies: list[str] = []
        self.pieces: list[str] = []
        make, made_piece = StudyMaker.make, build.made_piece

        def spied(maker: StudyMaker, entry: Any) -> StudyFiles:
            self.studies.append(entry.study.id)
            return make(maker, entry)

        def spied_piece(renderer: Renderer, piece: Piece, put_by: Callable[[File], File]) -> PieceFiles:
            self.pieces.append(piece.name)
            return made_piece(renderer, piece, put_by)

        monkeypatch.setattr(StudyMaker, "make", spied)
        monkeypatch.setattr("kb.cli.site_pieces.made_piece", spied_piece)

    def put(self, *studies: dict[str, Any]) -> None:
        for data in studies:
            path = self.project.studies / "1991" / f"{data['id']}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text_of(data), "utf-8")

    def remove(self, ident: str) -> None:
        (self.project.studies / "1991" / f"{ident}.yaml").unlink()

    def again(self) -> set[str]:
        """Make the site again, and return the studies whose files were made."""
        self.studies.clear()
        self.pieces.clear()
        assert self.make(self.out) == 0
        return set(self.studies)

    def make(self, out: Path) -> int:
        code, _, talk = self._run("-C", str(self.project.root), "site", "--out", str(out))
        assert "Traceback" not in talk
        return int(code)

    def is_as_from_nothing(self, fresh: Path) -> bool:
        self.make(fresh)
        assert bytes_of(fresh) == bytes_of(self.out)
        return True


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_site_made_again_is_the_site_made_from_nothing(collection, run_kb, tmp_path, monkeypatch):
    six = collection_of_six()
    folder = Folder(collection(*six.values()), run_kb, tmp_path / "out", monkeypatch)
    folder.project.studies.joinpath("1991").mkdir(exist_ok=True)
    assert set(six) == folder.again()

    six["ash-1991"]["outcomes"]["response"]["result"]["events"] = 6
    folder.put(six["ash-1991"])
    assert {"ash-1991"} == folder.again()
    assert "outcomes/objective-response" in folder.pieces
    assert "outcomes/disease-control" not in folder.pieces
    assert "markers/crp-concentration" not in folder.pieces

    folder.put(named("birch-1991-second", "Birch"))
    assert {"birch-1991", "birch-1991-second"} == folder.again(), "two of one name are told apart, on both pages"

    six["cedar-1991"]["overlaps"] = [{"study": "dogwood-1991", **OVERLAP}]
    folder.put(six["cedar-1991"])
    assert {"cedar-1991", "dogwood-1991"} == folder.again(), "an overlap that one record states stands on both pages"
    assert folder.is_as_from_nothing(tmp_path / "fresh")

    six["elm-1991"]["curation"] = deepcopy(six["elm-1991"]["curation"])
    six["elm-1991"]["curation"].update(status="withdrawn", withdrawn={"reason": "twice here"})
    folder.put(six["elm-1991"], named("yew-1991", "Yew"))
    assert {"elm-1991", "yew-1991", "cedar-1991", "dogwood-1991"} == folder.again(), "a study that was awaited has come"
    assert not (folder.out / "markers" / "crp-concentration.html").exists()

    folder.remove("birch-1991-second")
    folder.remove("fir-1991")
    folder.put(named("fir-1992", "Fir"))
    assert {"birch-1991", "fir-1992"} == folder.again()
    assert not list(folder.out.rglob("fir-1991*"))
    assert folder.is_as_from_nothing(tmp_path / "other")


def test_what_all_pages_rest_on_makes_all_of_them_again(collection, run_kb, tmp_path, monkeypatch):
    folder = Folder(collection(study_data(), study_data(id="second-1992-il2")), run_kb, tmp_path / "out", monkeypatch)
    folder.again()
    settings = folder.project.root / "kb.toml"
    settings.write_text(settings.read_text("utf-8").replace('name = "', 'name = "Our '), "utf-8")
    assert {"example-1991-il2", "second-1992-il2"} == folder.again()
    page = folder.out / "studies" / "example-1991-il2.html"
    page.unlink()
    assert {"example-1991-il2", "second-1992-il2"} == folder.again(), "of a site that was touched, nothing is trusted"
    assert page.is_file()


def test_the_names_of_a_studys_files(collection, run_kb, tmp_path):
    run_kb("-C", str(collection().root), "site", "--out", str(tmp_path / "out"))
    made = [path.name for path in (tmp_path / "out" / "studies").glob("example-1991-il2.*")]
    assert sorted(f"example-1991-il2{suffix}" for suffix in STUDY_SUFFIXES) == sorted(made)


def test_all_processes_together_make_the_same_site(collection, run_kb, tmp_path, monkeypatch):
    project = collection(*collection_of_six().values())
    run_kb("-C", str(project.root), "site", "--out", str(tmp_path / "one"))
    (project.root / ".kb" / "survey.json").unlink()
    for place in ("kb.cli.site_studies.POOL_FROM", "kb.cli.site_pieces.POOL_FROM", "kb.cli.site_pieces._LONG"):
        monkeypatch.setattr(place, 1)
    for place in ("kb.cli.site_studies.workers", "kb.cli.site_pieces.workers"):
        monkeypatch.setattr(place, lambda: 2)
    assert run_kb("-C", str(project.root), "site", "--out", str(tmp_path / "two"))[0] == 0
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


def test_what_was_seen_of_the_records_may_be_anything(collection):
    project = collection(*collection_of_six().values())
    project.index.parent.mkdir()
    vocabulary, _ = read_vocabulary(project)
    inputs = inputs_of(project)
    expected = surveyed(project, vocabulary, [])
    assert expected == surveyed(project, vocabulary, [], inputs)
    seen = project.index.with_name("survey.json")
    whole = seen.read_bytes()
    head = whole.partition(b"\n")[0]
    for content in (whole, b"", b"other\n{}", head + b"\n{", head + b'\n{"a": {"b": {}}}', head + b"\n{}"):
        seen.write_bytes(content)
        assert expected == surveyed(project, vocabulary, [], inputs)
        assert whole == seen.read_bytes()
