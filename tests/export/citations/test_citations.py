"""Citations say what a report prints, nothing more, and survive hostile text."""

from __future__ import annotations

import json
import re

import pytest
import rispy

from kb.export.citations.bibtex import bibtex, escaped
from kb.export.citations.csl import csl_json
from kb.export.citations.ris import ris
from tests.builders import a_study
from tests.export.rdf.extracts import an_extract

HOSTILE = 'IL-2 {in} 50% & more_of #1: $x^2$ ~ \\input{evil}\nTY  - JOUR, "quoted" µ'
FULL = {
    "reports.main.authors": ["Sosman JA", "Cytokine Working Group"],
    "reports.main.journal": "Cancer Investigation",
    "reports.main.issue": "1",
    "reports.main.volume": "9",
    "reports.main.pages": "35-48",
    "reports.main.doi": "10.3109/07357909109032798",
    "reports.main.pmcid": "PMC12",
    "reports.main.urls": ["https://example.org/a_b"],
}
BARE = {
    "reports.main.title": "not-reported",
    "reports.main.authors": "not-in-what-was-read",
    "reports.main.year": "not-reported",
    "reports.main.pmid": ...,
    "reports.main.retracted": True,
}


def test_csl_has_the_fields_that_are_printed():
    (item,) = json.loads("".join(csl_json(an_extract(a_study(**FULL)))))
    assert {
        "id": "example-1991-il2",
        "type": "article-journal",
        "title": "An example",
        "author": [{"family": "Sosman", "given": "JA"}, {"literal": "Cytokine Working Group"}],
        "issued": {"date-parts": [[1991]]},
        "container-title": "Cancer Investigation",
        "volume": "9",
        "issue": "1",
        "page": "35-48",
        "DOI": "10.3109/07357909109032798",
        "PMID": "1",
        "PMCID": "PMC12",
        "URL": "https://example.org/a_b",
        "note": "record example-1991-il2#main; what was read: abstract",
    } == item


def test_absence_is_a_note_and_never_a_field():
    (item,) = json.loads("".join(csl_json(an_extract(a_study(**BARE)))))
    note = (
        "retracted; title: not-reported; authors: not-in-what-was-read; year: not-reported; record example-1991-il2#main; "
        "what was read: abstract"
    )
    assert {"id": "example-1991-il2", "type": "article-journal", "note": note} == item


def test_an_empty_selection_is_an_empty_list():
    from dataclasses import replace

    nothing = replace(an_extract(), studies=())
    assert [] == json.loads("".join(csl_json(nothing)))
    assert "" == "".join(ris(nothing))


def test_ris_is_read_back():
    (read,) = rispy.loads("".join(ris(an_extract(a_study(**FULL)))))
    assert {
        "type_of_reference": "JOUR",
        "id": "example-1991-il2",
        "title": "An example",
        "authors": ["Sosman, JA", "Cytokine Working Group"],
        "year": "1991",
        "journal_name": "Cancer Investigation",
        "volume": "9",
        "number": "1",
        "start_page": "35",
        "end_page": "48",
        "doi": "10.3109/07357909109032798",
        "accession_number": "PMID:1",
        "custom2": "PMC12",
        "urls": ["https://example.org/a_b"],
        "notes": ["record example-1991-il2#main; what was read: abstract"],
    } == read


def test_a_line_break_in_a_title_starts_no_tag():
    (read,) = rispy.loads("".join(ris(an_extract(a_study(**{"reports.main.title": HOSTILE})))))
    assert " ".join(HOSTILE.split()) == read["title"]


@pytest.mark.parametrize(
    ("printed", "start", "end"),
    [("1234-9", "1234-9", None), ("S12-S15", "S12", "S15"), ("35", "35", None), ("7, 9", "7, 9", None)],
)
def test_pages_are_split_only_where_that_is_safe(printed, start, end):
    (read,) = rispy.loads("".join(ris(an_extract(a_study(**{"reports.main.pages": printed})))))
    assert (start, end) == (read["start_page"], read.get("end_page"))


def test_ris_leaves_out_what_is_absent():
    (read,) = rispy.loads("".join(ris(an_extract(a_study(**BARE)))))
    assert {"type_of_reference", "id", "notes"} == set(read)


def test_bibtex_has_the_fields_that_are_printed():
    text = "".join(bibtex(an_extract(a_study(**FULL, **{"reports.main.et_al": True}))))
    assert text == (
        '@comment{A "quoted" name; selection: everything; status draft}\n'
        "\n@article{example-1991-il2,\n"
        "  title = {{An example}},\n"
        "  author = {Sosman, JA and {Cytokine Working Group} and others},\n"
        "  year = {1991},\n"
        "  journal = {Cancer Investigation},\n"
        "  volume = {9},\n"
        "  number = {1},\n"
        "  pages = {35--48},\n"
        "  doi = {10.3109/07357909109032798},\n"
        "  pmid = {1},\n"
        "  pmcid = {PMC12},\n"
        "  url = {https://example.org/a_b},\n"
        "  note = {the list of authors goes on; record example-1991-il2\\#main; what was read: abstract},\n"
        "}\n"
    )


def test_signs_of_tex_are_only_printed():
    assert (
        "a\\textbackslash{}b \\textbraceleft{}c\\textbraceright{} 5\\% \\& \\_ \\# \\$ \\textasciitilde{} \\textasciicircum{}"
        == escaped("a\\b\n{c} 5% & _ # $ ~ ^")
    )
    text = "".join(bibtex(an_extract(a_study(**{"reports.main.title": HOSTILE, "reports.main.doi": "10.1000/a{b"}))))
    assert "doi = {10.1000/a%7Bb}" in text
    depths = [0]
    for brace in re.findall(r"[{}]", text):
        depths.append(depths[-1] + (1 if brace == "{" else -1))
    assert (0, True) == (depths[-1], min(depths) >= 0)


def test_other_kinds_of_report_are_no_articles():
    study = a_study(
        **{
            "reports.main.kind": "meeting-abstract",
            "reports.main.journal": "Proc ASCO",
            "reports.later": {"read": "abstract", "kind": "thesis", "title": "T", "authors": ["A B"], "year": 1995, "note": "a copy"},
        }
    )
    text = "".join(bibtex(an_extract(study)))
    assert ["@inproceedings{example-1991-il2", "@misc{example-1991-il2:later"] == re.findall(r"^@(?!comment)\w+\{[^,]+", text, re.M)
    assert "booktitle = {Proc ASCO}" in text
    assert ["ABST", "THES"] == [read["type_of_reference"] for read in rispy.loads("".join(ris(an_extract(study))))]
    assert ["paper-conference", "thesis"] == [item["type"] for item in json.loads("".join(csl_json(an_extract(study))))]
