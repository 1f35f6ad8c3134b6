"""What the text under a field says of it: read from the source of the models, and only when somebody asks.

Pydantic can do this itself while a model is made, but then every command that reads a record parses the source of every
model first, which takes as long as everything else that it does.
"""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import BaseModel


def field_words(model: type[BaseModel], field: str) -> str:
    """Return the description of a field: that of its `Field`, or else the docstring under it; empty without either."""
    described = model.model_fields[field].description
    if described is not None:
        return described
    for kind in model.__mro__:
        if field in inspect.get_annotations(kind):
            return _docstrings(kind.__module__).get((kind.__qualname__, field), "")
    return ""


@cache
def _docstrings(module: str) -> dict[tuple[str, str], str]:
    """Return the text under each annotated attribute of a module's classes, by class and attribute."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    found = {}
    for kind in tree.body:
        if not isinstance(kind, ast.ClassDef):
            continue
        for field, below in zip(kind.body, kind.body[1:], strict=False):
            if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
                continue
            if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and isinstance(below.value.value, str):
                found[kind.name, field.target.id] = inspect.cleandoc(below.value.value)
    return found
