"""Sign a person in at the pages, know him again at the next page, sign him out.

The cookie is 32 random bytes, made at sign-in and never taken from a browser, so that nobody can be led to use a
session prepared for him. The store has its hash only. What a page's header shows is sealed under a key that follows
from the cookie, beside whose the session is, when it began and ends and how the person proved who it is: a row that
says otherwise opens no page. What the person may do is looked up anew for every page (`identify_caller`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Final

from register.core import Register
from register.domain.access.alarm import rows_differ
from register.domain.access.browser import UNKNOWN, Browser
from register.domain.access.caller import Caller, SignedIn, system
from register.domain.access.policy import UseCase
from register.domain.running.audit_action import AuditAction
from register.keys.envelope import FieldSealBroken
from register.store.access.sessions import SessionRow, Terms
from schemas.codes import Purpose

TOKEN_BYTES: Final = 32
CONTACT_POINT: Final = "coordination"
"""The kind of organisation that a country's notifications are told to (domain.md 0)."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the header of every page says of who is signed in.

    Attributes:
        title: the person's function or name as the provider gives it; never an address.
        organisation: its code; a page compares it with what the register says now.
        purpose: for which the organisation's reports are made unless one says otherwise.
        contact_point: the organisation is where the country's notifications come in, so what it enters is one.
        organisation_kind: what the report form suggests follows from it.
    """

    title: str
    organisation: str
    organisation_name: str
    purpose: Purpose
    contact_point: bool
    organisation_kind: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A session that has not ended.

    Attributes:
        actor: the subject at the country's provider.
        signed_in: how and when; it decides what needs a fresh sign-in.
        idle: unused for too long; the person signs in again, and only what was being typed may still be kept.
    """

    actor: str
    shown: Shown
    idle: bool
    signed_in: SignedIn


def open_session(
    register: Register, caller: Caller, title: str, *, replaces: str | None, browser: Browser = UNKNOWN
) -> str:
    """Begin a session and return the cookie's value, made here and now.

    Args:
        register: the caller's country's.
        caller: who has just signed in.
        title: what to call him in the header; a text with an `@` is left out.
        replaces: the cookie that the browser sent, if any: that session ends.
        browser: by which the person knows the session again.
    """
    register.permit(caller, UseCase.OPEN_SESSION)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    settings = register.settings.of(register.partition)
    with register.work(caller) as work:
        if replaces is not None:
            work.access.sessions.close(hash_of(replaces))
        shown = Shown("" if "@" in title else title, caller.organisation or "", "", Purpose.COORDINATE, False)
        if caller.organisation is not None:
            organisation = work.access.organisations.get(caller.organisation)
            shown = Shown(
                title=shown.title,
                organisation=organisation.code,
                organisation_name=organisation.name,
                purpose=organisation.profile.purpose,
                contact_point=organisation.kind == CONTACT_POINT,
                organisation_kind=organisation.kind,
            )
        now = register.clock.now()
        ends_at = now + timedelta(seconds=settings.session_longest_s)
        terms = Terms(caller.actor, browser, caller.signed_in, now, ends_at)
        place = _derive_seal_place(register, token, terms)
        sealed = register.keys.envelope.seal(_derive_session_key(token), place, json.dumps(asdict(shown)).encode())
        work.access.sessions.open(hash_of(token), sealed, terms)
        work.running.audit.note(AuditAction.SESSION_OPENED, "-")
    return token


def resume_session(register: Register, token: str) -> Session | None:
    """Return the session of a cookie and note that it was used; None if it has ended or never was."""
    idle = timedelta(seconds=register.settings.of(register.partition).session_idle_s)
    with register.work(system(register.partition, "api")) as work:
        row = work.access.sessions.seen(hash_of(token), idle=idle)
    if row is None:
        return None
    return _open_shown_session(register, token, row)


def ended_session(register: Register, token: str) -> Session | None:
    """Return the session of a cookie that has ended by its time within the last hour; else None.

    It opens no page: it says whose a form was that came too late. One that was ended by its person is gone.
    """
    with register.work(system(register.partition, "api")) as work:
        row = work.access.sessions.whose(hash_of(token))
    return None if row is None else _open_shown_session(register, token, row)


def close_session(register: Register, caller: Caller, token: str) -> None:
    """End a session; nothing happens where it has ended already."""
    register.permit(caller, UseCase.CLOSE_SESSION)
    with register.work(caller) as work:
        if work.access.sessions.close(hash_of(token)):
            work.running.audit.note(AuditAction.SESSION_CLOSED, "-")


def hash_of(token: str) -> bytes:
    """By which the store knows a cookie."""
    return hashlib.sha256(b"rtr-session\x00" + token.encode()).digest()


def _open_shown_session(register: Register, token: str, row: SessionRow) -> Session | None:
    try:
        opened = register.keys.envelope.open(
            _derive_session_key(token), _derive_seal_place(register, token, row.terms), row.shown
        )
    except FieldSealBroken:
        # Somebody wrote the row otherwise, to make it last longer or look fresher: it is no session, and it rings.
        with register.work(system(register.partition, "api")) as work:
            work.access.alarms.ring(rows_differ("page_session"))
        return None
    said = json.loads(opened)
    shown = Shown(**{**said, "purpose": Purpose(said["purpose"])})
    return Session(row.terms.actor, shown, row.idle, row.terms.signed_in)


def _derive_session_key(token: str) -> bytes:
    return hmac.digest(token.encode(), b"rtr-session-shown", "sha256")


def _derive_seal_place(register: Register, token: str, terms: Terms) -> bytes:
    return f"page_session/{register.partition}/{hash_of(token).hex()}/{terms.bound()}".encode()
