"""`kb diff`: what changed between two states of a collection, and which pooled estimates moved with it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kb.cli.context import write_atomically
from kb.errors import Exit

if TYPE_CHECKING:
    from kb.analysis.changes import Estimate, Move, RecordChange
    from kb.project import Project

_SUFFIXES = {".md": "md", ".json": "json"}


@click.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "-f", "--format", "form", type=click.Choice(["table", "md", "json"]), default=None, help="Default: the suffix of -o, else table."
)
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), default=None, help="File to write; without, stdout.")
@click.pass_context
def command(ctx: click.Context, old: str, new: str, form: str | None, out: Path | None) -> int:
    """Compare OLD with NEW: folders of collections, or git revisions of the current one.

    Told are records added, removed and changed, field by field, and how the pooled objective response of each curated
    question that asks for it moved, with the records behind it.

    \b
    kb diff HEAD~5 HEAD
    kb diff ../collection-2025 . -o changes.md
    """
    from kb.analysis.changes import moves, record_changes
    from kb.cli.state import state
    from kb.project import find_root

    start = ctx.find_root().params.get("root") or Path.cwd()
    here = find_root(start) or start
    with state(old, here) as before, state(new, here) as after:
        first, second = _read(before, old), _read(after, new)
    records, moved = list(record_changes(first[0], second[0])), list(moves(first[1], second[1]))
    chosen = form or _SUFFIXES.get("" if out is None else out.suffix.lower(), "table")
    text = _json(old, new, records, moved) if chosen == "json" else _told(old, new, records, moved, chosen)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_atomically(out, text)
    return Exit.FINDINGS if first[2] or second[2] else Exit.OK


def _read(project: Project, name: str) -> tuple[dict[str, Any], dict[str, Estimate], bool]:
    """Return records as plain data, estimates by question, and whether anything could not be read."""
    from kb.analysis.changes import estimates
    from kb.records.collection import read_collection
    from kb.records.index import open_index

    held = read_collection(project)
    files = {one.file for one in held.diagnostics}
    if files:
        click.echo(f"kb: {name}: not all could be read, and is left out: {', '.join(sorted(files)[:3])}; run `kb check`", err=True)
    with open_index(project, sweep=True) as index:
        found = estimates(index, held.questions)
    return {study: one.model_dump(mode="json", exclude_unset=True) for study, one in held.studies.items()}, found, bool(files)


def _json(old: str, new: str, records: list[RecordChange], moved: list[Move]) -> str:
    import json

    answer = {"old": old, "new": new, "records": [asdict(one) for one in records], "estimates": [asdict(one) for one in moved]}
    return json.dumps(answer, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _told(old: str, new: str, records: list[RecordChange], moved: list[Move], form: str) -> str:
    from kb.analysis.changes import Change
    from kb.analysis.listing import Listing
    from kb.cli.rendering import render

    head = "## " if form == "md" else ""
    lines = [
        (one.study_id, one.kind, field.path or None, field.old, field.new)
        for one in records
        for field in (one.fields or (Change("", None, None),))
    ]
    parts = [f"{head}{old} -> {new}: records", "", render(Listing(("record", "change", "field", "old", "new"), lines), form), ""]
    rows = [(one.question, *(_arrow(one, name) for name in _NUMBERS), ", ".join(one.behind) or None) for one in moved]
    columns = ("question", "k", "response %", "low", "high", "tau2", "I2", "records behind")
    parts += [f"{head}Pooled objective response, where it moved", "", render(Listing(columns, rows), form)]
    return "\n".join(part.rstrip("\n") for part in parts) + "\n"


_NUMBERS = ("k", "estimate", "low", "high", "tau2", "i2")


def _arrow(move: Move, name: str) -> str:
    before, after = _number(move.old, name), _number(move.new, name)
    return before if before == after else f"{before} -> {after}"


def _number(found: Estimate | None, name: str) -> str:
    value = getattr(found, name) if found else None
    if value is None:
        return "none"
    if name == "k":
        return str(value)
    return f"{100 * value:.2f}" if name in ("estimate", "low", "high") else f"{value:.4f}" if name == "tau2" else f"{value:.1f}"
