"""Small upkeep that nobody waits for: forget what has had its time."""

from __future__ import annotations

from register.core import Register
from register.domain.access.caller import system


def keep_house(register: Register) -> int:
    """Forget answers kept for repeats, sessions, unsent reports and settled to-dos whose time is over; return how many.

    The pages forget them too, when somebody begins anew; this holds also where nobody comes any more.
    """
    with register.work(system(register.partition, "worker")) as work:
        answers = work.idempotency.purge()
        sessions, drafts = work.sessions.forget_ended(), work.form_drafts.forget_ended()
        settled = work.to_do.forget_done()
        if answers or sessions or drafts or settled:
            work.audit.note("house.kept", "-", answers=answers, sessions=sessions, drafts=drafts, settled=settled)
    return answers + sessions + drafts + settled
