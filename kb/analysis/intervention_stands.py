"""Where studies stand on an intervention and an endpoint: by comparison of arms, and by counted responses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from kb.analysis.refutations import not_better
from kb.analysis.selection import Selection
from kb.analysis.selection_sql import each_selected
from kb.analysis.stands import SIGNIFICANCE, Stand, labelled
from kb.model.intervals import clopper_pearson
from kb.model.terms import RegimenClass, Statement
from kb.records.index import Index
from kb.records.tables import JOINER

_COMPARED = """
  SELECT i.study_id, i.item_id, s.label, s.cohort_id, i.endpoint_label, t.class, t.favours, i.comparison, i.comparison_arms, i.versus_arms,
         i.differs, i.says, i.p, i.p_operator, i.p_printed, i.estimate_printed, i.measure, i.population_n, i.population_basis, i.conditions, s.regimen_classes,
         s.setting, s.design, s.allocation, s.year, i.file, i.line
  FROM {source} JOIN terms t ON t.kind = 'endpoints' AND t.id = i.endpoint
  WHERE i.comparison IN ('randomised', 'factorial-margin', 'not-randomised') AND t.class IN ('response', 'survival') AND {condition}
  ORDER BY i.study_id, i.position
"""
_RESPONSES = """
  SELECT i.study_id, i.item_id, s.label, s.cohort_id, i.events, i.total, i.percent, i.population_n, i.population_basis, i.arms, i.conditions,
         i.criteria, s.design, s.allocation, s.phase, s.year, i.file, i.line
  FROM {source}
  WHERE i.endpoint = 'objective-response' AND i.count_of = 'patients' AND i.site IS NULL AND i.comparison IS NULL
    AND (i.events IS NOT NULL OR i.percent IS NOT NULL)
    AND (s.sampling IS NULL OR s.sampling IN ('consecutive', 'trial-population'))
    AND i.population_basis IN ('enrolled', 'randomised', 'eligible', 'itt', 'treated', 'evaluable', 'per-protocol', 'unstated')
    AND {condition}
  ORDER BY i.study_id, i.position
"""
_AGENTS = """
  SELECT study_id, arm, agent, agent_label FROM components WHERE role NOT IN ('supportive', 'procedure', 'conditioning')
  GROUP BY study_id, arm, agent ORDER BY study_id, arm, agent
