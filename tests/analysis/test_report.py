import pytest

from kb.analysis.report import CAUTION, Bullets, Citations, Heading, Matrix, Paragraph, asked, report
from kb.analysis.selection import select
from kb.errors import UsageError
from kb.model.vocabulary import Question
from tests.builders import ASSOCIATION, NO_ASSOCIATION, SOURCE, a_study
from tests.small import index_of

MARKERS = {
    "id": "nk",
    "question": "Do NK cells go with response?",
    "why": "They are counted everywhere.",
    "population": {"condition": ["renal-cell-carcinoma"]},
    "intervention": {"agent": ["interleukin-2"]},
    "against": "patients with fewer",
    "markers": {"biomarker": ["nk-cell-count"]},
    "outcomes": {"endpoint": ["objective-response"]},
}
ARMS = {
    "id": "arms",
    "question": "Is a bolus better?",
    "why": "It costs more.",
    "intervention": {"regimen-class": ["high-dose-bolus"]},
    "comparison": {"regimen-class": ["subcutaneous"]},
    "outcomes": {"endpoint": ["objective-response"]},
}


def question(data, **changes):
    return Question.model_validate({**data, **changes})


def sections(blocks):
    """Return blocks by the heading of the second level that they stand under."""
    found, under = {}, ""
    for block in blocks:
        if isinstance(block, Heading) and block.level <= 2:
            under = block.text
            found[under] = []
        else:
            found[under].append(block)
    return found


@pytest.fixture
def index():
    return index_of([a_study(**{"findings.goes": ASSOCIATION}), a_study(id="second-1992-il2", **{"findings.goes": NO_ASSOCIATION})])


def test_a_question_of_markers(index):
    blocks = report(index, question(MARKERS))
    found = sections(blocks)
    assert [
        "Do NK cells go with response?", "What was selected", "What was found", "Markers: change under treatment, and association with benefit",
        "Groups of patients: activation, and response with its exact 95 % interval", "Outcomes by arm", "Who disagrees", "What is missing",
        "References",
    ] == list(found)  # fmt: skip
    assert [Paragraph("They are counted everywhere.")] == found["Do NK cells go with response?"]
    selections, caution = found["What was selected"]
    assert "against: patients with fewer" in selections.items
    assert any("biomarker nk-cell-count" in item for item in selections.items)
    assert Paragraph(CAUTION) == caution
    counts = found["What was found"][0].items
    assert counts[0].startswith("2 studies, 2 independent cohorts, at least 40 patients")
    assert ("4 findings on the markers, of 2 studies", "2 outcomes, of 2 studies") == counts[1:]
    sentences, table, _ = found["Markers: change under treatment, and association with benefit"]
    assert sentences.items[0].startswith("NK cell count: 2 cohorts; under treatment: 2 increase; with benefit: 1 none-tested, 1 better")
    assert len(set(table.listing.columns)) == len(table.listing.columns)
    groups = found["Groups of patients: activation, and response with its exact 95 % interval"][0]
    assert ["5 of 20", "5 of 20"] == [row[3] for row in groups.listing.rows]
    outcomes = found["Outcomes by arm"][0].listing
    assert ["5 of 20", "5 of 20"] == [row[5] for row in outcomes.rows]
    assert outcomes.rows[0][-1].startswith("entries/studies/example-1991-il2.yaml:")


def test_disagreements_stand_with_both_sides(index):
    heading, sides, _ = sections(report(index, question(MARKERS)))["Who disagrees"]
    assert 3 == heading.level
    assert any(item.startswith("better: ") and "P 0.03" in item for item in sides.items)
    assert any(item.startswith("none: ") for item in sides.items)
    assert any(item.startswith("what differs: ") for item in sides.items)
    assert any(item.startswith("power: ") for item in sides.items)


