"""What the findings of a study record say of their markers, for the board."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kb.analysis.board import Marker, Move, Said, Side, move_of, side_of
from kb.model.findings import Change, Finding, MarkerAssociation
from kb.model.study import Study
from kb.model.terms import Absence, VocabularyKind
from kb.model.vocabulary import BiomarkerTerm, EndpointTerm
from kb.records.collection import Vocabulary


def sayings(study: Study, vocabulary: Vocabulary) -> Iterator[Said]:
    """Yield what a study's findings say of their markers."""
    for ident, finding in study.findings.items():
        move = _move(finding) if isinstance(finding, Change) else None
        side = _side(finding, vocabulary) if isinstance(finding, MarkerAssociation) else None
        yield Said(study.id, ident, finding.biomarker, move, side, _patients(study, finding))


def markers(vocabulary: Vocabulary) -> Mapping[str, Marker]:
    """Return names and roles of all markers of a vocabulary, by id."""
    terms = vocabulary.terms.get(VocabularyKind.BIOMARKERS, {})
    return {ident: Marker(term.label, term.role) for ident, term in terms.items() if isinstance(term, BiomarkerTerm)}


def _move(change: Change) -> Move | None:
    direction = None if isinstance(change.direction, Absence) else change.direction
    return move_of(direction, change.versus, only_in_a_group=change.only_in is not None)


def _side(finding: MarkerAssociation, vocabulary: Vocabulary) -> Side | None:
    association = None if isinstance(finding.association, Absence) else finding.association
    endpoint = vocabulary.get(VocabularyKind.ENDPOINTS, finding.endpoint) if finding.endpoint else None
    if not isinstance(endpoint, EndpointTerm):
        return None
    return side_of(association, finding.basis, endpoint.kind, endpoint.favours)


def _patients(study: Study, finding: Finding) -> int | None:
    population = study.populations.get(finding.population)
    for n in (finding.n, None if population is None else population.n):
        if isinstance(n, int):
            return n
    return None
