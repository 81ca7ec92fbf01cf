"""The area's door of a unit of work."""

from __future__ import annotations

from functools import cached_property

from register.store.running.audit_leaves import AuditLeaves
from register.store.running.beats import Beats
from register.store.running.behind import Numbers
from register.store.running.ground import Ground
from register.store.running.idempotency import Idempotency
from register.store.running.outbox import Outbox
from register.store.running.to_do import ToDos
from register.store.schema_revision import SchemaRevision
from register.store.sealed_before import SealedBefore


class RunningStores:
    """What all areas lean on: the audit log, the outbox, what waits, answers given before."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    @cached_property
    def audit(self) -> AuditLeaves:
        """The audit log's leaves."""
        return AuditLeaves(self._ground.connection, self._ground.caller, self._ground.keys, self._ground.clock)

    @cached_property
    def outbox(self) -> Outbox:
        """What the worker is to bring in step."""
        return Outbox(self._ground.connection, self._ground.partition, self._ground.clock)

    @cached_property
    def to_do(self) -> ToDos:
        """What waits for somebody."""
        return ToDos(self._ground.connection, self._ground.partition, self._ground.clock)

    @cached_property
    def idempotency(self) -> Idempotency:
        """Answers given before."""
        return Idempotency(self._ground.connection, self._ground.partition, self._ground.keys, self._ground.clock)

    @cached_property
    def beats(self) -> Beats:
        """What the workers say of their jobs."""
        return Beats(self._ground.connection, self._ground.partition)

    @cached_property
    def behind(self) -> Numbers:
        """What lies behind the entries of the first page."""
        return Numbers(self._ground.connection, self._ground.partition, self._ground.clock)

    @cached_property
    def schema(self) -> SchemaRevision:
        """The revision of the database's schema."""
        return SchemaRevision(self._ground.connection)

    @cached_property
    def sealed_before(self) -> SealedBefore:
        """Rows that an older release sealed beside nothing."""
        return SealedBefore(self._ground.connection, self._ground.partition, self._ground.clock)
