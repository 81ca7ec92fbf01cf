"""Small upkeep that nobody waits for: forget what has had its time. Whoever calls it watches the clock (`ClockWatch`).

What is forgotten does not come back.
"""

from __future__ import annotations

from register.core import Register
from register.domain.access.caller import system


def keep_house(register: Register) -> int:
    """Forget what has had its time, and return how much of it there was.

    Answers kept for repeats, sessions, unsent reports, settled to-dos and counts of questions.

    The pages forget them too, when somebody begins anew; this holds also where nobody comes any more.
    """
    with register.work(system(register.partition, "worker")) as work:
        answers = work.idempotency.purge()
        sessions, drafts = work.sessions.forget_ended(), work.form_drafts.forget_ended()
        settled, asked = work.to_do.forget_done(), work.search_budgets.forget_old(register.today())
        if answers or sessions or drafts or settled or asked:
            work.audit.note(
                "house.kept", "-", answers=answers, sessions=sessions, drafts=drafts, settled=settled, questions=asked
            )
    return answers + sessions + drafts + settled + asked
