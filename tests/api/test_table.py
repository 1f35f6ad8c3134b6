import sys

import pytest

from kb.analysis.listing import Listing
from kb.api.table import Table
from kb.errors import UsageError

ROWS = [("a<b>", 5, 0.5), ("b", None, None)]


@pytest.fixture
def table():
    return Table(Listing(("study_id", "events", "share"), ROWS, "everything", ("x: no factor",)))


def test_rows_are_mappings_with_attributes(table):
    row = table[0]
    assert (5, "a<b>", 3) == (row.events, row["study_id"], len(row))
    assert {"study_id": "a<b>", "events": 5, "share": 0.5} == dict(row)
    assert "Row(study_id='b')" == repr(table[1])
    with pytest.raises(AttributeError, match="event"):
        row.event  # noqa: B018 - the look-up is what is tested
    with pytest.raises(AttributeError):
        row._events  # noqa: B018
    with pytest.raises(KeyError):
        row["event"]


def test_a_table_is_a_sequence(table):
    assert (2, ["a<b>", "b"]) == (len(table), [row.study_id for row in table])
    assert ["b"] == [row.study_id for row in table[1:]]
    assert [5, None] == table.column("events")
    assert ("everything", ("x: no factor",)) == (table.selection, table.not_compared)
    assert table == Table(Listing(("study_id", "events", "share"), ROWS))
    assert table != ROWS
    assert [{"study_id": "a<b>", "events": 5, "share": 0.5}, {"study_id": "b", "events": None, "share": None}] == table.to_dicts()


def test_an_unknown_column_suggests_the_nearest(table):
    with pytest.raises(UsageError, match="event") as error:
        table.column("event")
    assert "one of events" == error.value.hint
    with pytest.raises(UsageError) as error:
        table.column("zzz")
    assert "one of study_id, events, share" == error.value.hint


def test_what_a_notebook_shows(table):
    shown = table._repr_html_()
    assert "<caption>selection: everything</caption>" in shown
    assert "<td>a&lt;b&gt;</td><td>5</td><td>0.5</td>" in shown
    assert "<td>b</td><td></td><td></td>" in shown
    assert "more rows" not in shown
    long = Table(Listing(("n",), [(n,) for n in range(60)]))
    assert "<p>10 more rows</p>" in long._repr_html_()
    assert "<caption>" not in long._repr_html_()
    assert "<Table: 2 rows of study_id, events, share; everything>" == repr(table)
    assert "<Table: 60 rows of n>" == repr(long)


def test_frames_keep_whole_numbers_whole_and_gaps_gaps(table):
    pandas = table.to_pandas()
    assert ["Int64", "Float64"] == [str(pandas[name].dtype) for name in ("events", "share")]
    assert [False, True] == list(pandas["events"].isna())
    polars = table.to_polars()
    assert [("a<b>", 5, 0.5), ("b", None, None)] == polars.rows()
    assert ("study_id", "events", "share") == tuple(polars.columns)


@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_without_the_package_the_message_says_so(table, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=f"{package} is not installed") as error:
        getattr(table, f"to_{package}")()
    assert f"pip install {package}" in error.value.hint
