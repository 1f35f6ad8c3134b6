"""`kb new`: start a study record as a skeleton that says what it does not know."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import click

from kb.cli.context import write_atomically
from kb.errors import Exit, UsageError
from kb.project import Project, open_project

_PLAIN = re.compile(r"10\.\d{4,9}/[A-Za-z0-9._/-]+|[A-Za-z][A-Za-z0-9.-]*(?: [A-Za-z0-9.()-]+)*")
_RESERVED = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))
_YEAR = re.compile(r"(?:^|-)((?:19|20)\d\d)(?:-|$)")


@click.command()
@click.argument("ident", metavar="ID")
@click.option("--title", default="", help="Title as printed.")
@click.option("--author", "authors", multiple=True, help='An author as "Family GI"; repeat it in print order.')
@click.option("--year", default="", help="Year of publication, or why it is not there (default: the one in the id).")
@click.option("--journal", default="", help="Journal, series or meeting.")
@click.option("--doi", default="", help="DOI without a prefix.")
@click.option("--pmid", default="", help="PubMed id.")
@click.option("--read", default="", help="How much of it was read: full-text, abstract, abstract-cut, secondary.")
@click.option("--type", "design", default="", help="Kind of study, such as clinical-trial; `kb schema study` lists them.")
@click.option("--allocation", default="", help="How patients came into their arms, such as single-arm.")
@click.option("--by", default="", help="Who extracts it.")
@click.option("--on", default=None, metavar="DATE", help="Date of extraction (default: today).")
@click.option("--dry-run", is_flag=True, help="Write nothing, print the record.")
@click.pass_context
def command(ctx: click.Context, /, ident: str, *, year: str, on: str | None, dry_run: bool, **given: str | tuple[str, ...]) -> int:
    r"""Write a skeleton of the study ID to entries/studies/<year>/<id>.yaml.

    What is not given stands empty where only a person can say it, and as a typed absence elsewhere. `kb check` then
    names every empty field with its choices.

    \b
      kb new sosman-1991-prolonged-il2 --pmid 2012995 --read abstract
    """
    project = open_project(ctx.find_root().obj or Path.cwd(), explicit=True)
    found = _YEAR.search(ident)
    year = year or (found[1] if found else "")
    if not year:
        raise UsageError(f'"{ident}" names no year', hint="give --year; where no page prints one, --year not-in-what-was-read")
    from kb.model.study import UNDATED

    # The only clock: when a person starts a record, and only as a default.
    text = skeleton(ident, year=year, on=on or date.today().isoformat(), **given)
    _refuse_bad_values(text)
    path = project.studies / (year if year.isdecimal() else UNDATED) / f"{ident}.yaml"
    _refuse_taken(project, ident)
    if dry_run:
        click.echo(text, nl=False)
        return Exit.OK
    write_atomically(path, text)
    click.echo(project.relative(path))
    click.echo(f"next: fill it in, then kb check {project.relative(path)}", err=True)
    return Exit.OK


def skeleton(ident: str, *, year: str, on: str, **given: str | tuple[str, ...]) -> str:
    """Return the text of a new record; empty values stand empty.

    Args:
        ident: The study's id.
        year: Year of publication, or a kind of absence.
        on: Date of extraction.
        **given: `title, journal, doi, pmid, read, design, allocation, by` as text and `authors` as a tuple.
    """
    from kb.model.study import Study
    from kb.records.canonical import canonical_text

    value = {name: _scalar(text) for name, text in given.items() if isinstance(text, str) and text}
    names = ", ".join(map(_scalar, given.get("authors", ())))
    optional = [f"    {name}: {value[name]}" for name in ("journal", "doi", "pmid") if value.get(name)]
    lines = [
        "# yaml-language-server: $schema=../../../schemas/study.schema.json",
        "# Where the source is silent, a value is an absence: not-reported, not-in-what-was-read, not-measured, unclear,",
        "# contradictory or not-applicable. `kb help record` tells what the parts are for.",
        f"id: {_scalar(ident)}",
        "reports:",
        "  main:",
        "    # full-text, abstract, abstract-cut or secondary",
        f"    read: {value.get('read', '')}",
        f"    title: {value.get('title', '')}",
        f"    authors: {f'[{names}]' if names else 'not-in-what-was-read'}",
        f"    year: {year}",
        *optional,
        "design:",
        f"  type: {value.get('design', '')}",
        f"  allocation: {value.get('allocation', '')}",
        *(f"  {field}: not-in-what-was-read" for field in ("phase", "masking", "control", "setting", "centres", "enrolment")),
        "# Treatment groups by id, each with its regimen: phases of components with dose, route and schedule.",
        "arms: {}",
        "# Denominators by id. Every finding and outcome hangs on one; the first is the whole study.",
        "populations:",
        "  all: {n: not-in-what-was-read, basis: unstated}",
        "# What the immune system did: level, change, contrast or association.",
        "findings: {}",
        "# What the tumours and patients did: a proportion, a time, a contrast, a count, a value or a statement.",
        "outcomes: {}",
        "# What the authors conclude, resting on findings and outcomes above.",
        "claims: {}",
        "curation:",
        "  status: draft",
        f"  extracted: [{{by: {value.get('by', 'a curator')}, on: {_scalar(on)}}}]",
    ]
    return canonical_text("\n".join(lines) + "\n", Study)


def _scalar(text: str) -> str:
    """Return a text as YAML: plain where nothing in it can be read otherwise, else as a JSON string, which YAML takes whole."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _RESERVED
    return text if plain else json.dumps(text, ensure_ascii=False)


def _refuse_bad_values(text: str) -> None:
    """Refuse values that no record may hold; fields that stand empty are for the person to fill."""
    from kb.model.study import Study
    from kb.records.decode import decode

    for problem in decode(text, Study, file="").diagnostics:
        field, _, value = problem.line_text.strip().partition(":")
        if value.strip():
            raise UsageError(f"{field}: {problem.message}", hint=problem.hint)


def _refuse_taken(project: Project, ident: str) -> None:
    taken = sorted(project.studies.glob(f"**/{ident}.yaml"))
    if taken:
        raise UsageError(f"{project.relative(taken[0])} exists", hint="ids are permanent: choose another, or edit that record")
