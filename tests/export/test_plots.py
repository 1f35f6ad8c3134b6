"""Pictures of `kb meta`: every kind drawn, refused with its reason, inside its frame, and the same twice."""

import math
import re
import struct
import sys
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.analysis.effects import NotEstimableError
from kb.analysis.meta import Asked, analysed
from kb.analysis.pooling.result import Settings
from kb.analysis.synthesis import Datum
from kb.cli.meta_plots import KINDS
from kb.export.plots.bubble import bubble
from kb.export.plots.funnel import funnel
from kb.export.plots.of_report import FIGURES
from kb.export.plots.scale import Span, effect_ticks
from tests.builders import SOURCE, study_data
from tests.cli.test_meta import BCG, outcome, overlap, two_arms, versus

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def plot(run_kb, tmp_path):
    def run(kind, *args, suffix=".svg"):
        out = tmp_path / f"{kind}{suffix}"
        code, _, err = run_kb("meta", *args, "--plot", kind, str(out), "-f", "json")
        return code, err, out.read_bytes() if out.is_file() else b""

    return run


@pytest.fixture
def bcg(tmp_path):
    (tmp_path / "bcg.csv").write_text(BCG, "utf-8")
    return ("--data", str(tmp_path / "bcg.csv"), "--measure", "RR", "--method", "DL")


def trials(*moderators, method="DL", test="z"):
    head, *lines = BCG.strip().splitlines()
    rows = [dict(zip(head.split(","), line.split(","), strict=True)) for line in lines]
    data = [
        Datum(row["slab"], tuple(float(row[key]) for key in ("ai", "n1i", "ci", "n2i")), None, int(row["year"]), str(place), "", traits={"ablat": float(row["ablat"]), "alloc": row["alloc"]})
        for place, row in enumerate(rows)
    ]  # fmt: skip
    return analysed("t", "s", data, "RR", Settings(method, test), Asked(moderators=moderators))


def shares(*counts):
    data = [Datum(f"S{place}", one, None, None, str(place), "") for place, one in enumerate(counts)]
    return analysed("t", "s", data, "PLO", Settings("GLMM"), Asked())


def drawn(found):
    code, err, raw = found
    assert (0, "") == (code, err)
    return ET.fromstring(raw)


def texts(root):
    return ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]


def marks(root, name, kind="circle"):
    return [one for one in root.iter(f"{SVG}{kind}") if one.get("class") == name and one.find(f"{SVG}title") is not None]


def test_every_kind_that_can_be_asked_for_is_drawn():
    assert list(KINDS) == list(FIGURES)


@pytest.mark.parametrize(("kind", "more"), [("forest", ()), ("funnel", ()), ("bubble", ("--moderator", "ablat"))])
def test_a_picture_names_itself_lies_in_its_frame_and_is_the_same_twice(kind, more, plot, bcg):
    found = plot(kind, *bcg, *more)
    root = drawn(found)
    assert found == plot(kind, *bcg, *more)
    assert root.find(f"{SVG}title").text.startswith("risk ratio over the studies of bcg.csv")
    assert kind in root.find(f"{SVG}desc").text.lower()
    assert "prefers-color-scheme: dark" in root.find(f"{SVG}style").text
    width, height = float(root.get("width")), float(root.get("height"))
    places = [(float(one.get("x")), float(one.get("y"))) for one in root.iter(f"{SVG}text") if one.get("x")]
    assert [] == [place for place in places if not (0 <= place[0] <= width and 0 <= place[1] <= height)]
    assert 13 == len(marks(root, "point seen")) or kind == "forest"


def log_places(figure):
    """Return from pixel to log ratio, by two labels of the axis that goes up."""
    (one, first), (other, second) = figure.ground.ys[0], figure.ground.ys[-1]
    slope = (math.log(float(second)) - math.log(float(first))) / (other - one)
    return lambda y: math.log(float(first)) + (y - one) * slope


@pytest.mark.parametrize(
    ("method", "test", "left", "right"),
    [
        # metafor 3.8-1: predict(rma(yi, vi, mods = ~ablat, method, test), newmods = c(13, 55)) on dat.bcg, log RR
        ("DL", "z", (-0.12042989, -0.42987259, 0.18901281), (-1.34803692, -1.71900936, -0.97706448)),
        ("DL", "knha", (-0.12042989, -0.53010321, 0.28924343), (-1.34803692, -1.83916989, -0.85690394)),
    ],
)
def test_line_and_band_are_those_of_metafor(method, test, left, right):
    figure = bubble(trials("ablat", method=method, test=test))
    value = log_places(figure)
    line = [float(pair.split()[1]) for pair in figure.line[1:].split("L")]
    band = [float(pair.split()[1]) for pair in figure.band[1:-1].split("L")]
    middle = len(band) // 2
    assert left == pytest.approx((value(line[0]), value(band[0]), value(band[-1])), abs=0.01)
    assert right == pytest.approx((value(line[-1]), value(band[middle - 1]), value(band[middle])), abs=0.01)


