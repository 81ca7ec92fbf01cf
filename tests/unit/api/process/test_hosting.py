"""An address is host:port, or is refused before anything starts; connections and jobs go on whatever they meet."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx2
import pytest
import structlog.testing
from fastapi import FastAPI, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.process import hosting, worker
from api.process.hosting import (
    FAILING_MAX_S,
    RESTARTED_MAX_S,
    Address,
    BadAddress,
    HttpServer,
    Loop,
    PunctualProtocol,
)
from register.clock import SystemClock
from register.domain.running.node_finding import SILENT_AFTER, STANDS_AFTER, TURN_STANDS_AFTER
from register.domain.running.progress import note_progress


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:8101", Address("127.0.0.1", 8101)),
        (":0", Address("127.0.0.1", 0)),
        ("0.0.0.0:65535", Address("0.0.0.0", 65_535)),  # noqa: S104 - read, never listened on
    ],
)
def test_host_and_port_are_read(text: str, expected: Address) -> None:
    assert Address.parse(text) == expected


@pytest.mark.parametrize("text", ["", "127.0.0.1", "127.0.0.1:", "host:http", "host:65536", "host:-1", "host:²"])
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadAddress, match=r"127\.0\.0\.1:8101"):
        Address.parse(text)


def test_loop_outlives_whatever_its_job_raises_and_works_on() -> None:
    turns: list[int] = []
    worked = threading.Event()

    def turn() -> bool:
        turns.append(1)
        if len(turns) < 4:
            raise OSError(28, "No space left on device")
        worked.set()
        return False

    loop = Loop("AW-index", turn, idle_s=0.001)
    with structlog.testing.capture_logs() as lines:
        loop.start()
        assert worked.wait(30)
        loop.stop()
    failed = [line for line in lines if line["event"] == "worker.turn-failed"]
    assert [line["error_type"] for line in failed] == ["OSError"] * 3
    assert failed[0]["where"][-1].endswith(":turn")
    assert "space" not in str(failed)


def waits_of(loop: Loop, run: Callable[[], None], most: int) -> list[float]:
    """How long a job waited between its turns, until it was told to stop after so many waits."""
    waits: list[float] = []

    class Watched(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            if len(waits) == most:
                self.set()
            return False

    loop._stopping = Watched()
    with structlog.testing.capture_logs():
        run()
    return waits


def test_job_that_keeps_failing_is_tried_ever_less_often_up_to_a_bound() -> None:
    def turn() -> bool:
        raise ValueError

    loop = Loop("AW-index", turn, idle_s=0.05)
    waits = waits_of(loop, loop._run, 40)
    assert waits[0] == 0.05
    assert waits == sorted(waits)
    assert waits[-1] == FAILING_MAX_S


def test_job_that_is_woken_has_its_turn_at_once_also_one_woken_in_the_midst_of_it() -> None:
    turns = threading.Semaphore(0)
    in_the_midst: list[bool] = []

    def turn() -> bool:
        if not in_the_midst:
            in_the_midst.append(True)
            loop.wake()
        turns.release()
        return False

    loop = Loop("AW-index", turn, idle_s=3_600)
    loop.start()
    try:
        assert turns.acquire(timeout=30)
        assert turns.acquire(timeout=30), "woken while it worked, and it went to rest"
        loop.wake()
        assert turns.acquire(timeout=30)
    finally:
        loop.stop()


def test_job_that_fails_is_tried_no_sooner_because_it_is_woken() -> None:
    def turn() -> bool:
        loop.wake()
        raise ValueError

    loop = Loop("AW-index", turn, idle_s=0.05, idle_max_s=30.0)
    waits = waits_of(loop, loop._run, 40)
    assert waits == sorted(waits)
    assert waits[-1] == FAILING_MAX_S


def test_job_that_knows_when_it_is_due_waits_until_then_and_not_in_steps() -> None:
    due = iter([7.0, 0.0, 3.0])
    waits: list[float] = []

    class Watched(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            if len(waits) == 3:
                loop._stopping.set()
            return False

    loop = Loop("AW-pull-CW", lambda: False, idle_s=0.1, due_in=lambda: next(due))
    loop._woken = Watched()
    loop._run()
    assert waits == [7.0, 0.1, 3.0]


def test_server_that_is_told_to_end_does_not_wait_for_its_next_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosting, "TICK_S", 3_600.0)
    server = HttpServer(FastAPI(), Address("127.0.0.1", 0), name="test")
    assert not server.is_open()
    server.start()
    assert server.is_open()
    assert httpx2.get(f"{server.address.url}/", trust_env=False).status_code == 404
    server.stop()
    assert not server.is_open()
    assert not server._thread.is_alive(), "it would be given up after ten seconds"


@pytest.mark.parametrize("piece", [b"", b"GET / HTTP/1.1\r\nHost: a\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HT"])
def test_connection_on_which_no_whole_headers_come_is_closed(piece: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PunctualProtocol, "headers_within_s", 0.3)
    with served() as address, socket.create_connection((address.host, address.port), timeout=10) as line:
        line.sendall(piece)
        answer = b""
        # The server closes, or this fails after ten seconds: the keep-alive bound, which closes too, is thirty.
        while more := line.recv(4_096):
            answer += more
    assert answer.count(b"200 OK") == piece.count(b"\r\n\r\n")


def test_request_that_takes_longer_than_headers_may_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PunctualProtocol, "headers_within_s", 0.1)
    with served() as address:
        for _ in range(2):
            assert httpx2.get(f"{address.url}/slow", trust_env=False).json() == "at last"


LARGE: Final = 32 * 1024 * 1024
"""More bytes than the machine takes for a connection on which nobody reads."""


def test_client_that_does_not_read_what_it_asked_for_gives_back_the_place_of_its_requests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(PunctualProtocol, "reads_within_s", 0.3)
    open_now: list[int] = []
    most: list[int] = []
    with served(open_now, most) as address, socket.create_connection((address.host, address.port), timeout=30) as line:
        line.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n" * 2)  # the second waits for room for its answer
        clock, begun = SystemClock(), time.monotonic()
        while (len(most) < 2 or open_now) and time.monotonic() - begun < 10:
            clock.pause(0.02)
        assert (len(most), open_now) == (2, [])


def test_client_that_reads_slowly_gets_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PunctualProtocol, "reads_within_s", 3.0)
    with served() as address, socket.create_connection((address.host, address.port), timeout=30) as line:
        line.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        got = 0
        while piece := line.recv(1_048_576):
            got += len(piece)
            time.sleep(0.005)
    assert got > LARGE


@contextmanager
def served(open_now: list[int] | None = None, begun: list[int] | None = None) -> Iterator[Address]:
    """An application that answers at once, slowly or much; says which requests are open, and which were begun."""
    held, came = [] if open_now is None else open_now, [] if begun is None else begun
    app = FastAPI()
    app.get("/")(lambda: "at once")

    @app.get("/slow")
    async def slow() -> str:
        await asyncio.sleep(0.5)
        return "at last"

    @app.get("/large")
    def large() -> Response:
        return Response(bytes(LARGE))

    class Counted:
        """Notes who is worked on, as admission does."""

        def __init__(self, inner: ASGIApp) -> None:
            self._inner = inner

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await self._inner(scope, receive, send)
                return
            held.append(1)
            came.append(1)
            try:
                await self._inner(scope, receive, send)
            finally:
                held.pop()

    app.add_middleware(Counted)
    server = HttpServer(app, Address("127.0.0.1", 0), name="test")
    server.start()
    try:
        yield server.address
    finally:
        server.stop()


class Ended(BaseException):
    """What no `except Exception` catches: the thread of a job would end."""


def test_job_whose_thread_would_end_is_begun_again_and_named_until_it_works() -> None:
    turns: list[int] = []
    worked = threading.Event()
    said: list[str | None] = []

    def turn() -> bool:
        turns.append(1)
        if len(turns) == 2:
            raise Ended
        if len(turns) == 3:
            said.append(loop.beat("index").code)
            worked.set()
        return False

    loop = Loop("AW-index", turn, idle_s=0.001)
    with structlog.testing.capture_logs() as lines:
        loop.start()
        assert worked.wait(30)
        loop.stop()
    assert said == ["thread-ended"]
    assert loop.beat("index").code is None
    named = [(line["job"], line["error_type"]) for line in lines if line["event"] == "worker.job-ended"]
    assert named == [("AW-index", "Ended")]


def test_job_whose_thread_ends_again_and_again_is_begun_after_longer_pauses_up_to_a_bound() -> None:
    def turn() -> bool:
        raise Ended

    loop = Loop("AW-index", turn, idle_s=0.05)
    waits = waits_of(loop, loop._keep_running, 60)
    assert waits == sorted(waits)
    assert waits[-1] == RESTARTED_MAX_S
    assert loop.beat("index").code == "thread-ended"


def test_no_job_pauses_so_long_that_it_is_taken_for_one_that_stands() -> None:
    paces = {name: value for name, value in vars(worker).items() if name.endswith("_EVERY_S")}
    assert len(paces) > 5
    assert max(paces.values()) * 1.25 < STANDS_AFTER.total_seconds()


class Seconds:
    """The clock of a loop, of which a test says how many seconds are over."""

    def __init__(self) -> None:
        self.over = 0.0

    def now(self) -> datetime:
        return datetime(2026, 12, 1, tzinfo=UTC) + timedelta(seconds=self.over)

    def monotonic(self) -> float:
        return self.over


def test_turn_that_does_not_get_on_is_told_by_its_job_within_a_minute_and_one_that_works_for_long_is_not() -> None:
    goes_on, steps = threading.Event(), threading.Semaphore(0)
    stepped = threading.Semaphore(0)

    def turn() -> bool:
        for _ in range(3):
            steps.acquire()
            note_progress()  # as each answer of the database does
            stepped.release()
        goes_on.wait()
        return False

    loop, clock = Loop("AW-share", turn, idle_s=3_600), Seconds()
    loop._clock = clock  # type: ignore[assignment]  # what a loop asks of it
    loop.start()
    try:
        for _ in range(3):
            clock.over += TURN_STANDS_AFTER.total_seconds() - 1
            steps.release()
            assert stepped.acquire(timeout=10)
            assert loop.beat("share").code is None
        clock.over += TURN_STANDS_AFTER.total_seconds()
        told = loop.beat("share")
        assert (told.code, told.failing_since) == ("turn-stands", told.at - TURN_STANDS_AFTER)
    finally:
        goes_on.set()
        loop.stop()
    assert loop.beat("share").code is None
    assert TURN_STANDS_AFTER.total_seconds() + worker.BEAT_EVERY_S < SILENT_AFTER.total_seconds()
