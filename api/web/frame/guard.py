"""Who is at a page, whether a form was really sent from it, and what happens when something is refused.

Every page that needs a person takes a `Visitor`; every form takes a `Sender`, which is there only if the form came
from our own origin and carries the token of the very session that it is sent in.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, quote, urlsplit
from uuid import UUID

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute

from api.http import problems
from api.http.caller import Registered, the_register
from api.http.correlation import correlation_of, log_failure
from api.web.access.oidc import base_url
from api.web.frame.addresses import own_path, whole_path
from api.web.frame.languages import N_, Text
from api.web.frame.navigation import areas_of
from api.web.frame.rendering import page_headers, render
from register.core import Register
from register.domain.access.caller import Caller, FreshSignInNeeded
from register.domain.running.to_do import ACTING, Count
from register.domain.signals.signal import AlreadyWithdrawn
from register.errors import CallerError, NotFound, NotPermitted, NotSignedIn, OperatorError, RegisterError
from register.services.access.hold_form import KEPT, Until, drop_held_form, hold_form
from register.services.access.identify_caller import identify_caller
from register.services.access.open_session import Session, ended_session, resume_session
from register.services.running.list_to_do import count_to_do
from register.services.signals.keep_draft import DraftSent
from schemas.codes import ToDoKind

FORM_MAX_BYTES: Final = 524_288
"""Room for a story five times too long, of signs that take twelve bytes each: it is refused and comes back whole."""
FIELDS_MAX: Final = 200
_SECRET_BYTES: Final = 32
_FORM: Final = "application/x-www-form-urlencoded"
_HELD: Final = "held"
"""The field of a form that was held until its sender signed in again: which one it was."""
_NOT_TYPED: Final = frozenset(
    {
        "csrf",
        _HELD,
        "version",
        "key",
        "evaluated",
        "published",
        "hit",
        "then",
        "cursor",
        "remove",
        "signal",
        "sort",
        "topic",
        "row",
        "mark",
        "owner",
        "intake",
        "rows",
        "sure_long",
        "sure_before",
    }
)
"""Fields that the page itself put into its form: nobody typed them, so nobody has to copy them.

Of whose something is, a form says the person's number only, which another may have by now: it is chosen anew.
"""
_NOT_TYPED_BEGINS: Final = "things-"
"""So do fields of this kind: what becomes of the things of somebody who is taken off."""


class SessionIdle(NotSignedIn):
    """Nobody used the session for too long."""

    code = "session-idle"
    advice = "Sign in again; what you sent is shown to you then, to be sent once more."


class NotFromHere(NotPermitted):
    """A form was not sent from our own page in this very session."""

    code = "form-not-from-here"
    advice = "Open the page anew and send its form from there."


class UnreadableForm(CallerError):
    """What was sent is no form of ours: another kind, too large, or not text."""

    code = "unreadable-form"
    advice = "Open the page anew and send its form from there."


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in, at one page.

    Attributes:
        token: the value of the session's cookie.
    """

    register: Register
    session: Session
    caller: Caller
    token: str

    @property
    def csrf(self) -> str:
        """What the forms of this session carry."""
        return csrf_of(self.token)

    def case_of(self, text: str) -> str:
        """The case that was typed, as it is counted; raises `CaseRefused`."""
        return self.register.case_of(self.caller, text)


@dataclass(frozen=True, slots=True)
class Posted:
    """The fields of a form, as typed; lines end as they do in Unix."""

    fields: Mapping[str, tuple[str, ...]]

    def one(self, name: str) -> str:
        """A field's value, without blanks around it; empty where it was not sent."""
        return self.fields.get(name, ("",))[-1].strip()

    def many(self, name: str) -> list[str]:
        """The values of a group of boxes."""
        return list(self.fields.get(name, ()))


def cookie_name(register: Register) -> str:
    """The session's cookie. Browsers keep cookies by host whatever the port: countries on one host must not share."""
    return f"__Host-rtr-{register.partition.lower()}"


def csrf_of(token: str) -> str:
    """The token of a session's forms: it follows from the cookie, so nothing of it is stored."""
    return hmac.new(token.encode(), b"rtr-csrf", "sha256").hexdigest()


def the_visitor(request: Request, register: Registered) -> Visitor:
    """Return who is signed in.

    Raises:
        NotSignedIn: nobody; `SessionIdle` where somebody was.
        NoAuthorisation: nothing is granted to this person any more.
    """
    visitor = visitor_of(request, register)
    if visitor is None:
        raise NotSignedIn("nobody is signed in")
    if visitor.session.idle:
        raise SessionIdle("the session was not used for too long")
    return visitor


