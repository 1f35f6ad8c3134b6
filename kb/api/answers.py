"""Answers that are more than one table, each with its tables, its rules and a view for a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, overload

from kb.analysis.listing import Listing
from kb.api.table import Table

if TYPE_CHECKING:
    from kb.analysis import concordance as analysis
    from kb.analysis.conflicts import Conflict
    from kb.analysis.gaps import GapMap
    from kb.analysis.report import Block
    from kb.project import Project


class Concordance:
    """The answer to the founding question: three tables that must not be mixed.

    Attributes:
        found: The same as typed values (`kb.analysis.concordance.Concordance`).
        selection: The selection in words.
    """

    def __init__(self, found: analysis.Concordance) -> None:
        self.found = found
        self.selection = found.selection

    @cached_property
    def markers(self) -> Table:
        """By marker: its change under treatment beside its association with benefit, in independent cohorts."""
        return self._table("markers")

    @cached_property
    def groups(self) -> Table:
        """By group of patients: activation, and the response with its exact interval."""
        return self._table("groups")

    @cached_property
    def refutations(self) -> Table:
        """Between randomised arms: more activation, no more benefit."""
        return self._table("refutations")

    def _table(self, name: str) -> Table:
        from kb.analysis.concordance import listing_of

        return Table(listing_of(self.found, name, every_group=True))

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(table)} {name}" for name, table in self._tables())
        return f"<Concordance: {counts}; {self.selection}>"

    def _tables(self) -> Iterator[tuple[str, Table]]:
        yield from (("markers", self.markers), ("groups", self.groups), ("refutations", self.refutations))

    def _repr_html_(self) -> str:
        return "".join(f"<h4>{name}</h4>{table._repr_html_()}" for name, table in self._tables())


class Conflicts(Sequence["Conflict"]):
    """Disagreements, as typed values and as one table of stands.

    Attributes:
        selection: The selection in words.
    """

    def __init__(self, found: Sequence[Conflict], selection: str) -> None:
        self._found = tuple(found)
        self.selection = selection

    def __len__(self) -> int:
        return len(self._found)

    @overload
    def __getitem__(self, place: int) -> Conflict: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Conflict, ...]: ...
    def __getitem__(self, place: int | slice) -> Conflict | tuple[Conflict, ...]:
        return self._found[place]

    @cached_property
    def table(self) -> Table:
        """One stand a row, numbered by disagreement."""
        from kb.analysis.conflicts import conflict_rows

        return Table(conflict_rows(self._found, self.selection).listing())

    def __repr__(self) -> str:
        return f"<Conflicts: {len(self)}; {self.selection}>"

    def _repr_html_(self) -> str:
        return self.table._repr_html_()


class Gaps:
    """The gap map.

    Attributes:
        found: The map as typed values (`kb.analysis.gaps.GapMap`).
        selection: The selection in words.
    """

    def __init__(self, found: GapMap, project: Project) -> None:
        self.found = found
        self.selection = found.selection
        self._project = project

    @cached_property
    def table(self) -> Table:
        """One cell a row."""
        from kb.analysis.gaps import COLUMNS, cell_values

        return Table(Listing(COLUMNS, [cell_values(cell) for cell in self.found.cells], self.selection))

    def svg(self) -> str:
        """Return the map as a drawing."""
        from kb.export.gap_map import TEMPLATE, gap_map_svg
        from kb.project import template

        return gap_map_svg(self.found, template(self._project, TEMPLATE))

    def __repr__(self) -> str:
        return f"<Gaps: {len(self.found.cells)} cells; {self.selection}>"

    def _repr_html_(self) -> str:
        return self.svg()


class Report:
    """A curated question answered; a notebook shows it as a page.

    Attributes:
        blocks: Headings, paragraphs, lists, tables and references, in order.
    """

    def __init__(self, blocks: Sequence[Block], project: Project) -> None:
        self.blocks = tuple(blocks)
        self._project = project

    def markdown(self) -> str:
        """Return the report as Markdown."""
        from kb.export.report import markdown

        return markdown(self.blocks)

    def html(self) -> str:
        """Return the report as one HTML page."""
        from kb.export.report import TEMPLATE, html
        from kb.project import template

        return html(self.blocks, template(self._project, TEMPLATE), collection=self._project.name)

    def _repr_markdown_(self) -> str:
        return self.markdown()
