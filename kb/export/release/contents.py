"""The files of a release, each written as it comes and summed up on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping

from kb.analysis.spool import Spool
from kb.export.formats import FORMATS, Extract, Pieces, folder_writer, stream_writer
from kb.export.graph_formats import GRAPH_FORMATS, Drawn
from kb.export.release.describe import CRATE, SUMS, change_report, crate, dcat, readme, sums
from kb.export.release.plan import MANIFEST, Changes, Part, Release, manifest

_MEDIA_TYPES = {
    ".ttl": "text/turtle",
    ".nt": "application/n-triples",
    ".trig": "application/trig",
    ".jsonld": "application/ld+json",
    ".rdf": "application/rdf+xml",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".parquet": "application/vnd.apache.parquet",
    ".bib": "application/x-bibtex",
    ".ris": "application/x-research-info-systems",
    ".md": "text/markdown",
    ".graphml": "application/graphml+xml",
    ".gexf": "application/gexf+xml",
    ".cyjs": "application/json",
    ".dot": "text/vnd.graphviz",
}


def contents(
    release: Release, make: Callable[[], Extract], drawn: Drawn, schemas: Mapping[str, str], changes: Changes | None
) -> Iterator[tuple[str, Pieces]]:
    """Yield every file of a release, the descriptions last: they tell of those before.

    Args:
        release: What is released.
        make: Makes an extract anew for each format, since its studies are read once.
        drawn: The evidence graph.
        schemas: Schemas by file name.
        changes: What differs from an earlier release, or None.
    """
    parts: Spool[Part] = Spool()

    def add(name: str, pieces: Pieces, about: str) -> tuple[str, Pieces]:
        return name, _summed(name, pieces, about, parts)

    for name, row in sorted(FORMATS.items()):
        if row.folder:
            for file, pieces in folder_writer(name)(make()):
                yield add(f"{name}/{file}", pieces, row.description)
        else:
            yield add(f"{name}/evidence{row.suffix}", stream_writer(name)(make()), row.description)
    for write, suffix in GRAPH_FORMATS.values():
        yield add(f"graph/evidence{suffix}", write(drawn), "the evidence graph, an edge an item: GraphML, GEXF, Cytoscape JSON, DOT")
    for file, text in sorted(schemas.items()):
        yield add(f"schemas/{file}", text, "schemas of records and graph, and the ontology")
    if changes is not None:
        yield add("CHANGES.md", change_report(changes), "what changed since the release before")
    held = parts.settled()
    yield add("README.md", readme(release, held, changes), "what this release holds")
    yield add("dcat.ttl", dcat(release, held), "description of the data set: DCAT")
    yield add(CRATE, crate(release, held), "description of the release: RO-Crate")
    yield add(MANIFEST, manifest(release, parts.settled(), changes), "version, counts, records and files")
    yield SUMS, sums(parts.settled())


def _summed(name: str, pieces: Pieces, about: str, parts: Spool[Part]) -> Iterator[bytes]:
    digest, size = hashlib.sha256(), 0
    for piece in (pieces,) if isinstance(pieces, str | bytes) else pieces:
        raw = piece.encode("utf-8") if isinstance(piece, str) else piece
        digest.update(raw)
        size += len(raw)
        yield raw
    suffix = name[name.rfind(".") :] if "." in name else ""
    parts.add(Part(name, size, digest.hexdigest(), _MEDIA_TYPES.get(suffix, "application/octet-stream"), about))
