"""The study for reading: every section says what the record says, and an empty one says which absence it is."""

import pytest

from kb.analysis.summary import StudySummary, summarise
from kb.analysis.telling import citation, claim_words, component_words, timepoint
from kb.model.findings import Timepoint
from kb.model.study import Report, Study
from kb.model.terms import Absence, BiasFlag, VocabularyKind
from kb.project import open_project, resource
from kb.records.collection import Vocabulary, read_vocabulary
from tests.builders import SOURCE, a_study, study_data


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    found, problems = read_vocabulary(open_project(resource("entries").parent, explicit=True))
    assert problems == []
    return found


def told(study: Study, vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    summary = summarise(study, vocabulary)
    return {section.key: tuple(row.headline for row in section.rows) or (section.absent,) for section in summary.sections}


def row(summary: StudySummary, name: str):
    return next(row for section in summary.sections for row in section.rows if row.path[-1] == name)


FINDING = {
    "biomarker": "nk-cell-count",
    "compartment": "blood",
    "timepoint": {"when": "on-treatment"},
    "population": "all",
    "source": SOURCE,
}


def test_the_example_is_told_in_one_sentence(vocabulary):
    assert summarise(a_study(), vocabulary).sentence == (
        "Clinical trial, single arm; renal cell carcinoma, treated (n 20); one arm: high-dose bolus IL-2. "
        "Objective response in renal cell carcinoma, treated (n 20): 5 of 20; 25.0 %, 95 % exact interval 8.7 to 49.1 %. "
        "Rose: natural killer cell count."
    )


def test_the_first_counted_response_leads(vocabulary):
    data = study_data()
    data["outcomes"] = {
        "cr": {**data["outcomes"]["response"], "endpoint": "complete-response", "result": {"kind": "proportion", "events": 1, "total": 20}},
        **data["outcomes"],
    }
    assert "Objective response in" in summarise(Study.model_validate(data), vocabulary).sentence
    data["outcomes"].pop("response")
    data["claims"] = {}
    assert "Complete response in" in summarise(Study.model_validate(data), vocabulary).sentence
    data["outcomes"] = {}
    assert "response" not in summarise(Study.model_validate(data), vocabulary).sentence


@pytest.mark.parametrize(
    ("read", "absent"),
    [
        ("full-text", Absence.NOT_REPORTED),
        ("abstract", Absence.NOT_IN_WHAT_WAS_READ),
        ("abstract-cut", Absence.NOT_IN_WHAT_WAS_READ),
        ("secondary", Absence.NOT_IN_WHAT_WAS_READ),
    ],
)
def test_silence_means_what_was_read_allows(vocabulary, read, absent):
    study = a_study(**{"reports.main.read": read, "findings": {}, "outcomes": {}, "claims": {}})
    sections = told(study, vocabulary)
    for key in ("outcomes", "changes", "associations", "claims", "adverse-events"):
        assert (absent.label,) == sections[key]


def test_design_and_arms_keep_their_absences(vocabulary):
    study = a_study(
        **{
            "design.phase": "not-in-what-was-read",
            "design.centres": {"kind": "multi", "n": 3, "text": "in Europe"},
            "design.enrolment": {"start": "1989-01"},
            "design.compared": "dose alone",
            "design.note": "closed early",
            "arms.a.accrual": ["added-later"],
            "arms.a.delivered": "half of it",
            "arms.a.n": "not-reported",
            "arms.a.regimen.0.setting": "home",
            "arms.a.regimen.0.when": "if-responding",
            "arms.a.regimen.0.label": "weeks 1-2",
        }
    )
    sections = told(study, vocabulary)
    assert "phase: not in what was read" in sections["design"]
    assert "centres: several, 3, in Europe" in sections["design"]
    assert "enrolment: 1989-01 to end not given" in sections["design"]
    assert "compared: dose alone" in sections["design"]
    arm = row(summarise(study, vocabulary), "a")
    assert arm.population == "number not reported"
    assert "opened after others had recruited" in arm.details
    assert "treatment (weeks 1-2), home, only when responding:" in arm.details
    assert "delivered: half of it" in arm.details


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, 'aldesleukin, investigational: 600,000 IU/kg [600,000 IU/kg per dose; 1.8 million IU/kg per day; 9 million IU/kg per cycle]; '
             'intravenous bolus or short infusion; "every 8 hours on days 1-5" [days 1-5, 3 times a day]'),
        ({"route": "not-reported", "schedule": "unclear", "dose": "not-measured", "note": "oddly", "printed": "IL-2"},
         'aldesleukin (printed "IL-2"), investigational: dose not measured; route not reported; schedule unclear in the source; oddly'),
        ({"schedule": {"text": "as tolerated"}}, "[days not given]"),
    ],
    ids=["whole", "absent", "words"],
)  # fmt: skip
def test_components_in_words(vocabulary, change, expected):
    study = a_study(**{f"arms.a.regimen.0.components.0.{name}": value for name, value in change.items()})
    words = component_words(study.arms["a"].regimen[0].components[0], vocabulary, vocabulary.lexicon)
    route = vocabulary.label(VocabularyKind.ROUTES, "iv-bolus")
    assert expected.replace("intravenous bolus or short infusion", route) in words


