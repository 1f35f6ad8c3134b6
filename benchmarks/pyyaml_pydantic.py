"""The plain way to read and validate a collection: PyYAML's C loader and the models, one file after the other."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from kb.model.study import Study

for path in sorted(Path(sys.argv[1]).glob("entries/studies/**/*.yaml")):
    Study.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