def test_the_area_of_a_bubble_goes_with_the_weight():
    found = trials("ablat")
    figure = bubble(found)
    weights = sorted((1 / (row.effect.variance + found.regression.tau2) for row in found.synthesis.rows), reverse=True)
    radii = [one.radius for one in figure.bubbles]
    assert sorted(radii, reverse=True) == radii
    assert (weights[0] / weights[3]) ** 0.5 == pytest.approx(radii[0] / radii[3], rel=0.02)


@pytest.mark.parametrize(
    ("moderators", "why"),
    [((), "needs one moderator, and none"), (("ablat", "alloc"), "and 2 are asked for"), (("alloc",), "alloc holds words")],
)
def test_a_bubble_plot_needs_one_number(moderators, why):
    with pytest.raises(NotEstimableError, match=why):
        bubble(trials(*moderators))


def test_a_bubble_plot_without_a_regression_says_why(plot, tmp_path):
    (tmp_path / "one.csv").write_text("xi,ni,x\n3,20,5\n", "utf-8")
    code, err, raw = plot("bubble", "--data", str(tmp_path / "one.csv"), "--moderator", "x")
    assert (2, b"") == (code, raw)
    assert "kb: no bubble plot: no regression: one study alone says nothing of x\n" == err


def test_a_funnel_needs_ten_studies_and_a_pool():
    with pytest.raises(NotEstimableError, match="3 studies with an effect of their own are too few for a funnel, which needs 10"):
        funnel(shares((1, 20), (0, 30), (4, 20), (5, 19)))
    assert 13 == len(funnel(trials()).points)


def test_studies_of_one_arm_stand_by_their_size_and_unseen_ones_are_counted():
    figure = funnel(shares(*((n, 40) for n in range(1, 11)), (0, 40), (10, 400)))
    assert 2 == len({point.y for point in figure.points}), "forty patients are forty patients, however many responded"
    assert figure.points[-1].y < figure.points[0].y, "large studies stand above"
    assert ("none", "not shown, without a finite effect of its own: 1") == figure.legend[-1]
    assert {"20", "50"} & {text for _, text in figure.ground.ys}


@given(st.lists(st.tuples(st.integers(1, 19), st.integers(20, 500)), min_size=10, max_size=14))
@settings(max_examples=20)
def test_every_study_lies_on_the_ground_of_its_funnel(counts):
    figure = funnel(shares(*counts))
    assert [] == [
        one for one in figure.points if not (figure.ground.left <= one.x <= figure.ground.right and 0 <= one.y <= figure.ground.bottom)
    ]
    assert sorted({x for x, _ in figure.ground.xs}) == [x for x, _ in figure.ground.xs]


@pytest.mark.parametrize(
    ("measure", "low", "high"), [("PLO", -3.0, 2.0), ("PAS", 0.2, 1.2), ("PR", 0.0, 0.6), ("RR", -1.0, 2.0), ("MD", -3.0, 4.0)]
)
def test_an_axis_of_effects_is_labelled_on_the_scale_that_readers_know(measure, low, high):
    from kb.analysis.effects import MEASURES

    span = Span(low, high, 0.0, 600.0)
    unit = 100 if MEASURES[measure].counts == "one" else 1
    found = effect_ticks(measure, span)
    assert 3 <= len(found)
    for place, text in found:
        assert float(text) / unit == pytest.approx(MEASURES[measure].back(low + place / 600 * (high - low)), abs=0.01)


@pytest.mark.parametrize(
    ("name", "why"), [("plot.pdf", "a picture is SVG or PNG"), ("plot", "a picture is SVG or PNG")]
)  # fmt: skip
def test_a_picture_has_the_suffix_of_one(name, why, run_kb, bcg, tmp_path):
    code, out, err = run_kb("meta", *bcg, "--plot", "forest", str(tmp_path / name))
    assert (2, "", True) == (code, out, why in err)


def test_two_pictures_need_two_files_and_one_that_fails_writes_none(run_kb, bcg, tmp_path):
    same = ("--plot", "forest", str(tmp_path / "a.svg"))
    assert "two pictures go to one file" in run_kb("meta", *bcg, *same, *same)[2]
    code, out, err = run_kb("meta", *bcg, *same, "--plot", "bubble", str(tmp_path / "b.svg"), "--metafor", str(tmp_path / "r"))
    assert (2, "", ["bcg.csv"]) == (code, out, sorted(path.name for path in tmp_path.iterdir()))
    assert "no bubble plot: a bubble plot needs one moderator" in err
    assert "no harvest plot: a CSV holds effects" in run_kb("meta", *bcg, "--plot", "harvest", str(tmp_path / "h.svg"))[2]


def test_a_png_is_the_same_picture_twice_as_fine(plot, bcg):
    root = drawn(plot("forest", *bcg))
    _, _, raw = plot("forest", *bcg, suffix=".png")
    assert b"\x89PNG\r\n\x1a\n" == raw[:8]
    assert tuple(2 * float(root.get(side)) for side in ("width", "height")) == pytest.approx(struct.unpack(">II", raw[16:24]), abs=2)


