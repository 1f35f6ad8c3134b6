"""`kb compare`: studies side by side."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from kb.analysis.selection import OPTIONS
from kb.cli.options import complete_option, open_current_index
from kb.cli.output import FOR_PEOPLE, chosen_format, emit, output_options

SECTIONS = ("study", "regimen", "population", "finding", "outcome", "adverse event", "claim")


def complete_study(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the ids of studies."""
    return complete_option(OPTIONS["id"], ctx, incomplete)


@click.command()
@click.argument("names", metavar="ID ID...", nargs=-1, required=True, shell_complete=complete_study)
@click.option("--section", "sections", multiple=True, type=click.Choice(SECTIONS), help="Section to show; repeatable (default: all).")
@click.option("--differing", is_flag=True, help="Leave out what is equal in all of them.")
@click.option("--shared", is_flag=True, help="Leave out what only one of them has.")
@output_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    names: tuple[str, ...],
    sections: tuple[str, ...],
    differing: bool,
    shared: bool,
    form: str | None,
    out: Path | None,
    header: bool,
) -> None:
    """Set two to six studies side by side: a row a property, a column a study.

    The column `equal` says whether all values are the same, or some; findings are the same in their
    direction or association, whatever their numbers of patients. Tables and Markdown tell labels, the other
    formats ids.

    \b
    kb compare fisher-1997-aldesleukin-update fyfe-1995-255-patients
    kb compare sosman-1991-prolonged-il2 law-1995-il2-lak-randomised --section outcome -f md
    """
    from kb.analysis.compare import ALL, IDS, compare, labels, listing

    form = chosen_format(form, out)
    with open_current_index(ctx) as index:
        studies, rows = compare(index, names, labels(index) if form in FOR_PEOPLE else IDS)
    kept = [
        row
        for row in rows
        if (not sections or row.section in sections)
        and not (differing and row.equal == ALL)
        and not (shared and sum(value is not None for value in row.values) < 2)
    ]
    emit(listing(studies, kept), form=form, out=out, header=header)
