"""The peer of `kb export ntriples`: morph-kgc materialises the same facts as N-Triples from the tables of the collection.

The tables are exported as CSV beforehand, outside the clock. The mapping is written from their description: a row is a
node, a column a property, a cell that is given a triple, a foreign key a link; so every fact of a record becomes one.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import peers
from benchmarks.measure import Measured
from benchmarks.questions import processor

_HEAD = """@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix rml: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
_BASE = "https://example.org/"
_DERIVED = ("item_arms", "item_conditions", "terms", "names", "closure", "factors")
"""Tables that repeat what others hold, for joins, and those of the vocabulary."""
_DATATYPES = {"integer": "xsd:integer", "number": "xsd:double"}


def ntriples_and_morph(kb: str, folder: Path) -> tuple[tuple[Measured, int], tuple[Measured, int]] | peers.Missing:
    """Return what both cost in the processor's seconds, and how many triples each writes.

    Args:
        kb: The command.
        folder: The collection.
    """
    program = peers.python_tool("morph-kgc", "python", "morph")
    if isinstance(program, peers.Missing):
        return program
    work = folder / ".morph"
    shutil.rmtree(work, ignore_errors=True)
    try:
        subprocess.run([kb, "export", "csv", str(work / "tables")], cwd=folder, check=True, capture_output=True)
        (work / "mapping.ttl").write_text(_HEAD + "".join(_mapping(work / "tables")), encoding="utf-8")
        (work / "config.ini").write_text(
            f"[CONFIGURATION]\noutput_file: {work / 'theirs.nt'}\noutput_format: N-TRIPLES\nna_values: NA\nlogging_level: ERROR\n"
            f"number_of_processes: 1\n[SOURCE]\nmappings: {work / 'mapping.ttl'}\n",
            encoding="utf-8",
        )
        us = processor([kb, "export", "ntriples", "-o", str(work / "ours.nt")], folder)
        them = processor([str(program), "-m", "morph_kgc", str(work / "config.ini")], folder)
        return (us, _lines(work / "ours.nt")), (them, _lines(work / "theirs.nt"))
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def _mapping(tables: Path) -> Iterator[str]:
    """Yield a map of triples for each table."""
    package = json.loads((tables / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        name, schema = resource["name"], resource["schema"]
        if name in _DERIVED:
            continue
        keys = [*schema.get("foreignKeys", ()), *schema.get("optionalForeignKeys", ())]
        links = {key["fields"][-1]: _subject(key["reference"]["resource"], key["fields"]) for key in keys}
        rows = "".join(_column(field, links) for field in schema["fields"])
        yield (
            f'<#{name}> rml:logicalSource [ rml:source "{tables / resource["path"]}" ; rml:referenceFormulation ql:CSV ] ;\n'
            f'  rr:subjectMap [ rr:template "{_subject(name, schema["primaryKey"])}" ; rr:class <{_BASE}ns#{name}> ]{rows} .\n'
        )


def _subject(table: str, fields: list[str]) -> str:
    return f"{_BASE}{table}/" + "/".join(f"{{{field}}}" for field in fields)


def _column(field: dict[str, Any], links: dict[str, str]) -> str:
    name = field["name"]
    if name in links:
        term = f'rr:template "{links[name]}"'
    else:
        typed = _DATATYPES.get(field["type"])
        term = f'rml:reference "{name}"' + (f" ; rr:datatype {typed}" if typed else "")
    return f" ;\n  rr:predicateObjectMap [ rr:predicate <{_BASE}ns#{name}> ; rr:objectMap [ {term} ] ]"
