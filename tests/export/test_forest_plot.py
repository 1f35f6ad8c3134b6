"""The forest plot as SVG."""

import xml.etree.ElementTree as ET

import pytest

from tests.builders import study_data

SVG = "{http://www.w3.org/2000/svg}"
OWN = """slab,ai,n1i,ci,n2i
First <b> & co,4,40,11,40
A study with a name that is so long that it has to be cut somewhere,6,300,29,300
Wide,1,10,0,10
None,0,10,0,10
"""


@pytest.fixture
def draw(run_kb, tmp_path):
    def run(*args):
        out = tmp_path / "forest.svg"
        code, _, err = run_kb(*args, "--svg", str(out))
        assert 0 == code, err
        text = out.read_text("utf-8")
        return text, ET.fromstring(text)

    return run


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(OWN, "utf-8")
    return ("meta", "--data", str(path), "--measure", "OR", "--method", "GLMM")


def kinds(root):
    return [group.get("class") for group in root.iter(f"{SVG}g") if group.get("class")]


def texts(root):
    return ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]


def test_records_are_drawn_with_their_numbers_and_citation(collection, draw):
    other = study_data(id="other-1993-il2", **{"reports.main.year": 1993, "outcomes.response.result.events": 3})
    root = str(collection(study_data(), other).root)
    text, drawn = draw("-C", root, "meta", "objective-response")
    assert ["study", "study", "pooled", "prediction"] == kinds(drawn)
    assert {"5/20", "3/20", "25.0 (8.7 to 49.1)"} <= set(texts(drawn))
    assert "objective response" in drawn.find(f"{SVG}title").text
    assert "Selection: everything" in drawn.find(f"{SVG}desc").text
    assert any("Cite:" in line and "Test collection" in line for line in texts(drawn))
    assert (text, True) == (draw("-C", root, "meta", "objective-response")[0], text.endswith("</svg>\n"))


def test_groups_have_estimates_of_their_own(collection, draw):
    other = study_data(id="other-1993-il2", **{"reports.main.year": 1993, "arms.a.regimen.0.components.0.route": "subcutaneous"})
    _, drawn = draw("-C", str(collection(study_data(), other).root), "meta", "objective-response", "--by", "route")
    assert ["study", "group", "study", "group", "pooled", "prediction"] == kinds(drawn)


def test_a_table_of_ones_own_needs_no_collection(own, draw):
    text, drawn = draw(*own)
    assert any("Drawn by kb" in line for line in texts(drawn))
    assert 1 == text.count('class="null"')
    assert "First &lt;b&gt; &amp; co" in text
    assert any(line.endswith("\u2026") for line in texts(drawn))
    assert "not estimable" in texts(drawn)


def test_everything_lies_inside(own, draw):
    _, drawn = draw(*own)
    width, height = float(drawn.get("width")), float(drawn.get("height"))
    places = [(float(one.get("x")), float(one.get("y"))) for one in drawn.iter(f"{SVG}text")]
    assert [] == [place for place in places if not (0 <= place[0] <= width and 0 <= place[1] <= height)]


def test_a_collection_may_draw_its_own_way(collection, draw):
    root = collection(study_data()).root
    (root / "templates").mkdir()
    (root / "templates" / "figure.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg">{{ title }}</svg>', "utf-8")
    assert "objective response" in draw("-C", str(root), "meta", "objective-response")[1].text
