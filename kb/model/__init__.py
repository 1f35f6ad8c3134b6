"""Models of a record; import the submodules by their full path."""
