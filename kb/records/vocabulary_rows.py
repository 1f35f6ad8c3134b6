"""The vocabulary as rows of the index's tables."""

from __future__ import annotations

from typing import Any

from kb.model.terms import VocabularyKind
from kb.model.vocabulary import AdverseEventTerm, AgentTerm, BiomarkerTerm, EndpointTerm, RouteTerm, Term, UnitTerm
from kb.records.collection import Vocabulary
from kb.records.result_rows import Values, joined, plain
from kb.records.tables import VOCABULARY_TABLES

_NAMES = {table.name: table.names for table in VOCABULARY_TABLES}


def vocabulary_rows(vocabulary: Vocabulary) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of the vocabulary by table, values in the order of the table's columns."""
    rows: dict[str, list[tuple[Any, ...]]] = {table.name: [] for table in VOCABULARY_TABLES}
    for kind, terms in vocabulary.terms.items():
        names: dict[str, str] = {}
        for ident, term in terms.items():
            values = {"kind": kind.value, "id": ident, **_term_values(term)}
            rows["terms"].append(tuple(values[name] for name in _NAMES["terms"]))
            rows["closure"] += [(kind.value, ident, narrow) for narrow in sorted(vocabulary.narrower(kind, ident))]
            for name in (ident, term.label, *term.synonyms):
                known = vocabulary.resolve(kind, name)
                names[name.casefold()] = ident if known is None else known
        rows["names"] += [(kind.value, name, ident) for name, ident in names.items()]
    units = [term for term in vocabulary.terms.get(VocabularyKind.UNITS, {}).values() if isinstance(term, UnitTerm)]
    rows["factors"] = [(unit.family.value, row.to.value, row.factor, row.source) for unit in units for row in unit.conversions]
    rows["factors"] = list({row[:2]: row for row in rows["factors"]}.values())
    return rows


def _term_class(term: Term) -> str | None:
    match term:
        case AgentTerm():
            return term.agent_class.value
        case BiomarkerTerm():
            return term.marker_class.value
        case EndpointTerm():
            return term.kind.value
        case RouteTerm():
            return term.mode
        case UnitTerm():
            return term.family.value
        case AdverseEventTerm():
            return term.organ
        case _:
            return None


def _term_values(term: Term) -> Values:
    marker = term if isinstance(term, BiomarkerTerm) else None
    parts = term.includes if isinstance(term, EndpointTerm) else term.members if isinstance(term, AgentTerm) else ()
    return {
        "label": term.label,
        "synonyms": joined(term.synonyms),
        "broader": joined(term.broader),
        "curies": joined(term.curies),
        "class": _term_class(term),
        "role": plain(marker.role) if marker else None,
        "measure": plain(marker.measure) if marker else None,
        "analyte": marker.analyte if marker else None,
        "favours": plain(term.favours) if isinstance(term, EndpointTerm) else None,
        "includes": joined(parts),
        "note": term.note,
    }
