"""Tables as CSV and Parquet: nothing is lost, keys and links hold, and other engines count what `kb stats` counts."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow.parquet as parquet
import pytest

from kb.analysis.selection import select
from kb.export.cells import DISARMED, cell, table_cell
from kb.export.extract import make_extract, table_rows
from kb.export.tables.csv_folder import csv_folder
from kb.export.tables.exported import TABLES, kind, links, required, unit
from kb.export.tables.jsonl import jsonl
from kb.export.tables.parquet_folder import parquet_folder
from kb.model.study import Study
from kb.project import open_project
from kb.records.index import open_index
from kb.records.tables import STUDY_TABLES
from tests.builders import a_study, study_data
from tests.export.rdf.extracts import an_extract
from tests.small import index_of, small_vocabulary
from tests.test_counts import CASES
from tests.whole import whole_data

HOSTILE = ['=HYPERLINK("x")', "NA", "'quoted", "a\r\nb", 'say "no", twice', "-5 %", "\u202eevil", "", "0012"]
COUNTED = {
    "studies": "studies",
    "reports": "reports",
    "arms": "arms",
    "populations": "populations",
    "findings": "findings",
    "outcomes": "outcomes",
    "adverse events": "adverse_events",
    "claims": "claims",
}


def joined(pieces):
    """The bytes of a file."""
    if isinstance(pieces, str | bytes):
        pieces = [pieces]
    return b"".join(piece.encode() if isinstance(piece, str) else piece for piece in pieces)


def written(writer, extract):
    return {name: joined(pieces) for name, pieces in writer(extract)}


def tabled(*studies, **changes):
    """An extract with rows of an index in memory."""
    studies = studies or (Study.model_validate(whole_data()), a_study())
    index = index_of(studies, small_vocabulary())
    return replace(an_extract(*studies), rows=table_rows(index, sorted(study.id for study in studies)), **changes)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """The shipped collection: its index, and folders of both formats."""
    folder = tmp_path_factory.mktemp("shipped")
    project = open_project(Path(__file__).parent, explicit=True)
    with open_index(project) as index:
        for name, writer, column in (("csv", csv_folder, None), ("whole", parquet_folder, None), ("split", parquet_folder, "year")):
            for file, pieces in writer(make_extract(project, index, select(index, {}), partition=column)):
                (folder / name / file).parent.mkdir(parents=True, exist_ok=True)
                (folder / name / file).write_bytes(joined(pieces))
        yield index, folder


def test_every_table_with_rows_of_studies_is_exported():
    assert [table.name for table in STUDY_TABLES] == [table.name for table in TABLES][: len(STUDY_TABLES)]
    assert all(column.meaning for table in TABLES for column in table.columns)
    assert "study_no" not in {name for table in TABLES for name in table.names}


def test_csv_reads_back_as_the_rows_of_the_index():
    extract = tabled()
    files = written(csv_folder, extract)
    numbers = {"integer": int, "number": float, "string": lambda text: text[1:] if text.startswith("'") else text}
    for table in TABLES:
        head, *body = csv.reader(io.StringIO(files[f"{table.name}.csv"].decode(), newline=""))
        assert list(table.names) == head
        kinds = [numbers[kind(column)] for column in table.columns]
        found = [tuple(None if text == "NA" else read(text) for text, read in zip(row, kinds, strict=True)) for row in body]
        assert list(extract.rows(table, None)) == found, table.name


def test_hostile_text_comes_back_whole_and_runs_nowhere():
    for text in HOSTILE:
        shown = table_cell(text)
        assert shown[:1] not in ("=", "+", "@", "\t", "\r")
        assert shown != "NA"
        assert text == (shown[1:] if shown.startswith("'") else shown)
    assert ("NA", "'=1", "-5", "0.1") == (table_cell(None), table_cell("=1"), table_cell("-5"), table_cell(0.1))
    assert 0.1 + 0.2 == float(table_cell(0.1 + 0.2))
    assert "NA" == cell("NA")


def test_hostile_text_survives_both_formats(tmp_path):
    studies = [a_study(id=f"s-{number}-x", **{"reports.main.title": text or "x"}) for number, text in enumerate(HOSTILE)]
    extract = tabled(*studies)
    titles = [text or "x" for text in HOSTILE]
    files = written(parquet_folder, extract)
    assert titles == parquet.read_table(io.BytesIO(files["studies.parquet"]))["title"].to_pylist()
    rows = list(csv.DictReader(io.StringIO(written(csv_folder, extract)["studies.csv"].decode(), newline="")))
    # Line breaks are one kind in a CSV file.
    assert [title.replace("\r\n", "\n") for title in titles] == [row["title"].removeprefix("'") for row in rows]


@pytest.mark.parametrize("writer", [csv_folder, parquet_folder])
def test_two_exports_are_the_same_bytes(writer):
    assert written(writer, tabled()) == written(writer, tabled())


def test_large_tables_come_in_pieces(monkeypatch):
    from kb.export.tables import csv_folder as module
    from kb.export.tables import parquet_folder as other

    extract = tabled()
    whole = written(csv_folder, extract), written(parquet_folder, extract)
    monkeypatch.setattr(module, "_BATCH", 1)
    monkeypatch.setattr(other, "_BATCH", 1)
    monkeypatch.setattr(other, "_GROUP", 2)
    assert whole[0] == written(csv_folder, extract)
    pieces = {name: list(content) for name, content in parquet_folder(extract) if not isinstance(content, str)}
    assert len(pieces["outcomes.parquet"]) > 2
    table = parquet.read_table(io.BytesIO(b"".join(pieces["outcomes.parquet"])))
    assert parquet.read_table(io.BytesIO(whole[1]["outcomes.parquet"])).to_pylist() == table.to_pylist()


def test_parquet_carries_types_meanings_and_the_selection():
    files = written(parquet_folder, tabled())
    for table in TABLES:
        schema = parquet.read_schema(io.BytesIO(files[f"{table.name}.parquet"]))
        assert [(column.name, not required(column)) for column in table.columns] == [(field.name, field.nullable) for field in schema]
        assert [column.meaning.encode() for column in table.columns] == [field.metadata[b"meaning"] for field in schema]
        assert (table.meaning.encode(), b"everything; status draft") == (schema.metadata[b"meaning"], schema.metadata[b"selection"])


@pytest.mark.parametrize(("writer", "form"), [(csv_folder, "csv"), (parquet_folder, "parquet")])
def test_the_package_describes_every_file(writer, form):
    files = written(writer, tabled())
    package = json.loads(files.pop("datapackage.json"))
    assert ("a-quoted-name", 'A "quoted" name', "everything; status draft", [{"name": "CC0-1.0"}]) == tuple(
        package[name] for name in ("name", "title", "selection", "licenses")
    )
    assert (form == "csv") is (DISARMED in package["description"])
    assert sorted(files) == sorted(resource["path"] for resource in package["resources"])
    by_name = {resource["name"]: resource for resource in package["resources"]}
    outcomes = by_name["outcomes"]
    assert (7, form, ["study_id", "item_id"]) == (outcomes["rows"], outcomes["format"], outcomes["schema"]["primaryKey"])
    assert {"fields": ["study_id", "population"], "reference": {"resource": "populations", "fields": ["study_id", "item_id"]}} in outcomes[
        "schema"
    ]["foreignKeys"]
    versus = {"fields": ["study_id", "versus_population"], "reference": {"resource": "populations", "fields": ["study_id", "item_id"]}}
    assert versus in outcomes["schema"]["optionalForeignKeys"]
    filled = {name: {field["name"] for field in one["schema"]["fields"] if "constraints" in field} for name, one in by_name.items()}
    keys = [(name, set(key["fields"])) for name, one in by_name.items() for key in one["schema"].get("foreignKeys", ())]
    assert [] == [(name, fields) for name, fields in keys if not fields <= filled[name]]
    fields = {field["name"]: field for field in outcomes["schema"]["fields"]}
    assert "%" == fields["percent"]["unit"]
    assert "unit" == fields["median"]["unitColumn"]
    assert {"required": True} == fields["endpoint"]["constraints"]
    assert "constraints" not in fields["events"]


def test_units_are_those_of_columns_that_exist():
    for table in TABLES:
        for column in table.columns:
            beside = unit(table, column)[1]
            assert beside is None or beside in table.names
    components = next(table for table in TABLES if table.name == "components")
    found = {column.name: unit(components, column) for column in components.columns}
    assert (("IU", None), (None, "dose_family")) == (found["per_day_iu"], found["per_day_low"])


def test_a_split_keeps_every_column_and_every_row(tmp_path):
    undated = a_study(id="undated-x", **{"reports.main.year": "not-reported"})
    extract = tabled(Study.model_validate(whole_data()), a_study(), undated, partition="year")
    files = written(parquet_folder, extract)
    assert [
        "studies/study_year=1991/part-0.parquet",
        "studies/study_year=1995/part-0.parquet",
        "studies/study_year=__HIVE_DEFAULT_PARTITION__/part-0.parquet",
    ] == sorted(name for name in files if name.startswith("studies/"))
    assert "terms.parquet" in files
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    read = f"read_parquet('{tmp_path}/studies/*/*.parquet', hive_partitioning=true)"
    rows = duckdb.sql(f"SELECT study_id, year, study_year FROM {read} ORDER BY study_id").fetchall()
    assert [("example-1991-il2", 1991, 1991), ("undated-x", None, None), ("whole-1995-every-kind", 1995, 1995)] == [
        (ident, year, year and int(split)) for ident, year, split in rows
    ]
    package = json.loads(files["datapackage.json"])
    studies = next(resource for resource in package["resources"] if resource["name"] == "studies")
    assert (3, 3) == (studies["rows"], len(studies["path"]))


def test_an_empty_table_of_a_split_has_no_file_and_no_description():
    files = written(parquet_folder, tabled(a_study(), partition="year"))
    package = json.loads(files["datapackage.json"])
    assert "landmarks" not in {resource["name"] for resource in package["resources"]}
    assert not [name for name in files if name.startswith("landmarks")]


def test_duckdb_counts_what_kb_stats_counts(shipped):
    from kb.analysis.stats import stats

    index, folder = shipped
    told = {row[1]: row[2] for row in stats(index, select(index, {})).rows if row[0] == "records"}
    for words, table in COUNTED.items():
        for source in (
            f"read_parquet('{folder}/whole/{table}.parquet')",
            f"read_parquet('{folder}/split/{table}/*/*.parquet', hive_partitioning=true)",
            f"read_csv('{folder}/csv/{table}.csv', nullstr='NA', header=true, all_varchar=true)",
        ):
            assert [(told[words],)] == duckdb.sql(f"SELECT count(*) FROM {source}").fetchall(), source
    cohorts = duckdb.sql(f"SELECT count(DISTINCT cohort_id) FROM read_parquet('{folder}/whole/studies.parquet')").fetchall()
    assert [(told["independent cohorts"],)] == cohorts


def twenty(index):
    """The twenty counts by the index."""
    return {case.name: next(iter(index.rows(case.sql)))[0] for case in CASES}


def test_duckdb_gives_the_twenty_counts_of_the_split_tables(shipped):
    index, folder = shipped
    with duckdb.connect() as db:
        for table in TABLES:
            place = f"{folder}/split/{table.name}" + ("/*/*.parquet" if "study_id" in table.names else ".parquet")
            db.execute(f"CREATE VIEW \"{table.name}\" AS SELECT * FROM read_parquet('{place}', hive_partitioning=true)")
        assert twenty(index) == {case.name: db.execute(case.sql).fetchall()[0][0] for case in CASES}


@pytest.mark.spark
def test_spark_gives_the_twenty_counts_of_the_split_tables(shipped):
    from pyspark.sql import SparkSession

    index, folder = shipped
    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        for table in TABLES:
            place = folder / "split" / (table.name if "study_id" in table.names else f"{table.name}.parquet")
            spark.read.parquet(str(place)).createOrReplaceTempView(table.name)
        assert twenty(index) == {case.name: spark.sql(case.sql).first()[0] for case in CASES}
    finally:
        spark.stop()


def test_keys_are_unique_and_links_lead_somewhere(shipped):
    _, folder = shipped
    for table in TABLES:
        here = f"read_parquet('{folder}/whole/{table.name}.parquet')"
        key = ", ".join(table.key)
        assert [] == duckdb.sql(f"SELECT {key} FROM {here} GROUP BY {key} HAVING count(*) > 1").fetchall(), table.name
        for link in links(table):
            there = f"read_parquet('{folder}/whole/{link.table}.parquet')"
            on = " AND ".join(f"t.{target} = h.{column}" for column, target in zip(link.columns, link.target, strict=True))
            given = " AND ".join(f"h.{column} IS NOT NULL" for column in link.columns)
            lost = duckdb.sql(f"SELECT h.* FROM {here} h WHERE {given} AND NOT EXISTS (SELECT 1 FROM {there} t WHERE {on})").fetchall()
            assert [] == lost, (table.name, link)


def test_types_of_csv_are_those_that_the_package_states(shipped):
    _, folder = shipped
    package = json.loads((folder / "csv" / "datapackage.json").read_text())
    types = {"string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE"}
    for resource in package["resources"]:
        columns = {field["name"]: types[field["type"]] for field in resource["schema"]["fields"]}
        read = f"read_csv('{folder}/csv/{resource['path']}', nullstr='NA', header=true, columns={columns!r}, quote='\"', escape='\"')"
        assert [(resource["rows"],)] == duckdb.sql(f"SELECT count(*) FROM {read}").fetchall(), resource["name"]


def test_a_selection_narrows_every_table(collection, run_kb, tmp_path):
    root = collection(study_data(), study_data(id="other-2001-il2", **{"reports.main.year": 2001})).root
    assert (0, "", "") == run_kb("-C", str(root), "export", "csv", str(tmp_path / "out"), "--year", "<1995")
    for table in STUDY_TABLES:
        text = (tmp_path / "out" / f"{table.name}.csv").read_text()
        assert "other-2001" not in text, table.name
    package = json.loads((tmp_path / "out" / "datapackage.json").read_text())
    assert "year <1995; status draft, reviewed, accepted" == package["selection"]


def test_a_second_export_leaves_nothing_of_the_first(collection, run_kb, tmp_path):
    root = str(collection().root)
    assert 0 == run_kb("-C", root, "export", "parquet", str(tmp_path / "out"), "--partition", "year")[0]
    assert (tmp_path / "out" / "studies" / "study_year=1991" / "part-0.parquet").is_file()
    assert 0 == run_kb("-C", root, "export", "parquet", str(tmp_path / "out"))[0]
    assert not [path for path in (tmp_path / "out").rglob("*study_year*") if path.is_file()]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    code, _, err = run_kb("-C", root, "export", "csv", str(tmp_path / "mine"))
    assert (2, True) == (code, "this folder holds files that are no export of kb" in err)


@pytest.mark.parametrize(
    ("form", "column", "said"),
    [
        ("parquet", "yaer", "did you mean year"),
        ("parquet", "title", "the columns are year, status"),
        ("csv", "year", "--partition goes with parquet"),
    ],
)
def test_a_split_that_makes_no_sense_is_refused(form, column, said, collection, run_kb, tmp_path):
    code, _, err = run_kb("-C", str(collection().root), "export", form, str(tmp_path / "out"), "--partition", column)
    assert (2, True, False) == (code, said in err, (tmp_path / "out").exists())


def test_parquet_without_its_engine_says_what_to_install(collection, run_kb, tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    code, _, err = run_kb("-C", str(collection().root), "export", "parquet", str(tmp_path / "out"))
    assert (2, True) == (code, 'pip install "evidence-kb[tables]"' in err)


def test_json_lines_are_the_records():
    studies = (Study.model_validate(whole_data()), a_study(**{"reports.main.title": "a\nb\u2028c"}))
    text = "".join(jsonl(an_extract(*studies)))
    assert list(studies) == [Study.model_validate(json.loads(line)) for line in text.split("\n")[:-1]]


def test_json_lines_fit_the_schema():
    import jsonschema

    from kb.project import resource

    schema = json.loads((resource("schemas") / "study.schema.json").read_text("utf-8"))
    (line,) = "".join(jsonl(an_extract(Study.model_validate(whole_data())))).splitlines()
    jsonschema.validate(json.loads(line), schema)


def test_an_extract_without_an_index_says_so():
    with pytest.raises(LookupError, match="rows of studies"):
        written(csv_folder, an_extract())
