"""The template engine, one for pages and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


def environment(templates: Mapping[str, str]) -> Environment:
    """Return the template engine: everything escaped, and an unknown name is an error.

    Args:
        templates: Text by name, such as `pages/study.html`.
    """
    from jinja2 import DictLoader, StrictUndefined

    from kb.export.engine import Engine

    return Engine(
        loader=DictLoader(dict(templates)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
