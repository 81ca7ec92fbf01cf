"""A body that is too large or too slow is refused, whether it says so or not, and the application never sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from api.http.bounds import HEADERS_MAX, Bounds
from register.errors import RegisterError

MOST = 10


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with how much was read."""
    body = await Request(scope, receive).body()
    await PlainTextResponse(f"read {len(body)}")(scope, receive, send)


def refuse(_: Scope, error: RegisterError) -> Response:
    return PlainTextResponse(error.code, 400)


def ask(
    pieces: Sequence[bytes | None],
    *,
    said: bytes | None = None,
    more: Sequence[tuple[bytes, bytes]] = (),
    within_s: float = 30.0,
) -> list[Message]:
    """What is sent to a client whose body comes in these pieces; None is a piece that never comes."""
    headers = [*([] if said is None else [(b"content-length", said)]), *more]
    incoming = [
        None if piece is None else {"type": "http.request", "body": piece, "more_body": i < len(pieces) - 1}
        for i, piece in enumerate(pieces)
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        message = incoming.pop(0) if incoming else {"type": "http.disconnect"}
        if message is None:
            await asyncio.Event().wait()
        assert message is not None
        return message

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "POST", "path": "/", "headers": headers, "query_string": b""}
    asyncio.run(Bounds(echo, refuse=refuse, most=MOST, within_s=within_s)(scope, receive, send))
    return sent


def said_of(sent: Sequence[Message]) -> bytes:
    """The body of the one answer."""
    assert [m["type"] for m in sent].count("http.response.start") == 1
    return b"".join(m.get("body", b"") for m in sent)


@pytest.mark.parametrize("said", [b"11", b"999999999999", b"9" * 5_000, b"-1", b"x", b""])
def test_a_length_that_is_too_large_or_none_is_refused_unread(said: bytes) -> None:
    assert said_of(ask([None], said=said)) == b"too-large"


def test_a_length_within_the_bound_is_let_through() -> None:
    assert said_of(ask([b"0123456789"], said=b"10")) == b"read 10"


def test_a_body_that_lies_about_its_length_is_refused_while_it_is_read() -> None:
    assert said_of(ask([b"01234", b"56789", b"a", None], said=b"10")) == b"too-large"


def test_a_body_that_does_not_come_in_time_is_refused() -> None:
    assert said_of(ask([b"01", None], within_s=0.01)) == b"too-slow"


def test_a_refused_connection_is_closed_so_that_the_rest_of_a_body_is_no_request() -> None:
    (start, *_) = ask([b"x" * 11])
    assert (b"connection", b"close") in start["headers"]


def test_headers_beyond_the_bound_are_refused_before_the_body_is_read() -> None:
    fits, over = ((b"cookie", b"c" * size) for size in (HEADERS_MAX - 6, HEADERS_MAX - 5))
    assert said_of(ask([b""], more=[fits])) == b"read 0"
    assert said_of(ask([None], more=[over])) == b"headers-too-large"


def test_a_client_that_leaves_before_its_body_is_whole_is_answered_nothing() -> None:
    assert ask([]) == []


def test_the_application_learns_that_its_client_has_left() -> None:
    seen: list[str] = []

    async def app(_: Scope, receive: Receive, __: Send) -> None:
        seen.extend([(await receive())["type"], (await receive())["type"]])

    incoming: list[Message] = [{"type": "http.request", "body": b""}, {"type": "http.disconnect"}]

    async def receive() -> Message:
        return incoming.pop(0)

    async def nowhere(_: Message) -> None: ...

    scope: Scope = {"type": "http", "headers": []}
    asyncio.run(Bounds(app, refuse=refuse)(scope, receive, nowhere))
    assert seen == ["http.request", "http.disconnect"]


