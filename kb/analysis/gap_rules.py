"""When a fact is evidence, a measured null, or an absence: the rules of the gap map, in one place with their words."""

from __future__ import annotations

from enum import IntEnum

from kb.model.terms import Absence, Allocation, DesignType, NullBasis, Statement


class Kind(IntEnum):
    """What a cell holds, best first; a cohort or cell counts by the best that it offers."""

    EVIDENCE = 1
    NO_CHANGE = 2
    NOT_REPORTED = 3
    NOT_READ = 4
    NOTHING = 5

    @property
    def key(self) -> str:
        """Name in columns."""
        return self.name.lower()

    @property
    def label(self) -> str:
        """The kind in words."""
        return _WORDS[self]

    @property
    def mark(self) -> str:
        """Mark in a matrix of text; `{n}` stands for the number of cohorts."""
        return _MARKS[self]


_WORDS = {
    Kind.EVIDENCE: "evidence",
    Kind.NO_CHANGE: "measured, no change",
    Kind.NOT_REPORTED: "looked for, not reported",
    Kind.NOT_READ: "not in what was read",
    Kind.NOTHING: "nothing",
}
_MARKS = {Kind.EVIDENCE: "{n}", Kind.NO_CHANGE: "={n}", Kind.NOT_REPORTED: "0", Kind.NOT_READ: ".", Kind.NOTHING: "-"}


class Design(IntEnum):
    """Design of the studies behind a cell, strongest first; a cohort counts by its strongest."""

    RANDOMISED = 1
    TRIAL = 2
    OBSERVATIONAL = 3
    POOLED = 4

    @property
    def key(self) -> str:
        """Name in columns."""
        return self.name.lower()

    @property
    def label(self) -> str:
        """The design in words."""
        return _DESIGNS[self]


_DESIGNS = {
    Design.RANDOMISED: "randomised",
    Design.TRIAL: "trial without randomisation",
    Design.OBSERVATIONAL: "observational",
    Design.POOLED: "pooled",
}
RULES = (
    "a cell counts independent cohorts; studies that share patients are one cohort, which counts by the best that it offers",
    "evidence: a change with a direction, a difference between groups, an association, or an outcome with a result",
    "measured, no change: no change, no difference, or no association that was tested or stated, and nothing better",
    (
        "looked for, not reported: a level without its change, a direction or association that the source leaves out, garbles or did not "
        "measure, a none that is implied by silence or could not be computed for want of responders, or a full text that is silent"
    ),
    "not in what was read: the class of regimen has studies, and none of them, read as abstracts or less, says anything",
    "nothing: this collection holds no study of the class; that is a gap of the collection, and no proof that nobody looked",
    "a fact about several arms counts under the class of each; who is silent is told from the studies of the class",
    "associations with other endpoints and between markers have no column",
    "designs: randomised, trial without randomisation, observational, pooled; of the cohorts that give the cell its kind",
)
"""How the map is made; printed with it."""

_NULLS = ("no-change", "no-difference", "none")
_FOUNDED = (NullBasis.TESTED.value, NullBasis.STATED.value)
_NULL_STATEMENTS = (Statement.NO_DIFFERENCE.value, Statement.SIMILAR.value, Statement.NOT_OBSERVED.value)
_RANDOMISED = (Allocation.RANDOMISED.value, Allocation.PARTLY_RANDOMISED.value, Allocation.RANDOMISED_ARM_ADDED.value)


def of_finding(value: str | None, absence: str | None, basis: str | None) -> Kind:
    """Return what a finding offers.

    Args:
        value: Direction or association, or None.
        absence: Why it is not there, or None.
        basis: What a "no association" rests on, or None.
    """
    if value is None:
        return Kind.NOT_READ if absence == Absence.NOT_IN_WHAT_WAS_READ.value else Kind.NOT_REPORTED
    if value not in _NULLS:
        return Kind.EVIDENCE
    return Kind.NO_CHANGE if value != "none" or basis in _FOUNDED else Kind.NOT_REPORTED


def of_outcome(says: str | None) -> Kind:
    """Return what an outcome or adverse event offers: a number, or what its words say."""
    return Kind.NO_CHANGE if says in _NULL_STATEMENTS else Kind.EVIDENCE


def design_of(design: str, allocation: str) -> Design:
    """Return the design of a study as the map counts it."""
    if design in (DesignType.POOLED.value, DesignType.META_ANALYSIS.value):
        return Design.POOLED
    if allocation in _RANDOMISED:
        return Design.RANDOMISED
    return Design.TRIAL if design == DesignType.CLINICAL_TRIAL.value else Design.OBSERVATIONAL
