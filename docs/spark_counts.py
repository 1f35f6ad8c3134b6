"""Count every table of a Parquet export with Spark and compare with its datapackage.json.

Needs pyspark and a Java runtime, which kb itself does not:

    kb export parquet tables --partition year
    python docs/spark_counts.py tables

A split table is read as one table by its folder; Spark finds the partitions by itself. Ends with 1 if a count differs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def counts(folder: Path) -> dict[str, tuple[int, int]]:
    """Return for each table the rows that the package states, and those that Spark reads."""
    from pyspark.sql import SparkSession

    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    found = {}
    for resource in package["resources"]:
        name = resource["name"]
        split = not isinstance(resource["path"], str) or "/" in resource["path"]
        rows = spark.read.parquet(str(folder / name if split else folder / f"{name}.parquet"))
        found[name] = (resource["rows"], rows.count())
    spark.stop()
    return found


if __name__ == "__main__":
    table = counts(Path(sys.argv[1]))
    for name, (stated, read) in table.items():
        print(f"{name}\t{stated}\t{read}\t{'equal' if stated == read else 'DIFFERENT'}")
    sys.exit(any(stated != read for stated, read in table.values()))
