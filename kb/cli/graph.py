"""`kb graph`: the evidence graph around a term, or between two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from kb.cli.context import current_project, write_atomically, write_pieces
from kb.cli.options import SELECTION_HELP, chosen_selection, open_current_index, selection_options
from kb.cli.output import chosen_format, emit, output_options
from kb.errors import KbError

if TYPE_CHECKING:
    from kb.analysis.graph import Edge
    from kb.analysis.graph import Path as Way
    from kb.analysis.listing import Listing


@click.group()
def command() -> None:
    """Walk the evidence graph: interventions, markers, outcomes and harms, linked by what studies report."""


def complete_node(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the terms that make nodes."""
    from kb.analysis.graph import NODE_KINDS
    from kb.model.terms import VocabularyKind

    try:
        with open_current_index(ctx) as index:
            terms = [term for kind in VocabularyKind if kind in NODE_KINDS for term in index.terms(kind)]
    except KbError:  # a shell has no place for the message; the command itself will give it
        return []
    return [CompletionItem(term, help=label) for term, label in terms if term.startswith(incomplete.casefold())]


@command.command(epilog=SELECTION_HELP)
@click.argument("term", shell_complete=complete_node)
@selection_options
@output_options
@click.pass_context
def neighbours(ctx: click.Context, /, term: str, form: str | None, out: Path | None, header: bool, **options: Any) -> None:
    """List every edge that touches a term or one below it.

    \b
    kb graph neighbours nk-cells
    kb graph neighbours endpoints:objective-response --condition melanoma -f csv
    """
    from kb.analysis.graph import edges, neighbours, resolve

    with open_current_index(ctx) as index:
        selection = chosen_selection(index, options)
        found = neighbours(edges(index, selection), resolve(index, term))
    emit(_listing(found, selection.describe()), form=form, out=out, header=header)


@command.command(epilog=SELECTION_HELP)
@click.argument("start", shell_complete=complete_node)
@click.argument("end", shell_complete=complete_node)
@click.option("--via", multiple=True, metavar="TERM", shell_complete=complete_node, help="Term that the way must pass; repeatable.")
@click.option("--longest", type=click.IntRange(1, 6), default=3, show_default=True, help="Largest number of steps.")
@click.option("--all", "every", is_flag=True, help="List every way, not the shortest alone.")
@selection_options
@output_options
@click.pass_context
def path(
    ctx: click.Context,
    /,
    start: str,
    end: str,
    via: tuple[str, ...],
    longest: int,
    every: bool,
    form: str | None,
    out: Path | None,
    header: bool,
    **options: Any,
) -> None:
    """List the ways from one term to another with the evidence of every step.

    \b
    kb graph path aldesleukin objective-response --via nk-cells
    """
    from kb.analysis.graph import build, edges, paths, resolve

    with open_current_index(ctx) as index:
        selection = chosen_selection(index, options)
        ends = resolve(index, start), resolve(index, end)
        stops = [resolve(index, stop) for stop in via]
        ways = paths(build(edges(index, selection)), *ends, via=stops, longest=longest, all_paths=every)
    if chosen_format(form, out) in ("table", "md"):
        text = "\n".join(_told(ways, selection.describe())) + "\n"
        if out is None:
            click.echo(text, nl=False)
        else:
            write_atomically(out, text)
        return
    emit(_steps(ways, selection.describe()), form=form, out=out, header=header)


@command.command(epilog=SELECTION_HELP)
@click.option("--nodes", "by_node", is_flag=True, help="List every term with its degree and betweenness.")
@selection_options
@output_options
@click.pass_context
def stats(ctx: click.Context, /, by_node: bool, form: str | None, out: Path | None, header: bool, **options: Any) -> None:
    """Count nodes, edges and components; degree and betweenness by kind of node.

    \b
    kb graph stats
    kb graph stats --nodes --condition melanoma -f csv
    """
    from kb.analysis.graph import edges, labels
    from kb.analysis.graph_stats import NODE_COLUMNS, RULES, SUMMARY_COLUMNS, node_rows, summary
    from kb.analysis.listing import Listing

    with open_current_index(ctx) as index:
        selection = chosen_selection(index, options)
        found, names = list(edges(index, selection)), labels(index)
    for rule in RULES:
        click.echo(f"kb: {rule}", err=True)
    if by_node:
        rows = [
            (row.node.kind, row.node.id, row.label, row.degree, row.neighbours, row.studies, row.betweenness, row.component)
            for row in node_rows(found, names)
        ]
        emit(Listing(NODE_COLUMNS, rows, selection.describe()), form=form, out=out, header=header)
        return
    emit(Listing(SUMMARY_COLUMNS, summary(found, names), selection.describe()), form=form, out=out, header=header)


@command.command(epilog=SELECTION_HELP)
@click.argument("form", metavar="FORMAT", type=click.Choice(["graphml", "gexf", "cytoscape", "dot"]))
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), default=None, help="File to write; without, stdout.")
@selection_options
@click.pass_context
def export(ctx: click.Context, /, form: str, out: Path | None, **options: Any) -> None:
    """Write the graph as FORMAT: graphml, gexf, cytoscape (JSON) or dot.

    \b
    kb graph export graphml -o evidence.graphml
    kb graph export dot --biomarker nk-cells | dot -Tsvg -o nk.svg
    """
    from kb.analysis.graph import edges, labels
    from kb.export.graph_formats import GRAPH_FORMATS, Drawn

    project = current_project(ctx)
    with open_current_index(ctx, project) as index:
        selection = chosen_selection(index, options)
        drawn = Drawn(project.name, selection.describe(), partial(edges, index, selection), labels(index))
        write_pieces(out, GRAPH_FORMATS[form][0](drawn))


def _listing(found: Iterable[Edge], selection: str) -> Listing:
    from kb.analysis.graph import EDGE_COLUMNS
    from kb.analysis.listing import Listing

    return Listing(EDGE_COLUMNS, [tuple(edge.row.values()) for edge in found], selection)


def _steps(ways: list[Way], selection: str) -> Listing:
    from kb.analysis.graph import EDGE_COLUMNS
    from kb.analysis.listing import Listing

    rows = [
        (number, place, *edge.row.values())
        for number, way in enumerate(ways, 1)
        for place, step in enumerate(way.steps, 1)
        for edge in step
    ]
    return Listing(("way", "step", *EDGE_COLUMNS), rows, selection)


def _told(ways: list[Way], selection: str) -> Iterator[str]:
    """Tell the ways for reading: each step with its evidence, place last."""
    yield f"selection: {selection}"
    if not ways:
        yield "no way of that length: no study of this selection links them"
    for way in ways:
        yield ""
        yield " → ".join(map(str, way.nodes))
        for here, there, step in zip(way.nodes, way.nodes[1:], way.steps, strict=False):
            studies = len({edge.study_id for edge in step})
            yield f"  {here} → {there}: {len(step)} item{'s' if len(step) > 1 else ''} of {studies} stud{'ies' if studies > 1 else 'y'}"
            for edge in step:
                yield f"    {_words(edge)}"


def _words(edge: Edge) -> str:
    parts = [
        edge.said or "not said",
        edge.qualifier or "",
        f"n {edge.n}" if edge.n is not None else "n not stated",
        f"P {edge.p}" if edge.p else "",
        f"arm {edge.arm}" if edge.arm else "",
        edge.population or "",
    ]
    return f"{edge.study_id}#{edge.item_id}  {edge.relation}: {', '.join(part for part in parts if part)}  ({edge.file}:{edge.line})"
