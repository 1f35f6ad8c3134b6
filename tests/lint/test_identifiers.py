"""Identifiers: files, DOI, PubMed, registrations, ORCID, addresses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.lint.identifiers import MIRRORS, orcid_check_digit
from kb.lint.view import FilePlace
from tests.builders import study_data
from tests.lint.examples import study_codes


def codes(**changes: Any) -> list[str]:
    return [item.code for item in study_codes(study_data(**changes))]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (FilePlace("example-1991-il2", "1991"), []),
        (FilePlace("other", "1991"), ["KB201"]),
        (FilePlace("example-1991-il2", "drafts"), ["KB202"]),
    ],
)
def test_a_file_is_named_by_id_and_year(place: FilePlace, expected: list[str]):
    assert expected == [item.code for item in study_codes(study_data(), place=place)]


@pytest.mark.parametrize(
    ("doi", "expected"),
    [
        ("10.1000/182", []),
        ("10.3109/07357909109032798", []),
        ("10.1002/1097-0142(19950901)76:5<824::aid-cncr2820760517>3.0.co;2-n", []),
        ("10.1002/(SICI)1097-0142(19960301)77:5<900::AID-CNCR14>3.0.CO;2-#", []),
        ("10.1016/S0140-6736(05)67728-6", []),
        ("10.1000/182.", ["KB203"]),
        ("10.1000/182;", ["KB203"]),
        ('10.1000/182"', ["KB203"]),
        ("10.1000/182/abstract", ["KB203"]),
        ("10.1000/182/FULL", ["KB203"]),
        ("10.1000/182.pdf/pdf", ["KB203"]),
        ("10.1000/182?download=1", ["KB203"]),
        ("10.1000/182#section", ["KB203"]),
        ("10.1000%2F182/x", ["KB105"]),
        ("10.1000/a%2F182", ["KB203"]),
        ("10.1000/182</a>", ["KB203"]),
        ("10.1000/182)", ["KB203"]),
        ("10.1000/S0140(05", ["KB203"]),
    ],
)
def test_doi(doi: str, expected: list[str]):
    assert expected == codes(**{"reports.main.doi": doi})


def test_the_hint_is_the_doi_without_what_does_not_belong():
    (found,) = study_codes(study_data(**{"reports.main.doi": "10.1000/182/abstract"}))
    assert ('"/abstract" at the end of the DOI does not belong to it', "write 10.1000/182") == (found.message, found.hint)


SECOND = {"read": "abstract", "title": "Another", "authors": "not-in-what-was-read", "year": 1992}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"reports.main.pmcid": "PMC2"}, []),
        ({"reports.main.pmcid": "PMC1"}, ["KB204"]),
        ({"reports.second": {**SECOND, "pmid": "2"}}, []),
        ({"reports.second": {**SECOND, "pmid": "1"}}, ["KB204"]),
        ({"reports.main.doi": "10.1000/a", "reports.second": {**SECOND, "doi": "10.1000/A"}}, ["KB204"]),
        ({"reports.main.pmcid": "PMC7", "reports.second": {**SECOND, "pmcid": "PMC7"}}, ["KB204"]),
        ({"reports.second": SECOND}, []),
    ],
    ids=str,
)
def test_reports_have_identifiers_of_their_own(changes: dict[str, Any], expected: list[str]):
    assert expected == codes(**changes)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("NCT00554515", []), ("NCT0055451", ["KB205"]), ("NCT005545150", ["KB205"]), ("ISRCTN12345678", []), ("ISRCTN1234567", ["KB205"]),
        ("EUCTR2005-001234-12", []), ("UMIN000001234", []),
    ],
)  # fmt: skip
def test_registrations(number: str, expected: list[str]):
    assert expected == codes(registry=[number])


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("the kb curators", []),
        ("Josiah Carberry 0000-0002-1825-0097", []),  # the sample of ORCID's own documentation
        ("https://orcid.org/0000-0001-5109-3700", []),
        ("0000-0002-1694-233X", []),
        ("0000-0002-1694-233x", []),
        ("0000-0002-1825-0098", ["KB206"]),
        ("0000-0002-1694-2330", ["KB206"]),
        ("12345", []),
    ],
)
def test_orcid(by: str, expected: list[str]):
    assert expected == codes(**{"curation.extracted.0.by": by})
    assert expected == codes(**{"curation.checked": [{"by": by, "on": "2026-02-01", "what": "all"}]})


@given(st.text("0123456789", min_size=15, max_size=15), st.integers(0, 14), st.integers(1, 9))
def test_one_wrong_digit_changes_the_check(digits: str, place: int, shift: int):
    wrong = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    assert orcid_check_digit(digits) != orcid_check_digit(wrong)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://pubmed.ncbi.nlm.nih.gov/2012995/", []),
        ("https://www.scholars.northwestern.edu/en/publications/x", []),
        ("https://sciteclub.example.org/x", []),
        ("https://example.org/scite/", []),
        ("https://example.org:8443/x", []),
        ("https://47.251.13.51:8081/x", ["KB207"]),
        ("https://[2001:db8::1]/x", ["KB207"]),
        ("https://2130706433/x", ["KB207"]),
        ("https://0x7f000001/x", ["KB207"]),
        ("https://localhost/x", ["KB207"]),
        ("https://user@example.org/x", ["KB207"]),
        ("https:///x", ["KB207"]),
        ("http://example.org/x", ["KB105"]),
        *((f"https://{word}.example.org/x", ["KB207"]) for word in sorted(MIRRORS)),
        ("https://www-ezproxy.example.org/x", ["KB207"]),
        ("https://SCITE.ai/x", ["KB207"]),
        ("https://proxy.weglot.com/x", ["KB207"]),
    ],
)
def test_addresses(url: str, expected: list[str]):
    assert expected == codes(**{"reports.main.urls": [url]})


def test_the_message_says_what_the_host_is():
    (found,) = study_codes(study_data(**{"reports.main.urls": ["https://proxy.weglot.com/x"]}))
    assert "proxy.weglot.com is a machine translation" == found.message
