"""A browser, and sites on disk that it opens by file address, as a double click does."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.builders import study_data
from tests.export.site_data import QUESTIONS, bare_data, hostile_data, hostile_vocabulary, rich_data, site_of
from tests.judges import missing

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def installed_browser() -> str | None:
    """Return the machine's Chromium."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The machine's Chromium. Without one the tests are skipped, but fail where continuous integration runs."""
    found = installed_browser()
    if found is None:
        reason = f"none of {', '.join(BROWSERS)} is installed"
        missing(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield running
        running.close()


def written(folder: Path, files: dict[str, str]) -> Path:
    """Write a site into a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of a rich study, a bare one, and enough others to fill more than one page of the finder."""
    many = []
    for number in range(70):
        data = study_data(id=f"study-{number:02}", **{"outcomes.response.result.events": number % 20})
        data["reports"]["main"].update(
            title=f"Unknown matter {number}", authors=[f"Núñez{number:02} A"], year=1950 + number, pmid=str(900 + number)
        )
        many.append(data)
    many[3]["populations"]["all"]["conditions"] = ["melanoma"]
    many[4]["reports"]["main"]["title"] = "=1+1, a title like a formula"
    return written(tmp_path_factory.mktemp("site"), site_of(rich_data(), bare_data(), study_data(), *many, questions=QUESTIONS))


@pytest.fixture(scope="session")
def small_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with every template and few rows, for what takes long on a large page."""
    live = rich_data("rich-1996-again", overlaps=[], curation={"status": "draft", "extracted": [{"by": "a curator", "on": "2026-01-01"}]})
    return written(tmp_path_factory.mktemp("small"), site_of(rich_data(), bare_data(), study_data(), live, questions=QUESTIONS))


@pytest.fixture(scope="session")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose every text is hostile."""
    return written(tmp_path_factory.mktemp("hostile"), site_of(hostile_data(), vocabulary=hostile_vocabulary()))


class Visit:
    """A page with what it said and asked for."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.said: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    @property
    def clean(self) -> bool:
        """Whether the console is empty and nothing left the disk."""
        return not self.said and not [url for url in self.requests if not url.startswith(("file:", "data:", "blob:"))]


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Visit]]:
    """Open a file in a fresh context; every context is closed at the end."""
    contexts = []

    def opened(path: Path, *, fragment: str = "", width: int = 1280, **options: Any) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        found = Visit(context.new_page())
        found.page.goto(path.as_uri() + fragment)
        return found

    yield opened
    for context in contexts:
        context.close()
