"""Literature-evidence knowledge base of immunotherapy studies.

`kb.load("path")` reads a collection. Importing the package imports nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.records.collection import Collection

__version__ = "0.1.0"


def load(path: str = ".") -> Collection:
    """Read the collection at `path`, or the one around it.

    Raises:
        kb.diagnostics.UnreadableError: If there is no collection at or above `path`.
    """
    from pathlib import Path

    from kb.project import open_project
    from kb.records.collection import read_collection

    return read_collection(open_project(Path(path), explicit=True))
