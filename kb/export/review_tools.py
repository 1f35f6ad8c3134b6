"""Counted outcomes for tools that make a review: RevMan, netmeta and MetaInsight; a `README.md` says what stayed out and why.

Counts are raw. What has no value is `NA`, and no text runs as a formula in a spreadsheet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, groupby
from typing import Any

from kb.analysis.evidence_candidates import Candidate
from kb.analysis.review_rows import NETWORK_RULES, RULES, Arms, Node, network, shared_names, study_name, treatment
from kb.analysis.spool import Spool
from kb.analysis.synthesis import Exclusion
from kb.export.cells import DISARMED, csv_table
from kb.export.formats import Extract, Pieces

README = "README.md"
_INFORMATION = ("Study", "Year", "Design", "Condition", "Study ID", "Cohort ID")
_ARMS = ("Study", "Arm", "Intervention", "Study ID")
_RESULTS = (
    "Study", "Arm", "Intervention", "Outcome", "Events", "Total", "Criteria", "Population", "How counted", "Study ID", "Item", "Place",
)  # fmt: skip


def revman(extract: Extract) -> Iterator[tuple[str, Pieces]]:
    """Yield the files for RevMan: `study-information.csv`, `study-arms.csv`, `study-results.csv` and `README.md`."""
    rows: Spool[tuple[str, Candidate]] = Spool()
    left: Spool[str] = Spool()
    for arms in extract.arms():
        for one in arms.rows:
            rows.add((arms.label, one))
        _add_left(left, arms, arms.excluded)
    results = rows.settled()
    shared = shared_names((one.label, one.study_id) for _, one in results)
    studies = ((one.study_id, _study(one, shared)) for _, one in results)
    yield "study-information.csv", csv_table(_INFORMATION, _first_of_each(studies))
    arms_of = ((f"{one.study_id}#{_arm_name(one)}", _arm(one, shared)) for _, one in results)
    yield "study-arms.csv", csv_table(_ARMS, _first_of_each(arms_of))
    yield "study-results.csv", csv_table(_RESULTS, (_result(label, one, shared) for label, one in results))
    yield README, _readme(extract, "RevMan", _REVMAN, RULES, left.settled())


def _arm_name(one: Candidate) -> str:
    return " + ".join(one.arms) or "all"


def _study(one: Candidate, shared: Collection[str]) -> tuple[Any, ...]:
    return study_name(one, shared), one.year, one.traits["design"], one.traits["condition"], one.study_id, one.cohort


def _arm(one: Candidate, shared: Collection[str]) -> tuple[Any, ...]:
    return study_name(one, shared), _arm_name(one), treatment(one), one.study_id


def _result(label: str, one: Candidate, shared: Collection[str]) -> tuple[Any, ...]:
    return (
        study_name(one, shared), _arm_name(one), treatment(one), label, one.events, one.total, one.era, one.population, one.how or "printed",
        one.study_id, one.item_id, one.place,
    )  # fmt: skip


def _first_of_each(lines: Iterable[tuple[str, tuple[Any, ...]]]) -> Iterator[tuple[Any, ...]]:
    """Yield the first line under each name, in the order in which they come."""
    by_name: Spool[tuple[str, int, tuple[Any, ...]]] = Spool()
    for number, (name, line) in enumerate(lines):
        by_name.add((name, number, line), name)
    first: Spool[tuple[Any, ...]] = Spool()
    for _, held in groupby(by_name.settled(), key=lambda each: each[0]):
        _, number, line = next(held)
        first.add(line, number)
    yield from first.settled()


def netmeta(extract: Extract) -> Iterator[tuple[str, Pieces]]:
    """Yield a file for each endpoint in the long form of `pairwise` of R's meta and netmeta, and `README.md`."""
    head = ("studlab", "treat", "event", "n", "study_id", "items")
    yield from _networks(extract, head, "netmeta", _NETMETA)


def metainsight(extract: Extract) -> Iterator[tuple[str, Pieces]]:
    """Yield a file for each endpoint in MetaInsight's long form `Study,T,R,N`, and `README.md`."""
    yield from _networks(extract, ("Study", "T", "R", "N"), "MetaInsight", _METAINSIGHT)


def _networks(extract: Extract, head: Sequence[str], tool: str, use: str) -> Iterator[tuple[str, Pieces]]:
    left: Spool[str] = Spool()
    for arms in extract.arms():
        nodes, out = network(arms)
        _add_left(left, arms, arms.excluded, out)
        if nodes:
            yield f"{arms.endpoint}.csv", csv_table(head, (_node(one)[: len(head)] for one in nodes))
    yield README, _readme(extract, tool, use, (*RULES, *NETWORK_RULES), left.settled())


def _node(one: Node) -> tuple[Any, ...]:
    return one.label, one.treatment, one.events, one.total, one.study_id, "; ".join(one.items)


_REVMAN = (
    "Upload the references first (`kb export ris`), or RevMan doubles the studies. The three tables have the rows of RevMan's own: a "
    "study, an arm, the result of an arm. Copy their columns into the data extraction templates of your review, whose names of "
    "interventions and outcomes they must match to the letter; risk of bias is not held here."
)
_NETMETA = (
    'In R: `pairwise(treat = treat, event = event, n = n, studlab = studlab, data = read.csv("ENDPOINT.csv", na.strings = "NA"), '
    'sm = "OR")`, then `netmeta()`.'
)
_METAINSIGHT = "Load one file at a time as binary data in the long form; the treatments are those of column T."


def _add_left(left: Spool[str], arms: Arms, *out: Iterable[Exclusion]) -> None:
    """Take the lines of what was left out."""
    for one in chain(*out):
        left.add(" ".join(f"- {arms.endpoint}: {one.label} [{one.study_id}#{one.item_id}]: {one.reason}".split()) + "\n")


def _readme(extract: Extract, tool: str, use: str, rules: Sequence[str], left: Sequence[str]) -> Iterator[str]:
    lines = [f"# Counted outcomes for {tool}", "", f"From {extract.project.name}. Selection: {extract.selection}.", "", use, ""]
    lines += ["## Rules", "", *(f"- {rule}" for rule in rules), f"- {DISARMED}", "", "## Left out", ""]
    yield "\n".join(lines) + "\n"
    yield from left or ["nothing\n"]
