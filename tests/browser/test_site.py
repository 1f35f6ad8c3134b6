"""The site in a browser, opened from disk: search, choices, tables, phones, keyboard, no script, print, accessibility."""

from __future__ import annotations

import csv
import io
import itertools
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.judges import missing

PAGES = (
    "index.html",
    "studies/index.html",
    "studies/by-year.html",
    "studies/rich-1995-il2-ifn.html",
    "studies/bare-2001-nothing.html",
    "glossary.html",
    "methods.html",
    "404.html",
    "markers/nk-cell-count.html",
    "markers/index.html",
    "conflicts.html",
    "map.html",
    "matrix.html",
    "regimens/high-dose-bolus.html",
    "regimens/index.html",
    "agents/aldesleukin.html",
    "outcomes/objective-response.html",
    "questions/killer-cells.html",
    "cohorts/example-1991-il2.html",
    "compare.html",
    "quality.html",
    "data/index.html",
    "changes.html",
)
"""One page of each template, and the study page both full and empty."""
FINDER = "studies/index.html"
RICH = "studies/rich-1995-il2-ifn.html"


@pytest.mark.parametrize("path", PAGES)
def test_opens_from_disk_and_fits_any_screen(path, site, visit):
    seen = visit(site / path)
    for width in (320, 390, 768, 1280):
        seen.page.set_viewport_size({"width": width, "height": 900})
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} scrolls sideways at {width}"
    assert seen.clean, (seen.said, seen.requests)


@pytest.mark.parametrize("path", PAGES)
def test_accessible(path, small_site, visit):
    from axe_playwright_python.sync_playwright import Axe

    found = {}
    # The policy of the page would refuse the checker's own script.
    seen = visit(small_site / path, bypass_csp=True)
    for scheme, width in itertools.product(("light", "dark"), (1280, 390)):
        seen.page.set_viewport_size({"width": width, "height": 900})
        seen.page.emulate_media(color_scheme=scheme)
        # A scheme changes colours and nothing else, so the dark one needs the rule on contrast alone.
        options = {"runOnly": ["color-contrast"]} if scheme == "dark" else None
        for violation in Axe().run(seen.page, options=options).response["violations"]:
            found[scheme, width, violation["id"]] = [node["html"][:200] for node in violation["nodes"][:3]]
    assert found == {}


@pytest.mark.parametrize("path", PAGES)
def test_reads_whole_without_script(path, site, visit):
    seen = visit(site / path, java_script_enabled=False)
    assert seen.page.locator("h1").is_visible()
    assert seen.page.locator(".scripted:visible").count() == 0, "nothing that needs script shows without it"


def test_all_studies_can_be_reached_without_script(site, visit):
    seen = visit(site / FINDER, java_script_enabled=False)
    assert seen.page.locator("#studies tbody tr").count() == 50
    seen.page.get_by_role("link", name="all studies by year").click()
    assert seen.page.locator(".study-list li").count() == 73


def settle(page) -> None:
    """Wait until the finder has drawn all that it found; counts of studies stand at once, lines and choices with the next frames."""
    page.locator("#studies:not([aria-busy])").wait_for()


def rows(page) -> list[str]:
    """Labels of the lines, once they are drawn."""
    settle(page)
    return page.locator("#studies tbody th a").all_inner_texts()


def test_search_finds_words_and_starts_of_short_ones(site, visit):
    page = visit(site / FINDER).page
    box = page.get_by_role("searchbox", name="Search")
    box.fill("nunez07")
    assert rows(page) == ["Núñez07 1957"]
    box.fill("907")
    assert rows(page) == ["Núñez07 1957"], "a PMID finds its study"
    box.fill("now matter")
    assert page.locator("#shown").inner_text() == "0 of 73 studies", "three letters must start a word: now is not in unknown"
    assert page.locator("#empty").is_visible()
    box.fill("known matter 12")
    assert rows(page)[0] == "Núñez12 1962"
    assert page.locator("#studies mark").all_inner_texts()[:2] == ["known", "matter"]


