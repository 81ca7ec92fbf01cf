"""The worker of one country: a table of jobs, each a loop of its own that goes on whatever one object does to it.

Every job is idempotent and may be killed at any point: what it did not finish waits in the outbox, in a log, or at a
partner. Jobs never wait for each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from api.process.hosting import Loop
from register.core import Register
from register.domain.partition import others
from register.services.exchange.checking.check_chains import check_chains
from register.services.exchange.checking.check_own import check_own
from register.services.exchange.checking.check_received import check_received
from register.services.exchange.hide_run_out import hide_run_out
from register.services.exchange.keep_tickets import bring_tickets
from register.services.running.check_node import keep_beats
from register.services.running.keep_house import (
    call_privacy_officer,
    destroy_keys,
    keep_house,
    seal_anew,
    seal_pseudonyms,
)
from register.services.running.watch_clock import ClockWatch
from register.services.search.index_records import index_records
from register.services.search.match_records import match_records
from register.services.search.oversee_index import refill_missing
from register.services.signals.approving.approve_class import end_classes
from register.services.signals.approving.keep_approval import end_approvals
from register.services.signals.share_signal import share_signals
from register.services.statistics.statements.send_words import send_words
from schemas.codes import Partition
from sync.appender import Appender
from sync.pulling.pace import Pace
from sync.receiver import Receiver
from sync.status import note_doubts

ACKNOWLEDGE_EVERY_S = 2.0
LOOK_AGAIN_EVERY_S = 600.0
RECONCILE_EVERY_S = 3_600.0
TICKETS_EVERY_S = 60.0
FETCH_LISTS_EVERY_S = 3_600.0
KEEP_HOUSE_EVERY_S = 600.0
END_APPROVALS_EVERY_S = 60.0
CALL_PRIVACY_OFFICER_EVERY_S = 60.0
CHECK_EVERY_S = 30.0
DOUBT_EVERY_S = 120.0
LOOK_AT_ENGINE_EVERY_S = 5.0
BEAT_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the table.

    Attributes:
        turn: does one portion; True if there may be more at once.
        idle_s: pause after a turn that found nothing.
        idle_max_s: what the pause grows to while nothing comes; as long as `idle_s` where it is None.
    """

    turn: Callable[[], bool]
    idle_s: float
    idle_max_s: float | None = None


def jobs(register: Register, appender: Appender, receiver: Receiver) -> Mapping[str, Job]:
    """The jobs of one country by name; a loop for each partner, so that one cannot hold up the others."""
    settings = register.settings.worker
    table = {
        "share": Job(lambda: share_signals(register, settings.batch) > 0, settings.idle_s, settings.idle_max_s),
        "index": Job(lambda: index_records(register, settings.batch) > 0, settings.idle_s, settings.idle_max_s),
        "match": Job(lambda: match_records(register, settings.batch) > 0, settings.idle_s, settings.idle_max_s),
    }
    # What was erased opens for nobody already; its keys go at the next turn, whatever the clock says.
    table["destroy"] = Job(lambda: destroy_keys(register, settings.batch) > 0, settings.idle_s, settings.idle_max_s)
    # What the country says about statistics goes to every partner.
    table["words"] = Job(lambda: bool(send_words(register)), settings.idle_s, settings.idle_max_s)
    for partner in others(register.partition):
        table[f"append-{partner}"] = Job(partial(_append, appender, partner), settings.idle_s, settings.idle_max_s)
        table[f"pull-{partner}"] = Job(_Polling(register, receiver, partner).turn, settings.idle_s)
    # Removals that the index confirmed are told without waiting for the next pull.
    table["acknowledge"] = Job(lambda: _acknowledge(register, receiver), ACKNOWLEDGE_EVERY_S)
    # Whom partners' extracts may name; what is missing meanwhile is fetched when an extract names it.
    table["lists"] = Job(lambda: _fetch_lists(register, receiver), FETCH_LISTS_EVERY_S)
    # An engine that came back empty is filled again from PostgreSQL.
    table["engine"] = Job(lambda: bool(refill_missing(register)), LOOK_AT_ENGINE_EVERY_S)
    # What ends by the day waits while the clock is not to be believed.
    watch = ClockWatch(register)
    table["house"] = Job(lambda: _by_the_day(watch, keep_house), KEEP_HOUSE_EVERY_S)
    # What a release before wrote in plain, or sealed beside nothing, is sealed as soon as this one works, once.
    table["seal"] = Job(partial(_seal, register, settings.batch), KEEP_HOUSE_EVERY_S)
    # A partner that asks much keeps ringing while it does; a week's searches are drawn once it is over.
    table["privacy"] = Job(lambda: _by_the_day(watch, call_privacy_officer), CALL_PRIVACY_OFFICER_EVERY_S)
    # What left on an approval whose last day is over comes back, and what came on one is hidden.
    table["approvals"] = Job(lambda: _by_the_day(watch, _end_approvals), END_APPROVALS_EVERY_S)
    table["hide"] = Job(lambda: _by_the_day(watch, hide_run_out), END_APPROVALS_EVERY_S)
    # What evaluators list of the day before yesterday is compared with what was asked.
    table["reconcile"] = Job(lambda: _by_the_day(watch, partial(_reconcile, receiver)), RECONCILE_EVERY_S)
    # What partners ask for above the limits comes to people here, and what they say goes back; own tickets go out.
    table["tickets"] = Job(lambda: bring_tickets(register) + receiver.pursue_tickets() > 0, TICKETS_EVERY_S)
    # What is stored is looked at before somebody's question meets what is damaged.
    table["check"] = Job(lambda: _check(register), CHECK_EVERY_S)
    # What partners say of our withdrawals is held against what they were told.
    table["doubt"] = Job(lambda: _doubt(register), DOUBT_EVERY_S)
    table["look-again"] = Job(lambda: _look_again(register, receiver), LOOK_AGAIN_EVERY_S)
    return table


