"""`kb sparql`: the graph of the collection, for people who know it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kb.cli.context import current_project, write_atomically
from kb.cli.options import open_current_index
from kb.cli.output import FORMATS, chosen_format, emit
from kb.errors import UsageError

if TYPE_CHECKING:
    from kb.project import Project
    from kb.records.index import Index
    from kb.records.sparql import GraphAnswer

_GRAPHS = {"ntriples": ".nt", "turtle": ".ttl"}
_ACCEPT = "application/sparql-results+json, application/n-triples;q=0.9"


@click.command()
@click.argument("query", required=False)
@click.option("--prefixes", "list_prefixes", is_flag=True, help="List the namespaces that need no declaration, and end.")
@click.option("--endpoint", metavar="URL", default=None, help="Send the query to this SPARQL endpoint instead.")
@click.option("--limit", type=click.IntRange(min=1), default=100_000, show_default=True, help="Largest number of rows or triples.")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), default=30.0, show_default=True, help="Longest time.")
@click.option("--header/--no-header", default=True, help="Whether csv and tsv start with the names of the columns.")
@click.option(
    "-o", "--out", type=click.Path(dir_okay=False, path_type=Path), default=None, help="File to write; its suffix sets the format."
)
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice([*FORMATS, *_GRAPHS]),
    default=None,
    help="Default: table on a terminal, else tsv; ntriples.",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    query: str | None,
    list_prefixes: bool,
    endpoint: str | None,
    limit: int,
    seconds: float,
    header: bool,
    out: Path | None,
    form: str | None,
) -> None:
    """Ask the graph in SPARQL; nothing can be changed. `-` reads the query from standard input.

    SELECT and ASK give rows, CONSTRUCT and DESCRIBE give N-Triples or Turtle. A local query reaches no other place;
    --endpoint sends it, and nothing else, to the address named.

    \b
    kb sparql 'SELECT ?study WHERE { ?study a kb:Study }'
    kb sparql 'DESCRIBE id:sosman-1991-prolonged-il2' -f turtle
    kb sparql --prefixes
    """
    from kb.analysis.listing import Listing
    from kb.export.rdf.names import namespaces

    project = current_project(ctx)
    known = namespaces(project.base_iri)
    if list_prefixes:
        emit(Listing(("prefix", "namespace"), sorted(known.items())), form=chosen_format(form, out), out=out, header=header)
        return
    if query is None:
        raise UsageError("a query is needed", hint="for instance kb sparql 'SELECT ?study WHERE { ?study a kb:Study }'")
    asked = sys.stdin.read() if query == "-" else query
    if endpoint is not None:
        answer = _ask_elsewhere(endpoint, asked, known, limit, seconds)
    else:
        from kb.records.graph_store import open_store
        from kb.records.sparql import ask_graph, check_query

        check_query(asked)  # before anything is built for it
        with open_current_index(ctx, project) as index:
            store = open_store(project, index, lambda: _triples(project, index))
        answer = ask_graph(store, asked, known, seconds=seconds, rows=limit)
    if answer.cut:
        click.echo(f"kb: only the first {limit:,}; --limit allows more", err=True)
    if answer.triples is not None:
        _write_triples(answer, known, form, out)
        return
    if form in _GRAPHS:
        raise UsageError(
            f"{form} holds triples, and this query gives rows", hint="ask with CONSTRUCT or DESCRIBE, or choose another format"
        )
    emit(Listing(answer.columns, answer.rows), form=chosen_format(form, out), out=out, header=header)


def _triples(project: Project, index: Index) -> Iterable[str]:
    from kb.analysis.selection import select
    from kb.export.extract import make_extract
    from kb.export.rdf.ntriples import ntriples

    click.echo("kb: the graph is being made; the next query finds it ready", err=True)
    return ntriples(make_extract(project, index, select(index)))


def _ask_elsewhere(endpoint: str, query: str, namespaces: dict[str, str], limit: int, seconds: float) -> GraphAnswer:
    from kb.ingest.transport import send
    from kb.records.sparql import read_results, with_prefixes

    answer = send(endpoint, {"query": with_prefixes(query, namespaces)}, accept=_ACCEPT, seconds=seconds)
    return read_results(answer.body, answer.content_type, rows=limit)


def _write_triples(answer: GraphAnswer, namespaces: dict[str, str], form: str | None, out: Path | None) -> None:
    suffixes = {suffix: name for name, suffix in _GRAPHS.items()}
    chosen = form or suffixes.get("" if out is None else out.suffix.lower(), "ntriples")
    if chosen not in _GRAPHS:
        raise UsageError(f"{chosen} holds rows, and this query gives triples", hint="choose -f ntriples or -f turtle")
    text = "".join(f"{line}\n" for line in answer.triples or ())
    if chosen == "turtle":
        from kb.records.sparql import as_turtle

        text = as_turtle(text, namespaces)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_atomically(out, text)
