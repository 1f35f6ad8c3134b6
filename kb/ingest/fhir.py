"""Counts out of FHIR R5 Evidence: events and totals with what they are of, as another system sent them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from kb.errors import UnreadableError


class Counted(NamedTuple):
    """A count that an Evidence resource states.

    Attributes:
        evidence: Identifier of the Evidence, or its id.
        title: Its title, or an empty text.
        population: Identifier of the population that it was observed in, or an empty text.
        description: What the statistic says of itself, such as a point in time; may be empty.
        events: People affected, or events.
        total: Participants, or things counted.
        of_people: Whether people are counted, not events, courses or lesions.
    """

    evidence: str
    title: str
    population: str
    description: str
    events: int | None
    total: int | None
    of_people: bool


def read_counts(text: str, *, file: str) -> list[Counted]:
    """Return the counts of a Bundle, or of one Evidence, in their order; estimates without counts are passed over.

    Args:
        text: JSON of a FHIR R5 resource.
        file: Name for messages.

    Raises:
        UnreadableError: If it is no JSON, or no Bundle or Evidence.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{file}: no JSON: {error}", hint="FHIR resources are read as JSON") from error
    kind = document.get("resourceType") if isinstance(document, dict) else None
    if kind not in ("Bundle", "Evidence"):
        raise UnreadableError(
            f"{file}: a FHIR Bundle or Evidence was expected, found {kind or 'none'}", hint="export it as a FHIR R5 Bundle"
        )
    resources = [(_text(_dict(entry), "fullUrl"), _dict(_dict(entry).get("resource"))) for entry in _list(document.get("entry"))]
    names = {url: _name(resource) for url, resource in resources}
    every = [document] if kind == "Evidence" else [found for _, found in resources if found.get("resourceType") == "Evidence"]
    return [counted for evidence in every for counted in _counts(evidence, names)]


def _counts(evidence: dict[str, Any], names: dict[str, str]) -> Iterator[Counted]:
    population = next(
        (
            _text(_dict(one.get("observed")), "reference")
            for one in map(_dict, _list(evidence.get("variableDefinition")))
            if any(_text(_dict(code), "code") == "population" for code in _list(_dict(one.get("variableRole")).get("coding")))
        ),
        "",
    )
    for one in map(_dict, _list(evidence.get("statistic"))):
        sample = _dict(one.get("sampleSize"))
        affected, happened = _count(one.get("numberAffected")), _count(one.get("numberOfEvents"))
        participants, known = _count(sample.get("numberOfParticipants")), _count(sample.get("knownDataCount"))
        events = happened if affected is None else affected
        total = known if participants is None else participants
        if events is None and total is None:
            continue
        yield Counted(
            _name(evidence),
            _text(evidence, "title"),
            names.get(population, population),
            _text(one, "description"),
            events,
            total,
            affected is not None or (happened is None and participants is not None),
        )


def _name(resource: dict[str, Any]) -> str:
    found = next(filter(None, (_text(_dict(one), "value") for one in _list(resource.get("identifier")))), "")
    return found or _text(resource, "id")


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: dict[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
