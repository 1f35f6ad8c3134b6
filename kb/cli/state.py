"""Another state of a collection: a folder, or a revision of the current one laid out beside it for the time of a command."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from kb.errors import UsageError
from kb.project import MARKER, Project, open_project


@contextmanager
def state(name: str, current: Path) -> Iterator[Project]:
    """Open a collection by its folder, or by a git revision of the collection around `current`.

    Args:
        name: A folder that holds `kb.toml`, or a revision such as `HEAD~3`, a tag or a commit.
        current: Folder of the current collection.

    Raises:
        UsageError: If it is neither, or the revision holds no collection.
    """
    folder = Path(name)
    if (folder / MARKER).is_file():
        yield open_project(folder, explicit=True)
        return
    archive = _archive(name, current)
    with TemporaryDirectory(prefix="kb-diff-") as place:
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            packed.extractall(place, filter="data")
        yield open_project(Path(place), explicit=True)


def _archive(name: str, current: Path) -> bytes:
    """Return the files of a revision below a folder as a tar archive; the repository is left as it is."""
    neither = f'"{name}" is neither the folder of a collection nor a revision'
    try:
        inside = _git(current, "rev-parse", "--is-inside-work-tree")
        if inside.returncode:
            raise UsageError(f"{neither}: {current} is not under git", hint="name two folders that hold kb.toml")
        commit = _git(current, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if commit.returncode:
            raise UsageError(f"{neither} that git knows here", hint="`git log --oneline` lists revisions")
        found = commit.stdout.decode().strip()
        if _git(current, "cat-file", "-e", f"{found}:./{MARKER}").returncode:
            raise UsageError(f'revision "{name}" holds no {MARKER} in {current}', hint="it is older than the collection, or of another one")
        packed = _git(current, "archive", "--format=tar", found)
    except FileNotFoundError as error:
        raise UsageError(f"{neither}: there is no git to ask", hint="install git, or name two folders that hold kb.toml") from error
    if packed.returncode:
        raise UsageError(f'git cannot lay out "{name}": {packed.stderr.decode(errors="replace").strip()}')
    return packed.stdout


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    # A list and no shell: a revision cannot become a command.
    return subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)
