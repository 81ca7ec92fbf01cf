"""Connections whose every step ends at one deadline, however the other side spreads its bytes.

A time limit for each read is none for an answer: who sends a byte now and then, of the headers or of a handshake, holds
whoever waits for ever. Here each step, from the first connection on, has only what is left of the whole.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import httpcore2
import httpx2

from register.clock import SystemClock

CONNECTIONS_MAX: Final = 100
IDLE_MAX: Final = 20
IDLE_S: Final = 5.0
_PIECE: Final = 4_096

_REAL: Final = SystemClock()
"""Sockets wait by the machine's clock, whatever clock a register goes by."""
_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)


@contextmanager
def whole_within(seconds: float) -> Iterator[None]:
    """What this thread does meanwhile over `connections` ends within so many seconds, all of it together."""
    token = _ends_at.set(_REAL.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


class AddressNotAllowed(httpcore2.ConnectError):
    """A name stands for an address that nobody may connect to."""


def connections(trusted: ssl.SSLContext, allowed: Callable[[str], bool] | None = None) -> httpcore2.ConnectionPool:
    """A pool of connections, each of whose steps has what is left of `whole_within`.

    Args:
        trusted: for TLS.
        allowed: says of a numeric address whether to connect to it; where one of a name's is not, none is.
    """
    return httpcore2.ConnectionPool(
        ssl_context=trusted,
        max_connections=CONNECTIONS_MAX,
        max_keepalive_connections=IDLE_MAX,
        keepalive_expiry=IDLE_S,
        network_backend=_Backend(allowed),
    )


class PunctualTransport(httpx2.HTTPTransport):
    """The same connections for a client of `httpx2`, whose own limits are for each read alone."""

    def __init__(self, trusted: ssl.SSLContext) -> None:
        super().__init__(verify=trusted, trust_env=False)
        # The library takes no network backend. A version of it that keeps its pool elsewhere is found by the tests in
        # which a server sends a byte now and then.
        self._pool = connections(trusted)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _count_time_left(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # In pieces that a socket with room takes whole: what is left shrinks from one to the next, while the stream
        # below gives the whole limit anew to whatever a slow reader leaves of one.
        for begin in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[begin : begin + _PIECE], _count_time_left(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        # The handshake as a whole has this limit, and so has each record that is read (module `ssl` of Python).
        left = _count_time_left(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, allowed: Callable[[str], bool] | None) -> None:
        self._below, self._allowed = httpcore2.SyncBackend(), allowed

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        # One address after the other, since the backend below gives each of them the whole time: a name may have many.
        refused: Exception = httpcore2.ConnectError(f"{host} has no address")
        addresses = _find_addresses(host, port)
        if self._allowed is not None and not all(self._allowed(address) for address in addresses):
            raise AddressNotAllowed(f"{host} stands for an address that nobody may connect to")
        for address in addresses:
            left = _count_time_left(timeout, httpcore2.ConnectTimeout)
            try:
                return _Stream(self._below.connect_tcp(address, port, left, local_address, socket_options))
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                refused = error
        raise refused


def _find_addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore2.ConnectError(f"{host} is not known") from error
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def _count_time_left(timeout: float | None, late: type[httpcore2.TimeoutException]) -> float | None:
    ends_at = _ends_at.get()
    if ends_at is None:
        return timeout
    left = ends_at - _REAL.monotonic()
    if left <= 0:
        raise late("the time for the whole is over")
    return left if timeout is None else min(left, timeout)
