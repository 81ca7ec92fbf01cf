"""What lies behind the entries of the first page beside what waits for the reader: who is told how much of it.

Pure. Each is counted by the rights of the page that it leads to, so a number tells nobody more than the page would.
Hits from abroad are not among them: they show on a ground only, and their number would answer a bait.
"""

from __future__ import annotations

from enum import StrEnum

from register.domain.access.caller import Caller, Task
from register.domain.signals.reading import REFERRED_TO, may_list


class Behind(StrEnum):
    """What is counted."""

    REFERRALS_UNREAD = "REFERRALS_UNREAD"
    """Referred to the own organisation, and taken up by nobody yet."""
    REFERRALS_UNANSWERED = "REFERRALS_UNANSWERED"
    """Referred to anybody in the country, and not answered."""
    REPORTS_UNCONFIRMED = "REPORTS_UNCONFIRMED"
    """Reports that the reader sees and that the register unit has to confirm."""
    REQUESTS_DRAFTED = "REQUESTS_DRAFTED"
    """The own organisation's requests that are drafts."""
    SESSIONS = "SESSIONS"
    """Sign-ins of the reader that have not ended."""


def counted_for(caller: Caller) -> frozenset[Behind]:
    """Return what a caller is told the number of."""
    may = {
        Behind.REFERRALS_UNREAD: caller.organisation is not None and bool(REFERRED_TO & caller.tasks),
        Behind.REFERRALS_UNANSWERED: caller.may(Task.REGISTER),
        Behind.REPORTS_UNCONFIRMED: may_list(caller),
        Behind.REQUESTS_DRAFTED: caller.organisation is not None and caller.may(Task.SEARCH_SHARED),
        Behind.SESSIONS: True,
    }
    return frozenset(one for one, allowed in may.items() if allowed)
