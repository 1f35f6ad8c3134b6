"""`kb release`: the whole collection in every form, with check sums and a description."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kb.cli.context import current_project
from kb.cli.options import open_current_index
from kb.errors import Exit, UnreadableError, UsageError

if TYPE_CHECKING:
    from kb.analysis.selection import Selection
    from kb.export.release.plan import Changes, Release
    from kb.project import Project
    from kb.records.index import Index

MARKER = ".kb-release"
"""List of a release's own files, one a line; it marks a folder as a release, which the next one may replace."""


@click.command()
@click.argument("version")
@click.option("-o", "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder to write.")
@click.option("--date", default=None, metavar="DATE", help="Date of the release (default: the latest date of curation).")
@click.option(
    "--since",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=None,
    help="Folder of the release before, to tell what changed.",
)
@click.pass_context
def command(ctx: click.Context, version: str, out: Path, date: str | None, since: Path | None) -> int:
    r"""Write the collection as release VERSION: every export format, schemas, descriptions and check sums.

    A collection that `kb check` finds anything wrong with is not released. The same records give the same bytes: the date is
    given, or taken from the records.

    \b
      kb release 1.0.0 --out release-1.0.0
      kb release 1.1.0 --out release-1.1.0 --since release-1.0.0
    """
    from kb.analysis.graph import edges, labels
    from kb.analysis.selection import select
    from kb.cli.owned_folder import write_folder
    from kb.cli.schema import schema_files
    from kb.export.extract import make_extract
    from kb.export.graph_formats import Drawn
    from kb.export.release.contents import contents
    from kb.export.release.plan import checked_date, checked_version

    checked_version(version)
    if date is not None:
        checked_date(date)
    project = current_project(ctx)
    wrong = _problems(project)
    if wrong:
        click.echo(f"kb: `kb check` finds {wrong}, so nothing is released\n  hint: run `kb check` and mend the records", err=True)
        return Exit.FINDINGS
    with open_current_index(ctx, project) as index:
        selection = select(index, {})
        release = _release(project, index, selection, version, date)
        changes = None if since is None else _changes(since, out, release)
        drawn = Drawn(project.name, selection.describe(), partial(edges, index, selection), labels(index))
        files = contents(release, lambda: make_extract(project, index, selection), drawn, schema_files(), changes)
        written = write_folder(out, files, marker=MARKER, what="release")
    click.echo(f"kb: release {version} of {release.date}: {written.files:,} files in {out}", err=True)
    return Exit.OK


def _problems(project: Project) -> str:
    """Return what `kb check` finds wrong in words, or an empty text."""
    from kb.cli.checking import check
    from kb.lint.engine import Selection

    found = check(project, (), Selection([], []), jobs=os.cpu_count() or 1).severities()
    return " and ".join(f"{found[name]} {name}{'' if found[name] == 1 else 's'}" for name in ("error", "warning") if found[name])


def _release(project: Project, index: Index, selection: Selection, version: str, date: str | None) -> Release:
    from kb import __version__
    from kb.analysis.stats import stats
    from kb.export.extract import make_extract
    from kb.export.release.plan import Release

    counts = {row[1]: row[2] for row in stats(index, selection).rows if row[0] == "records" and row[2] is not None}
    if date is None:
        studies = make_extract(project, index, selection).studies
        date = max((done.on for study in studies for done in (*study.curation.extracted, *study.curation.checked)), default=None)
        if date is None:
            raise UsageError("a collection without records has no date of curation", hint="give --date")
    files = index.rows("SELECT path, sha256, study_id FROM files ORDER BY path")
    chosen = {row[0] for row in index.rows("SELECT study_id FROM studies WHERE status <> 'withdrawn'")}
    return Release(
        project=project,
        version=version,
        date=date,
        generator=f"kb {__version__}",
        selection=selection.describe(),
        counts=counts,
        records={path: digest for path, digest, study in files if study is None or study in chosen},
        studies={study: path for path, _, study in files if study in chosen},
    )


def _changes(since: Path, out: Path, release: Release) -> Changes:
    from kb.export.release.plan import MANIFEST, changes_since

    if since.resolve() == out.resolve():
        raise UsageError(f"{since}: the release before and the new one are the same folder", hint="name another folder with --out")
    path = since / MANIFEST
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableError(f"{path}: cannot be read: {error}", hint="name the folder of an earlier `kb release`") from error
    return changes_since(text, release, file=str(path))
