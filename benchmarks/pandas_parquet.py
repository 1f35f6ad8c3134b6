"""The peer of `kb export parquet`: pandas reads the same rows from the same index and writes each table as Parquet.

Run as `python pandas_parquet.py INDEX FOLDER`.
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import pandas as pd

from kb.export.tables.exported import TABLES


def main() -> None:
    """Read and write every table."""
    index, folder = map(Path, sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(f"{index.resolve().as_uri()}?mode=ro", uri=True) as connection:
        for table in TABLES:
            frame = pd.read_sql_query(f"SELECT {', '.join(table.names)} FROM {table.name} ORDER BY {', '.join(table.key)}", connection)
            frame.to_parquet(folder / f"{table.name}.parquet", compression="zstd", index=False)


if __name__ == "__main__":
    main()