"""


def comparison_stands(index: Index, selection: Selection) -> Iterator[tuple[str, list[Stand]]]:
    """Yield questions `does this agent add to what the other arm gets`, by agent and family of endpoints.

    Args:
        index: Index of the collection.
        selection: Which outcomes speak.
    """
    given = _given(index)
    classes = _classes(index)
    labels, diseases = dict(index.terms("agents")), dict(index.terms("conditions"))
    questions: dict[tuple[tuple[str, ...], str], list[Stand]] = {}
    for row in each_selected(index, selection, "outcomes", _COMPARED):
        (
            study, item, label, cohort, endpoint, family, favours, comparison, arms, versus, differs, says, p, operator, printed, estimate,
            measure, n, basis, conditions, regimens, setting, design, allocation, year, file, line,
        ) = row  # fmt: skip
        first, second = (_agents_of(given, study, side) for side in (arms, versus))
        position = None if _otherwise_given(classes, study, arms, versus) else _position(says, p, operator, favours)
        differing = frozenset(agent for agent in (differs or "").split(JOINER) if agent in labels)
        # What is given to one side alone is asked about as a whole: the effect of a package is nobody's own.
        added, missing = (differing & first) - second, (differing & second) - first
        if position is None or bool(added) == bool(missing):
            continue
        traits = {
            "endpoint": endpoint, "disease": labelled(diseases, conditions), "regimen": regimens, "setting": setting, "design": design,
            "allocation": allocation, "comparison": comparison, "population": basis, "decade": _decade(year),
        }  # fmt: skip
        words = "; ".join(
            part for part in (says, f"{measure} {estimate}" if estimate else None, f"P {printed}" if printed else None) if part
        )
        stand = Stand(
            study, item, label, cohort, position if added else _mirrored(position), words or "compared", n, p, printed,
            operator in ("<", "<="), {name: value for name, value in traits.items() if value}, file, line,
        )  # fmt: skip
        questions.setdefault((tuple(sorted(added or missing)), family), []).append(stand)
    for (agents, family), stands in sorted(questions.items()):
        yield f"{' + '.join(labels[agent] for agent in agents)} added, and {family}", stands


def _position(says: str | None, p: float | None, operator: str | None, favours: str | None) -> str | None:
    if says in (Statement.BETTER.value, Statement.WORSE.value):
        # A trend that the authors call a direction is no difference shown.
        significant = p is None or p < SIGNIFICANCE or operator in ("<", "<=")
        return says if significant and operator != "NS" else "no better"
    return "no better" if not_better(says, p, operator, favours) else None


def _mirrored(position: str) -> str:
    return {"better": "worse", "worse": "better"}.get(position, position)


def response_stands(index: Index, selection: Selection) -> Iterator[tuple[str, list[Stand]]]:
    """Yield questions `how often do tumours respond to these agents in this disease`, where exact intervals exclude each other.

    Of each cohort the counted response of most patients stands. A count that only a percentage gives is derived from it.
    """
    given = _given(index)
    labels = dict(index.rows("SELECT id, label FROM terms WHERE kind IN ('agents', 'conditions')"))
    classes = _classes(index)
    groups: dict[tuple[tuple[str, ...], str], dict[str, tuple[int, float, float, Stand]]] = {}
    for row in each_selected(index, selection, "outcomes", _RESPONSES):
        (
            study,
            item,
            label,
            cohort,
            events,
            total,
            percent,
            n,
            basis,
            arms,
            conditions,
            criteria,
            design,
            allocation,
            phase,
            year,
            file,
            line,
        ) = row
        patients = total or n
        if not patients or not conditions or JOINER in conditions:
            continue
        derived = events is None
        counted = round(percent * patients / 100) if derived else events
        agents = tuple(sorted(_agents_of(given, study, arms)))
        if not agents or counted > patients:
            continue
        bounds = clopper_pearson(counted, patients)
        traits = {
            "regimen": JOINER.join(sorted(_classes_of(classes, study, arms))),
            "design": design, "allocation": allocation, "phase": phase, "criteria": criteria, "population": basis,
            "decade": _decade(year),
        }  # fmt: skip
        said = f"{counted} of {patients}{' (from a printed percentage)' if derived else ''}, {100 * bounds.low:.0f} to {100 * bounds.high:.0f} %"
        stand = Stand(
            study,
            item,
            label,
            cohort,
            "",
            said,
            patients,
            None,
            None,
            False,
            {name: value for name, value in traits.items() if value},
            file,
            line,
        )
        best = groups.setdefault((agents, conditions), {})
        if cohort not in best or patients > best[cohort][0]:
            best[cohort] = patients, bounds.low, bounds.high, stand
    for (agents, condition), found in sorted(groups.items()):
        yield f"response of {labels.get(condition, condition)} to {' + '.join(labels.get(agent, agent) for agent in agents)}", _split(found)


def _otherwise_given(classes: Mapping[tuple[str, str], str], study: str, arms: str | None, versus: str | None) -> bool:
    """Return whether both sides get interleukin-2, but by other classes of regimen: more than the agent added differs then."""
    first, second = (_classes_of(classes, study, side) for side in (arms, versus))
    without = RegimenClass.NO_IL2.value
    return bool(first and second) and without not in first | second and first != second


def _classes(index: Index) -> Mapping[tuple[str, str], str]:
    return {(study, arm): regimen for study, arm, regimen in index.rows("SELECT study_id, item_id, regimen_class FROM arms")}


def _classes_of(classes: Mapping[tuple[str, str], str], study: str, arms: str | None) -> frozenset[str]:
    return frozenset(classes[study, arm] for arm in (arms or "").split(JOINER) if (study, arm) in classes)


def _decade(year: int | None) -> str | None:
    return None if year is None else f"{year // 10 * 10}s"


def _split(found: Mapping[str, tuple[int, float, float, Stand]]) -> list[Stand]:
    """Put each cohort on the lower or the higher side of the widest gap between intervals that exclude each other."""
    held = sorted(found.values(), key=lambda one: (one[1] + one[2], one[3].study_id))
    lowest_top, highest_bottom = min(one[2] for one in held), max(one[1] for one in held)
    if lowest_top >= highest_bottom:
        return []
    cut = (lowest_top + highest_bottom) / 2
    return [replace(stand, position="lower" if high < cut else "higher") for _, low, high, stand in held if high < cut or low > cut]


def _given(index: Index) -> Mapping[tuple[str, str], frozenset[str]]:
    agents: dict[tuple[str, str], set[str]] = {}
    for study, arm, agent, _ in index.rows(_AGENTS):
        agents.setdefault((study, arm), set()).add(agent)
    return {key: frozenset(found) for key, found in agents.items()}


def _agents_of(given: Mapping[tuple[str, str], frozenset[str]], study: str, arms: str | None) -> frozenset[str]:
    return frozenset(agent for arm in (arms or "").split(JOINER) for agent in given.get((study, arm), ()))
