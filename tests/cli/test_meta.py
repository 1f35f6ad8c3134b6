import csv
import io
import json
import subprocess
import sys

import pytest

from kb.analysis.effects import MEASURES
from kb.cli.main import main
from kb.cli.meta import METHODS
from tests.builders import SOURCE, study_data

BCG = """slab,ai,n1i,ci,n2i,ablat,year,alloc
Aronson,4,123,11,139,44,1948,random
Ferguson,6,306,29,303,55,1949,random
Rosenthal,3,231,11,220,42,1960,random
Hart,62,13598,248,12867,52,1977,random
Frimodt-Moller,33,5069,47,5808,13,1973,alternate
Stein,180,1541,372,1451,44,1953,alternate
Vandiviere,8,2545,10,629,19,1973,random
TPT Madras,505,88391,499,88391,13,1980,random
Coetzee,29,7499,45,7277,27,1968,random
Rosenthal,17,1716,65,1665,42,1961,systematic
Comstock,186,50634,141,27338,18,1974,systematic
Comstock,5,2498,3,2341,33,1969,systematic
Comstock,27,16913,29,17854,33,1976,systematic
"""
"""The BCG trials as in metafor's dat.bcg (Colditz et al. 1994)."""


KEYS = {"estimate", "se", "ci_low", "ci_high", "pi_low", "pi_high", "tau2", "q", "q_p", "i2", "h2", "k"}


@pytest.fixture
def pool(tmp_path, capsys):
    def run(text, *args):
        path = tmp_path / "own.csv"
        path.write_bytes(text.encode("utf-8"))
        with pytest.raises(SystemExit) as ended:
            main(["meta", "--data", str(path), *args])
        return ended.value.code, *capsys.readouterr()

    return run


def as_json(ran):
    code, out, err = ran
    assert (0, "") == (code, err)
    return json.loads(out)


def test_the_bcg_trials_by_dersimonian_and_laird(pool):
    found = as_json(pool(BCG, "--measure", "RR", "--method", "DL", "-f", "json"))
    pooled = found["pooled"]
    assert [-0.7141, -1.0644, -0.3638, 0.3088, 152.2330] == [
        round(pooled[key], 4) for key in ("estimate", "ci_low", "ci_high", "tau2", "q")
    ]
    assert 13 == pooled["k"] == len(found["rows"])
    assert [0.4896, 0.3449, 0.6950] == [round(found["back_transformed"][key], 4) for key in ("estimate", "ci_low", "ci_high")]
    assert set(pooled) >= KEYS


@pytest.mark.parametrize(
    ("measure", "method", "back"), [("RR", "EE", 0.6503), ("RR", "MH", 0.6353), ("OR", "MH", 0.6229), ("PETO", None, 0.6222)]
)
def test_the_bcg_trials_by_other_methods(pool, measure, method, back):
    found = as_json(pool(BCG, "--measure", measure, *(["--method", method] if method else []), "-f", "json"))
    assert back == round(found["back_transformed"]["estimate"], 4)


def test_a_forest_plot_with_groups_regression_and_sensitivity(pool):
    code, out, _ = pool(
        BCG, "--measure", "RR", "--by", "alloc", "--moderator", "ablat", "--moderator", "alloc", "--sensitivity", "all", "-f", "table"
    )  # fmt: skip
    assert 0 == code
    assert "POOLED, RANDOM EFFECTS  k 13" in out
    assert "k 13, 357347 patients, 13 studies; 0 left out" in out
    assert "between groups: Q 1.86, 2 df, P 0.3943" in out
    assert "alloc systematic (against random)" in out
    assert "permutation test: P" in out
    assert "Across studies is not among patients" in out
    for title in ("leave one out", "influence", "cumulative", "small studies", "Egger's test (REML)", "trim-and-fill (REML)"):
        assert title in out


def test_markdown_fences_the_plot(pool, tmp_path):
    target = tmp_path / "out.md"
    code, out, _ = pool(BCG, "--measure", "OR", "--sensitivity", "leave-one-out", "-o", str(target))
    assert (0, "") == (code, out)
    assert 2 == target.read_text("utf-8").count("```")


