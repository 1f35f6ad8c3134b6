"""What a parser of HTML complains about: of a text, or, as a program, of the files that it is given."""

from __future__ import annotations

import sys
from pathlib import Path

import html5lib


def parse_errors(text: str) -> list[object]:
    """Return the errors of a page."""
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(text)
    return list(parser.errors)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        for error in parse_errors(Path(name).read_text("utf-8")):
            print(f"{name}: {error}")
