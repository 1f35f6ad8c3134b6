"""A picture: figures stacked under a title, with what they rest on above and how to cite them below; SVG, or PNG from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import Protocol

from kb.errors import UsageError
from kb.export.plots.scale import SIGN, cleaned, rounded

TEMPLATE = "figure.svg"
"""Name of the template."""
PARTS = ("figures.html",)
"""Templates that it imports."""
_LEAST, _MARGIN, _STEP = 720.0, 8.0, 16.0
_BACKGROUND = "#fcfcfa"
"""Of the light picture in `figure.svg`: a PNG has one look, and the background of an SVG is a matter of its style sheet."""
_ZOOM = 2.0
"""Pixels of a PNG for one of the SVG, for print and sharp screens."""


class Figure(Protocol):
    """A laid out figure."""

    @property
    def kind(self) -> str:
        """Name of its macro."""

    @property
    def width(self) -> float:
        """Width in pixels."""

    @property
    def height(self) -> float:
        """Height in pixels."""

    @property
    def title(self) -> str:
        """What it shows."""

    @property
    def alt(self) -> str:
        """What it shows, in words."""

    @property
    def legend(self) -> tuple[tuple[str, str], ...]:
        """Marks with their words: CSS classes of the mark, and what it stands for."""


def picture(
    figures: Sequence[Figure], render: Callable[..., str], *, title: str, description: str = "", head: Sequence[str] = (),
    foot: Sequence[str] = (),
) -> str:  # fmt: skip
    """Return figures as one SVG.

    Args:
        figures: Laid out figures, from top to bottom.
        render: Renders the template `TEMPLATE` from its names.
        title: Title of the picture.
        description: What it shows beyond the words of the figures, for those who do not see it.
        head: Lines above the figures; long ones are broken.
        foot: Lines below them, the citation last.
    """
    width = max(_LEAST, *(one.width + 2 * _MARGIN for one in figures))
    signs = int((width - 2 * _MARGIN) / SIGN)
    titles = wrap(cleaned(title), int(signs * 0.8)) or [""]
    above, below = _broken(head, signs), _broken(foot, signs)
    y = 20.0 * len(titles) + _STEP * len(above) + 14.0
    placed, legends = [], []
    for one in figures:
        placed.append((one, y))
        y += one.height
        legends.append((_legend(one, width), y + 4))
        y += 4 + _STEP * (1 + max((row for row, _, _, _ in legends[-1][0]), default=-1))
    return (
        render(
            placed=placed, legends=legends, width=width, height=y + _STEP * len(below) + 14, title=cleaned(title), titles=titles, head=above,
            foot=below, description=cleaned(" ".join((*(one.alt for one in figures), description))),
        )
        + "\n"
    )  # fmt: skip


def _legend(figure: Figure, width: float) -> list[tuple[int, float, str, str]]:
    """Return the marks of a legend: row, place across, classes and words."""
    found: list[tuple[int, float, str, str]] = []
    row, x = 0, 0.0
    for classes, words in figure.legend:
        wide = 24 + SIGN * (len(words) + 2)
        if x and x + wide > width:
            row, x = row + 1, 0.0
        found.append((row, rounded(x), classes, words))
        x += wide
    return found


def _broken(lines: Sequence[str], signs: int) -> list[str]:
    return [part for line in lines for part in wrap(cleaned(line), signs)]


def raster(svg: str) -> bytes:
    """Return an SVG as PNG, in its light colours; letters come from the fonts of the machine.

    Raises:
        UsageError: If the part that does it is not installed.
    """
    try:
        import resvg_py
    except ImportError as error:
        hint = 'pip install "evidence-kb[pictures]", or write a file that ends in .svg'
        raise UsageError("PNG needs resvg-py, which is not installed", hint=hint) from error
    return resvg_py.svg_to_bytes(svg_string=svg, background=_BACKGROUND, zoom=_ZOOM, sans_serif_family="DejaVu Sans")
