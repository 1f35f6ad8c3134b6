"""What an export is made of: the selected studies of a collection, read one at a time, with its vocabulary and questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kb.analysis.selection_sql import selected_studies
from kb.diagnostics import Diagnostic, UnreadableError
from kb.export.formats import Extract

if TYPE_CHECKING:
    from kb.analysis.selection import Selection
    from kb.model.study import Study
    from kb.project import Project
    from kb.records.index import Index


def make_extract(project: Project, index: Index, selection: Selection) -> Extract:
    """Return what is to be written for a selection; the studies may be read once only.

    Raises:
        UnreadableError: If the vocabulary, a question or, while they are read, a study cannot be read.
    """
    from kb.records.collection import read_questions, read_vocabulary

    vocabulary, problems = read_vocabulary(project)
    questions, more = read_questions(project)
    for problem in (*problems, *more):
        raise _unreadable(problem)
    files = dict(index.rows("SELECT study_id, path FROM files WHERE study_id IS NOT NULL"))
    chosen = [project.root / files[study] for study in selected_studies(index, selection)]
    return Extract(project, vocabulary, _studies(project, chosen), questions, selection.describe())


def _studies(project: Project, files: Sequence[Path]) -> Iterator[Study]:
    """Read studies one at a time, so that memory does not grow with the collection."""
    from kb.model.study import Study
    from kb.records.decode import decode, text_diagnostic
    from kb.records.text import read_text

    for path in files:
        name = project.relative(path)
        text = read_text(path, root=project.root)
        if not isinstance(text, str):
            raise _unreadable(text_diagnostic(text, file=name))
        decoded = decode(text, Study, file=name)
        if decoded.value is None:
            raise _unreadable(decoded.diagnostics[0])
        yield decoded.value


def _unreadable(first: Diagnostic) -> UnreadableError:
    place = f"{first.file}:{first.position.line}:{first.position.column}"
    return UnreadableError(f"{place}: {first.code} {first.message}", hint=first.hint or "`kb check` shows all that is wrong")
