"""Run the measurements and write RESULTS.md. Ratios within one run are what counts; seconds are this machine's."""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import peers
from benchmarks.answers import FOUR_FILTERS
from benchmarks.measure import Command, Measured, in_turn, once
from benchmarks.synthetic import SEED, write_collection

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
KB = str(Path(sys.executable).with_name("kb"))
SMALL, LARGE, HUGE = 1_000, 10_000, 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table.

    Attributes:
        what: What was measured.
        ours: Our figure in words.
        peer: Whose figure it stands against.
        theirs: That figure in words.
        ratio: The ratio in words.
        goal: What was aimed at.
        met: Whether it was reached; None when there was nothing to measure against.
    """

    what: str
    ours: str
    peer: str
    theirs: str
    ratio: str
    goal: str
    met: bool | None

    def cells(self) -> tuple[str, ...]:
        """Return the cells of the table."""
        return (self.what, self.ours, self.peer, self.theirs, self.ratio, self.goal, {True: "yes", False: "**no**", None: "-"}[self.met])


def collection(studies: int) -> Path:
    """Return the folder of an invented collection, written on first use."""
    folder = peers.CACHE / f"{studies}-{SEED}"
    if not (folder / ".whole").exists():
        shutil.rmtree(folder, ignore_errors=True)
        write_collection(folder, studies)
        (folder / ".whole").touch()
    return folder


def at_most(what: str, ours: Measured, peer: str, theirs: Measured, limit: float) -> Row:
    """Return a row whose ratio should stay below a limit."""
    ratio = ours.seconds / theirs.seconds
    return Row(what, _seconds(ours), peer, _seconds(theirs), f"{ratio:.2f} x", f"at most {limit:g} x", ratio <= limit)


def faster(what: str, ours: Measured, peer: str, theirs: Measured, times: float) -> Row:
    """Return a row in which we should be so many times faster."""
    ratio = theirs.seconds / ours.seconds
    return Row(what, _seconds(ours), peer, _seconds(theirs), f"{ratio:.1f} x faster", f"at least {times:g} x", ratio >= times)


def _seconds(measured: Measured) -> str:
    return f"{measured.seconds * 1000:.0f} ms" if measured.seconds < 1 else f"{measured.seconds:.2f} s"


def start_up(rounds: int) -> Iterator[Row]:
    """Measure how soon the command answers."""
    click = Command([sys.executable, "-c", "import click"], collection(SMALL))
    words = [KB, "find", "outcomes", "--endpoint", "complete-response", "--year", "1991", "--columns", "study_id,item_id,events,total"]
    questions = [Command(words, collection(size)) for size in (SMALL, LARGE)]
    click_alone, told, *found = in_turn(click, Command([KB, "--help"], collection(SMALL)), *questions, rounds=rounds)
    yield at_most("`kb --help`", told, "`import click`", click_alone, 1.6)
    for size, answer in zip((SMALL, LARGE), found, strict=True):
        yield at_most(f"`kb find`, index of {size:,} studies warm", answer, "`import click`", click_alone, 2.5)


def questions(rounds: int) -> Iterator[Row]:
    """Measure answers: four filters at once, the first after an edit, sums over everything, SPARQL beside rdflib."""
    from benchmarks.questions import FOUNDING, RESPONDERS, processor, sparql_and_rdflib

    large = collection(LARGE)
    words = [KB, *FOUR_FILTERS]
    edited = sorted(large.glob("entries/studies/**/*.yaml"))[0]
    text = edited.read_text(encoding="utf-8")

    def edit() -> None:
        now = edited.read_text(encoding="utf-8")
        edited.write_text(text if now != text else f"{text}# edited\n", encoding="utf-8")

    try:
        click, warm = in_turn(Command([sys.executable, "-c", "import click"], large), Command(words, large), rounds=rounds)
        parse = Command([sys.executable, "-m", "benchmarks.reading", str(edited)], ROOT)
        after, parsed = in_turn(Command(words, large, before=edit), parse, rounds=max(1, rounds // 5))
    finally:
        edited.write_text(text, encoding="utf-8")
    yield at_most(f"`kb find` with four filters, {LARGE:,} studies", warm, "`import click`", click, 2.5)
    allowed = Measured(1.5 * warm.seconds + parsed.seconds, 0)
    yield at_most(f"the same after one of {LARGE:,} files changed", after, "1.5 warm answers and the parse of that file", allowed, 1)
    for name, asked in (("by marker alone", ["--table", "markers", "-f", "csv"]), ("all three tables", ["-f", "md"])):
        summed = processor([KB, "concordance", *asked], large)
        what = f"processor time of `kb concordance`, {name}, {LARGE:,} studies"
        yield Row(what, _seconds(summed), "", "", "", "at most 1 s", summed.seconds <= 1)
    (join, chain), opened = sparql_and_rdflib(collection(SMALL), (FOUNDING, RESPONDERS))
    yield faster(f"SPARQL, five patterns that join and a sum, {SMALL:,} studies", join[0], "rdflib, loaded", join[1], 100)
    yield faster(f"SPARQL, five patterns in a chain and sums, {SMALL:,} studies", chain[0], "rdflib, loaded", chain[1], 1)
    yield Row("opening the graph's store", f"{opened * 1000:.0f} ms", "", "", "", "at most 50 ms", opened <= 0.05)


def answering() -> Iterator[Row]:
    """Measure the memory of answers at two sizes, and what a build of the index adds to reading and validating."""
    from benchmarks.answers import answers
    from benchmarks.questions import processor

    few = dict(answers(KB, collection(SMALL)))
    for name, many in answers(KB, collection(LARGE)):
        ratio = many.peak / few[name].peak
        what = f"peak memory of `{name}`, {LARGE:,} studies, {_seconds(many)}"
        told = (f"{many.peak:.0f} MB", f"{SMALL:,} studies", f"{few[name].peak:.0f} MB", f"{ratio:.2f} x")
        yield Row(what, *told, "at most 1.2 x", ratio <= 1.2)
    built = processor([KB, "index", "--rebuild"], collection(LARGE))
    read = processor([sys.executable, "-m", "benchmarks.reading", str(collection(LARGE) / "entries" / "studies")], ROOT)
    yield at_most(f"processor time of `kb index --rebuild`, {LARGE:,} studies", built, "reading and validating", read, 1.3)


def checking(rounds: int) -> Iterator[Row]:
    """Measure how long every rule over every record takes."""
    small, large = collection(SMALL), collection(LARGE)
    ours, plain = in_turn(_check(large), peers.pyyaml_and_pydantic(large), rounds=max(1, rounds // 5))
    yield faster(f"`kb check`, {LARGE:,} studies", ours, "PyYAML's C loader and pydantic, one core", plain, 6)
    for name, peer, times in (
        ("check-jsonschema", peers.check_jsonschema(small), 30),
        ("linkml-validate", peers.linkml_validate(small), 30),
        ("ajv-cli", peers.ajv(small), 1),
    ):
        what = f"`kb check`, {SMALL:,} studies"
        if isinstance(peer, peers.Missing):
            yield Row(what, "-", name, peer.reason, "-", f"at least {times} x", None)
            continue
        us, them = in_turn(_check(small), peer, rounds=max(1, rounds // 5))
        yield faster(what, us, name, them, times)


def rdf() -> Iterator[Row]:
    """Measure writing RDF in one process, once: rdflib takes a minute or two."""
    from benchmarks.rdf import turtle_and_rdflib

    ours, theirs, triples = turtle_and_rdflib(collection(SMALL))
    what = f"Turtle of {SMALL:,} studies in memory, {triples:,} triples"
    yield faster(what, ours, "rdflib: graph and Turtle", theirs, 60)
    yield materialised(collection(LARGE))


def materialised(folder: Path) -> Row:
    """Measure N-Triples of the same facts, in processor time a triple: the two vocabularies need different numbers of them."""
    from benchmarks.materialise import ntriples_and_morph

    what, peer, goal = f"N-Triples of {LARGE:,} studies, processor time", "morph-kgc from CSV", "less a triple"
    found = ntriples_and_morph(KB, folder)
    if isinstance(found, peers.Missing):
        return Row(what, "-", peer, found.reason, "-", goal, None)
    us, them = (measured.seconds / triples * 1e6 for measured, triples in found)
    told = [f"{_seconds(measured)}, {triples / 1e6:.1f} million" for measured, triples in found]
    return Row(what, told[0], peer, told[1], f"{them / us:.1f} x less a triple", goal, us < them)


def tables(rounds: int) -> Iterator[Row]:
    """Measure writing every table as Parquet, and the memory of it at two sizes."""
    from benchmarks.tables import parquet_and_pandas

    few, _ = parquet_and_pandas(KB, collection(SMALL), max(1, rounds // 5))
    ours, theirs = parquet_and_pandas(KB, collection(LARGE), max(1, rounds // 5))
    yield at_most(f"`kb export parquet`, {LARGE:,} studies", ours, "pandas, the same rows", theirs, 1)
    ratio = ours.peak / few.peak
    yield Row(
        "peak memory of it",
        f"{ours.peak:.0f} MB",
        f"{SMALL:,} studies",
        f"{few.peak:.0f} MB",
        f"{ratio:.2f} x",
        "at most 1.2 x",
        ratio <= 1.2,
    )


def pooling(rounds: int) -> Iterator[Row]:
    """Measure a pool of a thousand arms, the numbers' own library loaded on both sides."""
    from benchmarks.pooling import ARMS, pool_and_numpy

    reml, numpy, glmm = pool_and_numpy(KB, peers.CACHE, rounds)
    yield at_most(f"`kb meta` by REML, {ARMS:,} arms", reml, "numpy and scipy, loaded, the same pool", numpy, 2)
    yield at_most(f"`kb meta` by the binomial-normal model, {ARMS:,} arms", glmm, "numpy and scipy, loaded, the pool by REML", numpy, 2)


