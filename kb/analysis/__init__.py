"""Questions about a collection: selection, summaries, intervals, the graph, the founding question."""
