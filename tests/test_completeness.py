"""Every kind of record has an answer everywhere: a schema, a table of rows, a class in RDF, a place on a page.

`WHOLE` holds an item of every kind. A new kind of item fails the first test until it stands there, and then the others
until every exporter has an answer for it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from kb.export.rdf.table import CLASSES
from kb.model import findings, outcomes, results, study
from kb.model.regimen import Arm
from kb.model.schema import schema_text
from kb.model.study import Study
from kb.model.terms import VocabularyKind
from kb.model.vocabulary import TERM_MODELS, Question
from kb.project import Project
from tests.builders import make_collection
from tests.whole import IDENT, ITEMS, QUESTION, whole_data

WHOLE = Study.model_validate(whole_data())
PARTS: dict[str, type[BaseModel]] = {
    "reports": study.Report,
    "arms": Arm,
    "populations": study.Population,
    "adverse_events": outcomes.AdverseEvent,
    "cited": outcomes.CitedResult,
    "claims": study.Claim,
}
"""Parts of a record whose items are of one kind."""
FINDING_KINDS = get_args(get_args(findings.Finding)[0])
RESULT_KINDS = get_args(get_args(results.Result)[0])
MODELS = (Study, *PARTS.values(), *FINDING_KINDS, outcomes.Outcome, *RESULT_KINDS, *TERM_MODELS.values(), Question)
"""Every kind of thing that a curator writes down."""
NO_ROWS = {"cited": "numbers of other studies never stand among this study's rows"}
"""Parts that `kb find` leaves out, and why."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A collection of the whole study and a question."""
    project = make_collection(tmp_path_factory.mktemp("whole") / "collection", whole_data())
    project.questions.mkdir()
    (project.questions / f"{QUESTION['id']}.yaml").write_text(json.dumps(QUESTION), encoding="utf-8")
    return project


def test_the_whole_study_has_an_item_of_every_kind() -> None:
    mappings = {name for name, value in WHOLE if isinstance(value, dict)}
    assert mappings == {*PARTS, "findings", "outcomes"}, "a new part of the record needs an item in tests/whole.py and an answer everywhere"
    assert [] == [name for name in sorted(mappings) if not getattr(WHOLE, name)]
    assert set(FINDING_KINDS) == {type(finding) for finding in WHOLE.findings.values()}
    assert set(RESULT_KINDS) == {type(outcome.result) for outcome in WHOLE.outcomes.values()}


@pytest.mark.parametrize(
    "model", [kind for kind in MODELS if kind not in (*TERM_MODELS.values(), Question)], ids=lambda kind: kind.__name__
)
def test_the_schema_defines_every_kind(model: type[BaseModel]) -> None:
    schema = json.loads(schema_text("study"))
    fields = schema if model is Study else schema["$defs"][model.__name__]
    assert set(model.model_fields) == set(fields["properties"])


@pytest.mark.parametrize("kind", VocabularyKind)
def test_the_schema_defines_every_vocabulary(kind: VocabularyKind) -> None:
    terms = json.loads(schema_text(f"vocabulary-{kind.value}"))["$defs"][TERM_MODELS[kind].__name__]
    assert set(TERM_MODELS[kind].model_fields) == set(terms["properties"])


@pytest.mark.parametrize("model", MODELS, ids=lambda kind: kind.__name__)
def test_rdf_has_a_class_of_its_own_for_every_kind(model: type[BaseModel]) -> None:
    own = CLASSES[model][0]  # type: ignore[index] - every kind is a Record
    assert [model] == [other for other, classes in CLASSES.items() if classes[0] == own]


def rows(project: Project, kind: str, run_kb: Any) -> list[dict[str, Any]]:
    code, out, err = run_kb("-C", str(project.root), "find", kind, "-f", "json")
    assert (0, "") == (code, err)
    found: list[dict[str, Any]] = json.loads(out)["rows"]
    return found


