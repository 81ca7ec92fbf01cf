"""The worker of one country: a table of jobs, each a loop of its own that goes on whatever one object does to it.

Every job is idempotent and may be killed at any point: what it did not finish waits in the outbox, in a log, or at a
partner. Jobs never wait for each other.

What jobs take from the country's own rows is looked at once for all of them, and wakes those that there is something
for: nine jobs that each look every second are most of what an idle node would do.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final, assert_never

from api.process.hosting import IDLE_GROWTH, Loop
from register.core import Register
from register.domain.partition import others
from register.domain.running.consumer import Consumer
from register.domain.running.node_finding import LOG, Beat
from register.logs import log_state
from register.services.exchange.checking.check_chains import check_chains
from register.services.exchange.checking.check_own import check_own
from register.services.exchange.checking.check_received import check_received
from register.services.exchange.checking.check_told import check_told
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
from register.services.running.try_each import Waits, see_what_waits
from register.services.running.watch_clock import ClockWatch
from register.services.search.index_records import index_records
from register.services.search.match_records import match_records
from register.services.search.oversee_index import refill_missing
from register.services.signals.approving.approve_class import end_classes
from register.services.signals.approving.keep_approval import end_approvals
from register.services.signals.share_signal import share_signals
from register.services.statistics.statements.send_words import send_words
from register.settings import SyncSettings
from schemas.codes import Partition
from sync.appender import Appender
from sync.receiver import Pulled, Receiver
from sync.status import note_doubts

TAKE_ANYWAY_EVERY_S = 30.0
LOOK_AGAIN_EVERY_S = 600.0
RECONCILE_EVERY_S = 3_600.0
TICKETS_EVERY_S = 60.0
UNASKED_EVERY_S = 3_600.0
FETCH_LISTS_EVERY_S = 3_600.0
KEEP_HOUSE_EVERY_S = 600.0
END_APPROVALS_EVERY_S = 60.0
CALL_PRIVACY_OFFICER_EVERY_S = 60.0
CHECK_EVERY_S = 30.0
DOUBT_EVERY_S = 120.0
POLL_GROWTH: Final = 1.5
POLL_JITTER: Final = 0.2
LOOK_AT_ENGINE_EVERY_S = 5.0
BEAT_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the table.

    Attributes:
        turn: does one portion; True if there may be more at once.
        idle_s: pause after a turn that found nothing.
        idle_max_s: what the pause grows to while nothing comes; as long as `idle_s` where it is None.
        due_in: seconds until its next turn makes sense, for one that knows.
        wanted: whether it is to be woken for what waits; None for one that is not.
    """

    turn: Callable[[], bool]
    idle_s: float
    idle_max_s: float | None = None
    due_in: Callable[[], float] | None = None
    wanted: Callable[[Waits], bool] | None = None


def jobs(register: Register, appender: Appender, receiver: Receiver) -> Mapping[str, Job]:
    """The jobs of one country by name; a loop for each partner, so that one cannot hold up the others."""
    settings = register.settings.worker

    def woken(turn: Callable[[], bool], wanted: Callable[[Waits], bool]) -> Job:
        return Job(turn, settings.idle_s, max(settings.idle_max_s, TAKE_ANYWAY_EVERY_S), wanted=wanted)

    table = {one.job: woken(partial(_consume, register, one), partial(_waits_for_consumer, one)) for one in Consumer}
    # What was erased opens for nobody already; its keys go at the next turn, whatever the clock says.
    table["destroy"] = woken(lambda: destroy_keys(register, settings.batch) > 0, lambda w: w.keys)
    for partner in others(register.partition):
        table[f"append-{partner}"] = Job(
            partial(_append, appender, partner),
            settings.idle_s,
            due_in=partial(_append_due_in, register, appender, partner),
            wanted=partial(_waits_for, partner),
        )
        polling = _Polling(register, receiver, partner)
        table[f"pull-{partner}"] = Job(polling.turn, settings.idle_s, due_in=polling.due_in)
    # Removals that the index confirmed are told without waiting for the next pull.
    table["acknowledge"] = woken(lambda: _acknowledge(register, receiver), lambda w: w.removals)
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
    table["unasked-tickets"] = Job(receiver.look_for_unasked_tickets, UNASKED_EVERY_S)
    # What is stored is looked at before somebody's question meets what is damaged.
    table["check"] = Job(lambda: _check(register), CHECK_EVERY_S)
    # What partners say of our withdrawals is held against what they were told.
    table["doubt"] = Job(lambda: _doubt(register), DOUBT_EVERY_S)
    table["look-again"] = Job(lambda: _look_again(register, receiver), LOOK_AGAIN_EVERY_S)
    return table


