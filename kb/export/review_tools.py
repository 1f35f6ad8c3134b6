"""Counted outcomes for tools that make a review: RevMan, netmeta and MetaInsight; a `README.md` says what stayed out and why.

Counts are raw. What has no value is `NA`, and no text runs as a formula in a spreadsheet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kb.analysis.review_rows import NETWORK_RULES, RULES, Arms, Node, network, study_labels, treatment
from kb.analysis.synthesis import Exclusion
from kb.export.cells import DISARMED, csv_table
from kb.export.formats import Extract

README = "README.md"
_INFORMATION = ("Study", "Year", "Design", "Condition", "Study ID", "Cohort ID")
_ARMS = ("Study", "Arm", "Intervention", "Study ID")
_RESULTS = (
    "Study", "Arm", "Intervention", "Outcome", "Events", "Total", "Criteria", "Population", "How counted", "Study ID", "Item", "Place",
)  # fmt: skip


def revman(extract: Extract) -> Iterator[tuple[str, str]]:
    """Yield the files for RevMan: `study-information.csv`, `study-arms.csv`, `study-results.csv` and `README.md`."""
    found = list(extract.arms())
    labels = study_labels([row for arms in found for row in arms.rows])
    information: dict[str, tuple[Any, ...]] = {}
    arms_of: dict[tuple[str, str], tuple[Any, ...]] = {}
    results: list[tuple[Any, ...]] = []
    for arms in found:
        for one in arms.rows:
            study, name = labels[one.study_id], " + ".join(one.arms) or "all"
            information.setdefault(
                one.study_id, (study, one.year, one.traits["design"], one.traits["condition"], one.study_id, one.cohort)
            )  # fmt: skip
            arms_of.setdefault((one.study_id, name), (study, name, treatment(one), one.study_id))
            results.append((
                study, name, treatment(one), arms.label, one.events, one.total, one.era, one.population, one.how or "printed", one.study_id,
                one.item_id, one.place,
            ))  # fmt: skip
    yield "study-information.csv", csv_table(_INFORMATION, information.values())
    yield "study-arms.csv", csv_table(_ARMS, arms_of.values())
    yield "study-results.csv", csv_table(_RESULTS, results)
    yield README, _readme(extract, "RevMan", _REVMAN, RULES, [(arms, arms.excluded) for arms in found])


def netmeta(extract: Extract) -> Iterator[tuple[str, str]]:
    """Yield a file for each endpoint in the long form of `pairwise` of R's meta and netmeta, and `README.md`."""
    head = ("studlab", "treat", "event", "n", "study_id", "items")
    yield from _networks(extract, head, "netmeta", _NETMETA)


def metainsight(extract: Extract) -> Iterator[tuple[str, str]]:
    """Yield a file for each endpoint in MetaInsight's long form `Study,T,R,N`, and `README.md`."""
    yield from _networks(extract, ("Study", "T", "R", "N"), "MetaInsight", _METAINSIGHT)


def _networks(extract: Extract, head: Sequence[str], tool: str, use: str) -> Iterator[tuple[str, str]]:
    told: list[tuple[Arms, Sequence[Exclusion]]] = []
    for arms in extract.arms():
        nodes, out = network(arms)
        told.append((arms, (*arms.excluded, *out)))
        if nodes:
            yield f"{arms.endpoint}.csv", csv_table(head, (_node(one)[: len(head)] for one in nodes))
    yield README, _readme(extract, tool, use, (*RULES, *NETWORK_RULES), told)


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


def _readme(extract: Extract, tool: str, use: str, rules: Sequence[str], told: Sequence[tuple[Arms, Sequence[Exclusion]]]) -> str:
    lines = [f"# Counted outcomes for {tool}", "", f"From {extract.project.name}. Selection: {extract.selection}.", "", use, ""]
    lines += ["## Rules", "", *(f"- {rule}" for rule in rules), f"- {DISARMED}", ""]
    lines += ["## Left out", ""]
    lines += [
        " ".join(f"- {arms.endpoint}: {one.label} [{one.study_id}#{one.item_id}]: {one.reason}".split())
        for arms, out in told
        for one in out
    ] or ["nothing"]
    return "\n".join(lines) + "\n"
