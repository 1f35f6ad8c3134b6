"""Fixtures shared by all tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kb.project import Project
from tests.builders import make_collection, study_data


@pytest.fixture
def collection(tmp_path: Path) -> Callable[..., Project]:
    """Make a collection of the given studies' data, or of the example study."""

    def make(*studies: dict[str, Any]) -> Project:
        return make_collection(tmp_path / "collection", *(studies or (study_data(),)))

    return make
