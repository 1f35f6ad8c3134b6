"""The export formats: one row each, loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kb.model.study import Study
    from kb.model.vocabulary import Question
    from kb.project import Project
    from kb.records.collection import Vocabulary


@dataclass(frozen=True)
class Extract:
    """What is to be written.

    Attributes:
        project: Where it comes from, with name, base IRI and licence.
        vocabulary: All open sets.
        studies: Studies in the order of their ids; may be read once only, one at a time.
        questions: Curated questions by id.
        selection: The selection in force in words, or an empty string for the whole collection.
    """

    project: Project
    vocabulary: Vocabulary
    studies: Iterable[Study]
    questions: Mapping[str, Question] = field(default_factory=dict)
    selection: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """An export format.

    Attributes:
        module: Module of the writer.
        function: The writer. It takes an `Extract`; a stream yields pieces of text, a folder yields pairs of a file
            name and its text.
        suffix: Suffix of a file of this format.
        description: One line of help.
        folder: Whether it is a folder of files instead of one stream.
        tells: Whether it has a place for the selection; for the others the selection is told beside it.
    """

    module: str
    function: str
    suffix: str
    description: str
    folder: bool = False
    tells: bool = True


FORMATS: dict[str, Format] = {
    "turtle": Format("kb.export.rdf.turtle", "turtle", ".ttl", "RDF for reading: Turtle"),
    "ntriples": Format("kb.export.rdf.ntriples", "ntriples", ".nt", "RDF for loading and comparing: N-Triples, sorted within each study"),
    "trig": Format("kb.export.rdf.turtle", "trig", ".trig", "RDF with a named graph for each study: TriG"),
    "jsonld": Format("kb.export.rdf.jsonld", "jsonld", ".jsonld", "RDF as JSON: JSON-LD with its context"),
    "csl-json": Format("kb.export.citations.csl", "csl_json", ".json", "citations of the reports: CSL-JSON", tells=False),
    "bibtex": Format("kb.export.citations.bibtex", "bibtex", ".bib", "citations of the reports: BibTeX"),
    "ris": Format("kb.export.citations.ris", "ris", ".ris", "citations of the reports: RIS", tells=False),
    "rdfxml": Format("kb.export.rdf.rdfxml", "rdfxml", ".rdf", "RDF as XML, for tools that read nothing else"),
}
"""Every format by name."""


def stream_writer(name: str) -> Callable[[Extract], Iterator[str]]:
    """Import and return the writer of a format that is one stream of text."""
    return _function(name)  # type: ignore[no-any-return]  # the row says what the function is


def folder_writer(name: str) -> Callable[[Extract], Iterator[tuple[str, str]]]:
    """Import and return the writer of a format that is a folder: file names and texts."""
    return _function(name)  # type: ignore[no-any-return]  # the row says what the function is


def _function(name: str) -> Any:
    from importlib import import_module

    row = FORMATS[name]
    return getattr(import_module(row.module), row.function)
