"""The unit of work: one transaction, one partition, one role. `register.work(caller)` is the only door to it.

Leaving the block commits, an exception rolls back. No network inside: what must happen afterwards is a row in the
outbox. The stores below are made when they are first asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

import sqlalchemy as sa

from register.clock import Clock
from register.domain.access.caller import Caller
from register.store.access.alarms import Alarms
from register.store.access.organisations import Organisations
from register.store.access.sessions import Sessions
from register.store.casework.requests import Requests
from register.store.desk.intakes import Intakes
from register.store.desk.trainings import Trainings
from register.store.desk.victims import Victims
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
from register.store.running.audit_leaves import AuditLeaves
from register.store.running.beats import Beats
from register.store.running.behind import Numbers
from register.store.running.database import Database, check_room
from register.store.running.idempotency import Idempotency
from register.store.running.outbox import Outbox
from register.store.running.sealing import DataKeys, Sealer
from register.store.running.to_do import ToDos
from register.store.schema_revision import SchemaRevision
from register.store.sealed_before import SealedBefore
from register.store.search.budgets import SearchBudgets
from register.store.search.hits import Hits
from register.store.search.indexed import Indexed
from register.store.search.search_keys import SearchKeys
from register.store.search.search_watch import SearchWatch
from register.store.signals.dossiers import Dossiers
from register.store.signals.form_drafts import FormDrafts
from register.store.signals.near_duplicates import NearDuplicates
from register.store.signals.own_tokens import OwnTokens
from register.store.signals.protecting.findings import Findings
from register.store.signals.protecting.liftings import Liftings
from register.store.signals.protections import Protections
from register.store.signals.referrals import Referrals
from register.store.signals.sharing.class_approvals import ClassApprovals
from register.store.signals.sharing.decisions import Sharing
from register.store.signals.signals import Signals
from register.store.signals.timeline import Timeline
from register.store.statistics.figures import Figures
from register.store.statistics.releases import Releases
from register.store.statistics.statements import Statements
from register.store.statistics.yearly import Yearly
from schemas.codes import Partition


class Work:
    """What a use case may touch inside its transaction."""

    def __init__(self, connection: sa.Connection, caller: Caller, sealer: Sealer, clock: Clock) -> None:
        self._connection, self._sealer = connection, sealer
        self.caller, self.clock = caller, clock

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
    def keys(self) -> DataKeys:
        """Data keys for sealed fields."""
        return DataKeys(self._connection, self.partition, self._sealer, self.clock, actor=self.caller.actor)

    @cached_property
    def signals(self) -> Signals:
        """Signals and what hangs on them."""
        return Signals(self._connection, self.partition, self.keys, self.clock)

    @cached_property
    def dossiers(self) -> Dossiers:
        """Signals with all that hangs on them, read in one go."""
        return Dossiers(self._connection, self.partition, self.keys)

    @cached_property
    def own_tokens(self) -> OwnTokens:
        """Blind values and pseudonyms of own signals."""
        return OwnTokens(self._connection, self.partition, self.keys)

    @cached_property
    def protections(self) -> Protections:
        """What protects persons of own signals."""
        return Protections(self._connection, self.partition, self.clock)

    @cached_property
    def findings(self) -> Findings:
        """What the register found in two records and asks the register unit."""
        return Findings(self._connection, self.partition, self.clock)

    @cached_property
    def liftings(self) -> Liftings:
        """By whom protections were lifted."""
        return Liftings(self._connection, self.partition, self.keys, self.clock)

    @cached_property
    def sharing(self) -> Sharing:
        """What was decided for each partner about own signals."""
        return Sharing(self._connection, self.partition)

    @cached_property
    def class_approvals(self) -> ClassApprovals:
        """Approvals of classes of own signals, and what left on them."""
        return ClassApprovals(self._connection, self.partition, self.keys, self.clock)

    @cached_property
    def timeline(self) -> Timeline:
        """Who did what with own signals, and why."""
        return Timeline(self._connection, self.partition, self.keys, self.clock)

    @cached_property
    def referrals(self) -> Referrals:
        """Referrals of signals and their answers."""
        return Referrals(self._connection, self.partition, self.keys, self.clock)

    @cached_property
    def sealed_before(self) -> SealedBefore:
        """Rows that an older release sealed beside nothing."""
        return SealedBefore(self._connection, self.partition, self.clock)

    @cached_property
    def beats(self) -> Beats:
        """What the workers say of their jobs."""
        return Beats(self._connection, self.partition)

    @cached_property
    def intakes(self) -> Intakes:
        """Intake interviews."""
        return Intakes(self._connection, self.partition, self.keys)

    @cached_property
    def victims(self) -> Victims:
        """The victim ladder."""
        return Victims(self._connection, self.partition, self.keys, self.clock)

    @cached_property
    def trainings(self) -> Trainings:
        """Trainings."""
        return Trainings(self._connection, self.partition)

    @cached_property
    def organisations(self) -> Organisations:
        """Organisations and authorisations."""
        return Organisations(self._connection, self.partition, self.clock)

    @cached_property
    def figures(self) -> Figures:
        """Counts for the owner's tables."""
        return Figures(self._connection, self.partition)

    @cached_property
    def yearly(self) -> Yearly:
        """The same for several years at once."""
        return Yearly(self._connection, self.partition)

    @cached_property
    def drafts(self) -> Drafts:
        """What was decided to say to partners."""
        return Drafts(self._connection, self.partition, self.keys, self.clock)

    @cached_property
    def log(self) -> ExchangeLog:
        """What is told to each partner, numbered."""
        return ExchangeLog(self._connection, self.partition, self.keys, self.clock)

    @cached_property
    def received(self) -> ExchangeReceived:
        """What partners told."""
        return ExchangeReceived(self._connection, self.partition, self.keys, self.clock)

    @cached_property
    def receipts(self) -> ExchangeReceipts:
        """Receipts given and got."""
        return ExchangeReceipts(self._connection, self.partition, self.clock)

    @cached_property
    def standing(self) -> ExchangeStanding:
        """How it stands with all partners."""
        return ExchangeStanding(self._connection, self.partition)

    @cached_property
    def partner_lists(self) -> PartnerLists:
        """Signed lists of partners."""
        return PartnerLists(
            self._connection, self.partition, self.clock, of_evaluator=self.caller.function == "evaluator"
        )

    @cached_property
    def search_budgets(self) -> SearchBudgets:
        """How many values were looked up today, by whom."""
        return SearchBudgets(self._connection, self.partition)

    @cached_property
    def search_watch(self) -> SearchWatch:
        """How somebody asks, and the searches that a week's sample is drawn from."""
        return SearchWatch(self._connection, self.partition, self.keys, self.clock)

    @cached_property
    def alarms(self) -> Alarms:
        """What the privacy officer should look at."""
        return Alarms(self._connection, self.partition, self.keys, self.clock)

    @cached_property
    def hits(self) -> Hits:
        """Received extracts that share a key with an own signal."""
        return Hits(self._connection, self.partition, self.clock)

    @cached_property
    def held(self) -> Held:
        """Received extracts, opened."""
        return Held(self._connection, self.partition, self.keys)

    @cached_property
    def damages(self) -> Damages:
        """Rows that were found damaged, and how far the look at what is stored has come."""
        return Damages(self._connection, self.partition, self.clock)

    @cached_property
    def indexed(self) -> Indexed:
        """To which version the engine was brought."""
        return Indexed(self._connection, self.partition, self.clock)

    @cached_property
    def cursors(self) -> Cursors:
        """How fresh what we hold of each partner is."""
        return Cursors(self._connection, self.partition)

    @cached_property
    def search_keys(self) -> SearchKeys:
        """Peppered tokens of own and received records."""
        return SearchKeys(self._connection, self.partition)

    @cached_property
    def outbox(self) -> Outbox:
        """What the worker is to bring in step."""
        return Outbox(self._connection, self.partition, self.clock)

    @cached_property
    def to_do(self) -> ToDos:
        """What waits for somebody."""
        return ToDos(self._connection, self.partition, self.clock)

    @cached_property
    def audit(self) -> AuditLeaves:
        """The audit log's leaves."""
        return AuditLeaves(self._connection, self.caller, self.keys, self.clock)

    @cached_property
    def idempotency(self) -> Idempotency:
        """Answers given before."""
        return Idempotency(self._connection, self.partition, self.keys, self.clock)

    @cached_property
    def evaluations(self) -> Evaluations:
        """What this country's evaluator was asked; of the role `evaluator` only."""
        return Evaluations(self._connection, self.partition, self.clock)

    @cached_property
    def shown_tickets(self) -> ShownTickets:
        """Tickets that partners showed this country's evaluator; of the roles `evaluator` and `worker`."""
        return ShownTickets(self._connection, self.partition, self.clock)

    @cached_property
    def tickets(self) -> Tickets:
        """Tickets as this country's people see them: the own ones, and those of others."""
        return Tickets(self._connection, self.partition, self.keys, self.clock)

    @cached_property
    def reconciling(self) -> Reconciling:
        """What this country had evaluated, and how it stands with what evaluators list."""
        return Reconciling(self._connection, self.partition, self.clock)

    @cached_property
    def requests(self) -> Requests:
        """Requests to owners of shared extracts."""
        return Requests(self._connection, self.partition, self.keys)

    @cached_property
    def requests_seen(self) -> RequestsSeen:
        """Signed requests of partners that were taken already."""
        return RequestsSeen(self._connection, self.partition, self.clock)

    @cached_property
    def behind(self) -> Numbers:
        """What lies behind the entries of the first page."""
        return Numbers(self._connection, self.partition, self.clock)

    @cached_property
    def sessions(self) -> Sessions:
        """Who is signed in at the pages."""
        return Sessions(self._connection, self.partition, self.clock)

    @cached_property
    def form_drafts(self) -> FormDrafts:
        """Forms begun at the pages and not sent yet."""
        return FormDrafts(self._connection, self.partition, self.keys, self.clock)

    @cached_property
    def near_duplicates(self) -> NearDuplicates:
        """Own signals that may be the same report."""
        return NearDuplicates(self._connection, self.partition)

    @cached_property
    def statements(self) -> Statements:
        """What countries said about statistics."""
        return Statements(self._connection, self.partition, self.keys, self.clock)

    @cached_property
    def releases(self) -> Releases:
        """Regional releases."""
        return Releases(self._connection, self.partition, self.keys, self.clock)

    @cached_property
    def schema(self) -> SchemaRevision:
        """The revision of the database's schema."""
        return SchemaRevision(self._connection)

    @cached_property
    def rosters(self) -> Rosters:
        """Rosters as they were accepted; shared by all countries of the database."""
        return Rosters(self._connection)


@contextmanager
def transaction(database: Database, caller: Caller, sealer: Sealer, clock: Clock) -> Iterator[Work]:
    """Open the unit of work of a caller on the role of the caller's country and function."""
    if caller.partition is not database.country:
        raise ValueError(f"a caller of {caller.partition} cannot work on the database of {database.country}")
    with database.transaction(caller.function) as connection:
        work = Work(connection, caller, sealer, clock)
        yield work
        work.keys.settle()
