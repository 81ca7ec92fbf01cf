"""Hold a form whose sender must sign in again first: sealed, for that person alone, and for an hour.

It is no record and no draft of one: nothing counts, compares or shows it. It goes once it is sent or its time is over,
and a person has one at most, so that nobody fills the store by sending forms on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller
from register.store.running.sealing import KeyEnd

HELD: Final = "held"
KEPT: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class HeldForm:
    """A form as it was sent.

    Attributes:
        path: of our own pages, where it was sent to.
        fields: as typed, by name; the token of the session it was sent in is not among them.
    """

    path: str
    fields: Mapping[str, Sequence[str]]


def hold_form(register: Register, caller: Caller, path: str, fields: Mapping[str, Sequence[str]]) -> UUID:
    """Keep a form, in the place of what was held for the caller before, and return its id."""
    content = {"path": path, "fields": {name: list(values) for name, values in fields.items()}}
    with register.work(caller) as work:
        work.form_drafts.drop_all(caller.actor, HELD, why=KeyEnd.REPLACED)
        held = work.form_drafts.begin(caller.actor, HELD, content, kept=KEPT)
        work.audit.note("form.held", str(held))
    return held


def read_held_form(register: Register, caller: Caller, held: UUID) -> HeldForm:
    """Return a form that is held for the caller; `NotFound` if there is none, or no more."""
    with register.work(caller) as work:
        content = work.form_drafts.get(held, caller.actor, HELD).content
    return HeldForm(content["path"], content["fields"])


def drop_held_form(register: Register, caller: Caller, held: UUID) -> None:
    """Destroy a form that its sender has sent by now; nothing happens where none is held for the caller by that id."""
    with register.work(caller) as work:
        if work.form_drafts.drop_all(caller.actor, HELD, why=KeyEnd.DROPPED, only=held):
            work.audit.note("form.sent", str(held))
