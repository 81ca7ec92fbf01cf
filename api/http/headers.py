"""Headers that every answer carries, whatever made it."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class StandingHeaders:
    """Says the API's version, forbids caches and guessing, and lets no page frame an answer."""

    def __init__(self, app: ASGIApp, *, version: str) -> None:
        self._app, self._version = app, version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["API-Version"] = self._version
                headers.setdefault("Cache-Control", "no-store")
                headers["X-Content-Type-Options"] = "nosniff"
                # The pages allow it to themselves: without it a browser hides the origin of a form.
                headers.setdefault("Referrer-Policy", "no-referrer")
                headers["X-Frame-Options"] = "DENY"
            await send(message)

        await self._app(scope, receive, send_marked)
