"""Regimens: arms, phases of components, doses and schedules, in structure and as printed."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from pydantic import Field, GetJsonSchemaHandler, StringConstraints, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from kb.model.base import Count, Items, LocalId, Positive, Record, Source, TermId, Words
from kb.model.dose import parse_dose
from kb.model.terms import Absence, Accrual, Body, Condition, Per, PhaseKind, Role, Setting, UnitFamily

DayRange = Annotated[int, Field(ge=-400, le=4000)] | Annotated[str, StringConstraints(pattern=r"^-?\d{1,4}-\d{1,4}$")]
"""A day of the cycle counted from 1, or a range such as `1-5`; day 0 and below lie before it."""


class Dose(Record):
    """An amount as printed and as parsed. A text such as `600,000 IU/kg` is parsed on reading.

    A dose that cannot be parsed is written as a mapping with `printed` alone; then nothing compares with it.
    """

    printed: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """The dose in the words of the source."""
    low: Annotated[float, Field(ge=0)] | None = None
    """Amount in the base unit of the family (IU, U, mg, cells, Gy), the lower one of a range."""
    high: Annotated[float, Field(ge=0)] | None = None
    """Upper amount of a range; equals `low` for a single amount."""
    family: UnitFamily | None = None
    """Unit family; unlabelled units stay unlabelled."""
    body: Body | None = None
    """What the amount is scaled by."""
    per: Per | None = None
    """The time or event the amount belongs to."""
    basis_assumed: bool = False
    """Whether the unit was completed by the curator from elsewhere in the source; say where in an ambiguity."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            dose = parse_dose(value)
            return {"printed": value, "low": dose.low, "high": dose.high, "family": dose.family, "body": dose.body, "per": dose.per}
        return value

    @model_validator(mode="after")
    def _whole_or_words(self) -> Dose:
        parts = (self.low, self.high, self.family, self.body, self.per)
        if any(part is None for part in parts) and any(part is not None for part in parts):
            raise ValueError("give all of low, high, family, body and per, or none of them")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"the bounds are the wrong way round: {self.low:g} above {self.high:g}")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Accept the printed text beside the mapping, as reading does; whether it parses is beyond a pattern."""
        text = {"type": "string", "pattern": r"^\s*\.?\d", "maxLength": 200, "description": "A dose as printed, such as `600,000 IU/kg`."}
        return {"anyOf": [text, handler(schema)]}

    @property
    def parsed(self) -> bool:
        """Whether the dose is more than words."""
        return self.family is not None


class Schedule(Record):
    """When a component is given: structure beside the printed words.

    Days count from 1 within the cycle. What the words do not give is left out, and `structured` says so.
    """

    text: Words
    """The schedule in the words of the source."""
    days: tuple[DayRange, ...] = ()
    """Days of the cycle on which it is given, such as `[1-5, 15-19]`."""
    days_per_week: Annotated[float, Field(gt=0, le=7)] | None = None
    """Days a week, when the source counts them without naming them."""
    weeks: tuple[DayRange, ...] = ()
    """Weeks of the cycle in which the week's pattern is given, such as `[1-4]`."""
    times_per_day: Positive | None = None
    """Administrations on each dosing day; every 8 hours is 3."""
    infusion_hours: Positive | None = None
    """Hours of infusion on each dosing day (24 is continuous), or of each short infusion."""
    max_doses: Annotated[int, Field(gt=0)] | None = None
    """Largest number of doses in a cycle."""
    cycle_days: Positive | None = None
    """Length of a cycle in days."""
    cycles: Annotated[int, Field(gt=0)] | None = None
    """Planned number of cycles, the smaller one of a range."""
    cycles_max: Annotated[int, Field(gt=0)] | None = None
    """Largest planned number of cycles, when a range is printed."""
    until: Words | None = None
    """Stop rule, such as `progression or unacceptable toxicity`."""
    when: Condition = Condition.ALWAYS
    """To whom it is given."""

    @property
    def structured(self) -> bool:
        """Whether the words gave days, weeks or hours."""
        timed = (self.days_per_week, self.times_per_day, self.infusion_hours, self.cycle_days)
        return bool(self.days) or bool(self.weeks) or any(value is not None for value in timed)

    @model_validator(mode="after")
    def _ranges_run_forward(self) -> Schedule:
        for span in (*self.days, *self.weeks):
            first, last = span_bounds(span)
            if last < first:
                raise ValueError(f'the range "{span}" runs backwards')
        if self.cycles is not None and self.cycles_max is not None and self.cycles_max < self.cycles:
            raise ValueError(f"at most {self.cycles_max} cycles, but at least {self.cycles}")
        return self


@cache  # the same few spans stand in every record
def span_bounds(span: int | str) -> tuple[int, int]:
    """Return the first and last number of `5` or `1-5`."""
    if isinstance(span, int):
        return span, span
    cut = span.index("-", 1)
    return int(span[:cut]), int(span[cut + 1 :])


class Component(Record):
    """One agent, cell product or procedure within a phase."""

    agent: TermId
    """Agent, from the vocabulary."""
    role: Role
    """What it is there for."""
    dose: Dose | Absence = Field(union_mode="left_to_right")
    """Amount, or why it is not there."""
    route: Absence | TermId = Field(union_mode="left_to_right")
    """Route and infusion mode, from the vocabulary, or why it is not there."""
    schedule: Schedule | Absence = Field(union_mode="left_to_right")
    """When it is given, or why that is not there."""
    printed: Words | None = None
    """Agent or product as printed, when it differs from the label."""
    product: Words | None = None
    """Maker, preparation or culture of the product."""
    note: Words | None = None
    """What the fields cannot hold, in our own words."""
    source: Source | None = None
    """Where it stands, when not in the arm's source."""

    @model_validator(mode="before")
    @classmethod
    def _absent_dose(cls, value: Any) -> Any:
        # A union would try to parse "not-reported" as an amount and report that instead of the real mistake.
        if isinstance(value, dict) and isinstance(dose := value.get("dose"), str) and dose in _ABSENCES:
            return {**value, "dose": next(absence for absence in Absence if absence == dose)}
        return value


_ABSENCES = frozenset(Absence)


class RegimenPhase(Record):
    """A part of a regimen with its own components: induction, maintenance, a dose level."""

    phase: PhaseKind
    """Which part it is."""
    label: Words | None = None
    """Its name as printed, such as `weeks 2-6`."""
    setting: Setting | Absence = Absence.NOT_IN_WHAT_WAS_READ
    """Where it is given."""
    starts_day: int | None = None
    """Day of the whole treatment on which it starts, counted from 1."""
    when: Condition = Condition.ALWAYS
    """To whom it is given."""
    components: tuple[Component, ...] = Field(min_length=1)
    """What is given."""


class Arm(Record):
    """One treatment group of a study."""

    label: Words
    """Name of the arm for readers."""
    n: Count | Absence
    """Patients assigned to the arm, or why that is not there."""
    regimen: tuple[RegimenPhase, ...]
    """Phases in the order in which they are given; empty for an arm without treatment."""
    accrual: tuple[Accrual, ...] = ()
    """How recruitment departed from that of the other arms; nothing when it did not."""
    delivered: Words | None = None
    """What of the plan was given, in our own words."""
    note: Words | None = None
    """What the fields cannot hold, in our own words."""
    source: Source | None = None
    """Where the arm and its regimen stand."""


Arms = Items[Arm]
ArmIds = tuple[LocalId, ...]
