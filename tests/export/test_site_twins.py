"""Every page has its content for machines beside it: a table of what each kind of page has, and that it is linked and parses."""

from __future__ import annotations

import csv
import io
import json
import re
from functools import cache
from posixpath import dirname, join, normpath
from urllib.parse import unquote

import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import DCTERMS

from kb.export.site.build import turtle_writer
from tests.builders import study_data
from tests.export.site_data import QUESTIONS, bare_data, rich_data, site_of

ALL = {"json", "csv", "ttl"}
KINDS: tuple[tuple[str, set[str]], ...] = (
    (r"index\.html", ALL),
    (r"studies/index\.html|studies/by-year\.html", ALL),
    (r"studies/.*", {*ALL, "yaml"}),
    (r"markers/index\.html", ALL),
    (r"markers/.*", {*ALL, "svg"}),
    (r"(regimens|agents|conditions|cohorts|questions)/.*", ALL),
    (r"outcomes/.*", {*ALL, "svg"}),
    (r"map\.html", {*ALL, "svg"}),
    (r"matrix.*\.html|conflicts\.html|quality\.html|changes\.html|glossary\.html", ALL),
    # A rule is told in words, which no node of the graph stands for.
    (r"methods\.html", {"json", "csv"}),
    # The whole collection as Turtle, which describes itself, is one of the files that it lists.
    (r"data/index\.html", {"json", "csv"}),
    # What is compared is chosen in the browser; each study's own properties lie in a script, and the table leaves as CSV.
    (r"compare\.html", set()),
    # It has no content.
    (r"404\.html", set()),
)
"""Pages by path, the first row that fits, and the ends of their twins; a figure is there where there is something to draw."""


@cache
def site() -> dict[str, str]:
    return site_of(rich_data(), bare_data(), study_data(), questions=QUESTIONS, turtle=turtle_writer("https://kb.example/"))


PAGES = sorted(path for path in site() if path.endswith(".html"))


@cache
def twins_of(path: str) -> dict[str, str]:
    """Return the twins that the head of a page names, by the end of their names."""
    found = re.findall(r'<link rel="(?:item|describedby)" type="[^"]+" href="([^"]+)">', site()[path])
    return {href.rpartition(".")[2]: normpath(join(dirname(path), unquote(href))) for href in found}


def expected(path: str) -> set[str]:
    return next(ends for pattern, ends in KINDS if re.fullmatch(pattern, path))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_the_twins_of_its_kind(path: str):
    assert expected(path) - {"svg"} == twins_of(path).keys() - {"svg"}
    assert expected(path) >= twins_of(path).keys()
    for twin in twins_of(path).values():
        assert twin in site(), f"{path} names {twin}, which is not there"
    body = site()[path].partition("<body>")[2]
    links = {normpath(join(dirname(path), unquote(href))) for href in re.findall(r'href="([^"#]+)"', body)}
    assert set() == set(twins_of(path).values()) - links


TWINS = sorted({twin for path in PAGES for twin in twins_of(path).values()})


@pytest.mark.parametrize("path", [path for path in TWINS if path.endswith(".json")])
def test_json_parses(path: str):
    found = json.loads(site()[path])
    assert isinstance(found, dict)
    if not path.startswith("studies/") or path == "studies/index.json":
        assert {"page", "title", "sentence"} <= found.keys()
        assert found["page"] in site()


@pytest.mark.parametrize("path", [path for path in TWINS if path.endswith(".csv")])
def test_csv_parses(path: str):
    head, *rows = csv.reader(io.StringIO(site()[path]))
    assert len(head) == len(set(head)) > 1
    assert [] == [row for row in rows if len(row) != len(head)]
    assert [] == [row for row in rows if "" in row], "what is missing is NA"


@cache
def graph(*paths: str) -> Graph:
    found = Graph()
    for path in paths:
        found.parse(data=site()[path], format="turtle")
    return found


@pytest.mark.parametrize("path", [path for path in TWINS if path.endswith(".ttl")])
def test_turtle_parses(path: str):
    assert len(graph(path)) >= 3


def test_what_a_page_rests_on_is_there():
    """A node that a page refers to has triples of its own in some file of the site."""
    everything = graph(*(path for path in TWINS if path.endswith(".ttl")))
    held = set(everything.subjects())
    studies = [node for node in everything.objects(None, DCTERMS.references) if str(node).startswith("https://kb.example/id/")]
    assert len(studies) > 10
    assert [] == sorted({str(node) for node in everything.objects(None, DCTERMS.references)} - {str(node) for node in held})


def test_pages_name_what_they_rest_on():
    page = URIRef("https://kb.example/regimens/high-dose-bolus.html")
    found = graph("regimens/high-dose-bolus.ttl")
    assert [URIRef("https://w3id.org/evidence-kb/ns#RegimenClass-high-dose-bolus")] == list(found.objects(page, DCTERMS.subject))
    assert [URIRef("https://kb.example/id/example-1991-il2/arms/a")] == list(found.objects(page, DCTERMS.references))
    cohort = graph("cohorts/example-1991-il2.ttl")
    assert {f"https://kb.example/id/{ident}" for ident in ("example-1991-il2", "rich-1995-il2-ifn")} == {
        str(node) for node in cohort.objects(None, DCTERMS.references)
    }


def test_the_rows_of_a_question_are_those_of_the_command_line():
    rows = list(csv.DictReader(io.StringIO(site()["questions/killer-cells.csv"])))
    assert {("markers", "findings"), ("outcomes", "outcomes")} == {(row["part"], row["section"]) for row in rows}
    found = graph("questions/killer-cells.ttl")
    nodes = {str(node).removeprefix("https://kb.example/id/") for node in found.objects(None, DCTERMS.references)}
    assert nodes == {f"{row['study_id']}/{row['section']}/{row['item_id']}" for row in rows}
    assert (URIRef("https://kb.example/question/killer-cells"), None, None) in found


def test_methods_and_glossary_for_machines():
    rules = {row["code"]: row for row in csv.DictReader(io.StringIO(site()["methods.csv"]))}
    assert ("check", "error", "name-of-file") == tuple(rules["KB201"][name] for name in ("kind", "severity", "name"))
    assert "regimen-class" == rules["high-dose-bolus"]["kind"]
    words = json.loads(site()["glossary.json"])["rows"]
    assert ["PATO:0000470"] == [row["curie"] for row in words if (row["set"], row["value"]) == ("Direction", "increase")]
