"""The invented collections that measurements use are sound, and the clock only counts runs that succeeded."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import study_pages
from benchmarks.answers import QUESTIONS
from benchmarks.exports import costs
from benchmarks.hugo import write_hugo_site
from benchmarks.materialise import _mapping
from benchmarks.measure import Command, in_turn, once
from benchmarks.questions import FOUNDING, RESPONDERS, processor, sparql_and_rdflib
from benchmarks.site import after_an_edit, whole_site
from benchmarks.synthetic import record_text, synthetic_studies, synthetic_study, write_collection
from kb.model.study import Study


def test_invented_studies_check_clean(tmp_path: Path, run_kb) -> None:
    write_collection(tmp_path / "c", 40)
    assert (0, "") == run_kb("-C", str(tmp_path / "c"), "check", "--jobs", "1", "--quiet")[:2]


def test_the_same_seed_gives_the_same_bytes() -> None:
    texts = [record_text(data) for data in synthetic_studies(20)]
    assert texts == [record_text(synthetic_study(number, 20)) for number in range(20)]
    assert texts != [record_text(data) for data in synthetic_studies(20, seed=7)]


def test_they_have_the_shape_of_real_records() -> None:
    studies = [Study.model_validate(data) for data in synthetic_studies(400)]
    kinds = {finding.kind for study in studies for finding in study.findings.values()}
    assert {"level", "change", "contrast", "association"} == kinds
    overlapping = sum(bool(study.overlaps) for study in studies) / len(studies)
    assert 0.05 < overlapping < 0.15
    assert 4 < sum(len(study.outcomes) for study in studies) / len(studies) < 9
    sizes = [len(record_text(data)) for data in synthetic_studies(50)]
    assert 6_000 < sum(sizes) / len(sizes) < 11_000


def test_a_failed_run_has_no_time(tmp_path: Path) -> None:
    good = Command([sys.executable, "-c", "pass"], tmp_path)
    calls: list[int] = []
    counted = Command([sys.executable, "-c", "pass"], tmp_path, before=lambda: calls.append(1))
    first, second = in_turn(good, counted, rounds=2)
    assert first.seconds > 0 < second.peak
    assert 3 == len(calls)
    with pytest.raises(RuntimeError, match="ended with 3: no luck"):
        once(Command([sys.executable, "-c", "import sys; sys.stderr.write('no luck'); sys.exit(3)"], tmp_path))


def test_every_question_whose_memory_is_measured_is_one(tmp_path: Path, run_kb) -> None:
    write_collection(tmp_path / "c", 2)
    codes = {words: run_kb("-C", str(tmp_path / "c"), *words)[0] for words in QUESTIONS}
    assert dict.fromkeys(QUESTIONS, 0) == codes


def test_the_pages_set_against_the_peers_are_those_of_the_site(tmp_path: Path, run_kb) -> None:
    write_collection(tmp_path / "c", 3)
    study_pages.main(tmp_path / "c", tmp_path / "pages")
    assert 0 == run_kb("-C", str(tmp_path / "c"), "site", "--out", str(tmp_path / "site"))[0]
    made = {path.name for path in (tmp_path / "pages" / "studies").iterdir()}
    assert {f"{synthetic_study(number, 3)['id']}.html" for number in range(3)} == made
    assert made < {path.name for path in (tmp_path / "site" / "studies").iterdir()}


def test_the_peer_gets_every_study(tmp_path: Path) -> None:
    write_collection(tmp_path / "c", 3)
    write_hugo_site(tmp_path / "c", tmp_path / "hugo")
    pages = sorted((tmp_path / "hugo" / "content" / "studies").iterdir())
    assert sorted(synthetic_study(number, 3)["id"] for number in range(3)) == [page.stem for page in pages]
    records = {path.stem: path.read_text("utf-8") for path in (tmp_path / "c").glob("entries/studies/**/*.yaml")}
    assert [f"---\n{records[page.stem]}---\n" for page in pages] == [page.read_text("utf-8") for page in pages]
    labels = json.loads((tmp_path / "hugo" / "data" / "labels.json").read_text("utf-8"))
    assert "objective response" == labels["endpoints"]["objective-response"]


def test_an_edit_is_undone_and_its_files_are_counted(tmp_path: Path) -> None:
    write_collection(tmp_path / "c", 3)
    before = {path: path.read_text("utf-8") for path in (tmp_path / "c").rglob("*.yaml")}
    kb = str(Path(sys.executable).with_name("kb"))
    whole_site(kb, tmp_path / "c", tmp_path / "out")
    measured, written = after_an_edit(kb, tmp_path / "c", tmp_path / "out")
    assert measured.seconds > 0
    assert before == {path: path.read_text("utf-8") for path in (tmp_path / "c").rglob("*.yaml")}
    # The copy of the record, its page with the new sum, the twin of the page, and what says how the site was made.
    assert 1 <= written <= 5


def test_both_engines_answer_the_aggregates_alike(tmp_path: Path) -> None:
    write_collection(tmp_path / "c", 10)
    pairs, opened = sparql_and_rdflib(tmp_path / "c", (FOUNDING, RESPONDERS))
    assert 2 == len(pairs)
    assert min(opened, *(one.seconds for pair in pairs for one in pair)) > 0


def test_the_processors_time_is_that_of_a_run_that_succeeded(tmp_path: Path) -> None:
    assert processor([sys.executable, "-c", "sum(range(10**6))"], tmp_path).seconds > 0
    with pytest.raises(RuntimeError, match="failed"):
        processor([sys.executable, "-c", "raise SystemExit(1)"], tmp_path)


def test_pandas_writes_the_same_rows(tmp_path: Path, run_kb) -> None:
    """The peer of `kb export parquet` is none if it writes other tables."""
    import subprocess

    from pyarrow import parquet

    from benchmarks.tables import PEER
    from kb.export.tables.exported import TABLES

    write_collection(tmp_path / "c", 30)
    assert 0 == run_kb("-C", str(tmp_path / "c"), "export", "parquet", str(tmp_path / "ours"))[0]
    index = tmp_path / "c" / ".kb" / "index.sqlite"
    subprocess.run([sys.executable, str(PEER), str(index), str(tmp_path / "theirs")], check=True)
    for table in TABLES:
        name = f"{table.name}.parquet"
        ours, theirs = (parquet.read_table(tmp_path / side / name).to_pydict() for side in ("ours", "theirs"))
        # pandas makes floats of whole numbers with gaps; the values are the same.
        assert ours == theirs, name


def test_the_mapping_of_the_peer_names_every_table_and_link(tmp_path: Path, collection, run_kb) -> None:
    assert 0 == run_kb("-C", str(collection().root), "export", "csv", str(tmp_path / "t"))[0]
    maps = {text.split(" ", 1)[0]: text for text in _mapping(tmp_path / "t")}
    assert {"<#studies>", "<#outcomes>", "<#claims>"} <= set(maps)
    assert not {"<#closure>", "<#item_arms>"} & set(maps)
    outcomes = maps["<#outcomes>"]
    assert 'rr:subjectMap [ rr:template "https://example.org/outcomes/{study_id}/{item_id}" ;' in outcomes
    assert 'rr:objectMap [ rr:template "https://example.org/populations/{study_id}/{population}" ]' in outcomes
    assert 'rr:objectMap [ rml:reference "events" ; rr:datatype xsd:integer ]' in outcomes


def test_an_export_has_a_cost_and_leaves_nothing(tmp_path: Path) -> None:
    write_collection(tmp_path / "c", 2)
    kb = str(Path(sys.executable).with_name("kb"))
    ways = ("export csv", "export csv --zip", "graph export dot")
    found = dict(costs(kb, tmp_path / "c", ways))
    assert list(ways) == list(found)
    assert min(cost.peak for cost in found.values()) > 0
    assert ["kb.toml", "entries", ".kb"] == sorted((path.name for path in (tmp_path / "c").iterdir()), reverse=True)


def test_numpy_pools_the_same_numbers(tmp_path: Path, run_kb) -> None:
    """The peer of `kb meta` is none if it computes something else."""
    import json
    import subprocess

    from benchmarks.pooling import PEER, arms_file

    path = str(arms_file(tmp_path, 60))
    pooled = json.loads(run_kb("meta", "--data", path, "--measure", "PLO", "--method", "REML", "-f", "json")[1])["pooled"]
    done = subprocess.run([sys.executable, str(PEER), path], capture_output=True, text=True, check=True)
    keys = ("estimate", "ci_low", "ci_high", "tau2", "q", "q_p")
    assert pytest.approx([float(word) for word in done.stdout.split()], rel=1e-6) == [pooled[key] for key in keys]
