"""Tests that ask Spark: they run where somebody has installed it, and are named where not."""

from __future__ import annotations

import importlib.util

import pytest

needs_spark = pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None, reason="pyspark is not installed: docs/exchange.md says how Spark is asked"
)
