"""Write the page of every study of a collection, and nothing else: what the peer's run is set against."""

from __future__ import annotations

import sys
from pathlib import Path

from kb.cli.site import read_entries, read_templates
from kb.cli.site_folder import write_site
from kb.export.site.build import Renderer, study_html
from kb.export.site.frame import Settings
from kb.export.site.survey import take_survey
from kb.project import open_project
from kb.records.collection import read_vocabulary


def main(folder: Path, out: Path) -> None:
    """Read the records from their text, and write their pages."""
    project = open_project(folder, explicit=True)
    vocabulary, _ = read_vocabulary(project)
    settings = Settings(project.name, project.licence, project.maintainers, "0")
    survey = take_survey(read_entries(project, []), vocabulary)
    renderer = Renderer(read_templates(project), settings)
    pages = (next(study_html(renderer, entry, survey, vocabulary, settings, turtle=True)) for entry in read_entries(project, []))
    write_site(out, pages)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
