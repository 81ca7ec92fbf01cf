"""Bounds on what a client may send, applied while it streams in: nothing is kept of what is too large."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_MAX = 1 * 1024 * 1024
"""Bytes of a request's body; pages of the exchange travel in answers, not in requests."""


class BodyBound:
    """Answers 413 to a body that says it is too large, and stops reading one that grows too large."""

    def __init__(self, app: ASGIApp, *, refuse: Callable[[Scope], Response], most: int = BODY_MAX) -> None:
        self._app, self._refuse, self._most = app, refuse, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = dict(scope["headers"]).get(b"content-length", b"0")
        if not said.isdigit() or int(said) > self._most:
            await self._refuse(scope)(scope, receive, send)
            return
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._most:
                # The application sees the client leave; it answers nobody and keeps nothing.
                return {"type": "http.disconnect"}
            return message

        await self._app(scope, bounded, send)
