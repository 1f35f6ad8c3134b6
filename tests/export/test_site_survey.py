"""The first look at every study, the finder's choices and index, and the lists by year."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kb.export.site.finder import LARGEST_LIST, facets, finder_page, index_script, search_hash, years_pages
from kb.export.site.frame import registry_link, report_links
from kb.export.site.home import home_page
from kb.export.site.survey import DIMENSIONS, Survey, take_survey, unique_labels
from kb.model.study import Report
from tests.builders import study_data
from tests.export.site_data import SETTINGS, an_entry, bare_data, rich_data, shipped_vocabulary


def a_survey(*data: dict[str, Any]) -> Survey:
    return take_survey([an_entry(one) for one in data], shipped_vocabulary())


def test_labels_are_told_apart():
    pairs = [("b", "Fyfe 1995"), ("a", "Fyfe 1995"), ("c", "Sosman 1991")]
    assert {"a": "Fyfe 1995 a", "b": "Fyfe 1995 b", "c": "Sosman 1991"} == unique_labels(pairs)
    many = unique_labels((f"{n:03}", "Same 1990") for n in range(60))
    assert len(many) == len(set(many.values()))
    assert ("Same 1990 z", "Same 1990 aa", "Same 1990 bh") == (many["025"], many["026"], many["059"])


def test_digest_of_a_study():
    digest = a_survey(rich_data()).digests["rich-1995-il2-ifn"]
    assert ("objective response", "5/25") == digest.response
    assert (40, "2026-02-01", 8) == (digest.patients, digest.changed, digest.outcomes)
    assert {"subcutaneous", "mixed-routes", "no-il-2", "continuous-infusion"} >= set(digest.values["regimen"])
    assert set(digest.values["disease"]) > {"renal-cell-carcinoma", "melanoma"}, "broader diseases join"
    assert ("disease", "melanoma") in digest.own
    assert ("disease", "cancer") not in digest.own
    assert {"response-counts", "survival", "marker-change", "marker-benefit", "harms", "two-readings", "shared-patients"} == set(
        digest.values["has"]
    )
    assert "nk-cell-count~increase" in digest.values["change"]
    assert {"nk-cell-count~none-tested", "crp-concentration~worse", "nk-cell-count~better"} <= set(digest.values["benefit"])
    assert "PMC7" in digest.words


def test_bare_study():
    digest = a_survey(bare_data()).digests["bare-2001-nothing"]
    assert (None, ("", ""), 0) == (digest.patients, digest.response, digest.outcomes)
    assert ((), ("2000s",), ()) == (digest.values["agent"], digest.values["decade"], digest.values["change"])


def test_a_report_without_title_and_year():
    data = study_data(id="undated-il2")
    data["reports"]["main"].update(title="not-in-what-was-read", year="not-reported")
    survey = a_survey(data, study_data())
    (page,) = years_pages(survey)
    assert [("1991", 1), ("undated", 1)] == [(group.year, group.count) for group in page.groups]
    assert [1991] == [bar.year for bar in page.bars]
    assert "(title not in what was read)" == survey.digests["undated-il2"].title
    assert "of 1991" in home_page(survey, SETTINGS).scope


def test_percentage_stands_where_counts_are_missing():
    data = study_data(**{"outcomes.response.result": {"kind": "proportion", "percent": "31.0"}})
    assert ("objective response", "31.0 %") == a_survey(data).digests["example-1991-il2"].response
    silent = study_data(**{"outcomes.response.result": {"kind": "proportion", "total": 20}})
    assert ("objective response", "") == a_survey(silent).digests["example-1991-il2"].response


def test_cohorts_of_the_survey():
    survey = a_survey(study_data(), rich_data(), bare_data())
    assert {"bare-2001-nothing": ("bare-2001-nothing",), "example-1991-il2": ("example-1991-il2", "rich-1995-il2-ifn")} == dict(
        survey.members
    )
    nk = next(row for row in survey.board if row.marker == "nk-cell-count")
    assert (1, 1) == (nk.cohorts, len(nk.studies)), "a withdrawn record counts nowhere"


def test_every_dimension_has_words():
    survey = a_survey(study_data(), rich_data())
    for facet in facets(survey, shipped_vocabulary()):
        for choice in facet.choices:
            assert choice.label
            assert choice.count >= 1
    labels = {choice.value: choice.label for facet in facets(survey, shipped_vocabulary()) for choice in facet.choices}
    assert "natural killer cell count: rose" == labels["nk-cell-count~increase"]
    assert "natural killer cell count: no association, tested" == labels["nk-cell-count~none-tested"]
    assert ("1990s", "phase 2", "draft", "clinical trial") == (labels["1990s"], labels["2"], labels["draft"], labels["clinical-trial"])


def test_the_finder_lists_what_records_name():
    survey = a_survey(study_data())
    found = facets(survey, shipped_vocabulary())
    page = finder_page(survey, found)
    shown = {dimension.key for dimension in DIMENSIONS if dimension.shown}
    assert {facet.key for facet in page.facets} <= shown
    disease = next(facet for facet in page.facets if facet.key == "disease")
    assert {"renal-cell-carcinoma": True, "cancer": False}.items() <= {choice.value: choice.named for choice in disease.choices}.items()


def test_index_script_is_data():
    survey = a_survey(study_data(), rich_data())
    script = index_script(survey, facets(survey, shipped_vocabulary()))
    head = "globalThis.kbIndex = "
    assert script.startswith(head)
    index = json.loads(script.removeprefix(head).removesuffix(";\n"))
    assert ["rich-1995-il2-ifn", "example-1991-il2"] == [row[0] for row in index["studies"]], "latest first"
    keys = [row[0] for row in index["dimensions"]]
    example = index["studies"][1]
    _, label, shown, agents, lists = index["dimensions"][keys.index("agent")]
    assert ("Agent", True) == (label, shown)
    assert "aldesleukin" in [agents[place][0] for place in lists[example[10][keys.index("agent")]]]
    assert ["Example 1991", 1991, "An example"] == example[1:4]
    assert ["renal cell carcinoma", "high-dose bolus IL-2"] == [
        texts[place] for texts, place in zip(index["texts"], example[4:6], strict=False)
    ]
    assert (20, "5/20") == (example[6], example[8])
    assert ["objective response", "draft"] == [index["texts"][at][example[place]] for at, place in ((2, 7), (3, 9))]
    assert (-1, 1) == (index["words"].find("Example"), index["words"].split(" ").count("example-1991-il2"))


def test_search_addresses():
    assert "#v1&marker=nk&change=nk~increase" == search_hash(marker="nk", change="nk~increase")
    assert "#v1&q=a%26b%20c" == search_hash(q="a&b c")


def test_years():
    (page,) = years_pages(a_survey(study_data(), bare_data()))
    assert [("2001", 1, "#y2001"), ("1991", 1, "#y1991")] == [(group.year, group.count, group.href) for group in page.groups]
    assert len(page.bars) == 11


def test_a_large_collection_has_a_page_a_year(monkeypatch: pytest.MonkeyPatch):
    assert LARGEST_LIST > 184
    monkeypatch.setattr("kb.export.site.finder.LARGEST_LIST", 1)
    pages = {page.page.path: page for page in years_pages(a_survey(study_data(), bare_data()))}
    assert ["studies/by-year.html", "studies/year-1991.html", "studies/year-2001.html"] == sorted(pages)
    assert [("year-2001.html", ()), ("year-1991.html", ())] == [(group.href, group.rows) for group in pages["studies/by-year.html"].groups]


def test_home():
    home = home_page(a_survey(study_data(), rich_data()), SETTINGS)
    assert "in 2 published studies from 1991 to 1995." in home.scope
    assert ["study" in home.counts[0].words, 2, 1] == [False, home.counts[0].number, home.counts[1].number]
    assert [("draft", 1), ("withdrawn", 1)] == [(count.words, count.number) for count in home.statuses]
    nk = next(line for line in home.board if line.marker == "nk-cell-count")
    assert ("immune activation", 1, 0) == (nk.role, nk.cohorts, nk.implied)
    assert "markers/nk-cell-count.html" == nk.href
    assert "in one published study of 1991." in home_page(a_survey(study_data()), SETTINGS).scope


def test_places_to_read_a_report():
    report = Report.model_validate(
        {"read": "abstract", "title": "T", "authors": ["A B"], "year": 1990, "doi": "10.1000/x?y#z", "pmid": "5", "pmcid": "PMC5",
         "urls": ["https://pubmed.ncbi.nlm.nih.gov/5", "https://example.org/p"]}
    )  # fmt: skip
    assert [
        ("doi:10.1000/x?y#z", "https://doi.org/10.1000/x%3Fy%23z"),
        ("PMID 5", "https://pubmed.ncbi.nlm.nih.gov/5/"),
        ("PMC5", "https://pmc.ncbi.nlm.nih.gov/articles/PMC5/"),
        ("example.org", "https://example.org/p"),
    ] == [(link.text, link.href) for link in report_links(report)]


@pytest.mark.parametrize(
    ("number", "href"),
    [
        ("NCT00000001", "https://clinicaltrials.gov/study/NCT00000001"),
        ("ISRCTN12345678", "https://www.isrctn.com/ISRCTN12345678"),
        ("EUDRACT-1", ""),
    ],
)
def test_registrations(number, href):
    assert (number, href) == (registry_link(number).text, registry_link(number).href)
