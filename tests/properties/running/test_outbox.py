"""The outbox against a model of it, on a real server: no row leased twice, none lost, late consumers fenced off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import cast
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from register.domain.running.consumer import Consumer
from register.store.running import outbox as store
from register.store.running.outbox import BACKOFF_MAX_S, Lease, Outbox
from register.store.work import transaction
from schemas.codes import Partition
from tests.support.clock import HandClock
from tests.support.world import World, world

AW = Partition.AW
OBJECTS = [UUID(int=n) for n in range(1, 5)]
objects = st.sampled_from(OBJECTS)


@dataclass
class Waiting:
    """What the model holds of one row.

    Attributes:
        fence: how often it was leased.
        until: when the lease ends; None while nobody has it.
        due: from when it may be leased.
        urgent: something of it is to be taken back; it goes before all others.
    """

    generation: int
    fence: int
    attempts: int
    until: datetime | None
    due: datetime
    urgent: bool = False


class OutboxMachine(RuleBasedStateMachine):
    """Consumers that lease, settle, postpone and die in any order, while objects change and time passes."""

    world: World
    clock: HandClock
    runs = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).runs += 1
        self.consumer = cast("Consumer", f"machine-{self.runs}")
        type(self).clock = HandClock()
        self.model: dict[UUID, Waiting] = {}
        self.leases: list[Lease] = []

    @classmethod
    def servers_now(cls) -> sa.ColumnElement[datetime]:
        """Of the machine that runs now."""
        return cls.clock.for_the_servers()

    @rule(which=st.lists(objects, min_size=1, max_size=4), urgent=st.booleans())
    def change(self, which: list[UUID], urgent: bool) -> None:  # noqa: FBT001 - as drawn
        """Objects change; one that waits already is asked for a newer state."""
        with self.outbox() as outbox:
            outbox.add(self.consumer, *which, urgent=urgent)
        for one in set(which):
            row = self.model.setdefault(one, Waiting(0, 0, 0, None, self.clock.now()))
            row.generation, row.attempts, row.due = row.generation + 1, 0, self.clock.now()
            row.urgent |= urgent

    @rule(limit=st.integers(1, 4), seconds=st.sampled_from([45.0, 455.0]))
    def lease(self, limit: int, seconds: float) -> None:
        now = self.clock.now()
        free = {o for o, w in self.model.items() if w.due <= now and (w.until is None or w.until < now)}
        with self.outbox() as outbox:
            got = outbox.lease(self.consumer, limit, seconds=seconds)
        assert len({x.object for x in got}) == len(got) == min(limit, len(free))
        urgent = {o for o in free if self.model[o].urgent}
        assert urgent <= {x.object for x in got} or all(self.model[x.object].urgent for x in got)
        for one in got:
            assert one.object in free, "leased twice within a lease, or before it was due"
            row = self.model[one.object]
            row.fence, row.attempts, row.until = row.fence + 1, row.attempts + 1, now + timedelta(seconds=seconds)
            assert (one.generation, one.fence, one.attempts) == (row.generation, row.fence, row.attempts)
        self.leases += got

    @rule(pick=st.randoms(use_true_random=False))
    def settle(self, pick: Random) -> None:
        """A consumer ends its work, perhaps long after its lease."""
        if not (lease := self._pick(pick)):
            return
        row = self.model.get(lease.object)
        mine = row is not None and row.fence == lease.fence
        with self.outbox() as outbox:
            assert outbox.settle(lease) is mine
        if row is not None and mine:
            if row.generation == lease.generation:
                del self.model[lease.object]
            else:
                row.until = None

    @rule(pick=st.randoms(use_true_random=False))
    def postpone(self, pick: Random) -> None:
        """A consumer fails and says when it will try again."""
        if not (lease := self._pick(pick)):
            return
        with self.outbox() as outbox:
            outbox.postpone(lease, "partner-unreachable")
        row = self.model.get(lease.object)
        if row is not None and row.fence == lease.fence:
            wait = min(BACKOFF_MAX_S, 2.0 ** (lease.attempts - 1))
            row.until, row.due = None, self.clock.now() + timedelta(seconds=wait)

    @rule(seconds=st.sampled_from([0.5, 10.0, 60.0, 500.0]))
    def time_passes(self, seconds: float) -> None:
        """By the hands that stand in the place of the server's clock."""
        self.clock.move(seconds)

    @invariant()
    def nothing_is_lost(self) -> None:
        with self.outbox() as outbox:
            assert outbox.waiting().get(self.consumer, 0) == len(self.model)

    @contextmanager
    def outbox(self) -> Iterator[Outbox]:
        """The outbox inside a transaction of its own, by the machine's clock."""
        register = self.world[AW]
        with transaction(register.database, self.world.worker(AW), register.keys.envelope, self.clock) as work:
            yield work.running.outbox

    def teardown(self) -> None:
        """In the end everything that waits can be had and settled."""
        self.time_passes(1_000)
        with self.outbox() as outbox:
            assert outbox.settle_many(outbox.lease(self.consumer, 100)) == len(self.model)

    def _pick(self, pick: Random) -> Lease | None:
        if not self.leases:
            return None
        return self.leases.pop(pick.randrange(len(self.leases)))


@pytest.mark.slow
def test_no_row_is_leased_twice_within_a_lease_none_is_lost_and_no_late_consumer_settles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The server's clock nobody can move, and a run of steps takes it unknown seconds.
    monkeypatch.setattr(store, "database_now", OutboxMachine.servers_now)
    with world(countries=(AW,), with_organisations=False) as made:
        OutboxMachine.world = made
        run_state_machine_as_test(
            OutboxMachine,
            settings=settings(stateful_step_count=30, suppress_health_check=[HealthCheck.too_slow]),
        )
