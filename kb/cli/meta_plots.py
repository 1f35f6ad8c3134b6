"""Pictures of an answer of `kb meta`: which are asked for, checked before anything is computed, drawn and written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kb.analysis.effects import NotEstimableError
from kb.errors import UsageError

if TYPE_CHECKING:
    from kb.analysis.meta_report import Report
    from kb.project import Project

KINDS = ("forest", "funnel", "bubble", "harvest", "albatross")
"""Kinds of pictures; each is a row of `kb.export.plots.of_report.FIGURES`."""
Plots = Sequence[tuple[str, Path]]


def check_plots(plots: Plots) -> None:
    """Refuse files of another form than pictures have, before any work is done.

    Raises:
        UsageError: If a file is neither SVG nor PNG, or two pictures go to one file.
    """
    for kind, path in plots:
        if path.suffix.lower() not in (".svg", ".png"):
            raise UsageError(f"{path}: a picture is SVG or PNG", hint=f"--plot {kind} {path.stem or 'plot'}.svg")
    paths = [path for _, path in plots]
    twice = next((path for path in paths if paths.count(path) > 1), None)
    if twice is not None:
        raise UsageError(f"{twice}: two pictures go to one file", hint="give each a name of its own")


def drawn_plots(plots: Plots, report: Report, project: Project | None) -> list[tuple[Path, str | bytes]]:
    """Draw the pictures that are asked for, before anything is written.

    Args:
        plots: Kinds and files.
        report: The answer.
        project: The collection, or None for a user's own table.

    Returns:
        Files and their contents.

    Raises:
        UsageError: If the answer does not hold what a picture shows, or PNG is asked for and its part is not installed.
    """
    from kb.cli.meta_output import numbers, regressed
    from kb.export.plots.of_report import DIRECTIONS, drawn_as
    from kb.export.plots.picture import PARTS, TEMPLATE, raster
    from kb.export.rendering import environment
    from kb.project import resource, template

    texts = {name: template(project, name) if project else (resource("templates") / name).read_text("utf-8") for name in (TEMPLATE, *PARTS)}
    render = environment(texts).get_template(TEMPLATE).render
    made: list[tuple[Path, str | bytes]] = []
    for kind, path in plots:
        if kind in DIRECTIONS and project is None:
            raise UsageError(f"no {kind} plot: a CSV holds effects, and directions are told by records", hint="leave --data out")
        said = [] if kind in DIRECTIONS else list(regressed(report) if kind == "bubble" else numbers(report))
        try:
            svg = drawn_as(kind, report, render, numbers=said, cite=lambda title: _cite(title, project))
        except NotEstimableError as error:
            raise UsageError(f"no {kind} plot: {error}") from error
        made.append((path, raster(svg) if path.suffix.lower() == ".png" else svg))
    return made


def _cite(title: str, project: Project | None) -> str:
    from kb import __version__

    if project is None:
        return f"{title}. Drawn by kb {__version__}."
    who = f"{', '.join(project.maintainers)}. " if project.maintainers else ""
    return f"Cite: {who}{title}. {project.name}. Drawn by kb {__version__}. Licence {project.licence}."