class Crowd:
    """Clients whose bodies come as the test says, all at one application with room for few."""

    def __init__(self, **room: int) -> None:
        self._app = Bounds(echo, refuse=refuse, most=100, **room)
        self._ways: dict[str, asyncio.Queue[Message]] = {}
        self._sent: dict[str, list[Message]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def begins(self, name: str, said: int = 100) -> None:
        """A client says how much it will send."""
        way: asyncio.Queue[Message] = asyncio.Queue()
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [(b"content-length", b"%d" % said)] if said else []
        scope: Scope = {"type": "http", "method": "POST", "path": "/", "headers": headers, "query_string": b""}
        self._ways[name], self._sent[name] = way, sent
        self._tasks[name] = asyncio.create_task(self._app(scope, way.get, send))
        await _all_goes_on()

    async def sends(self, name: str, size: int, *, more: bool = True) -> None:
        """A piece of a client's body."""
        self._ways[name].put_nowait({"type": "http.request", "body": b"x" * size, "more_body": more})
        await _all_goes_on()

    async def leaves(self, name: str) -> None:
        """A client goes away in the middle of its body."""
        self._ways[name].put_nowait({"type": "http.disconnect"})
        await _all_goes_on()

    def said_to(self, name: str) -> bytes | None:
        """What a client was answered; None while it is read."""
        return said_of(self._sent[name]) if self._sent[name] else None


async def _all_goes_on() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_one_more_body_than_are_read_at_once_is_told_to_come_back_and_what_has_none_is_served() -> None:
    async def story() -> None:
        crowd = Crowd(at_once=2)
        for name in ("first", "second", "third"):
            await crowd.begins(name)
        assert [crowd.said_to(n) for n in ("first", "second", "third")] == [None, None, b"overloaded"]
        await crowd.begins("reads", said=0)
        await crowd.sends("reads", 0, more=False)
        assert crowd.said_to("reads") == b"read 0"
        await crowd.sends("first", 7, more=False)
        await crowd.leaves("second")
        assert crowd.said_to("first") == b"read 7"
        for name in ("fourth", "fifth"):
            await crowd.begins(name)
            await crowd.sends(name, 1, more=False)
            assert crowd.said_to(name) == b"read 1"

    asyncio.run(story())


def test_large_bodies_have_a_bound_in_sum_that_leaves_small_ones_their_room() -> None:
    async def story() -> None:
        crowd = Crowd(at_once=10, small=10, large_sum=100)
        for name in ("first", "second"):
            await crowd.begins(name)
            await crowd.sends(name, 60)  # 50 of them count
        await crowd.begins("third")
        await crowd.sends("third", 11)
        assert crowd.said_to("third") == b"overloaded"
        await crowd.begins("report")
        await crowd.sends("report", 10, more=False)
        assert crowd.said_to("report") == b"read 10"
        await crowd.sends("second", 1)
        assert crowd.said_to("second") == b"overloaded", "who would pass the bound is the one to go"
        await crowd.sends("first", 40, more=False)
        assert crowd.said_to("first") == b"read 100"

    asyncio.run(story())


def test_nothing_stays_counted_of_bodies_that_were_refused_or_left() -> None:
    async def story() -> None:
        crowd = Crowd(at_once=1, small=10, large_sum=50)
        for n in range(5):
            await crowd.begins(f"left {n}")
            await crowd.sends(f"left {n}", 50)
            await crowd.leaves(f"left {n}")
            await crowd.begins(f"over {n}")
            await crowd.sends(f"over {n}", 61)
            assert crowd.said_to(f"over {n}") == b"overloaded"
        await crowd.begins("last")
        await crowd.sends("last", 60, more=False)
        assert crowd.said_to("last") == b"read 60"

    asyncio.run(story())


def test_other_protocols_pass() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, _: Send) -> None:
        seen.extend([scope["type"], (await receive())["type"]])

    async def nothing() -> Message:
        return {"type": "lifespan.startup"}

    async def nowhere(_: Message) -> None: ...

    asyncio.run(Bounds(app, refuse=refuse)({"type": "lifespan"}, nothing, nowhere))
    assert seen == ["lifespan", "lifespan.startup"]


@given(pieces=st.lists(st.binary(max_size=6), min_size=1, max_size=6), tells=st.booleans())
def test_size_alone_decides_however_the_body_comes(pieces: list[bytes], *, tells: bool) -> None:
    size = sum(map(len, pieces))
    expected = b"read %d" % size if size <= MOST else b"too-large"
    assert said_of(ask(pieces, said=b"%d" % size if tells else None)) == expected