@pytest.mark.parametrize(
    ("finding", "mark", "headline", "details"),
    [
        ({"kind": "change", "direction": "decrease", "magnitude": "by half", "versus": "induction", "only_in": "responders", "dose_dependent": True, "p": 0.01},
         "▼", "natural killer cell count: fell (by half)", {"against the induction phase", "only in responders", "dose-dependent", "P = 0.01"}),
        ({"kind": "change", "direction": "unclear", "printed": "NK", "detail": "CD56+", "n": 7, "assay": "flow-cytometry"},
         "", 'natural killer cell count (printed "NK"): direction unclear in the source', {"CD56+", "measured in 7", "by flow cytometry"}),
        ({"kind": "contrast", "direction": "higher", "comparison": {"kind": "randomised", "arms": ["a"], "versus_text": "no drug", "differs": ["aldesleukin"]}},
         "▲", "natural killer cell count: higher, a against no drug (randomised arms; differing in aldesleukin)", set()),
        ({"kind": "contrast", "direction": "not-reported", "comparison": {"kind": "controls", "versus_population": "all"}},
         "", "natural killer cell count: direction not reported, first group against renal cell carcinoma, treated (n 20) (against people not treated)", set()),
        ({"kind": "level", "result": {"kind": "proportion", "events": 3, "total": 20}}, "", "natural killer cell count", {"3 of 20; 15.0 %, 95 % exact interval 3.2 to 37.9 %"}),
        ({"kind": "association", "endpoint": "objective-response", "endpoint_printed": "CR + PR", "association": "none", "basis": "tested", "adjustment": "adjusted",
          "adjusted_for": ["age"], "test": "t test"},
         "○", 'natural killer cell count and objective response (printed "CR + PR"): no association (tested)', {"adjusted for age", "t test"}),
        ({"kind": "association", "adverse_event": "hypotension", "association": "positive", "adjustment": "not-reported"},
         "+", "natural killer cell count and hypotension: goes with more of the endpoint", {"adjustment not reported"}),
        ({"kind": "association", "other_marker": "lak-activity", "association": "unclear", "adjustment": "unadjusted"},
         "", "natural killer cell count and lymphokine-activated killer activity: association unclear in the source", {"unadjusted"}),
    ],
)  # fmt: skip
def test_findings_in_words(vocabulary, finding, mark, headline, details):
    study = a_study(findings={"it": {**FINDING, **finding}})
    found = row(summarise(study, vocabulary), "it")
    assert (mark, headline) == (found.mark, found.headline)
    assert details <= set(found.details)
    assert "in blood" in found.details


def test_facts_carry_their_place_flags_and_remarks(vocabulary):
    study = a_study(
        **{
            "outcomes.response.note": "one unconfirmed",
            "outcomes.response.flags": ["post-hoc"],
            "outcomes.response.criteria": "who",
            "outcomes.response.assessor": "independent",
            "outcomes.response.confirmed": False,
            "outcomes.response.count_of": "courses",
            "outcomes.response.site": "lung",
            "outcomes.response.follow_up": "2 years",
            "outcomes.response.source.derived": "1 CR + 4 PR",
            "outcomes.response.source.also": [{"at": "table 2"}],
            "ambiguities": [{"kind": "caution", "about": "outcomes.response.result", "text": "small"}],
            "appraisal": {
                "flags": [{"flag": "historical-control", "items": ["response"], "reason": "because"}],
                "note": "ours",
                "grade": "low",
            },
        }
    )
    summary = summarise(study, vocabulary)
    found = row(summary, "response")
    assert found.flags == (BiasFlag.POST_HOC, BiasFlag.HISTORICAL_CONTROL)
    assert found.remarks == ("one unconfirmed", "to be kept in mind when using the number: small")
    assert found.details == (
        "WHO",
        "judged by independent review",
        "not confirmed",
        "counts courses, not patients",
        "site lung",
        "follow-up 2 years",
    )
    assert found.place is not None
    assert (found.place.report, found.place.derived, found.place.also[0].at) == ("main", "1 CR + 4 PR", "table 2")
    sections = told(study, vocabulary)
    assert sections["appraisal"] == ("historical control: because", "GRADE certainty: low", "ours")
    assert sections["ambiguities"] == ("to be kept in mind when using the number: small",)


