"""KGX: what of the evidence the Biolink Model can carry, as nodes and edges."""
