"""`kb stats`: what a collection holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kb.analysis.stats import PATIENTS_RULE, stats
from kb.cli.options import SELECTION_HELP, chosen_selection, open_current_index, selection_options
from kb.cli.output import emit, output_options


@click.command(epilog=SELECTION_HELP)
@selection_options
@output_options
@click.pass_context
def command(ctx: click.Context, /, form: str | None, out: Path | None, header: bool, **options: Any) -> None:
    """Count studies, independent cohorts, arms, findings, outcomes, claims and patients.

    A selection narrows it to the studies that hold what is asked for. Studies that share patients are one cohort.
    """
    with open_current_index(ctx) as index:
        listing = stats(index, chosen_selection(index, options))
    click.echo(f"kb: {PATIENTS_RULE}", err=True)
    emit(listing, form=form, out=out, header=header)
