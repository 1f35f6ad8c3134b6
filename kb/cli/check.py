"""`kb check`: every problem of the records, with its place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kb.cli.context import current_project
from kb.errors import Exit, UnreadableError, UsageError, nearest

if TYPE_CHECKING:
    from kb.cli.checking import Report
    from kb.lint.engine import Selection
    from kb.project import Project

FORMATS = ("text", "json", "sarif", "github")


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("-f", "--format", "form", type=click.Choice(FORMATS), default="text", help="Form of the list of problems.")
@click.option("--select", multiple=True, metavar="CODE", help="Check these rules only; a prefix such as KB6 takes a family. Repeatable.")
@click.option("--ignore", multiple=True, metavar="CODE", help="Leave these rules out; prefixes as in --select. Repeatable.")
@click.option("--strict", is_flag=True, help="Notes fail the check too.")
@click.option("-j", "--jobs", type=click.IntRange(1, 64), default=None, help="Processes (default: one a core).")
@click.option("-q", "--quiet", is_flag=True, help="No summary.")
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    form: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    strict: bool,
    jobs: int | None,
    quiet: bool,
) -> int:
    """Check records and say where each problem is.

    PATHS are files or folders; without any the whole collection is checked. A single record is still checked against the
    vocabulary and the records that it names. Errors and warnings make the exit code 1, notes do not.
    """
    from kb.cli.checking import check

    project = project_of(ctx, paths)
    report = check(project, paths, _selection(select, ignore), jobs=jobs or os.cpu_count() or 1)
    _show(report, form)
    if not quiet:
        click.echo(_summary(report), err=True)
    counted = report.severities()
    return Exit.FINDINGS if counted["error"] or counted["warning"] or (strict and counted["note"]) else Exit.OK


def project_of(ctx: click.Context, paths: tuple[Path, ...]) -> Project:
    """Return the collection around the first path, or the current one.

    Raises:
        UnreadableError: If a path does not exist.
    """
    from kb.project import open_project

    for path in paths:
        if not os.path.lexists(path):
            near = nearest(path.name, tuple(sorted(other.name for other in path.parent.glob("*"))))
            hint = f"did you mean {' or '.join(near)}?" if near else "check the name"
            raise UnreadableError(f"{path}: no such file or folder", hint=hint)
    if paths and ctx.find_root().obj is None:
        from kb.cli.checking import absolute

        here = absolute(paths[0])
        return open_project(here if here.is_dir() else here.parent)
    return current_project(ctx)


def _selection(select: tuple[str, ...], ignore: tuple[str, ...]) -> Selection:
    from kb.lint.catalogue import BY_CODE
    from kb.lint.engine import Selection

    prefixes = [[code for word in words for code in word.replace(",", " ").upper().split()] for words in (select, ignore)]
    for code in (*prefixes[0], *prefixes[1]):
        if not any(known.startswith(code) for known in BY_CODE):
            near = nearest(code, tuple(BY_CODE))
            raise UsageError(
                f'no rule has the code "{code}"', hint=f"did you mean {' or '.join(near)}?" if near else "`kb explain` lists all"
            )
    return Selection(*prefixes)


def _show(report: Report, form: str) -> None:
    from kb import __version__
    from kb.lint.catalogue import RULES
    from kb.lint.render import render_github, render_json, render_sarif, render_text

    if form == "json":
        click.echo(render_json(report.diagnostics, summary_data(report)), nl=False)
    elif form == "sarif":
        click.echo(render_sarif(report.diagnostics, RULES, version=__version__), nl=False)
    else:
        for text in (render_github if form == "github" else render_text)(report.diagnostics):
            click.echo(text, nl=False)


def summary_data(report: Report) -> dict[str, object]:
    """Return the counts of the summary: files, checks run and passed, problems by severity, what was skipped and why."""
    tally = report.tally
    checks = sum(tally.checks.values())
    return {
        "files": tally.files,
        "checks": checks,
        "passed": checks - _failed(report),
        **report.severities(),
        "skipped": dict(sorted(tally.skipped.items())),
    }


def _failed(report: Report) -> int:
    """Count the checks that found something; a rule that finds two things in one item failed once for each."""
    from collections import Counter

    found = Counter(item.code for item in report.diagnostics)
    return sum(min(found[code], ran) for code, ran in report.tally.checks.items())


def _summary(report: Report) -> str:
    data = summary_data(report)
    files, checks, passed = data["files"], data["checks"], data["passed"]
    found = ", ".join(f"{count:,} {name}{'' if count == 1 else 's'}" for name, count in report.severities().items())
    lines = [f"{files:,} file{'' if files == 1 else 's'}, {checks:,} checks run, {passed:,} passed: {found}"]
    lines += [f"skipped: {reason}" + (f" ({times:,})" if times > 1 else "") for reason, times in sorted(report.tally.skipped.items())]
    if report.diagnostics:
        lines.append(f"`kb explain {report.diagnostics[0].code}` explains a code")
    return "\n".join(lines)
