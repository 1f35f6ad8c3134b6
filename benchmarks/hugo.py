"""Study pages by Hugo from the same records: a site of its own, its content the records as JSON, its template after ours.

Hugo gets the records already read, and computes nothing of what our pages hold beyond them: no interval, no dose strip,
no response squares. So its time is what a site generator needs for pages of this size and shape, not for ours.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from kb.cli.site_studies import read_entries
from kb.project import open_project
from kb.records.collection import read_vocabulary

TEMPLATE = Path(__file__).with_name("hugo_study.html")
CONFIG = """\
baseURL = "https://kb.example/"
title = "Invented studies"
uglyURLs = true
disableKinds = ["home", "section", "taxonomy", "term", "RSS", "sitemap", "robotsTXT", "404"]
"""


def write_hugo_site(collection: Path, folder: Path) -> None:
    """Write a site for Hugo: settings, labels of the vocabulary, a template, and a page a study.

    Args:
        collection: Where the records lie.
        folder: The site's folder; what lies there is replaced.
    """
    project = open_project(collection, explicit=True)
    vocabulary, _ = read_vocabulary(project)
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("content/studies", "layouts/_default", "data"):
        (folder / name).mkdir(parents=True)
    (folder / "hugo.toml").write_text(CONFIG, encoding="utf-8")
    labels = {kind.value: {ident: term.label for ident, term in terms.items()} for kind, terms in vocabulary.terms.items()}
    (folder / "data" / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    shutil.copyfile(TEMPLATE, folder / "layouts" / "_default" / "single.html")
    for entry in read_entries(project, []):
        page = {"title": entry.study.main_report.named, "study": entry.study.model_dump(mode="json", exclude_none=True)}
        (folder / "content" / "studies" / f"{entry.study.id}.md").write_text(json.dumps(page) + "\n", encoding="utf-8")
