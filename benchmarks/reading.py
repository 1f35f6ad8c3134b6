"""Reading and validating alone, as every command does it: what a build of the index, or a question after an edit, cannot do without."""

from __future__ import annotations

import sys
from pathlib import Path

from kb.model.study import Study
from kb.records.decode import decode
from kb.records.text import read_text

for path in sorted(Path(sys.argv[1]).glob("**/*.yaml")) if Path(sys.argv[1]).is_dir() else [Path(sys.argv[1])]:
    text = read_text(path, root=path.parent)
    assert isinstance(text, str)
    assert decode(text, Study, file=path.name).value is not None
