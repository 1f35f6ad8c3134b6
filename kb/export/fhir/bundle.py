"""The folder of Bundles: a file a study, and one that says what the folder holds."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kb.export.fhir.codes import VERSION, VERSIONS, Json, identifier, uid
from kb.export.fhir.losses import losses
from kb.export.fhir.resources import StudyResources
from kb.export.formats import Extract, Pieces
from kb.export.rdf.graphs import base_iri
from kb.model.study import Study
from kb.records.collection import Vocabulary

ABOUT = "export.json"


def fhir(extract: Extract) -> Iterator[tuple[str, Pieces]]:
    """Yield a Bundle for each study, and what was exported.

    Raises:
        UnreadableError: If the collection's base IRI cannot stand in identifiers.
    """
    base = base_iri(extract)
    written = 0
    for study in extract.studies:
        written += 1
        yield f"{study.id}.json", _text(bundle(study, extract.vocabulary, base))
    about = {
        "fhirVersion": VERSION,
        "collection": extract.project.name,
        "licence": extract.project.licence,
        "selection": extract.selection,
        "studies": written,
    }
    yield ABOUT, _text(about)


def bundle(study: Study, vocabulary: Vocabulary, base: str) -> Json:
    """Return a study as a Bundle of type `collection`, with an OperationOutcome that lists what it cannot say."""
    resources = StudyResources(study, vocabulary, base)
    iri = resources.iri("bundle")
    return {
        "resourceType": "Bundle",
        "id": uid(iri),
        "meta": {"tag": [{"system": VERSIONS, "code": VERSION}]},
        "identifier": identifier(iri),
        "type": "collection",
        "entry": [{"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource} for resource in resources.all()],
        "issues": {"resourceType": "OperationOutcome", "issue": [_issue(what, paths) for what, paths in losses(study)]},
    }


def _issue(what: str, paths: tuple[str, ...]) -> Json:
    return {
        "severity": "information",
        "code": "informational",
        "details": {"text": f"not in this Bundle: {what}"},
        "diagnostics": "; ".join(paths),
    }


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
