"""The web site: typed page contexts and templates in, paths and texts out."""
