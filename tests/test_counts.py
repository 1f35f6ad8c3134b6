"""The same twenty counts of the shipped collection by five ways that share little: the records themselves, the command
line, Python, SQL and SPARQL; and by the pages of the site, where those count the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

import kb
from kb.api.collection import Collection
from kb.model.findings import Change, MarkerAssociation
from kb.model.study import Study
from kb.model.terms import VocabularyKind
from kb.project import resource

COUNT = "SELECT (count(DISTINCT ?x) AS ?n) "
BELOW = "skos:broader*"


@dataclass(frozen=True)
class Case:
    """A count, asked five times.

    `kind` and `options` are those of `kb find`; `sql` counts rows `i` of a table joined with studies `s`; `sparql` is a
    pattern of `?x`; `records` yields what it counts from one study.
    """

    name: str
    kind: str
    sql: str
    sparql: str
    records: Callable[[Study, Collection], Iterator[Any]]
    options: dict[str, list[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


def _below(c: Collection, kind: VocabularyKind, term: str) -> frozenset[str]:
    return c.vocabulary.narrower(kind, term)


def _given(study: Study, agents: frozenset[str]) -> set[str]:
    """Return the arms in which one of the agents was given, not as a supportive drug."""
    return {
        ident
        for ident, arm in study.arms.items()
        for phase in arm.regimen
        for component in phase.components
        if component.agent in agents and component.role.value != "supportive"
    }


def _findings(*kinds: type, **fields: str) -> Callable[[Study, Collection], Iterator[Any]]:
    def found(study: Study, c: Collection) -> Iterator[Any]:
        for ident, finding in study.findings.items():
            if (not kinds or isinstance(finding, kinds)) and all(getattr(finding, name, None) == value for name, value in fields.items()):
                yield ident

    return found


def _marked(term: str) -> Callable[[Study, Collection], Iterator[Any]]:
    def found(study: Study, c: Collection) -> Iterator[Any]:
        terms = _below(c, VocabularyKind.BIOMARKERS, term)
        yield from (ident for ident, one in study.findings.items() if one.biomarker in terms or getattr(one, "other_marker", None) in terms)

    return found


def _outcomes(term: str) -> Callable[[Study, Collection], Iterator[Any]]:
    def found(study: Study, c: Collection) -> Iterator[Any]:
        terms = _below(c, VocabularyKind.ENDPOINTS, term)
        yield from (ident for ident, outcome in study.outcomes.items() if outcome.endpoint in terms)

    return found


def _diseased(term: str) -> Callable[[Study, Collection], Iterator[Any]]:
    def found(study: Study, c: Collection) -> Iterator[Any]:
        terms = _below(c, VocabularyKind.CONDITIONS, term)
        if any(terms & set(population.conditions) for population in study.populations.values()):
            yield study.id

    return found


def _table(name: str, more: str = "1 = 1") -> str:
    return f"SELECT count(*) AS n FROM {name} i JOIN studies s USING (study_id) WHERE s.status <> 'withdrawn' AND {more}"


def _covered(kind: str, term: str) -> str:
    return f"(SELECT descendant FROM closure WHERE kind = '{kind}' AND ancestor = '{term}')"


def _studies(more: str = "1 = 1") -> str:
    return f"SELECT count(*) AS n FROM studies s WHERE s.status <> 'withdrawn' AND {more}"


def _disease(term: str) -> str:
    return (
        f"s.study_id IN (SELECT study_id FROM item_conditions WHERE kind = 'populations' AND condition IN {_covered('conditions', term)})"
    )


CASES = (
    Case("studies", "studies", _studies(), "?x a kb:Study", lambda study, c: iter([study.id])),
    Case("reports", "reports", _table("reports"), "?x a kb:Report", lambda study, c: iter(study.reports)),
    Case("arms", "arms", _table("arms"), "?x a kb:Arm", lambda study, c: iter(study.arms)),
    Case("populations", "populations", _table("populations"), "?x a kb:Population", lambda study, c: iter(study.populations)),
    Case("findings", "findings", _table("findings"), "?x a kb:ImmuneFinding", lambda study, c: iter(study.findings)),
    Case("outcomes", "outcomes", _table("outcomes"), "?x a kb:Outcome", lambda study, c: iter(study.outcomes)),
    Case("adverse events", "adverse-events", _table("adverse_events"), "?x a kb:AdverseEvent", lambda study, c: iter(study.adverse_events)),
    Case("claims", "claims", _table("claims"), "?x a kb:Claim", lambda study, c: iter(study.claims)),
    Case(
        "randomised studies", "studies", _studies("s.allocation = 'randomised'"),
        "?x kb:design/kb:allocation kb:Allocation-randomised",
        lambda study, c: iter([1] if study.design.allocation == "randomised" else []), {"design": ["randomised"]},
    ),
    Case(
        "phase 2 trials", "studies", _studies("s.phase = '2'"), "?x kb:design/kb:trialPhase kb:Phase-2",
        lambda study, c: iter([1] if str(study.design.phase) == "2" else []), {"phase": ["2"]},
    ),
    Case(
        "studies of the nineties", "studies", _studies("s.year BETWEEN 1990 AND 1999"),
        "?x a kb:Study ; kb:reportedIn ?main . ?main kb:index 1 ; schema:datePublished ?year "
        "FILTER(xsd:integer(STR(?year)) >= 1990 && xsd:integer(STR(?year)) <= 1999)",
        lambda study, c: iter([1] if isinstance(year := study.main_report.year, int) and 1990 <= year <= 1999 else []),
        {"year": ["1990-1999"]},
    ),
    Case(
        "markers that rose", "findings", _table("findings", "i.direction = 'increase'"), "?x a kb:ImmuneFinding ; kb:direction kb:Direction-increase",
        _findings(direction="increase"), {"direction": ["increase"]},
    ),
    Case(
        "associations of none", "findings", _table("findings", "i.association = 'none'"), "?x a kb:ImmuneFinding ; kb:association kb:Association-none",
        _findings(MarkerAssociation, association="none"), {"association": ["none"]},
    ),
    Case(
        "changes that were looked for and not seen", "findings", _table("findings", "i.kind = 'change' AND i.direction = 'no-change'"),
        "?x a kb:Change ; kb:direction kb:Direction-no-change", _findings(Change, direction="no-change"), {"direction": ["no-change"]},
    ),
    Case(
        "findings on NK cells", "findings",
        _table("findings", f"(i.biomarker IN {_covered('biomarkers', 'nk-cells')} OR i.other_marker IN {_covered('biomarkers', 'nk-cells')})"),
        f"?x a kb:ImmuneFinding ; (kb:biomarker|kb:otherMarker)/{BELOW} <TERM/biomarkers/nk-cells>", _marked("nk-cells"), {"biomarker": ["nk-cells"]},
    ),
    Case(
        "objective responses", "outcomes", _table("outcomes", f"i.endpoint IN {_covered('endpoints', 'objective-response')}"),
        f"?x a kb:Outcome ; kb:endpoint/{BELOW} <TERM/endpoints/objective-response>", _outcomes("objective-response"),
        {"endpoint": ["objective-response"]},
    ),
    Case(
        "outcomes of survival", "outcomes", _table("outcomes", f"i.endpoint IN {_covered('endpoints', 'survival')}"),
        f"?x a kb:Outcome ; kb:endpoint/{BELOW} <TERM/endpoints/survival>", _outcomes("survival"), {"endpoint": ["survival"]},
    ),
    Case(
        "studies of renal cell carcinoma", "studies", _studies(_disease("renal-cell-carcinoma")),
        f"?x a kb:Study ; kb:population/kb:condition/{BELOW} <TERM/conditions/renal-cell-carcinoma>", _diseased("renal-cell-carcinoma"),
        {"condition": ["renal cell carcinoma"]},
    ),
    Case(
        "studies of melanoma", "studies", _studies(_disease("melanoma")),
        f"?x a kb:Study ; kb:population/kb:condition/{BELOW} <TERM/conditions/melanoma>", _diseased("melanoma"), {"condition": ["melanoma"]},
    ),
    Case(
        "arms with interleukin-2", "arms",
        _table(
            "arms",
            "EXISTS (SELECT 1 FROM components c WHERE c.study_id = i.study_id AND c.arm = i.item_id AND c.role <> 'supportive' "
            f"AND c.agent IN {_covered('agents', 'interleukin-2')})",
        ),
        f"?x a kb:Arm ; kb:phase/kb:component ?given . ?given kb:agent/{BELOW} <TERM/agents/interleukin-2> ; kb:role ?role "
        "FILTER(?role != kb:Role-supportive)",
        lambda study, c: iter(_given(study, _below(c, VocabularyKind.AGENTS, "interleukin-2"))), {"agent": ["interleukin-2"]},
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def c(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """The shipped collection, copied, so that nothing changes between two counts."""
    root = tmp_path_factory.mktemp("counts") / "collection"
    shutil.copytree(resource("entries"), root / "entries")
    shutil.copy(resource("kb.toml"), root / "kb.toml")
    return kb.load(str(root))


def test_there_are_twenty() -> None:
    assert 20 == len({case.name for case in CASES})


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_way_counts_the_same(case: Case, c: Collection, run_kb: Callable[..., tuple[int, str, str]]) -> None:
    term = f"{c.project.base_iri}term/"
    answer = c.sparql(f"{COUNT} WHERE {{ {case.sparql.replace('TERM/', term)} }}")
    assert not isinstance(answer, str)
    arguments = [word for name, values in case.options.items() for value in values for word in (f"--{name}", value)]
    _, out, _ = run_kb("-C", str(c.project.root), "find", case.kind, *arguments, "-f", "json", "--columns", "study_id")
    found = getattr(c.find, case.kind.replace("-", "_"))(**case.options)
    counts = {
        "records": sum(len(list(case.records(study, c))) for study in c if study.curation.status.value != "withdrawn"),
        "command line": len(json.loads(out)["rows"]),
        "Python": len(found),
        "SQL": c.sql(case.sql)[0].n,
        "SPARQL": answer[0].n,
    }
    assert len(set(counts.values())) == 1, counts
    assert counts["records"] > 0


def test_the_site_counts_the_same(c: Collection) -> None:
    from kb.cli.site_studies import read_entries
    from kb.export.site.survey import take_survey

    survey = take_survey(read_entries(c.project, []), c.vocabulary)
    assert [len(c.find.studies()), len(c.find.findings()), len(c.find.outcomes())] == [
        len(survey.digests),
        survey.findings,
        survey.outcomes,
    ]
