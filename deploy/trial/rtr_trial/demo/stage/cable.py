"""The cable of one country: small TCP proxies that can be cut and mended, in threads of this process.

A cut closes what is open and refuses what comes, as a broken cable with a working machine at its end does; a mended
cable carries new connections at the same addresses. Bytes are passed on as they come and never looked at.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

LOOPBACK: Final = "127.0.0.1"
CONNECT_TIMEOUT_S: Final = 5.0
PIECE: Final = 65_536
"""Bytes passed on at once."""


class Line:
    """One direction to one address: what connects to `url` is carried to the target while the line is whole."""

    def __init__(self, host: str, port: int) -> None:
        """Open the line at a free address of the loopback.

        Args:
            host: of the target.
            port: of the target; nobody need listen there yet.
        """
        self._target = (host, port)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._cut = False
        self._door = socket.create_server((LOOPBACK, 0), backlog=64)
        self.port: int = self._door.getsockname()[1]
        self._listen()

    @property
    def url(self) -> str:
        """Where the near end is."""
        return f"http://{LOOPBACK}:{self.port}"

    def cut(self) -> None:
        """Close every connection and refuse new ones; harmless to repeat."""
        with self._lock:
            if self._cut:
                return
            self._cut = True
            _close_end(self._door)
            # Bound and deaf: the address stays ours, and whoever connects is refused.
            self._door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self._door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._door.bind((LOOPBACK, self.port))
            ends = list(self._open)
        for end in ends:
            _close_end(end)

    def mend(self) -> None:
        """Carry again; harmless to repeat."""
        with self._lock:
            if not self._cut:
                return
            self._cut = False
            self._door.listen(64)
        self._listen()

    def close(self) -> None:
        """Give the address back."""
        self.cut()
        _close_end(self._door)

    def _listen(self) -> None:
        threading.Thread(target=self._accept, args=(self._door,), name=f"line-{self.port}", daemon=True).start()

    def _accept(self, door: socket.socket) -> None:
        while True:
            try:
                near, _ = door.accept()
            except OSError:
                return  # cut
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(self._target, timeout=CONNECT_TIMEOUT_S)
        except OSError:
            _close_end(near)
            return
        far.settimeout(None)
        with self._lock:
            whole = not self._cut
            if whole:
                self._open |= {near, far}
        if whole:
            back = threading.Thread(target=_pass_on, args=(far, near), daemon=True)
            back.start()
            _pass_on(near, far)
            back.join()
        with self._lock:
            self._open -= {near, far}
        _close_end(near)
        _close_end(far)


class Cable:
    """All lines of one country, in both directions, cut and mended together."""

    def __init__(self, lines: Iterable[Line]) -> None:
        """Take the lines; closing the cable closes them."""
        self._lines = tuple(lines)

    def cut(self) -> None:
        """Cut every line."""
        for line in self._lines:
            line.cut()

    def mend(self) -> None:
        """Mend every line."""
        for line in self._lines:
            line.mend()

    def close(self) -> None:
        """Close every line."""
        for line in self._lines:
            line.close()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    """Copy until one side ends; the end of the source is passed on as such."""
    with suppress(OSError):
        while piece := source.recv(PIECE):
            sink.sendall(piece)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def _close_end(end: socket.socket) -> None:
    with suppress(OSError):
        # A close alone does not wake the thread that waits on this socket.
        end.shutdown(socket.SHUT_RDWR)
    end.close()
