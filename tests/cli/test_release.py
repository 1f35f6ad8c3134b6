"""`kb release`: everything in one folder, the same bytes for the same records, and nothing from records with problems."""

from __future__ import annotations

import hashlib
import json
import shutil

import pyoxigraph as ox
import pytest

from kb.cli.schema import schema_files
from kb.export.formats import FORMATS
from kb.export.graph_formats import GRAPH_FORMATS
from tests.builders import make_collection, study_data
from tests.untraced import python

CLEAN = study_data(
    **{
        "reports.main.urls": ["https://example.org/x"],
        "curation.checked": [{"by": "another", "on": "2026-02-03"}],
        "curation.status": "reviewed",
    }
)
OTHER = {**CLEAN, "id": "other-1991-il2", "reports": {"main": {**CLEAN["reports"]["main"], "pmid": "2", "title": "Another"}}}


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """Release the clean example; return the collection and the release. Tests leave both as they are."""
    folder = tmp_path_factory.mktemp("released")
    root = make_collection(folder / "collection", CLEAN).root
    done = python("-m", "kb", "-C", root, "release", "1.0.0", "--out", folder / "r")
    assert (0, "") == (done.returncode, done.stdout), done.stderr
    return root, folder / "r"


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_every_format_and_description_is_there(released):
    _, folder = released
    files = files_of(folder)
    for name, row in FORMATS.items():
        assert [file for file in files if file.startswith(f"{name}/")], name
        if not row.folder:
            assert f"{name}/evidence{row.suffix}" in files
    assert {f"graph/evidence{suffix}" for _, suffix in GRAPH_FORMATS.values()} <= set(files)
    assert {f"schemas/{name}" for name in schema_files()} <= set(files)
    assert {"README.md", "SHA256SUMS", "dcat.ttl", "manifest.json", "ro-crate-metadata.json"} <= set(files)
    assert "CHANGES.md" not in files


def test_check_sums_hold_for_every_file(released):
    _, folder = released
    files = files_of(folder)
    told = dict(reversed(line.split("  ", 1)) for line in files["SHA256SUMS"].decode().splitlines())
    assert {name for name in files if name not in ("SHA256SUMS", ".kb-release")} == set(told)
    assert [] == [name for name, digest in told.items() if hashlib.sha256(files[name]).hexdigest() != digest]


def test_the_manifest_counts_and_names_everything(released):
    _, folder = released
    told = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert ("1.0.0", "2026-02-03", None) == (told["version"], told["date"], told["changes"])
    assert (1, 1, 1) == tuple(told["counts"][name] for name in ("studies", "outcomes", "claims"))
    assert {"example-1991-il2"} == set(told["studies"])
    assert "entries/vocabulary/agents.yaml" in told["vocabulary"]
    files = files_of(folder)
    assert {name: len(files[name]) for name in told["files"]} == {name: file["bytes"] for name, file in told["files"].items()}


def test_the_crate_describes_its_root_and_files(released):
    _, folder = released
    crate = json.loads((folder / "ro-crate-metadata.json").read_text("utf-8"))
    assert "https://w3id.org/ro/crate/1.1/context" == crate["@context"]
    graph = {entity["@id"]: entity for entity in crate["@graph"]}
    descriptor, root = graph["ro-crate-metadata.json"], graph["./"]
    assert ({"@id": "./"}, {"@id": "https://w3id.org/ro/crate/1.1"}) == (descriptor["about"], descriptor["conformsTo"])
    assert {"name", "description", "datePublished", "license"} <= set(root)
    assert [part["@id"] for part in root["hasPart"]] == [name for name, entity in graph.items() if entity["@type"] == "File"]
    assert [] == [name for name, entity in graph.items() if entity["@type"] == "File" and not (folder / name).is_file()]
    licence = graph["https://spdx.org/licenses/CC0-1.0"]
    assert ({"@id": licence["@id"]}, "CC0-1.0") == (root["license"], licence["name"])


def test_dcat_parses_and_names_every_distribution(released):
    _, folder = released
    store = ox.Store()
    store.load((folder / "dcat.ttl").read_bytes(), format=ox.RdfFormat.TURTLE)
    rows = store.query(
        "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX spdx: <http://spdx.org/rdf/terms#> "
        "SELECT (count(?file) AS ?n) WHERE { ?set a dcat:Dataset ; dcat:version '1.0.0' ; dcat:distribution ?file . "
        "?file dcat:byteSize ?size ; spdx:checksum/spdx:checksumValue ?sum }"
    )
    told = json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
    described = [name for name in told if name not in ("README.md", "dcat.ttl", "ro-crate-metadata.json")]
    assert len(described) == int(next(iter(rows))["n"].value)


def test_the_same_records_give_the_same_bytes(released, run_kb, tmp_path):
    root, folder = released
    assert 0 == run_kb("-C", str(root), "release", "1.0.0", "--out", str(tmp_path / "again"))[0]
    assert files_of(folder) == files_of(tmp_path / "again")
    assert 0 == run_kb("-C", str(root), "release", "1.0.0", "--out", str(folder))[0]
    assert files_of(folder) == files_of(tmp_path / "again")


