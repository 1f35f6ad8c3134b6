"""What makes a nanopublication well formed, by the public guidelines, as a list of what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kb.export.nanopub.trusty import Quad, artifact_code
from kb.export.rdf.names import RDF_TYPE

NP = "http://www.nanopub.org/nschema#"
CREATED = "http://purl.org/dc/terms/created"
PARTS = ("hasAssertion", "hasProvenance", "hasPublicationInfo")


def problems(quads: Iterable[Quad]) -> Iterator[str]:
    """Yield what is wrong with the quads of one nanopublication.

    Source: Nanopublication Guidelines (nanopub.org), well-formedness: four distinct named graphs, each part linked once
    from the head and not empty, provenance about the assertion, publication info about the nanopublication.
    """
    rows = list(quads)
    heads = [(graph, subject) for graph, subject, predicate, last in rows if predicate == RDF_TYPE and last == f"{NP}Nanopublication"]
    if len(heads) != 1:
        yield f"{len(heads)} nanopublications are declared, not one"
        return
    head, this = heads[0]
    parts = {}
    for name in PARTS:
        found = [last for graph, subject, predicate, last in rows if (graph, subject, predicate) == (head, this, NP + name)]
        if len(found) != 1 or not isinstance(found[0], str):
            yield f"the head links {len(found)} graphs by {name}, not one"
            return
        parts[name] = found[0]
    graphs = {head, *parts.values()}
    if len(graphs) != 1 + len(PARTS):
        yield "head, assertion, provenance and publication info are not four graphs"
    for graph in sorted({row[0] for row in rows} - graphs):
        yield f'"{graph}" is a graph of its own'
    for name, about in (("hasAssertion", None), ("hasProvenance", parts["hasAssertion"]), ("hasPublicationInfo", this)):
        own = [row for row in rows if row[0] == parts[name]]
        if not own:
            yield f"the graph of {name} is empty"
        elif about is not None and not any(about in (row[1], row[3]) for row in own):
            yield f"the graph of {name} says nothing about {about}"
    if not any(row[1:3] == (this, CREATED) and row[0] == parts["hasPublicationInfo"] for row in rows):
        yield "it has no date of creation"
    code = this[-45:]
    if artifact_code(rows, code) != code:
        yield f"{this} does not name this content"
