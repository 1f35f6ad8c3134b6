"""The tables of the index: every column with its type and meaning, in one place.

The index, `kb sql` and the manual read this. Names are stable. Rules that hold for all tables:

- A value that the record does not give is NULL, never 0 and never an empty text. Where the record says why, the column
  `<name>_absence` holds the kind (`not-reported`, `not-in-what-was-read`, ...); otherwise that column is NULL. A field
  that a kind of row does not have is absent as `not-applicable`.
- `<name>_printed` holds the print (`36+`, `<0.01`), `<name>` the number to compute with.
- Several values in one column are joined by `; `; the link tables hold them one a row.
- Truth values are 0 and 1. Percentages run from 0 to 100.
"""

from __future__ import annotations

from kb.records.item_tables import ADVERSE_EVENTS, CITED, CLAIMS, FINDINGS, GROUP_VALUES, ITEM_ARMS, ITEM_CONDITIONS, LANDMARKS, OUTCOMES
from kb.records.study_tables import AMBIGUITIES, ARMS, COMPONENTS, FLAGS, OVERLAPS, POPULATIONS, REPORTS, STUDIES
from kb.records.table import (
    IN,
    TN,
    T,
    Table,
    columns,
)

JOINER = "; "
"""What stands between several values in one column."""


STUDY_TABLES: tuple[Table, ...] = (
    STUDIES, REPORTS, ARMS, COMPONENTS, POPULATIONS, FINDINGS, OUTCOMES, ADVERSE_EVENTS, CLAIMS, CITED,
    LANDMARKS, GROUP_VALUES, OVERLAPS, FLAGS, AMBIGUITIES, ITEM_ARMS, ITEM_CONDITIONS,
)  # fmt: skip
"""Tables with rows of one study each."""

TERMS = Table(
    "terms",
    "one vocabulary term",
    columns(
        ("kind", TN, "vocabulary: agents, biomarkers, conditions, ..."),
        ("id", TN, "permanent id"),
        ("label", TN, "preferred words"),
        ("synonyms", T, "other spellings"),
        ("broader", T, "more general terms"),
        ("curies", T, "verified identifiers that mean the same"),
        ("class", T, "class of an agent or marker, kind of an endpoint, mode of a route, family of a unit, organ of an event"),
        ("role", T, "what a rise of a marker stands for"),
        ("measure", T, "what is measured of a marker"),
        ("analyte", T, "what a marker measures, in words"),
        ("favours", T, "which way an endpoint is good for the patient"),
        ("includes", T, "grades that add up to an endpoint, or members of a named combination"),
        ("note", T, "when to use it"),
    ),
    key=("kind", "id"),
)
NAMES = Table(
    "names",
    "one spelling of a vocabulary term: id, label or synonym",
    columns(
        ("kind", TN, "vocabulary"),
        ("name", TN, "spelling without case"),
        ("id", TN, "term"),
    ),
    key=("kind", "name"),
)
CLOSURE = Table(
    "closure",
    "a term and one that it covers; every term covers itself",
    columns(
        ("kind", TN, "vocabulary"),
        ("ancestor", TN, "the more general term"),
        ("descendant", TN, "the term that it covers"),
    ),
    key=("kind", "ancestor", "descendant"),
)
FACTORS = Table(
    "factors",
    "a sourced factor between two families of units",
    columns(
        ("source_family", TN, "family that it converts from"),
        ("target_family", TN, "family that it converts to"),
        ("factor", "REAL NOT NULL", "base units of the target in one base unit of the source"),
        ("source", TN, "page or paper that states it"),
    ),
    key=("source_family", "target_family"),
)
VOCABULARY_TABLES: tuple[Table, ...] = (TERMS, NAMES, CLOSURE, FACTORS)
"""Tables of the vocabulary."""

FILES = Table(
    "files",
    "one file that the index was made from",
    columns(
        ("path", TN, "file, relative to the collection"),
        ("size", IN, "bytes"),
        ("mtime_ns", IN, "time of the last change when it was read; -1 when it must be read again to be sure"),
        ("sha256", TN, "hash of the bytes; empty when they could not be read"),
        ("study_id", T, "study that the file holds; NULL for vocabulary and for what could not be read"),
        ("problem", T, "why it was left out: place, code and message of the first error"),
    ),
    key=("path",),
    indexes=(("problem",),),
)
META = Table("meta", "a fact about the index", columns(("key", TN, "name"), ("value", TN, "value")), key=("key",))

SEARCH_COLUMNS: tuple[tuple[str, str], ...] = (
    ("label", "first author, year and id"),
    ("title", "titles of the reports"),
    ("authors", "authors of the reports"),
    ("ids", "PMID, DOI, PMCID and trial registrations"),
    ("agents", "agents with their synonyms, and as printed"),
    ("conditions", "diseases with their synonyms"),
    ("biomarkers", "markers with their synonyms, and as printed"),
    ("endpoints", "endpoints and adverse events with their synonyms, and as printed"),
    ("summaries", "claims, labels of arms and populations, results in words"),
    ("notes", "notes and ambiguities"),
)
"""Columns of the full-text table `search`; its row number is `studies.study_no`."""

SEARCH_DDL = (
    f"CREATE VIRTUAL TABLE search USING fts5({', '.join(name for name, _ in SEARCH_COLUMNS)}, tokenize = 'unicode61 remove_diacritics 2')"
)

ALL_TABLES: tuple[Table, ...] = (META, FILES, *VOCABULARY_TABLES, *STUDY_TABLES)
TABLE_DDL: tuple[str, ...] = (*(table.ddl[0] for table in ALL_TABLES), SEARCH_DDL)
"""Every statement that makes an empty table."""
INDEX_DDL: tuple[str, ...] = tuple(statement for table in ALL_TABLES for statement in table.ddl[1:])
"""Every statement that makes a further index of a table; cheapest once the rows are there."""
DDL: tuple[str, ...] = (*TABLE_DDL, *INDEX_DDL)
"""Every statement that makes an empty index, in order."""