def memory(rounds: int) -> Iterator[Row]:
    """Measure peak memory at two sizes."""
    few, many = in_turn(_check(collection(SMALL)), _check(collection(LARGE)), rounds=max(1, rounds // 5))
    ratio = many.peak / few.peak
    what, peer = f"peak memory of `kb check`, {LARGE:,} studies", f"{SMALL:,} studies"
    yield Row(what, f"{many.peak:.0f} MB", peer, f"{few.peak:.0f} MB", f"{ratio:.2f} x", "at most 1.2 x", ratio <= 1.2)
    each = (many.peak - few.peak) * 1024 / (LARGE - SMALL)
    yield Row("memory that one more record adds", f"{each:.2f} kB", "", "", "", "", None)


def exports(few: int, many: int) -> Iterator[Row]:
    """Measure the memory of every export in one pass, at two sizes."""
    from benchmarks.exports import MOST, costs

    for size in (few, many):
        once(Command([KB, "index"], collection(size)))
    small = dict(costs(KB, collection(few)))
    for way, cost in costs(KB, collection(many)):
        peak = small[way].peak
        yield Row(
            f"peak memory of `kb {way}`, {many:,} studies", f"{cost.peak:.0f} MB in {_seconds(cost)}", f"{few:,} studies", f"{peak:.0f} MB",
            f"{cost.peak / peak:.2f} x", f"at most {MOST:.0f} MB", cost.peak <= MOST,
        )  # fmt: skip


def twice() -> Iterator[Row]:
    """Compare two runs of every export."""
    from benchmarks.exports import WAYS, that_differ

    differing = that_differ(KB, collection(SMALL))
    told = ", ".join(differing) or "none of them"
    yield Row(f"exports whose two runs differ, {SMALL:,} studies", told, f"all {len(WAYS)}", "", "", "none", not differing)


def site(rounds: int) -> Iterator[Row]:
    """Measure the web site: study pages beside Hugo's, the whole of it, making it again, and a letter typed in the finder."""
    import kb.project
    from benchmarks import site as web

    program = peers.hugo()
    what = f"study pages alone, {LARGE:,} studies, from their YAML"
    if isinstance(program, peers.Missing):
        yield Row(what, "-", "Hugo, from the same YAML", f"not measured: {program.reason}", "-", "at least 1 x", None)
    else:
        ours, theirs = web.study_pages(collection(LARGE), program, max(1, rounds // 5))
        ratio = theirs.measured.seconds / ours.measured.seconds
        yield Row(
            what, f"{_seconds(ours.measured)}: {ours.words}", "Hugo, from the same YAML", f"{_seconds(theirs.measured)}: {theirs.words}",
            f"{ratio:.2f} x faster", "at least 1 x", ratio >= 1,
        )  # fmt: skip
    few = web.whole_site(KB, collection(SMALL), peers.CACHE / "site-small")
    out = peers.CACHE / "site-large"
    many = web.whole_site(KB, collection(LARGE), out)
    ratio = many.peak / few.peak
    whole = f"`kb site`, {LARGE:,} studies: {_seconds(many)}; peak memory"
    yield Row(whole, f"{many.peak:.0f} MB", f"{SMALL:,} studies", f"{few.peak:.0f} MB", f"{ratio:.2f} x", "at most 1.2 x", ratio <= 1.2)
    edited, written = web.after_an_edit(KB, collection(LARGE), out)
    what = f"the same after one of {LARGE:,} records changed"
    yield Row(what, f"{_seconds(edited)}, {written} files written", "from nothing", _seconds(many), f"{many.seconds / edited.seconds:.1f} x faster", "", None)  # fmt: skip
    same = web.unchanged(KB, kb.project.resource("entries").resolve().parent, peers.CACHE / "site-own", max(1, rounds // 5))
    yield Row("`kb site` of the own collection, unchanged", _seconds(same), "", "", "", "at most 1 s", same.seconds <= 1)
    taken = web.keystrokes(out, max(1, rounds // 5))
    what = f"a key in the finder, to the next frame, {LARGE:,} studies, processor {web.THROTTLE} times slower"
    if isinstance(taken, peers.Missing):
        yield Row(what, f"not measured: {taken.reason}", "", "", "", "at most 50 ms", None)
    else:
        frames = [key.frame for key in taken]
        yield Row(what, web.spread(frames), "", "", "", "at most 50 ms", max(frames) <= 50)
        drawn = [key.lines for key in taken if key.lines]
        yield Row("the same, to the lines in view", web.spread(drawn), "", "", "", "", None)


def huge() -> Iterator[Row]:
    """Measure one size more, once: the commands alone."""
    here = collection(HUGE)
    (checked,) = in_turn(_check(here), rounds=1)
    yield Row(f"`kb check`, {HUGE:,} studies", f"{_seconds(checked)}, {checked.peak:.0f} MB", "", "", "", "", None)
    yield from exports(LARGE, HUGE)
    from benchmarks.answers import answers

    for name, cost in answers(KB, here):
        yield Row(f"`{name}`, {HUGE:,} studies", f"{_seconds(cost)}, {cost.peak:.0f} MB", "", "", "", "", None)


def _check(folder: Path) -> Command:
    """Return `kb check` as on a fresh checkout: nothing that an earlier run left behind is used."""
    return Command([KB, "check"], folder, before=lambda: shutil.rmtree(folder / ".kb", ignore_errors=True))


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="runs of a short command; long ones run a fifth as often")
    parser.add_argument("--huge", action="store_true", help=f"also {HUGE:,} studies")
    groups: dict[str, Callable[[int], Iterator[Row]]] = {
        "start-up": start_up, "questions": questions, "checking": checking, "answers": lambda _: answering(), "rdf": lambda _: rdf(), "tables": tables, "pooling": pooling, "memory": memory,
        "exports": lambda _: itertools.chain(twice(), exports(SMALL, LARGE)),
        "site": site,
    }  # fmt: skip
    parser.add_argument("--only", choices=tuple(groups), help="measure one group and print it; RESULTS.md stays as it is")
    asked = parser.parse_args()
    chosen = [asked.only] if asked.only else list(groups)
    rows = [row for name in chosen for row in groups[name](asked.rounds)]
    rows += huge() if asked.huge else ()
    heads = ("measured", "kb", "against", "theirs", "ratio", "goal", "met")
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ("---",) * len(heads), *(row.cells() for row in rows)))
    if asked.only:
        print(table)
        return
    RESULTS.write_text(
        f"# Measured\n\n{__doc__} Whole processes, medians of runs in turn, on {os.cpu_count()} cores ({platform.machine()},\nPython {platform.python_version()}). `make bench` writes this file.\n\n{table}\n",
        encoding="utf-8",
    )
    print(table)


if __name__ == "__main__":
    main()
