"""Write the page of every study of a collection, and nothing else: what the peer's run is set against."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kb.cli.site import read_templates
from kb.cli.site_folder import write_site
from kb.cli.site_studies import read_entry, record_names, surveyed
from kb.export.site.build import File, Renderer, study_html
from kb.export.site.frame import Settings
from kb.export.site.survey import Survey
from kb.project import Project, open_project
from kb.records.collection import Vocabulary, read_vocabulary
from kb.records.workers import evenly, in_order, workers


def pages(
    project: Project, vocabulary: Vocabulary, survey: Survey, settings: Settings, templates: Mapping[str, str]
) -> Callable[[Sequence[str]], list[File]]:
    """Return what makes the pages of some records."""
    renderer = Renderer(templates, settings)

    def make(names: Sequence[str]) -> list[File]:
        entries = (read_entry(project, name, []) for name in names)
        return [next(study_html(renderer, entry, survey, vocabulary, settings, turtle=True)) for entry in entries if entry is not None]

    return make


def main(folder: Path, out: Path) -> None:
    """Read the records from their text, and write their pages."""
    project = open_project(folder, explicit=True)
    vocabulary, _ = read_vocabulary(project)
    settings = Settings(project.name, project.licence, project.maintainers, "0")
    survey = surveyed(project, vocabulary, [])
    arguments = (project, vocabulary, survey, settings, read_templates(project))
    made = in_order(pages, arguments, evenly(record_names(project), 16), jobs=workers())
    write_site(out, (file for files in made for file in files))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
