"""Command line: thin commands over the functions of the lower layers."""
