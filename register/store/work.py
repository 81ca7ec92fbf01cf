"""The unit of work: one transaction, one partition, one role. `register.work(caller)` is the only door to it.

Leaving the block commits, an exception rolls back. No network inside: what must happen afterwards is a row in the
outbox. The stores behind the doors are made when they are first asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

import sqlalchemy as sa

from register.clock import Clock
from register.domain.access.caller import Caller
from register.store.access.door import AccessStores
from register.store.casework.door import CaseworkStores
from register.store.desk.door import DeskStores
from register.store.exchange.door import ExchangeStores
from register.store.running.door import RunningStores
from register.store.running.ground import Ground
from register.store.running.sealing import DataKeys, Sealer
from register.store.running.server.database import Database, check_room
from register.store.search.door import SearchStores
from register.store.signals.door import SignalStores
from register.store.statistics.door import StatisticsStores
from schemas.codes import Partition


class Work:
    """What a use case may touch inside its transaction: one door an area, each at home in its area."""

    def __init__(self, connection: sa.Connection, caller: Caller, sealer: Sealer, clock: Clock) -> None:
        self._connection = connection
        self.caller, self.clock = caller, clock
        self.keys = DataKeys(connection, caller.partition, sealer, clock, actor=caller.actor)
        self._ground = Ground(connection, caller, self.keys, clock)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What an exception leaves of the block is undone; what was done before it in this transaction stays."""
        with self._connection.begin_nested():
            yield

    def check_room(self) -> None:
        """Look whether the server has room to write; where it has none, the transaction ends as `DatabaseFull`."""
        check_room(self._connection)

    @property
    def partition(self) -> Partition:
        """Whose rows these are."""
        return self.caller.partition

    @cached_property
    def signals(self) -> SignalStores:
        """Reports, what hangs on them, and what was decided about them."""
        return SignalStores(self._ground)

    @cached_property
    def desk(self) -> DeskStores:
        """Interviews, the victim ladder, trainings."""
        return DeskStores(self._ground)

    @cached_property
    def casework(self) -> CaseworkStores:
        """Requests for the content of what was found."""
        return CaseworkStores(self._ground)

    @cached_property
    def exchange(self) -> ExchangeStores:
        """What is told to partners, what they told, and what evaluators were asked."""
        return ExchangeStores(self._ground)

    @cached_property
    def search(self) -> SearchStores:
        """Questions, what may be found, and how often was asked."""
        return SearchStores(self._ground)

    @cached_property
    def statistics(self) -> StatisticsStores:
        """The owner's figures, what countries said about statistics, releases."""
        return StatisticsStores(self._ground)

    @cached_property
    def access(self) -> AccessStores:
        """Who may come in, who is in, and what the privacy officer should look at."""
        return AccessStores(self._ground)

    @cached_property
    def running(self) -> RunningStores:
        """What all areas lean on: the audit log, the outbox, what waits, answers given before."""
        return RunningStores(self._ground)


@contextmanager
def transaction(database: Database, caller: Caller, sealer: Sealer, clock: Clock) -> Iterator[Work]:
    """Open the unit of work of a caller on the role of the caller's country and function."""
    if caller.partition is not database.country:
        raise ValueError(f"a caller of {caller.partition} cannot work on the database of {database.country}")
    with database.transaction(caller.function) as connection:
        work = Work(connection, caller, sealer, clock)
        yield work
        work.keys.settle()
