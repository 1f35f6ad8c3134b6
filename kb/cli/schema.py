"""`kb schema`: print the schemas, or bring the folder `schemas/` into step with the models."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli.context import write_atomically
from kb.errors import Exit, UnreadableError, UsageError, nearest
from kb.project import open_project


def schema_files() -> dict[str, str]:
    """Return every generated file of `schemas/` by name."""
    from kb.export.rdf.context import context_text
    from kb.export.rdf.ontology import ontology_text
    from kb.export.rdf.shapes import shapes_text
    from kb.model.schema import schemas

    return {**schemas(), "context.jsonld": context_text(), "ontology.ttl": ontology_text(), "shapes.ttl": shapes_text()}


@click.command()
@click.argument("name", required=False)
@click.option("--write", is_flag=True, help="Rewrite the collection's folder schemas/ from the models.")
@click.option("--check", is_flag=True, help="With --write: change nothing, and exit with 1 when a file is out of step.")
@click.option("--dry-run", is_flag=True, help="With --write: change nothing, say what would change.")
@click.pass_context
def command(ctx: click.Context, name: str | None, *, write: bool, check: bool, dry_run: bool) -> int:
    r"""Print the schema NAME, list all schemas, or rewrite the folder schemas/.

    The schemas are generated from the models, never edited. An editor with a YAML language server checks a record while
    it is typed and shows what each field and term means; the first line of a record names its schema.

    \b
      kb schema                     list the schemas
      kb schema study               print the schema of a study record
      kb schema --write             bring schemas/ into step with the models
    """
    if (check or dry_run) and not write:
        raise UsageError("--check and --dry-run belong to --write", hint="kb schema --write --check")
    if write:
        if name is not None:
            raise UsageError(f'--write takes no name, found "{name}": all schemas are written together')
        return _write(ctx.find_root().obj, check=check, dry_run=dry_run)
    files = schema_files()
    if name is None:
        for file in files:
            click.echo(f"{_stem(file)}\t{file}")
    else:
        click.echo(files[_file_of(name, files)], nl=False)
    return Exit.OK


def _stem(file: str) -> str:
    return file.partition(".")[0]


def _file_of(name: str, files: dict[str, str]) -> str:
    """Return the file that a name, with or without its suffix, stands for."""
    found = next((file for file in files if name in (file, _stem(file))), None)
    if found is None:
        known = [_stem(file) for file in files]
        near = nearest(name, known)
        raise UsageError(
            f'there is no schema "{name}"', hint=f"did you mean {' or '.join(near)}?" if near else f"one of: {', '.join(known)}"
        )
    return found


def _write(root: Path | None, *, check: bool, dry_run: bool) -> int:
    project = open_project(root or Path.cwd(), explicit=root is not None)
    if project.shipped:
        raise UsageError("no collection here to write schemas into", hint="name the folder of a collection with -C")
    stale = {}
    for file, text in schema_files().items():
        path = project.root / "schemas" / file
        try:
            held = path.read_text(encoding="utf-8") if path.exists() else None
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableError(f"schemas/{file}: cannot be read: {error}", hint="remove it and run `kb schema --write`") from error
        if held != text:
            stale[path] = text
    for path, text in stale.items():
        if not (check or dry_run):
            write_atomically(path, text)
        click.echo(f"schemas/{path.name}: {'out of step with the models' if check else 'would be written' if dry_run else 'written'}")
    if check and stale:
        click.echo("run `kb schema --write` to bring them into step", err=True)
        return Exit.FINDINGS
    if not stale:
        click.echo("schemas/ is in step with the models", err=True)
    return Exit.OK
