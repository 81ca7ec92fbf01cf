"""From an error to its problem document: the one table of statuses, and the handlers that apply it.

The core knows no HTTP; here a family becomes a status, and a few codes have one of their own. What an operator
must mend is told to the caller by its code alone, and in full to the log. An error that nobody foresaw is a 500
with a correlation id and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic_core import to_jsonable_python
from starlette.exceptions import HTTPException
from starlette.types import Scope

from api.http.bounds import TooLarge
from api.http.correlation import CorrelationMiddleware, correlation_of, log_failure
from api.http.validation import field_errors, repeated_parameter
from register.domain.access.caller import FreshSignInNeeded
from register.errors import (
    CallerError,
    Conflict,
    NotFound,
    NotPermitted,
    NotSignedIn,
    OperatorError,
    PartnerError,
    RegisterError,
)
from register.pseudonyms.errors import OverQuota
from schemas.problem import MEDIA_TYPE, FieldError, Problem
from sync.transport.partner import SCHEME as PARTNERS

ERROR_PAGE: Final = "/docs/error-codes"

STATUS: Final[Mapping[type[RegisterError], int]] = {
    CallerError: 422,
    NotFound: 404,
    Conflict: 409,
    NotSignedIn: 401,
    NotPermitted: 403,
    OverQuota: 429,
    PartnerError: 409,
    OperatorError: 503,
    RegisterError: 500,
}
STATUS_OF_CODE: Final[Mapping[str, int]] = {
    "unreadable-request": 400,
    "method-not-allowed": 405,
    "too-slow": 408,
    "incarnation-closed": 410,
    "precondition-failed": 412,
    "too-large": 413,
    "unsupported-media-type": 415,
    "precondition-required": 428,
    "search-budget-spent": 429,
    "headers-too-large": 431,
    "internal-error": 500,
    "evaluation-asker-awaited": 503,
}

Page = Callable[[Request, RegisterError], Response]
_PAGE: Final = "page_of_error"
_PROGRAMS: Final = ("/v1/", "/sync/", "/evaluate/", "/.well-known/", "/health", "/ready")
"""Where programs ask: they compare codes, and get the problem document whatever they accept."""

SCHEME_OF_CODE: Final[Mapping[str, str]] = {"unsigned-request": PARTNERS}
"""How to sign in, where it is not by a bearer token."""


class InvalidRequest(CallerError):
    """The request does not have the form that the route asks for; `errors` names each place."""

    code = "invalid-request"
    advice = "Correct the places that `errors` points at and send it again."


class MemberTwice(CallerError):
    """An object of the body has the same member twice; which of them counts, nobody can tell."""

    code = "member-given-twice"
    advice = "Give each member once and send it again; nothing was done."


class ParameterTwice(CallerError):
    """The address has the same parameter twice; which of them counts, nobody can tell."""

    code = "parameter-given-twice"
    advice = "Give each parameter once and send it again; nothing was done."


class UnreadableRequest(CallerError):
    """The request could not be read as HTTP of the kind this address takes."""

    code = "unreadable-request"
    advice = "Check the request's headers and encoding and send it again."


class NoSuchRoute(NotFound):
    """There is nothing at this address."""

    code = "no-such-route"
    advice = "Compare the address with the API's description."


class MethodNotAllowed(CallerError):
    """The address exists and does not take this method."""

    code = "method-not-allowed"
    advice = "Use one of the methods in the `Allow` header."


class UnsupportedMediaType(CallerError):
    """The body is not of a kind that this address takes."""

    code = "unsupported-media-type"
    advice = "Send JSON as `application/json`."


class PreconditionRequired(CallerError):
    """A change came without `If-Match`, so it could overwrite somebody else's."""

    code = "precondition-required"
    advice = "Read the object, and send its `ETag` back as `If-Match` with the change."


class InternalError(OperatorError):
    """The node met an error that nobody foresaw; nothing more is told to the caller."""

    code = "internal-error"
    advice = "Give the correlation id to the node's operator, who finds the cause in the log."


def refuse_parameters_twice(request: Request) -> None:
    """A dependency of every route: raises `ParameterTwice`, which names the parameter.

    Without it the last one counts and the others are dropped in silence: a filter that somebody believes in.
    """
    said = repeated_parameter(request.query_params.multi_items())
    if said is not None:
        raise ParameterTwice(f"{said} is given twice in the address; give it once")


def install(app: FastAPI, *, new_id: Callable[[], UUID]) -> None:
    """Make every refusal and failure of `app` a problem document, and give each request a correlation id.

    Args:
        app: before it serves.
        new_id: makes correlation ids; what a client sends as one is ignored.
    """
    app.add_exception_handler(RegisterError, _refuse_request)
    app.add_exception_handler(RequestValidationError, _answer_invalid_request)
    app.add_exception_handler(HTTPException, _answer_framework_refusal)
    app.add_middleware(CorrelationMiddleware, new_id=new_id, failed=_answer_unforeseen)


def status_of(error: type[RegisterError]) -> int:
    """The HTTP status of an error: that of the nearest code or family above it that has one."""
    for kind in error.__mro__:
        if issubclass(kind, RegisterError) and kind.code in STATUS_OF_CODE:
            return STATUS_OF_CODE[kind.code]
        if kind in STATUS:
            return STATUS[kind]
    raise TypeError(f"{error.__name__} is no error of the register")


