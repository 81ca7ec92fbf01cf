"""Leave a leaf for a reading that has no use case of its own."""

from __future__ import annotations

from register.core import Register
from register.domain.access.caller import Caller


def note_reading(register: Register, caller: Caller, action: str) -> None:
    """Commit the leaf before anything is shown."""
    with register.work(caller) as work:
        work.audit.note(action, "-")
