"""What commands share: the collection around the user, and where output goes."""

from __future__ import annotations

import os
from pathlib import Path

import click

from kb.project import Project, open_project


def current_project(ctx: click.Context) -> Project:
    """Return the collection named by `-C` or found around the current folder; say so when it is the shipped one."""
    # From the parameters, not from `obj`: shell completion parses options but runs no callback.
    root: Path | None = ctx.find_root().params.get("root")
    project = open_project(root or Path.cwd(), explicit=root is not None)
    if project.shipped:
        click.echo(f'kb: no collection here; answering from the one that ships with kb ("{project.name}")', err=True)
    return project


def write_atomically(path: Path, data: str | bytes) -> None:
    """Write beside the target and rename, so that an interrupted run leaves the old file whole."""
    raw = data.encode("utf-8") if isinstance(data, str) else data
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        beside.write_bytes(raw)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
