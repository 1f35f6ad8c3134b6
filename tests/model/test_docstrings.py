"""The text under a field is its description, wherever the field was declared."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kb.model.base import Record, Source
from kb.model.docstrings import field_words
from kb.model.study import Study


class _Parent(Record):
    told: int
    """Told below."""
    again: int
    """Said by the parent."""


class _Child(_Parent):
    again: int
    named: Annotated[int, Field(description="Named in the field.")]
    """Not looked at."""
    many: int
    """First line.

    Second paragraph.
    """
    bare: int


def test_a_docstring_under_a_field_describes_it() -> None:
    assert "Told below." == field_words(_Parent, "told")
    assert "First line.\n\nSecond paragraph." == field_words(_Child, "many")


def test_a_field_keeps_the_words_of_the_class_that_declares_it() -> None:
    assert "Told below." == field_words(_Child, "told")
    assert "" == field_words(_Child, "again")


def test_the_description_of_the_field_itself_goes_first() -> None:
    assert "Named in the field." == field_words(_Child, "named")


def test_no_words_are_an_empty_text() -> None:
    assert "" == field_words(_Child, "bare")


def test_every_field_of_a_source_is_described() -> None:
    assert all(field_words(Source, name) for name in Source.model_fields)
    assert field_words(Study, "id").startswith("Permanent id")
