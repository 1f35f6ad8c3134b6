"""The pages of markers, regimens, agents, diseases, outcomes and cohorts: made in all processes, or left as they lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from kb.cli.site_state import PieceState
from kb.cli.site_studies import Bench, desk_of
from kb.export.site.build import File, Renderer
from kb.export.site.desk import Desk
from kb.export.site.pieces import PieceFiles, made_piece, pieces, sum_of_piece
from kb.export.site.scope_pages import ArmShelf
from kb.records.index import Index
from kb.records.workers import evenly, in_order, workers

POOL_FROM = 16
"""Pieces from which further processes pay for their start."""


_LONG = 1 << 18
"""Characters from which a text goes from process to process by a file: in memory it would lie there three times."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """A text that lies in a file, read a piece at a time."""

    path: Path

    def __iter__(self) -> Iterator[bytes]:
        """Yield the text in pieces; once it has been read it is gone."""
        with self.path.open("rb") as file:
            while piece := file.read(1 << 20):
                yield piece
        self.path.unlink()


def _put_by(folder: Path, file: File) -> File:
    if not isinstance(file.text, str) or len(file.text) < _LONG:
        return file
    path = folder / file.path.replace("/", " ")
    path.write_text(file.text, encoding="utf-8", newline="")
    return File(file.path, Spooled(path))


def _maker(bench: Bench, shelf: ArmShelf, folder: Path, index: Index | None) -> Callable[[Sequence[str]], list[PieceFiles]]:
    desk = desk_of(bench, index)
    renderer = Renderer(bench.templates, bench.settings)
    known = {piece.name: piece for piece in pieces(desk, shelf)}
    return lambda names: [made_piece(renderer, known[name], partial(_put_by, folder)) for name in names]


def kept_or_made_pieces(
    bench: Bench, records: Mapping[str, str], former: Mapping[str, PieceState], now: dict[str, PieceState]
) -> Callable[[Desk, ArmShelf], Iterator[PieceFiles]]:
    """Return what yields the files of every piece; those whose sum is the former one stay as they lie.

    Args:
        bench: What they are made from.
        records: Sums over the records, by file.
        former: What is known of the pieces of the site that stands; empty for none.
        now: Where the same is put for those of this site.
    """

    def found(desk: Desk, shelf: ArmShelf) -> Iterator[PieceFiles]:
        sums = {piece.name: sum_of_piece(desk, piece, records) for piece in pieces(desk, shelf)}
        kept = {name: former[name] for name, known in sums.items() if name in former and former[name].sum == known}
        for name, known in kept.items():
            now[name] = known
            yield PieceFiles(name, tuple(File(path, None) for path in known.files), known.lead, known.pages)
        names = [name for name in sums if name not in kept]
        jobs = workers() if bench.index is not None and len(names) >= POOL_FROM else 1
        with TemporaryDirectory(prefix="kb-site-") as folder:
            arguments = (bench, shelf, Path(folder), None if jobs > 1 else desk.index)
            for made in in_order(_maker, arguments, evenly(names, 1), jobs=jobs):
                for one in made:
                    now[one.name] = PieceState(sums[one.name], one.lead, tuple(file.path for file in one.files), one.pages)
                    yield one

    return found
