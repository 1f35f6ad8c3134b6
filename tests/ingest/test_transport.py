"""The door to the network, tried on a server of this machine."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from kb.errors import UnreadableError, UsageError
from kb.ingest.transport import send


@pytest.fixture
def server(monkeypatch):
    """A server that answers with what it was told, and remembers what it was asked."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    class Handler(BaseHTTPRequestHandler):
        status, kind, body = 200, "application/json", b'"hello \xc3\xbc"'
        asked: list[tuple[str, dict[str, list[str]], str]] = []  # noqa: RUF012 - one server a test

        def do_POST(self):
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            Handler.asked.append((self.path, parse_qs(text), self.headers["Accept"]))
            self.send_response(Handler.status)
            self.send_header("Content-Type", Handler.kind)
            self.end_headers()
            self.wfile.write(Handler.body)

        def log_message(self, *args):
            """Say nothing."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    Handler.url = f"http://127.0.0.1:{running.server_port}/sparql"
    yield Handler
    running.shutdown()
    running.server_close()


def test_a_form_is_sent_and_the_answer_read(server):
    answer = send(server.url, {"query": "ASK { ?ü ?b ?c }"}, accept="application/json")
    assert ('"hello ü"', "application/json") == (answer.body, answer.content_type)
    assert [("/sparql", {"query": ["ASK { ?ü ?b ?c }"]}, "application/json")] == server.asked


def test_an_error_of_the_server_is_told_in_its_words(server):
    server.status, server.body = 400, b"no such\nprefix"
    with pytest.raises(UnreadableError, match="answered 400 Bad Request: no such prefix"):
        send(server.url, {}, accept="*/*")
    server.body = b""
    with pytest.raises(UnreadableError, match=r"answered 400 Bad Request$"):
        send(server.url, {}, accept="*/*")


def test_too_large_an_answer_is_not_taken(server):
    with pytest.raises(UnreadableError, match="larger than 3 bytes"):
        send(server.url, {}, accept="*/*", most=3)


def test_nobody_there():
    with pytest.raises(UnreadableError, match="no answer"):
        send("http://127.0.0.1:9/", {}, accept="*/*", seconds=2)


@pytest.mark.parametrize("url", ["file:/etc/hosts", "example.org", "http://", "ftp://example.org/"])
def test_what_is_no_address_is_not_asked(url):
    with pytest.raises(UsageError, match="is not an address"):
        send(url, {}, accept="*/*")
