import pytest

from kb.analysis.compare import compare, equality, labels, listing, properties
from kb.analysis.told import Labels
from kb.errors import UsageError
from tests.builders import ASSOCIATION, NO_ASSOCIATION, SOURCE, a_study
from tests.small import index_of

EVENT = {"term": "hypotension", "printed": "hypotension", "population": "all", "events": 3, "total": 20, "source": SOURCE}


@pytest.fixture
def rows():
    second = a_study(
        id="second-1992-il2",
        **{
            "reports.main.year": 1992,
            "outcomes.response.result.events": 7,
            "findings.nk-rise.n": 12,
            "findings.none": NO_ASSOCIATION,
            "adverse_events": {"low": EVENT},
        },
    )
    _, found = compare(index_of([a_study(), second]), ["example-1991-il2", "second-1992-il2"])
    return {(row.section, row.name): row for row in found}


@pytest.mark.parametrize(
    ("keys", "mark"),
    [
        (("a", "a"), "all"),
        (("a", "b"), ""),
        (("a", None), ""),
        ((None, None), ""),
        (("a", "a", "b"), "some"),
        (("a", "a", None), "some"),
        (("a", "b", "c"), ""),
    ],
)
def test_equality(keys, mark):
    assert mark == equality(keys)


def test_what_the_record_says_of_the_study(rows):
    assert ("1991", "1992") == rows["study", "year"].values
    assert "" == rows["study", "year"].equal
    assert "all" == rows["study", "design"].equal
    assert ("study", "flags") not in rows


def test_a_shared_absence_is_told_and_is_no_equality(rows):
    row = rows["study", "centres"]
    assert (("not-in-what-was-read", "not-in-what-was-read"), "") == (row.values, row.equal)


def test_findings_are_equal_in_direction_whatever_their_patients(rows):
    row = rows["finding", "NK cell count: change"]
    assert (("increase (n 20)", "increase (n 12)"), "all") == (row.values, row.equal)


def test_items_of_one_study_leave_the_other_empty(rows):
    assert (None, "none, tested (n 20, P 0.6)") == rows["finding", "NK cell count and objective response"].values
    assert (None, "3 of 20") == rows["adverse event", "hypotension"].values


def test_outcomes_regimens_populations_and_claims(rows):
    outcome = rows["outcome", "objective response"]
    assert ("5 of 20", "7 of 20") == tuple(str(value).partition(" [")[0] for value in outcome.values)
    assert "" == outcome.equal
    assert "all" == rows["regimen", "arm 1: class"].equal
    assert ("aldesleukin 600,000 IU/kg",) * 2 == rows["regimen", "arm 1: doses"].values
    assert ("20", "20") == rows["population", "treated, renal-cell-carcinoma"].values
    assert ("supports", "supports") == rows["claim", "aldesleukin active-in renal cell carcinoma"].values


def test_levels_contrasts_and_results_compared():
    level = {key: value for key, value in ASSOCIATION.items() if key not in ("endpoint", "association", "basis", "adjustment", "p")}
    changes = {"findings.level": {**level, "kind": "level"}, "populations.few": {"n": "not-reported", "basis": "evaluable"}}
    index = index_of([a_study(**changes), a_study(id="second-1992-il2")])
    _, found = compare(index, ["example-1991-il2", "second-1992-il2"])
    values = {row.name: row.values for row in found}
    assert ("measured (n 20)", None) == values["NK cell count: level"]
    assert any(row.section == "population" and row.values[0] == "not-reported" for row in found)


def test_the_table_has_a_column_a_study():
    studies, found = compare(index_of([a_study(), a_study(id="b-1992")]), ["b-1992", "example-1991-il2"])
    table = listing(studies, found)
    assert ("section", "property", "equal", "b-1992", "example-1991-il2") == table.columns
    assert ("study", "year", "all", "1991", "1991") in table.rows


@pytest.mark.parametrize(
    ("names", "message", "hint"),
    [
        (["example-1991-il2"], "one study alone has nothing to be compared with", "name 2 to 6 studies"),
        ([f"study-{number}" for number in range(7)], "7 studies do not stand side by side", "name 2 to 6 studies"),
        (["example-1991-il"], 'there is no study "example-1991-il"', "did you mean example-1991-il2"),
        (["example"], 'there is no study "example"', "did you mean example-1991-il2"),
        (["example-1991-il2", "example-1991-il"], "there is no study", "did you mean example-1991-il2"),
        (["example-1991-il2", "zzz"], "there is no study", "kb find studies"),
        (["example-1991-il2", "example-1991-il2"], "named twice", "once"),
    ],
)
def test_what_cannot_be_compared(names, message, hint):
    with pytest.raises(UsageError, match=message) as error:
        compare(index_of([a_study(), *(a_study(id=f"study-{number}") for number in range(7))]), names)
    assert hint in error.value.hint


def test_labels_for_people_and_the_same_equality():
    second = a_study(id="second-1992-il2", **{"findings.none": NO_ASSOCIATION})
    index = index_of([a_study(), second])
    names = ["example-1991-il2", "second-1992-il2"]
    _, plain = compare(index, names)
    _, told = compare(index, names, labels(index))
    rows = {(row.section, row.name): row for row in told}
    assert ("clinical trial", "clinical trial") == rows["study", "design"].values
    assert ("not in what was read",) * 2 == rows["study", "centres"].values
    assert "Example 1991" == rows["study", "independent cohort"].values[0]
    assert ("high-dose bolus IL-2",) * 2 == rows["regimen", "arm 1: class"].values
    assert ("rose (n 20)",) * 2 == rows["finding", "NK cell count: change"].values
    assert (None, "no association, tested (n 20, P 0.6)") == rows["finding", "NK cell count and objective response"].values
    assert ("20", "20") == rows["population", "treated, renal cell carcinoma"].values
    assert ("supports", "supports") == rows["claim", "aldesleukin has antitumour activity in renal cell carcinoma"].values
    assert sorted((row.section, row.equal) for row in plain) == sorted((row.section, row.equal) for row in told)


def test_what_a_page_compares_does_not_depend_on_the_words():
    index = index_of([a_study()])
    plain, told = properties(index, "example-1991-il2"), properties(index, "example-1991-il2", labels(index))
    assert [(section, key) for section, _, _, key in plain] == [(section, key) for section, _, _, key in told]
    assert ("study", "centres", "not in what was read", "") in told


def test_an_agent_is_told_where_a_dose_begins():
    told = Labels(lambda kind, ident: ident.upper(), str)
    assert "IL 5 MIU; IFN 3 MU with il; IL as needed" == told.agents("il 5 MIU; ifn 3 MU with il; il as needed", ["il", "ifn"])
