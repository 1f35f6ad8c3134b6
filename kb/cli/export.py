"""`kb export`: the collection, or a selection of its studies, in another form."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from kb.analysis.selection_sql import not_compared
from kb.cli.context import current_project, write_atomically
from kb.cli.options import SELECTION_HELP, chosen_selection, open_current_index, selection_options
from kb.cli.owned_folder import write_folder
from kb.diagnostics import Exit, UsageError, nearest
from kb.export.extract import make_extract
from kb.export.formats import FORMATS, Extract, folder_writer, stream_writer

MANIFEST = ".kb-export"
"""List of an export's own files, one a line; it marks a folder as an export, which the next one may replace."""


class _HelpWithFormats(click.Command):
    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the formats before the paragraph on selections."""
        with formatter.section("Formats"):
            formatter.write_dl([(name, row.description) for name, row in sorted(FORMATS.items())])
        super().format_epilog(ctx, formatter)


@click.command(cls=_HelpWithFormats, epilog=SELECTION_HELP)
@click.argument("name", metavar="FORMAT", type=click.Choice(sorted(FORMATS)))
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), default=None, help="File to write; - for stdout."
)
@click.option(
    "--zip",
    "packed",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    metavar="FILE",
    help="Pack it into one archive, with a README, CITATION.cff and references.bib.",
)
@click.option("--partition", metavar="COLUMN", default=None, help="Split parquet files by a column of the studies, such as year.")
@selection_options
@click.pass_context
def command(
    ctx: click.Context, /, name: str, folder: Path | None, out: Path | None, packed: Path | None, partition: str | None, **options: Any
) -> int:
    """Write the collection, or the selected studies, as FORMAT.

    A selection chooses whole studies. The selection in force, statuses included, is written into the export, or told on
    standard error where the format has no place for it.

    \b
      kb export turtle -o evidence.ttl
      kb export ntriples --agent aldesleukin --year '<1995' | gzip > early.nt.gz
      kb export parquet tables --partition year
      kb export revman --condition renal-cell-carcinoma --zip renal.zip
    """
    _check_target(name, folder, out, packed)
    _check_partition(name, partition)
    project = current_project(ctx)
    with open_current_index(ctx, project) as index:
        selection = chosen_selection(index, options)
        make = partial(make_extract, project, index, selection, partition=partition)
        left_out = not_compared(index, selection)
        if left_out:
            count = "1 dose" if len(left_out) == 1 else f"{len(left_out)} doses"
            click.echo(f"kb: {count} could not be compared: {'; '.join(map(str, left_out[:3]))}", err=True)
        if packed is not None:
            from kb.export.archive import export_archive

            write_atomically(packed, export_archive(name, make))
        else:
            if not FORMATS[name].tells:
                click.echo(f"selection: {selection.describe()}", err=True)
            _write(name, make(records=FORMATS[name].records), folder, out)
        return Exit.FINDINGS if index.unreadable else Exit.OK


def _check_target(name: str, folder: Path | None, out: Path | None, packed: Path | None) -> None:
    row = FORMATS[name]
    if packed is not None:
        if folder is not None or out is not None:
            raise UsageError("an archive takes the place of a folder and of -o", hint=f"kb export {name} --zip {packed}")
        if packed.suffix.lower() != ".zip":
            raise UsageError(f"{packed}: an archive is a zip file", hint=f"kb export {name} --zip {packed.stem or name}.zip")
        return
    if row.folder and (folder is None or out is not None):
        raise UsageError(f"{name} is a folder of files, so it needs a folder and no -o", hint=f"kb export {name} DIR")
    if not row.folder and folder is not None:
        raise UsageError(f'{name} is one file, so "{folder}" cannot be its folder', hint=f"kb export {name} -o FILE{row.suffix}")


def _check_partition(name: str, partition: str | None) -> None:
    from kb.export.tables.exported import SPLITTING

    if partition is None:
        return
    if not FORMATS[name].splits:
        able = " and ".join(form for form, row in sorted(FORMATS.items()) if row.splits)
        raise UsageError(f"{name} cannot be split by a column", hint=f"--partition goes with {able}")
    if partition not in SPLITTING:
        near = nearest(partition, SPLITTING)
        hint = f"did you mean {' or '.join(near)}?" if near else f"the columns are {', '.join(SPLITTING)}"
        raise UsageError(f'"{partition}" is no column that files can be split by', hint=hint)


def _write(name: str, extract: Extract, folder: Path | None, out: Path | None) -> None:
    if folder is not None:
        write_folder(folder, folder_writer(name)(extract), marker=MANIFEST, what="export")
        return
    pieces = stream_writer(name)(extract)
    if out is not None and str(out) != "-":
        write_atomically(out, pieces)
        return
    for piece in pieces:
        click.echo(piece.encode("utf-8"), nl=False)  # as bytes: the same on every platform
