"""A small real HTTP server on the loopback that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What is sent; `hang_up` sends nothing and closes."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json"
    hang_up: bool = False


HANG_UP = Answer(hang_up=True)


def problem(status: int, code: str, headers: Mapping[str, str] | None = None, **more: Any) -> Answer:
    """A refusal as the register writes it."""
    document = {
        "type": f"/docs/error-codes#{code}",
        "title": "A title.",
        "status": status,
        "detail": f"the detail of {code}",
        "instance": "urn:uuid:0",
        "code": code,
        "advice": f"The advice of {code}.",
        "correlation_id": "c-1",
        **more,
    }
    return Answer(status, document, headers or {}, PROBLEM)


class Server:
    """The running server: `url`, and `asked` in order."""

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        self.asked: list[Asked] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                asked = Asked(self.command, self.path, dict(self.headers), self.rfile.read(length))
                outer.asked.append(asked)
                said = answer(asked)
                if said.hang_up:
                    self.close_connection = True
                    return
                body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
                self.send_response(said.status)
                for name, value in {"Content-Type": said.kind, **said.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Keep the tests' output clean."""

        for method in ("GET", "POST", "PATCH"):
            setattr(Handler, f"do_{method}", Handler._serve)
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator[Server]:
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            thread.join()
            self._http.server_close()


@contextmanager
def answering(*answers: Answer) -> Iterator[Server]:
    """A server that gives these answers one after the other; the last one again and again."""
    left = list(answers)
    with Server(lambda _: left.pop(0) if len(left) > 1 else left[0]).running() as server:
        yield server


@contextmanager
def served_by(answer: Callable[[Asked], Answer]) -> Iterator[Server]:
    """A server that asks a function."""
    with Server(answer).running() as server:
        yield server