def test_rows_as_csv(pool):
    code, out, err = pool(BCG, "--measure", "RD", "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert (0, 13) == (code, len(rows))
    assert ("Aronson", "4", "123", "11", "139", "NA") == tuple(
        rows[0][key] for key in ("label", "events", "total", "events_2", "total_2", "study_id")
    )
    assert "selection: own.csv" in err


def test_knapp_hartung_with_and_without_the_guard(pool):
    text = "yi,vi\n0.30,0.1\n0.31,0.2\n0.29,0.15\n0.30,0.12\n"
    widths = {}
    for args in ((), ("--knapp-hartung",), ("--guard",)):
        pooled = as_json(pool(text, *args, "-f", "json"))["pooled"]
        widths[args] = pooled["ci_high"] - pooled["ci_low"]
    assert widths[("--knapp-hartung",)] < widths[()] < widths[("--guard",)]
    assert "with Knapp and Hartung's t, guarded" in pool(text, "--guard", "-f", "table")[1]


def test_all_zero_is_answered_with_an_exact_bound(pool):
    found = as_json(pool("xi,ni\n0,20\n0,30\n", "-f", "json"))
    assert (None, None) == (found["pooled"]["estimate"], found["back_transformed"])
    assert "at most 7.11 %" in found["pooled"]["notes"][0]
    assert "no pooled estimate" in pool("xi,ni\n0,20\n0,30\n", "-f", "table")[1]


def test_zero_cells_are_dropped_by_name_and_never_corrected_unless_asked(pool):
    text = "slab,xi,ni\nA,0,20\nB,5,25\nC,3,18\n"
    plain = as_json(pool(text, "--method", "REML", "-f", "json"))
    assert 2 == plain["pooled"]["k"]
    assert [("A", "no events: no finite logit with its variance; --method GLMM keeps it")] == [
        (one["label"], one["reason"]) for one in plain["excluded"]
    ]
    corrected = as_json(pool(text, "--method", "REML", "--add", "0.5", "-f", "json"))
    assert (3, "0.5 added to events and non-events") == (corrected["pooled"]["k"], corrected["rows"][0]["how"])
    glmm = as_json(pool(text, "-f", "json"))
    assert ("GLMM", 3) == (glmm["method"], glmm["pooled"]["k"])


def test_nothing_left_to_pool(pool):
    found = as_json(pool("xi,ni\n0,20\nNA,30\n", "--method", "DL", "-f", "json"))
    assert (0, None, ["there is no study to pool"]) == (found["pooled"]["k"], found["pooled"]["estimate"], found["pooled"]["notes"])
    assert ["xi missing", "no events: no finite logit with its variance; --method GLMM keeps it"] == [
        one["reason"] for one in found["excluded"]
    ]
    out = pool("xi,ni\n0,20\nNA,30\n", "--method", "DL", "-f", "table")[1]
    assert "no study entered" in out
    assert "not pooled: there is no study to pool" in out


@pytest.mark.parametrize(
    ("text", "args", "message"),
    [
        ("", (), "the file is empty"),
        ("a,b\n1,2\n", (), "no columns of counts or effects among a, b"),
        ("xi,nI\n1,2\n", ("--measure", "PLO"), "measure PLO needs the columns xi ni or xi mi or yi vi or yi sei; found xi, nI"),
        ("xi,xi,ni\n1,1,2\n", ("--measure", "PLO"), "a column is named twice"),
        ("xi,ni\n1,2,3\n", (), "own.csv:2: more cells than the 2 columns"),
        ("xi,ni\nfive,20\n", (), 'own.csv:2: column xi: "five" is not a number'),
        ("xi,ni\ninf,20\n", (), "inf is not finite"),
        ("xi,ni\n21,20\n", (), "own.csv:2: 21 of 20 is not a count of patients"),
        ("xi,ni\n1,20\n", ("--method", "MH"), "MH pools RR and OR and RD, not PLO"),
        ("xi,ni\n1,20\n", ("--by", "nii"), 'rows have no field "nii"'),
        ("xi,ni,dosage\n1,20,3\n", ("--moderator", "dosages"), "did you mean dosage?"),
        ("yi,vi\n1,20\n", ("--measure", "OR", "--method", "MH"), "MH needs counts, and row 1 gives only an effect"),
    ],
)
def test_bad_input_says_what_is_wrong(pool, text, args, message):
    code, out, err = pool(text, *args)
    assert (2, "") == (code, out)
    assert message in err


def test_a_file_that_cannot_be_read(pool, tmp_path, capsys):
    for path, why in ((tmp_path / "none.csv", "No such file"), (tmp_path / "bytes.csv", "not UTF-8")):
        if why == "not UTF-8":
            path.write_bytes(b"xi,ni\n\xff\xfe,2\n")
        with pytest.raises(SystemExit) as ended:
            main(["meta", "--data", str(path)])
        assert 3 == ended.value.code
        assert why in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "args", "estimate"),
    [
        ("\ufeffxi;mi\n5;20\n", (), 0.2),
        ("ai\tbi\tci\tdi\n10\t10\t5\t15\n", (), 2.0),
        ("m1i,sd1i,n1i,m2i,sd2i,n2i\n5,1,20,4,1,20\n", (), 1.0),
        ("yi,sei\n0.5,0.1\n", (), 0.5),
        ("out,ci.lb,ci.ub\n0.8,0.6,1.0667\n", ("--measure", "HR"), 0.8),
        ("out,ci.lb,ci.ub,level\n0.8,0.6,1.0667,99\n", ("--measure", "HR"), 0.8),
        ("out,pval\n0.8,0.04\n", ("--measure", "OR"), 0.8),
        ("yi,vi\n0.5,0\n1.5,0.1\n", (), 1.5),
        ("out,ci.lb,ci.ub\n-1,0.6,1.0667\n0.8,0.6,1.0667\n", ("--measure", "HR"), 0.8),
    ],
)
def test_columns_and_delimiters(pool, text, args, estimate):
    assert estimate == pytest.approx(as_json(pool(text, *args, "-f", "json"))["back_transformed"]["estimate"])


