"""A study in one plain sentence or a few, and the result that a reader looks for first."""

from __future__ import annotations

from kb.analysis import phrases
from kb.analysis.telling import Teller
from kb.model.algebra import regimen_class
from kb.model.findings import Change
from kb.model.outcomes import Outcome
from kb.model.results import Proportion
from kb.model.study import Study
from kb.model.terms import Direction, EndpointKind, VocabularyKind
from kb.model.vocabulary import EndpointTerm
from kb.records.collection import Vocabulary


def sentence(teller: Teller) -> str:
    """Say in plain words who was given what, what was seen of tumours, and what the immune system did."""
    study, vocabulary = teller.study, teller.vocabulary
    first = next(iter(study.populations))
    classes = list(dict.fromkeys(regimen_class(arm, vocabulary.lexicon).label for arm in study.arms.values()))
    arms = f"{len(study.arms)} arms" if len(study.arms) > 1 else "one arm"
    given = f"; {arms}: {phrases.listed(classes)}" if study.arms else ""
    said = [f"{study.design.type.label.capitalize()}, {study.design.allocation.label}; {teller.population(first)}{given}."]
    main = main_result(study, vocabulary)
    if main is not None:
        _, outcome = main
        endpoint = teller.term(VocabularyKind.ENDPOINTS, outcome.endpoint)
        said.append(f"{endpoint.capitalize()} in {teller.population(outcome.population)}: {phrases.result(outcome.result)}.")
    for direction, verb in ((Direction.INCREASE, "Rose"), (Direction.DECREASE, "Fell"), (Direction.NO_CHANGE, "Did not change")):
        markers = _moved(teller, direction)
        if markers:
            said.append(f"{verb}: {phrases.listed(markers)}.")
    return " ".join(said)


def _moved(teller: Teller, direction: Direction) -> list[str]:
    changes = (finding for finding in teller.study.findings.values() if isinstance(finding, Change) and finding.direction is direction)
    return list(dict.fromkeys(teller.term(VocabularyKind.BIOMARKERS, finding.biomarker) for finding in changes))


def main_result(study: Study, vocabulary: Vocabulary) -> tuple[str, Outcome] | None:
    """Return the counted response that a reader looks for first: objective, then partial or complete, then any."""
    ranks = {"objective-response": 0, "partial-response": 1, "complete-response": 2}
    best: tuple[int, str, Outcome] | None = None
    for ident, outcome in study.outcomes.items():
        term = vocabulary.get(VocabularyKind.ENDPOINTS, outcome.endpoint)
        if not isinstance(term, EndpointTerm) or term.kind is not EndpointKind.RESPONSE or not isinstance(outcome.result, Proportion):
            continue
        rank = ranks.get(outcome.endpoint, 3)
        if best is None or rank < best[0]:
            best = (rank, ident, outcome)
    return None if best is None else best[1:]
