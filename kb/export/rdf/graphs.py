"""The nodes of an export, graph by graph: the data set, the closed sets, the vocabulary, the questions, each study."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.errors import UnreadableError
from kb.export.formats import Extract
from kb.export.rdf.names import NS, curie_iri, iri_safe
from kb.export.rdf.spelling import Spelling, member_name
from kb.export.rdf.walk import Node, Walker
from kb.model.terms import ClosedSet, VocabularyKind

_ABSOLUTE_IRI = re.compile(r"https?://[^\s/?#]+/(?:[^\s?#]*/)?")
_SPDX_ID = re.compile(r"[A-Za-z0-9.+-]+")


def graphs(extract: Extract, *, turtle: bool) -> Iterator[tuple[str, list[Node]]]:
    """Yield each graph of an export as its path below the base and its nodes; one study at a time.

    The path is empty for the description of the data set, which belongs to no graph.

    Raises:
        UnreadableError: If the base IRI of the collection cannot stand in RDF.
    """
    spelling = Spelling(base_iri(extract), turtle)
    walker = Walker(spelling)
    yield "", list(_dataset(extract, walker))
    yield "graph/vocabulary", [*closed_sets(spelling), *_vocabulary(extract, walker)]
    part_of = [walker.pair("void:inDataset", walker.node("dataset"))]
    for study in extract.studies:
        yield f"graph/{study.id}", walker.study(study, part_of)


def base_iri(extract: Extract) -> str:
    """Return the collection's base IRI, once it is known to be one.

    Raises:
        UnreadableError: If it is not an absolute web IRI that ends in a slash.
    """
    base = extract.project.base_iri
    if _ABSOLUTE_IRI.fullmatch(base) is None or iri_safe(base) != base:
        raise UnreadableError(
            f'kb.toml: base_iri "{base}" is not an absolute IRI that ends in a slash',
            hint='write for instance base_iri = "https://example.org/kb/"',
        )
    return base


def closed_sets(spelling: Spelling) -> Iterator[Node]:
    """Yield every member of every closed set as a concept."""
    a, exact, label, note, curie = (
        spelling.predicate(name) + " " for name in ("rdf:type", "skos:exactMatch", "skos:prefLabel", "skos:scopeNote", "kb:curie")
    )
    for closed_set in sorted(ClosedSet.__subclasses__(), key=lambda found: found.__name__):
        for member in closed_set:
            pairs = [a + spelling.name(f"kb:{closed_set.__name__}"), a + spelling.name("skos:Concept")]
            pairs.append(label + spelling.literal(member.label, language="en"))
            if member.note:
                pairs.append(note + spelling.literal(member.note, language="en"))
            if not member.curie.startswith("kb:"):
                pairs.append(curie + spelling.literal(member.curie))
                iri = curie_iri(member.curie)
                pairs += [] if iri is None else [exact + spelling.iri(iri)]
            yield spelling.name(member_name(member)), pairs


def _dataset(extract: Extract, walker: Walker) -> Iterator[Node]:
    """Describe the data set: DCAT and VoID, with licence and selection."""
    spelling, project = walker.spelling, extract.project

    def text(predicate: str, words: str) -> str:
        return walker.pair(predicate, spelling.literal(words))

    ontology = spelling.iri(NS.removesuffix("#"))
    pairs = [walker.pair("rdf:type", spelling.name(name)) for name in ("dcat:Dataset", "void:Dataset")]
    pairs.append(text("dcterms:title", project.name))
    if _SPDX_ID.fullmatch(project.licence):
        pairs.append(walker.pair("dcterms:license", spelling.iri(f"https://spdx.org/licenses/{project.licence}")))
    else:
        pairs.append(text("dcterms:rights", project.licence))
    pairs += [walker.pair(name, ontology) for name in ("dcterms:conformsTo", "void:vocabulary")]
    pairs.append(walker.pair("void:uriSpace", spelling.literal(f"{spelling.base}id/")))
    if extract.selection:
        pairs.append(text("kb:selection", extract.selection))
    maintainers = [walker.node(f"dataset/maintainers/{place}") for place, _ in enumerate(project.maintainers, start=1)]
    pairs += [walker.pair("dcterms:publisher", subject) for subject in maintainers]
    yield walker.node("dataset"), pairs
    for subject, name in zip(maintainers, project.maintainers, strict=True):
        yield subject, [walker.pair("rdf:type", spelling.name("prov:Agent")), text("schema:name", name)]


def _vocabulary(extract: Extract, walker: Walker) -> Iterator[Node]:
    spelling = walker.spelling
    for kind in VocabularyKind:
        scheme = walker.node(f"term/{kind.value}")
        yield (
            scheme,
            [
                walker.pair("rdf:type", spelling.name("skos:ConceptScheme")),
                walker.pair("skos:prefLabel", spelling.literal(kind.label, language="en")),
                walker.pair("void:inDataset", walker.node("dataset")),
            ],
        )
        in_scheme = [walker.pair("skos:inScheme", scheme)]
        for ident, term in extract.vocabulary.terms.get(kind, {}).items():
            yield from walker.term(kind, ident, term, in_scheme)
    for question in extract.questions.values():
        yield from walker.question(question)