def loops(register: Register, appender: Appender, receiver: Receiver) -> list[Loop]:
    """The jobs as loops, not started yet; one more says every few seconds how it stands with them."""
    table = jobs(register, appender, receiver)
    working = [
        Loop(f"{register.partition}-{name}", job.turn, idle_s=job.idle_s, idle_max_s=job.idle_max_s)
        for name, job in table.items()
    ]

    def say() -> bool:
        keep_beats(register, [loop.beat(job) for job, loop in zip(table, working, strict=True)])
        return False

    return [*working, Loop(f"{register.partition}-beat", say, idle_s=BEAT_EVERY_S)]


def _by_the_day(watch: ClockWatch, end: Callable[[Register], int]) -> bool:
    return end(watch.check()) > 0


def _seal(register: Register, limit: int) -> bool:
    """First what opens to nobody until then."""
    return seal_anew(register, limit) + seal_pseudonyms(register, limit) > 0


def _end_approvals(register: Register) -> int:
    """Those of one report, and those of a class."""
    return end_approvals(register) + end_classes(register)


def _append(appender: Appender, partner: Partition) -> bool:
    return appender.append_to(partner) > 0


def _acknowledge(register: Register, receiver: Receiver) -> bool:
    for partner in others(register.partition):
        receiver.acknowledge(partner)
    return False


def _fetch_lists(register: Register, receiver: Receiver) -> bool:
    for partner in others(register.partition):
        receiver.fetch_list(partner)
    return False


def _reconcile(receiver: Receiver, register: Register) -> int:
    """One day of each evaluator; what goes wrong with one holds no other up, and is raised in the end."""
    done, wrong = 0, None
    for partner in others(register.partition):
        try:
            done += receiver.reconcile(partner)
        except Exception as error:  # noqa: BLE001 whatever it is, it is told once all had their turn
            wrong = error
    if wrong is not None:
        raise wrong
    return done


def _check(register: Register) -> bool:
    check_received(register)
    check_own(register)
    check_chains(register)
    return False


def _doubt(register: Register) -> bool:
    note_doubts(register)
    return False


def _look_again(register: Register, receiver: Receiver) -> bool:
    """Quarantined entries are judged anew by today's rules, and damaged ones fetched anew."""
    for partner in others(register.partition):
        receiver.fetch_damaged(partner)
        receiver.look_again(partner)
    return False


class _Polling:
    """Pulls one partner when it is time to."""

    def __init__(self, register: Register, receiver: Receiver, partner: Partition) -> None:
        self._receiver, self._partner, self._clock = receiver, partner, register.clock
        self._pace = Pace(register.settings.sync)
        self._next_at = 0.0

    def turn(self) -> bool:
        """Pull if it is time; True while the partner has more."""
        if self._clock.monotonic() < self._next_at:
            return False
        pulled = self._receiver.pull_once(self._partner)
        self._next_at = self._clock.monotonic() + self._pace.after(pulled)
        return pulled.more
