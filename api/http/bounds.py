"""Bounds on what a client may send, applied while it streams in: nothing is kept of what is too large."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_MAX = 1 * 1024 * 1024
"""Bytes of a request's body; pages of the exchange travel in answers, not in requests."""
_DIGITS_MAX = 20


class BodyBound:
    """Answers 413 to a body that says it is too large, and to one that grows too large while it is read."""

    def __init__(self, app: ASGIApp, *, refuse: Callable[[Scope], Response], most: int = BODY_MAX) -> None:
        self._app, self._refuse, self._most = app, refuse, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._says_too_much(scope):
            await self._refuse(scope)(scope, receive, send)
            return
        taken, begun = 0, False

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._most:
                # The application sees the client leave: it keeps nothing, and what it answers goes to nobody.
                return {"type": "http.disconnect"}
            return message

        async def unless_too_large(message: Message) -> None:
            nonlocal begun
            if taken <= self._most or begun:
                begun = True
                await send(message)

        try:
            await self._app(scope, bounded, unless_too_large)
        except ClientDisconnect:
            if taken <= self._most:
                raise
        if taken > self._most and not begun:
            await self._refuse(scope)(scope, receive, send)

    def _says_too_much(self, scope: Scope) -> bool:
        said: bytes = dict(scope["headers"]).get(b"content-length", b"0")
        # A number of twenty digits need not be read to know; one that is no number is the server's to refuse.
        return not said.isdigit() or len(said) > _DIGITS_MAX or int(said) > self._most
