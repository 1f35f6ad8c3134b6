"""A release described for people and machines: README, changes, RO-Crate, DCAT and check sums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from kb.analysis.spool import Spool
from kb.export.json_pieces import Members, json_pieces
from kb.export.rdf.names import XSD, iri_safe, quote
from kb.export.release.plan import Changes, Part, Release

CRATE = "ro-crate-metadata.json"
SUMS = "SHA256SUMS"
_SPEC = "https://w3id.org/ro/crate/1.1"


def about(release: Release) -> str:
    """Return one paragraph on the release."""
    counted = ", ".join(f"{count:,} {words}" for words, count in release.counts.items())
    return f"{release.project.name}, version {release.version} of {release.date}: {counted}. Selection: {release.selection}."


def readme(release: Release, parts: Sequence[Part], changes: Changes | None) -> str:
    """Return `README.md`."""
    tops: dict[str, tuple[int, str]] = {}
    for part in parts:
        top = part.name.split("/", 1)[0] + ("/" if "/" in part.name else "")
        count, said = tops.get(top, (0, part.about))
        tops[top] = (count + 1, said)
    rows = "".join(f"| `{top}` | {said} | {count} |\n" for top, (count, said) in sorted(tops.items()))
    told = "" if changes is None else f"\nWhat changed since {changes.since} is in `CHANGES.md`.\n"
    return (
        f"# {release.project.name} {release.version}\n\n{about(release)}\n\nLicence: {release.project.licence}. "
        f"Made by {release.generator}.\n{told}\n"
        f"Verify the files with `sha256sum -c {SUMS}`. Every value that a record does not give is absent with its kind, never 0.\n\n"
        f"| file | what it is | files |\n| --- | --- | --- |\n{rows}"
    )


def change_report(changes: Changes) -> str:
    """Return `CHANGES.md`."""
    parts = (
        ("Studies added", changes.added),
        ("Studies changed", changes.changed),
        ("Studies no longer there", changes.removed),
        ("Vocabulary files changed", changes.vocabulary),
    )
    text = f"# Changes since {changes.since}\n"
    for title, names in parts:
        text += f"\n## {title}: {len(names)}\n" + ("\n" + "".join(f"- {name}\n" for name in names) if names else "")
    return text


def sums(parts: Iterable[Part]) -> Iterator[str]:
    """Yield `SHA256SUMS`, in the form that sha256sum reads."""
    by_name: Spool[str] = Spool()
    for part in parts:
        by_name.add(f"{part.sha256}  {part.name}\n", part.name)
    yield from by_name.settled()


def crate(release: Release, parts: Sequence[Part]) -> Iterator[str]:
    """Yield the RO-Crate 1.1 description."""
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{release.project.name} {release.version}",
        "description": about(release),
        "version": release.version,
        "datePublished": release.date,
        "license": _licence(release),
        "identifier": release.project.base_iri,
        "hasPart": ({"@id": iri_safe(part.name)} for part in parts),
    }
    people = [
        {"@id": f"#maintainer-{place}", "@type": "Organization", "name": name} for place, name in enumerate(release.project.maintainers, 1)
    ]
    if people:
        named = [{"@id": person["@id"]} for person in people]
        root["author"] = root["publisher"] = named[0] if len(named) == 1 else named
    licences = [{**root["license"], "@type": "CreativeWork", "name": release.project.licence}] if isinstance(root["license"], dict) else []
    descriptor = {"@id": CRATE, "@type": "CreativeWork", "conformsTo": {"@id": _SPEC}, "about": {"@id": "./"}}
    files = (
        {
            "@id": iri_safe(part.name),
            "@type": "File",
            "name": part.about,
            "encodingFormat": part.media_type,
            "contentSize": str(part.size),
            "sha256": part.sha256,
        }
        for part in parts
    )
    graph = chain([descriptor, Members(root.items())], people, licences, files)
    yield from json_pieces(Members([("@context", f"{_SPEC}/context"), ("@graph", graph)]))
    yield "\n"


def _licence(release: Release) -> Any:
    name = release.project.licence
    return name if " " in name else {"@id": f"https://spdx.org/licenses/{name}"}


def dcat(release: Release, parts: Sequence[Part]) -> Iterator[str]:
    """Yield the DCAT 3 description as Turtle; each file is a distribution."""
    kind = {4: "gYear", 7: "gYearMonth", 10: "date"}[len(release.date)]
    base = iri_safe(f"{release.project.base_iri}release/{release.version}/")
    licence = release.project.licence
    stated = f"dcterms:rights {quote(licence)}" if " " in licence else f"dcterms:license <https://spdx.org/licenses/{iri_safe(licence)}>"
    head = [
        "a dcat:Dataset",
        f"dcterms:title {quote(release.project.name)}",
        f"dcterms:description {quote(about(release))}",
        f"dcat:version {quote(release.version)}",
        f"dcterms:issued {quote(release.date)}^^<{XSD}{kind}>",
        stated,
        f"dcterms:isVersionOf <{iri_safe(release.project.base_iri)}dataset>",
    ]
    prefixes = (("dcat", "http://www.w3.org/ns/dcat#"), ("dcterms", "http://purl.org/dc/terms/"), ("spdx", "http://spdx.org/rdf/terms#"))
    yield "".join([f"@base <{base}> .\n", *(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in prefixes), "\n<> ", " ;\n    ".join(head)])
    yield from (f" ;\n    dcat:distribution <{iri_safe(part.name)}>" for part in parts)
    yield " .\n"
    for part in parts:
        yield (
            f"\n<{iri_safe(part.name)}> a dcat:Distribution ;\n    dcterms:title {quote(part.about)} ;\n    dcat:mediaType {quote(part.media_type)} ;\n"
            f'    dcat:byteSize "{part.size}"^^<{XSD}nonNegativeInteger> ;\n    spdx:checksum <{iri_safe(part.name)}#sha256> .\n\n'
            f"<{iri_safe(part.name)}#sha256> a spdx:Checksum ;\n    spdx:algorithm spdx:checksumAlgorithm_sha256 ;\n"
            f'    spdx:checksumValue "{part.sha256}"^^<{XSD}hexBinary> .\n'
        )