def visitor_of(request: Request, register: Register) -> Visitor | None:
    """Return who is or was signed in, also where the session is idle; None where there is no session."""
    token = request.cookies.get(cookie_name(register))
    return _find_visitor(register, token, resume_session(register, token)) if token else None


def _late_sender_of(request: Request, register: Register) -> Visitor | None:
    """Return whose session has ended lately, idle or by its time; None where nobody can say whose it was."""
    token = request.cookies.get(cookie_name(register))
    if token is None:
        return None
    return _find_visitor(register, token, resume_session(register, token) or ended_session(register, token))


def _find_visitor(register: Register, token: str, session: Session | None) -> Visitor | None:
    if session is None:
        return None
    caller = identify_caller(register, session.actor, session.signed_in)
    if (caller.organisation or "") != session.shown.organisation:
        return None  # the header would name another organisation than the one he now works for
    return Visitor(register, session, caller, token)


async def the_form(request: Request) -> Posted:
    """Read the form of a request.

    Raises:
        UnreadableForm: it is none, or too large.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise UnreadableForm("expected a form")
    held = bytearray()
    async for piece in request.stream():
        held += piece
        if len(held) > FORM_MAX_BYTES:
            raise UnreadableForm(f"a form has at most {FORM_MAX_BYTES} bytes")
    try:
        pairs = parse_qsl(held.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX)
    except ValueError:
        raise UnreadableForm("the form cannot be read") from None
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        fields[name] = (*fields.get(name, ()), value.replace("\r\n", "\n"))
    request.state.posted = Posted(fields)  # so that a refusal can give back what was typed
    return Posted(fields)


def check_from_here(request: Request, register: Register, posted: Posted, token: str) -> None:
    """Do nothing if the form was sent from our own page in this session.

    Raises:
        NotFromHere: another origin, or another session's token or none.
    """
    _check_from_our_pages(request, register)
    if not hmac.compare_digest(posted.one("csrf").encode(), csrf_of(token).encode()):
        raise NotFromHere("the form does not belong to this session")


def _check_from_our_pages(request: Request, register: Register) -> None:
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    ours = base_url(register.settings.of(register.partition))
    if (site is not None and site != "same-origin") or (origin is not None and origin != ours):
        raise NotFromHere("the form was sent from another site")
    if site is None and origin is None:
        raise NotFromHere("the browser does not say where the form was sent from")


@dataclass(frozen=True, slots=True)
class Sender:
    """A visitor who sent a form from our own page, and the form."""

    visitor: Visitor
    posted: Posted


def the_sender(request: Request, register: Registered, posted: Annotated[Posted, Depends(the_form)]) -> Sender:
    """Return who sent which form; errors as `the_visitor` and `check_from_here`."""
    visitor = the_visitor(request, register)
    check_from_here(request, register, posted, visitor.token)
    return Sender(visitor, posted)


SignedInHere = Annotated[Visitor, Depends(the_visitor)]
SentHere = Annotated[Sender, Depends(the_sender)]
FormOf = Annotated[Posted, Depends(the_form)]


class PageRoute(APIRoute):
    """A route whose refusals are pages, not problem documents."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's own handler with the refusals around it."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await _finish_answer(request, await handle(request))
            except FreshSignInNeeded:
                return await run_in_threadpool(_ask_to_sign_in_again, request)
            except NotSignedIn as error:
                return await run_in_threadpool(_after_the_session, request, error)
            except (RegisterError, RequestValidationError) as error:
                return _show_refusal(request, error)
            except Exception as error:  # noqa: BLE001 - the last net of a page, as of every request
                log_failure("request.failed", correlation_of(request.scope), error)
                return _show_refused_page(request, 500, _FAILED, None, written=_typed_on_our_page(request))

        return handled


def _ask_to_sign_in_again(request: Request) -> Response:
    """Keep the form that came too long after its sender signed in, and lead to where it goes on.

    Our own page comes between: a browser does not follow a form to a provider at another address (CSP `form-action`).
    """
    register = the_register(request)
    visitor, posted = visitor_of(request, register), getattr(request.state, "posted", None)
    if visitor is None or not isinstance(posted, Posted):
        return to(f"/signed-out/needed{_build_back_query(request)}")
    return _hold_form(request, visitor, posted, Until.FRESH, "")


