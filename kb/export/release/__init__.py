"""A release: the collection in every form, described, counted and summed up so that anyone can verify it."""
