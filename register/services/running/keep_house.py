"""Small upkeep that nobody waits for: forget what has had its time."""

from __future__ import annotations

from register.core import Register
from register.domain.access.caller import system


def keep_house(register: Register) -> int:
    """Forget answers kept for repeats, sessions at the pages and unsent reports whose time is over; return how many.

    The pages forget them too, when somebody begins anew; this holds also where nobody comes any more.
    """
    with register.work(system(register.partition, "worker")) as work:
        answers = work.idempotency.purge()
        sessions, drafts = work.sessions.forget_ended(), work.form_drafts.forget_ended()
        if answers or sessions or drafts:
            work.audit.note("house.kept", "-", answers=answers, sessions=sessions, drafts=drafts)
    return answers + sessions + drafts
