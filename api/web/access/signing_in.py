"""The doors of the pages: sign in, come back from the provider, sign out, choose a language."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.http.caller import Registered
from api.http.correlation import correlation_of, log_failure
from api.http.sign_in import SignInRefused
from api.web.access.oidc import LASTS, NotFresh, SignIn
from api.web.frame.addresses import NEXT_MAX, own_path
from api.web.frame.guard import PageRoute, SentHere, cookie_name, to
from api.web.frame.languages import OWN_NAMES
from api.web.frame.rendering import LANGUAGE_COOKIE, render
from register.core import Register
from register.domain.access.browser import browser_of
from register.domain.access.caller import SignedIn
from register.services.access.identify_caller import identify_caller
from register.services.access.open_session import close_session, open_session

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_YEAR_S: Final = 31_536_000
Fresh = Annotated[str, Query(max_length=10)]
Next = Annotated[str | None, Query(alias="next", max_length=NEXT_MAX)]


@router.get("/sign-in")
def sign_in(request: Request, register: Registered, wanted: Next = None, fresh: Fresh = "") -> Response:
    """Send the browser to the country's provider; `fresh` has the person asked anew there."""
    address, cookie = _find_sign_in(request).begin(wanted, fresh=fresh == "yes")
    answer = to(address)
    answer.set_cookie(
        _pending_cookie(register),
        cookie,
        max_age=int(LASTS.total_seconds()),
        secure=True,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/signed-in")
def signed_in(
    request: Request,
    register: Registered,
    state: Annotated[str, Query(max_length=512)] = "",
    code: Annotated[str, Query(max_length=2_048)] = "",
    iss: Annotated[str | None, Query(max_length=512)] = None,
) -> Response:
    """Take the provider's answer: a new session under a new cookie, whatever the browser sent before."""
    door = _find_sign_in(request)
    wanted = "/"
    try:
        pending = door.pending(request.cookies.get(_pending_cookie(register)), state, iss)
        wanted = pending.next
        who = door.redeem(code, pending)
    except NotFresh as error:
        log_failure("sign_in.not_fresh", correlation_of(request.scope), error, code=error.code)
        answer: Response = _show_signed_out(request, register, "stale", wanted, status=403)
    except SignInRefused:
        answer = _show_signed_out(request, register, "refused", "/", status=403)
    else:
        caller = identify_caller(register, who.subject, SignedIn(who.authenticated.at, who.authenticated.acr))
        before = request.cookies.get(cookie_name(register))
        browser = browser_of(request.headers.get("user-agent", ""))
        token = open_session(register, caller, who.name, replaces=before, browser=browser)
        answer = to(pending.next)
        answer.set_cookie(cookie_name(register), token, secure=True, httponly=True, samesite="lax")
    answer.delete_cookie(_pending_cookie(register), secure=True, httponly=True, samesite="lax")
    return answer


@router.post("/sign-out")
def sign_out(sent: SentHere) -> Response:
    """End the session, here and in the browser."""
    register = sent.visitor.register
    close_session(register, sent.visitor.caller, sent.visitor.token)
    answer = to("/signed-out/done")
    answer.delete_cookie(cookie_name(register), secure=True, httponly=True, samesite="lax")
    return answer


@router.get("/signed-out/{why}")
def signed_out(
    request: Request, register: Registered, why: Literal["done", "idle", "kept", "held", "needed"], wanted: Next = None
) -> Response:
    """Say why nobody is signed in, and lead back to where somebody was."""
    return _show_signed_out(request, register, why, own_path(wanted))


@router.get("/language/{language}")
def language(language: str, wanted: Next = None) -> Response:
    """Keep the reader's choice of language in his own browser."""
    answer = to(own_path(wanted))
    if language in OWN_NAMES:
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR_S, secure=True, httponly=True, samesite="lax")
    return answer


def _show_signed_out(request: Request, register: Register, why: str, wanted: str, *, status: int = 200) -> Response:
    idle_minutes = register.settings.of(register.partition).session_idle_s // 60
    return render(
        request,
        "access/signed_out.html",
        country=register.partition,
        intake=True,  # whoever chose a language of the intake form is not put out of it at the door
        status=status,
        why=why,
        wanted=wanted,
        idle_minutes=idle_minutes,
    )


def _find_sign_in(request: Request) -> SignIn:
    door: SignIn = request.app.state.sign_in
    return door


def _pending_cookie(register: Register) -> str:
    return f"{cookie_name(register)}-in"
