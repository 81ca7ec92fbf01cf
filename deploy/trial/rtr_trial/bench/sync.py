"""The exchange: entries a second of appending and of a full pull, an empty poll, and how soon a withdrawal is gone.

Pulls go over loopback HTTP to another process, with signatures, sealing, schema and rules on, and every page applied
in one transaction. Yardstick: the same rows inserted again by the server alone, with their indexes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from register.core import Register
from register.domain.signals.signal import SignalId
from register.services.search.index_records import index_records
from register.services.search.search_records import search_records
from register.services.signals.change_signal import withdraw_signal
from register.services.signals.read_signal import read_signal
from rtr_trial.bench import made_up
from rtr_trial.bench.loading import HANDS, load, share_all
from rtr_trial.bench.report import Figure, Ratio, Report, machine, median, percentile
from rtr_trial.bench.rounds import Progress, Unwatched, Watch
from rtr_trial.bench.setting import RAISED, Trial, coordinator, none_given, submitter, trial
from rtr_trial.bench.sql import seconds_to_copy
from schemas.codes import Partition, RetractReason
from schemas.search.question import Answer, SearchIn
from schemas.signals.changes import WithdrawIn
from schemas.signals.out import SignalOut
from sync.appender import Appender
from sync.receiver import Receiver
from sync.status import exchange_status

ORIGIN: Final = Partition.CW
READER: Final = Partition.AW
"""Whose coordinator asks; it has the search index."""
POLLS: Final = 50
WITHDRAWALS: Final = 5
_APPENDED: Final = ("log_entry",)
_RECEIVED: Final = ("received_stub", "received_record", "search_key", "outbox", "data_key", "data_key_end")


@dataclass(frozen=True, slots=True)
class _Pull:
    """One full pull: entries a second, milliseconds of processor time an entry here, and the yardstick's seconds."""

    rate: float
    cpu_ms: float
    entries: int
    copy_s: float


def bench_sync(progress: Progress, *, n: int = 2_000, seed: int = 1, engine: str = "osmem") -> Report:
    """Measure.

    Args:
        progress: told how far it is.
        n: signals of one country; each becomes an entry in the log of each of its four partners.
        seed: of the made-up people.
        engine: from which a withdrawn record must be gone.
    """
    with trial(progress.say, engine=engine) as world:
        watch = Watch(world.clock)
        origin = world.register(ORIGIN, evaluators=world.in_process(ORIGIN))
        loaded = load(world, origin, n, seed, progress)
        append_s, appended = _append_all(world, origin, progress)
        append_copy_s = seconds_to_copy(
            world.address, world.database, [(t, f"country = '{ORIGIN}'") for t in _APPENDED]
        )
        progress.say("Starting the other side")
        with world.serving([ORIGIN]):
            readers = {
                c: world.register(c, evaluators=world.in_process(c) if c is READER else None)
                for c in Partition
                if c is not ORIGIN
            }
            pulls = [_pull_all(world, register, n, progress) for register in readers.values()]
            reader = readers[READER]
            receiver = _build_receiver(world, reader)
            polls = [1_000 * watch.seconds(receiver.pull_once, ORIGIN) for _ in range(POLLS)]
            index_s = watch.seconds(_index_all, reader, progress, n)
            several = min(WITHDRAWALS, n)
            gone = [
                _measure_withdrawal(world, origin, reader, receiver, made, signal)
                for made, signal in zip(loaded.people[:several], loaded.signals[:several], strict=True)
            ]
        rate, append_rate = median([p.rate for p in pulls]), appended / append_s
        copy_rate = median([p.entries / p.copy_s for p in pulls])
        return Report(
            bench="sync",
            n=n,
            seed=seed,
            machine=machine(**world.versions),
            raised=RAISED,
            figures=[
                Figure("append", append_rate, "entries/s", 1, "10,000 entries/s"),
                Figure("full pull, all checks on", rate, "entries/s", len(pulls), "5,000 entries/s"),
                Figure(
                    "full pull, the reader's processor time an entry",
                    median([p.cpu_ms for p in pulls]),
                    "ms",
                    len(pulls),
                ),
                Figure("empty poll, p50", median(polls), "ms", len(polls), "20 ms"),
                Figure("empty poll, p95", percentile(polls, 0.95), "ms", len(polls)),
                Figure("withdrawal gone from answers", median([g[0] for g in gone]), "s", len(gone), "5 s"),
                Figure("withdrawal confirmed gone by the engine", median([g[1] for g in gone]), "s", len(gone)),
                Figure("received records to the index", n / index_s, "records/s", 1),
                Figure(f"signals registered, {HANDS} at once", n / loaded.record_s, "signals/s", 1),
                Figure(f"pseudonyms, decisions, drafts, {HANDS} at once", n / loaded.share_s, "signals/s", 1),
                Figure("the same rows as an append, server alone", appended / append_copy_s, "entries/s", 1),
                Figure("the same rows as a pull, server alone", copy_rate, "entries/s", len(pulls)),
            ],
            ratios=[
                Ratio("append", append_rate * append_copy_s / appended, "entries/s / server alone, same rows"),
                Ratio("full pull", rate / copy_rate, "entries/s / server alone, same rows"),
                Ratio("empty poll", median(polls) * rate / 1_000, "entries of a full pull in the same time"),
            ],
        )


