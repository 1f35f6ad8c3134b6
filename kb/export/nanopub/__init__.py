"""Nanopublications: one claim or one association of a marker with an outcome each, under a trusty URI."""