def _after_the_session(request: Request, error: NotSignedIn) -> Response:
    """Keep a form that came after its sender's session, where it is known whose that was, and lead to the door."""
    if written := _typed_in_an_ended_session(request):
        try:
            visitor = _late_sender_of(request, the_register(request))
        except NotPermitted:
            visitor = None  # nothing is granted to the person any more, so nothing is kept either
        return _give_back(request, written) if visitor is None else _hold_late(request, visitor)
    why = "idle" if isinstance(error, SessionIdle) else "needed"
    return to(f"/signed-out/{why}{_build_back_query(request)}")


def _hold_late(request: Request, visitor: Visitor) -> Response:
    return _hold_form(request, visitor, request.state.posted, Until.SIGNED_IN, "/signed-out/held?next=")


def _hold_form(request: Request, visitor: Visitor, posted: Posted, until: Until, on_the_way: str) -> Response:
    """Hold a form for its sender at this browser, which gets a secret of its own for that: sessions change."""
    register = visitor.register
    browser = browser_secret(request, register) or secrets.token_urlsafe(_SECRET_BYTES)
    fields = {name: list(values) for name, values in posted.fields.items() if name not in {"csrf", _HELD}}
    held = hold_form(
        register,
        visitor.caller,
        request.url.path,
        fields,
        page=_page_of_form(request),
        browser=browser,
        until=until,
        instead=_held_before(posted),
    )
    answer = to(f"{on_the_way}/held/{held}")
    lasts_s = int(KEPT.total_seconds())
    answer.set_cookie(_held_cookie(register), browser, max_age=lasts_s, secure=True, httponly=True, samesite="lax")
    return answer


def browser_secret(request: Request, register: Register) -> str:
    """By which a browser shows that a held form was sent from it; empty where it was given none."""
    return request.cookies.get(_held_cookie(register), "")


def _held_cookie(register: Register) -> str:
    return f"{cookie_name(register)}-held"


async def _finish_answer(request: Request, answer: Response) -> Response:
    """The answer, once the form that it answers is held no more, if it was."""
    posted = getattr(request.state, "posted", None)
    held = _held_before(posted) if isinstance(posted, Posted) else None
    if held:
        await run_in_threadpool(_drop_held, request, held)
    return answer


def _held_before(posted: Posted) -> UUID | None:
    """Which held form this is, sent again; None where it was not held."""
    try:
        return UUID(posted.one(_HELD))
    except ValueError:
        return None


def _drop_held(request: Request, held: UUID) -> None:
    """Drop a form that was held and has been answered now: it was done, or is back in the page before its sender."""
    register = the_register(request)
    try:
        if visitor := visitor_of(request, register):
            drop_held_form(register, visitor.caller, held)
    except RegisterError as error:
        # What it asked for is done, and the page must say so; the form goes with its hour.
        log_failure("form.not_dropped", correlation_of(request.scope), error, code=error.code)


def typed_in(fields: Mapping[str, Sequence[str]]) -> list[str]:
    """What somebody typed or chose in a form, without what the page itself had put into it."""
    typed = (name for name in fields if name not in _NOT_TYPED and not name.startswith(_NOT_TYPED_BEGINS))
    return [value for name in typed for value in fields[name] if value.strip()]


def show(request: Request, here: Visitor, template: str, **values: Any) -> Response:
    """Return a page to somebody who is signed in, with the parts of the pages that he may go to."""
    return render(
        request,
        template,
        country=here.register.partition,
        session=here.session,
        csrf=here.csrf,
        areas=areas_of(here.caller),
        waiting=_count_waiting(here),
        **values,
    )


def _count_waiting(here: Visitor) -> Mapping[ToDoKind, Count]:
    """What waits for the visitor, in numbers, in the order in which kinds are told; nothing is asked in vain."""
    if not ACTING & here.caller.tasks:
        return {}
    counted = count_to_do(here.register, here.caller)
    return {kind: counted[kind] for kind in ToDoKind if kind in counted}


def to(address: str) -> RedirectResponse:
    """Send the browser on to another of our pages, with a GET."""
    return RedirectResponse(address, status_code=303, headers=page_headers())


_FAILED: Final = (
    N_("Something went wrong here"),
    N_("It is not your doing. What you sent before is kept. Try again in a minute."),
)
_SESSION_BEFORE: Final = (
    N_("This form was not taken"),
    N_(
        "You signed in again after its page was opened, so nothing was done and nothing was kept. "
        "Copy your text, open the page anew, and send it from there."
    ),
)
_SAID: Final[tuple[tuple[type[Exception], tuple[Text, Text]], ...]] = (
    (
        NotFound,
        (N_("There is no such page"), N_("It may have been sent, thrown away, or be somebody else's.")),
    ),
    (
        RequestValidationError,
        (N_("There is no such page"), N_("Check the address, or begin at the first page.")),
    ),
    (
        NotFromHere,
        (N_("This form was not taken"), N_("It did not come from this page in this session. Open the page anew.")),
    ),
    (
        NotPermitted,
        (N_("You may not do this"), N_("Ask your register unit for the authorisation that this needs.")),
    ),
    (
        OperatorError,
        (N_("The register cannot do this now"), N_("What you sent before is kept. Try again in a few minutes.")),
    ),
    (
        RegisterError,
        (N_("This could not be done"), N_("Go back, look at what you sent, and try again.")),
    ),
)


