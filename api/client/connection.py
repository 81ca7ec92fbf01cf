"""One request and its answer: the token, the retries, and problems turned into errors.

Repeated is only what may safely arrive twice, and only where repeating can help: no answer came, the first attempt
is still being worked on, or the node is busy. The number of attempts and each pause are bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Self, TypeAlias, assert_never

import httpx2
from pydantic import ValidationError

from api.client.address import safe_url
from api.client.errors import (
    BadAnswer,
    ConflictAnswer,
    NotSignedInAnswer,
    OperatorAnswer,
    ProblemAnswer,
    RegisterUnreachable,
    answer_of,
)
from api.client.tokens import SignIn, Tokens
from register.clock import Clock, SystemClock
from register.tls import trusted
from schemas.problem import MEDIA_TYPE, Problem
from sync.transport.deadline import PunctualTransport

IN_FLIGHT: Final = "idempotency-in-flight"
_JSON: Final = "application/json"
_BUSY: Final = frozenset((502, 503, 504))
_Failed: TypeAlias = RegisterUnreachable | BadAnswer | ProblemAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often and how patiently a request is repeated.

    Attributes:
        attempts: with the first one.
        first_pause_s: before the second attempt; each further pause is twice as long.
        longest_pause_s: bounds every pause, also what the register asks for.
    """

    attempts: int = 4
    first_pause_s: float = 0.2
    longest_pause_s: float = 5.0

    def pause_s(self, failed: int, wanted_s: float | None = None) -> float:
        """Seconds to wait after so many failed attempts."""
        return min(self.longest_pause_s, max(self.first_pause_s * 2.0 ** (failed - 1), wanted_s or 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to the register.

    Attributes:
        path: below the register's address.
        body: JSON, or None without one.
        repeatable: arriving twice changes nothing more than arriving once.
        also: further statuses that are answers, not refusals.
    """

    method: str
    path: str
    repeatable: bool
    params: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    also: frozenset[int] = frozenset()


class Connection:
    """The way to one register."""

    def __init__(
        self,
        base_url: str,
        token: Callable[[], str] | SignIn,
        *,
        clock: Clock | None = None,
        retry: Retry | None = None,
        timeout_s: float = 10.0,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        self.base_url = safe_url(base_url)
        self.clock: Clock = SystemClock() if clock is None else clock
        self._retry = Retry() if retry is None else retry
        self._pause = SystemClock().pause if pause is None else pause
        # No proxy and no password file of the environment: the token goes to the address given and nowhere else.
        self._http = httpx2.Client(
            transport=PunctualTransport(trusted()), timeout=timeout_s, follow_redirects=False, trust_env=False
        )
        self._token = Tokens(token, self._http, self.clock) if isinstance(token, SignIn) else token

    def call(self, request: Request) -> httpx2.Response:
        """Send a request and return the answer.

        Raises:
            ProblemAnswer: the register refused; its class is the family of the refusal.
            RegisterUnreachable: no answer came.
            BadAnswer: what came is not an answer of a register.
        """
        failed = 0
        while True:
            try:
                return self._attempt(request)
            except (RegisterUnreachable, BadAnswer, ProblemAnswer) as error:
                failed += 1
                if not request.repeatable or failed >= self._retry.attempts or not _may_help(error):
                    raise
                wanted_s = error.retry_after_s if isinstance(error, ProblemAnswer) else None
            self._pause(self._retry.pause_s(failed, wanted_s))

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _attempt(self, request: Request) -> httpx2.Response:
        token = self._token()
        answer = self._send(request, token)
        if answer.status_code == httpx2.codes.UNAUTHORIZED and isinstance(self._token, Tokens):
            # Refused at the door, so nothing was done. Perhaps the provider changed its key: once more with a new one.
            self._token.forget(token)
            answer = self._send(request, self._token())
        if answer.is_success or answer.status_code in request.also:
            return answer
        raise _read_refusal(answer)

    def _send(self, request: Request, token: str) -> httpx2.Response:
        headers = {"Accept": f"{_JSON}, {MEDIA_TYPE}", **request.headers, "Authorization": f"Bearer {token}"}
        if request.body is not None:
            headers["Content-Type"] = _JSON
        try:
            return self._http.request(
                request.method,
                f"{self.base_url}{request.path}",
                params=dict(request.params) or None,
                content=None if request.body is None else request.body.encode(),
                headers=headers,
            )
        except (httpx2.RequestError, httpx2.InvalidURL) as exc:
            raise RegisterUnreachable(f"{self.base_url} gave no answer ({type(exc).__name__})") from exc


def _may_help(error: _Failed) -> bool:
    match error:
        case ConflictAnswer():
            return error.problem.code == IN_FLIGHT
        case OperatorAnswer():
            return error.problem.status in _BUSY
        case BadAnswer():
            return error.details.get("status") in _BUSY
        case RegisterUnreachable():
            return True
        case ProblemAnswer():
            return False
        case _:
            assert_never(error)


def _read_refusal(answer: httpx2.Response) -> ProblemAnswer | BadAnswer:
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == MEDIA_TYPE:
        try:
            problem = Problem.model_validate_json(answer.content)
        except ValidationError:
            pass
        else:
            if problem.status == answer.status_code:
                return answer_of(problem, retry_after_s=_read_seconds(answer.headers.get("Retry-After")))
    status = answer.status_code
    if status == httpx2.codes.UNAUTHORIZED:
        return answer_of(_build_unsigned_problem())
    return BadAnswer(f"status {status} came without a problem document", status=status)


def _build_unsigned_problem() -> Problem:
    """A proxy before the register asks for a sign-in in words of its own; to us it is the same refusal."""
    nowhere = "00000000-0000-0000-0000-000000000000"
    return Problem(
        type="/docs/error-codes#not-signed-in",
        title="The caller is unknown.",
        status=401,
        detail="the address asks for another sign-in",
        instance=f"urn:uuid:{nowhere}",
        code=NotSignedInAnswer.code,
        advice=NotSignedInAnswer.advice,
        correlation_id=nowhere,
    )


def _read_seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isascii() and text.isdigit() else None