def test_claims_harms_cited_numbers_and_overlaps(vocabulary):
    study = a_study(
        **{
            "claims.active.conditions": ["melanoma"],
            "claims.active.populations": ["all"],
            "claims.active.scope": "in the young",
            "claims.active.subject": {"arm": "a"},
            "claims.active.object": {"text": "hope"},
            "adverse_events": {
                "low": {"term": "hypotension", "printed": "low pressure", "population": "all", "grade": "3-4", "scale": "who", "events": 2, "total": 20, "related": True, "source": SOURCE},
                "some": {"term": "hypotension", "printed": "hypotension", "population": "all", "count_of": "courses", "source": SOURCE},
            },
            "cited": {
                "review": {"endpoint": "objective-response", "studies": 39, "patients": 1291, "whose": "a review", "result": {"kind": "proportion", "percent": 16}, "source": SOURCE}
            },
            "overlaps": [{"study": "other-1990-x", "relation": "nested-in", "certainty": "probable", "reason": "same centre"}],
        }
    )  # fmt: skip
    sections = told(study, vocabulary)
    assert sections["adverse-events"] == (
        'hypotension (printed "low pressure"): 2 of 20; 10.0 %, 95 % exact interval 1.2 to 31.7 %',
        "hypotension: seen, not counted",
    )
    assert sections["cited"] == ("objective response: 16 % as printed",)
    assert sections["overlaps"] == ("other-1990-x: nested in the other (probable)",)
    summary = summarise(study, vocabulary)
    claim = row(summary, "active")
    assert "high-dose IL-2 has antitumour activity in hope" == claim_words(study.claims["active"], study, vocabulary) == claim.details[0]
    assert "in melanoma, renal cell carcinoma, treated (n 20) and in the young" in claim.details
    assert {"grade 3-4 WHO", "called treatment-related"} <= set(row(summary, "low").details)
    assert row(summary, "review").details == ("a review", "39 studies", "1291 patients")


def test_judgements_are_ours_and_named(vocabulary):
    judged = {"instrument": "minors", "domains": {"aim": "low"}, "overall": "moderate", "reason": "no blinding", "by": "a curator"}
    study = a_study(appraisal={"judgements": [judged]})
    assert told(study, vocabulary)["appraisal"] == ("MINORS: moderate. no blinding (a curator)",)


REPORT = {"read": "abstract", "title": "A title", "year": 1991}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"authors": ["A B"], "journal": "J", "volume": "1", "issue": "2", "pages": "3-4", "doi": "10.1000/x", "pmid": "5"},
            "A B. A title. J 1991;1(2):3-4. doi:10.1000/x PMID 5",
        ),
        ({"authors": "not-in-what-was-read"}, "(authors not in what was read). A title. 1991."),
        ({"authors": ["A B"], "et_al": True, "retracted": True}, "RETRACTED. A B, et al. A title. 1991."),
        ({"authors": [f"A {letter}" for letter in "ABCDEFG"], "issue": "2"}, "A A, A B, A C, A D, A E, A F, et al. A title. 1991;(2)."),
    ],
)
def test_citations(fields, expected):
    assert expected == citation(Report.model_validate({**REPORT, **fields}))


def test_times_in_words():
    assert timepoint(Absence.NOT_REPORTED) == "time not reported"
    assert (
        timepoint(Timepoint.model_validate({"when": "on-treatment", "text": "week 2", "from_start": "2 wk", "after_dose": "24 h"}))
        == "week 2, 2 wk from the start, 24 h after a dose"
    )
    assert timepoint(Timepoint.model_validate({"when": "on-treatment"})) == "during treatment"


def test_only_the_parts_asked_for_are_told(vocabulary):
    assert ["claims"] == [section.key for section in summarise(a_study(), vocabulary, ("claims",)).sections]