HOSTILE = {
    "one": ("xi,ni\n0,20\n20,20\n5,10\n", "xi,ni\n0,20\n0,30\n", "xi,ni\n3,20\n"),
    "two": ("ai,n1i,ci,n2i\n0,20,5,20\n20,20,0,11\n2,12,3,9\n", "ai,n1i,ci,n2i\n0,20,0,20\n", "ai,n1i,ci,n2i\n3,20,3,20\n3,20,3,20\n"),
    "": ("yi,vi\n1e8,1e12\n-1e8,1e-12\n3,1\n", "yi,vi\n0.3,0\n", "yi,vi\n0.3,0.1\n0.3,0.1\n"),
}


@pytest.mark.parametrize("measure", sorted(MEASURES))
def test_no_table_makes_any_method_fall_over(measure, pool):
    for text in HOSTILE[MEASURES[measure].counts]:
        for method in METHODS:
            code, out, err = pool(text, "--measure", measure, "--method", method, "--sensitivity", "influence", "-f", "json")
            assert (code, err) == (0, "") or (code == 2 and "kb: " in err), (text, method, err)
            if code == 0:
                assert KEYS <= set(json.loads(out)["pooled"])


def test_what_no_float_holds_is_null_in_json(pool):
    found = as_json(pool("yi,vi\n1e5,1\n1e5,1\n", "--measure", "HR", "-f", "json"))
    assert (1e5, None, [None, None]) == (
        pytest.approx(found["pooled"]["estimate"]), found["back_transformed"]["estimate"], [row["estimate"] for row in found["rows"]],
    )  # fmt: skip


def test_help_loads_no_numbers():
    seen = "import sys, kb.cli.main as m\ntry: m.main(['meta', '--help'])\nexcept SystemExit: pass\nprint([n for n in ('numpy', 'scipy') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip().splitlines()[-1]


# ---- the collection -------------------------------------------------------------------------------------------------


def outcome(events=5, total=20, **more):
    return {
        "endpoint": "objective-response",
        "population": "all",
        "result": {"kind": "proportion", "events": events, "total": total},
        "source": SOURCE,
        **more,
    }


def study(ident, pmid, **changes):
    return study_data(id=ident, **{"reports.main.pmid": str(pmid), "reports.main.title": f"Title {pmid}", **changes})


@pytest.fixture
def ask(collection, capsys):
    def start(*studies):
        root = collection(*studies).root

        def run(*args):
            with pytest.raises(SystemExit) as ended:
                main(["-C", str(root), "meta", *args])
            return ended.value.code, *capsys.readouterr()

        return run

    return start


def response(run, *args):
    code, out, err = run("objective-response", *args, "-f", "json")
    assert 0 == code, err
    return json.loads(out)


