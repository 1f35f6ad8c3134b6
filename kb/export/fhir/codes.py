"""Codes and identifiers in FHIR's form.

A CURIE becomes a coding only where its system's FHIR name is known; every term has a coding of the collection's own too,
so that nothing depends on the public ones.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from kb.export.rdf.names import NS
from kb.model.terms import ClosedSet, Status, VocabularyKind
from kb.records.collection import Vocabulary

Json = dict[str, Any]

SEVCO = "https://fevir.net/sevco"
"""System of the Scientific Evidence Code System, which carries STATO's codes too (HL7 EBM implementation guide)."""
SYSTEMS: Mapping[str, str] = {
    "NCIT": "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
    "STATO": SEVCO,
    "SEVCO": SEVCO,
}
"""FHIR's system of each CURIE prefix that has a known one."""
ROLES = "http://terminology.hl7.org/CodeSystem/variable-role"
ROLE_CODES = ("population", "subpopulation", "exposure", "referenceExposure", "measuredVariable", "confounder")
"""Every code of `ROLES`."""
UCUM = "http://unitsofmeasure.org"
IRI_SYSTEM = "urn:ietf:rfc:3986"
VERSION = "5.0.0"
VERSIONS = "http://hl7.org/fhir/FHIR-version"
STATUSES = {Status.DRAFT: "draft", Status.REVIEWED: "active", Status.ACCEPTED: "active", Status.WITHDRAWN: "retired"}
"""Publication status of each status of a record."""

PROPORTION, MEDIAN, MEAN, COUNT = "STATO:0000607", "STATO:0000574", "STATO:0000573", "STATO:0000047"
INTERVAL, P_VALUE = "STATO:0000196", "STATO:0000700"
STATISTICS = {PROPORTION: "proportion", MEDIAN: "median", MEAN: "mean", COUNT: "count", INTERVAL: "confidence interval", P_VALUE: "p-value"}


def uid(iri: str) -> str:
    """Return the resource id of an IRI: the same for the same IRI, for ever."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, iri))


def reference(iri: str) -> Json:
    """Return a reference to the resource of an IRI within the Bundle."""
    return {"reference": f"urn:uuid:{uid(iri)}"}


def identifier(iri: str) -> Json:
    """Return an IRI as an identifier."""
    return {"system": IRI_SYSTEM, "value": iri}


def coding(curie: str, display: str) -> Json | None:
    """Return a CURIE as a coding, or None when FHIR has no known name for its system."""
    prefix, _, code = curie.partition(":")
    system = SYSTEMS.get(prefix)
    if system is None:
        return None
    return {"system": system, "code": curie if prefix == "STATO" or prefix == "SEVCO" else code, "display": display}


def statistic_type(curie: str, display: str | None = None) -> Json:
    """Return the type of a statistic or estimate."""
    words = display or STATISTICS[curie]
    found = coding(curie, words)
    return {"coding": [found], "text": words} if found else {"text": words}


def member(value: ClosedSet) -> Json:
    """Return a member of a closed set as a concept."""
    own = {"system": NS + type(value).__name__, "code": value.value, "display": value.label}
    public = coding(value.curie, value.label)
    return {"coding": [own, *([public] if public else [])], "text": value.label}


def term(base: str, vocabulary: Vocabulary, kind: VocabularyKind, ident: str) -> Json:
    """Return a vocabulary term as a concept: the collection's own coding, then the verified public ones."""
    label = vocabulary.label(kind, ident)
    own = {"system": f"{base}term/{kind.value}", "code": ident, "display": label}
    found = vocabulary.terms.get(kind, {}).get(ident)
    public = (coding(curie, label) for curie in (found.curies if found else ()))
    return {"coding": [own, *filter(None, public)], "text": label}
