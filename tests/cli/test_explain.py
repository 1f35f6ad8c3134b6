"""`kb explain`."""

from __future__ import annotations

from collections.abc import Callable

import click
import pytest

from kb.cli.explain import command, complete_code
from kb.lint.catalogue import RULES
from kb.lint.rule import Rule

Run = Callable[..., tuple[int, str, str]]


def test_a_page_has_cause_examples_and_fix(run_kb: Run):
    assert (
        0,
        """KB601 events-within-total (error, arithmetic)

More events than patients.

Fix: compare both numbers with the source. If the source prints them so, keep them and add an ambiguity of kind
`printed-error` about the item; then this becomes a note.

Fails:
    outcomes.response.result: {kind: proportion, events: 25, total: 20}

Passes:
    outcomes.response.result: {kind: proportion, events: 5, total: 20}
""",
        "",
    ) == run_kb("explain", "kb601")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_can_be_explained(run_kb: Run, rule: Rule):
    code, out, _ = run_kb("explain", rule.code)
    assert 0 == code
    assert out.startswith(f"{rule.code} {rule.name} (")
    assert "\nFix: " in out
    assert all(line.isprintable() for line in out.split("\n"))


def test_several_codes_and_names(run_kb: Run):
    _, out, _ = run_kb("explain", "KB602", "no-anchor")
    assert ["KB602 percent-of-counts (warning, arithmetic)", "KB501 no-anchor (warning, provenance)"] == [
        line for line in out.split("\n") if line.startswith("KB")
    ]


def test_without_a_code_all_are_listed(run_kb: Run):
    code, out, _ = run_kb("explain")
    assert 0 == code
    assert [rule.code for rule in RULES] == [line.split()[0] for line in out.split("\n") if line.startswith("  KB")]
    assert "arithmetic" in out.split("\n")


def test_an_unknown_code_suggests(run_kb: Run):
    code, _, err = run_kb("explain", "KB60")
    assert 2 == code
    assert 'there is no rule "KB60"' in err
    assert "did you mean KB60" in err
    assert "`kb explain` lists all rules" in run_kb("explain", "zzz")[2]


def test_completion_offers_codes():
    offered = complete_code(click.Context(command), command.params[0], "kb6")
    assert [rule.code for rule in RULES if rule.code.startswith("KB6")] == [item.value for item in offered]
