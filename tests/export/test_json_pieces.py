"""JSON in pieces is the JSON of the whole."""

import json

from hypothesis import given
from hypothesis import strategies as st

from kb.export.json_pieces import Members, json_pieces

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.sampled_from('a"\\\n\u2028é'), max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=12,
)


def streamed(value):
    """The same with an iterator for each list and `Members` for each mapping."""
    if isinstance(value, list):
        return map(streamed, value)
    if isinstance(value, dict):
        return Members((name, streamed(one)) for name, one in value.items())
    return value


@given(VALUES)
def test_pieces_are_what_the_whole_would_be(value):
    expected = json.dumps(value, ensure_ascii=False, indent=1)
    assert expected == "".join(json_pieces(streamed(value)))
    assert expected == "".join(json_pieces(value))


def test_a_list_is_written_as_it_is_read():
    taken = []

    def numbers():
        for number in range(9):
            taken.append(number)
            yield number

    pieces = json_pieces(numbers())
    assert "[\n 0,\n 1" == "".join(next(pieces) for _ in range(4))
    assert [0, 1] == taken
