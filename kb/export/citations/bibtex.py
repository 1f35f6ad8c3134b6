r"""BibTeX. Texts keep their letters (UTF-8) and lose every sign that TeX or a BibTeX reader would act on."""

from __future__ import annotations

from collections.abc import Iterator

from kb.export.citations.entries import Entry, Name, entries, one_line
from kb.export.formats import Extract
from kb.model.terms import Absence, ReportKind

_TEX = {
    "\\": "\\textbackslash{}",
    # A reader counts braces even behind a backslash, so they become words.
    "{": "\\textbraceleft{}",
    "}": "\\textbraceright{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "$&%#_"},
}
_VERBATIM = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C"})


def bibtex(extract: Extract) -> Iterator[str]:
    """Yield the reports as BibTeX entries, after a comment with the selection."""
    yield f"@comment{{{extract.project.name.translate(_VERBATIM)}; selection: {extract.selection.translate(_VERBATIM)}}}\n"
    for entry in entries(extract):
        yield f"\n{bibtex_entry(entry)}"


def escaped(text: str) -> str:
    """Return a text as TeX prints it, letter by letter."""
    return "".join(_TEX.get(sign, sign) for sign in one_line(text))


def bibtex_entry(entry: Entry) -> str:
    """Return one report as an entry; a field that the report does not give is left out."""
    report = entry.report
    kind, place = _KINDS.get(report.kind, ("misc", "howpublished"))
    fields = {
        # The second pair of braces keeps capitals as they are.
        "title": None if isinstance(report.title, Absence) else f"{{{escaped(report.title)}}}",
        "author": " and ".join([*map(_name, entry.names), *(["others"] if report.et_al else [])]) or None,
        "year": None if report.dated is None else str(report.dated),
        place: report.journal and escaped(report.journal),
        "volume": report.volume and escaped(report.volume),
        "number": report.issue and escaped(report.issue),
        "pages": report.pages and escaped(report.pages).replace("-", "--"),
        "doi": report.doi and report.doi.translate(_VERBATIM),
        "pmid": report.pmid,
        "pmcid": report.pmcid,
        "url": next((url.translate(_VERBATIM) for url in report.urls), None),
        "note": escaped("; ".join(entry.notes)),
    }
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
    return f"@{kind}{{{entry.key},\n{''.join(lines)}}}\n"


_KINDS = {ReportKind.ARTICLE: ("article", "journal"), ReportKind.MEETING_ABSTRACT: ("inproceedings", "booktitle")}
"""Type of entry, and the field for the place of publication; other kinds are `misc`, since BibTeX knows no fitting one."""


def _name(name: Name) -> str:
    return f"{escaped(name.family)}, {escaped(name.initials)}" if name.initials else f"{{{escaped(name.family)}}}"
