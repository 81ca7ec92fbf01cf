"""A body that is too large is answered 413, whether it says so or not, and nothing of it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.bounds import BodyBound

MOST = 10


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with how much was read."""
    body = await Request(scope, receive).body()
    await PlainTextResponse(f"read {len(body)}")(scope, receive, send)


async def swallow(scope: Scope, receive: Receive, send: Send) -> None:
    """Read as `echo`, and take a client that left for a mistake of its own, as a framework may."""
    try:
        await Request(scope, receive).body()
    except Exception:  # noqa: BLE001 - as broad as the framework's
        await PlainTextResponse("a mistake", 400)(scope, receive, send)
    else:
        await PlainTextResponse("read")(scope, receive, send)


async def early(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer without reading."""
    await PlainTextResponse("no need", 401)(scope, receive, send)


def refuse(_: Scope) -> Response:
    return PlainTextResponse("too large", 413)


def ask(app: ASGIApp, pieces: Sequence[bytes], *, said: bytes | None = None) -> tuple[int, bytes]:
    """The status and body that a request with this body gets."""
    headers = [] if said is None else [(b"content-length", said)]
    incoming: list[Message] = [
        {"type": "http.request", "body": piece, "more_body": i < len(pieces) - 1} for i, piece in enumerate(pieces)
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return incoming.pop(0) if incoming else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "POST", "path": "/", "headers": headers, "query_string": b""}
    asyncio.run(BodyBound(app, refuse=refuse, most=MOST)(scope, receive, send))
    starts = [m for m in sent if m["type"] == "http.response.start"]
    assert len(starts) == 1
    return starts[0]["status"], b"".join(m.get("body", b"") for m in sent)


@pytest.mark.parametrize("app", [echo, swallow])
@pytest.mark.parametrize("said", [b"11", b"999999999999", b"9" * 5_000, b"-1", b"x", b""])
def test_a_length_that_is_too_large_or_none_is_refused_unread(app: ASGIApp, said: bytes) -> None:
    assert ask(app, [b"short"], said=said) == (413, b"too large")


def test_a_length_within_the_bound_is_let_through() -> None:
    assert ask(echo, [b"0123456789"], said=b"10") == (200, b"read 10")


@pytest.mark.parametrize("app", [echo, swallow])
def test_a_body_that_lies_about_its_length_is_refused_while_it_is_read(app: ASGIApp) -> None:
    assert ask(app, [b"01234", b"56789", b"a"], said=b"10") == (413, b"too large")


def test_an_answer_that_needs_no_body_is_given() -> None:
    assert ask(early, [b"x" * 100]) == (401, b"no need")


def test_a_client_that_leaves_is_no_matter_of_size() -> None:
    with pytest.raises(ClientDisconnect):
        ask(echo, [])


def test_other_protocols_pass() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, _: Send) -> None:
        seen.extend([scope["type"], (await receive())["type"]])

    async def nothing() -> Message:
        return {"type": "lifespan.startup"}

    async def nowhere(_: Message) -> None: ...

    asyncio.run(BodyBound(app, refuse=refuse)({"type": "lifespan"}, nothing, nowhere))
    assert seen == ["lifespan", "lifespan.startup"]


@given(pieces=st.lists(st.binary(max_size=6), min_size=1, max_size=6), tells=st.booleans())
def test_size_alone_decides_however_the_body_comes(pieces: list[bytes], *, tells: bool) -> None:
    size = sum(map(len, pieces))
    expected = (200, b"read %d" % size) if size <= MOST else (413, b"too large")
    assert ask(echo, pieces, said=b"%d" % size if tells else None) == expected