def problem_of(error: RegisterError, correlation_id: str) -> Problem:
    """The problem document of an error. Of an `OperatorError` the message and details stay in the log."""
    kind = type(error)
    title = (kind.__doc__ or kind.__name__).strip().splitlines()[0]
    private = isinstance(error, OperatorError)
    details = {} if private else dict(error.details)
    errors = details.pop("errors", None)
    return Problem(
        type=f"{ERROR_PAGE}#{error.code}",
        title=title,
        status=status_of(kind),
        detail=title if private else str(error),
        instance=f"urn:uuid:{correlation_id}",
        code=error.code,
        advice=error.advice,
        correlation_id=correlation_id,
        errors=tuple(FieldError.model_validate(e) for e in errors) if errors else None,
        details=to_jsonable_python(details, fallback=lambda value: type(value).__name__) or None,
    )


def respond(error: RegisterError, correlation_id: str, headers: Mapping[str, str] | None = None) -> Response:
    """The whole answer to an error, with the headers that its status asks for."""
    problem = problem_of(error, correlation_id)
    sent = {"Cache-Control": "no-store", **_build_headers(error, problem.status), **(headers or {})}
    return Response(
        problem.model_dump_json(exclude_none=True), status_code=problem.status, headers=sent, media_type=MEDIA_TYPE
    )


def answer(scope: Scope, error: RegisterError, headers: Mapping[str, str] | None = None) -> Response:
    """The answer to an error, as whoever asks can read it: a page for a browser, else the problem document.

    Args:
        scope: of the request; the application in it has made pages its own with `show_pages_with`, or has none.
        error: what happened.
        headers: beside those that the status asks for.
    """
    page: Page | None = getattr(scope["app"].state, _PAGE, None) if "app" in scope else None
    if page is None or not _reads_pages(scope):
        return respond(error, correlation_of(scope), headers)
    made = page(Request(scope), error)
    made.headers.update(_build_headers(error, made.status_code) | dict(headers or {}))
    return made


def show_pages_with(app: FastAPI, page: Page) -> None:
    """Let `page` make what a browser is shown where an address is none of a program's."""
    setattr(app.state, _PAGE, page)


def _reads_pages(scope: Scope) -> bool:
    if any(scope["path"].startswith(place) for place in _PROGRAMS):
        return False
    accepted = b",".join(value for name, value in scope["headers"] if name == b"accept")
    return b"text/html" in accepted.lower()


def _answer_unforeseen(scope: Scope) -> Response:
    return answer(scope, InternalError("internal error"))


def _build_headers(error: RegisterError, status: int) -> dict[str, str]:
    headers: dict[str, str] = {}
    if isinstance(error, NotSignedIn):
        scheme = SCHEME_OF_CODE.get(error.code, "Bearer")
        # RFC 6750, 3.1: no error code for a caller who showed no token at all
        shown = "" if scheme != "Bearer" or error.code == NotSignedIn.code else ', error="invalid_token"'
        if isinstance(error, FreshSignInNeeded):
            shown = _asks_for(error)
        headers["WWW-Authenticate"] = f'{scheme} realm="rtr"{shown}'
    wait = error.details.get("retry_after_s")
    if type(wait) is int and wait >= 0 and status in {409, 429, 503}:
        headers["Retry-After"] = str(wait)
    return headers


def _asks_for(error: FreshSignInNeeded) -> str:
    """How old and how strong the sign-in may be (RFC 9470, 3)."""
    wanted = f', error="insufficient_user_authentication", max_age="{int(error.details["max_age"])}"'
    # Of this country's own settings, never of the request.
    acr = " ".join(error.details["acr_values"])
    return f'{wanted}, acr_values="{acr}"' if acr else wanted


async def _refuse_request(request: Request, error: Exception) -> Response:
    if not isinstance(error, RegisterError):  # the signature of handlers is wider than their registration
        raise error
    correlation_id = correlation_of(request.scope)
    if isinstance(error, OperatorError):
        log_failure("request.not_served", correlation_id, error, code=error.code, detail=str(error))
    return respond(error, correlation_id)


async def _answer_invalid_request(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = field_errors(error.errors())
    refusal = InvalidRequest(f"places of the request that are not valid: {len(found)}; see `errors`", errors=found)
    return respond(refusal, correlation_of(request.scope))


async def _answer_framework_refusal(request: Request, error: Exception) -> Response:
    """What the web framework itself refuses, such as an unknown address; its own text is not repeated."""
    if not isinstance(error, HTTPException):
        raise error
    return answer(request.scope, _refusal_of(error.status_code), _keep_allow_header(error.headers))


def _refusal_of(status: int) -> RegisterError:
    match status:
        case 400:
            return UnreadableRequest("the request could not be read")
        case 401:
            return NotSignedIn("no token was sent")
        case 403:
            return NotPermitted("this is not permitted")
        case 404:
            return NoSuchRoute("there is nothing at this address")
        case 405:
            return MethodNotAllowed("this address does not take that method")
        case 413:
            return TooLarge("the body is too large")
        case 415:
            return UnsupportedMediaType("this address does not take such a body")
        case _ if status < 500:  # noqa: PLR2004 - the classes of HTTP statuses
            return UnreadableRequest("the request was refused")
        case _:
            return InternalError("internal error")


def _keep_allow_header(headers: Mapping[str, Any] | None) -> dict[str, str]:
    return {name: value for name, value in (headers or {}).items() if name.lower() == "allow"}
