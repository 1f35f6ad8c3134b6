"""`kb find`: rows of a collection for a selection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kb.analysis.find import describe_columns, finding, grouping
from kb.analysis.not_compared import not_compared
from kb.analysis.selection_sql import KINDS
from kb.cli.options import SELECTION_HELP, chosen_selection, open_current_index, selection_options
from kb.cli.output import chosen_format, emit, output_options
from kb.errors import UsageError


@click.command(epilog=SELECTION_HELP)
@click.argument("kind", type=click.Choice(list(KINDS)))
@selection_options
@click.option("--columns", metavar="NAME,..", default=None, help="Columns to show; `all` for every one.")
@click.option("--list-columns", is_flag=True, help="List the columns with unit and meaning, and end.")
@click.option("--sort", metavar="NAME,..", default=None, help="Columns to sort by; - before a name for descending.")
@click.option("--limit", type=click.IntRange(min=0), default=None, help="Largest number of rows.")
@click.option("--group-by", metavar="NAME,..", default=None, help="Count by columns, or by condition, agent, route, class, decade.")
@output_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    kind: str,
    columns: str | None,
    list_columns: bool,
    sort: str | None,
    limit: int | None,
    group_by: str | None,
    form: str | None,
    out: Path | None,
    header: bool,
    **options: Any,
) -> None:
    """List studies, arms, findings, outcomes, adverse events or claims.

    A person at a terminal sees the main columns; csv, tsv, json and jsonl hold all of them. Groups are counted in
    independent cohorts: studies that share patients count once.

    \b
    kb find outcomes --condition renal-cell-carcinoma --endpoint objective-response -f csv
    kb find findings --biomarker nk-cell-count --association positive --association none
    kb find arms --agent aldesleukin --dose '>=0.5 MIU/kg/d'
    kb find studies --text '"lymphokine-activated" melanoma' --group-by class
    """
    if list_columns:
        emit(describe_columns(kind), form=form, out=out, header=header)
        return
    if group_by and columns:
        raise UsageError("--columns and --group-by exclude each other", hint="a group shows its own columns and the counts")
    names = _names(columns)
    with open_current_index(ctx) as index:
        selection = chosen_selection(index, options)
        if group_by:
            query = grouping(kind, selection, _names(group_by), sort=_names(sort), limit=limit)
        else:
            every = names == ["all"]
            short = chosen_format(form, out) in ("table", "md") and not every
            query = finding(kind, selection, columns=() if every else names, sort=_names(sort), limit=limit, short=short)
        left_out = tuple(str(item) for item in not_compared(index, selection))
        emit(query.stream(index)._replace(not_compared=left_out), form=form, out=out, header=header)


def _names(written: str | None) -> list[str]:
    return [name.strip() for name in (written or "").split(",") if name.strip()]
