import csv
import io
import json
import sqlite3

import pytest

from kb.cli.main import main
from kb.errors import UsageError
from kb.records.index import open_index
from kb.records.query import ask, schema_rows
from kb.records.tables import ALL_TABLES


@pytest.fixture
def project(collection):
    return collection()


@pytest.fixture
def sql(project, capsys):
    def run(*args):
        with pytest.raises(SystemExit) as ended:
            main(["-C", str(project.root), "sql", *args])
        return ended.value.code, *capsys.readouterr()

    return run


def test_a_select_gives_rows(sql):
    code, out, _ = sql("SELECT study_id, events, total FROM outcomes", "-f", "csv")
    assert 0 == code
    assert [["study_id", "events", "total"], ["example-1991-il2", "5", "20"]] == list(csv.reader(io.StringIO(out)))


@pytest.mark.parametrize(("limit", "cut"), [(1, True), (2, True), (3, True), (4, True), (5, False), (6, False)])
def test_rows_come_in_blocks_up_to_the_limit(project, monkeypatch, limit, cut):
    monkeypatch.setattr("kb.records.query.BLOCK", 2)
    query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n"
    with open_index(project) as index:
        answer = ask(index, query, rows=limit)
        assert ([(number + 1,) for number in range(min(limit, 5))], cut) == (answer.rows, answer.cut)
        assert 1 == index.rows("SELECT count(*) FROM studies")[0][0], "the connection is free again"


def test_recursion_joins_and_full_text_are_reading(sql):
    query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT count(*) AS many FROM n, studies"
    assert [{"many": 3}] == json.loads(sql(query, "-f", "json")[1])["rows"]
    query = "SELECT s.study_id FROM search JOIN studies s ON s.study_no = search.rowid WHERE search MATCH 'aldesleukin'"
    assert "example-1991-il2" in sql(query, "-f", "tsv")[1]


def test_the_query_may_come_from_standard_input(sql, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("SELECT 1 AS one"))
    assert "one\n1\n" == sql("-", "-f", "tsv")[1]


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM studies",
        "UPDATE studies SET title = 'x'",
        "INSERT INTO meta VALUES ('a', 'b')",
        "DROP TABLE studies",
        "CREATE TABLE t (a)",
        "CREATE TEMP TABLE t (a)",
        "ATTACH '/tmp/x.sqlite' AS x",
        "PRAGMA writable_schema = 1",
        "PRAGMA query_only = 0",
        "VACUUM INTO '/tmp/x.sqlite'",
        "BEGIN",
        "SELECT load_extension('x')",
        "REINDEX",
    ],
)
def test_nothing_but_reading_is_possible(sql, project, query):
    before = project.index.read_bytes() if project.index.exists() else b""
    code, out, err = sql(query)
    assert (2, "") == (code, out)
    assert "hint:" in err
    if before:
        assert before == project.index.read_bytes()
    assert "1" in sql("SELECT count(*) FROM studies")[1]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELEC 1", "SQLite says: near"),
        ("SELECT 1; SELECT 2", "more than one statement"),
        ("SELECT * FROM outcome", "did you mean outcomes"),
        ("SELECT evens FROM outcomes", "did you mean events"),
        ("SELECT zzzzz FROM outcomes", "`kb sql --schema` lists"),
        ("SELECT * FROM zzzzz", "`kb sql --schema` lists"),
        ("", "no question"),
        ("SELECT randomblob(100000000)", "SQLite says"),
    ],
)
def test_mistakes_say_what_to_do(sql, query, words):
    code, _, err = sql(query)
    assert 2 == code
    assert words in err


def test_a_query_is_needed(sql):
    code, _, err = sql()
    assert 2 == code
    assert "a query is needed" in err


def test_an_endless_query_is_stopped(sql):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    code, _, err = sql(endless, "--seconds", "0.05")
    assert 2 == code
    assert "more than 0.05 seconds" in err


def test_rows_are_bounded_and_the_cut_is_said(sql):
    query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT i FROM n"
    code, out, err = sql(query, "--limit", "2", "-f", "tsv")
    assert (0, "i\n1\n2\n") == (code, out)
    assert "only the first 2 rows" in err


def test_the_schema_tells_every_column(sql):
    code, out, _ = sql("--schema", "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert 0 == code
    assert len(schema_rows()) == len(rows)
    told = {(row["table"], row["column"]) for row in rows}
    assert {(table.name, column) for table in ALL_TABLES for column in table.names} <= told
    assert all(row["meaning"] != "NA" for row in rows)


def test_an_index_in_memory_answers_too(project, monkeypatch):
    monkeypatch.setattr("kb.records.index.places", lambda project: iter(()))
    with open_index(project) as index:
        assert [(1,)] == ask(index, "SELECT count(*) FROM studies").rows
        with pytest.raises(UsageError):
            ask(index, "DELETE FROM studies")
        assert isinstance(index.connection, sqlite3.Connection)
