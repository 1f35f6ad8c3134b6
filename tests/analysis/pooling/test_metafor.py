"""Every pinned value of R's metafor, to 6 significant digits; 4 for binomial-normal models, whose optimisers stop before.

`tests/analysis/reference/metafor.R` makes the values; where R with metafor is installed, they are made anew and compared.
"""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from pathlib import Path

import pytest

from kb.analysis.effects import NotEstimableError, means_effect, proportion_effect, reported_effect, table_effect
from kb.analysis.pooling.binomial import pool_proportions
from kb.analysis.pooling.heterogeneity import q_profile
from kb.analysis.pooling.inverse_variance import pool_effects, regress
from kb.analysis.pooling.permutation import with_permutations
from kb.analysis.pooling.result import Settings
from kb.analysis.pooling.sensitivity import cumulative, egger, influence, leave_one_out, trim_and_fill
from kb.analysis.pooling.tables import TwoByTwo, mantel_haenszel, peto
from kb.analysis.pooling.two_by_two import pool_tables
from tests.judges import missing

REFERENCE = Path(__file__).parent.parent / "reference"
PINNED = json.loads((REFERENCE / "metafor.json").read_text("utf-8"))
DIGITS = 6
GLMM_DIGITS = 4
"""lme4 stops when the deviance moves little, which leaves the sixth digit of tau2 open, and takes standard errors from
finite differences."""


def _name(case):
    return "-".join(str(part) for key, part in case.items() if key not in ("expect",))


@pytest.mark.parametrize("case", PINNED["cases"], ids=_name)
def test_agrees_with_metafor(case):
    data = PINNED["sets"][case["set"]]
    found = ANSWERS[case["kind"]](data, case)
    digits = GLMM_DIGITS if case["kind"] == "glmm" else DIGITS
    differing = {
        key: (value, found[key])
        for key, value in case["expect"].items()
        if key in found and not _agree(value, found[key], digits, _scale(case, key))
    }
    assert {} == differing
    assert set(found) <= set(case["expect"]), "every value that is found must be pinned"


def _agree(expected, found, digits, scale):
    if isinstance(expected, list):
        return len(expected) == len(found) and all(_agree(one, other, digits, scale) for one, other in zip(expected, found, strict=True))
    if expected is None or found is None:
        return expected is found
    # Half a unit of the last digit; what is zero but for rounding is compared with the scale of its kind.
    return math.isclose(expected, found, rel_tol=5 * 10.0**-digits / 10, abs_tol=scale)


def _scale(case, key):
    if key in ("estimate", "ci_low", "ci_high", "pi_low", "pi_high", "beta"):
        return (
            abs(case["expect"]["se"] if not isinstance(case["expect"].get("se", 0), list) else min(case["expect"]["se"])) * 1e-6
            if "se" in case["expect"]
            else 1e-9
        )
    # A variance that is zero but for the last step of an iteration, and what follows from it.
    if key == "tau2" and not isinstance(case["expect"].get("se", []), list):
        return case["expect"]["se"] ** 2 * 1e-6
    return {"i2": 1e-6, "h2": 1e-8, "q": 1e-9}.get(key, 1e-12)


POOLED = ("estimate", "se", "ci_low", "ci_high", "pi_low", "pi_high", "tau2", "q", "q_p", "i2", "h2", "k")


def _pooled(found, keys=POOLED):
    return {key: getattr(found, key) for key in keys}


def _settings(case):
    return Settings(case.get("method", "REML"), case.get("test", "z"), case.get("level", 95.0))


def _effects(data, case):
    return _pooled_effects(pool_effects(_list(data["yi"]), _list(data["vi"]), _settings(case)))


def _pooled_effects(found):
    # metafor gives an interval of one study for a new study under equal effects, and for k = 1; here there is none.
    keys = [key for key in POOLED if not (key.startswith("pi_") and (found.method == "EE" or found.k == 1))]
    return _pooled(found, keys)


def _list(values):
    return values if isinstance(values, list) else [values]


def _usable(make, rows):
    effects = []
    for row in rows:
        try:
            effect = make(*row)
        except NotEstimableError:
            continue
        effects.append(effect)
    return [one.estimate for one in effects], [one.variance for one in effects]


def _rows(data, *names):
    return list(zip(*(_list(data[name]) for name in names), strict=True))


def _tables(data, case):
    y, v = _usable(lambda *row: table_effect(case["measure"], *row, add=case["add"]), _rows(data, "ai", "n1i", "ci", "n2i"))
    return _pooled_effects(pool_effects(y, v, _settings(case)))


def _proportions(data, case):
    y, v = _usable(lambda x, n: proportion_effect(case["measure"], x, n, add=case["add"]), _rows(data, "xi", "ni"))
    return _pooled_effects(pool_effects(y, v, _settings(case)))


