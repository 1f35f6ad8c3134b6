"""`nodes.tsv`, `edges.tsv`, and `about.json` with what was left out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from kb.export.formats import Extract, Pieces
from kb.export.kgx.edges import BIOLINK, Edge, LeftOut, Term, edges
from kb.export.rdf.graphs import base_iri
from kb.model.terms import AgentClass, VocabularyKind
from kb.model.vocabulary import AgentTerm
from kb.records.collection import Vocabulary

NODE_COLUMNS = ("id", "category", "name", "xref", "iri")
EDGE_COLUMNS = (
    "id", "subject", "predicate", "object", "category", "negated", "object_direction_qualifier", "p_value", "has_count", "has_total",
    "publications", "knowledge_level", "agent_type", "kb_study", "kb_item",
)  # fmt: skip
_CATEGORIES = {
    VocabularyKind.BIOMARKERS: "biolink:ClinicalFinding",  # which Biolink calls broad enough for laboratory measurements
    VocabularyKind.CONDITIONS: "biolink:Disease",
    VocabularyKind.ADVERSE_EVENTS: "biolink:PhenotypicFeature",
    VocabularyKind.ENDPOINTS: "biolink:NamedThing",  # a response or survival has no class of its own
}
_NO_CHEMICAL = (AgentClass.CELLS, AgentClass.PROCEDURE, AgentClass.RADIATION, AgentClass.GROUP, AgentClass.CONTROL)
_NOTES = (
    f"Categories, predicates and qualifiers are those of the Biolink Model {BIOLINK}. An edge is one item of one study; nothing is summed "
    "up. It has no primary_knowledge_source, since the collection is registered in no infores catalogue. Doses, populations and times do "
    "not fit; kb_study and kb_item lead to the record."
)


def kgx(extract: Extract) -> Iterator[tuple[str, Pieces]]:
    """Yield the edges as they come, then the nodes that they name, and what was left out.

    Raises:
        UnreadableError: If the collection's base IRI cannot stand in identifiers.
    """
    names = _Names(extract.vocabulary, base_iri(extract))
    used, left, written = set[Term](), Counter[str](), 0

    def lines() -> Iterator[str]:
        nonlocal written
        yield _line(EDGE_COLUMNS)
        for study in extract.studies:
            for found in edges(study):
                if isinstance(found, LeftOut):
                    left[found.reason] += 1
                    continue
                used.update((found.subject, found.object))
                written += 1
                yield _line(_edge(found, study.id, names))

    yield "edges.tsv", lines()
    # Whoever takes a file has written the one before.
    yield "nodes.tsv", "".join(_line(row) for row in (NODE_COLUMNS, *(names.node(term) for term in sorted(used))))
    about = {
        "collection": extract.project.name,
        "licence": extract.project.licence,
        "selection": extract.selection,
        "biolink": BIOLINK,
        "notes": _NOTES,
        "edges": written,
        "nodes": len(used),
        "left_out": dict(sorted(left.items())),
    }
    yield "about.json", json.dumps(about, ensure_ascii=False, indent=1) + "\n"


class _Names:
    """Ids of terms: the first verified CURIE where it means one term alone, else the collection's own."""

    def __init__(self, vocabulary: Vocabulary, base: str) -> None:
        self._vocabulary = vocabulary
        self._base = base
        self._shared = Counter(curie for terms in vocabulary.terms.values() for term in terms.values() for curie in term.curies)

    def _curies(self, term: Term) -> tuple[str, ...]:
        found = self._vocabulary.terms.get(term[0], {}).get(term[1])
        return found.curies if found else ()

    def id(self, term: Term) -> str:
        """Return the id of a term."""
        kind, ident = term
        return next((curie for curie in self._curies(term) if self._shared[curie] == 1), f"kb.{kind.value}:{ident}")

    def node(self, term: Term) -> tuple[str, ...]:
        """Return the row of a term."""
        kind, ident = term
        own = self.id(term)
        others = (curie for curie in self._curies(term) if curie != own)
        return own, self._category(term), self._vocabulary.label(kind, ident), "|".join(others), f"{self._base}term/{kind.value}/{ident}"

    def _category(self, term: Term) -> str:
        kind, ident = term
        if kind is not VocabularyKind.AGENTS:
            return _CATEGORIES[kind]
        agent = self._vocabulary.terms.get(kind, {}).get(ident)
        chemical = isinstance(agent, AgentTerm) and agent.agent_class not in _NO_CHEMICAL
        return "biolink:ChemicalEntity" if chemical else "biolink:Treatment"


def _edge(edge: Edge, study: str, names: _Names) -> tuple[str, ...]:
    subject, target = names.id(edge.subject), names.id(edge.object)
    return (
        f"{study}/{edge.item}/{edge.subject[1]}/{edge.object[1]}",
        subject,
        edge.predicate,
        target,
        "biolink:Association",
        "true" if edge.negated else "false",
        edge.direction,
        edge.p,
        "" if edge.events is None else str(edge.events),
        "" if edge.total is None else str(edge.total),
        "|".join(edge.publications),
        edge.level,
        "not_provided",
        study,
        edge.item,
    )


def _line(row: tuple[str, ...]) -> str:
    # A tab, a line break or a bar inside a value would end it.
    return "\t".join(" ".join(cell.split()) for cell in row) + "\n"
