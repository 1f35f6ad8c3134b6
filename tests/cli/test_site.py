"""`kb site`: what is written, what is left alone, and what is refused."""

from __future__ import annotations

import threading
import zipfile
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from kb.cli.serve import server
from kb.cli.site_folder import MANIFEST, write_site
from kb.cli.site_state import STATE, standing
from kb.errors import UsageError
from kb.export.site.build import File
from tests.builders import study_data


@pytest.fixture
def project(collection: Any) -> Any:
    return collection(study_data(), study_data(id="second-1992-il2"))


def snapshot(folder: Path) -> dict[str, int]:
    return {path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in sorted(folder.rglob("*")) if path.is_file()}


def test_says_where_it_lies_and_what_it_holds(project, run_kb, tmp_path):
    out = tmp_path / "out"
    code, told, talk = run_kb("-C", str(project.root), "site", "--out", str(out))
    assert (0, f"{(out / 'index.html').as_uri()}\n2 studies, 2 findings, 2 outcomes\n") == (code, told)
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert f"{len(files) - 1} files: {len(files) - 1} written, 0 removed\n" == talk
    assert {"index.html", "site.css", "site.js", "studies/index.js", "studies/example-1991-il2.ttl", MANIFEST} <= set(files)
    assert files == sorted([MANIFEST, *(out / MANIFEST).read_text("utf-8").splitlines()])


def test_only_what_changed_is_written(project, run_kb, tmp_path):
    out = tmp_path / "out"
    run_kb("-C", str(project.root), "site", "--out", str(out))
    before = snapshot(out)
    _, _, talk = run_kb("-C", str(project.root), "site", "--out", str(out))
    assert ": 0 written, 0 removed" in talk
    assert before == snapshot(out)
    record = next(project.studies.rglob("second-1992-il2.yaml"))
    record.write_text(record.read_text("utf-8").replace('"total": 20', '"total": 21'), "utf-8")
    run_kb("-C", str(project.root), "site", "--out", str(out))
    changed = {path for path, when in snapshot(out).items() if before[path] != when}
    assert {f"studies/second-1992-il2.{kind}" for kind in ("html", "json", "ttl", "yaml")} < changed
    assert not [path for path in changed if "example-1991" in path]


def test_a_touched_site_is_made_again(project, run_kb, tmp_path):
    out = tmp_path / "out"
    run_kb("-C", str(project.root), "site", "--out", str(out))
    page = out / "index.html"
    whole = page.read_text("utf-8")
    page.write_text(whole.replace("Test", "Best"), "utf-8")
    run_kb("-C", str(project.root), "site", "--out", str(out))
    assert page.read_text("utf-8") == whole
    (out / "site.js").unlink()
    run_kb("-C", str(project.root), "site", "--out", str(out))
    assert (out / "site.js").is_file()
    run_kb("-C", str(project.root), "site", "--out", str(out), "--base-url", "https://kb.example")
    assert (out / "llms.txt").is_file(), "another option makes another site"
    (out / STATE).write_text("[]", "utf-8")
    assert standing(out, MANIFEST) is None


def test_downloads_are_whole(project, run_kb, tmp_path):
    out = tmp_path / "out"
    run_kb("-C", str(project.root), "site", "--out", str(out))
    with zipfile.ZipFile(out / "data" / "collection.zip") as archive:
        names = archive.namelist()
        assert archive.read("studies.csv") == (out / "data" / "studies.csv").read_bytes()
        assert b"Licence: CC0-1.0" in archive.read("README.txt")
    assert {"collection.ttl", "studies.jsonl", "findings.csv", "datapackage.json", "README.txt"} <= set(names)
    assert (out / "data" / "studies.jsonl").read_text("utf-8").count("\n") == 2


def test_what_is_no_longer_made_is_removed(project, run_kb, tmp_path):
    out = tmp_path / "out"
    run_kb("-C", str(project.root), "site", "--out", str(out))
    (out / "notes.txt").write_text("mine", "utf-8")
    next(project.studies.rglob("second-1992-il2.yaml")).unlink()
    code, _, talk = run_kb("-C", str(project.root), "site", "--out", str(out))
    assert code == 0
    assert "6 removed" in talk
    assert not list(out.rglob("second-1992-il2*"))
    assert (out / "notes.txt").read_text("utf-8") == "mine"