def test_counts_of_the_collection_are_pooled(ask):
    run = ask(study("example-1991-a", 1), study("example-1991-b", 2, **{"outcomes.response.result.events": 2}))
    found = response(run)
    assert (2, 40, 2, "GLMM") == (found["k"], found["patients"], found["cohorts"], found["method"])
    assert 7 / 40 == pytest.approx(found["back_transformed"]["estimate"], rel=1e-6)
    assert [] == found["excluded"]
    assert found["rows"][0]["place"].startswith("entries/studies/1991/example-1991-a.yaml:")


def test_criteria_of_two_eras_pool_only_when_asked(ask):
    who = {"outcomes.response.criteria": "who"}
    run = ask(
        study("example-1991-a", 1, **who),
        study("example-1991-b", 2, **who),
        study("example-1991-c", 3, **{"outcomes.response.criteria": "recist-1.1"}),
    )
    found = response(run)
    assert ["example-1991-a", "example-1991-b"] == [row["study_id"] for row in found["rows"]]
    assert ["another kind of evidence: criteria RECIST, pooled are WHO: --mix-criteria"] == [one["reason"] for one in found["excluded"]]
    mixed = response(run, "--mix-criteria")
    assert (3, True) == (mixed["k"], "criteria: RECIST, WHO" in mixed["mixed"])
    assert ["example-1991-c"] == [row["study_id"] for row in response(run, "--kind", "RECIST")["rows"]]
    code, _, err = run("objective-response", "--kind", "irecist")
    assert (2, True) == (code, "there is no evidence of kind irecist" in err)


def test_populations_and_designs_pool_only_when_asked(ask):
    run = ask(
        study("example-1991-a", 1, **{"populations.all.n": 30, "outcomes.response.result.total": 30}),
        study("example-1991-b", 2, **{"populations.all.basis": "evaluable"}),
        study("example-1991-c", 3, **{"design.allocation": "randomised"}),
        study("example-1991-d", 4, **{"populations.all.basis": "responders"}),
    )
    found = response(run)
    assert ["example-1991-a"] == [row["study_id"] for row in found["rows"]]
    reasons = {one["study_id"]: one["reason"] for one in found["excluded"]}
    assert "--mix-populations" in reasons["example-1991-b"]
    assert "--mix-designs" in reasons["example-1991-c"]
    assert "part of a cohort: population responders" == reasons["example-1991-d"]
    assert 3 == response(run, "--mix-populations", "--mix-designs")["k"]
    assert [True, False, False] == [one["pooled"] for one in found["strata"]]


def overlap(other, relation, certainty="certain"):
    return [{"study": other, "relation": relation, "certainty": certainty, "reason": "the same trial"}]


def test_reports_of_one_cohort_are_one_row(ask):
    run = ask(
        study("example-1991-a", 1, overlaps=overlap("example-1991-b", "shares-patients", "probable")),
        study("example-1991-b", 2, overlaps=overlap("example-1991-a", "shares-patients", "probable"), **{"populations.all.n": 30, "outcomes.response.result.total": 30}),
        study("example-1991-c", 3),
    )  # fmt: skip
    found = response(run)
    assert ["example-1991-b", "example-1991-c"] == [row["study_id"] for row in found["rows"]]
    assert ["shares patients with example-1991-b, which speaks for them (30 against 20 patients)"] == [
        one["reason"] for one in found["excluded"]
    ]
    assert 3 == response(run, "--overlap", "certain")["k"]
    taken = response(run, "--take", "example-1991-a#response")
    assert ["example-1991-a", "example-1991-c"] == [row["study_id"] for row in taken["rows"]]
    left = response(run, "--leave", "example-1991-b")
    assert "left out as asked" in [one["reason"] for one in left["excluded"]]
    code, _, err = run("objective-response", "--take", "example-1991-x#response")
    assert (2, True) == (code, "is not among the results of this selection" in err)


def test_a_later_cut_speaks_before_a_larger_earlier_one(ask):
    run = ask(
        study("example-1991-a", 1, overlaps=overlap("example-1991-b", "same-cohort-earlier-cut")),
        study("example-1991-b", 2, overlaps=overlap("example-1991-a", "same-cohort-later-cut"), **{"populations.all.n": 30, "outcomes.response.result.total": 30}),
    )  # fmt: skip
    found = response(run)
    assert ["example-1991-a"] == [row["study_id"] for row in found["rows"]]
    assert ["an earlier cut of the cohort of example-1991-a"] == [one["reason"] for one in found["excluded"]]


