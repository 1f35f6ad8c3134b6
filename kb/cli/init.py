"""`kb init`: start a collection in a folder."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import click

from kb.cli.context import write_atomically
from kb.errors import Exit, UsageError
from kb.project import MARKER, resource

EXAMPLE = Path("entries", "studies", "2000", "example-2000-two-regimens.yaml")
PARTS = ("schemas", "entries", MARKER)
"""What a collection has, in the order in which it is put in place; the last one makes it a collection."""


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", default=None, help="Name of the collection, for titles (default: the folder's name).")
@click.option("--base-iri", default="https://example.org/kb/", show_default=True, help="Prefix of the IRIs in exports.")
@click.option("--licence", default="CC0-1.0", show_default=True, help="SPDX expression of the data's licence.")
@click.option("--dry-run", is_flag=True, help="Write nothing, list what would be written.")
def command(folder: Path, *, name: str | None, base_iri: str, licence: str, dry_run: bool) -> int:
    r"""Start a collection in FOLDER: settings, vocabulary, schemas, and an example record to look at.

    A folder that already holds a collection is refused; other files in it are left alone.

    \b
      kb init my-reviews
      kb -C my-reviews check
    """
    taken = [part for part in PARTS if os.path.lexists(folder / part)]
    if taken:
        raise UsageError(f"{folder} already holds {' and '.join(taken)}", hint="name a folder without a collection; nothing was changed")
    files = collection_files(name=name or folder.resolve().name, base_iri=base_iri, licence=licence)
    if not dry_run:
        _place(folder, files)
    for path in files:
        click.echo((folder / path).as_posix())
    talk = (
        "nothing was written; this is what would be"
        if dry_run
        else f"next: kb -C {folder} check, then kb -C {folder} new FAMILY-YEAR-WORDS"
    )
    click.echo(talk, err=True)
    return Exit.OK


def collection_files(*, name: str, base_iri: str, licence: str) -> dict[Path, bytes]:
    """Return the files of a new collection by path relative to its folder."""
    from kb.cli.schema import schema_files

    # A JSON string is a TOML string, so that a name with quotes cannot add settings.
    name, base_iri, licence = (json.dumps(value, ensure_ascii=False) for value in (name, base_iri, licence))
    settings = f"# A folder with this file and `entries/` is a collection.\n[collection]\nname = {name}\nbase_iri = {base_iri}\nlicence = {licence}\nmaintainers = []\n"
    files = {Path(MARKER): settings.encode()}
    for path in sorted((resource("entries") / "vocabulary").iterdir()):
        files[Path("entries", "vocabulary", path.name)] = path.read_bytes()
    files[EXAMPLE] = (resource("templates") / "records" / "example-study.yaml").read_bytes()
    for file, text in schema_files().items():
        files[Path("schemas", file)] = text.encode()
    return files


def _place(folder: Path, files: dict[Path, bytes]) -> None:
    """Write everything beside its place first, and the marker last: an interrupted run leaves no half collection."""
    beside = folder / f".kb-init.{os.getpid()}.tmp"
    try:
        for path, data in files.items():
            write_atomically(beside / path, data)
        for part in PARTS:
            (beside / part).rename(folder / part)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
