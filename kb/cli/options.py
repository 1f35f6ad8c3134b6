"""What reading commands share: the selection's options, their completion, and the open index."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kb.analysis.selection import OPTIONS, Option, Selection, select
from kb.cli.context import current_project
from kb.errors import KbError
from kb.project import Project
from kb.records.index import SWEEP_LIMIT, Index, open_index

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Command = Callable[..., Any]

SELECTION_HELP = (
    "Selection: options are joined by and, the values of a repeated option by or; a term stands for its narrower terms, "
    "and may be given by id, label or synonym. Each option has a counterpart --not-OPTION that leaves rows out."
)
"""A paragraph for the help of every command with a selection."""


def selection_options(command: Command) -> Command:
    """Add every option of the selection and its `--not-` counterpart.

    The command gets them as keywords; `chosen_selection` takes them out of its keywords.
    """
    for option in reversed(tuple(OPTIONS.values())):
        for prefix in ("not-", ""):
            command = click.option(
                f"--{prefix}{option.name}",
                f"{prefix}{option.name}".replace("-", "_"),
                multiple=True,
                metavar=option.metavar,
                help=option.asks,
                hidden=bool(prefix),
                shell_complete=_completer(option),
            )(command)
    return command


def chosen_selection(index: Index, options: Mapping[str, Any]) -> Selection:
    """Make the selection from a command's keywords, and say on stderr which doses it cannot judge.

    Keywords of other options are left alone.

    Raises:
        UsageError: If a term does not exist or a range cannot be read.
    """
    keys = {f"{prefix}{option.key}" for option in OPTIONS.values() for prefix in ("", "not_")}
    selection = select(index, {name: values for name, values in options.items() if name in keys})
    if selection.find("dose") is not None:
        from kb.analysis.not_compared import not_compared

        left_out = [str(item) for item in not_compared(index, selection)]
        if left_out:
            click.echo(_not_compared(left_out), err=True)
    return selection


_NAMED = 3
"""Doses that a message names; a list of hundreds would bury the answer."""


def _not_compared(left_out: Sequence[str]) -> str:
    count = (
        "1 dose could not be compared and is left out"
        if len(left_out) == 1
        else f"{len(left_out)} doses could not be compared and are left out"
    )
    more = "; `kb find arms -f json` with the same selection lists them all" if len(left_out) > _NAMED else ""
    return f"kb: {count}: {'; '.join(left_out[:_NAMED])}{more}"


def open_current_index(ctx: click.Context, project: Project | None = None) -> Index:
    """Open the index of the collection around the user, and say on stderr what the user must know of it.

    Args:
        ctx: The call.
        project: The collection, where the command has found it already.
    """
    index = open_index(project or current_project(ctx))
    if index.kept == "memory":
        click.echo(f"kb: the index is made for this call alone: {index.reason}", err=True)
    if not index.swept:
        click.echo(f"kb: more than {SWEEP_LIMIT:,} files: answering from the index as it is; `kb index` takes up changes", err=True)
    unreadable = index.unreadable
    if unreadable:
        count = f"{len(unreadable)} file{'' if len(unreadable) == 1 else 's'}"
        click.echo(f"kb: {count} could not be read and {'is' if len(unreadable) == 1 else 'are'} left out; run `kb check`", err=True)
    return index


def _completer(option: Option) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return complete_option(option, ctx, incomplete)

    return complete


def complete_option(option: Option, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Offer the values of an option that begin with what is typed, or whose label holds it."""
    from click.shell_completion import CompletionItem

    typed = incomplete.casefold()
    known = [(member.value, member.label) for member in option.members] if option.sets else _indexed(option, ctx)
    starting = [(value, label) for value, label in known if value.startswith(typed)]
    holding = [(value, label) for value, label in known if not value.startswith(typed) and typed in label.casefold()]
    return [CompletionItem(value, help=label) for value, label in (*starting, *holding)]


def _indexed(option: Option, ctx: click.Context) -> list[tuple[str, str]]:
    if option.kind is None and option.name != "id":
        return []
    from kb.project import open_project

    # While completing, no command has run, so the root is still a parameter of the topmost one.
    root: Path | None = ctx.find_root().params.get("root") or ctx.find_root().obj
    try:
        with open_index(open_project(root or Path.cwd(), explicit=root is not None)) as index:
            if option.kind is not None:
                return index.terms(option.kind)
            return [(study, label) for study, label in index.rows("SELECT study_id, label FROM studies ORDER BY study_id")]
    except KbError:  # a shell has no place for the message; the command itself will give it
        return []
