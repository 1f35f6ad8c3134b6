"""The web site: study pages beside Hugo's, the whole site, making it again, and a keystroke in the finder."""

from __future__ import annotations

import shutil
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Command, Measured, in_turn, once
from benchmarks.peers import CACHE, Missing

PAGES = Path(__file__).with_name("study_pages.py")
THROTTLE = 6
"""How many times slower the browser's processor is made."""
TYPED = ("melanoma 2001", "nk cell", "interleukin", "subcut", "e", "19")
BETWEEN = 400
"""Milliseconds between two keys."""


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages made by one tool.

    Attributes:
        measured: Time and memory.
        count: How many pages.
        size: Bytes of all of them.
    """

    measured: Measured
    count: int
    size: int

    @property
    def words(self) -> str:
        """Pages and their mean size."""
        return f"{self.count:,} pages of {self.size / max(self.count, 1) / 1000:.0f} kB, {self.measured.peak:.0f} MB"


def study_pages(collection: Path, hugo: str, rounds: int) -> tuple[Pages, Pages]:
    """Return what it takes to make the page of every study, by us and by Hugo, run in turn.

    Args:
        collection: The records.
        hugo: The peer's program.
        rounds: Runs of each.
    """
    from benchmarks.hugo import write_hugo_site

    out, peer = CACHE / "pages", CACHE / "hugo"
    write_hugo_site(collection, peer)
    ours = Command([sys.executable, str(PAGES), str(collection), str(out)], PAGES.parent.parent, before=lambda: _clear(out))
    theirs = Command([hugo, "--quiet", "--destination", "public"], peer, before=lambda: _clear(peer / "public"))
    us, them = in_turn(ours, theirs, rounds=rounds)
    return _pages(us, out), _pages(them, peer / "public")


def _clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _pages(measured: Measured, folder: Path) -> Pages:
    sizes = [path.stat().st_size for path in folder.rglob("*.html")]
    return Pages(measured, len(sizes), sum(sizes))


def whole_site(kb: str, collection: Path, out: Path) -> Measured:
    """Return what the whole site of a collection takes, once, from nothing."""
    return once(Command([kb, "site", "--out", str(out)], collection, before=lambda: _clear(out)))


def after_an_edit(kb: str, collection: Path, out: Path) -> tuple[Measured, int]:
    """Return what it takes after one record changed, and how many files were written."""
    edited = sorted(collection.glob("entries/studies/**/*.yaml"))[0]
    text = edited.read_text(encoding="utf-8")
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    try:
        edited.write_text(f"{text}# edited\n", encoding="utf-8")
        measured = once(Command([kb, "site", "--out", str(out)], collection))
    finally:
        edited.write_text(text, encoding="utf-8")
    return measured, sum(before.get(path) != path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file())


def unchanged(kb: str, collection: Path, out: Path, rounds: int) -> Measured:
    """Return what it takes when nothing changed."""
    once(Command([kb, "site", "--out", str(out)], collection))
    (measured,) = in_turn(Command([kb, "site", "--out", str(out)], collection), rounds=rounds)
    return measured


@dataclass(frozen=True, slots=True)
class Keystroke:
    """What a key took in the finder, in milliseconds from the moment it went down, each the median of some rounds.

    Attributes:
        frame: To the next frame, which shows the letter and how many studies fit.
        lines: To the last change of the lines in view; 0 where none changed.
    """

    frame: float
    lines: float


def keystrokes(out: Path, rounds: int) -> list[Keystroke] | Missing:
    """Return what each letter typed into the finder takes, and each that is taken away again, at a processor made slower.

    Args:
        out: A built site.
        rounds: How often everything is typed.
    """
    browser = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
    if browser is None:
        return Missing("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        page = running.new_page(viewport={"width": 1360, "height": 900})
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
        page.goto((out / "studies" / "index.html").as_uri())
        page.locator("#studies thead button").first.wait_for()
        page.evaluate(_WATCH)
        page.locator("#_q").click()
        taken = []
        for _ in range(rounds):
            for key in (key for typed in TYPED for key in [*typed, *["Backspace"] * len(typed)]):
                page.keyboard.press("Space" if key == " " else key)
                page.wait_for_timeout(BETWEEN)
            taken.append(page.evaluate("watched.splice(0)"))
        running.close()
    each = zip(*taken, strict=True)
    return [Keystroke(*(statistics.median(one[part] for one in key) for part in ("frame", "lines"))) for key in each]


_WATCH = """() => {
  const watched = globalThis.watched = [];
  const now = () => performance.now() - watched.at(-1).start;
  addEventListener("keydown", ({ timeStamp }) => {
    watched.push({ start: timeStamp, frame: 0, lines: 0 });
    const painted = new MessageChannel();
    painted.port1.onmessage = () => { watched.at(-1).frame = now(); };
    requestAnimationFrame(() => painted.port2.postMessage(""));
  }, true);
  new MutationObserver((changes) => {
    const rows = changes.map(({ target }) => (target.closest ? target : target.parentElement)?.closest("tr"));
    if (watched.length && rows.some((row) => row && row.sectionRowIndex < 8)) watched.at(-1).lines = now();
  }).observe(document.querySelector("#studies tbody"), { childList: true, characterData: true, subtree: true });
}"""


def spread(taken: list[float]) -> str:
    """Return the median and the slowest in words."""
    return f"median {statistics.median(taken):.0f} ms, slowest {max(taken):.0f} ms"
