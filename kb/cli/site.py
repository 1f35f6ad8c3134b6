"""`kb site`: build the web site, and look at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kb.cli.context import current_project
from kb.cli.options import open_current_index
from kb.errors import Exit, UnreadableError, UsageError
from kb.project import Project, resource

if TYPE_CHECKING:
    from kb.cli.owned_folder import Written
    from kb.cli.site_state import Inputs, PieceState, State
    from kb.diagnostics import Diagnostic
    from kb.export.site.build import StudyFiles
    from kb.export.site.desk import Download, Holdings
    from kb.export.site.frame import Settings
    from kb.records.collection import Vocabulary
    from kb.records.index import Index


@click.command()
@click.option(
    "-o", "--out", type=click.Path(file_okay=False, path_type=Path), default=Path("site"), show_default=True, help="Folder to write."
)
@click.option("--base-url", default="", metavar="URL", help="Address at which the site will stand; adds a sitemap and absolute addresses.")
@click.option("--source-url", default="", metavar="URL", help="Address under which the record files can be read, line by line.")
@click.option("--serve", is_flag=True, help="Show the site at an address of this machine until stopped.")
@click.option("--port", default=8000, show_default=True, help="Port for --serve; 0 takes a free one.")
@click.pass_context
def command(ctx: click.Context, out: Path, base_url: str, source_url: str, serve: bool, port: int) -> int:
    """Build the web site: plain files that open by double click.

    Made again into the same folder after an edit, it makes what rests on the edit, and leaves the rest as it lies.
    """
    from kb import __version__
    from kb.cli.owned_folder import Written
    from kb.cli.site_folder import MANIFEST, check_site
    from kb.cli.site_state import State, inputs_of, standing
    from kb.export.site.frame import Settings

    project = current_project(ctx)
    check_site(out)
    base, source = _address(base_url, "--base-url"), _address(source_url, "--source-url")
    settings = Settings(project.name, project.licence, project.maintainers, __version__, base, source)
    inputs = inputs_of(project, __version__, base, source)
    state = standing(out, MANIFEST)
    problems: list[Diagnostic] = []
    if state is not None and state.inputs == inputs.total:
        told, written = state.told, Written(state.files, 0, 0)
    else:
        former = state if state is not None and state.shared == inputs.shared else State()
        with open_current_index(ctx, project) as index:
            told, written = _build(project, index, out, settings, inputs, former, problems)
    left_out = len({problem.file for problem in problems})
    for problem in problems:
        click.echo(f"{problem.file}:{problem.position.line}:{problem.position.column}: {problem.code} {problem.message}", err=True)
    click.echo(f"{(out / 'index.html').resolve().as_uri()}")
    click.echo("\n".join(told))
    click.echo(f"{written.files} files: {written.changed} written, {written.removed} removed", err=True)
    if left_out:
        click.echo(f"left out: {left_out} files that cannot be read; `kb check` shows why", err=True)
    if serve:
        from kb.cli.serve import serve_folder

        serve_folder(out, port)
    return Exit.FINDINGS if left_out else Exit.OK


def _address(url: str, option: str) -> str:
    """Return an address ending in a slash, or an empty string."""
    if url and not url.startswith(("https://", "http://")):
        raise UsageError(f'{option} "{url}" is not an address', hint="it starts with https:// or http://")
    return url if not url or url.endswith("/") else url + "/"


def _vocabulary(project: Project, problems: list[Diagnostic]) -> Vocabulary:
    from kb.records.collection import read_vocabulary

    vocabulary, found = read_vocabulary(project)
    problems.extend(found)
    return vocabulary


def _holdings(project: Project, vocabulary: Vocabulary, index: Index, out: Path) -> Holdings:
    """Return what pages about many studies rest on beside the records."""
    from kb.cli.checking import check
    from kb.export.site.build import term_turtle_writer
    from kb.export.site.desk import Holdings
    from kb.lint.engine import Selection
    from kb.records.collection import read_questions
    from kb.records.workers import workers

    changelog = project.root / "CHANGELOG.md"
    return Holdings(
        index=index,
        questions=read_questions(project)[0],
        changelog=changelog.read_text(encoding="utf-8") if changelog.is_file() else "",
        notes=tuple(check(project, (), Selection(), jobs=workers()).diagnostics),
        term_turtle=term_turtle_writer(project.base_iri, vocabulary),
        base_iri=project.base_iri,
        downloads=tuple(_downloads(project, vocabulary, index, out)),
    )


def _downloads(project: Project, vocabulary: Vocabulary, index: Index, out: Path) -> Iterator[Download]:
    """Yield the files that hold the whole collection, made by the exporters; the archive packs the others once they are written."""
    from kb.analysis.selection import select
    from kb.analysis.selection_sql import selected_studies
    from kb.cli.site_studies import read_entries
    from kb.export.extract import table_rows
    from kb.export.formats import Extract
    from kb.export.rdf.turtle import turtle
    from kb.export.site.desk import Download
    from kb.export.tables.csv_folder import csv_folder
    from kb.export.tables.datapackage import FILE
    from kb.export.tables.exported import TABLES
    from kb.export.tables.jsonl import jsonl

    selection = select(index)
    ids = selected_studies(index, selection)
    kept = set(ids)
    rows = table_rows(index, ids)

    def extract() -> Extract:
        studies = (entry.study for entry in read_entries(project, []) if entry.study.id in kept)
        return Extract(project, vocabulary, studies, {}, selection.describe(), None, rows)

    yield Download("data/collection.ttl", "everything as RDF, in Turtle", lambda: turtle(extract()))
    yield Download("data/studies.jsonl", "the records as JSON, one study a line", lambda: jsonl(extract()))
    names = [*(f"{table.name}.csv" for table in TABLES), FILE]
    # The description comes last and counts what was written before it: the tables are asked for one after the other.
    folder = csv_folder(extract())

    for name in names:
        words = "meaning and type of every column" if name.endswith(".json") else f"table of {name.removesuffix('.csv').replace('_', ' ')}"
        yield Download(f"data/{name}", words, lambda: next(folder)[1])
    packed = ["collection.ttl", "studies.jsonl", *names]
    yield Download(
        "data/collection.zip", "all of these in one archive, with its licence and how to cite it", lambda: _archive(project, out, packed)
    )


def _archive(project: Project, out: Path, names: list[str]) -> Iterator[bytes]:
    """Pack files of the data folder, without a clock, a piece at a time: they may be larger than memory."""
    from kb.export.archive import packed

    def pieces(path: Path) -> Iterator[bytes]:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                yield piece

    readme = (
        f"{project.name}\n\nLicence: {project.licence}\nFrom: {', '.join(project.maintainers)}\n"
        "Count by cohort_id, not by row. study_id and item_id name every fact.\n"
    )
    return packed((("README.txt", readme), *((name, pieces(out / "data" / name)) for name in names)))


def _build(
    project: Project, index: Index, out: Path, settings: Settings, inputs: Inputs, former: State, problems: list[Diagnostic]
) -> tuple[list[str], Written]:
    """Write what is not as it was, and return what is told of the site and what was written."""
    from kb.cli.site_folder import write_site
    from kb.cli.site_pieces import kept_or_made_pieces
    from kb.cli.site_state import State, with_state
    from kb.cli.site_studies import Bench, made_studies, sums_of, surveyed
    from kb.export.site.build import site_files

    vocabulary = _vocabulary(project, problems)
    survey = surveyed(project, vocabulary, problems, inputs)
    sums = sums_of(survey, inputs.records)
    bench = Bench(project, vocabulary, survey, settings, read_templates(project), index.path)

    def studies(wanted: frozenset[tuple[str, str]]) -> Iterator[StudyFiles]:
        return made_studies(bench, index, wanted, sums, former.studies)

    now: dict[str, PieceState] = {}
    pieces = kept_or_made_pieces(bench, inputs.records, former.pieces, now)
    files = site_files(survey, studies, vocabulary, settings, bench.templates, _holdings(project, vocabulary, index, out), pieces)
    told = [f"{len(survey.digests)} studies, {survey.findings} findings, {survey.outcomes} outcomes"]
    # What could not be read is named on every run, so such a site is looked at on every run.
    state = State("" if problems else inputs.total, inputs.shared, told=told, studies=sums, pieces=now)
    return told, write_site(out, with_state(out, files, state))


def read_templates(project: Project) -> dict[str, str]:
    """Read the templates; those of the collection stand in for the shipped ones of the same name.

    Raises:
        UnreadableError: If a template cannot be read.
    """
    templates: dict[str, str] = {}
    for folder in dict.fromkeys((resource("templates"), project.root / "templates")):
        for path in sorted(folder.glob("**/*")):
            if path.suffix in (".html", ".css", ".js", ".svg") and path.is_file():
                try:
                    templates[path.relative_to(folder).as_posix()] = path.read_text(encoding="utf-8")
                except (OSError, UnicodeDecodeError) as error:
                    raise UnreadableError(f"{path}: cannot be read as a template: {error}") from error
    return templates
