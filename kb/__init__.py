"""Literature-evidence knowledge base of immunotherapy studies.

`kb.load("path")` gives a collection that answers as the commands do. Importing the package imports nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.api.collection import Collection

__version__ = "0.1.0"


def load(path: str = ".") -> Collection:
    """Return the collection at `path`, or the one around it.

    Raises:
        kb.errors.UnreadableError: If there is no collection at or above `path`.
    """
    from pathlib import Path

    from kb.api.collection import Collection
    from kb.project import open_project

    return Collection(open_project(Path(path), explicit=True))
