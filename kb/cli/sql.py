"""`kb sql`: the tables of the index, for people who know them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kb.analysis.listing import Listing, Stream
from kb.cli.options import open_current_index
from kb.cli.output import emit, output_options
from kb.errors import UsageError


@click.command()
@click.argument("query", required=False)
@click.option("--schema", is_flag=True, help="List tables and columns with their meaning, and end.")
@click.option("--limit", type=click.IntRange(min=1), default=100_000, show_default=True, help="Largest number of rows.")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), default=30.0, show_default=True, help="Longest time.")
@output_options
@click.pass_context
def command(
    ctx: click.Context, /, query: str | None, schema: bool, limit: int, seconds: float, form: str | None, out: Path | None, header: bool
) -> None:
    """Ask the tables in SQL; nothing can be changed. `-` reads the query from standard input.

    \b
    kb sql "SELECT study_id, events, total FROM outcomes WHERE endpoint = 'objective-response'"
    kb sql --schema
    """
    from kb.records.query import Asking, schema_rows

    if schema:
        emit(Listing(("table", "column", "type", "meaning"), schema_rows()), form=form, out=out, header=header)
        return
    if query is None:
        raise UsageError("a query is needed", hint='for instance kb sql "SELECT count(*) FROM studies"; `kb sql --schema` lists the tables')
    words = sys.stdin.read() if query == "-" else query
    with open_current_index(ctx) as index, Asking(index, words, seconds=seconds, rows=limit) as asking:
        emit(Stream(asking.columns, asking.blocks()), form=form, out=out, header=header)
    if asking.cut:
        click.echo(f"kb: only the first {limit:,} rows; --limit allows more", err=True)
