"""Hold a form whose sender must sign in again first: sealed, for that person alone, and for an hour.

It is no record and no draft of one: nothing counts, compares or shows it, and it goes when its time is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from register.core import Register
from register.domain.access.caller import Caller

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
    """Keep a form and return its id."""
    content = {"path": path, "fields": {name: list(values) for name, values in fields.items()}}
    with register.work(caller) as work:
        held = work.form_drafts.begin(caller.actor, HELD, content, kept=KEPT)
        work.audit.note("form.held", str(held))
    return held


def read_held_form(register: Register, caller: Caller, held: UUID) -> HeldForm:
    """Return a form that is held for the caller; `NotFound` if there is none, or no more."""
    with register.work(caller) as work:
        content = work.form_drafts.get(held, caller.actor, HELD).content
    return HeldForm(content["path"], content["fields"])
