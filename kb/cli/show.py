"""`kb show`: a study, or one of its parts, for reading."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from kb.cli.context import current_project, write_atomically
from kb.errors import UnreadableError, UsageError, nearest

if TYPE_CHECKING:
    from pathlib import Path

    from kb.analysis.summary import Place, Row, Section, StudySummary
    from kb.project import Project


def complete_study(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the ids of the collection's studies."""
    from kb.records.collection import study_files

    return [CompletionItem(path.stem) for path in study_files(current_project(ctx)) if path.stem.startswith(incomplete)]


@click.command()
@click.argument("name", metavar="ID[#ITEM]", shell_complete=complete_study)
@click.option(
    "-f", "--format", "form", type=click.Choice(["text", "json", "yaml"]), default="text", help="Text for reading, or the record."
)
@click.option("-o", "--out", type=click.Path(dir_okay=False), default=None, help="File to write instead of the terminal.")
@click.pass_context
def command(ctx: click.Context, name: str, form: str, out: str | None) -> None:
    """Show a study for reading, or one of its parts: `kb show sosman-1991-prolonged-il2#partial-response`."""
    ident, _, item = name.partition("#")
    project = current_project(ctx)
    path = study_path(project, ident)
    text = _render(project, path, item, form)
    if out is None:
        click.echo(text, nl=False)
    else:
        from pathlib import Path as FilePath

        write_atomically(FilePath(out), text)


def study_path(project: Project, ident: str) -> Path:
    """Return the file of a study.

    Raises:
        UsageError: If the collection has no such study; names the nearest.
    """
    from kb.records.collection import study_files

    files = {path.stem: path for path in study_files(project)}
    if ident in files:
        return files[ident]
    near = nearest(ident, sorted(files)) or [known for known in sorted(files) if ident and ident in known][:5]
    hint = f"did you mean {' or '.join(near)}?" if near else "`kb find studies` lists the ids"
    raise UsageError(f'there is no study "{ident}" in this collection', hint=hint)


def _render(project: Project, path: Path, item: str, form: str) -> str:
    from kb.analysis.summary import summarise
    from kb.model.study import Study
    from kb.records.collection import read_vocabulary
    from kb.records.decode import decode
    from kb.records.text import read_text
    from kb.records.yaml import locate

    name = project.relative(path)
    text = read_text(path, root=project.root)
    if not isinstance(text, str):
        raise UnreadableError(f"{name}: {text.message}", hint=text.hint)
    if form == "yaml" and not item:
        return text
    decoded = decode(text, Study, file=name)
    if decoded.value is None:
        first = decoded.diagnostics[0]
        raise UnreadableError(
            f"{name}:{first.position.line}:{first.position.column}: {first.code} {first.message}", hint=f"`kb check {name}` shows all"
        )
    if form != "text":
        return _data(decoded.data, item, form, path.stem)
    vocabulary, _ = read_vocabulary(project)
    summary = summarise(decoded.value, vocabulary)
    lines = {steps: at.key.line for steps, at in locate(text).items()}
    return "\n".join(_lines(summary, item, name, lines, decoded.value.curation.status.label)) + "\n"


def _data(data: Any, item: str, form: str, ident: str) -> str:
    found = data if not item else _part(data, item, ident)
    if form == "json":
        import json

        return json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    from io import StringIO

    from ruamel.yaml import YAML

    stream = StringIO()
    writer = YAML()
    writer.width = 10_000
    writer.dump(found, stream)
    return stream.getvalue()


_PARTS = ("outcomes", "findings", "claims", "arms", "populations", "adverse_events", "cited", "reports")


def _part(data: Any, item: str, ident: str) -> Any:
    kind, _, name = item.rpartition(".")
    for part in (kind,) if kind else _PARTS:
        found = (data.get(part) or {}).get(name)
        if found is not None:
            return found
    raise _no_item(ident, item, [name for part in _PARTS for name in (data.get(part) or {})])


def _no_item(ident: str, item: str, known: list[str]) -> UsageError:
    near = nearest(item.rpartition(".")[2], known)
    hint = f"did you mean {' or '.join(near)}?" if near else f"it has: {', '.join(known)}"
    return UsageError(f'study "{ident}" has no item "{item}"', hint=hint)


def _lines(summary: StudySummary, item: str, file: str, lines: dict[Any, int], status: str) -> Iterator[str]:
    if item:
        kind, _, name = item.rpartition(".")
        rows = [row for section in summary.sections for row in section.rows if row.path[-1] == name and kind in ("", row.path[0])]
        if not rows:
            known = [row.path[1] for section in summary.sections for row in section.rows if len(row.path) == 2 and row.path[0] in _PARTS]
            raise _no_item(summary.id, item, known)
        yield f"{summary.label}  {summary.id}"
        for row in rows:
            yield from _row(row, file, lines)
        return
    yield f"{summary.label}  {summary.id}  [{status}]"
    for text in summary.citations:
        yield from _wrapped(text, "  ")
    yield ""
    yield from _wrapped(summary.sentence, "  ")
    for section in summary.sections:
        yield from _section(section, file, lines)
    yield ""
    yield f"record: {file}"


def _section(section: Section, file: str, lines: dict[Any, int]) -> Iterator[str]:
    yield ""
    yield section.title
    if not section.rows:
        yield f"  ({section.absent})"
    for row in section.rows:
        yield from _row(row, file, lines)


def _row(row: Row, file: str, lines: dict[Any, int]) -> Iterator[str]:
    mark = f"{row.mark} " if row.mark else ""
    of = f" — {row.population}" if row.population and row.path[0] != "populations" else ""
    yield from _wrapped(f"{mark}{row.headline}{of}", "  ")
    for detail in row.details:
        yield from _wrapped(detail, "      " if row.path[0] != "arms" else "    ")
    for flag in row.flags:
        yield f"      ! {flag.label}"
    for remark in row.remarks:
        yield from _wrapped(f"note: {remark}", "      ")
    if row.place is not None:
        line = lines.get(_steps(row.path))
        yield from _wrapped(_place(row.place) + (f"  ({file}:{line})" if line else ""), "      ")


def _steps(path: tuple[str, ...]) -> tuple[str | int, ...]:
    return tuple(int(step) if step.isdigit() else step for step in path)


def _place(place: Place) -> str:
    anchor = f': "{place.anchor}"' if place.anchor else ""
    derived = f" [derived: {place.derived}]" if place.derived else ""
    report = "" if place.report == "main" else f"{place.report}, "
    also = "".join(f"; also {_place(other)}" for other in place.also)
    return f"source: {report}{place.at}{anchor}{derived}{also}"


def _wrapped(text: str, indent: str, width: int = 110) -> list[str]:
    """Wrap for reading, keeping an indentation of the text's own."""
    import textwrap

    own = len(text) - len(text.lstrip())
    start = indent + " " * own
    return textwrap.wrap(
        text.lstrip(), width, initial_indent=start, subsequent_indent=start + "  ", break_long_words=False, break_on_hyphens=False
    )
