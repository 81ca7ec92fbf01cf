"""Open all own reports, a portion a turn: one that was damaged is known before somebody needs it.

With what was said of each in words: the reasons in its timeline, to whom it was referred, what was lifted. What does
not open is named and nothing more is done about it: a restore mends it, and the next round takes the name away. What
nobody asked to lift protects again.
"""

from __future__ import annotations

from typing import Final

from register.core import Register
from register.domain.access.alarm import rows_differ
from register.domain.access.caller import system
from register.domain.signals.signal import SignalId
from register.errors import NotFound, code_of
from register.logs import logger
from register.services.exchange.checking.go_round import TURN_S, go_round
from register.services.running.try_each import is_about_the_object
from register.services.signals.protecting.restore_never_asked import restore_never_asked
from register.store.exchange.damages import Stored
from register.store.work import Work

_PORTION: Final = 20


def check_own(register: Register, *, turn_s: float = TURN_S) -> None:
    """Go on with the day's round through own reports; what does not open is noted by its reference."""

    def look(after: str) -> str | None:
        with register.work(system(register.partition, "worker")) as work:
            portion = work.signals.reports.references_after(after, _PORTION)
            damaged = [reference for about, reference in portion if not _is_readable(register, work, about)]
            whole = {reference for _, reference in portion}.difference(damaged)
            work.exchange.damages.clear(Stored.SIGNAL, register.partition, sorted(whole))
            work.exchange.damages.note(Stored.SIGNAL, register.partition, damaged)
            restore_never_asked(work, [about for about, _ in portion])
            if damaged:
                work.access.alarms.ring(rows_differ(Stored.SIGNAL))
        return str(portion[-1][0]) if portion else None

    with register.work(system(register.partition, "worker")) as work:
        if work.running.sealed_before.untried():
            return  # what an older release sealed does not open before it is sealed anew, seconds later
    go_round(register, "own", look, turn_s=turn_s)


def _is_readable(register: Register, work: Work, about: SignalId) -> bool:
    try:
        with work.savepoint():
            opened = work.signals.dossiers.find(about).open(alike=register.keys.fingerprint)
            work.signals.timeline.of(about)  # the dossier leaves out a reason that does not open
            for referral in opened.referrals:
                work.signals.referrals.get(referral.id)
            for lifting in work.signals.liftings.of_signal(about):
                work.signals.liftings.get(lifting.id)
    except NotFound:
        # Erased, which is no damage: an erasure is a withdrawal, and of what stands nobody but the register ends a key.
        return work.signals.reports.get_sealed(about).withdrawn_at is not None
    except Exception as error:
        if not is_about_the_object(error):
            raise
        said = {"partition": work.partition, "object_id": str(about), "code": code_of(error)}
        logger().error("signal.damaged", **said)
        return False
    return True
