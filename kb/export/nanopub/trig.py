"""Nanopublications as TriG: one for each claim of the authors, and for each association of a marker with an endpoint.

The assertion is the item as the graph of the collection has it; the provenance says which report it was read in, where,
and through whose hands; the publication info carries the date of curation, since a clock would change the trusty URI.
They are signed when the extract has a signer: a signature needs the key of a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from kb.export.formats import Extract
from kb.export.nanopub.rules import CREATED, NP
from kb.export.nanopub.signing import NPX, Signer, signed
from kb.export.nanopub.trusty import BLANK, Quad, artifact_code
from kb.export.rdf.graphs import base_iri
from kb.export.rdf.names import DATA_PREFIXES, PREFIXES, RDF_TYPE, XSD, Literal, expand, iri_safe, parse_term, spell
from kb.export.rdf.ntriples import node_triples
from kb.export.rdf.spelling import Spelling
from kb.export.rdf.walk import Walker
from kb.model.findings import MarkerAssociation
from kb.model.study import Study

_DROPPED = (expand("kb:span"), expand("kb:index"), expand("dcterms:identifier"))
"""What belongs to the record or to the provenance, not to the assertion."""
_OF_REPORT = tuple(map(expand, ("rdf:type", "schema:name", "schema:sameAs", "schema:datePublished", "kb:read", "kb:retracted")))
"""What the provenance says of the report; the rest is a look-up away, and would only make the URI move."""
_SPDX_ID = re.compile(r"[A-Za-z0-9.+-]+")
_PREFIXES = [f"@prefix {prefix}: <{PREFIXES[prefix]}> ." for prefix in DATA_PREFIXES]
Triple = tuple[str, str, str | Literal]


def nanopub(extract: Extract) -> Iterator[str]:
    """Yield nanopublications, study by study, each with its prefixes, so that any part of the file stands alone.

    Raises:
        UnreadableError: If the collection's base IRI cannot stand in RDF.
    """
    base = base_iri(extract)
    walker = Walker(Spelling(base))
    yield f"# {' '.join(extract.project.name.split())}; selection: {' '.join(extract.selection.split())}\n"
    for study in extract.studies:
        known = [(subject[1:-1], predicate[1:-1], parse_term(last)) for subject, predicate, last in node_triples(walker.study(study))]
        for path in items(study):
            yield "\n" + render(quads_of(study, path, known, base, extract.project.licence, extract.signer), base)


def items(study: Study) -> Iterator[str]:
    """Yield the paths of the items that become nanopublications."""
    yield from (f"claims/{ident}" for ident in study.claims)
    for ident, finding in study.findings.items():
        if isinstance(finding, MarkerAssociation) and finding.endpoint is not None:
            yield f"findings/{ident}"


def quads_of(study: Study, path: str, known: Sequence[Triple], base: str, licence: str, signer: Signer | None = None) -> list[Quad]:
    """Return the quads of one nanopublication, under its trusty URI.

    Args:
        study: The study.
        path: Path of the item in it, such as `claims/active`.
        known: The study's triples.
        base: Base IRI of the collection.
        licence: SPDX id of the licence.
        signer: Who signs it, or None.
    """
    iri = f"{base}id/{study.id}"
    item, this = f"{iri}/{path}", f"{base}np/{BLANK}"
    part, ident = path.split("/")
    said = study.claims[ident] if part == "claims" else study.findings[ident]
    population = getattr(said, "population", "")
    report = f"{iri}/reports/{said.source.report}"
    graphs = {
        "Head": _head(this),
        "assertion": [
            triple for triple in known if _asserted(triple, item, None if part == "claims" else f"{iri}/populations/{population}")
        ],
        "provenance": list(_provenance(study, f"{this}#assertion", item, report, known)),
        "pubinfo": list(_publication(study, this, iri, base, licence, f"{path} of {study.id}")),
    }
    quads = [(f"{this}#{name}", *triple) for name, triples in graphs.items() for triple in dict.fromkeys(triples)]
    if signer is not None:
        quads = signed(quads, this, f"{this}#pubinfo", signer)
    code = artifact_code(quads)

    def named(iri: str) -> str:
        return iri.replace(this, f"{base}np/{code}")

    return [
        (named(graph), named(subject), predicate, last if isinstance(last, Literal) else named(last))
        for graph, subject, predicate, last in quads
    ]


def _head(this: str) -> list[Triple]:
    links = (("hasAssertion", "assertion"), ("hasProvenance", "provenance"), ("hasPublicationInfo", "pubinfo"))
    return [(this, RDF_TYPE, f"{NP}Nanopublication"), *((this, NP + name, f"{this}#{graph}") for name, graph in links)]


def _below(iri: str, top: str) -> bool:
    return iri == top or iri.startswith(f"{top}/")


def _asserted(triple: Triple, item: str, population: str | None) -> bool:
    """Whether a triple is part of what is asserted: the item's own nodes, and the patients that a finding speaks of."""
    subject, predicate, _ = triple
    if predicate in _DROPPED or predicate.endswith("Order"):
        return False
    return (_below(subject, item) and not _below(subject, f"{item}/source")) or subject == population


