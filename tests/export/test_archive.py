"""One archive of an export: what it holds, what it says, and the same bytes each time."""

import io
import zipfile

import pytest
from ruamel.yaml import YAML

from tests.builders import study_data

OTHER = study_data(id="other-2001-il2", **{"reports.main.year": 2001, "reports.main.pmid": "2"})


@pytest.fixture
def pack(collection, run_kb, tmp_path):
    root = str(collection(study_data(), OTHER).root)
    out = tmp_path / "all.zip"

    def run(name, *args):
        code, shown, err = run_kb("-C", root, "export", name, "--zip", str(out), *args)
        assert (0, "", "") == (code, shown, err)
        return out.read_bytes()

    return run


def held(raw):
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info).decode("utf-8") for info in archive.infolist()}


@pytest.mark.parametrize("name", ["revman", "turtle", "csv", "bibtex"])
def test_every_file_is_named_with_its_size_and_the_bytes_are_the_same_twice(name, pack):
    raw = pack(name, "--year", "<1995")
    files = held(raw)
    assert raw == pack(name, "--year", "<1995")
    readme = files.pop("README.md")
    assert [] == [
        file
        for file, text in files.items()
        if not any(line.startswith(f"| `{file}` | ") and line.endswith(f" | {len(text.encode())} |") for line in readme.splitlines())
    ]
    assert f"    kb export {name} --year '<1995' --zip FILE.zip\n" in readme
    assert "Selection: year <1995; status draft, reviewed, accepted." in readme
    assert "Licence of the data: CC0-1.0." in readme
    assert [] == [line for line in readme.splitlines() if line.startswith("| `") and line.split(" | ")[1] in ("", "a table")]


def test_it_holds_what_the_folder_holds_and_how_to_cite_it(pack, collection, run_kb, tmp_path):
    files = held(pack("revman", "--year", "<1995"))
    assert run_kb("-C", str(tmp_path / "collection"), "export", "revman", str(tmp_path / "r"), "--year", "<1995")[0] == 0
    for path in (tmp_path / "r").glob("*.csv"):
        assert path.read_text("utf-8") == files[path.name]
    own = (tmp_path / "r" / "README.md").read_text("utf-8")
    assert files["README.md"].endswith("".join(f"#{line}" if line.startswith("#") else line for line in own.splitlines(keepends=True)))
    assert ("@article{example-1991-il2" in files["references.bib"], "other-2001" in files["references.bib"]) == (True, False)
    cited = YAML(typ="safe").load(files["CITATION.cff"])
    assert ("1.2.0", "Test collection", "dataset", "CC0-1.0") == tuple(cited[key] for key in ("cff-version", "title", "type", "license"))
    assert [{"name": "Test collection"}] == cited["authors"]


def test_an_archive_is_a_zip_file_and_takes_the_place_of_a_folder(collection, run_kb, tmp_path):
    root = str(collection(study_data()).root)
    assert "an archive is a zip file" in run_kb("-C", root, "export", "csv", "--zip", str(tmp_path / "a.tar"))[2]
    code, _, err = run_kb("-C", root, "export", "csv", str(tmp_path / "x"), "--zip", str(tmp_path / "a.zip"))
    assert (2, True, []) == (code, "an archive takes the place of a folder and of -o" in err, list(tmp_path.glob("*.zip")))
