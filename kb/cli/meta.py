"""`kb meta`: effect sizes, a pooled estimate, what differs between studies, and who was left out and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kb.analysis.effects import MEASURES
from kb.cli.context import current_project, write_atomically
from kb.cli.meta_plots import KINDS, check_plots, drawn_plots
from kb.cli.options import SELECTION_HELP, chosen_selection, open_current_index, selection_options
from kb.cli.output import chosen_format, emit, output_options
from kb.errors import UnreadableError, UsageError

if TYPE_CHECKING:
    from kb.analysis.evidence_rows import Evidence
    from kb.analysis.meta import Asked
    from kb.analysis.meta_report import Report
    from kb.analysis.pooling.result import Settings
    from kb.analysis.selection import Selection
    from kb.project import Project
    from kb.records.index import Index

METHODS = ("DL", "REML", "PM", "ML", "EB", "SJ", "HS", "HE", "EE", "MH", "PETO", "GLMM")
INTERVALS = ("clopper-pearson", "wilson", "jeffreys")
SENSITIVITY = ("leave-one-out", "influence", "cumulative", "small-studies")

Command = Any


def _evidence_options(command: Command) -> Command:
    """Add the options that say which rows speak."""
    for option in (
        click.option("--overlap", type=click.Choice(["any", "certain"]), default="any", show_default=True, help="Which declared overlaps make two studies one cohort."),
        click.option("--assume-level", type=click.FloatRange(0, 100, min_open=True, max_open=True), default=None, help="Level of printed intervals that do not say theirs."),
        click.option("--printed", is_flag=True, help="Pool printed RR, OR or RD instead of counts."),
        click.option("--leave", multiple=True, metavar="STUDY[#ITEM]", help="Leave it out; repeatable."),
        click.option("--take", multiple=True, metavar="STUDY#ITEM", help="Let it speak for its cohort whatever the rules say; repeatable."),
        click.option("--without", multiple=True, type=click.Choice(["added", "from-percent"]), help="Leave out counts that came about so; repeatable."),
        click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Kind of evidence to pool, such as evaluable, RECIST or randomised; repeatable."),
        click.option("--mix-conditions", is_flag=True, help="Take results whose patients have other diseases, too."),
        click.option("--mix-designs", is_flag=True, help="Pool arms of randomised studies with other arms."),
        click.option("--mix-populations", is_flag=True, help="Pool assigned, evaluable and unstated populations."),
        click.option("--mix-criteria", is_flag=True, help="Pool response criteria of different eras."),
    ):  # fmt: skip
        command = option(command)
    return command


def _pooling_options(command: Command) -> Command:
    """Add the options that say what is pooled and how."""
    for option in (
        click.option("--seed", type=int, default=1, show_default=True, help="Seed of the permutation test where not all orders are tried."),
        click.option("--sensitivity", multiple=True, type=click.Choice([*SENSITIVITY, "all"]), help="Further analyses; repeatable."),
        click.option("--moderator", "moderators", multiple=True, metavar="FIELD", help="Meta-regression on a column, a field, a marker, or a dose: dose, dose-per-dose, dose-per-cycle, dose-total; repeatable."),
        click.option("--by", default=None, metavar="FIELD", help="Subgroups by a column or field, such as regimen-class."),
        click.option("--interval", type=click.Choice(INTERVALS), default="clopper-pearson", show_default=True, help="Interval of single proportions."),
        click.option("--add", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="Correction added to zero cells; metafor's default is 0.5."),
        click.option("--level", type=click.FloatRange(0, 100, min_open=True, max_open=True), default=95.0, show_default=True, help="Level of intervals in percent."),
        click.option("--guard", is_flag=True, help="Knapp-Hartung, never narrower than the normal interval."),
        click.option("--knapp-hartung", is_flag=True, help="Intervals by Knapp and Hartung's t."),
        click.option("--method", type=click.Choice(METHODS, case_sensitive=False), default=None, help="Default: GLMM for PLO, PETO for PETO, else REML."),
        click.option("--measure", type=click.Choice(sorted(MEASURES), case_sensitive=False), default=None, help="Default: PLO; with --data what the columns hold."),
        click.option("--metafor", "script", type=click.Path(file_okay=False, path_type=Path), default=None, metavar="DIR", help="Write the rows and an R script that pools them again with metafor."),
        click.option("--svg", "drawing", type=click.Path(dir_okay=False, path_type=Path), default=None, metavar="FILE", help="The same as --plot forest FILE."),
        click.option("--plot", "plots", multiple=True, type=(click.Choice(KINDS), click.Path(dir_okay=False, path_type=Path)), metavar="KIND FILE", help=f"Write a picture, too, as .svg or .png: {', '.join(KINDS)}; repeatable."),
        click.option("--data", type=click.Path(dir_okay=False, path_type=Path), default=None, metavar="FILE", help="Pool a CSV of your own with metafor's column names."),
    ):  # fmt: skip
        command = option(command)
    return command


@click.command(epilog=SELECTION_HELP)
@click.argument("about", metavar="ENDPOINT", required=False)
@_pooling_options
@_evidence_options
@selection_options
@output_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    about: str | None,
    data: Path | None,
    script: Path | None,
    drawing: Path | None,
    plots: list[tuple[str, Path]],
    form: str | None,
    out: Path | None,
    header: bool,
    **options: Any,
) -> None:
    """Pool results on ENDPOINT over independent cohorts, or the studies of a CSV.

    \b
    kb meta objective-response --condition renal-cell-carcinoma --by regimen-class
    kb meta --data trials.csv --measure RR --method REML --knapp-hartung -f json
    kb meta objective-response --agent aldesleukin --moderator dose --plot bubble dose.svg
    kb meta objective-response --biomarker nk-cell-count --plot harvest nk.svg --plot albatross nk-p.png
    """
    from kb.cli.meta_output import listing, told, told_as_json

    plots = [*plots, *([("forest", drawing)] if drawing else [])]
    check_plots(plots)
    project = current_project(ctx) if data is None and about is not None else None
    found = _from_file(data, options) if data is not None else _from_records(ctx, project, about, {**options, "plots": plots})
    chosen = chosen_format(form, out)
    drawn = drawn_plots(plots, found, project) if plots else []
    if script is not None:
        from kb.cli.owned_folder import write_folder
        from kb.export.metafor import metafor

        write_folder(script, metafor(found), marker=".kb-metafor", what="metafor export")
    for path, content in drawn:
        write_atomically(path, content)
    if chosen in ("csv", "tsv", "jsonl"):
        emit(listing(found), form=chosen, out=out, header=header)
        return
    text = told_as_json(found) if chosen == "json" else "\n".join(told(found, chosen)) + "\n"
    if out is None:
        click.echo(text, nl=False)
    else:
        write_atomically(out, text)


def _from_records(ctx: click.Context, project: Project | None, about: str | None, options: dict[str, Any]) -> Report:
    from kb.analysis.evidence_rows import Choice
    from kb.analysis.meta import analysed
    from kb.analysis.moderators import with_moderators
    from kb.analysis.pools import SINGLE, DeclaredOverlaps, evidence_of, title_of

    if about is None:
        raise UsageError("an endpoint is needed, or --data FILE", hint="such as kb meta objective-response")
    measure = (options["measure"] or SINGLE).upper()
    with open_current_index(ctx, project) as index:
        endpoint = index.resolve("endpoints", about)
        if endpoint is None:
            near = index.suggest("endpoints", about)
            raise UsageError(
                f'there is no endpoint "{about}"', hint=f"did you mean {' or '.join(near)}?" if near else "kb find outcomes lists them"
            )
        selection = chosen_selection(index, options)
        choice = Choice(
            frozenset(kind for kind in ("criteria", "populations", "designs", "conditions") if options[f"mix_{kind}"]),
            options["kinds"], frozenset(options["without"]), frozenset(options["take"]), frozenset(options["leave"]), options["overlap"],
        )  # fmt: skip
        evidence = evidence_of(index, selection, endpoint, measure, choice, printed=options["printed"], assumed=options["assume_level"])
        data, notes = with_moderators(index, selection, evidence.data, options["moderators"])
        title, declared = title_of(index, endpoint, measure), DeclaredOverlaps(index)
        overlaps = {one.study_id: declared[one.study_id] for one in data}
        beside = _directions(index, selection, endpoint, evidence) if options["plots"] else {}
    return analysed(
        title, selection.describe(), data, measure, _settings(measure, options), _asked(options), excluded=evidence.excluded,
        labels=evidence.labels, rules=evidence.rules, strata=evidence.strata, directions=evidence.directions,
        regression_notes=notes, overlaps=overlaps, **beside,
    )  # fmt: skip


def _directions(index: Index, selection: Selection, endpoint: str, evidence: Evidence) -> dict[str, Any]:
    """Return what the pictures of directions show: of the marker that is asked for, else of the results without an effect."""
    from kb.analysis.directions import cohort_moves, told_directions, with_p_and_n
    from kb.analysis.stands import marker_stands

    asked = selection.find("biomarker")
    if asked is None:
        return {"moves": tuple(told_directions(evidence.directions))}
    family = index.rows("SELECT class FROM terms WHERE kind = 'endpoints' AND id = ?", (endpoint,))[0][0]
    stands = [one for one in marker_stands(index, selection) if one.marker in asked.terms]
    return {
        "marker": ", ".join(index.label("biomarkers", name) for name in asked.values),
        "moves": tuple(cohort_moves(index, selection, asked.terms)),
        "associations": tuple(with_p_and_n(stands, (family,))),
    }


def _asked(options: dict[str, Any]) -> Asked:
    from kb.analysis.meta import Asked

    wanted = SENSITIVITY if "all" in options["sensitivity"] else options["sensitivity"]
    return Asked(options["by"], options["moderators"], tuple(wanted), options["add"], options["interval"], options["seed"])


def _settings(measure: str, options: dict[str, Any]) -> Settings:
    from kb.analysis.pooling.result import Settings
    from kb.analysis.synthesis import check_method, default_method

    method = (options["method"] or default_method(measure)).upper()
    check_method(measure, method)
    test = "adhoc" if options["guard"] else "knha" if options["knapp_hartung"] else "z"
    return Settings(method, test, options["level"])


def _from_file(path: Path, options: dict[str, Any]) -> Report:
    from kb.analysis.meta import analysed
    from kb.analysis.own_table import measure_of, read_table

    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UnreadableError(f"{path}: {reason}", hint="--data takes a CSV file in UTF-8") from error
    measure = (options["measure"] or measure_of(text, name=path.name)).upper()
    data, left_out = read_table(text, measure, name=path.name, level=options["level"])
    return analysed(
        f"{MEASURES[measure].label} over the studies of {path.name}",
        path.name,
        data,
        measure,
        _settings(measure, options),
        _asked(options),
        excluded=left_out,
    )
