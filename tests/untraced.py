"""Python in a process of its own that no coverage tracer slows down: what is slow under it takes seconds instead of minutes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def python(*words: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run Python with these words and return how it ended."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    return subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, text=True, env=env, check=False)
