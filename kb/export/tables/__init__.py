"""The documented tables as files: CSV and Parquet with a description that machines read, and records as JSON lines."""