_GONE: Final = (
    N_("This form was not taken"),
    N_(
        "What it was about cannot be changed here any more: it was sent, withdrawn, thrown away or taken off "
        "meanwhile, or is somebody else's. Nothing was done and nothing was kept."
    ),
)


def _show_refusal(request: Request, error: RegisterError | RequestValidationError) -> Response:
    """The page that says why; whatever was refused, what was typed into a form of ours comes back."""
    written = _typed_on_our_page(request)
    status = problems.status_of(type(error)) if isinstance(error, RegisterError) else 404
    if isinstance(error, OperatorError):
        log_failure("request.not_served", correlation_of(request.scope), error, code=error.code, detail=str(error))
    said = next(says for kind, says in _SAID if isinstance(error, kind))
    if isinstance(error, NotFromHere) and written:
        said = _SESSION_BEFORE
    elif isinstance(error, NotFound | DraftSent | AlreadyWithdrawn) and request.method == "POST":
        said = _GONE
    return _show_refused_page(
        request, status, said, error.code if isinstance(error, RegisterError) else None, written=written
    )


def page_of_error(request: Request, error: RegisterError) -> Response:
    """Show a browser what the frame of the application refuses: an address that is none, a node that is full."""
    return _show_refusal(request, error)


def _show_refused_page(
    request: Request, status: int, said: tuple[Text, Text], code: str | None, *, written: str = ""
) -> Response:
    return render(
        request,
        "frame/refused.html",
        country=the_register(request).partition,
        status=status,
        heading=said[0],
        advice=said[1],
        code=code,
        written=written,
        back=_page_of_form(request),
        correlation_id=correlation_of(request.scope),
    )


def _typed_in_an_ended_session(request: Request) -> str:
    """What was typed into a form of our own page whose session has ended; empty where nothing can be lost.

    Where nobody can say any more whose session it was, nothing of it may be kept for whoever signs in next: it goes
    back in the answer to the very request that brought it. Where the browser still holds a cookie, the form must belong
    to it.
    Signing out takes the cookie away, in another tab too: then the browser's word that our page sent the form is
    enough, since no other site can have it said, and the answer shows nothing but what came with the question.
    """
    posted, register = getattr(request.state, "posted", None), the_register(request)
    token = request.cookies.get(cookie_name(register))
    if not isinstance(posted, Posted):
        return ""
    try:
        if token:
            check_from_here(request, register, posted, token)
        else:
            _check_from_our_pages(request, register)
    except NotFromHere:
        return ""
    return _join_typed(posted)


def _typed_on_our_page(request: Request) -> str:
    """What was typed into a form of our own page that is refused, whatever for; else empty.

    Signing in again, in another tab, ends the session whose token the form carries: that token proves nothing any
    more, and nothing is done or kept by it. As where the cookie is gone, the browser's word that our page sent the
    form is enough to give back what came with the question, and nothing else is shown.
    """
    posted = getattr(request.state, "posted", None)
    if not isinstance(posted, Posted):
        return ""
    try:
        _check_from_our_pages(request, the_register(request))
    except NotFromHere:
        return ""
    return _join_typed(posted)


def _join_typed(posted: Posted) -> str:
    return "\n".join(value.strip() for value in typed_in(posted.fields))


def _give_back(request: Request, written: str) -> Response:
    country = the_register(request).partition
    return render(
        request, "frame/idle.html", country=country, intake=True, back=_page_of_form(request), written=written
    )


def _page_of_form(request: Request) -> str:
    """The page of ours on which a form stood.

    Some forms are sent to an address that is no page: then the browser says where they stood.
    """
    register = the_register(request)
    stood = request.headers.get("referer", "").removeprefix(base_url(register.settings.of(register.partition)))
    named = own_path(urlsplit(stood).path) if stood.startswith("/") else "/"
    return named if named != "/" else own_path(request.url.path)


def _build_back_query(request: Request) -> str:
    return f"?next={quote(whole_path(request))}" if request.method == "GET" and request.url.path != "/" else ""