def test_what_a_count_cannot_be_is_named(ask):
    half = {"kind": "proportion", "percent": 25, "total": 20}
    odd = {"kind": "proportion", "percent": 23, "total": 20}
    run = ask(
        study("example-1991-a", 1, **{"outcomes.response.result": half}),
        study("example-1991-b", 2, **{"outcomes.response.result": odd}),
        study("example-1991-c", 3, **{"outcomes.response.count_of": "lesions"}),
        study("example-1991-d", 4, **{"outcomes.response.site": "lung"}),
        study("example-1991-e", 5, **{"outcomes.response.result": {"kind": "proportion", "percent": 20}, "populations.all.n": "not-reported"}),
        study("example-1991-f", 6, **{"outcomes.response.result": {"kind": "proportion", "percent": "<5", "total": 20}}),
        study("example-1991-g", 7, **{"outcomes.response.result": {"kind": "statement", "says": "better", "text": "more of them responded"}}),
        study("example-1991-h", 8, **{"outcomes.response.result": {"kind": "proportion", "events": 4}}),
        study("example-1991-i", 9, **{"outcomes.response.result": {"kind": "proportion", "events": 4}, "populations.all.n": "not-reported"}),
        study("example-1991-j", 10, **{"design.sampling": "case-control"}),
        study("example-1991-k", 11, **{"design.type": "meta-analysis"}),
    )  # fmt: skip
    found = response(run)
    assert {"example-1991-a": "count from the printed 25 % of 20", "example-1991-h": "denominator: patients of the population"} == {
        row["study_id"]: row["how"] for row in found["rows"]
    }
    assert {
        "example-1991-b": "no whole number of 20 patients is 23 %: the denominator must be another",
        "example-1991-c": "counts lesions, not patients",
        "example-1991-d": "judged in one site alone: lung",
        "example-1991-e": "a percentage without its denominator",
        "example-1991-f": "printed as <5 %: no single number",
        "example-1991-i": "4 with the event, but no denominator",
        "example-1991-j": "patients chosen (case-control): their rate is not that of a cohort",
        "example-1991-k": "a meta-analysis: its studies speak for themselves",
    } == {one["study_id"]: one["reason"] for one in found["excluded"]}
    assert [("example-1991-g", "more of them responded")] == [(one["study_id"], one["said"]) for one in found["directions"]]
    assert 1 == response(run, "--without", "from-percent")["k"]
    told = run("objective-response", "-f", "table")[1]
    assert "5/20 *" in told
    assert "Told without an effect, never pooled\n- Example 1991 [example-1991-g#response]: more of them responded" in told


def test_complete_and_partial_responses_are_added_and_marked(ask):
    parts = {
        "cr": {**outcome(1), "endpoint": "complete-response"},
        "pr": {**outcome(3), "endpoint": "partial-response"},
    }
    run = ask(study("example-1991-a", 1, outcomes=parts, claims={}))
    found = response(run)
    assert [(4, 20, "1 complete-response + 3 partial-response")] == [(row["events"], row["total"], row["how"]) for row in found["rows"]]
    assert 0 == response(run, "--without", "added")["k"]


def two_arms(ident, pmid, events=(5, 2), **more):
    data = study(ident, pmid, **{"design.allocation": "randomised"}, **more)
    arm = data["arms"]["a"]
    data["arms"] = {
        "a": arm,
        "b": {
            **arm,
            "label": "interferon",
            "regimen": [
                {
                    "phase": "treatment",
                    "components": [
                        {
                            "agent": "interferon-alfa",
                            "role": "investigational",
                            "dose": "not-reported",
                            "route": "subcutaneous",
                            "schedule": "not-reported",
                        }
                    ],
                }
            ],
        },
    }
    data["outcomes"] = {"response": outcome(events[0], arms=["a"]), "control": outcome(events[1], arms=["b"])}
    return data


CONTRAST = {"kind": "contrast", "measure": "hr", "estimate": 0.8, "interval": {"low": 0.6, "high": 1.1, "level": 95}, "p": 0.2}


