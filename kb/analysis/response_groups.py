"""Groups of patients with their activation and their response: the study-level table of the founding question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.analysis.selection import Selection
from kb.analysis.selection_sql import each_selected
from kb.model.intervals import beta_cdf, clopper_pearson
from kb.model.terms import Direction
from kb.records.tables import JOINER

if TYPE_CHECKING:
    from kb.records.index import Index


def arm_rules(threshold: float) -> tuple[str, ...]:
    """Return the rules of the table by group of patients, in the order in which they are tried."""
    return (
        "activation: a change of a marker whose rise stands for immune activation, in an arm of the group",
        "response: counted objective responses, else complete and partial ones added, else either alone, of the largest group",
        "not-measured: no change of such a marker is reported",
        "no-rise: measured, and none of them rose",
        "not-counted: activated, but responses are not counted with their denominator",
        f"benefit-excluded: activated, and the exact 95 % interval of the response ends below {threshold:g} %",
        f"with-benefit: activated, and the interval begins at {threshold:g} % or above",
        f"too-few-to-tell: activated, and the interval holds {threshold:g} %",
    )


class GroupRow(NamedTuple):
    """A group of patients with its activation and its response.

    Attributes:
        study_id: Study.
        label: First author and year.
        cohort_id: Independent cohort; rows of one cohort are one piece of evidence.
        arms: Arms of the group, joined.
        regimen_classes: Their classes, joined.
        population: Group in words.
        rose: Activation markers that rose, joined.
        not_rose: Activation markers measured that did not rise, joined.
        endpoint: Endpoint that the response counts, or None.
        events: Responders, or None.
        total: Patients, or None.
        low: Lower bound of the exact 95 % interval in percent, or None.
        high: Upper bound, or None.
        group: Class by `arm_rules`.
        needed: Patients in all with which this rate would tell; None where it tells already or no number would.
        item_id: Outcome that the response was read from, or None.
        file: File of the record.
        line: Line of the outcome, else of the study.
    """

    study_id: str
    label: str
    cohort_id: str
    arms: str
    regimen_classes: str
    population: str | None
    rose: str | None
    not_rose: str | None
    endpoint: str | None
    events: int | None
    total: int | None
    low: float | None
    high: float | None
    group: str
    needed: int | None
    item_id: str | None
    file: str
    line: int


_ACTIVATION = """
  SELECT study_id, biomarker_label, direction, arms FROM findings
  WHERE kind = 'change' AND marker_role = 'activation' AND direction IS NOT NULL AND versus = 'baseline' AND arms IS NOT NULL
  ORDER BY study_id, position
"""


_RESPONSES = """
  SELECT i.study_id, i.item_id, i.endpoint, i.endpoint_label, i.events, i.total, i.arms, i.population, i.population_label, i.conditions,
         i.file, i.line
  FROM {source}
  WHERE i.endpoint IN ('objective-response', 'partial-response', 'complete-response') AND i.count_of = 'patients' AND i.site IS NULL
    AND i.comparison IS NULL AND i.events IS NOT NULL AND i.total > 0 AND i.events <= i.total AND {condition}
  ORDER BY i.study_id, i.position
"""


_ARMS = "SELECT i.study_id, i.item_id, i.label, i.regimen_class FROM {source} WHERE {condition} ORDER BY i.study_id, i.position"


_UP = (Direction.INCREASE.value, Direction.RISE_THEN_FALL.value)


def group_rows(index: Index, selection: Selection, threshold: float) -> Iterator[GroupRow]:
    """Yield a row for every set of arms with a counted response, and for every other arm, by study.

    Args:
        index: Index of the collection.
        selection: Which arms and outcomes speak.
        threshold: Response in percent that benefit is measured by.
    """
    arms = _ByStudy(each_selected(index, selection, "arms", _ARMS))
    moves = _ByStudy(row for block in index.blocks(_ACTIVATION) for row in block)
    responses = _ByStudy(each_selected(index, selection, "outcomes", _RESPONSES))
    by_disease = selection.find("condition") is not None
    for block in index.blocks("SELECT study_id, label, cohort_id, file, line FROM studies ORDER BY study_id"):
        for study, label, cohort, file, line in block:
            held = {arm: (name, regimen) for _, arm, name, regimen in arms.of(study)}
            if held:
                moved = _moves_by_arm(moves.of(study))
                teller = _Groups(study, label, cohort, file, line, held, moved, threshold)
                yield from teller.rows(_best_responses(responses.of(study), by_disease=by_disease))


class _ByStudy:
    """Rows that come by study, taken study by study, so that of thousands no more than one is held."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._groups = groupby(rows, key=itemgetter(0))
        self._next = next(self._groups, None)

    def of(self, study: str) -> list[tuple[Any, ...]]:
        """Return the rows of a study; studies are asked for in their order."""
        while self._next is not None and self._next[0] < study:
            self._next = next(self._groups, None)
        return list(self._next[1]) if self._next is not None and self._next[0] == study else []


class _Response(NamedTuple):
    """Counted responders of one group; `parts` says how many kinds of response were added up to it."""

    item: str
    endpoint: str
    events: int
    total: int
    arms: tuple[str, ...]
    population: str
    conditions: int
    parts: int
    file: str
    line: int


def _best_responses(rows: Iterable[tuple[Any, ...]], *, by_disease: bool) -> list[_Response]:
    """Return one response of a study a set of arms: objective before added before single ones, of few diseases, of most patients.

    Args:
        rows: Its rows of `_RESPONSES`.
        by_disease: Whether the number of diseases counts: where one is asked for.
    """
    groups: dict[tuple[str, int, str | None], dict[str, tuple[Any, ...]]] = {}
    for row in rows:
        groups.setdefault((row[7], row[5], row[6]), {}).setdefault(row[2], row)
    best: dict[tuple[str, ...], _Response] = {}
    for graded in groups.values():
        response = _objective(graded, by_disease=by_disease)
        before = best.get(response.arms)
        if before is None or _order(response) < _order(before):
            best[response.arms] = response
    return _narrowest(best) if len(best) > 1 else list(best.values())