def _provenance(study: Study, assertion: str, item: str, report: str, known: Iterable[Triple]) -> Iterator[Triple]:
    curation = f"{report.rsplit('/', 2)[0]}/curation"
    yield assertion, expand("prov:wasDerivedFrom"), report
    for number, _ in enumerate(study.curation.extracted, 1):
        yield assertion, expand("prov:wasGeneratedBy"), f"{curation}/extracted/{number}"
    yield assertion, expand("prov:wasQuotedFrom"), f"{item}/source"
    for triple in known:
        told = triple[0] == report and triple[1] in _OF_REPORT
        if told or _below(triple[0], f"{item}/source") or _below(triple[0], curation):
            yield triple


def _publication(study: Study, this: str, iri: str, base: str, licence: str, words: str) -> Iterator[Triple]:
    yield this, CREATED, _date(max(done.on for done in (*study.curation.extracted, *study.curation.checked)))
    for number, done in enumerate(study.curation.extracted, 1):
        agent = f"{iri}/curation/extracted/{number}/by"
        yield this, expand("dcterms:creator"), agent
        yield agent, expand("schema:name"), Literal(done.by)
    if _SPDX_ID.fullmatch(licence):
        yield this, expand("dcterms:license"), f"https://spdx.org/licenses/{licence}"
    else:
        yield this, expand("dcterms:rights"), Literal(licence)
    yield this, expand("dcterms:isPartOf"), f"{base}dataset"
    yield this, expand("rdfs:label"), Literal(words)


def _date(on: str) -> Literal:
    """A whole day as its first moment in UTC, which is the type that nanopublication tools read; else as precise as it is."""
    datatype = {4: "gYear", 7: "gYearMonth"}.get(len(on))
    return Literal(on, XSD + datatype) if datatype else Literal(f"{on}T00:00:00Z", XSD + "dateTime")


def render(quads: Iterable[Quad], base: str) -> str:
    """Return the quads of one nanopublication as TriG."""
    rows = list(quads)
    this = rows[0][0].partition("#")[0]
    spelling = Spelling(base, turtle=True)
    own = {"np": NP, "npx": NPX} if any(row[2].startswith(NPX) for row in rows) else {"np": NP}

    def term(value: str | Literal) -> str:
        if isinstance(value, Literal):
            return spell(value)
        if value == this:
            return "this:"
        if value.startswith(f"{this}#"):
            return f"sub:{value[len(this) + 1 :]}"
        for prefix, namespace in own.items():
            if value.startswith(namespace):
                return f"{prefix}:{value.removeprefix(namespace)}"
        return spelling.iri(iri_safe(value))

    lines = [f"@prefix this: <{this}> .", f"@prefix sub: <{this}#> ."]
    lines += [*(f"@prefix {prefix}: <{namespace}> ." for prefix, namespace in own.items()), *_PREFIXES]
    for graph in dict.fromkeys(row[0] for row in rows):
        lines += ["", f"{term(graph)} {{"]
        lines += [f"  {term(row[1])} {term(row[2])} {term(row[3])} ." for row in rows if row[0] == graph]
        lines.append("}")
    return "\n".join(lines) + "\n"
