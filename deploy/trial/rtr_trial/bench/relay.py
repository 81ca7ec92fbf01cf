"""A relay before the search engine that keeps what was asked, so that a bench can ask the same again, raw.

Loopback only, while a bench records; what is measured never goes through it.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import urlsplit

SEARCHES: Final = "_msearch"
_SENT_ON: Final = ("content-type", "accept")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to the engine: its path with the query, its kind of body, and the bytes."""

    path: str
    media_type: str
    body: bytes


@dataclass(slots=True)
class Relay:
    """Where the engine seems to be, and the searches that went by."""

    url: str
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def relaying(engine_url: str) -> Iterator[Relay]:
    """Pass everything on to the engine while the block lasts, and keep the searches."""
    target = urlsplit(engine_url)
    relay = Relay("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            if SEARCHES in self.path:
                relay.asked.append(Asked(self.path, self.headers.get("Content-Type", ""), body))
            engine = http.client.HTTPConnection(target.hostname or "", target.port, timeout=60)
            sent = {name: value for name, value in self.headers.items() if name.lower() in _SENT_ON}
            engine.request(self.command, self.path, body or None, sent)
            answer = engine.getresponse()
            said = answer.read()
            engine.close()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(said)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _pass_on  # noqa: N815 - names of the standard library

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the standard library has it
            """Nothing is written: requests are not for logs."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    relay.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, name="relay", daemon=True)
    thread.start()
    try:
        yield relay
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Raw:
    """One connection straight to the engine."""

    def __init__(self, engine_url: str) -> None:
        target = urlsplit(engine_url)
        self._connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=60)

    def ask(self, asked: Asked) -> bytes:
        """Send a request as it was recorded; return the answer's bytes."""
        self._connection.request("POST", asked.path, asked.body, {"Content-Type": asked.media_type})
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"the engine refused a recorded search: {answer.status}")
        return said

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