def test_who_types_on_sees_the_last_search(site, visit):
    """Letters that follow each other at once: the number is told at once, and no line of an earlier search is left."""
    page = visit(site / FINDER).page
    box = page.get_by_role("searchbox", name="Search")
    box.press_sequentially("matter 12")
    box.press("Backspace")
    found = int(page.locator("#shown").inner_text().split(" ")[0])
    assert len(rows(page)) == found > 1
    assert all("matter" in title for title in page.locator("#studies tbody th div").all_inner_texts())
    assert page.evaluate("location.hash") == "#v1&q=matter%201"


def test_choices_count_what_adding_them_gives(site, visit):
    page = visit(site / FINDER).page
    melanoma = page.locator('input[data-dim="disease"][value="melanoma"]')
    kidney = page.locator('input[data-dim="disease"][value="renal-cell-carcinoma"]')
    count = lambda box: int(box.locator("xpath=..").locator("b").inner_text())  # noqa: E731 - a name for a locator's number
    assert (2, 72 - 1) == (count(melanoma), count(kidney))
    melanoma.check()
    assert page.locator("#shown").inner_text() == "2 of 73 studies"
    settle(page)
    assert count(kidney) == 71, "within a dimension choices add up, so its own choice does not lower the others"
    page.locator('#facets details:has(input[data-dim="decade"]) > summary').last.click()
    assert int(page.locator('input[data-dim="decade"][value="1990s"]').locator("xpath=..").locator("b").inner_text()) == 1
    assert page.locator("#chips li").all_inner_texts() == ["Disease: melanoma×"]
    page.get_by_role("button", name="Take away Disease: melanoma").click()
    assert page.locator("#shown").inner_text() == "73 of 73 studies"


def test_the_address_holds_the_search(site, visit):
    page = visit(site / FINDER).page
    page.get_by_role("searchbox").fill("matter")
    settle(page)
    assert page.evaluate("location.hash") == "#v1&q=matter"
    page.locator('input[data-dim="disease"][value="melanoma"]').check()
    page.get_by_role("button", name="Year").click()
    hash_ = page.evaluate("location.hash")
    assert hash_ == "#v1&q=matter&disease=melanoma&sort=year"
    again = visit(site / FINDER, fragment=hash_).page
    assert rows(again) == rows(page) == ["Núñez03 1953"]
    assert again.get_by_role("searchbox").input_value() == "matter"
    assert again.locator('input[data-dim="disease"][value="melanoma"]').is_checked()


def test_links_into_the_finder_find(site, visit):
    page = visit(site / "index.html").page
    page.goto((site / "map.html").as_uri())
    page.locator("a.spot").first.click()
    page.wait_for_url("**/studies/index.html#v1**")
    assert page.locator("#shown").inner_text() == "71 of 73 studies"
    assert "Question: Did a marker change under treatment, or differ between groups? cell number" in page.locator("#chips").inner_text()
    unknown = visit(site / FINDER, fragment="#v1&marker=no-such-marker&q=%E0%A4%A").page
    assert unknown.locator("#shown").inner_text() == "0 of 73 studies"
    assert "nothing here has it" in unknown.locator("#chips").inner_text()


def test_from_the_board_to_the_sentence_in_three_clicks(site, visit):
    page = visit(site / "index.html").page
    page.locator("a:has(> rect.seg.increase)").first.click()
    page.wait_for_url("**/markers/nk-cell-count.html#change-increase")
    assert "rose: 71 cohorts" in page.locator("#change-increase").inner_text()
    page.locator("#changes-table tbody tr:not(.group) th a").first.click()
    page.wait_for_url("**/studies/study-00.html#nk-rise")
    fact = page.locator("#nk-rise")
    assert "five of twenty patients" in fact.inner_text()
    assert fact.get_by_role("link", name="line").get_attribute("href") == "study-00.yaml"


def test_home_search_leads_to_the_finder(site, visit):
    page = visit(site / "index.html").page
    page.keyboard.press("/")
    page.keyboard.type("Núñez07 & co")
    page.keyboard.press("Enter")
    page.wait_for_url("**/studies/index.html#v1**")
    assert page.get_by_role("searchbox").input_value() == "Núñez07 & co"


def test_sort_by_keyboard(site, visit):
    page = visit(site / FINDER).page
    head = page.locator('#studies th[data-sort="result"]')
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    settle(page)
    assert page.locator("#studies tbody td:nth-child(6)").first.inner_text().startswith("0/20")
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    settle(page)
    assert page.locator("#studies tbody td:nth-child(6)").first.inner_text().startswith("19/20")
    page.get_by_role("button", name="Show 23 more").click()
    assert len(rows(page)) == 73
    assert page.locator("#studies tbody tr").last.locator(".absent").count() >= 1, "what is missing sorts last either way"


