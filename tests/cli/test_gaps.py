import csv
import io
import json
from xml.etree import ElementTree

import pytest

from kb.analysis.gap_rules import Kind
from kb.analysis.gaps import Question
from kb.cli.gaps import KINDS, QUESTIONS

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def gaps(collection, run_kb):
    root = collection().root
    return lambda *args: run_kb("-C", str(root), "gaps", *args)


def test_the_options_name_every_question_and_kind():
    assert QUESTIONS == tuple(question.value for question in Question)
    assert KINDS == tuple(kind.key for kind in Kind)


def test_a_matrix_for_reading_with_its_rules(gaps):
    code, out, _ = gaps("--question", "change", "-f", "table")
    assert 0 == code
    assert out.startswith("selection: everything; status draft, reviewed, accepted\n\nDid a marker change under treatment")
    (row,) = [line for line in out.splitlines() if line.startswith("high-dose bolus")]
    assert ["1", *["."] * 8] == row.split()[3:]
    assert "- nothing: this collection holds no study of the class" in out
    assert "n evidence; =n measured, no change; 0 looked for, not reported; . not in what was read; - nothing" in out
    assert "rows\n" not in out


def test_markdown_and_chosen_kinds(gaps):
    _, out, _ = gaps("--question", "outcome", "--kind", "evidence", "-f", "md")
    assert "## Was the outcome itself reported?\n" in out
    (row,) = [line for line in out.splitlines() if line.startswith("| high-dose bolus")]
    assert ["high-dose bolus IL-2", "1", *[""] * 6] == [cell.strip() for cell in row.strip("|").split("|")]
    assert "cells of other kinds are left empty" in out


def test_cells_as_rows(gaps, tmp_path):
    _, out, err = gaps("--kind", "evidence", "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [("change", "cell-number", "example-1991-il2"), ("outcome", "response", "example-1991-il2")] == [
        (row["question"], row["column"], row["studies"]) for row in rows
    ]
    assert "selection: everything" in err
    gaps("-o", str(tmp_path / "gaps.json"))
    found = json.loads((tmp_path / "gaps.json").read_text("utf-8"))
    assert ("evidence", 15 * (4 * 9 + 7)) == (found["rows"][0]["kind"], len(found["rows"]))
    assert any(rule.startswith("measured, no change:") for rule in found["rules"])


def test_a_drawing_has_title_description_and_its_table_beside_it(gaps, tmp_path):
    code, out, err = gaps("-o", str(tmp_path / "gaps.svg"))
    assert (0, "") == (code, out)
    assert "gaps.csv" in err
    root = ElementTree.fromstring((tmp_path / "gaps.svg").read_text("utf-8"))
    assert "Evidence gap map" == root.findtext(f"{SVG}title")
    assert "status draft, reviewed, accepted" in str(root.findtext(f"{SVG}desc"))
    cells = [group for group in root.iter(f"{SVG}g") if group.get("class", "").startswith("cell")]
    rows = list(csv.DictReader(io.StringIO((tmp_path / "gaps.csv").read_text("utf-8"))))
    assert sorted(f"cell {row['kind']}" for row in rows) == sorted(group.get("class", "") for group in cells)
    assert 2 == len([path for path in root.iter(f"{SVG}path") if path.get("class") == "sector trial"])


def test_a_drawing_on_stdout_is_the_same_each_time(gaps):
    _, first, _ = gaps("-f", "svg")
    assert first.startswith("<svg ")
    assert first == gaps("-f", "svg")[1]


def test_a_template_of_the_collection_stands_in(collection, run_kb):
    root = collection().root
    (root / "templates").mkdir()
    (root / "templates" / "gap-map.svg").write_text("<svg>{{ view.title }}: {{ selection }}</svg>", encoding="utf-8")
    _, out, _ = run_kb("-C", str(root), "gaps", "-f", "svg")
    assert "<svg>Evidence gap map: everything; status draft, reviewed, accepted</svg>\n" == out
    (root / "templates" / "gap-map.svg").write_bytes(b"\xff")
    code, _, err = run_kb("-C", str(root), "gaps", "-f", "svg")
    assert 3 == code
    assert "cannot be read as a template" in err
