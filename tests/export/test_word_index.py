"""The words of the search index, read back as the finder's script reads them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kb.export.site.word_index import DIGITS, fold, word_index


def unpacked(having: str) -> list[list[int]]:
    """Read places as the finder's script does."""
    found = []
    for gaps in having.split(" "):
        places, last, number, scale = [], -1, 0, 1
        for digit in map(DIGITS.index, gaps):
            number += digit % 32 * scale
            scale *= 32
            if digit < 32:
                last += number + 1
                places.append(last)
                number, scale = 0, 1
        found.append(places)
    return found


@given(st.lists(st.text("aB é-\n", max_size=12), max_size=80))
def test_every_word_names_the_studies_that_have_it(texts: list[str]):
    words, having = word_index(texts)
    expected: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        for word in sorted({fold(word) for word in text.split()}):
            expected.setdefault(word, []).append(place)
    assert sorted(expected.items()) == (list(zip(words.split(" "), unpacked(having), strict=True)) if words else [])


def test_gaps_of_any_size():
    texts = ["x" if place in (0, 1, 33, 65, 1090, 33_900) else "" for place in range(33_901)]
    assert ("x", [[0, 1, 33, 65, 1090, 33_900]]) == (word_index(texts)[0], unpacked(word_index(texts)[1]))


def test_folded_as_the_browser_folds():
    assert "nunez ifn-γ" == fold("Núñez IFN-Γ")
