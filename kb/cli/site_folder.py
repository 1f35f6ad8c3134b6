"""The folder of a built site: only what changed is written, only what was ours is removed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from kb.cli.owned_folder import Written, check_folder, write_folder

if TYPE_CHECKING:
    from kb.export.site.build import File

MANIFEST = ".kb-site"
"""List of the site's own files, one a line; it marks a folder as a site."""


def check_site(folder: Path) -> None:
    """Refuse a folder that is neither new, empty nor a former site.

    Raises:
        UsageError: If it holds anything else.
    """
    check_folder(folder, marker=MANIFEST, what="site")


def write_site(folder: Path, files: Iterable[File]) -> Written:
    """Write a site into a folder that is new, empty or a former site.

    Raises:
        UsageError: If the folder holds anything else.
    """
    return write_folder(folder, ((file.path, file.text) for file in files), marker=MANIFEST, what="site")