def test_csv_is_what_is_shown(site, visit):
    page = visit(site / FINDER, fragment="#v1&q=matter&sort=year~down").page
    shown = page.locator("#shown").inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV of these 69").click()
    raw = Path(download.value.path()).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert (len(table), "69 of 73 studies") == (69, shown)
    assert [row["label"] for row in table][:50] == rows(page)
    assert table[0]["year"] == "2019"
    formula = visit(site / FINDER, fragment="#v1&q=formula").page
    with formula.expect_download() as download:
        formula.get_by_role("button", name="CSV of this study").click()
    assert b"\"'=1+1, a title" in Path(download.value.path()).read_bytes()


def test_a_forest_table_sorts_filters_and_leaves_as_csv(site, visit):
    page = visit(site / "outcomes/objective-response.html").page
    lines = page.locator("#forest tbody tr:visible")
    assert page.locator("#forest tr.pooled:visible").count() >= 1
    assert "51 arms shown, 430/1020" in page.locator('[data-sum="forest"]').inner_text()
    share = page.locator("#forest th.plot")
    share.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert share.get_attribute("aria-sort") == "ascending"
    assert page.locator("#forest tr.pooled:visible").count() == 0, "no pooled number stands among lines in another order"
    assert lines.first.locator("td.num").first.inner_text() == "0/20"
    assert lines.first.locator("svg rect.point").count() == 1, "the drawing travels with its line"
    page.get_by_label("Filter").first.fill("Núñez07")
    assert page.locator('[data-sum="forest"]').inner_text() == "1 arm shown, 7/20"
    with page.expect_download() as download:
        page.locator('[data-csv="forest"]').click()
    table = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_bytes().decode("utf-8-sig"))))
    assert [(row["Study"].split(" ")[0], row["Share of patients"]) for row in table] == [("Núñez07", "35")]


def test_studies_side_by_side_as_on_the_command_line(site, visit):
    page = visit(site / "studies/study-00.html").page
    page.get_by_role("button", name="Add to comparison").click()
    page.goto((site / "studies/study-01.html").as_uri())
    page.get_by_role("button", name="Add to comparison").click()
    page.get_by_role("link", name="Compare 2").click()
    page.wait_for_url("**/compare.html#v1&s=study-00&s=study-01")
    page.locator("#compare-table tbody tr").first.wait_for()
    text = page.locator("#compare-table").inner_text()
    assert "Núñez00 1950" in text
    assert "Núñez01 1951" in text
    same = page.locator("#compare-table tr.compare-same th").all_inner_texts()
    assert "design" in same
    assert "year" not in same
    assert "centres" not in same, "two absences are not equal"
    page.get_by_label("only what differs").check()
    assert page.locator("#compare-table tr.compare-same").count() == 0
    assert page.locator("#compare-strips svg.lane-plot").count() == 2, "a strip for the one lane of either study"
    stranger = visit(site / "compare.html", fragment="#v1&s=../../etc&s=no-such-study")
    stranger.page.wait_for_load_state()
    assert stranger.page.locator("#compare-empty").is_visible()


def test_dose_strips_stand_on_one_axis(site, visit):
    """Heights are the dose against the highest of its unit in view, whoever gave it; a week is the same width for all."""
    page = visit(site / "compare.html", fragment="#v1&s=rich-1995-il2-ifn&s=study-00").page
    page.locator("#compare-strips svg").first.wait_for()
    boxes = page.locator("#compare-strips svg.lane-plot").evaluate_all("all => all.map((one) => one.getAttribute('viewBox'))")
    assert ["0 0 560 25"] * 5 == boxes, "one axis of days"

    def height(words: str) -> str:
        return page.locator("#compare-strips .lane", has_text=words).locator("path.dose").get_attribute("transform")

    assert "translate(0 0.00) scale(1 1.0000)" == height("18 MIU/m2/day")
    assert "translate(0 16.37) scale(1 0.3180)" == height(" 1 MIU/m2/day"), "a small dose stays visible"
    assert "translate(0 0.00) scale(1 1.0000)" == height("600,000 IU/kg"), "the highest of another unit"
    own = visit(site / RICH).page.locator("#arm_b path.dose").first.get_attribute("d")
    assert own == page.locator("#compare-strips .lane", has_text="18 MIU/m2/day").locator("path.dose").get_attribute("d")


