"""One id a request, made by us: in the answer's `X-Correlation-Id`, in problem documents and in every log line.

Also the last net: an error that nobody foresaw ends here, since the server's own report would write the text of
the exception, and with it perhaps a person's data, to its log. Logged are the class of the error and where it
arose, never its words.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any, Final
from uuid import UUID

import structlog
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from register.logs import frames_of, logger

HEADER: Final = "X-Correlation-Id"


class AnswerBroken(RuntimeError):
    """The answer had begun when the request failed; raised in place of the error, so that the server closes."""


class CorrelationMiddleware:
    """Gives each HTTP request its id and turns unforeseen errors into `failed(scope)`."""

    def __init__(
        self, app: ASGIApp, *, new_id: Callable[[], UUID], failed: Callable[[MutableMapping[str, Any]], Response]
    ) -> None:
        self._app, self._new_id, self._failed = app, new_id, failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlation_id = str(self._new_id())
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        begun = False

        async def send_marked(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                MutableHeaders(scope=message)[HEADER] = correlation_id
            await send(message)

        with structlog.contextvars.bound_contextvars(correlation_id=correlation_id):
            try:
                await self._app(scope, receive, send_marked)
            except Exception as error:  # noqa: BLE001 - the last net: every error of a request ends here
                log_failure("request.failed", correlation_id, error)
                if begun:
                    raise AnswerBroken(correlation_id) from None
                await self._failed(scope)(scope, receive, send_marked)


def correlation_of(scope: MutableMapping[str, Any]) -> str:
    """The id of the request; the nil UUID outside the middleware, as in a test of a bare application."""
    return str(scope.get("state", {}).get("correlation_id", UUID(int=0)))


def log_failure(event: str, correlation_id: str, error: BaseException, **more: str) -> None:
    """Log an error by its class and its frames (file, line, function); its message only where `more` holds it."""
    where = frames_of(error)
    logger().error(event, correlation_id=correlation_id, error_type=type(error).__name__, where=where, **more)
