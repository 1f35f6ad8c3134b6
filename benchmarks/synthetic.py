"""Invented collections of any size, shaped like the real records: same parts, same number of them, same length.

Everything follows from a seed and the number of the study, so two runs write the same bytes. No study in it exists.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from kb.project import Project, open_project, resource

SEED = 1991
OVERLAPPING = 0.1
"""Share of studies that declare patients shared with a neighbour."""

_WORDS = [
    "response",
    "treatment",
    "patients",
    "infusion",
    "interleukin",
    "renal",
    "melanoma",
    "cells",
    "natural",
    "killer",
    "activity",
    "lymphocytes",
    "dose",
    "schedule",
    "survival",
    "toxicity",
    "induction",
    "maintenance",
    "outpatient",
    "weekly",
    "cycles",
    "therapy",
    "advanced",
    "metastatic",
    "regimen",
    "cytotoxicity",
    "blood",
    "baseline",
    "increase",
    "subset",
    "marker",
    "serum",
    "receptor",
    "soluble",
    "progression",
    "tumour",
    "regression",
    "prolonged",
    "intermittent",
    "combined",
]
_SYLLABLES = ("al", "ber", "cor", "den", "es", "fil", "gam", "hel", "in", "jor", "kin", "lym", "mor", "nat", "os", "pro", "res", "tum")
_SURNAMES = [
    "Adler",
    "Brandt",
    "Corti",
    "Dumas",
    "Eriksen",
    "Fontaine",
    "Gruber",
    "Haas",
    "Ivanov",
    "Jansen",
    "Keller",
    "Lindqvist",
    "Moreau",
    "Novak",
    "Olsen",
    "Petit",
    "Quist",
    "Rossi",
]
_JOURNALS = ("Journal of Invented Results", "Annals of Made-Up Oncology", "Synthetic Immunotherapy", "Fictional Cancer Research")
_DOSES = (
    "600,000 IU/kg",
    "720,000 IU/kg",
    "72,000 IU/kg",
    "18 x 10(6) IU/m2/day",
    "9 MIU/day",
    "3 x 10(6) U/m2/day",
    "100,000 Cetus U/kg",
    "0.006 mg/kg",
)
_SCHEDULES: tuple[dict[str, Any], ...] = (
    {"text": "every 8 hours on days 1-5 and 15-19", "days": ["1-5", "15-19"], "times_per_day": 3, "cycle_days": 28},
    {
        "text": "continuous infusion on days 1-5, repeated weekly for 4 weeks",
        "days": ["1-5"],
        "infusion_hours": 24,
        "cycle_days": 7,
        "cycles": 4,
    },
    {"text": "5 days a week for 6 weeks", "days_per_week": 5, "weeks": ["1-6"]},
    {"text": "every 3 weeks until progression", "days": [1], "cycle_days": 21, "until": "progression"},
)
_ROUTES = ("iv-bolus", "iv-continuous", "subcutaneous", "iv-infusion")
_AGENTS = ("aldesleukin", "interleukin-2", "nivolumab", "dacarbazine", "interferon-alfa", "lak-cells")
_CONDITIONS = ("renal-cell-carcinoma", "clear-cell-renal-cell-carcinoma", "melanoma", "colorectal-cancer", "kidney-cancer")
_MARKERS = ("nk-cell-count", "lymphocyte-count", "lak-activity", "immune-activation")
_ABSENT = "not-in-what-was-read"


def write_collection(folder: Path, studies: int, *, seed: int = SEED) -> Project:
    """Write a collection of invented studies with the shipped vocabulary; return its project."""
    (folder / "entries" / "studies").mkdir(parents=True)
    (folder / "kb.toml").write_text(
        f'[collection]\nname = "{studies} invented studies"\nbase_iri = "https://example.org/kb/"\nlicence = "CC0-1.0"\n', encoding="utf-8"
    )
    shutil.copytree(resource("entries") / "vocabulary", folder / "entries" / "vocabulary")
    for data in synthetic_studies(studies, seed=seed):
        path = folder / "entries" / "studies" / str(data["reports"]["main"]["year"]) / f"{data['id']}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(record_text(data), encoding="utf-8")
    return open_project(folder, explicit=True)


def record_text(data: dict[str, Any]) -> str:
    """Return a record in the usual layout: blocks outside, short mappings and lists on one line."""
    body: str = yaml.dump(data, Dumper=yaml.CSafeDumper, sort_keys=False, default_flow_style=None, width=1 << 30, allow_unicode=True)
    return "# yaml-language-server: $schema=../../../schemas/study.schema.json\n" + body


def synthetic_studies(count: int, *, seed: int = SEED) -> Iterator[dict[str, Any]]:
    """Yield the plain data of `count` studies, each a function of the seed and its number alone."""
    for number in range(count):
        yield synthetic_study(number, count, seed=seed)


def synthetic_study(number: int, count: int, *, seed: int = SEED) -> dict[str, Any]:
    """Return the plain data of one study out of `count`."""
    chance = random.Random(f"{seed}-{number}")
    sizes = {f"arm-{'abc'[place]}": chance.randint(12, 90) for place in range(chance.choice((1, 1, 2, 2, 3)))}
    year = _year(number, seed)
    randomised = len(sizes) > 1 and chance.random() < 0.7
    versus = {"kind": "randomised" if randomised else "not-randomised", "arms": ["arm-a"], "versus": ["arm-b"]} if len(sizes) > 1 else None
    populations = _populations(chance, sizes)
    findings = {f"finding-{place}": _finding(chance, place, populations, versus) for place in range(chance.randint(3, 6))}
    outcomes = dict(_outcomes(chance, populations, versus))
    facts = {"findings": findings, "outcomes": outcomes}
    return {
        "id": _ident(number, seed),
        "reports": {"main": _report(chance, year)},
        **({"overlaps": overlaps} if (overlaps := _overlaps(number, count, seed)) else {}),
        "design": _design(chance, len(sizes), randomised=randomised),
        "arms": {arm: _arm(chance, arm, n) for arm, n in sizes.items()},
        "populations": populations,
        **facts,
        "adverse_events": {
            f"event-{place}": _adverse_event(chance, place, sum(sizes.values())) for place in range(chance.choice((0, 1, 1, 2)))
        },
        "claims": {f"claim-{place}": _claim(chance, facts) for place in range(chance.choice((1, 2, 2)))},
        "ambiguities": [{"kind": "caution", "about": f"outcomes.{outcome}", "text": _words(chance, 18)} for outcome in list(outcomes)[:4]],
        "curation": {"status": "draft", "extracted": [{"by": "a generator", "on": "2026-01-01"}]},
    }


def _year(number: int, seed: int) -> int:
    return 1985 + random.Random(f"{seed}-year-{number}").randrange(40)


def _ident(number: int, seed: int) -> str:
    return f"{_SURNAMES[number % len(_SURNAMES)].lower()}-{_year(number, seed)}-invented-{number:06}"


def _overlaps(number: int, count: int, seed: int) -> list[dict[str, str]]:
    """Neighbours 2k and 2k + 1 share patients or do not; both say the same."""
    other = number ^ 1
    if other >= count or random.Random(f"{seed}-pair-{number // 2}").random() >= OVERLAPPING:
        return []
    return [
        {"study": _ident(other, seed), "relation": "shares-patients", "certainty": "certain", "reason": "same invented centre and years"}
    ]


def _words(chance: random.Random, count: int) -> str:
    """Return invented text: some words of the field, and rare ones, as in real titles and notes."""
    return " ".join(chance.choice(_WORDS) if chance.random() < 0.4 else _rare_word(chance) for _ in range(count))


def _rare_word(chance: random.Random) -> str:
    return "".join(chance.choices(_SYLLABLES, k=chance.choice((2, 3, 3))))


def _source(chance: random.Random) -> dict[str, str]:
    return {"at": f"abstract, sentence {chance.randint(1, 9)}", "anchor": _words(chance, 6)}


def _report(chance: random.Random, year: int) -> dict[str, Any]:
    page = chance.randint(1, 2000)
    return {
        "read": "abstract",
        "title": _words(chance, 14).capitalize(),
        "authors": [
            f"{chance.choice(_SURNAMES)} {chance.choice('ABCDEFGH')}{chance.choice('JKLMN')}" for _ in range(chance.randint(3, 12))
        ],
        "year": year,
        "journal": chance.choice(_JOURNALS),
        "volume": str(chance.randint(1, 90)),
        "pages": f"{page}-{page + 8}",
        "doi": f"10.9999/{chance.randrange(10**9):09}",
        "urls": [f"https://example.org/{chance.randrange(10**9):09}"],
    }


def _design(chance: random.Random, arms: int, *, randomised: bool) -> dict[str, Any]:
    return {
        "type": "clinical-trial",
        "allocation": "single-arm" if arms == 1 else "randomised" if randomised else "two-regimens-not-randomised",
        "phase": chance.choice(("1", "2", "3", _ABSENT)),
        "masking": _ABSENT,
        "control": "none" if arms == 1 else "active",
        "setting": "metastatic",
        "centres": _ABSENT,
        "enrolment": _ABSENT,
        "source": _source(chance),
    }


def _arm(chance: random.Random, arm: str, n: int) -> dict[str, Any]:
    components = [
        {
            "agent": agent,
            "role": "investigational" if place == 0 else "backbone",
            "dose": chance.choice(_DOSES),
            "route": chance.choice(_ROUTES),
            "schedule": deepcopy(chance.choice(_SCHEDULES)),
        }
        for place, agent in enumerate(dict.fromkeys((chance.choice(_AGENTS[:2]), *chance.choices(_AGENTS, k=chance.choice((0, 1, 2))))))
    ]
    return {
        "label": f"{arm}: {_words(chance, 4)}",
        "n": n,
        "regimen": [{"phase": "treatment", "components": components}],
        "source": _source(chance),
    }


def _populations(chance: random.Random, sizes: dict[str, int]) -> dict[str, Any]:
    conditions = chance.sample(_CONDITIONS, k=chance.choice((1, 1, 2)))
    found: dict[str, Any] = {"all": {"n": sum(sizes.values()), "basis": "treated", "conditions": conditions, "source": _source(chance)}}
    for arm, n in sizes.items():
        found[arm] = {"n": n - chance.randint(0, 6), "basis": "evaluable", "arms": [arm], "within": "all"}
    return found


def _finding(chance: random.Random, place: int, populations: dict[str, Any], versus: dict[str, Any] | None) -> dict[str, Any]:
    kind = ("change", "association", "level", "contrast")[place % 4] if place else "change"
    if kind == "contrast" and versus is None:
        kind = "change"
    shared: dict[str, Any] = {
        "kind": kind,
        "biomarker": chance.choice(_MARKERS),
        "compartment": "blood",
        "timepoint": {"when": "baseline" if kind == "level" else "on-treatment", "text": _words(chance, 3)},
        "population": "all",
    }
    if kind == "change":
        shared |= {"direction": chance.choice(("increase", "decrease", "no-change")), "magnitude": _words(chance, 4)}
    elif kind == "association":
        none = chance.random() < 0.5
        shared |= {"endpoint": chance.choice(("objective-response", "overall-survival")), "association": "none" if none else "positive"}
        shared |= (
            {"basis": "tested", "adjustment": "unadjusted"} if none else {"adjustment": "unadjusted", "p": chance.choice(("<0.01", "0.03"))}
        )
    elif kind == "level":
        total = populations["all"]["n"]
        shared["result"] = {"kind": "proportion", "events": chance.randint(0, total), "total": total}
    else:
        shared |= {"direction": "higher", "comparison": deepcopy(versus)}
    return {**shared, "source": _source(chance)}


def _outcomes(chance: random.Random, populations: dict[str, Any], versus: dict[str, Any] | None) -> Iterator[tuple[str, dict[str, Any]]]:
    for arm in [population for population in populations if population != "all"]:
        total = populations[arm]["n"]
        events = chance.randint(0, total // 3)
        proportion = {"kind": "proportion", "events": events, "total": total, "percent": round(100 * events / total)}
        yield f"{arm}-response", {"endpoint": "objective-response", "population": arm, "result": proportion, "source": _source(chance)}
        median = round(chance.uniform(3, 30), 1)
        survival = {
            "kind": "time-to-event",
            "unit": "months",
            "median": median,
            "times": [f"{round(median) + 9}+", f"{round(median) + 30}+"],
        }
        yield f"{arm}-survival", {"endpoint": "overall-survival", "population": arm, "result": survival, "source": _source(chance)}
    complete = {"kind": "proportion", "events": 0, "total": populations["all"]["n"]}
    yield "complete", {"endpoint": "complete-response", "population": "all", "result": complete, "source": _source(chance)}
    said = {"kind": "statement", "says": "observed", "text": _words(chance, 12)}
    yield "stable", {"endpoint": "stable-disease", "population": "all", "result": said, "source": _source(chance)}
    if versus is not None:
        ratio = round(chance.uniform(0.6, 1.4), 2)
        contrast = {
            "kind": "contrast",
            "measure": "hr",
            "estimate": ratio,
            "interval": {"low": round(ratio * 0.7, 2), "high": round(ratio * 1.5, 2), "level": 95},
        }
        yield (
            "survival-ratio",
            {
                "endpoint": "overall-survival",
                "population": "all",
                "comparison": deepcopy(versus),
                "result": contrast,
                "source": _source(chance),
            },
        )


def _adverse_event(chance: random.Random, place: int, total: int) -> dict[str, Any]:
    term = ("hypotension", "fever")[place]
    events = chance.randint(1, total)
    return {"term": term, "printed": term, "population": "all", "grade": "3-4", "events": events, "total": total, "source": _source(chance)}


def _claim(chance: random.Random, facts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "subject": {"agent": "aldesleukin"},
        "relation": "active-in",
        "object": {"condition": "renal-cell-carcinoma"},
        "summary": _words(chance, 16),
        "rests_on": [*list(facts["findings"])[:1], *list(facts["outcomes"])[:1]],
        "source": _source(chance),
    }
