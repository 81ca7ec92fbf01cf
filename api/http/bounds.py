"""Bounds on what a client may send, and how slowly: a request is read whole before anything else begins with it.

Whoever sends slowly, or more than is taken, costs a little memory for a while, and no place of those who work: the
places are given (admission.py) to requests that are there. How much memory that is together is bounded too. A small
body, such as a report, is bounded by their number only, so that large ones cannot leave it no room.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.admission import COME_BACK_S, Overloaded
from register.errors import CallerError, RegisterError
from register.logs import logger

BODY_MAX: Final = 1 * 1024 * 1024
"""Bytes of a request's body; pages of the exchange travel in answers, not in requests."""
BODY_WITHIN_S: Final = 60.0
"""Seconds for the whole of it: the largest body on a bad day of a mobile network takes forty."""
HEADERS_MAX: Final = 32 * 1024
"""Bytes of a request's headers, names and values: the largest token and the cookies of a browser fit several times."""
AT_ONCE_MAX: Final = 500
"""Requests with a body that are being read."""
SMALL: Final = 64 * 1024
"""Bytes of a body that count for nothing; what is beyond them counts in the sum of all."""
LARGE_SUM_MAX: Final = 64 * 1024 * 1024
"""Bytes held of all that are being read, beyond the small part of each."""
_DIGITS_MAX: Final = 20


class TooLarge(CallerError):
    """The body is larger than this address takes."""

    code = "too-large"
    advice = "Send less at a time; the message names the bound."


class HeadersTooLarge(CallerError):
    """The headers are larger than this node takes."""

    code = "headers-too-large"
    advice = "Send fewer or shorter headers; a browser does so once its cookies for this address are deleted."


class TooSlow(CallerError):
    """The body did not arrive in time."""

    code = "too-slow"
    advice = "Send it again, over a better line or in smaller parts; nothing was done."


class Bounds:
    """Refuses what is too large or too slow, and gives the application the body as one piece."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        refuse: Callable[[Scope, RegisterError], Response],
        most: int = BODY_MAX,
        within_s: float = BODY_WITHIN_S,
        at_once: int = AT_ONCE_MAX,
        small: int = SMALL,
        large_sum: int = LARGE_SUM_MAX,
    ) -> None:
        """Stand before an application.

        Args:
            app: gets `http.request` once, whole; what it receives afterwards is whether the client has left.
            refuse: makes the answer of a refusal.
            most: bytes of a body.
            within_s: seconds for all of it.
            at_once: requests with a body that are being read.
            small: bytes of each body that `large_sum` leaves out.
            large_sum: bytes of all bodies that are being read.
        """
        self._app, self._refuse, self._most, self._within_s = app, refuse, most, within_s
        self._at_once, self._small, self._large_sum = at_once, small, large_sum
        self._reading, self._large = 0, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            self._check_said(scope)
            async with asyncio.timeout(self._within_s):
                body = await self._read(receive, takes=_has_body(scope))
        except ClientDisconnect:
            return  # it left; whatever is answered goes to nobody
        except TimeoutError:
            slow = TooSlow(f"a request's body must be here within {self._within_s:g} seconds")
            await self._end(slow, scope, receive, send)
            return
        except Overloaded as error:
            # One line a minute, however many are sent away (register/logs.py).
            logger().warning("request.sent-away", job="arriving", count=self._reading)
            await self._end(error, scope, receive, send)
            return
        except RegisterError as error:
            await self._end(error, scope, receive, send)
            return
        given = False

        async def whole() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, whole, send)

    def _check_said(self, scope: Scope) -> None:
        size = sum(len(name) + len(value) for name, value in scope["headers"])
        if size > HEADERS_MAX:
            raise HeadersTooLarge(f"a request's headers have at most {HEADERS_MAX} bytes")
        said: bytes = dict(scope["headers"]).get(b"content-length", b"0")
        # A number of twenty digits need not be read to know; one that is no number is refused with the rest.
        if not said.isdigit() or len(said) > _DIGITS_MAX or int(said) > self._most:
            raise self._too_large()

    async def _read(self, receive: Receive, *, takes: bool) -> bytes:
        """The whole body; `takes` one of the places where there is one to come, else it is here already.

        Everything here runs in one event loop: what is counted cannot be counted by two.
        """
        if takes and self._reading >= self._at_once:
            raise _too_many()
        held, counted = bytearray(), 0
        self._reading += takes
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                held += message.get("body", b"")
                if len(held) > self._most:
                    raise self._too_large()
                more = max(0, len(held) - self._small) - counted
                if self._large + more > self._large_sum:
                    raise _too_many()
                counted, self._large = counted + more, self._large + more
                if not message.get("more_body", False):
                    return bytes(held)
        finally:
            self._reading -= takes
            self._large -= counted

    def _too_large(self) -> TooLarge:
        return TooLarge(f"a request's body has at most {self._most} bytes")

    async def _end(self, error: RegisterError, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and close: what the client still sends of this request is not read as the next one."""
        answer = self._refuse(scope, error)
        answer.headers["Connection"] = "close"
        await answer(scope, receive, send)


def _has_body(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    return headers.get(b"content-length", b"0").strip(b"0") != b"" or b"transfer-encoding" in headers


def _too_many() -> Overloaded:
    return Overloaded("too many requests are being sent at once", retry_after_s=COME_BACK_S)
