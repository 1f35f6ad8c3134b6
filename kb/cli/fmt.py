"""`kb fmt`: records in canonical form."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from kb.diagnostics import Diagnostic
from kb.errors import Exit

if TYPE_CHECKING:
    from pydantic import BaseModel

    from kb.cli.checking import Plan

PARALLEL_FROM = 24
"""Files from which a second process pays; a file takes some thirty milliseconds."""


class Formatted(NamedTuple):
    """What came of a file.

    Attributes:
        shown: The file, as it is shown and opened.
        text: The new text, or None when the file is canonical already or cannot be read.
        problem: What stops it, or None.
    """

    shown: str
    text: str | None
    problem: Diagnostic | None


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Change nothing; name the files that are not canonical and exit with 1.")
@click.option("--dry-run", is_flag=True, help="Change nothing; show what would change.")
@click.option("-j", "--jobs", type=click.IntRange(1, 64), default=None, help="Processes (default: one a core).")
@click.pass_context
def command(ctx: click.Context, paths: tuple[Path, ...], check: bool, dry_run: bool, jobs: int | None) -> int:
    """Bring records, vocabulary and questions into canonical form; comments stay, and what they say never changes.

    PATHS are files or folders; without any the whole collection is taken. A file that cannot be read is named and left as
    it is.
    """
    from kb.cli.check import project_of
    from kb.cli.checking import plan_of
    from kb.cli.context import write_atomically

    plan = plan_of(project_of(ctx, paths), paths)
    changed = unreadable = files = 0
    for result in _formatted(plan, jobs or os.cpu_count() or 1):
        files += 1
        if result.problem is not None:
            from kb.lint.render import render_text

            unreadable += 1
            click.echo("".join(render_text([result.problem])), nl=False)
        elif result.text is not None:
            changed += 1
            if dry_run:
                click.echo(_difference(result), nl=False)
            else:
                click.echo(result.shown)
            if not check and not dry_run:
                write_atomically(Path(result.shown), result.text)
    click.echo(_summary(files, changed, unreadable, kept=check or dry_run), err=True)
    return Exit.FINDINGS if unreadable or (check and changed) else Exit.OK


def _summary(files: int, changed: int, unreadable: int, *, kept: bool) -> str:
    words = [f"{files:,} file{'' if files == 1 else 's'}", f"{changed:,} {'not canonical' if kept else 'rewritten'}"]
    if unreadable:
        words.append(f"{unreadable:,} left as they are, because they cannot be read")
    return ", ".join(words)


def _formatted(plan: Plan, jobs: int) -> Iterator[Formatted]:
    # Models of vocabulary files cannot be pickled; their kinds can.
    work: list[tuple[str, str | None, str]] = [(*file, kind.value) for kind, file in plan.vocabulary]
    work += [(*file, "question") for file in plan.questions]
    work += [(*file, "study") for file in plan.studies]
    if len(work) < PARALLEL_FROM or jobs < 2:
        yield from map(_format, work)
        return
    import multiprocessing

    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap(_format, work, chunksize=8)


def _model(name: str) -> type[BaseModel]:
    from kb.model.study import Study
    from kb.model.vocabulary import FILE_MODELS, Question

    named: dict[str, type[BaseModel]] = {"study": Study, "question": Question}
    return named[name] if name in named else next(model for kind, model in FILE_MODELS.items() if kind.value == name)


def _format(job: tuple[str, str | None, str]) -> Formatted:
    from kb.diagnostics import Severity
    from kb.records.canonical import CanonicalError, canonical_text
    from kb.records.decode import text_diagnostic
    from kb.records.text import START, line_of, read_text
    from kb.records.yaml import YamlError

    shown, root, model_name = job
    text = read_text(Path(shown), root=None if root is None else Path(root))
    if not isinstance(text, str):
        return Formatted(shown, None, text_diagnostic(text, file=shown))
    try:
        new = canonical_text(text, _model(model_name))
    except YamlError as error:
        line = line_of(text, error.position.line)
        return Formatted(shown, None, Diagnostic(shown, error.position, Severity.ERROR, error.code, str(error), error.hint, line))
    except CanonicalError as error:
        return Formatted(shown, None, Diagnostic(shown, START, Severity.ERROR, "KB010", str(error), error.hint))
    return Formatted(shown, None if new == text else new, None)


def _difference(result: Formatted) -> str:
    from difflib import unified_diff

    old = Path(result.shown).read_text("utf-8").splitlines(keepends=True)
    new = (result.text or "").splitlines(keepends=True)
    return "".join(line if line.endswith("\n") else line + "\n" for line in unified_diff(old, new, result.shown, result.shown))
