"""`kb gaps`: where there is evidence, where it was looked for in vain, and where nobody looked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kb.cli.context import current_project, write_atomically
from kb.cli.options import SELECTION_HELP, chosen_selection, open_current_index, selection_options
from kb.cli.output import FORMATS, chosen_format, emit, write
from kb.cli.rendering import json_pieces, pieces, render

if TYPE_CHECKING:
    from kb.analysis.gaps import GapMap, Question
    from kb.analysis.listing import Stream
    from kb.project import Project

QUESTIONS = ("change", "response", "survival", "harm", "outcome")
KINDS = ("evidence", "no_change", "not_reported", "not_read", "nothing")


@click.command(epilog=SELECTION_HELP)
@click.option(
    "--question", "asked", multiple=True, type=click.Choice(QUESTIONS), help="Question of the columns; repeatable (default: all)."
)
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="List cells of this kind alone; repeatable.")
@selection_options
@click.option("--header/--no-header", default=True, help="Whether csv and tsv start with the names of the columns.")
@click.option(
    "-o", "--out", type=click.Path(dir_okay=False, path_type=Path), default=None, help="File to write; its suffix sets the format."
)
@click.option("-f", "--format", "form", type=click.Choice([*FORMATS, "svg"]), default=None, help="Default: table on a terminal, else tsv.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    asked: tuple[str, ...],
    kinds: tuple[str, ...],
    form: str | None,
    out: Path | None,
    header: bool,
    **options: Any,
) -> None:
    """Map the gaps: class of regimen by class of marker and endpoint, in independent cohorts.

    Five kinds of cell: evidence; measured, no change; looked for, not reported; not in what was read; nothing. An SVG that
    is written to a file has its table beside it, as CSV.

    \b
    kb gaps --question response
    kb gaps --kind nothing --kind not_read -f csv
    kb gaps --condition melanoma -o gaps.svg
    """
    from kb.analysis.gaps import Question, gaps

    project = current_project(ctx)
    with open_current_index(ctx, project) as index:
        questions = [question for question in Question if not asked or question.value in asked]
        found = gaps(index, chosen_selection(index, options), questions=questions)
    chosen = "svg" if form == "svg" or (form is None and out is not None and out.suffix == ".svg") else chosen_format(form, out)
    cells = _stream(found, kinds)
    if chosen == "svg":
        _draw(found, project, cells, out)
    elif chosen in ("csv", "tsv", "jsonl"):
        emit(cells, form=chosen, out=out, header=header)
    else:
        write(_json(cells) if chosen == "json" else ("\n".join(_told(found, kinds, chosen)) + "\n",), out)


def _stream(found: GapMap, kinds: tuple[str, ...]) -> Stream:
    """Return the cells as rows, one at a time: a row names every study of its class."""
    from kb.analysis.gaps import COLUMNS, cell_values
    from kb.analysis.listing import Stream

    return Stream(COLUMNS, ((cell_values(cell),) for cell in found.cells if not kinds or cell.kind.key in kinds), found.selection)


def _draw(found: GapMap, project: Project, cells: Stream, out: Path | None) -> None:
    from kb.export.gap_map import TEMPLATE, gap_map_svg
    from kb.project import template

    write((gap_map_svg(found, template(project, TEMPLATE)),), out)
    if out is not None:
        table = out.with_suffix(".csv")
        write_atomically(table, pieces(cells, "csv"))
        click.echo(f"kb: the table beside it: {table}", err=True)


def _json(cells: Stream) -> Iterator[str]:
    from kb.analysis.gap_rules import RULES

    rows = ([dict(zip(cells.columns, row, strict=True)) for row in block] for block in cells.blocks)
    return json_pieces({"selection": cells.selection, "rules": RULES}, "rows", rows)


def _told(found: GapMap, kinds: tuple[str, ...], form: str) -> Iterator[str]:
    """Tell the map for reading: a matrix a question, then what the marks and kinds mean."""
    from kb.analysis.gap_rules import RULES, Kind

    yield f"selection: {found.selection}"
    for question in found.questions:
        yield ""
        yield f"## {question.words}" if form == "md" else question.words
        yield ""
        yield _matrix(found, question, kinds, form)
    yield ""
    marks = "; ".join(f"{kind.mark.format(n='n')} {kind.label}" for kind in Kind)
    yield f"marks, n in independent cohorts: {marks}{'; cells of other kinds are left empty' if kinds else ''}"
    yield from (f"- {rule}" for rule in RULES)


def _matrix(found: GapMap, question: Question, kinds: tuple[str, ...], form: str) -> str:
    from kb.analysis.listing import Listing

    heads = ("", *(column.label for column in found.columns if column.question is question))
    rows = [
        (
            regimen.label,
            *(
                cell.kind.mark.format(n=cell.cohorts) if not kinds or cell.kind.key in kinds else ""
                for cell in found.row(regimen, question)
            ),
        )
        for regimen in found.regimens
    ]
    text = render(Listing(heads, rows), form)
    return text.removesuffix(f"{len(rows)} rows\n").rstrip("\n")
