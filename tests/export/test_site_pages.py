"""Every page of a built site: well formed, linked, safe, complete, small and the same each time."""

from __future__ import annotations

import csv
import io
import json
import os
import posixpath
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import html5lib
import pytest

from kb.export.site.build import turtle_writer
from kb.export.site.frame import Settings
from kb.export.site.rows import anchors
from kb.model.study import Study
from kb.project import open_project, resource
from tests.builders import study_data
from tests.export.html_errors import parse_errors
from tests.export.site_data import (
    PAYLOADS,
    QUESTIONS,
    SETTINGS,
    an_entry,
    bare_data,
    hostile_data,
    hostile_vocabulary,
    rich_data,
    site_of,
    templates,
)
from tests.untraced import python

LIVE = rich_data("rich-1996-again", overlaps=[], curation={"status": "draft", "extracted": [{"by": "a curator", "on": "2026-01-01"}]})
"""The rich study as a record that counts."""


@cache
def site() -> dict[str, str]:
    """A site with a plain, a rich, a bare and a hostile study."""
    return site_of(study_data(), rich_data(), LIVE, bare_data(), hostile_data(), questions=QUESTIONS)


@cache
def hostile_site() -> dict[str, str]:
    """A site whose vocabulary and settings are hostile too."""
    settings = Settings(PAYLOADS[0], PAYLOADS[1], (PAYLOADS[4],), PAYLOADS[3])
    return site_of(hostile_data(), settings=settings, vocabulary=hostile_vocabulary())


SVG = "http://www.w3.org/2000/svg"
PAGES = sorted(path for path in site() if path.endswith(".html"))