def test_gaps_and_references(index):
    found = sections(report(index, question(MARKERS)))
    tables = [block for block in found["What is missing"] if isinstance(block, Matrix)]
    assert "evidence, 2" in {cell for table in tables for row in table.listing.rows for cell in row}
    assert any("14 of 15 classes of regimen" in block.text for block in found["What is missing"] if isinstance(block, Paragraph))
    (references,) = found["References"]
    assert isinstance(references, Citations)
    assert "Example AB. An example. 1991. PMID 1. [example-1991-il2; read: abstract]" == references.items[0]


def test_a_question_of_arms_has_the_arms_compared_with():
    subcutaneous = {"arms.a.regimen.0.components.0.route": "subcutaneous", "arms.a.regimen.0.components.0.dose": "9 MIU"}
    result = {"kind": "time-to-event", "median": "8+", "unit": "months", "interval": {"low": 4, "high": 12}}
    longer = {"endpoint": "overall-survival", "population": "all", "result": result, "source": SOURCE}
    index = index_of([a_study(**{"outcomes.survival": longer}), a_study(id="second-1992-il2", **subcutaneous)])
    wide = question(ARMS, outcomes={"endpoint": ["objective-response", "overall-survival"]})
    found = sections(report(index, wide))
    assert "Markers: change under treatment, and association with benefit" not in found
    assert [("objective response", "5 of 20"), ("overall survival", "median 8+ months (4 to 12)")] == [
        (row[3], row[5]) for row in found["Outcomes by arm"][0].listing.rows
    ]
    note, compared = found["Outcomes of the arms compared with"]
    assert "differ in more than their treatment" in note.text
    assert 1 == len(compared.listing.rows)
    assert Heading(3, "The arms compared with") in found["What is missing"]
    assert 2 == len(found["References"][0].items)


def test_nothing_found_is_said():
    blocks = report(index_of([]), question(MARKERS))
    found = sections(blocks)
    assert "0 studies, 0 independent cohorts, an unknown number of patients" in found["What was found"][0].items[0]
    assert Bullets(("no finding on these markers",)) == found["Markers: change under treatment, and association with benefit"][0]
    assert [Paragraph("No two reports of this selection contradict each other.")] == found["Who disagrees"]
    assert [Citations(())] == found["References"]


def test_a_question_cannot_ask_for_one_option_twice():
    twice = question(MARKERS, markers={"condition": ["melanoma"]})
    with pytest.raises(UsageError, match='question "nk" asks for condition twice'):
        asked(index_of([]), twice)


def test_a_selection_narrows_all_of_it(index):
    about = asked(index, question(ARMS), select(index, status="accepted", year=">=1992"))
    parts = (about.patients, about.outcomes, about.compared)
    assert {("accepted",)} == {one.statuses for one in parts}
    assert {(">=1992",)} == {one.find("year").values for one in parts}


def test_a_narrowed_report_says_so(index):
    found = sections(report(index, question(MARKERS), select(index, id="second-1992-il2", biomarker="nk-cell-count")))
    assert (
        "all of it narrowed to: biomarker nk-cell-count; id second-1992-il2; status draft, reviewed, accepted"
        == found["What was selected"][0].items[-1]
    )
    assert all("id second-1992-il2" in item for item in found["What was selected"][0].items if "status" in item)
    assert ("2 findings on the markers, of 1 studies", "1 outcomes, of 1 studies") == found["What was found"][0].items[1:]
    assert [Paragraph("No two reports of this selection contradict each other.")] == found["Who disagrees"]
    (references,) = found["References"]
    assert 1 == len(references.items)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"reports.main.retracted": True}, "RETRACTED. Example AB. An example. 1991. PMID 1."),
        (
            {
                "reports.main.journal": "J Ex", "reports.main.volume": "2", "reports.main.issue": "3", "reports.main.pages": "4-5",
                "reports.main.doi": "10.1000/x", "reports.main.et_al": True,
            },
            "Example AB et al. An example. J Ex 1991;2(3):4-5. doi:10.1000/x. PMID 1.",
        ),
    ],
)  # fmt: skip
def test_references(changes, told):
    from kb.analysis.references import references

    (line,) = references(index_of([a_study(**changes), a_study(id="second-1992-il2")]), {"example-1991-il2"})
    assert f"{told} [example-1991-il2; read: abstract]" == line