def _two_by_two(data):
    return [TwoByTwo(*row) for row in _rows(data, "ai", "n1i", "ci", "n2i")]


COMMON = ("estimate", "se", "ci_low", "ci_high", "q", "q_p", "i2", "h2")


def _mh(data, case):
    return _pooled(mantel_haenszel(case["measure"], _two_by_two(data), Settings("MH"), add=case["add"]), COMMON)


def _peto(data, case):
    return _pooled(peto(_two_by_two(data), Settings("PETO")), COMMON)


def _glmm(data, case):
    if case["measure"] == "OR":
        found = pool_tables(_two_by_two(data), Settings("GLMM"))
    else:
        found = pool_proportions(_list(data["xi"]), _list(data["ni"]), Settings("GLMM"))
    return _pooled(found)


def _means(data, case):
    y, v = _usable(lambda *row: means_effect(case["measure"], *row), _rows(data, "m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"))
    return _pooled_effects(pool_effects(y, v, _settings(case)))


def _printed(data, case):
    y, v = _usable(
        lambda out, low, high: reported_effect(case["measure"], out, low=low, high=high, level=case["level"]),
        _rows(data, "out", "ci.lb", "ci.ub"),
    )
    return _pooled_effects(pool_effects(y, v, Settings(case["method"])))


def _regression(data, case):
    found = regress(data["yi"], data["vi"], [(name, data[name]) for name in case["moderators"]], _settings(case))
    part = {
        "beta": [one.estimate for one in found.coefficients],
        "se": [one.se for one in found.coefficients],
        "ci_low": [one.ci_low for one in found.coefficients],
        **{key: getattr(found, key) for key in ("tau2", "q", "q_p", "i2", "qm", "qm_p", "r2")},
    }
    return {key: value for key, value in part.items() if key != "r2" or case["method"] != "EE"}


def _permutation(data, case):
    columns = [(name, data[name]) for name in case["moderators"]]
    found = with_permutations(data["yi"], data["vi"], columns, _settings(case), seed=1)
    assert found.exact
    return {"p": found.permutation_p}


def _profile(data, case):
    import numpy as np

    y, v = np.array(data["yi"]), np.array(data["vi"])
    low, high = q_profile(y, v, np.ones((len(y), 1)), 95)
    return {"tau2_low": low, "tau2_high": high}


def _each(make, *keys):
    def answer(data, case):
        found = make(data["yi"], data["vi"], _settings(case))
        return {key: [getattr(one, key) for one in found] for key in keys}

    return answer


def _egger(data, case):
    found = egger(data["yi"], data["vi"], _settings(case))
    return {"z": found.statistic, "p": found.p, "limit": found.limit}


def _trim_fill(data, case):
    found = trim_and_fill(data["yi"], data["vi"], _settings(case))
    return {
        "filled": found.filled, "right": found.right, "estimate": found.pooled.estimate, "se": found.pooled.se, "tau2": found.pooled.tau2,
    }  # fmt: skip


ANSWERS = {
    "effects": _effects, "tables": _tables, "proportions": _proportions, "mh": _mh, "peto": _peto, "glmm": _glmm, "means": _means,
    "printed": _printed, "regression": _regression, "permutation": _permutation, "q-profile": _profile,
    "leave-one-out": _each(leave_one_out, "estimate", "se", "tau2", "q", "i2"),
    "influence": _each(influence, "rstudent", "dffits", "cook", "cov_ratio", "hat"),
    "cumulative": _each(cumulative, "estimate", "se"), "egger": _egger, "trim-and-fill": _trim_fill,
}  # fmt: skip


def test_there_are_enough_cases():
    assert len(PINNED["cases"]) >= 150


def test_metafor_still_says_so():
    """Where R, metafor and lme4 are installed, the script gives the pinned values."""
    if not _installed():
        missing("R with metafor, metadat and lme4 is not installed; the pinned values are compared all the same")
    made = subprocess.run(["Rscript", str(REFERENCE / "metafor.R")], capture_output=True, text=True, check=True)
    fresh = json.loads(made.stdout)
    if fresh["versions"] == PINNED["versions"]:
        assert PINNED["sets"] == fresh["sets"]
    assert [_name(case) for case in PINNED["cases"]] == [_name(case) for case in fresh["cases"]]
    for pinned, new in zip(PINNED["cases"], fresh["cases"], strict=True):
        digits = GLMM_DIGITS if pinned["kind"] == "glmm" else DIGITS
        differing = [key for key, value in pinned["expect"].items() if not _agree(value, new["expect"][key], digits, _scale(pinned, key))]
        assert [] == differing, _name(pinned)


def _installed():
    if shutil.which("Rscript") is None:
        return False
    asked = "quit(status = !(requireNamespace('metafor', quietly = TRUE) && requireNamespace('lme4', quietly = TRUE)))"
    return subprocess.run(["Rscript", "-e", asked], capture_output=True, check=False).returncode == 0
