"""More activation, no more benefit, between randomised arms: another kind of evidence than an association among patients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from kb.analysis.selection import Selection
from kb.analysis.selection_sql import selected_rows
from kb.model.terms import Favours, Statement
from kb.records.tables import JOINER

if TYPE_CHECKING:
    from kb.records.index import Index

REFUTATION_RULES = (
    "a randomised comparison whose first side is not better on an endpoint of response or survival (said so, or P of 0.05 and more)",
    "activation: a marker that lay higher in that side, or rose in it and not in the other, in this study or one of the same patients",
    "elsewhere: other cohorts in which the agent that the arms differ in raised activation markers",
)
"""What makes a row of the third table."""


class Refutation(NamedTuple):
    """More activation, no more benefit, between randomised arms.

    Attributes:
        study_id: Study with the comparison.
        label: First author and year.
        cohort_id: Independent cohort.
        endpoint: Endpoint compared.
        arms: First side.
        versus: Other side.
        differs: What differs between them.
        said: What is said of the first side, or its P value.
        estimate: Effect as printed, or None.
        p: P value as printed, or None.
        activation: Markers of this study or of one with the same patients, each with its item; or None.
        elsewhere: Cohorts of other patients in which the agent that differs raised activation markers; or None.
        item_id: Outcome.
        file: File of the record.
        line: Line of the outcome.
    """

    study_id: str
    label: str
    cohort_id: str
    endpoint: str
    arms: str | None
    versus: str | None
    differs: str | None
    said: str
    estimate: str | None
    p: str | None
    activation: str | None
    elsewhere: str | None
    item_id: str
    file: str
    line: int


_COMPARED = """
  SELECT i.study_id, i.item_id, s.label, s.cohort_id, i.endpoint_label, i.comparison_arms, i.versus_arms, i.differs, i.says, i.p,
         i.p_operator, i.p_printed, i.measure, i.estimate_printed, i.file, i.line, t.favours
  FROM {source} JOIN terms t ON t.kind = 'endpoints' AND t.id = i.endpoint
  WHERE i.comparison IN ('randomised', 'factorial-margin') AND t.class IN ('response', 'survival') AND {condition}
  ORDER BY i.study_id, i.position
"""


_GREATER = """
  SELECT f.study_id, f.item_id, f.biomarker_label, f.kind, coalesce(f.comparison_arms, f.arms)
  FROM findings f
  WHERE f.marker_role = 'activation'
    AND ((f.kind = 'change' AND f.direction IN ('increase', 'rise-then-fall') AND f.versus = 'baseline')
      OR (f.kind = 'contrast' AND f.direction = 'higher' AND f.comparison = 'randomised'))
  ORDER BY f.study_id, f.position
"""


_SAME_PATIENTS = """
  SELECT study_id, other_id FROM overlaps
  WHERE relation IN ('same-trial', 'same-cohort-earlier-cut', 'same-cohort-later-cut', 'nested-in', 'contains')
"""


_UNDER_AGENT = """
  SELECT DISTINCT c.agent, s.cohort_id, f.study_id
  FROM findings f JOIN studies s USING (study_id)
  JOIN item_arms a ON a.study_id = f.study_id AND a.kind = 'findings' AND a.item_id = f.item_id
  JOIN components c ON c.study_id = f.study_id AND c.arm = a.arm
  WHERE f.marker_role = 'activation' AND f.kind = 'change' AND f.direction IN ('increase', 'rise-then-fall') AND f.versus = 'baseline'
    AND c.agent_class IN ('il-2', 'engineered-il-2', 'il-15', 'il-7')
  ORDER BY c.agent, f.study_id
"""


def refutations(index: Index, selection: Selection) -> Iterator[Refutation]:
    """Yield the comparisons that fit `REFUTATION_RULES`, by study.

    Args:
        index: Index of the collection.
        selection: Which outcomes speak; the activation may come from any finding.
    """
    compared = [
        (row, said)
        for row in selected_rows(index, selection, "outcomes", _COMPARED)
        if (said := not_better(row[8], row[9], row[10], row[16]))
    ]
    if not compared:
        return
    greater: dict[str, list[_Greater]] = {}
    for study, item, marker, kind, arms in index.rows(_GREATER):
        greater.setdefault(study, []).append(_Greater(study, item, marker, kind, arms or ""))
    partners: dict[str, list[str]] = {}
    for study, other in index.rows(_SAME_PATIENTS):
        partners.setdefault(study, []).append(other)
    agents: dict[str, dict[str, str]] = {}
    for agent, cohort, study in index.rows(_UNDER_AGENT):
        agents.setdefault(agent, {}).setdefault(cohort, study)
    for row, said in compared:
        study, item, label, cohort, endpoint, arms, versus, differs, *_, printed, measure, estimate, file, line, _ = row
        first, other = frozenset((arms or "").split(JOINER)), frozenset((versus or "").split(JOINER))
        here = [one.words for one in greater.get(study, ()) if one.speaks_for(first, other)]
        here += [one.words for partner in partners.get(study, ()) for one in greater.get(partner, ())]
        elsewhere = _elsewhere(differs, agents, cohort)
        if here or elsewhere:
            effect = None if estimate is None else f"{measure} {estimate}"
            yield Refutation(
                study, label, cohort, endpoint, arms, versus, differs, said, effect, printed,
                JOINER.join(here) or None, elsewhere, item, file, line,
            )  # fmt: skip


class _Greater(NamedTuple):
    """An activation marker that rose in some arms, or lay higher in them than in others."""

    study: str
    item: str
    marker: str
    kind: str
    arms: str

    def speaks_for(self, first: frozenset[str], other: frozenset[str]) -> bool:
        """Whether it shows more activation in the first side; a rise in both sides does not."""
        arms = frozenset(self.arms.split(JOINER))
        return bool(arms & first) and (self.kind == "contrast" or not arms & other)

    @property
    def words(self) -> str:
        how = "higher between the arms" if self.kind == "contrast" else "rose within the arm"
        return f"{self.marker} {how} ({self.study}#{self.item})"


def _elsewhere(differs: str | None, agents: Mapping[str, Mapping[str, str]], cohort: str) -> str | None:
    """Say in which other cohorts the agent that the arms differ in raised activation markers."""
    said = []
    for agent in (differs or "").split(JOINER):
        others = {found: study for found, study in agents.get(agent, {}).items() if found != cohort}
        if others:
            shown = ", ".join(list(others.values())[:3]) + (" and others" if len(others) > 3 else "")
            said.append(f"{agent}: {len(others)} cohort{'' if len(others) == 1 else 's'} ({shown})")
    return JOINER.join(said) or None


def not_better(says: str | None, p: float | None, operator: str | None, favours: str | None) -> str | None:
    """Return what is said of a first side that fared no better, or None where it did or where that is not said."""
    worse_or_same = (Statement.NO_DIFFERENCE.value, Statement.SIMILAR.value, Statement.WORSE.value)
    if says in worse_or_same:
        return says
    if says is not None or favours == Favours.NEITHER.value:
        return None
    if operator == "NS" or (p is not None and p >= 0.05 and operator not in ("<", "<=")):
        return "not significant"
    return None
