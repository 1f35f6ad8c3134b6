"""Study pages by Hugo from the same records: a site of its own, whose content is the records' own text, its template after ours.

Hugo is given the labels of the vocabulary, and each record as the settings of a page, in the very words that we read. Its pages
hold the same facts in the same parts as ours, and nothing that ours compute beyond them: no interval, dose strip or response
square, no derived dose, no sentence, no line of the record, no label of another study. All of that is to Hugo's favour.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from kb.cli.site_studies import record_names
from kb.model import terms
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
    labels = {kind.value: {ident: term.label for ident, term in known.items()} for kind, known in vocabulary.terms.items()}
    (folder / "data" / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    closed = {one.__name__: {term.value: term.label for term in one} for one in terms.ClosedSet.__subclasses__()}
    (folder / "data" / "terms.json").write_text(json.dumps(closed), encoding="utf-8")
    shutil.copyfile(TEMPLATE, folder / "layouts" / "_default" / "single.html")
    for name in record_names(project):
        text = (project.root / name).read_text(encoding="utf-8")
        (folder / "content" / "studies" / Path(name).with_suffix(".md").name).write_text(f"---\n{text}---\n", encoding="utf-8")
