"""FHIR R5: every Bundle is valid, its codes and references are ours to vouch for, and counts survive the round trip."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from fhir.resources.bundle import Bundle

from kb.analysis.selection import select
from kb.errors import UnreadableError
from kb.export.extract import make_extract
from kb.export.fhir.bundle import ABOUT, bundle, fhir
from kb.export.fhir.checks import problems
from kb.export.fhir.codes import STATISTICS
from kb.export.fhir.losses import losses
from kb.export.fhir.statistics import statistics
from kb.ingest.fhir import Counted, read_counts
from kb.model.results import Landmark, Proportion, TimeToEvent
from kb.model.terms import CountOf
from kb.project import open_project, resource
from kb.records.index import open_index
from kb.records.verified import read_verified
from tests.builders import SOURCE, a_study, study_data
from tests.export.rdf.extracts import PROJECT, VOCABULARY, WHOLE, an_extract

BASE = PROJECT.base_iri
HOSTILE = 'a "quoted" </div> ${x} \\ µ\u2028 {"resourceType": "Patient"}\nnext'


def made(study=WHOLE):
    return bundle(study, VOCABULARY, BASE)


def resources(found, kind):
    return [entry["resource"] for entry in found["entry"] if entry["resource"]["resourceType"] == kind]


def statistic(**result):
    """The statistics of an outcome of the example study with this result."""
    study = a_study(**{"outcomes.response.result": result})
    return resources(made(study), "Evidence")[0].get("statistic", [])


@pytest.mark.parametrize("study", [WHOLE, a_study(), a_study(**{"claims": {}, "findings": {}, "outcomes": {}, "arms": {}})])
def test_a_bundle_is_valid_and_its_codes_and_references_hold(study):
    found = made(study)
    Bundle.model_validate(found)
    assert [] == problems(found, BASE)


def test_every_shipped_study_is_valid_and_keeps_its_counts():
    project = open_project(Path(__file__).parent, explicit=True)
    with open_index(project) as index:
        extract = make_extract(project, index, select(index, {}))
        files = {name: text for name, text in fhir(extract) if name != ABOUT}
        want = index.rows(
            "SELECT study_id, 'outcomes', item_id, events, total FROM outcomes WHERE result = 'proportion' UNION ALL "
            "SELECT study_id, 'adverse_events', item_id, events, total FROM adverse_events"
        )
        studies = index.studies()
    assert [f"{study}.json" for study in studies] == list(files)
    got = set()
    for name, text in files.items():
        found = json.loads(text)
        Bundle.model_validate(found)
        assert [] == problems(found, project.base_iri), name
        got |= {(one.evidence, one.events, one.total) for one in read_counts(text, file=name)}
    counted = {(f"{project.base_iri}id/{study}/{part}/{item}", events, total) for study, part, item, events, total in want}
    assert {one for one in counted if one[1:] != (None, None)} - got == set()


def test_counts_come_back_with_their_population():
    (counted,) = read_counts(json.dumps(made(a_study())), file="x")
    population = f"{BASE}id/example-1991-il2/populations/all"
    assert Counted(f"{BASE}id/example-1991-il2/outcomes/response", "objective response", population, "", 5, 20, True) == counted


def test_courses_are_no_people():
    assert [
        {
            "statisticType": {
                "coding": [{"system": "https://fevir.net/sevco", "code": "STATO:0000607", "display": "proportion"}],
                "text": "proportion",
            },
            "quantity": {"value": 25, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"},
            "numberOfEvents": 5,
            "sampleSize": {"knownDataCount": 20, "description": "courses, not patients"},
        }
    ] == statistics(Proportion(kind="proportion", events=5, total=20, percent=25), CountOf.COURSES)


def test_zero_of_twenty_is_a_count_and_nothing_is_nothing():
    (zero,) = statistic(kind="proportion", events=0, total=20)
    assert (0, {"numberOfParticipants": 20}) == (zero["numberAffected"], zero["sampleSize"])
    assert [] == statistic(kind="proportion")


def test_a_time_has_its_median_interval_and_shares():
    result = TimeToEvent(
        kind="time-to-event", unit="months", median="19+", interval={"low": 12, "high": 30.5, "level": 95}, events=3, total=9, p="<0.01",
        mean=20, landmarks=(Landmark(at=1, unit="years", percent="~60", events=6, total=10),),
    )  # fmt: skip
    median, mean, share = statistics(result)
    assert {"value": 19, "comparator": ">=", "unit": "months", "system": "http://unitsofmeasure.org", "code": "mo"} == median["quantity"]
    assert (3, {"numberOfParticipants": 9}) == (median["numberAffected"], median["sampleSize"])
    interval, p = median["attributeEstimate"]
    assert (0.95, {"low": {"value": 12}, "high": {"value": 30.5}}) == (interval["level"], interval["range"])
    assert {"value": 0.01, "comparator": "<"} == p["quantity"]
    assert {"statisticType", "quantity"} == set(mean)
    assert ("at 1 years", 6, 60) == (share["description"], share["numberAffected"], share["quantity"]["value"])
    assert "comparator" not in share["quantity"]


def test_other_results_keep_their_type_and_estimate():
    (contrast,) = statistic(kind="contrast", measure="hr", estimate=0.8, p="NS", interval={"low": 0.6, "level": 95})
    assert ("hazard ratio", 0.8) == (contrast["statisticType"]["text"], contrast["quantity"]["value"])
    interval, p = contrast["attributeEstimate"]
    assert ({"low": {"value": 0.6}}, "NS") == (interval["range"], p["description"])
    (value,) = statistic(kind="continuous", value=2.5, statistic="mean", unit="U/ml", n=7)
    assert ({"value": 2.5, "unit": "U/ml"}, {"knownDataCount": 7}) == (value["quantity"], value["sampleSize"])
    (percent,) = statistic(kind="continuous", value=2.5, statistic="percent-change")
    assert {"text": "change in percent"} == percent["statisticType"]
    (count,) = statistic(kind="count", count=3, of="courses")
    assert {"value": 3, "unit": "courses"} == count["quantity"]
    (said,) = statistic(kind="statement", says="no-difference", text="alike", p=0.4)
    assert 0.4 == said["attributeEstimate"][0]["quantity"]["value"]
    assert [] == statistic(kind="statement", says="no-difference", text="alike")


def test_arms_of_the_other_side_are_the_reference():
    (contrast,) = (one for one in resources(made(), "Evidence") if one["identifier"][0]["value"].endswith("outcomes/a-contrast"))
    roles = [one["variableRole"]["coding"][0]["code"] for one in contrast["variableDefinition"]]
    assert ["population", "exposure", "referenceExposure", "measuredVariable"] == roles


def test_a_claim_is_the_assertion_of_what_it_rests_on():
    said = {one["identifier"][0]["value"].rsplit("/", 1)[1]: one.get("assertion") for one in resources(made(), "Evidence")}
    assert ("It shrank some tumours.", None) == (said["a-proportion"], said["a-count"])


def test_what_is_lost_is_listed():
    study = a_study(
        **{
            "outcomes.response.result": {"kind": "proportion", "events": 5, "percent": "~25"},
            "outcomes.response.note": "x",
            "claims.loose": {
                "subject": {"agent": "aldesleukin"}, "relation": "active-in", "object": {"text": "x"}, "summary": "s", "source": SOURCE,
            },
        }
    )  # fmt: skip
    told = {loss.what.split(" ")[0]: loss.paths for loss in losses(study)}
    assert ("outcomes.response.result.percent",) == told["numbers"]
    assert "design.centres" in told["the"]
    assert ("claims.loose",) == told["claims"]
    assert ("arms.a.regimen",) == told["dose,"]
    issues = made(study)["issues"]["issue"]
    assert len(losses(study)) == len(issues)
    assert {"information"} == {issue["severity"] for issue in issues}


def test_absent_fields_are_left_out():
    study = a_study(
        **{
            "reports.main.title": "not-reported",
            "reports.main.authors": "not-reported",
            "reports.main.year": "not-reported",
            "reports.main.pmid": ...,
            "reports.main.retracted": True,
            "arms.a.n": "not-reported",
            "populations.all.n": "not-reported",
            "design.phase": "not-reported",
        }
    )
    found = made(study)
    Bundle.model_validate(found)
    (citation,) = resources(found, "Citation")
    assert ({}, "retracted") == (citation.get("citedArtifact", {}), citation["note"][0]["text"])
    (group,) = resources(found, "Group")
    assert "quantity" not in group
    (trial,) = resources(found, "ResearchStudy")
    assert {"title", "phase", "recruitment"} & set(trial) == set()


def test_hostile_text_stays_text():
    study = a_study(**{"reports.main.title": HOSTILE, "arms.a.label": HOSTILE, "claims.active.summary": HOSTILE})
    found = json.loads(dict(fhir(an_extract(study)))["example-1991-il2.json"])
    Bundle.model_validate(found)
    assert [] == problems(found, BASE)
    assert HOSTILE == resources(found, "ResearchStudy")[0]["title"]


def test_two_exports_are_the_same_bytes_and_say_what_they_hold():
    extract = replace(an_extract(), studies=(WHOLE, a_study()))
    assert dict(fhir(extract)) == dict(fhir(extract))
    about = json.loads(dict(fhir(extract))[ABOUT])
    assert ("5.0.0", "everything; status draft", 2) == (about["fhirVersion"], about["selection"], about["studies"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda found: found["entry"][0]["resource"].update(status="banana"), '"banana" is none of draft'),
        (lambda found: found["entry"][-1]["resource"]["result"][0].update(reference="urn:uuid:x"), "leads to no Evidence"),
        (lambda found: found["entry"].append(found["entry"][0]), "a fullUrl stands twice"),
        (lambda found: found["meta"].update(x={"system": "https://fevir.net/sevco", "code": "x"}), "no code of SEVCO"),
        (lambda found: found["meta"].update(x={"system": "https://w3id.org/evidence-kb/ns#Phase", "code": "9"}), "no member"),
        (lambda found: found["meta"].update(x={"system": "https://w3id.org/evidence-kb/ns#No", "code": "9"}), "no member"),
        (lambda found: found["meta"].update(x={"system": "urn:else", "code": "9"}), "none that is written here"),
        (
            lambda found: found["meta"].update(x={"system": "http://terminology.hl7.org/CodeSystem/variable-role", "code": "9"}),
            "no role of a variable",
        ),
    ],
)
def test_a_wrong_code_or_reference_is_found(change, said):
    found = made()
    change(found)
    assert [problem for problem in problems(found, BASE) if said in problem]


def test_codes_of_statistics_are_verified_ones():
    assert set(STATISTICS) <= read_verified(resource("entries") / "vocabulary")


@pytest.mark.parametrize("text", ["{", "[]", "1", '{"resourceType": "Patient"}', '{"a": ' * 3])
def test_what_is_no_bundle_is_refused(text):
    with pytest.raises(UnreadableError, match=r"x\.json: "):
        read_counts(text, file="x.json")


def test_counts_of_other_systems_are_read_leniently():
    evidence = {
        "resourceType": "Evidence",
        "id": "e",
        "title": 3,
        "variableDefinition": [7, {"variableRole": {"coding": [{"code": "population"}]}, "observed": {"reference": "Group/1"}}],
        "statistic": [
            {"numberOfEvents": 4, "sampleSize": {"knownDataCount": 9}, "description": "d"},
            {"numberAffected": True, "sampleSize": []},
            {"numberAffected": -1, "sampleSize": {"numberOfParticipants": 12}},
        ],
    }
    assert [Counted("e", "", "Group/1", "d", 4, 9, False), Counted("e", "", "Group/1", "", None, 12, True)] == read_counts(
        json.dumps(evidence), file="x"
    )
    assert [] == read_counts('{"resourceType": "Bundle", "entry": [3, {"resource": {"resourceType": "Group"}}]}', file="x")


def test_the_folder_is_written(collection, run_kb, tmp_path):
    root = collection(study_data()).root
    assert (0, "", "") == run_kb("-C", str(root), "export", "fhir", str(tmp_path / "out"))
    assert [".kb-export", "example-1991-il2.json", "export.json"] == sorted(path.name for path in (tmp_path / "out").iterdir())
