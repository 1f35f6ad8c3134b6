"""`kb conflicts`: reports that contradict each other, with what differs and whether the null could tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kb.cli.options import SELECTION_HELP, chosen_selection, open_current_index, selection_options
from kb.cli.output import chosen_format, emit, output_options, write
from kb.cli.rendering import json_pieces

if TYPE_CHECKING:
    from kb.analysis.conflicts import Conflict


@click.command(epilog=SELECTION_HELP)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(["marker-endpoint", "marker-direction", "intervention-endpoint"]),
    help="Kind of question; repeatable (default: all).",
)
@selection_options
@output_options
@click.pass_context
def command(ctx: click.Context, /, kinds: tuple[str, ...], form: str | None, out: Path | None, header: bool, **options: Any) -> None:
    """List disagreements: who says what, what differs between them, whether a null could have seen the other's effect.

    \b
    kb conflicts --biomarker eosinophils
    kb conflicts --kind intervention-endpoint -f csv
    """
    from kb.analysis.conflicts import KINDS, conflict_rows, conflicts

    with open_current_index(ctx) as index:
        selection = chosen_selection(index, options)
        found = conflicts(index, selection, kinds=kinds or KINDS)
    chosen = chosen_format(form, out)
    if chosen in ("csv", "tsv", "jsonl"):
        emit(conflict_rows(found, selection.describe()), form=chosen, out=out, header=header)
        return
    told = _told(found, selection.describe(), chosen)
    write(_json(found, selection.describe()) if chosen == "json" else (f"{line}\n" for line in told), out)


def _json(found: list[Conflict], selection: str) -> Iterator[str]:
    from dataclasses import asdict

    from kb.analysis.stands import POWER_RULE

    head = {"selection": selection, "power_rule": POWER_RULE}
    return json_pieces(head, "conflicts", ((asdict(conflict),) for conflict in found))


def _told(found: list[Conflict], selection: str, form: str) -> Iterator[str]:
    from kb.analysis.stands import POWER_RULE

    head = "## " if form == "md" else ""
    yield f"selection: {selection}"
    yield ""
    yield f"{len(found)} disagreement{'' if len(found) == 1 else 's'}"
    for number, conflict in enumerate(found, 1):
        yield ""
        yield f"{head}{number}. {conflict.question}  [{conflict.kind}]"
        for position, stands in conflict.sides.items():
            cohorts = len({stand.cohort_id for stand in stands})
            yield f"  {position}: {cohorts} cohort{'' if cohorts == 1 else 's'}"
            for stand in stands:
                size = "n not stated" if stand.n is None else f"n {stand.n}"
                p = f", P {stand.p_printed}" if stand.p_printed else ""
                yield f"    {stand.label}: {stand.said} ({size}{p})  {stand.study_id}#{stand.item_id} {stand.place}"
        for name, lines in (("what differs", conflict.differs), ("power", conflict.power), ("shared patients", conflict.shared)):
            if lines:
                yield f"  {name}:"
                yield from (f"    {line}" for line in lines)
        if not conflict.differs:
            yield "  what differs: nothing that the records hold"
    yield ""
    yield POWER_RULE