class Tags(HTMLParser):
    """Every start tag of a page with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))


@pytest.mark.parametrize("path", PAGES)
def test_pages_parse_without_errors(path):
    assert parse_errors(site()[path]) == []


class Sheet(NamedTuple):
    """The addresses that a page names and those that it has."""

    links: list[str]
    ids: list[str]


def sheet(text: str) -> Sheet:
    tags = Tags(text).tags
    links = [attributes[name] for tag, attributes in tags for name in ("href", "src") if name in attributes and tag != "use"]
    return Sheet(links, [attributes["id"] for _, attributes in tags if "id" in attributes])


def sheets(files: Mapping[str, str]) -> dict[str, Sheet]:
    return {path: sheet(text) for path, text in files.items() if path.endswith(".html")}


def dead_links(files: Mapping[str, str], pages: Mapping[str, Sheet] | None = None) -> list[str]:
    """Links that lead nowhere: to a missing file, or to a fragment that is no id of its page."""
    pages = sheets(files) if pages is None else pages
    ids = {path: set(page.ids) for path, page in pages.items()}
    dead = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                dead += [] if parts.scheme in ("https", "data") else [f"{path}: scheme of {link}"]
                continue
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(parts.path))) if parts.path else path
            if target not in files or (
                parts.fragment and not parts.fragment.startswith("v1") and unquote(parts.fragment) not in ids.get(target, ())
            ):
                dead.append(f"{path}: {link}")
    return dead


def test_links_lead_somewhere():
    assert [] == dead_links(site())
    assert [] == dead_links(hostile_site())


def test_the_link_test_sees_dead_links():
    broken = {"a.html": '<a href="b.html">x</a><a href="#no">y</a><a href="javascript:1">z</a><p id="p"></p><a href="#p">w</a>'}
    assert ["a.html: b.html", "a.html: #no", "a.html: scheme of javascript:1"] == dead_links(broken)


@pytest.mark.parametrize("path", PAGES)
def test_ids_are_unique(path):
    ids = sheet(site()[path]).ids
    assert len(ids) == len(set(ids))


def test_every_item_keeps_its_address():
    study = Study.model_validate(rich_data())
    ids = set(sheet(site()[f"studies/{study.id}.html"]).ids)
    assert set() == set(anchors(study).values()) - ids
    assert {"nk-up", "orr", "hypo", "others", "no-link", "arm_a", "population_rcc", "report_later"} <= ids


def test_items_of_one_name_are_told_apart():
    twice = Study.model_validate(rich_data(claims={}, cited={}, adverse_events={"orr": rich_data()["adverse_events"]["hypo"]}))
    assert ("orr", "adverse_events_orr") == (anchors(twice)["outcomes", "orr"], anchors(twice)["adverse_events", "orr"])


@pytest.mark.parametrize("files", [site, hostile_site], ids=["site", "hostile"])
def test_nothing_of_a_record_becomes_markup(files):
    for path, text in files().items():
        if not path.endswith(".html"):
            continue
        for tag, attributes in Tags(text).tags:
            assert not [name for name in attributes if name.startswith("on")], path
            assert "style" not in attributes, path
            assert tag not in ("b-payload", "iframe", "object", "embed", "form", "base"), path
            assert not attributes.get("href", "").strip().lower().startswith(("javascript", "vbscript")), path
            if tag == "script":
                assert attributes.get("src") or attributes.get("type") == "application/ld+json", path
            if tag == "img":
                pytest.fail(f"{path}: no template draws an img")
        assert "KB-XSS</script>" not in text.replace('document.title="KB-XSS"</script>', "KB-XSS</script>"), path


def test_payloads_reach_the_pages():
    """The hostile record would prove nothing if its texts were left out."""
    page = hostile_site()["studies/hostile-1999-record.html"]
    text = "".join(html5lib.parse(page, namespaceHTMLElements=False).itertext())
    assert [] == [payload for payload in PAYLOADS if payload not in text]


def test_data_blocks_are_json():
    for path, text in hostile_site().items():
        for block in re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL):
            assert json.loads(block)["@context"] == "https://schema.org", path


@pytest.mark.parametrize("path", PAGES)
def test_frame(path):
    """Each page: one h1, a policy, a way home, its version, landmarks and words for its language."""
    text = site()[path]
    assert text.startswith("<!DOCTYPE html>\n")
    tags = Tags(text).tags
    counts = {name: sum(tag == name for tag, _ in tags) for name in ("h1", "main", "footer", "header")}
    assert dict.fromkeys(("h1", "main", "footer", "header"), 1) == counts
    policy = next(a["content"] for tag, a in tags if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'" == policy
    assert ("html", {"lang": "en"}) in tags
    assert "version 0.0" in text
    assert (path == "index.html") == ('aria-label="Breadcrumb"' not in text)


@pytest.mark.parametrize("path", PAGES)
def test_no_cell_is_empty_and_every_table_has_a_caption(path):
    root = html5lib.parse(site()[path], namespaceHTMLElements=False)
    for table in root.iter("table"):
        caption = table.find("caption")
        assert caption is not None
        assert "".join(caption.itertext()).strip()
        for cell in (*table.iter("td"), *table.iter("th")):
            assert "".join(cell.itertext()).strip() or list(cell.iter(f"{{{SVG}}}svg")), html5lib.serialize(cell)


def test_absence_is_said():
    page = site()["studies/bare-2001-nothing.html"]
    text = " ".join("".join(html5lib.parse(page, namespaceHTMLElements=False).itertext()).split())
    for words in ("No treatment arm: patients were observed or pooled.", "Not in what was read (abstract).", "Nothing noted.", "Not appraised.",
                  "None known.", "patients not reported", "Not yet checked by a second reader"):  # fmt: skip
        assert words in text


def test_a_rich_page_says_it_all():
    page = site()["studies/rich-1995-il2-ifn.html"]
    text = " ".join("".join(html5lib.parse(page, namespaceHTMLElements=False).itertext()).split())
    for words in (
        "Withdrawn. twice here Replaced by example-1991-il2.", "Retracted.", "NCT00000001", "EUDRACT-1", "5/25", "20 %", "7 to 41 (95 %, printed)",
        "8.0 %", "1.0 to 26.0 (95 % exact)", "44 %", "no counts", "interval, level not stated ± 9 %", "36+ months", "derived: from 2", "printed “NK”",
        "post-hoc subgroup or cut-off", "immortal time", "39 series", "Not results of this study", "shares patients",
        "it has no record here", "25 may be treated or evaluable", "18 million IU/m² per day", "days count from the start of this phase",
        "the course goes on", "No treatment in this arm.", "a patient may be counted more than once", "Formerly older-id", "closed before the others",
        "two thirds", "GRADE certainty: low", "0/40", "not reported",
    ):  # fmt: skip
        assert words in text, words
    assert 'href="https://doi.org/10.1000/x(95)1%3C2"' in page
    assert 'rel="cite-as" href="https://doi.org/10.1000' in page


def test_squares_name_their_arms():
    data = rich_data()
    for ident in ("cr", "pr", "orr"):
        data["outcomes"][ident]["arms"] = ["a"]
    page = site_of(data)["studies/rich-1995-il2-ifn.html"]
    figure = page.partition('<figure class="squares">')[2].partition("</figure>")[0]
    words = " ".join(re.sub(r"<[^>]+>", " ", figure).split())
    assert (
        words
        == "renal cell carcinoma, evaluable for response (n 25), arm a 2 complete response 3 partial response 20 everyone else counted"
    )


def test_twins():
    files = site_of(study_data(), turtle=lambda entry: f"# {entry.study.id}\n")
    page = files["studies/example-1991-il2.html"]
    assert files["studies/example-1991-il2.ttl"] == "# example-1991-il2\n"
    assert files["studies/example-1991-il2.yaml"].startswith("{")
    assert json.loads(files["studies/example-1991-il2.json"])["id"] == "example-1991-il2"
    for media, suffix in (("application/json", "json"), ("text/turtle", "ttl"), ("application/yaml", "yaml")):
        assert f'<link rel="describedby" type="{media}" href="example-1991-il2.{suffix}">' in page


def test_a_studys_facts_as_a_table():
    text = site()["studies/rich-1995-il2-ifn.csv"]
    rows = list(csv.DictReader(io.StringIO(text)))
    study = Study.model_validate(rich_data())
    held = {*study.outcomes, *study.findings, *study.adverse_events, *study.claims}
    assert held == {row["item_id"] for row in rows}, "every fact has its line"
    orr = next(row for row in rows if row["item_id"] == "orr")
    assert ("response", "objective response", "5/25", "NA") == (orr["part"], orr["what"], orr["events_total"], orr["where_when"])
    page = site()["studies/rich-1995-il2-ifn.html"]
    assert '<link rel="item" type="text/csv" href="rich-1995-il2-ifn.csv">' in page


def test_the_list_of_studies_as_a_table():
    rows = list(csv.DictReader(io.StringIO(site()["studies/index.csv"])))
    assert [row["study_id"] for row in rows] == [study["study_id"] for study in json.loads(site()["studies/index.json"])["studies"]]
    assert {"example-1991-il2"} == {row["cohort_id"] for row in rows if row["study_id"] in ("example-1991-il2", "rich-1995-il2-ifn")}


def test_templates_leave_out_what_html_lets_them():
    """End tags that a page does not need are left out of every template, and the page means the same."""
    page = site()["studies/rich-1995-il2-ifn.html"]
    assert "</td>" not in page
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    assert all(len(row) for row in tree.iter("tr"))
    assert not [cell for cell in tree.iter("td") if cell.find("td") is not None]


def test_addresses_of_a_published_site():
    settings = Settings("Test", "CC0-1.0", (), "0.0", "https://kb.example/", "https://src.example/blob/")
    files = site_of(study_data(), settings=settings)
    pages = {path for path in files if path.endswith(".html")} - {"404.html"}
    assert pages == set(re.findall("<loc>https://kb.example/(.*?)</loc>", files["sitemap.xml"]))
    assert files["robots.txt"].endswith("Sitemap: https://kb.example/sitemap.xml\n")
    assert 'href="https://kb.example/"' in files["404.html"]
    page = files["studies/example-1991-il2.html"]
    assert re.search(r'href="https://src\.example/blob/entries/studies/1991/example-1991-il2\.yaml#L\d+"', page)
    assert '"url":"https://kb.example/studies/example-1991-il2.html"' in page
    assert "sitemap.xml" not in site()


def test_an_empty_collection_has_pages():
    files = site_of()
    assert "holds no study yet" in files["index.html"]
    assert [] == dead_links(files)


COUNTED = ("reports", "populations", "findings", "outcomes", "adverse_events", "claims", "cited", "ambiguities")


def budget(path: str, files: dict[str, str]) -> int:
    """Bytes that a page may have: a study's page 40 kB for up to 35 facts and 1 kB for each more, any other page 300 kB.

    A page is never split, for a fact's address is permanent; so what has more than 35 facts to show is longer.
    """
    record = path.removesuffix(".html") + ".yaml"
    if record not in files:
        return 300_000
    study = json.loads(files[path.removesuffix(".html") + ".json"])
    facts = sum(len(study.get(part, ())) for part in COUNTED)
    facts += sum(len(phase["components"]) for arm in study["arms"].values() for phase in arm["regimen"])
    return 40_000 + max(0, facts - 35) * 1_000


def too_large(files: dict[str, str]) -> list[str]:
    """Pages over their budget."""
    pages = {path: len(text.encode()) for path, text in files.items() if path.endswith(".html")}
    return [f"{path}: {size}" for path, size in pages.items() if size > budget(path, files)]


def test_sizes():
    """Budgets: what a slow line or an old computer still opens at once."""
    size = {name: len(text.encode()) for name, text in site().items() if "/" not in name}
    # A page loads the site's own script and at most one further one; the pages about many studies have a sheet of their own.
    scripts = {name: size["site.js"] + size[name] for name in size if name.endswith(".js") and name != "site.js"}
    # The finder's reads an index that is made to be small, and draws by frame.
    assert scripts.pop("finder.js") <= 20 * 1024
    assert max(scripts.values()) <= 15 * 1024
    assert [] == [name for name in size if name.endswith(".css") and size[name] > 15 * 1024]
    assert [] == too_large(site_of(study_data(), rich_data(), bare_data()))


def test_templates_trust_nothing():
    """No filter switches escaping off, no script writes markup, no page carries a style or a script of its own."""
    forbidden = re.compile(
        r"\|\s*safe|autoescape|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function| style=| on[a-z]+=\""
    )
    assert [] == [(name, found[0]) for name, text in templates().items() if (found := forbidden.search(text))]
    texts = "".join(templates().values())
    assert [] == re.findall(r"https?://(?!www\.w3\.org|www\.sitemaps\.org)\S+", texts)


BUILD = """
from tests.export.test_site_pages import site
from hashlib import sha256
print(sha256(repr(sorted(site().items())).encode()).hexdigest())
"""


def test_turtle_twins_are_the_records_own_nodes():
    import rdflib

    text = turtle_writer("https://kb.example/")(an_entry(rich_data()))
    graph = rdflib.Graph().parse(data=text, format="turtle")
    subjects = {str(subject) for subject in graph.subjects()}
    assert "https://kb.example/id/rich-1995-il2-ifn/outcomes/orr" in subjects
    assert all(subject.startswith("https://kb.example/id/rich-1995-il2-ifn") for subject in subjects)


def test_two_builds_are_the_same():
    seen = set()
    for seed in ("1", "2"):
        ran = subprocess.run(
            [sys.executable, "-c", BUILD], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        seen.add(ran.stdout)
    assert len(seen) == 1


@cache
def test_pages_of_the_collection(tmp_path):
    made = python("-m", "kb", "-C", open_project(resource("entries")).root, "site", "--out", tmp_path)
    assert 0 == made.returncode, made.stderr
    written = [path for path in sorted(tmp_path.rglob("*")) if path.is_file()]
    files = {path.relative_to(tmp_path).as_posix(): "" if path.suffix == ".zip" else path.read_text("utf-8") for path in written}
    pages = sheets(files)
    assert [] == dead_links(files, pages)
    assert [] == [path for path, page in pages.items() if len(page.ids) != len(set(page.ids))]
    assert [] == too_large(files)
    records = sum(path.endswith(".yaml") for path in files)
    assert len(files["studies/index.js"].encode()) <= 60_000 + 600 * records
    # Every fourth page meets each template and each kind of record.
    looked_at = python("-m", "tests.export.html_errors", *(tmp_path / path for path in list(pages)[::4]))
    assert (0, "", "") == (looked_at.returncode, looked_at.stdout, looked_at.stderr)


def test_settings_are_shown():
    assert "Test collection" in site()["index.html"]
    assert f"Licence {SETTINGS.licence}" in site()["index.html"]
