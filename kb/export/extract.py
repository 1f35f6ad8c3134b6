"""What an export is made of: the selected studies of a collection, read one at a time, with its vocabulary and questions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kb.analysis.pools import pools
from kb.analysis.review_rows import counted_arms
from kb.analysis.selection_sql import selected_studies
from kb.diagnostics import Diagnostic
from kb.errors import UnreadableError
from kb.export.formats import Extract

if TYPE_CHECKING:
    from kb.analysis.selection import Selection
    from kb.export.nanopub.signing import Signer
    from kb.model.study import Study
    from kb.project import Project
    from kb.records.index import Index
    from kb.records.table import Table


def make_extract(
    project: Project,
    index: Index,
    selection: Selection,
    *,
    partition: str | None = None,
    records: bool = True,
    signer: Signer | None = None,
) -> Extract:
    """Return what is to be written for a selection; the studies may be read once only.

    Args:
        project: The collection.
        index: Its open index, which must stay open while studies and rows of tables are read.
        selection: Which studies.
        partition: Column of `studies` by whose values files are to be split.
        records: Whether studies, vocabulary and questions are needed; without, the extract has rows alone.
        signer: Who signs what can be signed, or None.

    Raises:
        UnreadableError: If the vocabulary, a question or, while they are read, a study cannot be read.
    """
    from kb.records.collection import Vocabulary, read_questions, read_vocabulary

    ids = selected_studies(index, selection)
    given: dict[str, Any] = {
        "selection": selection.describe(), "partition": partition, "rows": table_rows(index, ids), "options": selection.options,
        "arms": lambda: counted_arms(index, selection, ids), "pools": lambda: pools(index, selection),
        "signer": signer,
    }  # fmt: skip
    if not records:
        return Extract(project, Vocabulary({}), (), **given)
    vocabulary, problems = read_vocabulary(project)
    questions, more = read_questions(project)
    for problem in (*problems, *more):
        raise _unreadable(problem)
    return Extract(project, vocabulary, _studies(project, _files(index, ids)), questions, **given)


_CHOSEN = "study_id IN (SELECT value FROM json_each(?))"
"""Condition that a row is of one of many studies, which are too many for parameters of their own."""


def _files(index: Index, studies: Sequence[str]) -> Iterator[str]:
    """Yield the paths of records by the ids of their studies, as they are asked for."""
    rows = index.connection.execute(f"SELECT file FROM studies WHERE {_CHOSEN} ORDER BY study_id", (json.dumps(studies),))
    yield from (path for (path,) in rows)


def table_rows(index: Index, studies: Sequence[str]) -> Callable[[Table, str | None], Iterator[tuple[Any, ...]]]:
    """Return a function that reads a table's rows for these studies, one at a time; tables of the vocabulary whole."""
    chosen = json.dumps(list(studies))

    def rows(table: Table, partition: str | None) -> Iterator[tuple[Any, ...]]:
        names = ", ".join(f"i.{name}" for name in table.names)
        key = ", ".join(f"i.{name}" for name in table.key)
        if "study_id" not in table.names:
            return index.connection.execute(f"SELECT {names} FROM {table.name} i ORDER BY {key}")
        only = f"WHERE i.{_CHOSEN}"
        if partition is None:
            return index.connection.execute(f"SELECT {names} FROM {table.name} i {only} ORDER BY {key}", (chosen,))
        split = f"SELECT s.{partition}, {names} FROM {table.name} i JOIN studies s ON s.study_id = i.study_id {only}"
        return index.connection.execute(f"{split} ORDER BY s.{partition}, {key}", (chosen,))

    return rows


def _studies(project: Project, files: Iterable[str]) -> Iterator[Study]:
    """Read studies one at a time, so that memory does not grow with the collection."""
    from kb.model.study import Study
    from kb.records.decode import decode, text_diagnostic
    from kb.records.text import read_text

    for name in files:
        text = read_text(project.root / name, root=project.root)
        if not isinstance(text, str):
            raise _unreadable(text_diagnostic(text, file=name))
        decoded = decode(text, Study, file=name)
        if decoded.value is None:
            raise _unreadable(decoded.diagnostics[0])
        yield decoded.value


def _unreadable(first: Diagnostic) -> UnreadableError:
    place = f"{first.file}:{first.position.line}:{first.position.column}"
    return UnreadableError(f"{place}: {first.code} {first.message}", hint=first.hint or "`kb check` shows all that is wrong")
