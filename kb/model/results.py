"""Results: what a number, or a sentence without one, says. One kind each, told apart by `kind`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kb.model.base import Count, GroupValue, Interval, Record, Spread, Words
from kb.model.quantities import PValue, Quantity
from kb.model.terms import EffectMeasure, Statement, Statistic, TimeUnit


class Proportion(Record):
    """Events of a total; each may be absent, and the printed percentage stays as printed."""

    kind: Literal["proportion"]
    events: Count | None = None
    """Patients (or courses, lesions) with the event."""
    total: Count | None = None
    """Denominator."""
    percent: Quantity | None = None
    """Percentage as printed."""
    interval: Interval | None = None
    """Interval of the percentage, in percent."""
    p: PValue | None = None
    """P value printed with the proportion."""


class Landmark(Record):
    """A share at a point in time, such as one-year survival."""

    at: Quantity
    """Time from the clock's start."""
    unit: TimeUnit
    """Unit of `at`."""
    percent: Quantity | None = None
    """Share in percent, as printed."""
    events: Count | None = None
    """Patients with the state at that time."""
    total: Count | None = None
    """Denominator."""
    interval: Interval | None = None
    """Interval of the share, in percent."""


class TimeToEvent(Record):
    """A time: median, mean, range, single censored values or shares at points in time."""

    kind: Literal["time-to-event"]
    unit: TimeUnit | None = None
    """Unit of median, mean, range, interval and times."""
    median: Quantity | None = None
    """Median as printed, such as `19.0` or `"35+"`."""
    median_not_reached: bool = False
    """Whether the median is printed as not reached."""
    mean: Quantity | None = None
    """Mean as printed."""
    interval: Interval | None = None
    """Interval of the median."""
    range: Spread | None = None
    """Shortest and longest, as printed."""
    times: tuple[Quantity, ...] = ()
    """Single patients' times, censored ones as `"36+"`."""
    landmarks: tuple[Landmark, ...] = ()
    """Shares at points in time."""
    events: Count | None = None
    """Patients with the event."""
    total: Count | None = None
    """Patients analysed."""
    clock: Words | None = None
    """What the time counts from, such as `first metastasis`."""
    p: PValue | None = None
    """P value printed with it."""


class Contrast(Record):
    """An effect between groups, with its interval and test. Which groups: the outcome's `comparison`."""

    kind: Literal["contrast"]
    measure: EffectMeasure
    """What the estimate is."""
    estimate: Quantity | None = None
    """Point estimate as printed."""
    interval: Interval | None = None
    """Interval of the estimate."""
    p: PValue | None = None
    """P value with its operator."""
    alpha: Annotated[float, Field(gt=0, lt=1)] | None = None
    """The level of significance that was allotted to this test."""
    test: Words | None = None
    """Name of the test."""
    sides: Literal[1, 2] | None = None
    """One- or two-sided, when printed."""
    direction: Statement | None = None
    """What it says of the first group."""
    adjusted_for: tuple[Words, ...] = ()
    """Factors of the model."""
    groups: tuple[GroupValue, ...] = ()
    """Values of the groups."""
    unit: Words | None = None
    """Unit of a difference, or the step of a ratio (`per unit`)."""


class CountResult(Record):
    """A number of things, without a denominator."""

    kind: Literal["count"]
    count: Quantity
    """The number as printed."""
    of: Words | None = None
    """What is counted."""


class Continuous(Record):
    """A measured value of a group."""

    kind: Literal["continuous"]
    value: Quantity | None = None
    """Value as printed."""
    statistic: Statistic
    """What the value is."""
    unit: Words | None = None
    """Unit as printed."""
    spread: Spread | None = None
    """Dispersion or range."""
    interval: Interval | None = None
    """Interval of the value."""
    groups: tuple[GroupValue, ...] = ()
    """Values by group."""
    n: Count | None = None
    """Patients measured."""
    p: PValue | None = None
    """P value printed with it."""


class StatementResult(Record):
    """A result in words, without a number."""

    kind: Literal["statement"]
    says: Statement
    """What it says, of the first group where groups are compared."""
    text: Words
    """The result in our own words."""
    p: PValue | None = None
    """P value, if one is printed."""
    test: Words | None = None
    """Name of the test."""


Result = Annotated[Proportion | TimeToEvent | Contrast | CountResult | Continuous | StatementResult, Field(discriminator="kind")]
