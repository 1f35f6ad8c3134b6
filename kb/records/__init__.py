"""Text to data with positions to records, and back; the collection; the index."""
