"""`kb export`: the collection, or a selection of its studies, in another form."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kb.cli.context import current_project, write_atomically, write_pieces
from kb.cli.options import SELECTION_HELP, chosen_selection, open_current_index, selection_options
from kb.cli.owned_folder import write_folder
from kb.errors import Exit, UnreadableError, UsageError, nearest
from kb.export.extract import make_extract
from kb.export.formats import FORMATS, Extract, folder_writer, stream_writer

if TYPE_CHECKING:
    from kb.export.nanopub.signing import Signer

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
@click.option(
    "--sign",
    "key_file",
    metavar="KEYFILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=None,
    help="Sign nanopublications with this RSA key: PEM, or the base64 text of nanopublication tools.",
)
@click.option("--signed-by", metavar="ORCID", default=None, help="Whose key it is; goes with --sign.")
@selection_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    name: str,
    folder: Path | None,
    out: Path | None,
    packed: Path | None,
    partition: str | None,
    key_file: Path | None,
    signed_by: str | None,
    **options: Any,
) -> int:
    """Write the collection, or the selected studies, as FORMAT.

    A selection chooses whole studies. The selection in force, statuses included, is written into the export, or told on
    standard error where the format has no place for it.

    \b
      kb export turtle -o evidence.ttl
      kb export ntriples --agent aldesleukin --year '<1995' | gzip > early.nt.gz
      kb export parquet tables --partition year
      kb export nanopub -o signed.trig --sign ~/.nanopub/id_rsa --signed-by 0000-0002-1825-0097
      kb export revman --condition renal-cell-carcinoma --zip renal.zip
    """
    _check_target(name, folder, out, packed)
    _check_partition(name, partition)
    signer = _signer(name, key_file, signed_by)
    project = current_project(ctx)
    with open_current_index(ctx, project) as index:
        selection = chosen_selection(index, options)
        make = partial(make_extract, project, index, selection, partition=partition, signer=signer)
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


def _signer(name: str, key_file: Path | None, signed_by: str | None) -> Signer | None:
    if key_file is None and signed_by is None:
        return None
    if not FORMATS[name].signs:
        able = " and ".join(form for form, row in sorted(FORMATS.items()) if row.signs)
        raise UsageError(f"{name} cannot be signed", hint=f"--sign and --signed-by go with {able}")
    if key_file is None or signed_by is None:
        raise UsageError("--sign and --signed-by go together", hint="name the file of the key, and the ORCID of the person whose key it is")
    from kb.export.nanopub.signing import Signer, orcid_iri, read_key

    iri = orcid_iri(signed_by)
    try:
        raw = key_file.read_bytes()
    except OSError as error:
        raise UnreadableError(f"{key_file}: cannot be read: {error.strerror or error}") from error
    return Signer(read_key(raw, file=str(key_file)), iri)


def _write(name: str, extract: Extract, folder: Path | None, out: Path | None) -> None:
    if folder is not None:
        write_folder(folder, folder_writer(name)(extract), marker=MANIFEST, what="export")
        return
    write_pieces(out, stream_writer(name)(extract))
