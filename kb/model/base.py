"""What all models share: frozen and closed records, ids, text types, typed absence, provenance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler, StringConstraints
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from kb.model.quantities import Quantity
from kb.model.terms import Absence, Direction

ID_PATTERN = r"^[a-z0-9]+(?:[-.][a-z0-9]+)*$"

StudyId = Annotated[
    str,
    StringConstraints(pattern=ID_PATTERN, max_length=80),
    Field(description="Permanent id of a study: first author, year and two or three words, in kebab case."),
]
LocalId = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=60)]
TermId = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=80)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=False)]
"""Free text in our own words, or a few printed words; never a sentence of the source."""
Count = Annotated[int, Field(ge=0, le=10_000_000, strict=True)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Date = Annotated[str, StringConstraints(pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")]
"""A date as precise as printed: `1991`, `1991-03` or `1991-03-17`."""

T = TypeVar("T")


class Record(BaseModel):
    """Base of all models: frozen, and closed to unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", revalidate_instances="never")


class FrozenMap(dict[str, T]):
    """A mapping that keeps the order of the file and refuses every change."""

    __slots__ = ()

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("records are frozen")

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = __ior__ = _refuse

    def __reduce__(self) -> tuple[type[FrozenMap[T]], tuple[dict[str, T]]]:
        return type(self), (dict(self),)


Items = Annotated[dict[LocalId, T], AfterValidator(FrozenMap)]
"""Named parts of a record: the id is the key, so it is unique and permanent."""


def _as_tuple(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value,)


class _OrBare:
    """Says in JSON Schema what `_as_tuple` does: an item may stand without its list."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        items = handler(schema)
        return {"anyOf": [items["items"], items]}


OneOrMore = Annotated[tuple[T, ...], Field(min_length=1), BeforeValidator(_as_tuple), _OrBare()]
"""One value, or a list of them."""


class Source(Record):
    """Where a fact stands: report, place and the few words that hold it."""

    report: LocalId = "main"
    """Id of the report in this record; `main` unless said otherwise."""
    at: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    """Section, sentence, table or figure, such as `abstract, results, sentence 3`."""
    anchor: Annotated[str, StringConstraints(min_length=1, max_length=160)] | None = None
    """At most eight consecutive words of the source that hold the figure; never a sentence."""
    derived: Words | None = None
    """How a number that is not printed was obtained, such as `2 CR + 7 PR of 22`."""
    also: tuple[Source, ...] = ()
    """Further places that the same fact rests on."""


class Interval(Record):
    """An interval with its level; bounds as printed, or one open end."""

    low: Quantity | None = None
    """Lower bound as printed; leave out when not reached or not given."""
    high: Quantity | None = None
    """Upper bound as printed; leave out when not reached or not given."""
    level: Annotated[float, Field(gt=0, lt=100)] | None = None
    """Confidence level in percent, such as 95; leave out when the source does not say."""
    half_width: Quantity | None = None
    """Half of the width, where the source prints `23 +/- 17.5` instead of bounds."""
    not_reached: bool = False
    """Whether a missing bound is printed as not reached."""


class Spread(Record):
    """A range or dispersion as printed."""

    low: Quantity | None = None
    """Lowest value or lower quartile."""
    high: Quantity | None = None
    """Highest value or upper quartile."""
    sd: Quantity | None = None
    """Standard deviation."""
    se: Quantity | None = None
    """Standard error."""
    quartiles: bool = False
    """Whether `low` and `high` are quartiles instead of extremes."""


class GroupValue(Record):
    """One group's value in a comparison of groups."""

    group: Words
    """Name of the group, such as `responders`."""
    population: LocalId | None = None
    """The population it is, when the record names one."""
    n: Count | None = None
    """Patients in the group."""
    value: Quantity | None = None
    """Value as printed."""
    before: Quantity | None = None
    """Value before treatment."""
    after: Quantity | None = None
    """Value after or during treatment."""
    spread: Spread | None = None
    """Dispersion of `value`."""
    direction: Direction | None = None
    """Which way the marker moved in this group."""
    events: Count | None = None
    """Patients of the group with the feature."""
    unit: Words | None = None
    """Unit as printed."""
    text: Words | None = None
    """What is said of the group without a number."""


def walk(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Record]]:
    """Yield every model inside `value` with its path, outermost first."""
    if isinstance(value, Record):
        yield path, value
        for name in type(value).model_fields:
            child = getattr(value, name)
            if child is not None and not isinstance(child, str | int | float | Absence):
                yield from walk(child, (*path, name))
    elif isinstance(value, Mapping):
        for key, child in value.items():
            yield from walk(child, (*path, key))
    elif isinstance(value, tuple | list):
        for place, child in enumerate(value):
            yield from walk(child, (*path, place))
