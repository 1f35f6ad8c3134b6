"""`kb report`: a curated question answered from the records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from kb.cli.context import current_project, write_atomically
from kb.cli.options import SELECTION_HELP, chosen_selection, open_current_index, selection_options
from kb.cli.output import emit
from kb.errors import KbError, UnreadableError, UsageError, nearest

if TYPE_CHECKING:
    from kb.model.vocabulary import Question
    from kb.project import Project

_SUFFIXES = {".md": "md", ".html": "html", ".htm": "html"}


def complete_question(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the curated questions."""
    try:
        questions = _questions(current_project(ctx))
    except KbError:  # a shell has no place for the message; the command itself will give it
        return []
    return [CompletionItem(ident, help=one.question) for ident, one in questions.items() if ident.startswith(incomplete)]


@click.command(epilog=SELECTION_HELP)
@click.argument("name", metavar="[QUESTION]", required=False, shell_complete=complete_question)
@selection_options
@click.option("-f", "--format", "form", type=click.Choice(["md", "html"]), default=None, help="Default: the suffix of -o, else md.")
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), default=None, help="File to write; without, stdout.")
@click.pass_context
def command(ctx: click.Context, /, name: str | None, form: str | None, out: Path | None, **options: Any) -> None:
    """Answer a curated question as Markdown or HTML; without a question, list them.

    The report holds the selection, what was found, tables, disagreements, gaps and references. It gives no verdict.
    A selection narrows every part of the question, and the report states it.

    \b
    kb report eosinophils -o eosinophils.html
    kb report activation-and-benefit --condition melanoma --year '<2000' --not-biomarker cytokines
    """
    from kb.analysis.listing import Listing
    from kb.analysis.report import report

    project = current_project(ctx)
    questions = _questions(project)
    if name is None:
        emit(Listing(("id", "question"), [(ident, one.question) for ident, one in questions.items()]), out=None)
        return
    if name not in questions:
        near = nearest(name, list(questions))
        hint = f"did you mean {' or '.join(near)}?" if near else "`kb report` lists them"
        raise UsageError(f'there is no question "{name}"', hint=hint)
    with open_current_index(ctx, project) as index:
        blocks = report(index, questions[name], chosen_selection(index, options))
    chosen = form or _SUFFIXES.get("" if out is None else out.suffix.lower(), "md")
    if chosen == "html":
        from kb.export.report import TEMPLATE, html
        from kb.project import template

        text = html(blocks, template(project, TEMPLATE), collection=project.name)
    else:
        from kb.export.report import markdown

        text = markdown(blocks)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_atomically(out, text)


def _questions(project: Project) -> dict[str, Question]:
    from kb.records.collection import read_questions

    questions, problems = read_questions(project)
    for problem in problems:
        place = f"{problem.file}:{problem.position.line}:{problem.position.column}"
        raise UnreadableError(f"{place}: {problem.code} {problem.message}", hint=problem.hint or "`kb check` shows all that is wrong")
    return questions
