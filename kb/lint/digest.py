"""What rules between records need of a study, and nothing else: a few hundred bytes that cross process borders."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kb.model.study import Study
from kb.model.terms import Absence


class ReportDigest(NamedTuple):
    """Identity of a report."""

    id: str
    title: str | None
    """Its words in lower case, one blank apart; None when there is none, or too little to tell one paper from another."""
    doi: str | None
    pmid: str | None


class OverlapDigest(NamedTuple):
    """An overlap as stated."""

    study: str
    relation: str
    certainty: str


class Digest(NamedTuple):
    """Identity and relations of a study.

    Attributes:
        file: File as shown to the user.
        id: Id of the study.
        reports: Its reports.
        registry: Its trial registrations.
        overlaps: Its overlaps, in the order of the record.
        replaced_by: The record that replaces it, or None.
        formerly: Earlier ids.
        withdrawn: Whether it is withdrawn.
    """

    file: str
    id: str
    reports: tuple[ReportDigest, ...]
    registry: tuple[str, ...]
    overlaps: tuple[OverlapDigest, ...]
    replaced_by: str | None
    formerly: tuple[str, ...]
    withdrawn: bool


def digest(study: Study, file: str) -> Digest:
    """Return the digest of a study that stands in `file`."""
    curation = study.curation
    return Digest(
        file,
        study.id,
        tuple(
            ReportDigest(ident, None if isinstance(report.title, Absence) else compared_title(report.title), report.doi, report.pmid)
            for ident, report in study.reports.items()
        ),
        study.registry,
        tuple(OverlapDigest(overlap.study, overlap.relation.value, overlap.certainty.value) for overlap in study.overlaps),
        None if curation.withdrawn is None else curation.withdrawn.replaced_by,
        curation.formerly,
        curation.status.value == "withdrawn",
    )


_WORD = re.compile(r"[^\W_]+")
_TELLING = 20
"""Characters from which a title is compared; `Letter to the editor` says nothing."""


def compared_title(title: str) -> str | None:
    """Return a title's words in lower case, one blank apart, or None when it is too short to tell papers apart."""
    return " ".join(_WORD.findall(title.casefold())) if len(title) > _TELLING else None


@dataclass(frozen=True, slots=True)
class CollectionView:
    """A collection as the rules between records see it.

    Attributes:
        studies: Digests of the studies that are known, sorted by file.
        ids: Every id of the collection, also of records that were not read or cannot be.
        subjects: Files whose problems are asked for; None for all.
    """

    studies: Sequence[Digest]
    ids: Mapping[str, str]
    subjects: frozenset[str] | None = None

    def asked(self, study: Digest) -> bool:
        """Whether problems of this study are asked for."""
        return self.subjects is None or study.file in self.subjects