def loops(register: Register, appender: Appender, receiver: Receiver) -> list[Loop]:
    """The jobs as loops, not started yet; one more says every few seconds how it stands with them."""
    table = jobs(register, appender, receiver)
    working = {
        name: Loop(
            f"{register.partition}-{name}", job.turn, idle_s=job.idle_s, idle_max_s=job.idle_max_s, due_in=job.due_in
        )
        for name, job in table.items()
    }
    looking = _Looking(register, {working[name]: job.wanted for name, job in table.items() if job.wanted is not None})
    settings = register.settings.worker
    working["look"] = Loop(f"{register.partition}-look", looking.turn, idle_s=settings.idle_s, due_in=looking.due_in)

    def say() -> bool:
        keep_beats(register, [*(loop.beat(job) for job, loop in working.items()), _beat_of_log(register)])
        return False

    return [*working.values(), Loop(f"{register.partition}-beat", say, idle_s=BEAT_EVERY_S)]


def _beat_of_log(register: Register) -> Beat:
    """Whether the lines of this process's log are kept: where they are not, nobody reads it there."""
    now, state = register.clock.now(), log_state()
    return Beat(LOG, now, None, now - timedelta(seconds=state.for_s) if state.trouble else None, state.trouble)


def _by_the_day(watch: ClockWatch, end: Callable[[Register], int]) -> bool:
    return end(watch.check()) > 0


def _seal(register: Register, limit: int) -> bool:
    """First what opens to nobody until then."""
    return seal_anew(register, limit) + seal_pseudonyms(register, limit) > 0


def _end_approvals(register: Register) -> int:
    """Those of one report, and those of a class."""
    return end_approvals(register) + end_classes(register)


def _consume(register: Register, consumer: Consumer) -> bool:
    """One turn of a consumer of the outbox."""
    batch = register.settings.worker.batch
    match consumer:
        case Consumer.PSEUDONYMISE:
            return share_signals(register, batch) > 0
        case Consumer.INDEX:
            return index_records(register, batch) > 0
        case Consumer.MATCH:
            return match_records(register, batch) > 0
        case Consumer.WORDS:
            return send_words(register) > 0
        case _:
            assert_never(consumer)


def _waits_for_consumer(consumer: Consumer, waits: Waits) -> bool:
    return consumer in waits.consumers


def _append(appender: Appender, partner: Partition) -> bool:
    return appender.append_to(partner) > 0


def _append_due_in(register: Register, appender: Appender, partner: Partition) -> float:
    """Until the partner has said what it acknowledged it is asked again; then there is nothing before a draft waits."""
    return TAKE_ANYWAY_EVERY_S if appender.has_agreed(partner) else register.settings.worker.idle_max_s


def _waits_for(partner: Partition, waits: Waits) -> bool:
    return partner in waits.partners


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
    """What goes wrong with one look holds no other up, and is raised in the end."""
    wrong = None
    for check in (check_received, check_own, check_chains, check_told):
        try:
            check(register)
        except Exception as error:  # noqa: BLE001 whatever it is, it is told once all had their turn
            wrong = error
    if wrong is not None:
        raise wrong
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


@dataclass(slots=True)
class Pace:
    """When to ask a partner again: soon while things move, ever less often while nothing comes, never all at once.

    In seconds; `draw` gives a number from 0 to 1.
    """

    settings: SyncSettings
    draw: random.Random = field(default_factory=random.SystemRandom)
    _wait: float = 0.0

    def after(self, pulled: Pulled) -> float:
        """How long to wait after this pull: not at all while there is more."""
        if pulled.more:
            self._wait = 0.0
            return 0.0
        if pulled.applied:
            self._wait = 0.0
        grown = max(self.settings.poll_min_s, self._wait * POLL_GROWTH)
        self._wait = min(grown, self.settings.poll_max_s)
        return self._wait * (1 + POLL_JITTER * (2 * self.draw.random() - 1))


class _Polling:
    """Pulls one partner, and says when it is time to do it again."""

    def __init__(self, register: Register, receiver: Receiver, partner: Partition) -> None:
        self._receiver, self._partner = receiver, partner
        self._pace, self._wait_s = Pace(register.settings.sync), 0.0

    def turn(self) -> bool:
        """Pull; True while the partner has more."""
        pulled = self._receiver.pull_once(self._partner)
        self._wait_s = self._pace.after(pulled)
        return pulled.more

    def due_in(self) -> float:
        """How long to wait after the last turn."""
        return self._wait_s


class _Looking:
    """Looks at what waits, and wakes whom there is something for: soon while things move, ever less often else."""

    def __init__(self, register: Register, wake: Mapping[Loop, Callable[[Waits], bool]]) -> None:
        self._register, self._wake = register, wake
        self._settings = register.settings.worker
        self._wait_s, self._found = self._settings.idle_s, frozenset[Loop]()

    def turn(self) -> bool:
        """Look once; never True, since what it found is done by others."""
        waits = see_what_waits(self._register, tuple(Consumer))
        found = frozenset(loop for loop, wanted in self._wake.items() if wanted(waits))
        for loop in found:
            loop.wake()
        # What waits for a partner that is away is found every time, and is nothing new.
        grown = min(self._settings.idle_max_s, self._wait_s * IDLE_GROWTH)
        self._wait_s = self._settings.idle_s if found - self._found else grown
        self._found = found
        return False

    def due_in(self) -> float:
        """How long to wait after the last look."""
        return self._wait_s
