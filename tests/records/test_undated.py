"""A study whose source prints neither year nor title goes through every layer without one being invented."""

from kb.analysis.find import find
from kb.analysis.selection import Selection, select
from kb.analysis.stats import stats
from kb.analysis.summary import summarise
from kb.records.collection import read_collection
from kb.records.index import open_index
from tests.builders import study_data


def undated():
    return study_data(**{"reports.main.year": "not-in-what-was-read", "reports.main.title": "not-in-what-was-read"})


def test_an_undated_study_is_found_counted_and_told(collection):
    project = collection(undated())
    with open_index(project) as index:
        listing = find(index, "studies", Selection(), columns=["study_id", "year", "year_absence", "title", "title_absence"])
        assert [("example-1991-il2", None, "not-in-what-was-read", None, "not-in-what-was-read")] == [tuple(row) for row in listing.rows]
        assert [] == list(find(index, "studies", select(index, year=">=1900")).rows), "no year, no range of years"
        assert ("decade", "not-in-what-was-read") in {tuple(row[:2]) for row in stats(index, Selection()).rows}
    held = read_collection(project)
    summary = summarise(held.studies["example-1991-il2"], held.vocabulary)
    assert "(title not in what was read)" == summary.title
    assert ("Example AB. (title not in what was read). undated. PMID 1",) == summary.citations
