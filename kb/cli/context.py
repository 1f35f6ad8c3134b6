"""What commands share: the collection around the user, and where output goes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from filecmp import cmp
from pathlib import Path

import click

from kb.errors import UsageError
from kb.project import Project, open_project


def current_project(ctx: click.Context) -> Project:
    """Return the collection named by `-C` or found around the current folder; say so when it is the shipped one."""
    # From the parameters, not from `obj`: shell completion parses options but runs no callback.
    root: Path | None = ctx.find_root().params.get("root")
    project = open_project(root or Path.cwd(), explicit=root is not None)
    if project.shipped:
        click.echo(f'kb: no collection here; answering from the one that ships with kb ("{project.name}")', err=True)
    return project


def write_atomically(path: Path, data: str | bytes | Iterable[str | bytes], *, keep_same: bool = False) -> bool:
    """Write beside the target and rename, so that an interrupted run leaves the old file whole; tell whether it was written.

    Args:
        path: File; its folder is made.
        data: All of it, or pieces that are written as they come.
        keep_same: Whether a file that holds the same already is left as it is.

    Raises:
        UsageError: If the place cannot be written to.
    """
    pieces = (data,) if isinstance(data, str | bytes) else data
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with beside.open("wb") as file:
                for piece in pieces:
                    file.write(piece.encode("utf-8") if isinstance(piece, str) else piece)
            if keep_same and path.is_file() and cmp(beside, path, shallow=False):
                beside.unlink()
                return False
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}", hint="choose another place with -o") from error
    return True


def write_pieces(out: Path | None, pieces: Iterable[str]) -> None:
    """Write pieces of text as they come, to a file, or to standard output where none or `-` is named.

    Args:
        out: File, or None.
        pieces: The text in order.

    Raises:
        UsageError: If the place cannot be written to.
    """
    if out is not None and str(out) != "-":
        write_atomically(out, pieces)
        return
    for piece in pieces:
        click.echo(piece.encode("utf-8"), nl=False)  # as bytes: the same on every platform
