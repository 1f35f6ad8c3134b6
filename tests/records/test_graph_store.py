import shutil
import sys

import pytest

from kb.errors import UsageError
from kb.records import graph_store
from kb.records.graph_store import open_store, store_key
from kb.records.index import open_index
from tests.builders import study_data
from tests.small import index_of, small_collection, write_study

LINES = (
    "<http://example.org/a> <http://example.org/p> <http://example.org/b> .\n",
    "",
    '<http://example.org/a> <http://example.org/p> "ü" .\n',
)


@pytest.fixture
def project(tmp_path):
    return small_collection(tmp_path / "small")


def stores(project):
    return sorted(path.name for path in project.index.parent.iterdir() if "graph" in path.name)


def never():
    raise AssertionError("the store was made again")


def test_made_once_and_then_found(project):
    with open_index(project) as index:
        assert 2 == len(open_store(project, index, lambda: LINES))
        assert 2 == len(open_store(project, index, never))
    assert 1 == len(stores(project))


def test_a_change_of_anything_that_it_is_made_from_makes_it_anew(project):
    with open_index(project) as index:
        keys = [store_key(project, index)]
        open_store(project, index, lambda: LINES)
    write_study(project, study_data(id="second-1992-il2"))
    with open_index(project) as index:
        keys.append(store_key(project, index))
        assert 1 == len(open_store(project, index, lambda: LINES[:1]))
        project.questions.mkdir()
        (project.questions / "q.yaml").write_text("id: q\n", encoding="utf-8")
        keys.append(store_key(project, index))
        (project.root / "kb.toml").write_text((project.root / "kb.toml").read_text("utf-8") + "\n", encoding="utf-8")
        keys.append(store_key(project, index))
    assert 4 == len(set(keys))
    assert 1 == len(stores(project)), "the earlier store goes"


def test_the_same_bytes_are_the_same_store(project):
    with open_index(project) as index:
        before = store_key(project, index)
    for path in project.studies.glob("**/*.yaml"):
        path.touch()
    with open_index(project) as index:
        assert before == store_key(project, index)


def test_a_damaged_store_is_made_anew(project):
    with open_index(project) as index:
        open_store(project, index, lambda: LINES)
        (name,) = stores(project)
        for path in (project.index.parent / name).iterdir():
            path.write_bytes(b"")
        assert 2 == len(open_store(project, index, lambda: LINES))


def test_without_a_place_it_is_in_memory(project):
    index = index_of([])
    assert 2 == len(open_store(project, index, lambda: LINES))
    assert not project.index.parent.exists()


def test_a_disk_that_takes_nothing_leaves_it_in_memory(project, monkeypatch):
    def full(folder, triples):
        raise OSError("no space left")

    monkeypatch.setattr(graph_store, "_make", full)
    with open_index(project) as index:
        assert 2 == len(open_store(project, index, lambda: LINES))


def test_two_processes_that_make_the_same_store(project):
    """The second finds the folder of the first under the name that it wanted."""
    with open_index(project) as index:
        folder = index.path.parent / f"graph-index-{store_key(project, index)}"

        def meanwhile():
            graph_store._make(folder, lambda: LINES)
            return LINES

        assert 2 == len(open_store(project, index, meanwhile))
    assert [folder.name] == stores(project)


def test_a_folder_that_cannot_be_renamed_is_an_error_of_the_disk(project, monkeypatch):
    with open_index(project) as index:
        folder = index.path.parent / "gone" / "graph-index-key"
        with pytest.raises(OSError):
            graph_store._make(folder, lambda: iter(LINES))
        shutil.rmtree(folder.parent, ignore_errors=True)


def test_without_the_engine_the_message_says_how_to_get_it(project, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyoxigraph", None)
    with open_index(project) as index, pytest.raises(UsageError, match="pyoxigraph") as error:
        open_store(project, index, never)
    assert "evidence-kb[rdf]" in error.value.hint


def test_a_stream_is_read_whole_and_in_pieces():
    assert b"ab" == graph_store._Stream(["ab"]).read()
    stream = graph_store._Stream(["abc", "", "d"])
    assert stream.readable()
    assert [b"ab", b"c", b"d", b""] == [stream.read(2) for _ in range(4)]
