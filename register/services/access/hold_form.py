"""Hold a form whose sender must sign in first: sealed, for that person alone, at the browser that sent it, for an hour.

It came too long after its sender signed in, for what it does, or after the session had ended. It is no record and no
draft of one: nothing counts, compares or shows it, and nothing is done by it before its sender sends it again. It goes
once it is sent or its time is over, and a person has a few at most, so that nobody fills the store by sending forms on.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller
from register.domain.access.policy import UseCase
from register.domain.running.audit_action import AuditAction
from register.errors import NotFound
from register.store.running.sealing import KeyEnd

HELD: Final = "held"
HELD_MAX: Final = 3
"""Of one person: as many windows as somebody has half-filled forms in; each form is bounded where it is read."""
KEPT: Final = timedelta(hours=1)


class Until(StrEnum):
    """What a held form waits for."""

    FRESH = "fresh"
    """A sign-in that is fresh enough for what it does."""
    SIGNED_IN = "signed-in"
    """Any session of its sender."""


@dataclass(frozen=True, slots=True)
class HeldForm:
    """A form as it was sent.

    Attributes:
        path: of our own pages, where it was sent to.
        page: on which it stood.
        fields: as typed, by name; the token of the session it was sent in is not among them.
        until: what it waits for.
    """

    path: str
    page: str
    fields: Mapping[str, Sequence[str]]
    until: Until


def hold_form(
    register: Register,
    caller: Caller,
    path: str,
    fields: Mapping[str, Sequence[str]],
    *,
    page: str,
    browser: str,
    until: Until,
    instead: UUID | None = None,
) -> UUID:
    """Keep a form and return its id; of more than `HELD_MAX` the oldest give way.

    Args:
        register: the caller's country's.
        caller: who sent it, also where the session has ended by now.
        path: of our own pages, where it was sent to.
        fields: as typed.
        page: on which it stood.
        browser: a secret of the browser that sent it; only its hash is kept.
        until: what it waits for.
        instead: the one of theirs that was sent again and has to wait once more: it takes no second place.
    """
    register.permit(caller, UseCase.HOLD_FORM)
    content = {
        "path": path,
        "page": page,
        "fields": {name: list(values) for name, values in fields.items()},
        "browser": _hash_of(browser),
        "until": until,
    }
    with register.work(caller) as work:
        work.access.sessions.hold(
            caller.actor
        )  # else several that are sent at once would not see each other to be counted
        if instead is not None:
            work.signals.form_drafts.drop_one(caller.actor, HELD, instead, why=KeyEnd.REPLACED)
        held = work.signals.form_drafts.begin(caller.actor, HELD, content, kept=KEPT)
        work.signals.form_drafts.drop_beyond(caller.actor, HELD, HELD_MAX, why=KeyEnd.REPLACED)
        work.running.audit.note(AuditAction.FORM_HELD, str(held))
    return held


def read_held_form(register: Register, caller: Caller, held: UUID, *, browser: str) -> HeldForm:
    """Return a form that is held for the caller at this browser; `NotFound` if there is none, or no more."""
    register.permit(caller, UseCase.HOLD_FORM)
    with register.work(caller) as work:
        content = work.signals.form_drafts.get(held, caller.actor, HELD).content
    if not hmac.compare_digest(content["browser"], _hash_of(browser)):
        raise NotFound(f"there is no draft {held} of yours")
    return HeldForm(content["path"], content["page"], content["fields"], Until(content["until"]))


def drop_held_form(register: Register, caller: Caller, held: UUID) -> None:
    """Destroy a form that its sender has sent by now; nothing happens where none is held for the caller by that id."""
    register.permit(caller, UseCase.HOLD_FORM)
    with register.work(caller) as work:
        if work.signals.form_drafts.drop_one(caller.actor, HELD, held, why=KeyEnd.DROPPED):
            work.running.audit.note(AuditAction.FORM_SENT, str(held))


def _hash_of(browser: str) -> str:
    return hashlib.sha256(b"rtr-held\x00" + browser.encode()).hexdigest()
