"""What a validator of FHIR's structure does not look at: codes and references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kb.export.fhir.codes import ROLE_CODES, ROLES, SEVCO, SYSTEMS, UCUM, Json
from kb.export.rdf.names import NS
from kb.model.terms import ClosedSet

_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "status": ("draft", "active", "retired", "unknown"),
    "membership": ("definitional", "enumerated"),
    "handling": ("continuous", "dichotomous", "ordinal", "polychotomous"),
    "severity": ("fatal", "error", "warning", "information", "success"),
    "comparator": ("<", "<=", ">=", ">"),
}
"""Codes of FHIR R5 (5.0.0) that these elements must have."""
_TARGETS: Mapping[str, tuple[str, ...]] = {
    "citeAsReference": ("Citation",),
    "observed": ("Group", "EvidenceVariable"),
    "intendedExposure": ("EvidenceVariable",),
    "actualGroup": ("Group",),
    "result": ("Evidence",),
}
"""What kind of resource each reference leads to."""


def problems(bundle: Json, base: str) -> list[str]:
    """Return what is wrong with the codes and references of a Bundle, each with its path."""
    kinds = {entry["fullUrl"]: entry["resource"]["resourceType"] for entry in bundle["entry"]}
    found = list(_walk(bundle, "Bundle", kinds, base))
    if len(kinds) != len(bundle["entry"]):
        found.append("Bundle.entry: a fullUrl stands twice")
    return found


def _walk(value: Any, path: str, kinds: Mapping[str, str], base: str) -> Iterator[str]:
    if isinstance(value, list):
        for place, one in enumerate(value):
            yield from _walk(one, f"{path}[{place}]", kinds, base)
    if not isinstance(value, dict):
        return
    for name, child in value.items():
        here = f"{path}.{name}"
        if isinstance(child, str) and name in _REQUIRED and child not in _REQUIRED[name]:
            yield f'{here}: "{child}" is none of {", ".join(_REQUIRED[name])}'
        for one in child if isinstance(child, list) else [child]:
            if name in _TARGETS and kinds.get(one.get("reference", "")) not in _TARGETS[name]:
                yield f"{here}: {one} leads to no {' or '.join(_TARGETS[name])} of this Bundle"
        yield from _walk(child, here, kinds, base)
    if "system" in value and "code" in value:
        wrong = _coding(value["system"], value["code"], base)
        if wrong:
            yield f"{path}: {wrong}"


def _coding(system: str, code: str, base: str) -> str:
    if system == ROLES:
        return "" if code in ROLE_CODES else f'"{code}" is no role of a variable'
    if system == SEVCO:
        return "" if code.startswith(("STATO:", "SEVCO:")) else f'"{code}" is no code of SEVCO'
    if system.startswith(NS):
        sets = {closed.__name__: closed for closed in ClosedSet.__subclasses__()}
        members = sets.get(system.removeprefix(NS), ())
        return "" if code in [member.value for member in members] else f'"{code}" is no member of {system}'
    known = (*SYSTEMS.values(), UCUM, "http://hl7.org/fhir/FHIR-version")
    return "" if system in known or system.startswith(f"{base}term/") else f'system "{system}" is none that is written here'
