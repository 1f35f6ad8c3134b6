"""The one door to the network: a request over HTTP, sent only when the user named an address.

Nothing else in the package opens a socket. Answers are bounded in time and size.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from kb import __version__
from kb.errors import UnreadableError, UsageError

SECONDS = 30.0
"""Longest time to wait for an answer."""
BYTES = 64_000_000
"""Largest answer that is taken."""
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        body: Text, read as UTF-8.
        content_type: Media type as sent, or an empty text.
    """

    body: str
    content_type: str


def send(url: str, form: Mapping[str, str], *, accept: str, seconds: float = SECONDS, most: int = BYTES) -> Answer:
    """Send a form and return the answer.

    Args:
        url: Address, http or https.
        form: Fields of the form.
        accept: Media types that are understood.
        seconds: Longest time to wait.
        most: Largest answer in bytes.

    Raises:
        UsageError: If the address is none.
        UnreadableError: If nobody answers, or with an error, or with too much.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f'"{url}" is not an address', hint="it starts with https:// or http://")
    request = urllib.request.Request(  # the scheme was looked at above
        url,
        data=urlencode(form).encode("ascii"),
        headers={"Accept": accept, "User-Agent": f"evidence-kb/{__version__}", "Content-Type": "application/x-www-form-urlencoded"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=seconds) as reply:
            body = reply.read(most + 1)
            content_type = reply.headers.get("Content-Type", "")
    except urllib.error.HTTPError as error:
        with error:
            said = " ".join(error.read(_SHOWN).decode("utf-8", "replace").split())
        raise UnreadableError(f"{url}: answered {error.code} {error.reason}{f': {said}' if said else ''}") from error
    except (OSError, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise UnreadableError(f"{url}: no answer: {reason}", hint="is the address right, and the network there?") from error
    if len(body) > most:
        raise UnreadableError(f"{url}: the answer is larger than {most:,} bytes", hint="ask for less, with LIMIT")
    return Answer(body.decode("utf-8", "replace"), content_type)