def _narrowest(by_arms: Mapping[tuple[str, ...], _Response]) -> list[_Response]:
    """A group that holds another's arms counts the same patients again; the narrower groups speak."""
    held = [frozenset(arms) for arms in by_arms]
    return [one for arms, one in zip(held, by_arms.values(), strict=True) if not any(other < arms for other in held)]


def _order(response: _Response) -> tuple[int, int, int]:
    return (0 if response.parts != 1 else 1, response.conditions, -response.total)


def _objective(graded: Mapping[str, tuple[Any, ...]], *, by_disease: bool) -> _Response:
    """Return the objective response of one group of patients: as counted, as complete plus partial, or what there is of it.

    Args:
        graded: Rows of `_RESPONSES` by endpoint.
        by_disease: Whether the number of diseases counts.
    """
    row, parts = graded.get("objective-response"), 0
    complete, partial = graded.get("complete-response"), graded.get("partial-response")
    if row is None:
        row, parts = partial or complete, 1
        assert row is not None  # a group is made of at least one of the three
    _, item, _, name, events, total, arms, _, population, conditions, file, line = row
    if parts and complete is not None and partial is not None and complete[4] + events <= total:
        name, events, parts = "complete and partial responses, added", complete[4] + events, 2
    diseases = len((conditions or "").split(JOINER)) if by_disease else 0
    return _Response(item, name, events, total, tuple((arms or "").split(JOINER)), population, diseases, parts, file, line)


def _moves_by_arm(rows: Iterable[tuple[Any, ...]]) -> dict[str, dict[str, bool]]:
    """Return by arm of a study the activation markers that were measured, each with whether it rose."""
    found: dict[str, dict[str, bool]] = {}
    for _, marker, direction, arms in rows:
        up = direction in _UP
        for arm in arms.split(JOINER):
            markers = found.setdefault(arm, {})
            markers[marker] = up or markers.get(marker, False)
    return found


class _Groups(NamedTuple):
    """Makes the rows of one study."""

    study: str
    label: str
    cohort: str
    file: str
    line: int
    arms: Mapping[str, tuple[str, str]]
    moves: Mapping[str, Mapping[str, bool]]
    threshold: float

    def rows(self, responses: Iterable[_Response]) -> Iterator[GroupRow]:
        """Yield a row for every set of arms with a response, then for every other arm."""
        answered: set[str] = set()
        for response in responses:
            together = [arm for arm in response.arms if arm in self.arms]
            if together:
                answered.update(together)
                yield self.row(together, response)
        yield from (self.row([arm], None) for arm in self.arms if arm not in answered)

    def row(self, together: list[str], response: _Response | None) -> GroupRow:
        measured: dict[str, bool] = {}
        for arm in together:
            for marker, up in self.moves.get(arm, {}).items():
                measured[marker] = measured.get(marker, False) or up
        rose = [marker for marker, up in measured.items() if up]
        low = high = needed = None
        if response is not None:
            bounds = clopper_pearson(response.events, response.total)
            low, high = 100 * bounds.low, 100 * bounds.high
        group = classify(measured=bool(measured), rose=bool(rose), low=low, high=high, threshold=self.threshold)
        if group == "too-few-to-tell" and response is not None:
            needed = patients_needed(response.events, response.total, self.threshold)
        return GroupRow(
            self.study,
            self.label,
            self.cohort,
            JOINER.join(together),
            JOINER.join(dict.fromkeys([self.arms[arm][1] for arm in together])),
            response.population if response else JOINER.join(self.arms[arm][0] for arm in together),
            JOINER.join(rose) or None,
            JOINER.join([marker for marker, up in measured.items() if not up]) or None,
            response.endpoint if response else None,
            response.events if response else None,
            response.total if response else None,
            low,
            high,
            group,
            needed,
            response.item if response else None,
            response.file if response else self.file,
            response.line if response else self.line,
        )


def classify(*, measured: bool, rose: bool, low: float | None, high: float | None, threshold: float) -> str:
    """Return the class of a group by `arm_rules`; bounds and threshold in percent."""
    if not measured:
        return "not-measured"
    if not rose:
        return "no-rise"
    if low is None or high is None:
        return "not-counted"
    if high < threshold:
        return "benefit-excluded"
    return "with-benefit" if low >= threshold else "too-few-to-tell"


@cache
def patients_needed(events: int, total: int, threshold: float) -> int | None:
    """Return how many patients in all would tell, were the observed rate the true one; None where no number would.

    The exact 95 % interval is taken at real-valued counts, so that the answer grows smoothly.

    Args:
        events: Responders.
        total: Patients.
        threshold: Response in percent that the interval must clear.
    """
    rate, bar = events / total, threshold / 100
    if rate == bar:
        return None

    def tells(n: float) -> bool:
        # That a quantile lies below the bar is what the distribution function says there, without looking for the quantile.
        if rate < bar:
            return beta_cdf(bar, rate * n + 1, n - rate * n) > 0.975
        return beta_cdf(bar, rate * n, n - rate * n + 1) <= 0.025 if rate < 1 else 0.025 ** (1 / n) >= bar

    enough = float(total)
    while not tells(enough):
        enough *= 2
        if enough > 1e7:
            return None  # so near to the threshold that no study will tell
    low, high = enough / 2, enough
    while high - low > 0.5:
        middle = (low + high) / 2
        low, high = (low, middle) if tells(middle) else (middle, high)
    return int(high) + 1
