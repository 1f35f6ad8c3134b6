"""Every code has a page and two examples: one that fails, at a pinned place, and one that passes in silence."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.diagnostics import Position, Severity
from kb.errors import UsageError
from kb.lint.catalogue import BY_CODE, RULES, find_rule
from kb.lint.rule import Rule, Scope
from kb.lint.view import Known, StudyView
from kb.records.text import TextProblem, decode_bytes, read_text
from kb.records.yaml import YamlError, parse
from tests.builders import a_study
from tests.lint.examples import example_codes, shipped_vocabulary

PLACES: dict[str, list[tuple[int, int, str]]] = {
    # code: line, column and what stands there in the failing example, one row a problem
    "KB101": [(14, 13, "{")],
    "KB102": [(23, 5, '"desing"')],
    "KB103": [(11, 15, "2012995")],
    "KB104": [(15, 13, '"clinical trail"')],
    "KB105": [(12, 14, '"doi:10.1000/182"')],
    "KB106": [(35, 23, '"600,000 XY/kg"')],
    "KB107": [(52, 12, "-3")],
    "KB201": [(2, 9, '"another-1991-il2"')],
    "KB202": [(10, 15, "1992")],
    "KB203": [(12, 14, '"10.1000/182."')],
    "KB204": [(11, 15, '"1"')],
    "KB205": [(119, 5, '"NCT0055451"')],
    "KB206": [(113, 15, '"Josiah Carberry 0000-0002-1825-0079"')],
    "KB207": [(13, 9, '"https://47.251.13.51:8081/article/1"')],
    "KB301": [(77, 19, '"overall-response"')],
    "KB311": [(17, 9, '"NCIT:C0"')],
    "KB312": [(13, 9, '"interleukin-3"')],
    "KB313": [(15, 18, "[")],
    "KB314": [(17, 9, '"IL-2"')],
    "KB315": [(20, 21, "6")],
    "KB316": [(7, 7, '"response"')],
    "KB401": [(87, 19, '"erratum"')],
    "KB402": [(78, 21, '"evaluable"')],
    "KB403": [(89, 9, '"b"')],
    "KB404": [(101, 9, '"reponse"')],
    "KB405": [(121, 16, '"response"')],
    "KB406": [(57, 17, '"all"')],
    "KB407": [(108, 5, '"response"')],
    "KB408": [(120, 16, '"example-1991-il2"')],
    "KB501": [(84, 17, "{")],
    "KB502": [(123, 17, "{")],
    "KB503": [(86, 19, '"five of the twenty patients who were treated responded"')],
    "KB504": [(86, 19, '"Five of the twenty patients responded."')],
    "KB505": [(88, 15, '"the authors say')],
    "KB601": [(81, 19, "25")],
    "KB602": [(83, 20, "52")],
    "KB603": [(81, 20, "125")],
    "KB604": [(82, 18, "18")],
    "KB605": [(81, 19, "5")],
    "KB606": [(73, 12, "21")],
    "KB611": [(59, 12, "21")],
    "KB612": [(64, 12, "16")],
    "KB613": [(57, 12, "20")],
    "KB614": [(58, 17, "15")],
    "KB615": [(24, 14, '"1988"')],
    "KB621": [(84, 19, "9")],
    "KB622": [(81, 20, "52")],
    "KB623": [(83, 21, "{")],
    "KB624": [(88, 14, "0.4")],
    "KB690": [(83, 20, "52")],
    "KB701": [(35, 23, '"106 U/m2"')],
    "KB702": [(35, 23, "{")],
    "KB703": [(37, 27, "{")],
    "KB704": [(35, 23, '"20 Gy/m2"')],
    "KB801": [(118, 7, '"example-1991-il2"')],
    "KB802": [(12, 14, '"10.1000/182a"'), (12, 14, '"10.1000/182A"')],
    "KB803": [(11, 15, '"1"'), (11, 15, '"1"')],
    "KB804": [(6, 16, '"Interleukin-2 in renal cell carcinoma"'), (6, 16, '"Interleukin 2 in Renal-Cell Carcinoma."')],
    "KB805": [(120, 16, '"othr-1992-il2"')],
    "KB806": [(119, 22, '"othr-1992-il2"')],
    "KB807": [(119, 5, "{")],
    "KB808": [(119, 5, '"NCT00554515"'), (119, 5, '"NCT00554515"')],
    "KB901": [(110, 15, '"withdrawn"')],
    "KB902": [(119, 15, '"A curator"')],
    "KB903": [(110, 15, '"draft"')],
    "KB904": [(91, 5, '"active"')],
    "KB905": [(84, 21, '"unadjusted"')],
    "KB906": [(12, 20, "true")],
    "KB911": [(77, 5, '"response"')],
    "KB912": [(77, 5, '"response"')],
    "KB913": [(89, 5, '"os"')],
    "KB914": [(18, 16, '"not-reported"')],
}
TEXT_PLACES: dict[str, tuple[int, int]] = {
    "KB005": (1, 21),
    "KB010": (1, 17),
    "KB011": (2, 1),
    "KB012": (1, 8),
    "KB013": (2, 1),
    "KB014": (1, 1),
    "KB015": (1, 131),
}
IN_WORDS = {"KB001", "KB002", "KB003", "KB004", "KB006"}
"""Codes whose examples are no texts; the tests that make such files name them."""

by_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
by_example = pytest.mark.parametrize("rule", [rule for rule in RULES if rule.scope is not Scope.TEXT], ids=lambda rule: rule.code)
by_text = pytest.mark.parametrize("rule", [BY_CODE[code] for code in TEXT_PLACES], ids=lambda rule: rule.code)


def test_every_code_has_a_pinned_place():
    assert {rule.code for rule in RULES} == {*PLACES, *TEXT_PLACES, *IN_WORDS}


def test_codes_and_names_are_unique_and_in_order():
    codes = [rule.code for rule in RULES]
    assert sorted(set(codes)) == codes
    assert len({rule.name for rule in RULES}) == len(codes)


@by_rule
def test_every_code_has_a_page(rule: Rule):
    assert re.fullmatch(r"KB\d{3}", rule.code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    assert isinstance(rule.severity, Severity)
    assert rule.page.count("\nFix: ") == 1
    assert rule.summary
    assert "\n" not in rule.summary
    assert rule.fails
    assert rule.passes
    assert rule.fails != rule.passes


@by_example
def test_the_failing_example_fails_at_its_place_and_nowhere_else(rule: Rule):
    found = example_codes(rule, rule.fails)
    assert [rule.code] * len(PLACES[rule.code]) == [item.code for item in found]
    assert [(line, column) for line, column, _ in PLACES[rule.code]] == [(item.line, item.column) for item in found]
    assert [] == [
        item
        for item, (_, _, there) in zip(found, PLACES[rule.code], strict=True)
        if not item.line_text[item.column - 1 :].startswith(there)
    ]


@by_example
def test_the_passing_example_passes_in_silence(rule: Rule):
    assert [] == example_codes(rule, rule.passes)


def _text_problem(example: str) -> tuple[str, Position] | None:
    text = decode_bytes(example.encode("utf-8"))
    if isinstance(text, TextProblem):
        return text.code, text.position
    try:
        parse(text)
    except YamlError as error:
        return error.code, error.position
    return None


@by_text
def test_the_failing_text_fails_at_its_place(rule: Rule):
    assert (rule.code, Position(*TEXT_PLACES[rule.code])) == _text_problem(rule.fails)


@by_text
def test_the_passing_text_passes(rule: Rule):
    assert None is _text_problem(rule.passes)


def _folder(path: Path) -> None:
    path.mkdir()


def _link_out(path: Path) -> None:
    (path.parent.parent / "outside.yaml").write_text("id: a\n", encoding="utf-8")
    path.symlink_to(path.parent.parent / "outside.yaml")


FILES: dict[str, Callable[[Path], object]] = {
    "KB001": _folder,
    "KB002": _link_out,
    "KB003": lambda path: path.write_bytes(b"a: b\n" * 420_000),
    "KB004": lambda path: path.write_bytes("title: Interféron\n".encode("latin-1")),
}


@pytest.mark.parametrize(("code", "place"), [("KB001", (1, 1)), ("KB002", (1, 1)), ("KB003", (1, 1)), ("KB004", (1, 14))])
def test_files_that_are_no_texts(code: str, place: tuple[int, int], tmp_path: Path):
    (tmp_path / "collection").mkdir()
    path = tmp_path / "collection" / "x.yaml"
    FILES[code](path)
    found = read_text(path, root=tmp_path / "collection")
    assert isinstance(found, TextProblem)
    assert (code, Position(*place)) == (found.code, found.position)
    plain = tmp_path / "collection" / "plain.yaml"
    plain.write_text("title: Interféron\n", encoding="utf-8")
    assert "title: Interféron\n" == read_text(plain, root=tmp_path / "collection")


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.check is not None and rule.scope is Scope.STUDY], ids=lambda rule: rule.code
)
def test_every_study_rule_goes_through_a_list_of_the_view(rule: Rule):
    view = StudyView(a_study(), Known(shipped_vocabulary()))
    assert 0 <= len(getattr(view, rule.over))


@pytest.mark.parametrize("name", ["KB602", "kb602", " percent-of-counts "])
def test_a_rule_is_found_by_code_and_name(name: str):
    assert BY_CODE["KB602"] is find_rule(name)


def test_an_unknown_rule_names_the_nearest():
    with pytest.raises(UsageError) as raised:
        find_rule("percent-of-count")
    assert 'there is no rule "percent-of-count"' == str(raised.value)
    assert "did you mean percent-of-counts or interval-of-counts? `kb explain` lists all rules" == raised.value.hint
