"""`kb help`: a command's help, or a topic."""

from __future__ import annotations

import click

from kb.cli.topics import TOPICS
from kb.errors import Exit, UsageError, nearest


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    group = ctx.find_root().command
    assert isinstance(group, click.Group)
    return [name for name in (*group.list_commands(ctx), *TOPICS) if name.startswith(incomplete)]


@click.command()
@click.argument("name", metavar="[COMMAND|TOPIC]", required=False, shell_complete=_complete)
@click.pass_context
def command(ctx: click.Context, name: str | None) -> int:
    """Explain a command or a topic; without a name, list both."""
    root = ctx.find_root()
    group = root.command
    assert isinstance(group, click.Group)
    if name is None:
        click.echo(group.get_help(root))
        click.echo("\nTopics:")
        width = max(map(len, TOPICS))
        for topic, (line, _) in TOPICS.items():
            click.echo(f"  {topic:<{width}}  {line}")
        return Exit.OK
    if name in TOPICS:
        click.echo(TOPICS[name][1](), nl=False)
        return Exit.OK
    found = group.get_command(root, name)
    if found is None:
        near = nearest(name, [*group.list_commands(root), *TOPICS])
        hint = f"did you mean {' or '.join(near)}?" if near else f"the topics are {', '.join(TOPICS)}; `kb --help` lists the commands"
        raise UsageError(f'there is no command or topic "{name}"', hint=hint)
    click.echo(found.get_help(click.Context(found, info_name=name, parent=root)))
    return Exit.OK
