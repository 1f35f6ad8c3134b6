"""What FHIR R5 cannot say of a study: written into each Bundle, so that nobody takes it for the record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kb.model.base import walk
from kb.model.quantities import Quantity
from kb.model.study import Study
from kb.model.terms import Absence


class Loss(NamedTuple):
    """Something that is missing or only words in the Bundle.

    Attributes:
        what: What is lost, and where the record has it.
        paths: Places in the record, sorted.
    """

    what: str
    paths: tuple[str, ...]


def losses(study: Study) -> list[Loss]:
    """Return what a study's Bundle does not hold; kinds of loss that do not occur are left out."""
    found = (
        Loss("the kind of absence of a value (not reported, not read, not measured); FHIR leaves it out", tuple(_absent(study))),
        Loss("numbers printed as censored or approximate; FHIR keeps the number and at most a comparator", tuple(_marked(study))),
        Loss(
            "dose, route and schedule as structure; they stand in words in the exposure's characteristics",
            tuple(f"arms.{arm}.regimen" for arm in study.arms),
        ),
        Loss(
            "subject, relation, object and polarity of the authors' claims; their summary alone is the assertion of what they rest on",
            tuple(f"claims.{ident}" for ident in study.claims),
        ),
        Loss(
            "claims that rest on no item of the record; they have no place here at all",
            tuple(f"claims.{ident}" for ident, claim in study.claims.items() if not claim.rests_on),
        ),
        Loss("direction and association of a marker as terms; they stand in words", tuple(f"findings.{ident}" for ident in study.findings)),
        Loss(
            "values of groups within a result",
            tuple(
                f"{part}.{ident}"
                for part, items in (("findings", study.findings), ("outcomes", study.outcomes))
                for ident, item in items.items()
                if getattr(item, "groups", ()) or getattr(getattr(item, "result", None), "groups", ())
            ),
        ),
        Loss("overlaps of patients with other studies", tuple(f"overlaps.{other.study}" for other in study.overlaps)),
        Loss("numbers cited from other studies", tuple(f"cited.{ident}" for ident in study.cited)),
        Loss("threats to validity, judgements and certainty", ("appraisal",) if study.appraisal else ()),
        Loss("ambiguities", tuple(f"ambiguities.{place}" for place, _ in enumerate(study.ambiguities))),
        Loss("curation: who extracted and checked, and when", ("curation",)),
    )
    return [loss for loss in found if loss.paths]


def _fields(study: Study) -> Iterator[tuple[str, object]]:
    for path, record in walk(study):
        for name in type(record).model_fields:
            yield ".".join(map(str, (*path, name))), getattr(record, name)


def _absent(study: Study) -> list[str]:
    return sorted(path for path, value in _fields(study) if isinstance(value, Absence))


def _marked(study: Study) -> list[str]:
    return sorted(path for path, value in _fields(study) if isinstance(value, Quantity) and (value.censored or value.operator == "~"))
