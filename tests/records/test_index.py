"""The index: fresh after every change, whole after every fault, and never trusted."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kb.errors import UnreadableError
from kb.project import Project
from kb.records import build, index
from kb.records.collection import read_vocabulary
from kb.records.index import Index, open_index, places
from kb.records.stamps import Changes
from kb.records.tables import ALL_TABLES
from tests.builders import make_collection, study_data
from tests.small import TERMS, small_collection, write_study
from tests.whole import whole_data


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return small_collection(tmp_path / "c", study_data(id="a"), study_data(id="b"))


def settle(project: Project) -> None:
    """Date all files back, so that nothing counts as changed a moment ago."""
    for path in (*project.studies.glob("**/*.yaml"), *project.vocabulary.glob("*.yaml")):
        os.utime(path, ns=(10**18, 10**18))


def dump(opened: Index) -> dict[str, list[Any]]:
    """Return everything that an index holds save row numbers and what depends on when it was made."""
    found: dict[str, list[Any]] = {}
    for table in ALL_TABLES:
        columns = [name for name in table.names if name not in ("study_no", "mtime_ns")]
        if table.name != "meta":
            found[table.name] = sorted(opened.rows(f"SELECT {', '.join(columns)} FROM {table.name}"), key=repr)
    found["search"] = sorted(opened.rows("SELECT s.study_id, t.* FROM search t JOIN studies s ON s.study_no = t.rowid"))
    return found


def afresh(project: Project) -> dict[str, list[Any]]:
    """Return what an index made anew holds."""
    connection = sqlite3.connect(":memory:")
    build.build(project, connection, index.all_new(project))
    return dump(Index(connection, kept="memory", path=None))


def taken_up(opened: Index) -> tuple[list[str], list[str]]:
    """Return the names of changed and deleted records."""
    assert opened.changes is not None
    return [Path(path).stem for path in opened.changes.changed], [Path(path).stem for path in opened.changes.deleted]


def test_the_first_call_makes_it_and_the_next_finds_it_fresh(project: Project) -> None:
    settle(project)
    with open_index(project) as first:
        assert (["a", "b"], []) == taken_up(first)
        assert ("collection", project.index, "") == (first.kept, first.path, first.reason)
        assert ["a", "b"] == first.studies()
    made = project.index.stat()
    with open_index(project) as second:
        assert not second.changes
        assert afresh(project) == dump(second)
    assert made == project.index.stat()
    assert {".gitignore", "index.sqlite", "index.sqlite.lock"} == {path.name for path in project.index.parent.iterdir()}


def test_a_changed_record_costs_that_record_alone(project: Project) -> None:
    settle(project)
    open_index(project).close()
    write_study(project, study_data(id="a", **{"populations.all.n": 99}))
    with open_index(project) as opened:
        assert (["a"], []) == taken_up(opened)
        assert [("a", 99), ("b", 20)] == opened.rows("SELECT study_id, n FROM studies ORDER BY 1")
        assert afresh(project) == dump(opened)


def test_a_change_within_the_tick_of_the_clock_is_seen_although_size_and_time_stay(project: Project) -> None:
    open_index(project).close()
    path = write_study(project, study_data(id="a"))
    stamp = path.stat().st_mtime_ns
    open_index(project).close()
    path.write_text(path.read_text().replace('"n": 20', '"n": 30'))
    os.utime(path, ns=(stamp, stamp))
    with open_index(project) as opened:
        assert [(30,)] == opened.rows("SELECT n FROM studies WHERE study_id = 'a'")


def test_a_touched_record_is_compared_by_its_bytes_once(project: Project) -> None:
    settle(project)
    open_index(project).close()
    path = project.studies / "1991" / "a.yaml"
    os.utime(path, ns=(2 * 10**18 // 2 - 5, 10**18 - 5))
    with open_index(project) as opened:
        assert opened.changes is not None
        assert (("entries/studies/1991/a.yaml",), (), False) == (opened.changes.touched, opened.changes.changed, opened.changes.vocabulary)
    with open_index(project) as opened:
        assert not opened.changes
        assert afresh(project) == dump(opened)


def test_added_renamed_and_deleted_records(project: Project) -> None:
    settle(project)
    open_index(project).close()
    write_study(project, study_data(id="c"))
    (project.studies / "1991" / "a.yaml").unlink()
    (project.studies / "1991" / "b.yaml").rename(project.studies / "1991" / "renamed.yaml")
    with open_index(project) as opened:
        assert (["c", "renamed"], ["a", "b"]) == taken_up(opened)
        assert ["b", "c"] == opened.studies()
        assert [] == opened.rows("SELECT * FROM outcomes WHERE study_id = 'a'")
        assert afresh(project) == dump(opened)


def test_changed_vocabulary_rebuilds_all(project: Project) -> None:
    settle(project)
    open_index(project).close()
    terms = json.loads(json.dumps(TERMS["endpoints"]))
    terms["objective-response"]["label"] = "response rate"
    (project.vocabulary / "endpoints.yaml").write_text(json.dumps({"terms": terms}))
    with open_index(project) as opened:
        assert opened.changes is not None
        assert opened.changes.vocabulary
        assert [("response rate",)] == opened.rows("SELECT DISTINCT endpoint_label FROM outcomes")
        assert opened.resolve("endpoints", "Response Rate") == "objective-response"
    (project.vocabulary / "endpoints.yaml").unlink()
    with open_index(project) as opened:
        assert [("objective-response",)] == opened.rows("SELECT DISTINCT endpoint_label FROM outcomes")


def test_cohorts_follow_overlaps_as_records_come_and_go(project: Project) -> None:
    settle(project)
    open_index(project).close()
    overlap = {"study": "a", "relation": "shares-patients", "certainty": "probable", "reason": "same centre"}
    path = write_study(project, study_data(id="c", overlaps=[overlap]))
    sql = "SELECT study_id, cohort_id, cohort_certain_id FROM studies ORDER BY 1"
    with open_index(project) as opened:
        assert [("a", "a", "a"), ("b", "b", "b"), ("c", "a", "c")] == opened.rows(sql)
    path.unlink()
    with open_index(project) as opened:
        assert [("a", "a", "a"), ("b", "b", "b")] == opened.rows(sql)


def test_records_that_cannot_be_read_are_left_out_and_named(project: Project) -> None:
    folder = project.studies / "1991"
    (folder / "bad.yaml").write_text("id: [")
    (folder / "wrong.yaml").write_text("id: wrong\n")
    (folder / "gone.yaml").symlink_to(folder / "nowhere")
    (folder / "out.yaml").symlink_to("/etc/hostname")
    (folder / ".hidden.yaml").write_text("id: hidden\n")
    (folder / "folder.yaml").mkdir()
    (project.vocabulary / "routes.yaml").write_text("terms: 3\n")
    with open_index(project) as opened:
        found = dict(opened.unreadable)
        assert ["a", "b"] == opened.studies()
        names = {Path(path).name: problem.partition(" ")[2][:5] for path, problem in found.items()}
        assert {"bad.yaml": "KB010", "wrong.yaml": "KB101", "gone.yaml": "KB001", "out.yaml": "KB002", "routes.yaml": "KB103"} == names
    (folder / "bad.yaml").unlink()
    with open_index(project) as opened:
        assert "entries/studies/1991/bad.yaml" not in dict(opened.unreadable)


def test_of_two_files_with_one_id_the_later_stands_as_in_the_collection(project: Project) -> None:
    settle(project)
    open_index(project).close()
    write_study(project, study_data(id="a", **{"populations.all.n": 77}), name="z")
    with open_index(project) as opened:
        assert [("entries/studies/1991/a.yaml", "the id also stands in entries/studies/1991/z.yaml")] == opened.unreadable
        assert [(77, "entries/studies/1991/z.yaml")] == opened.rows("SELECT n, file FROM studies WHERE study_id = 'a'")
        assert afresh(project) == dump(opened)
    (project.studies / "1991" / "z.yaml").unlink()
    with open_index(project) as opened:
        assert [] == opened.unreadable
        assert [(20,)] == opened.rows("SELECT n FROM studies WHERE study_id = 'a'")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _foreign(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE meta (key, value)")
    connection.commit()
    connection.close()


def _text(path: Path) -> None:
    path.write_text("not a database, but long enough to be taken for one" * 100)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _edited(path: Path) -> None:
    """Change the rows and leave everything else in order, save the time of change."""
    connection = sqlite3.connect(path)
    connection.execute("UPDATE studies SET n = 1000000")
    connection.commit()
    connection.close()


def _other_version(path: Path) -> None:
    stamp = path.stat().st_mtime_ns
    connection = sqlite3.connect(path)
    connection.execute("UPDATE meta SET value = 'other' WHERE key = 'schema'")
    connection.commit()
    connection.close()
    os.utime(path, ns=(stamp, stamp))


@pytest.mark.parametrize("harm", [_cut, _empty, _foreign, _text, _edited, _other_version])
def test_a_damaged_foreign_or_older_file_is_made_anew(project: Project, harm: Any) -> None:
    open_index(project).close()
    harm(project.index)
    with open_index(project) as opened:
        assert (["a", "b"], []) == taken_up(opened)
        assert afresh(project) == dump(opened)
    assert index.open_file(project.index) is not None


def test_something_that_cannot_be_replaced_sends_the_index_to_the_cache(project: Project) -> None:
    open_index(project).close()
    _folder(project.index)
    with open_index(project) as opened:
        assert "cache" == opened.kept
        assert opened.reason
        assert ["a", "b"] == opened.studies()


def test_damage_in_the_middle_is_mended_when_it_is_met(project: Project) -> None:
    settle(project)
    with open_index(project) as opened:
        ((page,),) = opened.rows("SELECT rootpage FROM sqlite_master WHERE name = 'outcomes'")
        ((size,),) = opened.rows("PRAGMA page_size")
    stamp = project.index.stat().st_mtime_ns
    raw = bytearray(project.index.read_bytes())
    raw[(page - 1) * size : page * size] = b"\xa5" * size  # the other pages stay, so the file opens
    project.index.write_bytes(bytes(raw))
    os.utime(project.index, ns=(stamp, stamp))
    assert index.open_file(project.index) is not None
    with open_index(project) as opened:
        assert [("a", 5), ("b", 5)] == opened.rows("SELECT study_id, events FROM outcomes ORDER BY 1")
        assert afresh(project) == dump(opened)


def test_long_answers_come_in_blocks_and_late_damage_is_named(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "BLOCK", 2)
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n"
    with open_index(project) as opened:
        assert [[(1,), (2,)], [(3,), (4,)], [(5,)]] == list(opened.blocks(numbers))

        class Damaged:
            def fetchmany(self, size: int) -> list[tuple[int]]:
                raise sqlite3.DatabaseError("database disk image is malformed")

        damaged: Any = Damaged()
        blocks = index._following(damaged, [(1,)])
        assert [(1,)] == next(blocks)
        with pytest.raises(UnreadableError, match="the index is damaged: database disk image is malformed"):
            next(blocks)


def test_a_mistake_in_a_query_is_not_taken_for_damage(project: Project) -> None:
    with open_index(project) as opened, pytest.raises(sqlite3.OperationalError, match="no such column"):
        opened.rows("SELECT missing FROM studies")


def test_the_schema_version_follows_tables_package_and_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    version = index.schema_version.__wrapped__
    before = version()
    assert before == version()
    monkeypatch.setattr(index, "DDL", ("CREATE TABLE x (y)",))
    with_other_tables = version()
    monkeypatch.undo()
    monkeypatch.setattr(index, "__version__", "9.9")
    with_other_package = version()
    monkeypatch.undo()
    package = tmp_path / "kb"
    shutil.copytree(Path(index.__file__).parent.parent, package)
    monkeypatch.setattr(index, "__file__", str(package / "records" / "index.py"))
    assert before == version()
    (package / "model" / "algebra.py").write_text("# mended")
    assert 4 == len({before, with_other_tables, with_other_package, version()})


def test_an_unwritable_folder_sends_the_index_to_the_users_cache(project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settle(project)
    (project.root / ".kb").write_text("a file where the folder should be")
    with open_index(project) as opened:
        assert "cache" == opened.kept
        assert opened.path is not None
        assert tmp_path / "cache" / "kb" == opened.path.parent
        assert str(project.root) in opened.reason
        assert afresh(project) == dump(opened)
    assert 0o700 == (tmp_path / "cache" / "kb").stat().st_mode & 0o777
    with open_index(project) as opened:
        assert not opened.changes
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert tmp_path / "home" / ".cache" / "kb" == list(places(project))[-1][1].parent


def test_without_any_folder_to_write_to_the_index_lives_in_memory(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (project.root / ".kb").write_text("")
    (tmp_path / "cache").write_text("")
    with open_index(project) as opened:
        assert ("memory", None) == (opened.kept, opened.path)
        assert str(project.root) in opened.reason
        assert str(tmp_path / "cache") in opened.reason
        assert afresh(project) == dump(opened)
        assert (["a", "b"], []) == taken_up(opened)


def test_a_user_without_a_home_has_no_cache(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")

    def homeless() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr(Path, "home", homeless)
    assert ["collection"] == [kind for kind, _ in places(project)]


def test_the_shipped_collection_and_a_link_out_of_the_collection_go_to_the_cache(project: Project, tmp_path: Path) -> None:
    assert ["collection", "cache"] == [kind for kind, _ in places(project)]
    shipped = Project(project.root, project.name, project.base_iri, project.licence, project.maintainers, shipped=True)
    assert ["cache"] == [kind for kind, _ in places(shipped)]
    (tmp_path / "elsewhere").mkdir()
    (project.root / ".kb").symlink_to(tmp_path / "elsewhere")
    with open_index(project) as opened:
        assert "cache" == opened.kept
    assert [] == list((tmp_path / "elsewhere").iterdir())


def test_a_full_disk_is_no_reason_to_leave_a_question_unanswered(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(build, "_seal", full)
    with open_index(project) as opened:
        assert "memory" == opened.kept
        assert "disk is full" in opened.reason
    assert [] == list(project.index.parent.glob("*.tmp"))


def test_an_index_that_cannot_be_read_back_is_not_used(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "open_file", lambda path: None)
    with open_index(project) as opened:
        assert "memory" == opened.kept
        assert "cannot be read back" in opened.reason


def test_an_interrupted_refresh_leaves_the_old_index_and_its_scraps_are_swept(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(project)
    open_index(project).close()
    before = project.index.read_bytes()
    write_study(project, study_data(id="c"))

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "_seal", interrupted)
    with pytest.raises(KeyboardInterrupt):
        open_index(project)
    assert before == project.index.read_bytes()
    monkeypatch.undo()
    scrap = project.index.parent / ".index.sqlite.99999.tmp"
    scrap.write_text("left by a process that was killed")
    with open_index(project) as opened:
        assert ["a", "b", "c"] == opened.studies()
    assert not scrap.exists()


def test_above_the_limit_only_a_sweep_looks_for_changes(project: Project) -> None:
    settle(project)
    open_index(project).close()
    write_study(project, study_data(id="c"))
    with open_index(project, limit=5) as opened:
        assert not opened.swept
        assert ["a", "b"] == opened.studies()
    with open_index(project, limit=5, sweep=True) as opened:
        assert opened.swept
        assert ["a", "b", "c"] == opened.studies()


def test_rebuild_makes_it_anew(project: Project) -> None:
    settle(project)
    open_index(project).close()
    with open_index(project, rebuild=True) as opened:
        assert (["a", "b"], []) == taken_up(opened)


def test_a_collection_without_studies_or_vocabulary_is_empty(tmp_path: Path) -> None:
    project = small_collection(tmp_path / "c")
    shutil.rmtree(project.entries)
    with open_index(project) as opened:
        assert [] == opened.studies()
    with open_index(project) as opened:
        assert not opened.changes


def _open_and_count(root: str, start: Any, results: Any) -> None:
    from kb.project import open_project

    start.wait(20)
    with open_index(open_project(Path(root), explicit=True)) as opened:
        results.put((opened.kept, opened.reason, len(opened.studies()), opened.rows("SELECT count(*) FROM outcomes")))


def test_processes_at_once_all_succeed(project: Project) -> None:
    context = multiprocessing.get_context("fork")
    for round_ in range(3):
        write_study(project, study_data(id=f"more-{round_}"))
        if round_ == 1:
            _text(project.index)
        start, results = context.Event(), context.Queue()
        workers = [context.Process(target=_open_and_count, args=(str(project.root), start, results)) for _ in range(4)]
        for worker in workers:
            worker.start()
        start.set()
        found = [results.get(timeout=60) for _ in workers]
        for worker in workers:
            worker.join(60)
        assert [("collection", "", 3 + round_, [(3 + round_,)])] * 4 == found
    assert [] == list(project.index.parent.glob("*.tmp"))


def test_a_lock_that_is_never_freed_delays_and_does_not_stop(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    open_index(project).close()
    monkeypatch.setattr(index, "LOCK_SECONDS", 0.05)
    holder = sqlite3.connect(project.index.with_name("index.sqlite.lock"), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    write_study(project, study_data(id="c"))
    with open_index(project) as opened:
        assert ("collection", ["a", "b", "c"]) == (opened.kept, opened.studies())
    holder.close()


def test_something_else_under_the_name_of_the_lock_is_removed(project: Project) -> None:
    project.index.parent.mkdir()
    lock = project.index.with_name("index.sqlite.lock")
    lock.write_text("something else" * 100)
    with open_index(project) as opened:
        assert "collection" == opened.kept
    assert not lock.exists() or lock.stat().st_size == 0


def test_another_process_may_do_the_work_while_one_waits(project: Project) -> None:
    settle(project)
    open_index(project).close()
    assert not build.refresh(project, project.index)


def test_changes_found_before_the_wait_count_only_for_the_index_that_they_were_found_in(project: Project) -> None:
    settle(project)
    open_index(project).close()
    seen = index.identity(project.index)
    found = Changes({}, "", deleted=("entries/studies/1991/a.yaml",))
    assert not build.refresh(project, project.index, found=found, seen=(0, 0, 0)), "another file stands there: all is compared again"
    assert found == build.refresh(project, project.index, found=found, seen=seen)
    assert seen != index.identity(project.index)


def test_many_records_are_read_by_several_processes_with_the_same_result(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        write_study(project, study_data(id=f"s-{number}"))
    (project.studies / "1991" / "bad.yaml").write_text("id: [")
    alone = afresh(project)
    monkeypatch.setattr(build, "POOL_FROM", 1)
    monkeypatch.setattr(build, "_CHUNK", 2)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    assert alone == afresh(project)


def test_look_ups_answer_from_the_index(project: Project) -> None:
    with open_index(project) as opened:
        assert "interleukin-2" == opened.resolve("agents", "il-2")
        assert None is opened.resolve("agents", "il-3")
        assert ["interleukin-2"] == opened.suggest("agents", "il-22")
        assert frozenset({"interleukin-2", "aldesleukin"}) == opened.narrower("agents", "interleukin-2")
        assert frozenset({"unknown"}) == opened.narrower("agents", "unknown")
        assert ("C-reactive protein", "unknown") == (opened.label("biomarkers", "crp"), opened.label("biomarkers", "unknown"))
        assert [("flow-cytometry", "flow cytometry")] == opened.terms("assays")
        assert ("a", None) == (opened.study("a"), opened.study("x"))
        assert [(2,)] == opened.connection.execute("SELECT count(*) FROM studies").fetchall()


def test_a_reader_of_a_fresh_index_imports_no_models(project: Project) -> None:
    settle(project)
    open_index(project).close()
    script = (
        "import sys\n"
        "from kb.cli.main import main\n"
        "try:\n"
        f"    main(['-C', {str(project.root)!r}, 'find', 'outcomes', '--condition', 'RCC', '-f', 'csv'])\n"
        "except SystemExit as ended:\n"
        "    assert not ended.code, ended.code\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'pydantic', 'networkx', 'rdflib', 'yaml', 'ryaml', 'rich', 'jinja2'}))\n"
        "print(sorted(name for name in sys.modules if name.startswith('kb.model.')))\n"
    )
    shown = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.splitlines()
    assert ["a,", "b,"] == [line[:2] for line in shown[1:3]]
    assert ["[]", "[]"] == shown[3:]


def test_a_worker_reads_its_list_of_files(project: Project) -> None:
    read = build._rows_reader(project.root, read_vocabulary(project)[0])
    found = build._unpacked(read(["entries/studies/1991/b.yaml", "entries/studies/1991/none.yaml"]))
    assert [("b", None), (None, "1:1: KB001 no such file")] == [(read.study, read.problem) for read in found]


def test_what_a_worker_read_arrives_as_it_was(tmp_path: Path) -> None:
    project = make_collection(tmp_path, whole_data())
    vocabulary, _ = read_vocabulary(project)
    (path,) = (path for path in index.all_new(project).changed)
    assert [build.read_rows(project.root, path, vocabulary)] == build._unpacked(build._rows_reader(project.root, vocabulary)([path]))


def test_a_folder_that_cannot_be_read_is_named(project: Project) -> None:
    shutil.rmtree(project.studies)
    project.studies.write_text("a file where the folder should be")
    with open_index(project) as opened:
        assert [] == opened.studies()
        assert ["entries/studies"] == [path for path, _ in opened.unreadable]


def test_vocabulary_lies_in_one_folder(project: Project) -> None:
    (project.vocabulary / "old").mkdir()
    (project.vocabulary / "old" / "routes.yaml").write_text("not looked at")
    with open_index(project) as opened:
        assert [] == opened.unreadable


def test_a_file_name_that_is_no_text_is_named_and_stops_nothing(project: Project) -> None:
    try:
        (project.studies / os.fsdecode(b"\xff\xfe.yaml")).write_text("id: x\n")
    except OSError:
        return  # a file system that refuses such names has no such file
    (project.studies / "größe.yaml").write_text("id: x\n")
    with open_index(project) as opened:
        assert ["entries/studies/größe.yaml", "entries/studies/\\udcff\\udcfe.yaml"] == [path for path, _ in reversed(opened.unreadable)]
        assert ["a", "b"] == opened.studies()
