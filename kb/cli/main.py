"""The `kb` command: a table of commands, each loaded only when it is called."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Any

import click

from kb import __version__
from kb.errors import Exit, KbError

COMMANDS: dict[str, tuple[str, str]] = {
    # name: module of `command`, one line of help
    "check": ("kb.cli.check", "Check records and say where each problem is."),
    "compare": ("kb.cli.compare", "Set studies side by side."),
    "concordance": ("kb.cli.concordance", "Set immune activation beside benefit: the founding question."),
    "conflicts": ("kb.cli.conflicts", "List reports that contradict each other, and what differs."),
    "diff": ("kb.cli.diff", "Say what changed between two states, and which estimates moved."),
    "explain": ("kb.cli.explain", "Explain a rule: cause, examples, fix."),
    "export": ("kb.cli.export", "Write the collection in another form."),
    "find": ("kb.cli.find", "List studies, arms, findings, outcomes or claims for a selection."),
    "fmt": ("kb.cli.fmt", "Bring records into canonical form, comments kept."),
    "gaps": ("kb.cli.gaps", "Map where there is evidence, and where there is none."),
    "graph": ("kb.cli.graph", "Walk the evidence graph."),
    "help": ("kb.cli.help", "Explain a command or a topic."),
    "index": ("kb.cli.index", "Build or refresh the index."),
    "init": ("kb.cli.init", "Start a collection in a folder."),
    "meta": ("kb.cli.meta", "Pool results over independent cohorts, or those of a CSV."),
    "new": ("kb.cli.new", "Start a study record."),
    "report": ("kb.cli.report", "Answer a curated question as a report."),
    "release": ("kb.cli.release", "Write the collection in every form, for publication."),
    "schema": ("kb.cli.schema", "Print or rewrite the schemas."),
    "show": ("kb.cli.show", "Show a study, or one of its items, for reading."),
    "site": ("kb.cli.site", "Build the web site."),
    "sparql": ("kb.cli.sparql", "Ask the graph in SPARQL, read-only."),
    "sql": ("kb.cli.sql", "Ask the tables of the index in SQL, read-only."),
    "stats": ("kb.cli.stats", "Count what the collection holds."),
}
"""Every command. Its module is imported when it is called, so that `kb --help` answers at once."""


class LazyGroup(click.Group):
    """A group that lists its commands from the table and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in alphabetical order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None."""
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        found: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return found

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest name for an unknown command."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            from kb.errors import nearest

            near = nearest(args[0], sorted(COMMANDS))
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            raise click.UsageError(f'There is no command "{args[0]}".{hint}', ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, importing none."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-C",
    "--root",
    type=click.Path(path_type=Path),
    default=None,
    help="Folder of the collection (default: the one around the current folder).",
)
@click.version_option(__version__, prog_name="kb")
@click.pass_context
def root_command(ctx: click.Context, root: Path | None) -> None:
    """Ask a collection of immunotherapy studies what was given, what the immune system did, and what the tumours did."""
    ctx.obj = root


def main(args: list[str] | None = None) -> Any:
    """Run the command line and turn known errors into messages and exit codes."""
    # Rows and records hold no circles: the collector would walk an answer of thousands of rows again and again to free nothing.
    gc.set_threshold(200_000, 50, 50)
    try:
        code = root_command.main(args=args, prog_name="kb", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else Exit.OK)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(Exit.USAGE)
    except KbError as error:
        click.echo(f"kb: {error}", err=True)
        if error.hint:
            click.echo(f"  hint: {error.hint}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of a pipe has gone, as with `kb find | head`; nothing is wrong here.
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.OK)
    except OSError as error:
        # A folder that may not be written, a full disk: broken surroundings, whichever command met them.
        click.echo(f"kb: {error.filename or 'the system'}: {error.strerror or error}", err=True)
        sys.exit(Exit.UNREADABLE)
    except Exception as error:
        import traceback

        traceback.print_exc()
        click.echo(f"kb: a fault of kb itself, please report it: {type(error).__name__}: {error}", err=True)
        sys.exit(Exit.INTERNAL)