def test_a_folder_with_other_files_is_refused(project, run_kb, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine", "utf-8")
    before = snapshot(tmp_path)
    code, told, talk = run_kb("-C", str(project.root), "site", "--out", str(tmp_path))
    assert (2, "") == (code, told)
    assert "holds files that are no site of kb" in talk
    assert before == snapshot(tmp_path)


def test_unreadable_records_are_left_out_and_named(project, run_kb, tmp_path):
    record = next(project.studies.rglob("second-1992-il2.yaml"))
    record.write_text(record.read_text("utf-8").replace('"total": 20', '"total": "many"'), "utf-8")
    (record.parent / "bytes.yaml").write_bytes(b"\xff\xfe")
    code, told, talk = run_kb("-C", str(project.root), "site", "--out", str(tmp_path / "out"))
    assert code == 1
    assert "1 studies, " in told
    assert "second-1992-il2.yaml:" in talk
    assert "left out: 2 files that cannot be read" in talk


@pytest.mark.parametrize("option", ["--base-url", "--source-url"])
def test_addresses_are_addresses(option, project, run_kb, tmp_path):
    code, _, talk = run_kb("-C", str(project.root), "site", "--out", str(tmp_path / "out"), option, "javascript:alert(1)")
    assert code == 2
    assert "it starts with https:// or http://" in talk
    assert not (tmp_path / "out").exists()


def test_addresses_end_in_a_slash(project, run_kb, tmp_path):
    run_kb("-C", str(project.root), "site", "--out", str(tmp_path / "out"), "--base-url", "https://kb.example")
    assert "<loc>https://kb.example/index.html</loc>" in (tmp_path / "out" / "sitemap.xml").read_text("utf-8")


def test_a_template_of_the_collection_stands_in(project, run_kb, tmp_path):
    (project.root / "templates" / "pages").mkdir(parents=True)
    (project.root / "templates" / "pages" / "404.html").write_text("{{ page.title }}, ours", "utf-8")
    run_kb("-C", str(project.root), "site", "--out", str(tmp_path / "out"))
    assert (tmp_path / "out" / "404.html").read_text("utf-8") == "Page not found, ours"


def test_a_template_that_cannot_be_read(project, run_kb, tmp_path):
    (project.root / "templates").mkdir()
    (project.root / "templates" / "base.html").write_bytes(b"\xff")
    code, _, talk = run_kb("-C", str(project.root), "site", "--out", str(tmp_path / "out"))
    assert code == 3
    assert "cannot be read as a template" in talk
    assert not (tmp_path / "out").exists()


def test_an_interrupted_build_can_be_taken_up_again(tmp_path):
    def broken():
        yield File("a.html", "a")
        yield File("b/c.html", "c")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_site(tmp_path / "out", broken())
    assert (tmp_path / "out" / MANIFEST).read_text("utf-8") == "a.html\nb/c.html\n"
    written = write_site(tmp_path / "out", [File("a.html", "a")])
    assert (1, 0, 1) == (written.files, written.changed, written.removed)
    assert not (tmp_path / "out" / "b").exists()


def test_a_manifest_cannot_reach_outside(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    (tmp_path / "out" / MANIFEST).write_text("../mine.txt\ngone.html\n", "utf-8")
    write_site(tmp_path / "out", [])
    assert (tmp_path / "mine.txt").read_text("utf-8") == "mine"


def test_serving(tmp_path):
    (tmp_path / "index.html").write_text("hello", "utf-8")
    with server(tmp_path, 0) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        with urlopen(f"http://127.0.0.1:{running.server_address[1]}/index.html", timeout=5) as answer:
            assert answer.read() == b"hello"
        with pytest.raises(UsageError, match="cannot be used"):
            server(tmp_path, running.server_address[1])
        running.shutdown()
        thread.join()


def test_serve_stops_with_the_keyboard(project, run_kb, tmp_path, monkeypatch):
    def interrupted(self: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("http.server.ThreadingHTTPServer.serve_forever", interrupted)
    code, _, talk = run_kb("-C", str(project.root), "site", "--out", str(tmp_path / "out"), "--serve", "--port", "0")
    assert code == 0
    assert "http://127.0.0.1:" in talk
    assert talk.endswith("stopped\n")