def _append_all(world: Trial, origin: Register, progress: Progress) -> tuple[float, int]:
    """Seconds, and entries over all logs."""
    progress.say("Appending")
    appender = Appender(origin, "bench", none_given)
    appended = 0
    begun = world.clock.monotonic()
    while moved := appender.turn():
        appended += moved
    spent = world.clock.monotonic() - begun
    appender.close()
    return spent, appended


def _build_receiver(world: Trial, register: Register) -> Receiver:
    return Receiver(register, world.partner_http(register), world.rosters(register))


def _pull_all(world: Trial, register: Register, n: int, progress: Progress) -> _Pull:
    receiver, applied, watch = _build_receiver(world, register), 0, Watch(world.clock)

    def pull() -> None:
        nonlocal applied
        more = True
        while more:
            pulled = receiver.pull_once(ORIGIN)
            if pulled.error is not None:
                raise RuntimeError(f"a bench measures pulls that succeed: {pulled.error}")
            applied += pulled.applied
            progress.moved(f"Pulling into {register.partition}", applied, n)
            more = pulled.more

    spent: list[float] = []
    cpu_s = watch.cpu_seconds(lambda: spent.append(watch.seconds(pull)))
    if applied != n:
        raise RuntimeError(f"expected {n} entries for {register.partition}, got {applied}")
    rows = [(t, f"country = '{register.partition}'") for t in _RECEIVED]
    copy_s = seconds_to_copy(world.address, world.database, rows)
    return _Pull(applied / spent[0], 1_000 * cpu_s / applied, applied, copy_s)


def _index_all(register: Register, progress: Progress, n: int) -> None:
    done = 0
    while moved := index_records(register, 500):
        done += moved
        progress.moved("Indexing", done, n)


def _measure_withdrawal(
    world: Trial, origin: Register, reader: Register, receiver: Receiver, made: made_up.MadeUp, signal: SignalOut
) -> tuple[float, float]:
    """Seconds from the pull of a withdrawal until no answer shows the record, and until the engine confirms it."""
    question = made_up.question(made.asked(), number=1)
    if _find_answer(reader, question) is not Answer.HIT:
        raise RuntimeError("a bench withdraws what can be found, and this was not")
    owner = submitter(ORIGIN)
    version = read_signal(origin, owner, SignalId(signal.id)).version
    withdraw_signal(
        origin,
        owner,
        SignalId(signal.id),
        WithdrawIn(reason="Made up for a measurement.", code=RetractReason.WITHDRAWN),
        version=version,
    )
    share_all(origin, Unwatched(), 1)
    appender = Appender(origin, "bench", none_given)
    while appender.turn():
        pass
    appender.close()
    begun = world.clock.monotonic()
    while receiver.pull_once(ORIGIN).more:
        pass
    if _find_answer(reader, question) is Answer.HIT:
        raise RuntimeError("a withdrawn record was shown")
    gone = world.clock.monotonic() - begun
    while index_records(reader, 500):
        pass
    receiver.acknowledge(ORIGIN)
    if any(p.received.unconfirmed for p in exchange_status(reader).partners if p.partner is ORIGIN):
        raise RuntimeError("a withdrawal was not confirmed by the engine")
    return gone, world.clock.monotonic() - begun


def _find_answer(register: Register, question: SearchIn) -> Answer:
    """How the origin answers the coordinator."""
    found = search_records(register, coordinator(), question)
    return next(one.answer for one in found.countries if one.country is ORIGIN)
