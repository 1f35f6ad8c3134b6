"""The export formats: one row each, loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from shlex import quote
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kb.analysis.meta_report import Report
    from kb.analysis.review_rows import Arms
    from kb.export.nanopub.signing import Signer
    from kb.model.study import Study
    from kb.model.vocabulary import Question
    from kb.project import Project
    from kb.records.collection import Vocabulary
    from kb.records.table import Table

Pieces = str | bytes | Iterable[str | bytes]
"""The content of a file: all of it, or pieces in order, so that a large file is never held whole."""


def no_rows(table: Table, partition: str | None) -> Iterator[tuple[Any, ...]]:
    """Refuse to give rows: the extract was made without an index.

    Raises:
        LookupError: Always.
    """
    raise LookupError(f"rows of {table.name} were asked for, but this extract holds no index")


def no_arms() -> Iterator[Arms]:
    """Refuse to give counted arms: the extract was made without an index.

    Raises:
        LookupError: Always.
    """
    raise LookupError("counted arms were asked for, but this extract holds no index")


def no_pools() -> Iterator[tuple[str, Report]]:
    """Refuse to give pools: the extract was made without an index.

    Raises:
        LookupError: Always.
    """
    raise LookupError("pools were asked for, but this extract holds no index")


@dataclass(frozen=True)
class Extract:
    """What is to be written.

    Attributes:
        project: Where it comes from, with name, base IRI and licence.
        vocabulary: All open sets.
        studies: Studies in the order of their ids; may be read once only, one at a time.
        questions: Curated questions by id.
        selection: The selection in force in words, or an empty string for the whole collection.
        partition: Column of `studies` by whose values files are to be split, or None.
        rows: Gives the rows of a table for the selected studies, by its key, one at a time; with a partition, the value
            of that column of the study stands in front of each row and orders them first.
        arms: Gives the counted arms of the selection, endpoint by endpoint.
        signer: Who signs what can be signed, or None.
        pools: Gives each pool of the selection with its endpoint, as `kb meta` gives it with its defaults.
        options: Options of the command line that make the selection: name and value.
    """

    project: Project
    vocabulary: Vocabulary
    studies: Iterable[Study]
    questions: Mapping[str, Question] = field(default_factory=dict)
    selection: str = ""
    partition: str | None = None
    rows: Callable[[Table, str | None], Iterator[tuple[Any, ...]]] = no_rows
    arms: Callable[[], Iterator[Arms]] = no_arms
    signer: Signer | None = None
    pools: Callable[[], Iterator[tuple[str, Report]]] = no_pools
    options: tuple[tuple[str, str], ...] = ()

    def options_without(self, *names: str) -> str:
        """Return the options in the words of a shell, each after a blank, but for some names."""
        return "".join(f" --{name} {quote(value)}" for name, value in self.options if name.removeprefix("not-") not in names)


@dataclass(frozen=True, slots=True)
class Format:
    """An export format.

    Attributes:
        module: Module of the writer.
        function: The writer. It takes an `Extract`; a stream yields pieces of text, a folder yields pairs of a file
            name and its content.
        suffix: Suffix of a file of this format.
        description: One line of help.
        folder: Whether it is a folder of files instead of one stream.
        tells: Whether it has a place for the selection; for the others the selection is told beside it.
        splits: Whether its files can be split by a column of the studies.
        signs: Whether what it writes can be signed.
        records: Whether it needs studies, vocabulary and questions; without, rows of the index are enough.
        files: What its files are: patterns of names and words, the first that fits counts; else the description tells.
    """

    module: str
    function: str
    suffix: str
    description: str
    folder: bool = False
    tells: bool = True
    splits: bool = False
    signs: bool = False
    records: bool = True
    files: tuple[tuple[str, str], ...] = ()


_PACKAGE = ("datapackage.json", "types, keys, units and meaning of every column of every table")
FORMATS: dict[str, Format] = {
    "turtle": Format("kb.export.rdf.turtle", "turtle", ".ttl", "RDF for reading: Turtle"),
    "ntriples": Format("kb.export.rdf.ntriples", "ntriples", ".nt", "RDF for loading and comparing: N-Triples, sorted within each study"),
    "trig": Format("kb.export.rdf.turtle", "trig", ".trig", "RDF with a named graph for each study: TriG"),
    "jsonld": Format("kb.export.rdf.jsonld", "jsonld", ".jsonld", "RDF as JSON: JSON-LD with its context"),
    "csv": Format(
        "kb.export.tables.csv_folder",
        "csv_folder",
        ".csv",
        "tables as CSV, with a datapackage.json",
        folder=True,
        records=False,
        files=(_PACKAGE,),
    ),
    "parquet": Format(
        "kb.export.tables.parquet_folder",
        "parquet_folder",
        ".parquet",
        "tables as Parquet, with a datapackage.json",
        folder=True,
        splits=True,
        records=False,
        files=(_PACKAGE,),
    ),
    "jsonl": Format("kb.export.tables.jsonl", "jsonl", ".jsonl", "the records as JSON, one study a line", tells=False),
    "fhir": Format(
        "kb.export.fhir.bundle",
        "fhir",
        ".json",
        "a FHIR R5 Bundle for each study",
        folder=True,
        files=(("*.json", "a study as a FHIR R5 Bundle"),),
    ),
    "nanopub": Format("kb.export.nanopub.trig", "nanopub", ".trig", "a nanopublication for each claim and association: TriG", signs=True),
    "kgx": Format(
        "kb.export.kgx.folder",
        "kgx",
        ".tsv",
        "nodes and edges of the Biolink Model: KGX",
        folder=True,
        files=(("nodes.tsv", "nodes"), ("edges.tsv", "edges"), ("about.json", "what was counted and left out, with reasons")),
    ),
    "csl-json": Format("kb.export.citations.csl", "csl_json", ".json", "citations of the reports: CSL-JSON", tells=False),
    "bibtex": Format("kb.export.citations.bibtex", "bibtex", ".bib", "citations of the reports: BibTeX"),
    "ris": Format("kb.export.citations.ris", "ris", ".ris", "citations of the reports: RIS", tells=False),
    "metafor": Format(
        "kb.export.metafor",
        "metafor_folder",
        ".csv",
        "pools for R's metafor: rows, codebook and a script that gives the numbers of kb meta",
        folder=True,
        records=False,
        files=(
            ("codebook.csv", "what each column of the tables holds"),
            ("excluded.csv", "what stayed out of each pool, and why"),
            ("analysis.R", "pools every table again and stops at another number"),
            ("*-PLO.csv", "single arms: patients with the event and patients"),
            ("*-RR.csv", "randomised arms in pairs: patients with the event and patients"),
            ("*-HR.csv", "printed hazard ratios as logarithms, with variances"),
        ),
    ),
    "revman": Format(
        "kb.export.review_tools",
        "revman",
        ".csv",
        "counted outcomes for RevMan: studies, arms, results",
        folder=True,
        records=False,
        files=(
            ("study-information.csv", "studies"),
            ("study-arms.csv", "arms of the studies"),
            ("study-results.csv", "counted outcomes of the arms"),
        ),
    ),
    "netmeta": Format(
        "kb.export.review_tools",
        "netmeta",
        ".csv",
        "counted outcomes for R's netmeta: studlab, treat, event, n",
        folder=True,
        records=False,
        files=(("*.csv", "patients with the event and patients by treatment, for one outcome"),),
    ),
    "metainsight": Format(
        "kb.export.review_tools",
        "metainsight",
        ".csv",
        "counted outcomes for MetaInsight: Study, T, R, N",
        folder=True,
        records=False,
        files=(("*.csv", "patients with the event and patients by treatment, for one outcome"),),
    ),
    "rdfxml": Format("kb.export.rdf.rdfxml", "rdfxml", ".rdf", "RDF as XML, for tools that read nothing else"),
}
"""Every format by name."""


def stream_writer(name: str) -> Callable[[Extract], Iterator[str]]:
    """Import and return the writer of a format that is one stream of text."""
    return _function(name)  # type: ignore[no-any-return]  # the row says what the function is


def folder_writer(name: str) -> Callable[[Extract], Iterator[tuple[str, Pieces]]]:
    """Import and return the writer of a format that is a folder: file names and contents."""
    return _function(name)  # type: ignore[no-any-return]  # the row says what the function is


def _function(name: str) -> Any:
    from importlib import import_module

    row = FORMATS[name]
    return getattr(import_module(row.module), row.function)
