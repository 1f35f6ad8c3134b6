"""A question in SPARQL over the graph of the collection: read-only, closed to the network, bounded in time and rows.

The store is opened for reading alone, the engine takes queries and no updates, and a query that names another service is
refused before it is run. A query that runs too long is left behind: the engine has no way to stop, so it ends with the
process.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from kb.errors import UnreadableError, UsageError

if TYPE_CHECKING:
    import pyoxigraph

SECONDS = 30.0
"""Longest time that a query may take."""
ROWS = 100_000
"""Largest number of rows or triples that a query gives."""

_XSD = "http://www.w3.org/2001/XMLSchema#"
_WHOLE = frozenset({_XSD + name for name in ("integer", "int", "long", "nonNegativeInteger", "positiveInteger")})
_BROKEN = frozenset({_XSD + name for name in ("double", "decimal", "float")})
_CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_HIDDEN = re.compile(
    r"""<[^<>"{}|^`\\\x00-\x20]*>|'''(?:[^\\]|\\.)*?'''|\"{3}(?:[^\\]|\\.)*?\"{3}|'(?:[^'\\\n\r]|\\.)*'|"(?:[^"\\\n\r]|\\.)*"|\\.|\#[^\n\r]*""",
    re.DOTALL,
)
"""What a keyword cannot stand in: IRIs, strings, escapes and comments."""
_KEYWORD = re.compile(r"(?<![\w:?$@.-])(service|insert|delete|load|clear|drop|create|add|move|copy|with)", re.IGNORECASE)
_SELECTING = re.compile(r"(?<![\w:?$@.-])(select|ask|construct|describe)(?![\w:])", re.IGNORECASE)
_PLACE = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class GraphAnswer:
    """What a query gave.

    Attributes:
        columns: Names of the variables; none for CONSTRUCT and DESCRIBE.
        rows: Rows, at most as many as asked for; ASK gives one with `true` or `false`.
        cut: Whether there was more.
        triples: For CONSTRUCT and DESCRIBE, the triples, sorted, a line of N-Triples each; else None.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    cut: bool = False
    triples: tuple[str, ...] | None = None


def check_query(query: str) -> None:
    """Refuse what is no question to this collection alone.

    Raises:
        UsageError: If the query would change something or ask another service.
    """
    # Escaped letters count as letters before anything else in SPARQL, so they can spell a keyword.
    plain = _HIDDEN.sub(" ", _CODEPOINT.sub(lambda found: chr(min(int(found[1] or found[2], 16), 0x10FFFF)), query))
    asked = _SELECTING.search(plain)
    for found in _KEYWORD.finditer(plain):
        word = found[1].upper()
        if word == "SERVICE":
            raise UsageError(
                "SERVICE would ask another place", hint="ask this collection alone, or send the query elsewhere with --endpoint"
            )
        if asked is None:
            raise UsageError(f"{word} is no question", hint="records are changed in their files; write SELECT, ASK, CONSTRUCT or DESCRIBE")


def ask_graph(
    store: pyoxigraph.Store, query: str, prefixes: Mapping[str, str], *, seconds: float = SECONDS, rows: int = ROWS
) -> GraphAnswer:
    """Ask one question in SPARQL.

    Args:
        store: The graph.
        query: SELECT, ASK, CONSTRUCT or DESCRIBE.
        prefixes: Namespaces that the query may use undeclared.
        seconds: Longest time in seconds.
        rows: Largest number of rows or triples.

    Raises:
        UsageError: If the query cannot be read, would do more than read, or takes too long.
        UnreadableError: If the store is damaged.
    """
    check_query(query)
    done: list[GraphAnswer] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(_answer(store.query(query, prefixes=dict(prefixes)), rows))
        except BaseException as error:  # raised again below, where the caller can catch it
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True, name="kb sparql")
    thread.start()
    thread.join(seconds)
    if done:
        return done[0]
    if not failed:
        raise UsageError(f"the query took more than {seconds:g} seconds", hint="narrow it, or allow more with --seconds")
    if isinstance(failed[0], SyntaxError):
        raise _explained(str(failed[0]), query) from failed[0]
    if isinstance(failed[0], OSError | RuntimeError):
        raise UnreadableError(
            f"the store of the graph is damaged: {failed[0]}", hint="delete the folder graph-* beside the index"
        ) from failed[0]
    raise failed[0]


def _answer(found: Any, rows: int) -> GraphAnswer:
    import pyoxigraph

    if isinstance(found, pyoxigraph.QueryBoolean):
        return GraphAnswer(("answer",), [(_truth(bool(found)),)])
    if isinstance(found, pyoxigraph.QueryTriples):
        triples = [f"{triple} ." for triple in islice(found, rows + 1)]
        return GraphAnswer((), [], len(triples) > rows, tuple(sorted(set(triples[:rows]))))
    columns = tuple(variable.value for variable in found.variables)
    taken = [tuple(map(_value, solution)) for solution in islice(found, rows + 1)]
    return GraphAnswer(columns, taken[:rows], len(taken) > rows)


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _value(term: Any) -> Any:
    """Return a term as a plain value: numbers as numbers, IRIs and other literals as text, nothing as None."""
    if term is None:
        return None
    import pyoxigraph

    if isinstance(term, pyoxigraph.Literal):
        return _plain(term.value, term.datatype.value)
    return term.value if isinstance(term, pyoxigraph.NamedNode) else str(term)


def _plain(text: str, datatype: str) -> Any:
    try:
        if datatype in _WHOLE:
            return int(text)
        if datatype in _BROKEN:
            return float(text)
    except ValueError:  # a literal need not be of its datatype; its text is what there is
        pass
    return text


def _explained(words: str, query: str) -> UsageError:
    """Return a syntax error with its place; the engine lists what it expected, of which the first few are of use."""
    found = _PLACE.match(words)
    if found is None:
        return UsageError(f"the query cannot be read: {words}", hint="`kb sparql --prefixes` lists the namespaces")
    line, column, expected = int(found[1]), int(found[2]), found[3]
    text = (query.splitlines() or [""])[min(line, max(len(query.splitlines()), 1)) - 1]
    marked = f"    {text}\n    {' ' * (column - 1)}^"
    if "Prefix not found" in expected:
        return UsageError(
            f"{line}:{column}: the prefix before this place is not declared\n{marked}", hint="`kb sparql --prefixes` lists those that are"
        )
    return UsageError(f"{line}:{column}: {' '.join(expected.split())}\n{marked}", hint="`kb sparql --prefixes` lists the namespaces")


def as_turtle(triples: str, prefixes: Mapping[str, str]) -> str:
    """Return sorted N-Triples as Turtle, with the namespaces that occur.

    Raises:
        UsageError: If the engine is not installed.
    """
    from kb.records.graph_store import engine

    engine()
    import pyoxigraph

    used = {name: iri for name, iri in prefixes.items() if f"<{iri}" in triples}
    parsed = pyoxigraph.parse(triples, format=pyoxigraph.RdfFormat.N_TRIPLES)
    written = pyoxigraph.serialize((quad.triple for quad in parsed), format=pyoxigraph.RdfFormat.TURTLE, prefixes=used) or b""
    # The engine keeps namespaces in no order of its own.
    lines = written.decode("utf-8").splitlines(keepends=True)
    heads = sorted(line for line in lines if line.startswith("@prefix "))
    return "".join((*heads, *(line for line in lines if not line.startswith("@prefix "))))


def with_prefixes(query: str, prefixes: Mapping[str, str]) -> str:
    """Return a query with the namespaces declared before it, for an engine that does not know them."""
    return "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in prefixes.items()) + query


def read_results(body: str, content_type: str, *, rows: int = ROWS) -> GraphAnswer:
    """Read what an endpoint sent: SPARQL results in JSON, or N-Triples.

    Args:
        body: The text.
        content_type: Its media type.
        rows: Largest number of rows or triples.

    Raises:
        UnreadableError: If it is neither.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind in ("application/n-triples", "text/plain"):
        lines = [line for line in body.splitlines() if line.strip() and not line.startswith("#")]
        return GraphAnswer((), [], len(lines) > rows, tuple(sorted(set(lines[:rows]))))
    try:
        found = json.loads(body)
        if "boolean" in found:
            return GraphAnswer(("answer",), [(_truth(bool(found["boolean"])),)])
        columns = tuple(found["head"]["vars"])
        taken = list(islice(_json_rows(columns, found["results"]["bindings"]), rows + 1))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableError(
            f"the endpoint answered with {kind or 'no media type'}, which is no SPARQL result in JSON",
            hint="is this the address of a SPARQL endpoint?",
        ) from error
    return GraphAnswer(columns, taken[:rows], len(taken) > rows)


def _json_rows(columns: tuple[str, ...], bindings: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for binding in bindings:
        yield tuple(_plain(binding[name]["value"], binding[name].get("datatype", "")) if name in binding else None for name in columns)
