"""References: the reports of studies as a bibliography, with how much of each was read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from kb.model.terms import Read

if TYPE_CHECKING:
    from kb.records.index import Index

_REPORTS = """
  SELECT study_id, authors, et_al, title, journal, year, volume, issue, pages, doi, pmid, read, retracted
  FROM reports ORDER BY study_id, position
"""
_READ = {read.value: read.label for read in Read}


def references(index: Index, studies: Collection[str]) -> Iterator[str]:
    """Yield a line a report, by study and then in the order of the record.

    Args:
        index: Index of the collection.
        studies: Ids of the studies.
    """
    for study, authors, et_al, title, journal, year, volume, issue, pages, doi, pmid, read, retracted in index.rows(_REPORTS):
        if study not in studies:
            continue
        names = (authors or "").replace("; ", ", ") + (" et al" if et_al and authors else "")
        where = f"{journal or ''}{f' {year}' if year else ''}".strip()
        where += f"{f';{volume}' if volume else ''}{f'({issue})' if issue else ''}{f':{pages}' if pages else ''}"
        parts = (names, title, where, f"doi:{doi}" if doi else "", f"PMID {pmid}" if pmid else "")
        told = ". ".join(part.rstrip(".") for part in parts if part)
        yield f"{'RETRACTED. ' if retracted else ''}{told or 'no citation'}. [{study}; read: {_READ[read]}]"
