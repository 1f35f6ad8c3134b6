"""Pictures of each kind of page, wide and on a phone, for people to look at: `python -m tests.browser.pictures site docs/screens`."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, installed_browser

PAGES = {
    "home": "index.html",
    "finder": "studies/index.html",
    "study": "studies/sosman-1991-prolonged-il2.html",
    "marker": "markers/lymphocyte-count.html",
    "markers": "markers/index.html",
    "regimen": "regimens/subcutaneous.html",
    "outcome": "outcomes/objective-response.html",
    "question": "questions/activation-and-benefit.html",
    "map": "map.html",
    "matrix": "matrix.html",
    "conflicts": "conflicts.html",
    "cohort": "cohorts/atkins-1999-melanoma-270.html",
    "quality": "quality.html",
    "compare": "compare.html#v1&s=leahy-1992-iv-vs-sc&s=mcdermott-2005-hd-vs-sc&s=yang-2003-hd-ld-sc",
    "data": "data/index.html",
}
SIZES = {"wide": ({"width": 1280, "height": 900}, 0.75), "phone": ({"width": 390, "height": 844}, 1.0)}
"""Size of the window, and how much smaller the picture is."""


def main(site: Path, out: Path) -> None:
    """Open each page from disk and take its picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed_browser(), args=list(FLAGS))
        for size, (viewport, scale) in SIZES.items():
            page = browser.new_context(viewport=viewport, device_scale_factor=scale, color_scheme="light").new_page()
            for name, path in PAGES.items():
                page.goto("about:blank")
                page.goto(f"{site.resolve().as_uri()}/{path}")
                page.wait_for_timeout(300)
                page.screenshot(path=str(out / f"{name}-{size}.jpg"), type="jpeg", quality=45)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
