"""`kb explain`: the page of a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from kb.lint.rule import Rule


def complete_code(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the codes."""
    from kb.lint.catalogue import RULES

    return [CompletionItem(rule.code, help=rule.name) for rule in RULES if rule.code.startswith(incomplete.upper())]


@click.command()
@click.argument("codes", nargs=-1, metavar="[CODE]...", shell_complete=complete_code)
def command(codes: tuple[str, ...]) -> None:
    """Explain rules by code or name: cause, an example that fails, one that passes, and the fix. Without CODE all are listed."""
    from kb.lint.catalogue import find_rule

    if codes:
        click.echo("\n".join(page_of(rule) for rule in [find_rule(code) for code in codes]), nl=False)
    else:
        click.echo(_list(), nl=False)


def page_of(rule: Rule) -> str:
    """Return the page of a rule as text."""
    lines = [f"{rule.code} {rule.name} ({rule.severity.value}, {rule.family.value})", "", *rule.page.split("\n"), ""]
    for title, example in (("Fails:", rule.fails), ("Passes:", rule.passes)):
        lines += [title, *(f"    {_visible(line)}" for line in example.split("\n")), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _visible(line: str) -> str:
    return "".join(character if character.isprintable() else f"\\x{ord(character):02X}" for character in line)


def _list() -> str:
    from itertools import groupby

    from kb.lint.catalogue import RULES

    lines = []
    for family, rules in groupby(RULES, key=lambda rule: rule.family):
        lines.append(f"{family.value}")
        lines += [f"  {rule.code}  {rule.severity.value:<8}{rule.name:<32}{rule.summary}" for rule in rules]
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"