def test_without_its_part_a_png_is_refused_with_what_to_install(plot, bcg, monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    code, err, raw = plot("forest", *bcg, suffix=".png")
    assert (2, b"") == (code, raw)
    assert 'hint: pip install "evidence-kb[pictures]"' in err


# ---- directions -----------------------------------------------------------------------------------------------------


def linked(ident, direction="increase", association="positive", p="0.01", **more):
    data = study_data(id=ident, **{"findings.nk-rise.direction": direction, **more})
    data["findings"]["nk-response"] = {
        "kind": "association", "biomarker": "nk-cell-count", "compartment": "blood", "timepoint": {"when": "on-treatment"}, "population": "all",
        "endpoint": "objective-response", "association": association, "p": p, "adjustment": "not-in-what-was-read", "source": SOURCE,
    }  # fmt: skip
    return data


def test_a_marker_is_drawn_cohort_by_cohort_as_on_its_page(collection, plot, run_kb, tmp_path):
    earlier = linked("example-1991-a", overlaps=overlap("example-1991-b", "same-cohort-earlier-cut"))
    later = linked("example-1991-b", overlaps=overlap("example-1991-a", "same-cohort-later-cut"), **{"populations.all.n": 30})
    fell = linked("example-1991-c", "decrease", "negative", "<0.05", **{"design.allocation": "randomised"})
    root = str(collection(earlier, later, fell).root)
    asked = ("-C", root, "meta", "objective-response", "--mix-designs", "--biomarker", "nk-cell-count", "-f", "json")
    for kind in ("harvest", "albatross"):
        code, _, err = run_kb(*asked, "--plot", kind, str(tmp_path / f"{kind}.svg"))
        assert (0, "") == (code, err)
    harvest, albatross = (ET.fromstring((tmp_path / f"{kind}.svg").read_bytes()) for kind in ("harvest", "albatross"))
    assert {"fell", "rose", "1 cohort, n 30", "1 cohort, n 20"} <= set(texts(harvest)), "patients that share a cohort stand once"
    assert [["design", "randomised"], ["design", "trial"]] == [one.get("class").split() for one in harvest.iter(f"{SVG}rect")]
    points = [one for one in albatross.iter(f"{SVG}circle") if one.find(f"{SVG}title") is not None]
    assert (3, 1) == (
        len(points),
        len([one for one in albatross.iter(f"{SVG}path") if one.get("class") == "bound" and "h14" not in one.get("d")]),
    )
    assert run_kb("-C", root, "site", "--out", str(tmp_path / "site"))[0] == 0
    page = (tmp_path / "site" / "markers" / "nk-cell-count.svg").read_text("utf-8")
    bars = re.compile(r'<rect class="design[^>]*>')
    assert bars.findall((tmp_path / "harvest.svg").read_text("utf-8")) == bars.findall(page)


def told(says, **more):
    return {**outcome(), "result": {"kind": "statement", "says": says, "text": "as told", **more}}


def test_results_without_an_effect_are_drawn_by_their_direction(collection, run_kb, tmp_path):
    first, second = two_arms("example-1991-a", 1), two_arms("example-1991-b", 2)
    first["outcomes"] = {
        "p": {**versus({"kind": "contrast", "measure": "p-only", "p": "<0.05", "direction": "better"}), "endpoint": "objective-response"}
    }
    second["outcomes"] = {"better": told("better"), "similar": told("similar")}
    third = study_data(id="example-1991-c", outcomes={"words": told("described")}, claims={}, **{"reports.main.pmid": "3"})
    first["claims"] = second["claims"] = {}
    root = str(collection(first, second, third).root)
    names = {kind: tmp_path / f"{kind}.svg" for kind in ("harvest", "albatross")}
    more = [part for kind, path in names.items() for part in ("--plot", kind, str(path))]
    code, out, err = run_kb("-C", root, "meta", "objective-response", *more, "-f", "json")
    assert (0, "", True) == (code, err, '"way": "better"' in out)
    harvest, albatross = (ET.fromstring(path.read_bytes()) for path in names.values())
    assert ["differs", "better", "in words alone"] == [
        text for text in texts(harvest) if text in ("worse", "no difference", "differs", "better", "in words alone")
    ]
    assert "1 association with P and n: 1 go with benefit" in albatross.find(f"{SVG}desc").text
    assert texts(harvest)[0] == "objective response: told without an effect"


def test_nothing_to_draw_is_said(collection, run_kb, tmp_path):
    root = str(collection().root)

    def said(kind, *more):
        code, _, err = run_kb("-C", root, "meta", "objective-response", "--plot", kind, str(tmp_path / "x.svg"), *more)
        assert 2 == code
        return err

    assert "no harvest plot: no result is told so; --biomarker MARKER asks" in said("harvest")
    assert "no albatross plot: no association of natural killer cell count" in said("albatross", "--biomarker", "nk-cell-count")
    assert "no result without an effect says better or worse" in said("albatross")