def versus(result, first="a", second="b", **more):
    return {
        "endpoint": "overall-survival", "population": "all", "arms": [first], "comparison": {"kind": "randomised", "arms": [first], "versus": [second]},
        "result": result, "source": SOURCE, **more,
    }  # fmt: skip


def test_two_arms_are_compared_with_what_is_asked_for_first(ask):
    run = ask(two_arms("example-1991-a", 1), two_arms("example-1991-b", 2, (6, 0)), study("example-1991-c", 3))
    found = response(run, "--measure", "OR", "--method", "GLMM", "--agent", "aldesleukin")
    assert [(5, 20, 2, 20), (6, 20, 0, 20)] == [
        tuple(row[key] for key in ("events", "total", "events_2", "total_2")) for row in found["rows"]
    ]
    assert ["not a randomised comparison: --mix-designs"] == [one["reason"] for one in found["excluded"]]
    turned = response(run, "--measure", "OR", "--method", "GLMM", "--agent", "interferon-alfa")
    assert found["pooled"]["estimate"] == pytest.approx(-turned["pooled"]["estimate"], rel=1e-4)
    untold = response(run, "--measure", "RR")
    assert {"which arm stands against which is not told", "not a randomised comparison: --mix-designs"} == {
        one["reason"] for one in untold["excluded"]
    }
    other = response(run, "--measure", "RR", "--agent", "levamisole")
    assert 0 == other["k"]
    single = response(run, "--agent", "aldesleukin", "--mix-designs")
    assert 3 == single["k"]
    mixed = response(run, "--measure", "RR", "--mix-designs", "--agent", "aldesleukin")
    assert "a single arm is counted: no comparison" in [one["reason"] for one in mixed["excluded"]]


def test_the_records_own_comparison_tells_the_sides(ask):
    data = two_arms("example-1991-a", 1)
    data["outcomes"]["os"] = versus(CONTRAST, "b", "a")
    found = response(ask(data), "--measure", "RD")
    assert [(2, 5)] == [(row["events"], row["events_2"]) for row in found["rows"]]


def survival(run, *args):
    code, out, err = run("overall-survival", "--measure", "HR", *args, "-f", "json")
    assert 0 == code, err
    return json.loads(out)


def test_printed_effects_are_pooled_with_their_conversion(ask):
    first, second, third = (two_arms(f"example-1991-{name}", place) for place, name in enumerate("abc", 1))
    first["outcomes"]["os"] = versus(CONTRAST)
    first["outcomes"]["os-adjusted"] = versus({**CONTRAST, "estimate": 0.7, "adjusted_for": ["age"]})
    second["outcomes"]["os"] = versus({**CONTRAST, "interval": {"low": 0.6, "high": 1.1}}, "b", "a")
    third["outcomes"]["os"] = versus({"kind": "contrast", "measure": "p-only", "p": "<0.05", "direction": "better"})
    third["outcomes"]["os-rd"] = versus({**CONTRAST, "measure": "rd"})
    third["outcomes"]["os-history"] = {**versus(CONTRAST), "comparison": {"kind": "historical", "arms": ["a"], "versus_text": "the past"}}
    run = ask(first, second, third)
    found = survival(run, "--agent", "aldesleukin")
    assert [("example-1991-a", "standard error from the log 95 % interval")] == [(row["study_id"], row["how"]) for row in found["rows"]]
    assert {
        "os": "the level of its interval is not stated", "os-adjusted": "the patients of example-1991-a#os, which comes first by the rules",
        "os-rd": "prints rd, not hr", "os-history": "compares historical, not randomised arms",
    } == {one["item_id"]: one["reason"] for one in found["excluded"]}  # fmt: skip
    assert ["better"] == [one["said"] for one in found["directions"]]
    assumed = survival(run, "--agent", "aldesleukin", "--assume-level", "95")
    assert (2, "its level is not printed; turned round") == (assumed["k"], assumed["rows"][1]["how"].split("interval; ")[1])
    assert assumed["rows"][0]["yi"] == pytest.approx(-assumed["rows"][1]["yi"])
    assert 0 == survival(run, "--agent", "levamisole")["k"]
    assert 0 == survival(run, "--leave", "example-1991-a")["k"]
    code, _, err = run("overall-survival", "--measure", "GEN")
    assert (2, True) == (code, "records hold no printed effects for GEN" in err)


