"""Serve several countries in one process: one application, address and thread each, and the workers beside them.

Every country keeps its own database roles, keys, index and application; nothing is shared but the process. Countries
reach each other over HTTP only, also here.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from register.clock import SystemClock
from register.domain.running.node_finding import TURN_STANDS, TURN_STANDS_AFTER, Beat
from register.domain.running.progress import hear_progress
from register.errors import OperatorError, code_of
from register.logs import frames_of, logger

PORT_MAX: Final = 65_535
START_TIMEOUT_S: Final = 20.0
HEADERS_WITHIN_S: Final = 15.0
"""Seconds that a connection has for the headers of a request, from its first byte or from the begin."""
READS_WITHIN_S: Final = 15.0
"""Seconds that a client may leave what was written for it unread; the proxy that ends TLS reads at once."""
TICK_S: Final = 1.0
"""How old the time in the header of an answer may be: it has whole seconds."""
IDLE_GROWTH: Final = 1.5
THREAD_ENDED: Final = "thread-ended"
FAILING_MAX_S: Final = 5.0  # a job that fails is tried this often at least, and not much more often
RESTARTED_MAX_S: Final = 30.0  # a job whose thread ends is begun anew this often at least


class AddressTaken(OperatorError):
    """The address a country should listen on is in use."""

    code = "address-taken"
    advice = "Stop the other program, or set another `listen` for this country."


class BadAddress(OperatorError):
    """An address to listen on cannot be read."""

    code = "bad-address"
    advice = "Correct `listen` of the country in the settings, or the option --listen."


@dataclass(frozen=True, slots=True)
class Address:
    """Where an application listens."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `host:port`; port 0 takes a free one.

        Raises:
            BadAddress: it is none.
        """
        host, _, port = text.rpartition(":")
        if not (port.isascii() and port.isdigit() and int(port) <= PORT_MAX):
            raise BadAddress(f"expected host:port, for instance 127.0.0.1:8101, got {text!r}")
        return cls(host or "127.0.0.1", int(port))

    @property
    def url(self) -> str:
        """The address as a URL."""
        return f"http://{self.host}:{self.port}"


class PunctualProtocol(H11Protocol):
    """HTTP as the server speaks it, on connections that end where no whole headers come, or answers are not read.

    The server itself waits for ever for the rest of headers once a byte of them is there: whoever opens connections
    and sends a byte an hour would take every one that the process may have. And it waits for ever until there is room
    for the rest of an answer: whoever asks and does not read would keep the place of each request.
    """

    headers_within_s = HEADERS_WITHIN_S
    reads_within_s = READS_WITHIN_S

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._due: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as the class above
        """Begin to wait."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Wait for the rest, unless a request is under way."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Wait anew only if something came: a quiet connection is ended by the keep-alive bound."""
        super().on_response_complete()
        self._stop_watching()
        began_next, _ = self.conn.trailing_data
        if began_next:
            self._watch()

    def pause_writing(self) -> None:
        """Wait for the client to read; what it has left unread then is dropped with the connection."""
        super().pause_writing()
        if self._unread is None:
            self._unread = self.loop.call_later(self.reads_within_s, self.transport.abort)

    def resume_writing(self) -> None:
        """It has read."""
        self._stop_waiting_for_reader()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to wait for any more."""
        self._stop_watching()
        self._stop_waiting_for_reader()
        super().connection_lost(exc)

    def _stop_waiting_for_reader(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _watch(self) -> None:
        under_way: RequestResponseCycle | None = self.cycle  # None before the first request, whatever its type says
        if under_way is not None and not under_way.response_complete:
            self._stop_watching()
        elif self._due is None:
            self._due = self.loop.call_later(self.headers_within_s, self.transport.close)

    def _stop_watching(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None


class _QuietServer(uvicorn.Server):
    """Looks once a second whether anything has changed, or when it is told to end; uvicorn's own looks ten times."""

    _told: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    async def main_loop(self) -> None:
        """Go on until it is told to end."""
        told = asyncio.Event()
        self._told = (asyncio.get_running_loop(), told)
        while not await self.on_tick(0):  # each of these writes the time that answers carry
            with suppress(TimeoutError):
                await asyncio.wait_for(told.wait(), TICK_S)

    def end(self) -> None:
        """Tell it to end, from any thread; harmless to repeat."""
        self.should_exit = True
        if self._told is not None:
            loop, told = self._told
            with suppress(RuntimeError):  # it has ended by itself, and its loop with it
                loop.call_soon_threadsafe(told.set)


class HttpServer:
    """One application on one address, in a thread of its own."""

    def __init__(self, app: FastAPI, address: Address, *, name: str) -> None:
        self._name = name
        # With the protocol named: asyncio sends small answers at once (TCP_NODELAY) only on such sockets, else each
        # waits 40 ms for the client's acknowledgement.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((address.host, address.port))
        except OSError as error:
            self._socket.close()
            raise AddressTaken(f"{address.host}:{address.port} is in use") from error
        host, port = self._socket.getsockname()[:2]
        self.address = Address(host, port)
        config = uvicorn.Config(
            app,
            http=PunctualProtocol,
            # Our own log line a request; the server's would write addresses with what is in them.
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=True,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=5,
            h11_max_incomplete_event_size=64 * 1024,
        )
        self._server = _QuietServer(config)
        self._thread = threading.Thread(target=self._run, name=f"http-{name}", daemon=True)

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    def start(self) -> None:
        """Serve; returns when requests are accepted."""
        clock = SystemClock()
        self._thread.start()
        begun = clock.monotonic()
        while not self._server.started:
            if not self._thread.is_alive() or clock.monotonic() - begun > START_TIMEOUT_S:
                raise OperatorError(f"the server of {self._name} did not start")
            clock.pause(0.01)
        logger().info("http.serving", country=self._name, port=self.address.port)

    def is_open(self) -> bool:
        """Whether it accepts requests."""
        return self._server.started and self._thread.is_alive()

    def stop(self) -> None:
        """Finish the requests under way and stop."""
        self._server.end()
        self._thread.join(timeout=10)
        self._socket.close()


class Loop:
    """A job that repeats in a thread until it is stopped: work while there is some, a pause when there is none."""

    def __init__(
        self,
        name: str,
        turn: Callable[[], bool],
        *,
        idle_s: float,
        idle_max_s: float | None = None,
        due_in: Callable[[], float] | None = None,
    ) -> None:
        """Take the job.

        Args:
            name: for logs.
            turn: does one portion of work; True if there may be more at once.
            idle_s: seconds to wait after a turn that found nothing, or failed.
            idle_max_s: what that wait grows to while turn after turn finds nothing; it does not grow without this, but
                to `FAILING_MAX_S` while turn after turn fails.
            due_in: seconds until the next turn makes sense, asked after one that found nothing; the wait does not grow
                by itself then, and is never shorter than `idle_s`.
        """
        self._name, self._turn = name, turn
        self._idle_s, self._idle_max_s, self._due_in = idle_s, max(idle_s, idle_max_s or idle_s), due_in
        self._clock = SystemClock()
        self._worked_at: datetime | None = None
        self._got_on_at: float | None = None  # None while it rests
        self._failing: tuple[datetime, str] | None = None
        self._stopping, self._woken = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._keep_running, name=name, daemon=True)

    def _keep_running(self) -> None:
        """Begin the job anew whenever something ends it that no turn may do: its thread never ends before it is told.

        Each time after a longer pause, up to a bound, and from the shortest again once a turn succeeded.
        """
        hear_progress(self._get_on)
        pause_s = self._idle_s
        while not self._stopping.is_set():
            begun = self._clock.now()
            try:
                self._run()
            except BaseException as error:  # noqa: BLE001 - also what asks the whole process to end: that is not a job's
                worked = self._worked_at is not None and self._worked_at >= begun
                pause_s = self._idle_s if worked else min(RESTARTED_MAX_S, max(self._idle_s, pause_s * IDLE_GROWTH))
                self._failing = (self._failing[0] if self._failing else self._clock.now(), THREAD_ENDED)
                with suppress(BaseException):
                    logger().error(
                        "worker.job-ended",
                        job=self._name,
                        error_type=type(error).__name__,
                        code=THREAD_ENDED,
                        where=frames_of(error),
                    )
                self._got_on_at = None
                self._stopping.wait(pause_s)

    def _get_on(self) -> None:
        self._got_on_at = self._clock.monotonic()

    def _run(self) -> None:
        wait = self._idle_s
        while not self._stopping.is_set():
            self._get_on()
            try:
                more, longest_s = self._turn(), self._idle_max_s
                due_in_s = self._due_in() if self._due_in is not None and not more else None
                self._worked_at, self._failing = self._clock.now(), None
            except Exception as error:  # noqa: BLE001 - a worker outlives whatever one object does to it
                more, longest_s, due_in_s = False, max(self._idle_s, FAILING_MAX_S), None
                code = code_of(error)
                self._failing = (self._failing[0] if self._failing else self._clock.now(), code)
                logger().error(
                    "worker.turn-failed",
                    job=self._name,
                    error_type=type(error).__name__,
                    code=code,
                    where=frames_of(error),
                )
            self._got_on_at = None
            if more:
                wait = self._idle_s
            elif self._failing is not None:
                # Whoever wakes it sees the work that it fails at, and would have it fail without a pause.
                self._stopping.wait(wait)
                wait = max(self._idle_s, min(longest_s, wait * IDLE_GROWTH))
            elif due_in_s is not None:
                self._rest(max(self._idle_s, due_in_s))
                wait = self._idle_s
            elif self._rest(min(wait, longest_s)):
                wait = self._idle_s
            else:
                wait = max(self._idle_s, min(longest_s, wait * IDLE_GROWTH))

    def _rest(self, seconds: float) -> bool:
        """Wait so long, or until somebody wakes it or tells it to stop: True then."""
        woken = self._woken.wait(seconds)
        # Cleared before the turn: who wakes it in the midst of one has it look again.
        self._woken.clear()
        return woken

    def wake(self) -> None:
        """Have it take its turn now: there is something to do. Harmless to repeat."""
        self._woken.set()

    def beat(self, job: str) -> Beat:
        """What is known of it at this moment. A job whose thread has ended, or stands, says nothing good of itself."""
        now, failing, got_on_at = self._clock.now(), self._failing, self._got_on_at
        if got_on_at is not None:
            stands = timedelta(seconds=self._clock.monotonic() - got_on_at)
            if stands >= TURN_STANDS_AFTER:
                failing = (now - stands, TURN_STANDS)
        if not self._thread.is_alive() and not self._stopping.is_set():
            failing = (self._worked_at or now, THREAD_ENDED)
        return Beat(job, now, self._worked_at, *(failing or (None, None)))

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the turn under way."""
        self._stopping.set()
        self._woken.set()
        self._thread.join(timeout=30)


def stop_all(parts: Iterable[HttpServer | Loop]) -> None:
    """Stop parts in reverse order, whatever one of them does."""
    for part in reversed(list(parts)):
        part.stop()