def test_studies_are_set_aside_in_the_finder(site, visit):
    page = visit(site / FINDER).page
    boxes = page.get_by_role("checkbox", name="Compare Núñez")
    boxes.nth(0).focus()
    page.keyboard.press("Space")
    for place in range(1, 7):
        boxes.nth(place).check()
    assert "the first was taken out" in page.locator("#_said").inner_text(), "six at most"
    assert (False, True) == (boxes.nth(0).is_checked(), boxes.nth(6).is_checked())
    page.locator(".actions a", has_text="Compare 6").click()
    page.wait_for_url("**/compare.html#v1&s=**")
    assert page.locator("#compare-table thead th").count() == 7
    page.get_by_role("button", name="Take away").first.click()
    page.go_back()
    assert page.locator("#studies input:checked").count() == 5, "what is taken away there is no longer ticked here"


def test_copy(site, visit):
    seen = visit(site / RICH, permissions=["clipboard-read", "clipboard-write"])
    seen.page.get_by_role("button", name="Copy citation").click()
    seen.page.wait_for_function("document.getElementById('_said').textContent")
    copied = seen.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Rich AB, Poor CD. IL-2 with interferon.")
    assert "rich-1995-il2-ifn, Test collection, version 0.0" in copied


def test_theme_is_remembered(site, visit):
    seen = visit(site / "index.html", color_scheme="light")
    light = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    seen.page.get_by_role("button", name="Light / dark").click()
    assert light != seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    seen.page.goto((site / "glossary.html").as_uri())
    assert seen.page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_fact_has_an_address(site, visit):
    seen = visit(site / RICH, fragment="#nk-up")
    fact = seen.page.locator("#nk-up")
    assert fact.evaluate("element => element.matches(':target')")
    assert fact.evaluate("element => getComputedStyle(element).backgroundColor") != "rgba(0, 0, 0, 0)"


def test_hostile_texts_stay_texts(hostile_site, visit):
    for path in sorted(hostile_site.rglob("*.html")):
        seen = visit(path, fragment="#v1&q=<img src=x onerror=alert(1)>")
        seen.page.wait_for_load_state()
        assert seen.page.title() != "KB-XSS", path
        assert seen.page.locator("img, iframe, script:not([src]):not([type='application/ld+json'])").count() == 0, path
        assert seen.clean, (path, seen.said, seen.requests)
    finder = visit(hostile_site / FINDER).page
    finder.get_by_role("searchbox").fill("script")
    settle(finder)
    assert finder.locator("#studies tbody tr").count() == 1
    assert finder.locator("#studies tbody tr script, #studies tbody img").count() == 0


def test_the_policy_bites(site, visit, tmp_path):
    """Markup that got past everything else would still be stopped by the page's own policy."""
    shutil.copytree(site, tmp_path / "site")
    page = tmp_path / "site" / "404.html"
    hole = "<script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\"><img src=\"https://tracker.example/x.png\">"
    page.write_text(page.read_text("utf-8").replace("</h1>", f"</h1>{hole}"), "utf-8")
    seen = visit(page)
    assert seen.page.title() != "ran"
    refused = " ".join(words for words in seen.said if "Content Security Policy" in words)
    for refusal in ("inline script", "inline event handler", "https://tracker.example/x.png"):
        assert refusal in refused


@pytest.mark.parametrize("path", [RICH, "index.html"])
def test_print_keeps_columns(path, site, visit, tmp_path):
    reader = shutil.which("pdftotext")
    if reader is None:
        missing("pdftotext of poppler-utils is not installed")
    paper = tmp_path / "page.pdf"
    visit(site / path).page.pdf(path=str(paper), format="A4")
    text = subprocess.run([reader, "-layout", str(paper), "-"], capture_output=True, text=True, check=True).stdout
    words = (
        ("Endpoint", "Share", "5/25", "7 to 41", "Schedule as printed", "week 4")
        if path == RICH
        else ("Marker", "assessed", "natural killer")
    )
    assert [] == [word for word in words if word not in text]
    assert "Light / dark" not in text
