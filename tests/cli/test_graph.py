import csv
import io
import json

import pytest

from kb.cli.main import main
from tests.builders import ASSOCIATION, study_data


@pytest.fixture
def graph(collection, capsys):
    root = collection(study_data(**{"findings.nk-response": ASSOCIATION})).root

    def run(*args):
        with pytest.raises(SystemExit) as ended:
            main(["-C", str(root), "graph", *args])
        return ended.value.code, *capsys.readouterr()

    return run


def test_a_way_is_told_step_by_step_with_its_places(graph):
    code, out, _ = graph("path", "aldesleukin", "objective-response", "--via", "nk-cells", "-f", "table")
    assert 0 == code
    assert "selection: everything; status draft, reviewed, accepted\n" in out
    assert "agents:aldesleukin → biomarkers:nk-cell-count → endpoints:objective-response\n" in out
    assert "  agents:aldesleukin → biomarkers:nk-cell-count: 1 item of 1 study\n" in out
    assert (
        "example-1991-il2#nk-rise  changes: increase, baseline, n 20, arm a, renal cell carcinoma, treated  (entries/studies/1991/" in out
    )
    assert "example-1991-il2#nk-response  associated with: positive, n 20, P 0.03, renal cell carcinoma, treated" in out


def test_ways_as_rows(graph):
    _, out, err = graph("path", "aldesleukin", "objective-response", "--all", "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [("1", "1", "outcome"), ("2", "1", "changes"), ("2", "2", "associated with")] == [
        (row["way"], row["step"], row["relation"]) for row in rows
    ]
    assert "selection: everything" in err


def test_no_way_says_so_and_is_no_error(graph):
    code, out, _ = graph("path", "objective-response", "aldesleukin", "-f", "table")
    assert 0 == code
    assert "no study of this selection links them" in out
    code, out, _ = graph("path", "aldesleukin", "objective-response", "--condition", "melanoma", "-f", "md")
    assert "no study of this selection links them" in out


def test_a_way_to_a_file(graph, tmp_path):
    code, out, _ = graph("path", "aldesleukin", "objective-response", "-o", str(tmp_path / "way.txt"))
    assert (0, "") == (code, out)
    assert "5 of 20" in (tmp_path / "way.txt").read_text("utf-8")


def test_neighbours_are_rows_with_documented_columns(graph):
    code, out, _ = graph("neighbours", "nk-cell-count", "-f", "json")
    found = json.loads(out)
    assert 0 == code
    assert ["changes", "associated with"] == [row["relation"] for row in found["rows"]]
    assert "status draft, reviewed, accepted" in found["selection"]


def test_unknown_terms_suggest_the_nearest(graph):
    code, _, err = graph("neighbours", "aldesleukine")
    assert 2 == code
    assert "did you mean" in err


@pytest.mark.parametrize(("typed", "offered"), [("aldesleu", "aldesleukin"), ("objective-r", "objective-response")])
def test_terms_complete(collection, typed, offered):
    from click.testing import CliRunner

    from kb.cli.main import root_command

    words = f"kb -C {collection().root} graph neighbours {typed}"
    result = CliRunner().invoke(
        root_command, [], prog_name="kb", env={"_KB_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "5"}
    )
    assert f"plain,{offered}" in result.output


def test_completion_outside_a_collection_offers_nothing_and_does_not_fail(tmp_path):
    from click.testing import CliRunner

    from kb.cli.main import root_command

    words = f"kb -C {tmp_path} graph neighbours a"
    result = CliRunner().invoke(
        root_command, [], prog_name="kb", env={"_KB_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "5"}
    )
    assert "" == result.output.strip()


def test_stats_count_the_graph(graph):
    code, out, err = graph("stats", "-f", "csv")
    rows = {(row["measure"], row["of"]): row["value"] for row in csv.DictReader(io.StringIO(out))}
    assert 0 == code
    assert ("4", "4", "1") == (rows["nodes", "all"], rows["edges", "all"], rows["components", "all"])
    assert "kb: betweenness: " in err


def test_stats_by_node(graph):
    _, out, _ = graph("stats", "--nodes", "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [("agents", "aldesleukin", "3")] == [(row["kind"], row["id"], row["degree"]) for row in rows if row["kind"] == "agents"]
    assert 4 == len(rows)


@pytest.mark.parametrize("name", ["graphml", "gexf", "cytoscape", "dot"])
def test_the_graph_is_written_for_other_tools(graph, tmp_path, name):
    from kb.export.graph_formats import GRAPH_FORMATS

    assert name in GRAPH_FORMATS
    code, out, _ = graph("export", name)
    assert 0 == code
    assert "example-1991-il2" in out
    assert "everything; status draft, reviewed, accepted" in out
    assert (0, "") == graph("export", name, "-o", str(tmp_path / "graph"))[:2]
    assert out == (tmp_path / "graph").read_text("utf-8")
