"""`kb site`: build the web site, and look at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kb.cli.context import current_project
from kb.cli.options import open_current_index
from kb.diagnostics import Exit, UnreadableError, UsageError
from kb.project import Project, resource

if TYPE_CHECKING:
    from kb.diagnostics import Diagnostic
    from kb.export.site.build import File
    from kb.export.site.desk import Holdings
    from kb.export.site.survey import Entry, Survey
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
    """Build the web site: plain files that open by double click."""
    from kb.cli.site_folder import check_site, write_site

    project = current_project(ctx)
    check_site(out)
    problems: list[Diagnostic] = []
    vocabulary = _vocabulary(project, problems)
    base, source = _address(base_url, "--base-url"), _address(source_url, "--source-url")
    with open_current_index(ctx, project) as index:
        files, survey = _site(project, vocabulary, _holdings(project, vocabulary, index), base, source, problems)
        written = write_site(out, files)
    left_out = len({problem.file for problem in problems})
    for problem in problems:
        click.echo(f"{problem.file}:{problem.position.line}:{problem.position.column}: {problem.code} {problem.message}", err=True)
    click.echo(f"{(out / 'index.html').resolve().as_uri()}")
    click.echo(f"{len(survey.digests)} studies, {survey.findings} findings, {survey.outcomes} outcomes")
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


def _holdings(project: Project, vocabulary: Vocabulary, index: Index) -> Holdings:
    """Return what pages about many studies rest on beside the records."""
    from kb.export.site.build import term_turtle_writer
    from kb.export.site.desk import Holdings
    from kb.records.collection import read_questions

    changelog = project.root / "CHANGELOG.md"
    return Holdings(
        index=index,
        questions=read_questions(project)[0],
        changelog=changelog.read_text(encoding="utf-8") if changelog.is_file() else "",
        term_turtle=term_turtle_writer(project.base_iri, vocabulary),
        base_iri=project.base_iri,
    )


def _site(
    project: Project, vocabulary: Vocabulary, holdings: Holdings, base: str, source: str, problems: list[Diagnostic]
) -> tuple[Iterator[File], Survey]:
    """Return the files, made one by one, and the survey that they rest on."""
    from kb import __version__
    from kb.export.site.build import site_files, turtle_writer
    from kb.export.site.frame import Settings
    from kb.export.site.survey import take_survey

    survey = take_survey(read_entries(project, problems), vocabulary)
    settings = Settings(project.name, project.licence, project.maintainers, __version__, base, source)
    return site_files(
        survey, read_entries(project, []), vocabulary, settings, read_templates(project), holdings, turtle_writer(project.base_iri)
    ), survey


def read_entries(project: Project, problems: list[Diagnostic]) -> Iterator[Entry]:
    """Read the records one by one; what cannot be read is left out and stands in `problems`."""
    from kb.export.site.survey import Entry
    from kb.model.study import Study
    from kb.records.collection import study_files
    from kb.records.decode import decode, text_diagnostic
    from kb.records.lines import item_lines
    from kb.records.text import read_text

    for path in study_files(project):
        name = project.relative(path)
        text = read_text(path, root=project.root)
        if not isinstance(text, str):
            problems.append(text_diagnostic(text, file=name))
            continue
        decoded = decode(text, Study, file=name)
        problems.extend(decoded.diagnostics)
        if decoded.value is not None:
            yield Entry(decoded.value, name, text, item_lines(text, decoded.value))


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
