"""A look at a folder through an address of this machine."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click

from kb.errors import UsageError


def server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of a folder that only this machine can reach.

    Raises:
        UsageError: If the port is taken.
    """
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), partial(SimpleHTTPRequestHandler, directory=str(folder)))
    except (OSError, OverflowError) as error:
        raise UsageError(f"port {port} cannot be used: {error}", hint="name another with --port; 0 takes a free one") from error


def serve_folder(folder: Path, port: int) -> None:
    """Serve a folder until stopped with the keyboard."""
    with server(folder, port) as running:
        click.echo(f"http://127.0.0.1:{running.server_address[1]}/  (stop with Ctrl-C)", err=True)
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            click.echo("stopped", err=True)
