"""Lines of items: the quick scan and the careful way say the same, in every form that a record may have."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.model.study import Study
from kb.project import resource
from kb.records.decode import decode
from kb.records.lines import SECTIONS, item_lines
from kb.records.yaml import locate
from tests.builders import study_data, text_of

RECORDS = sorted((resource("entries") / "studies").glob("**/*.yaml"))
BLOCK = """\
id: x-1
reports:
  main:
    read: abstract
    title: "outcomes: not a section"
    authors: not-reported
    year: 1991
design: {type: cohort, allocation: not-allocated, phase: not-reported, masking: open-label, control: none,
  setting: metastatic, centres: not-reported, enrolment: not-reported}
arms: {}
populations:
  all:
    n: 3
    basis: treated
    note: |
      findings:
        nk-rise: not an item
outcomes:
  response: {endpoint: objective-response, population: all, source: {at: here},
    result: {kind: proportion, events: 1, total: 3}}
curation: {status: draft, extracted: [{by: me, on: "2026"}]}
"""


def careful(text: str) -> dict[tuple[str, ...], int]:
    return {path: at.key.line for path, at in locate(text).items() if len(path) == 2 and path[0] in SECTIONS}  # type: ignore[misc]


def parsed(text: str) -> Study:
    found = decode(text, Study, file="x").value
    assert found is not None
    return found


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_every_record_of_the_collection_has_the_right_lines(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = item_lines(text, parsed(text))
    assert careful(text) == {at: line for at, line in found.items() if len(at) == 2}


def test_block_style_is_scanned(monkeypatch: pytest.MonkeyPatch) -> None:
    study = parsed(BLOCK)
    monkeypatch.setattr("kb.records.lines.locate", None)
    found = item_lines(BLOCK, study)
    assert 1 == found["id",]
    assert (11, 18, 19) == (found["populations",], found["outcomes",], found["outcomes", "response"])


@pytest.mark.parametrize(
    "text",
    [
        text_of(study_data()),
        BLOCK.replace("  response: {", '  "response": {'),
        BLOCK.replace("  all:\n", "  all: # everyone\n"),
        BLOCK.replace("\n", "\r\n"),
        BLOCK.replace("  main:\n    read: abstract\n", "    main:\n     read: abstract\n").replace("\n    title", "\n     title")
        .replace("\n    authors", "\n     authors").replace("\n    year", "\n     year"),
    ],
    ids=["json", "quoted", "comment", "crlf", "four-columns"],
)  # fmt: skip
def test_other_forms_have_the_right_lines(text: str) -> None:
    found = item_lines(text, parsed(text))
    expected = careful(text)
    assert expected
    assert expected == {at: line for at, line in found.items() if at in expected}
