"""Headers that every answer carries, whatever made it."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NO_DEVICES: Final = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), display-capture=()"
"""No page of ours asks for one; a script that got into a page cannot either."""
HTTPS_ONLY: Final = "max-age=31536000"
"""A year, in seconds. Without `includeSubDomains`: what else lives under a ministry's name is not ours to decide."""


class StandingHeaders:
    """Says the API's version, forbids caches and guessing, and lets no other page frame, open or load an answer."""

    def __init__(self, app: ASGIApp, *, version: str, https_only: bool = False) -> None:
        """Stand outermost.

        Args:
            app: whose answers are marked.
            version: of the API.
            https_only: whether browsers are told never to come without encryption again.
        """
        self._app, self._version, self._https_only = app, version, https_only

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
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                headers["Permissions-Policy"] = NO_DEVICES
                if self._https_only:
                    headers["Strict-Transport-Security"] = HTTPS_ONLY
            await send(message)

        await self._app(scope, receive, send_marked)
