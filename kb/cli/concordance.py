"""`kb concordance`: the founding question, in three tables that are not to be mixed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kb.cli.context import write_atomically
from kb.cli.options import SELECTION_HELP, chosen_selection, open_current_index, selection_options
from kb.cli.output import chosen_format, emit, output_options
from kb.cli.rendering import json_text, render

if TYPE_CHECKING:
    from kb.analysis.board import BoardRow
    from kb.analysis.concordance import Concordance
    from kb.analysis.listing import Listing

TABLES = ("markers", "groups", "refutations")
_TITLES = {
    "markers": "By marker: how it moves under treatment, and how it goes with benefit among patients (independent cohorts)",
    "groups": "By group of patients: activation seen, and the response with its exact 95 % interval",
    "refutations": "Between randomised arms: more activation, no more benefit",
}
_SHORT = {
    "groups": ("label", "arms", "regimen_classes", "endpoint", "events", "total", "low", "high", "group", "needed", "rose"),
    "refutations": ("label", "endpoint", "arms", "versus", "said", "estimate", "p", "activation", "elsewhere"),
}
"""Columns that a person at a terminal sees; csv, tsv and json hold all."""
_ROUNDED = ("low", "high")
"""Columns of them that are shown with one digit behind the point."""


@click.command(epilog=SELECTION_HELP)
@click.option(
    "--table", "which", type=click.Choice([*TABLES, "all"]), default=None, help="One of the tables (csv, tsv and jsonl hold one: markers)."
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 100, min_open=True, max_open=True),
    default=10.0,
    show_default=True,
    help="Response in percent that benefit is measured by.",
)
@click.option("--every-marker", is_flag=True, help="List tumour markers, clinical scores and the like too.")
@click.option("--every-group", is_flag=True, help="List groups without a marker of activation too.")
@selection_options
@output_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    which: str | None,
    threshold: float,
    every_marker: bool,
    every_group: bool,
    form: str | None,
    out: Path | None,
    header: bool,
    **options: Any,
) -> None:
    """Does immune activation go with antitumour benefit: for which marker, under which regimen, in whom, and who disagrees?

    \b
    kb concordance --condition renal-cell-carcinoma
    kb concordance --table groups --threshold 15 -f csv
    """
    from kb.analysis.concordance import concordance, group_stream, listing_of

    chosen = chosen_format(form, out)
    rows_alone = chosen in ("csv", "tsv", "jsonl")
    tables = (which,) if which in TABLES else ("markers",) if rows_alone else TABLES
    with open_current_index(ctx) as index:
        selection = chosen_selection(index, options)
        if rows_alone and tables == ("groups",):
            emit(group_stream(index, selection, threshold=threshold, every_group=every_group), form=chosen, out=out, header=header)
            return
        found = concordance(index, selection, threshold=threshold, every_marker=every_marker, tables=tables)
    if rows_alone:
        emit(listing_of(found, tables[0], every_group=every_group), form=chosen, out=out, header=header)
        return
    if chosen == "json":
        text = _json(found, tables, every_group=every_group)
    else:
        text = "\n".join(_told(found, tables, chosen, every_group=every_group)) + "\n"
    if out is None:
        click.echo(text, nl=False)
    else:
        write_atomically(out, text)


def _rules(found: Concordance, table: str) -> tuple[str, ...]:
    from kb.analysis.concordance import MARKER_RULES
    from kb.analysis.refutations import REFUTATION_RULES
    from kb.analysis.response_groups import arm_rules

    return {"markers": MARKER_RULES, "groups": arm_rules(found.threshold), "refutations": REFUTATION_RULES}[table]


def _json(found: Concordance, tables: tuple[str, ...], *, every_group: bool) -> str:
    from kb.analysis.concordance import listing_of

    told: dict[str, Any] = {"selection": found.selection, "threshold": found.threshold}
    for table in tables:
        listing = listing_of(found, table, every_group=every_group)
        rows = [dict(zip(listing.columns, row, strict=True)) for row in listing.rows]
        told[table] = {"title": _TITLES[table], "rules": _rules(found, table), "rows": rows}
    told["caution"] = _CAUTION
    return json_text(told)


_CAUTION = (
    "Counts of cohorts are no verdict: they say nothing of the size of an effect, and a none that was stated or could not be computed is no "
    "evidence of none. Associations among patients and comparisons between studies answer different questions."
)


def _told(found: Concordance, tables: tuple[str, ...], form: str, *, every_group: bool) -> Iterator[str]:
    from kb.analysis.concordance import listing_of

    yield f"selection: {found.selection}"
    for table in tables:
        listing = listing_of(found, table, every_group=every_group)
        yield ""
        yield f"## {_TITLES[table]}" if form == "md" else _TITLES[table]
        yield ""
        yield render(_worded(found.markers) if table == "markers" else _shortened(listing, _SHORT[table]), form).rstrip("\n")
        yield ""
        yield from (f"- {rule}" for rule in _rules(found, table))
        if table == "groups" and not every_group:
            left_out = sum(row.group == "not-measured" for row in found.groups)
            yield f"- {left_out} groups without a reported change of such a marker are not listed; --every-group lists them"
    yield ""
    yield _CAUTION


def _worded(rows: Iterable[BoardRow]) -> Listing:
    """Tell the table by marker in words: for eyes, nineteen columns of mostly zeros hide what they count."""
    from kb.analysis.concordance import needs
    from kb.analysis.listing import Listing

    def counts(found: Mapping[Any, int]) -> str:
        return ", ".join(f"{count} {name.value}" for name, count in found.items())

    columns = ("marker", "cohorts", "under treatment", "with benefit", "not assessed", "what would be needed to tell")
    return Listing(columns, [(row.label, row.cohorts, counts(row.moves), counts(row.sides), row.not_assessed, needs(row)) for row in rows])


def _shortened(listing: Listing, columns: tuple[str, ...]) -> Listing:
    from kb.analysis.listing import Listing

    by_name = dict(zip(listing.columns, zip(*listing.rows, strict=True), strict=True)) if listing.rows else {}
    kept = [[_rounded(value) for value in by_name[name]] if name in _ROUNDED else by_name[name] for name in columns if name in by_name]
    return Listing(columns, list(zip(*kept, strict=True)))


def _rounded(value: Any) -> Any:
    return round(value, 1) if isinstance(value, float) else value
