"""What `kb` costs, beside what comparable tools cost. `make bench` runs it and writes RESULTS.md."""
