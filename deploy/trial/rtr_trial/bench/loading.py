"""Fill a trial world the way it fills in earnest: signals registered, pseudonymised, decided on and drafted."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Final

from register.core import Register
from register.services.signals.record_signal import record_signal
from register.services.signals.share_signal import lease_signals, share_signal
from rtr_trial.bench.made_up import MadeUp, people
from rtr_trial.bench.rounds import Progress, Watch, each
from rtr_trial.bench.setting import Trial, submitter
from schemas.codes import Partition
from schemas.signals.out import SignalOut

HANDS: Final = 2
"""How many things are done at once; PostgreSQL and this process share the machine."""
PORTION: Final = 200


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was entered.

    Attributes:
        record_s: seconds that registering took.
        share_s: seconds that pseudonyms, decisions and drafts took.
    """

    people: list[MadeUp]
    signals: list[SignalOut]
    record_s: float
    share_s: float


def load(world: Trial, register: Register, n: int, seed: int, progress: Progress) -> Loaded:
    """Register `n` signals about made-up people and draft what partners may have of them."""
    watch, caller = Watch(world.clock), submitter(register.partition)
    made = list(islice(people(seed), n))
    island = "BONAIRE" if register.partition is Partition.BQ else str(register.partition)
    signals: list[SignalOut] = []

    def enter() -> None:
        for start in range(0, n, PORTION):
            progress.moved("Registering signals", start, n)
            part = made[start : start + PORTION]
            signals.extend(
                each(
                    HANDS,
                    part,
                    lambda one: record_signal(register, caller, one.form(island=island), f"bench-{one.phone}"),
                )
            )

    record_s = watch.seconds(enter)
    return Loaded(made, signals, record_s, watch.seconds(share_all, register, progress, n))


def share_all(register: Register, progress: Progress, n: int) -> None:
    """Do the worker's part for every signal that waits."""
    done = 0
    while leases := lease_signals(register, PORTION):
        progress.moved("Pseudonyms, decisions, drafts", done, n)
        outcomes = each(HANDS, leases, lambda lease: share_signal(register, lease))
        if any(one.pending for one in outcomes):
            raise RuntimeError("a bench measures shared signals, and some got no pseudonyms")
        done += len(leases)