@pytest.mark.parametrize("part", ["reports", "arms", "populations", *ITEMS])
def test_every_item_has_a_row(part: str, whole: Project, run_kb: Any) -> None:
    if part in NO_ROWS:
        code, _, err = run_kb("-C", str(whole.root), "find", part)
        assert (2, True) == (code, f"'{part}' is not one of" in err)
        return
    found = {row["item_id"] for row in rows(whole, part.replace("_", "-"), run_kb)}
    assert set(getattr(WHOLE, part)) == found


def test_the_study_and_the_kinds_stand_in_rows(whole: Project, run_kb: Any) -> None:
    assert [IDENT] == [row["study_id"] for row in rows(whole, "studies", run_kb)]
    assert {item: finding.kind for item, finding in WHOLE.findings.items()} == {
        row["item_id"]: row["kind"] for row in rows(whole, "findings", run_kb)
    }
    assert {item: outcome.result.kind for item, outcome in WHOLE.outcomes.items()} == {
        row["item_id"]: row["result"] for row in rows(whole, "outcomes", run_kb)
    }


@pytest.mark.parametrize("part", ["reports", "arms", "populations", *ITEMS])
def test_rdf_has_a_node_for_every_item(part: str, whole: Project, run_kb: Any) -> None:
    code, out, _ = run_kb("-C", str(whole.root), "export", "ntriples")
    assert code == 0
    missing = [item for item in getattr(WHOLE, part) if f"/id/{IDENT}/{part}/{item}> <" not in out]
    assert [] == missing


def test_every_vocabulary_has_rows_and_nodes(whole: Project, run_kb: Any) -> None:
    code, out, _ = run_kb("-C", str(whole.root), "sql", "SELECT DISTINCT kind FROM terms", "-f", "tsv")
    assert (0, {"kind", *VocabularyKind}) == (code, set(out.splitlines()))
    _, triples, _ = run_kb("-C", str(whole.root), "export", "ntriples")
    assert [] == [
        model.__name__ for model in (*TERM_MODELS.values(), Question) if f"#{CLASSES[model][0].removeprefix('kb:')}> ." not in triples
    ]


@pytest.mark.parametrize("item", [item for items in ITEMS.values() for item in items])
def test_every_item_can_be_shown(item: str, whole: Project, run_kb: Any) -> None:
    code, out, err = run_kb("-C", str(whole.root), "show", f"{IDENT}#{item}")
    assert (0, "") == (code, err)
    assert f"entries/studies/1995/{IDENT}.yaml:" in out


def test_every_item_has_a_place_on_the_page(whole: Project, run_kb: Any, tmp_path: Path) -> None:
    code, _, _ = run_kb("-C", str(whole.root), "site", "--out", str(tmp_path / "site"))
    assert code == 0
    (page,) = [path for path in (tmp_path / "site").rglob("*.html") if IDENT in path.as_posix() and path.stem in (IDENT, "index")]
    html = page.read_text(encoding="utf-8")
    assert [] == [item for items in ITEMS.values() for item in items if f'id="{item}"' not in html]


def test_every_kind_has_a_page_of_its_own(whole: Project, run_kb: Any, tmp_path: Path) -> None:
    """Markers, agents, diseases, regimens, endpoints and questions of the record each have a page with its machine twin."""
    out = tmp_path / "site"
    assert run_kb("-C", str(whole.root), "site", "--out", str(out))[0] == 0
    arms = [component.agent for arm in WHOLE.arms.values() for phase in arm.regimen for component in phase.components]
    wanted = {f"markers/{finding.biomarker}" for finding in WHOLE.findings.values()} | {f"agents/{agent}" for agent in arms}
    wanted |= {f"outcomes/{outcome.endpoint}" for outcome in WHOLE.outcomes.values()} | {f"questions/{QUESTION['id']}"}
    wanted |= {f"conditions/{term}" for population in WHOLE.populations.values() for term in population.conditions or ()}
    wanted |= {"map", "matrix", "conflicts", "quality", "changes", "regimens/index", "cohorts/index", "data/index"}
    assert [] == [name for name in sorted(wanted) if not ((out / f"{name}.html").is_file() and (out / f"{name}.json").is_file())]
    assert (out / "compare.html").is_file()
    assert (out / f"studies/{IDENT}.js").is_file()
