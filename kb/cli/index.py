"""`kb index`: make or refresh the index."""

from __future__ import annotations

import click

from kb.cli.context import current_project
from kb.errors import Exit


@click.command()
@click.option("--rebuild", is_flag=True, help="Make it anew whatever its state.")
@click.option("--where", is_flag=True, help="Say where it lies, and end.")
@click.pass_context
def command(ctx: click.Context, rebuild: bool, where: bool) -> int:
    """Build or refresh the index that reading commands answer from.

    Commands do this on their own; in a collection of more than 20,000 files only this command looks for changes. The
    index is disposable: it may be deleted at any time. Files that cannot be read are left out and named here; the exit
    code is then 1.
    """
    from kb.records.index import open_index, places

    project = current_project(ctx)
    if where:
        click.echo(next((str(path) for _, path in places(project)), "in memory"))
        return Exit.OK
    with open_index(project, sweep=True, rebuild=rebuild) as index:
        changes = index.changes
        assert changes is not None  # a sweep was asked for
        ((studies,),) = index.rows("SELECT count(*) FROM studies")
        taken = f"{len(changes.changed)} read, {len(changes.deleted)} gone" if changes else "fresh"
        click.echo(f"kb: {studies} {'study' if studies == 1 else 'studies'} in the index ({taken}): {index.path or 'in memory'}", err=True)
        if index.reason:
            click.echo(f"kb: not kept where it belongs: {index.reason}", err=True)
        for path, problem in index.unreadable:
            click.echo(f"{path}:{problem}")
        return Exit.FINDINGS if index.unreadable else Exit.OK
