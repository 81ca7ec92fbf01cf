"""The area's door of a unit of work."""

from __future__ import annotations

from functools import cached_property

from register.store.exchange.damages import Damages
from register.store.exchange.drafts import Drafts
from register.store.exchange.evaluating.evaluations import Evaluations
from register.store.exchange.evaluating.shown_tickets import ShownTickets
from register.store.exchange.evaluating.tickets import Tickets
from register.store.exchange.held import Held
from register.store.exchange.log import ExchangeLog
from register.store.exchange.partner_lists import PartnerLists
from register.store.exchange.receipts import ExchangeReceipts
from register.store.exchange.received import ExchangeReceived
from register.store.exchange.reconciling import Reconciling
from register.store.exchange.requests_seen import RequestsSeen
from register.store.exchange.rosters import Rosters
from register.store.exchange.standing import Cursors, ExchangeStanding
from register.store.running.ground import Ground


class ExchangeStores:
    """What is told to partners, what they told, and what evaluators were asked."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    @cached_property
    def drafts(self) -> Drafts:
        """What was decided to say to partners."""
        return Drafts(self._ground.connection, self._ground.partition, self._ground.keys, self._ground.clock)

    @cached_property
    def log(self) -> ExchangeLog:
        """What is told to each partner, numbered."""
        return ExchangeLog(self._ground.connection, self._ground.partition, self._ground.keys, self._ground.clock)

    @cached_property
    def received(self) -> ExchangeReceived:
        """What partners told."""
        return ExchangeReceived(self._ground.connection, self._ground.partition, self._ground.keys, self._ground.clock)

    @cached_property
    def receipts(self) -> ExchangeReceipts:
        """Receipts given and got."""
        return ExchangeReceipts(self._ground.connection, self._ground.partition, self._ground.clock)

    @cached_property
    def standing(self) -> ExchangeStanding:
        """How it stands with all partners."""
        return ExchangeStanding(self._ground.connection, self._ground.partition)

    @cached_property
    def cursors(self) -> Cursors:
        """How fresh what we hold of each partner is."""
        return Cursors(self._ground.connection, self._ground.partition)

    @cached_property
    def partner_lists(self) -> PartnerLists:
        """Signed lists of partners."""
        return PartnerLists(
            self._ground.connection,
            self._ground.partition,
            self._ground.clock,
            of_evaluator=self._ground.caller.function == "evaluator",
        )

    @cached_property
    def held(self) -> Held:
        """Received extracts, opened."""
        return Held(self._ground.connection, self._ground.partition, self._ground.keys)

    @cached_property
    def damages(self) -> Damages:
        """Rows that were found damaged, and how far the look at what is stored has come."""
        return Damages(self._ground.connection, self._ground.partition, self._ground.clock)

    @cached_property
    def requests_seen(self) -> RequestsSeen:
        """Signed requests of partners that were taken already."""
        return RequestsSeen(self._ground.connection, self._ground.partition, self._ground.clock)

    @cached_property
    def rosters(self) -> Rosters:
        """Rosters as they were accepted; shared by all countries of the database."""
        return Rosters(self._ground.connection)

    @cached_property
    def evaluations(self) -> Evaluations:
        """What this country's evaluator was asked; of the role `evaluator` only."""
        return Evaluations(self._ground.connection, self._ground.partition, self._ground.clock)

    @cached_property
    def shown_tickets(self) -> ShownTickets:
        """Tickets that partners showed this country's evaluator; of the roles `evaluator` and `worker`."""
        return ShownTickets(self._ground.connection, self._ground.partition, self._ground.clock)

    @cached_property
    def tickets(self) -> Tickets:
        """Tickets as this country's people see them: the own ones, and those of others."""
        return Tickets(self._ground.connection, self._ground.partition, self._ground.keys, self._ground.clock)

    @cached_property
    def reconciling(self) -> Reconciling:
        """What this country had evaluated, and how it stands with what evaluators list."""
        return Reconciling(self._ground.connection, self._ground.partition, self._ground.clock)