def test_printed_ratios_instead_of_counts(ask):
    data = two_arms("example-1991-a", 1)
    data["outcomes"]["ratio"] = {**versus({**CONTRAST, "measure": "or"}), "endpoint": "objective-response"}
    found = response(ask(data), "--measure", "OR", "--printed")
    assert [0.8] == [pytest.approx(row["estimate"]) for row in found["rows"]]


def test_other_diseases_and_other_arms_are_named(ask):
    mixed = two_arms("example-1991-b", 2)
    mixed["outcomes"]["both"] = outcome(7, 40)
    mixed["populations"]["all"]["n"] = 40
    mixed["outcomes"]["os"] = versus(CONTRAST)
    mixed["populations"]["all"]["conditions"] = ["renal-cell-carcinoma", "melanoma"]
    run = ask(study("example-1991-a", 1), mixed)
    found = response(run, "--condition", "renal-cell-carcinoma", "--agent", "aldesleukin")
    assert ["example-1991-a"] == [row["study_id"] for row in found["rows"]]
    assert {"other diseases among its patients (melanoma): --mix-conditions takes it"} == {one["reason"] for one in found["excluded"]}
    free = response(run, "--condition", "renal-cell-carcinoma", "--agent", "aldesleukin", "--mix-conditions", "--mix-designs")
    assert (2, ["arms outside the selection among its patients (b)"]) == (free["k"], [one["reason"] for one in free["excluded"]])
    assert ["other diseases among its patients (melanoma): --mix-conditions takes it"] == [
        one["reason"] for one in survival(run, "--condition", "renal-cell-carcinoma")["excluded"]
    ]
    every = response(run, "--mix-designs", "--mix-conditions")
    assert (3, ["its patients may be among those of control"]) == (every["k"], [one["reason"] for one in every["excluded"]]) or 2 <= every[
        "k"
    ]


def test_dose_and_marker_as_moderators(ask):
    def dosed(ident, pmid, dose, events):
        component = "arms.a.regimen.0.components.0"
        return study(ident, pmid, **{f"{component}.dose": dose, "outcomes.response.result.events": events})

    fell = dosed("example-1991-d", 4, "9 MIU/m2", 3)
    fell["findings"]["nk-rise"]["direction"] = "decrease"
    run = ask(
        dosed("example-1991-a", 1, "600,000 IU/kg", 9), dosed("example-1991-b", 2, "60,000 IU/kg", 3), dosed("example-1991-c", 3, "300,000 IU/kg", 6), fell,
        dosed("example-1991-e", 5, "not-reported", 3), dosed("example-1991-f", 6, "72,000 IU/kg", 4),
    )  # fmt: skip
    found = response(run, "--moderator", "dose", "--agent", "aldesleukin")
    assert 4 == found["regression"]["k"]
    assert 0 < found["regression"]["coefficients"][1]["estimate"]
    assert [
        "dose: in MIU per kg, 4 of 6 rows", "Example 1991: not comparable: its dose is in MIU per m2", "Example 1991: not comparable: its dose is not-reported",
        "4 studies are few for a coefficient: ten for each are the least that is advised, and P is too sure of itself",
    ] == found["regression_notes"]  # fmt: skip
    assert found["caution"].startswith("Across studies is not among patients")
    moved = response(run, "--moderator", "nk-cell-count", "--method", "REML")
    assert ["intercept", "nk-cell-count decrease (against increase)"] == [one["name"] for one in moved["regression"]["coefficients"]]
    assert (720, True) == (moved["regression"]["permutations"], moved["regression"]["exact"])
    code, _, err = run("objective-response", "--moderator", "nk-cell-cuont")
    assert (2, True) == (code, "is neither a field of the rows nor a marker" in err)
    untold = response(run, "--moderator", "monocyte-count")
    assert ["no regression: monocyte-count is known of no study"] == untold["regression_notes"][-1:]
    assert "note: no regression" in run("objective-response", "--moderator", "design", "-f", "table")[1]


def test_an_endpoint_is_needed_and_must_exist(ask):
    run = ask(study("example-1991-a", 1))
    assert "an endpoint is needed, or --data FILE" in run()[2]
    assert "did you mean objective-response" in run("objective-respons")[2]
    code, out, _ = run("overall-survival", "-f", "table")
    assert (0, True) == (code, "no study entered" in out)