def test_what_changed_is_told(released, run_kb, tmp_path):
    kept, folder = released
    root = shutil.copytree(kept, tmp_path / "collection")
    first = root / "entries" / "studies" / "1991" / "example-1991-il2.yaml"
    first.write_text(first.read_text("utf-8").replace("An example", "A better example"), encoding="utf-8")
    (first.parent / "other-1991-il2.yaml").write_text(json.dumps(OTHER), encoding="utf-8")
    units = root / "entries" / "vocabulary" / "units.yaml"
    units.write_text(units.read_text("utf-8") + "# a remark\n", encoding="utf-8")
    code, _, err = run_kb("-C", str(root), "release", "1.1.0", "--out", str(tmp_path / "b"), "--since", str(folder), "--date", "2026-03")
    assert 0 == code, err
    told = json.loads((tmp_path / "b" / "manifest.json").read_text("utf-8"))
    assert "2026-03" == told["date"]
    assert {
        "since": "1.0.0",
        "added": ["other-1991-il2"],
        "changed": ["example-1991-il2"],
        "removed": [],
        "vocabulary": ["entries/vocabulary/units.yaml"],
    } == told["changes"]
    report = (tmp_path / "b" / "CHANGES.md").read_text("utf-8")
    assert "# Changes since 1.0.0\n\n## Studies added: 1\n\n- other-1991-il2\n" in report
    assert "What changed since 1.0.0" in (tmp_path / "b" / "README.md").read_text("utf-8")
    assert 'dcterms:issued "2026-03"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>' in (tmp_path / "b" / "dcat.ttl").read_text("utf-8")
    first.unlink()
    assert 0 == run_kb("-C", str(root), "release", "1.2.0", "--out", str(tmp_path / "c"), "--since", str(tmp_path / "b"))[0]
    assert ["example-1991-il2"] == json.loads((tmp_path / "c" / "manifest.json").read_text("utf-8"))["changes"]["removed"]


def test_records_with_problems_are_not_released(collection, run_kb, tmp_path):
    root = collection(study_data(**{"outcomes.response.result.events": 25})).root
    code, out, err = run_kb("-C", str(root), "release", "1.0.0", "--out", str(tmp_path / "r"))
    assert (1, "", False) == (code, out, (tmp_path / "r").exists())
    assert "so nothing is released\n  hint: run `kb check`" in err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["../1", "--out", "r"], 2, '"../1" is no version'),
        (["1.0", "--out", "r", "--date", "today"], 2, '"today" is no date'),
        (["1.0", "--out", "same", "--since", "same"], 2, "are the same folder"),
        (["1.0", "--out", "r", "--since", "same"], 3, "cannot be read"),
        (["1.0", "--out", "r", "--since", "wrong"], 3, "no manifest of a release"),
        (["1.0", "--out", "mine"], 2, "holds files that are no release of kb"),
        (["1.0"], 2, "--out"),
    ],
)
def test_calls_that_make_no_sense_write_nothing(arguments, code, said, collection, run_kb, tmp_path, monkeypatch):
    root = collection(CLEAN).root
    monkeypatch.chdir(tmp_path)
    for name, file, text in (("same", "", ""), ("wrong", "manifest.json", '{"version": 1}'), ("mine", "notes.txt", "mine")):
        (tmp_path / name).mkdir()
        if file:
            (tmp_path / name / file).write_text(text)
    before = files_of(tmp_path)
    found, _, err = run_kb("-C", str(root), "release", *arguments)
    assert (code, True) == (found, said in err), err
    assert {name: data for name, data in before.items() if ".kb/" not in name} == {
        name: data for name, data in files_of(tmp_path).items() if ".kb/" not in name
    }


def test_an_empty_collection_needs_a_date(run_kb, tmp_path, collection):
    root = collection(CLEAN).root
    (root / "entries" / "studies" / "1991" / "example-1991-il2.yaml").unlink()
    code, _, err = run_kb("-C", str(root), "release", "1.0.0", "--out", str(tmp_path / "r"))
    assert (2, True) == (code, "no date of curation" in err)
    assert 0 == run_kb("-C", str(root), "release", "1.0.0", "--out", str(tmp_path / "r"), "--date", "2026")[0]


def test_a_licence_in_words_and_nobody_to_answer(collection, run_kb, tmp_path):
    root = collection(CLEAN).root
    settings = root / "kb.toml"
    settings.write_text(
        settings.read_text("utf-8").replace("CC0-1.0", 'ask \\"us\\" first') + 'maintainers = ["a person"]\n', encoding="utf-8"
    )
    assert 0 == run_kb("-C", str(root), "release", "1.0.0", "--out", str(tmp_path / "r"))[0]
    crate = json.loads((tmp_path / "r" / "ro-crate-metadata.json").read_text("utf-8"))
    root_entity = next(entity for entity in crate["@graph"] if entity["@id"] == "./")
    person = {"@id": "#maintainer-1"}
    assert ('ask "us" first', person, person) == (root_entity["license"], root_entity["author"], root_entity["publisher"])
    ox.Store().load((tmp_path / "r" / "dcat.ttl").read_bytes(), format=ox.RdfFormat.TURTLE)
