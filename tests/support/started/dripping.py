"""A server that answers, and never ends its answer: each byte is in time, and the whole never is."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def dripping(*, first: bytes) -> Iterator[str]:
    """An address that answers each connection with these bytes, then with one byte more every tenth of a second."""
    ends = threading.Event()

    def drip(line: socket.socket) -> None:
        with line, suppress(OSError):
            line.recv(65_536)
            line.sendall(first)
            while not ends.wait(0.1):
                line.sendall(b"a")

    def take() -> None:
        with suppress(OSError):
            while not ends.is_set():
                threading.Thread(target=drip, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        threading.Thread(target=take, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            ends.set()
