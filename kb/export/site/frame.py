"""What every page has around its own content: head, navigation, breadcrumb, twins, footer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote

from kb.model.study import Report


class Link(NamedTuple):
    """A link: words and address, relative to the page or absolute."""

    text: str
    href: str


class Value(NamedTuple):
    """A value for reading, or the words of its absence."""

    text: str
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Twin:
    """The same content for machines: link words, address relative to the page, media type."""

    text: str
    href: str
    media: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What the caller decides about the site.

    Attributes:
        name: Name of the collection.
        licence: SPDX expression of the data's licence.
        maintainers: Who answers for the collection.
        version: Version of the software.
        base_url: Address at which the site will stand, ending in a slash, or an empty string.
        source_url: Address under which the record files stand, ending in a slash, or an empty string.
    """

    name: str
    licence: str
    maintainers: tuple[str, ...]
    version: str
    base_url: str = ""
    source_url: str = ""

    @property
    def licence_url(self) -> str:
        """Page of the licence's text."""
        return f"https://spdx.org/licenses/{quote(self.licence)}.html"


@dataclass(frozen=True, slots=True)
class Page:
    """Head of a page.

    Attributes:
        path: Path within the site.
        title: Title.
        description: One sentence for search engines and previews.
        crumbs: Way from the home page, without the page itself.
        section: Path of the navigation entry that it belongs to.
        twins: The same content for machines.
        cites: Address of the work that the page reports, for `rel="cite-as"`, or an empty string.
    """

    path: str
    title: str
    description: str
    crumbs: tuple[Link, ...] = ()
    section: str = ""
    twins: tuple[Twin, ...] = ()
    cites: str = ""

    @property
    def root(self) -> str:
        """Way from the page to the root of the site: empty or `../`."""
        return "../" * self.path.count("/")


NAVIGATION = (
    Link("Studies", "studies/index.html"),
    Link("Markers", "markers/index.html"),
    Link("Regimens", "regimens/index.html"),
    Link("Outcomes", "outcomes/index.html"),
    Link("Questions", "questions/index.html"),
    Link("Map", "map.html"),
    Link("Conflicts", "conflicts.html"),
    Link("Compare", "compare.html"),
    Link("Data", "data/index.html"),
)
"""Entries of the navigation, by path from the root; each is a page that is built."""


def report_links(report: Report) -> tuple[Link, ...]:
    """Return the places where a report can be read."""
    found = []
    if report.doi:
        found.append(Link(f"doi:{report.doi}", f"https://doi.org/{quote(report.doi, safe='/:;()')}"))
    if report.pmid:
        found.append(Link(f"PMID {report.pmid}", f"https://pubmed.ncbi.nlm.nih.gov/{report.pmid}/"))
    if report.pmcid:
        found.append(Link(report.pmcid, f"https://pmc.ncbi.nlm.nih.gov/articles/{report.pmcid}/"))
    known = {link.href.rstrip("/") for link in found}
    found += [Link(url.split("/")[2], url) for url in report.urls if url.rstrip("/") not in known]
    return tuple(found)


def registry_link(number: str) -> Link:
    """Return a trial registration, with the registry's page where its address is known."""
    if number.startswith("NCT"):
        return Link(number, f"https://clinicaltrials.gov/study/{number}")
    if number.startswith("ISRCTN"):
        return Link(number, f"https://www.isrctn.com/{number}")
    return Link(number, "")
