"""Rules on identifiers: names of files, DOI, PubMed id, trial registrations, ORCID, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from kb.diagnostics import Problem
from kb.lint.view import StudyView

MIRRORS: dict[str, str] = {
    # part of a host name: what it is
    "acemap": "a citation graph that copies abstracts",
    "aizhiping": "a copy of abstracts",
    "ezproxy": "a library's proxy",
    "globalauthorid": "a copy of abstracts",
    "laibokeji": "a proxy of PubMed",
    "libgen": "a copy of publishers' files",
    "paperexplained": "a machine-made digest",
    "peeref": "a copy of abstracts",
    "sci-hub": "a copy of publishers' files",
    "scite": "a copy of abstracts with citations",
    "semanticscholar": "a copy of abstracts",
    "suppr": "a machine-made digest",
    "togows": "a proxy of PubMed",
    "vercel": "a copy on a hosting service",
    "vukou": "a proxy of PubMed",
    "weglot": "a machine translation",
}
"""Hosts that copy or proxy a publication: a label of the host name, and what stands behind it."""
_HOST = re.compile(r"https://(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]+)")
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|\[.*|0x[0-9a-f]+|\d+", re.IGNORECASE)
_ORCID = re.compile(r"\b(\d{4})-(\d{4})-(\d{4})-(\d{3}[\dXx])\b")
_LEFTOVER = re.compile(
    r"(?:/(?:abstract|full|fulltext|pdf|epdf|html|meta)|[.,;:\"'”’]|%[0-9A-Fa-f]{2}.*|[?#]\w.*|</?(?:a|b|i|p|sub|sup|span|div)\b.*)$",
    re.IGNORECASE,
)
_REGISTRATIONS = {"NCT": re.compile(r"NCT\d{8}"), "ISRCTN": re.compile(r"ISRCTN\d{8}")}
_BRACKETS = ("()", "[]", "<>")


def name_of_file(view: StudyView) -> Iterator[Problem]:
    """The file is not named by the study's id.

    The id is permanent and is the name of the file, so that a study is found without reading all of them.

    Fix: rename the file to the id and `.yaml`, or correct the id.
    """
    if view.place is not None and view.place.stem != view.study.id:
        hint = f"rename the file to {view.study.id}.yaml, or write id: {view.place.stem}"
        yield Problem("KB201", ("id",), f'the id is "{view.study.id}", but the file is {view.place.stem}.yaml', hint)


def folder_of_year(view: StudyView) -> Iterator[Problem]:
    """The file does not lie in the folder of the year of its first report.

    Fix: move the file to `entries/studies/<year>/`, or correct the year.
    """
    if view.place is not None:
        ident, report = view.reports[0]
        if view.place.folder != report.period:
            message = f'the first report is of {report.period}, but the file lies in the folder "{view.place.folder}"'
            yield Problem("KB202", ("reports", ident, "year"), message, f"move the file to entries/studies/{report.period}/")


def doi_form(view: StudyView) -> Iterator[Problem]:
    """A DOI has something at its end that does not belong to it.

    DOIs are copied out of addresses and sentences, and a full stop, `/abstract`, a question mark or an unpaired bracket comes
    along. Such a DOI leads nowhere.

    Fix: cut what does not belong; look the DOI up at https://doi.org/.
    """
    for ident, report in view.reports:
        doi = report.doi
        if doi is None:
            continue
        path = ("reports", ident, "doi")
        found = _LEFTOVER.search(doi)
        if found is not None:
            yield Problem("KB203", path, f'"{found[0]}" at the end of the DOI does not belong to it', f"write {doi[: found.start()]}")
        elif any(doi.count(pair[0]) != doi.count(pair[1]) for pair in _BRACKETS):
            yield Problem("KB203", path, "a bracket in the DOI has no partner", "compare with https://doi.org/")


def pubmed_id(view: StudyView) -> Iterator[Problem]:
    """The PubMed id is the number of the PubMed Central id, or two reports share one identifier.

    PMID and PMCID are two counters; the same number under both is a mix-up. Two reports of a record are two
    publications, each with identifiers of its own.

    Fix: look the report up at https://pubmed.ncbi.nlm.nih.gov/.
    """
    seen: dict[str, str] = {}
    for ident, report in view.reports:
        if report.pmid is not None and report.pmcid == f"PMC{report.pmid}":
            yield Problem("KB204", ("reports", ident, "pmid"), "the PMID is the number of the PMCID", "PMID and PMCID differ; look it up")
        for field, value in (("pmid", report.pmid), ("doi", report.doi), ("pmcid", report.pmcid)):
            if value is None:
                continue
            key = f"{field} {value.casefold()}"
            if key in seen:
                message = f'report "{seen[key]}" has the same {field.upper()}'
                yield Problem("KB204", ("reports", ident, field), message, "give each publication its own, or merge the two reports")
            seen.setdefault(key, ident)


def registration_form(view: StudyView) -> Iterator[Problem]:
    """A trial registration does not have the form of its registry.

    ClinicalTrials.gov numbers are `NCT` and eight digits, those of the ISRCTN registry `ISRCTN` and eight digits.

    Fix: compare with the registry's page.
    """
    for index, number in enumerate(view.study.registry):
        for prefix, form in _REGISTRATIONS.items():
            if number.startswith(prefix) and form.fullmatch(number) is None:
                message = f'"{number}" is not {prefix} and eight digits'
                yield Problem("KB205", ("registry", index), message, "compare with the registry's page")


def orcid_check(view: StudyView) -> Iterator[Problem]:
    """The check digit of an ORCID is wrong.

    The last character of an ORCID is computed from the others (ISO 7064, MOD 11-2), so one wrong digit shows.

    Fix: copy the ORCID again from https://orcid.org/.
    """
    for path, handling in view.handlings:
        for found in _ORCID.finditer(handling.by):
            digits = "".join(found.groups()).upper()
            if orcid_check_digit(digits[:15]) != digits[15]:
                yield Problem("KB206", (*path, "by"), f"{found[0]} is not an ORCID: its check digit is wrong", "copy it again")


def orcid_check_digit(digits: str) -> str:
    """Return the check character of fifteen digits.

    Source: ISO 7064 MOD 11-2, as https://support.orcid.org describes it.
    """
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    rest = (12 - total % 11) % 11
    return "X" if rest == 10 else str(rest)


def mirror_address(view: StudyView) -> Iterator[Problem]:
    """An address leads to a mirror, a proxy or a bare machine instead of the publication.

    Copies disappear, change what they copy, or need an account. A record cites the publisher, PubMed, a repository or a
    registry.

    Fix: write the address of the publisher, PubMed or a repository, or leave it out: the DOI is enough.
    """
    for ident, report in view.reports:
        for index, url in enumerate(report.urls):
            why = _why_refused(url)
            if why:
                yield Problem("KB207", ("reports", ident, "urls", index), why, "write the publisher's, PubMed's or a repository's address")


def _why_refused(url: str) -> str:
    if "@" in url.partition("://")[2].partition("/")[0]:
        return "an address with an account in it"
    found = _HOST.match(url)
    return "an address without a host" if found is None else _why_host_refused(found[1].rstrip(".").casefold())


@cache  # the same few hosts in all records
def _why_host_refused(host: str) -> str:
    if _ADDRESS.fullmatch(host):
        return f"{host} is the number of a machine, not a publisher"
    if "." not in host:
        return f"{host} is a name of one network only"
    for label in re.split(r"[.]", host):
        for word, what in MIRRORS.items():
            if label == word or label.startswith(f"{word}-") or label.endswith(f"-{word}"):
                return f"{host} is {what}"
    return ""
