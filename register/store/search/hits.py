"""Hits from abroad: received extracts that share a key with an own signal, and what people said of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.domain.access.caller import Caller
from register.domain.signals.signal import SignalId
from register.store.models.exchange import hit, hit_step, received_record
from register.store.models.signals import signal, signal_event
from schemas.codes import HitState, Partition, Visibility
from schemas.search.question import HitRow


@dataclass(frozen=True, slots=True)
class Found:
    """One pair that matches. subject: whose key it is in the own signal; 0 for nobody's."""

    signal_id: UUID
    subject: int
    origin: Partition
    record: UUID
    families: tuple[str, ...]
    bits: float
    strength: str


class Hits:
    """The hits of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock

    def keep(self, found: Sequence[Found]) -> int:
        """Add hits, or bring those that are there to this state; return how many are new."""
        if not found:
            return 0
        now = self._clock.now()
        statement = insert(hit).values(
            [
                {
                    "country": self._country,
                    "id": self._clock.new_id(),
                    "signal_id": f.signal_id,
                    "subject": f.subject,
                    "origin": f.origin,
                    "object": f.record,
                    "families": list(f.families),
                    "bits": f.bits,
                    "strength": f.strength,
                    "found_at": now,
                    "withdrawn_at": None,
                }
                for f in found
            ]
        )
        fresh = statement.excluded
        made = self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["country", "signal_id", "origin", "object"],
                set_={c: fresh[c] for c in ("subject", "families", "bits", "strength", "withdrawn_at")},
            ).returning((hit.c.found_at == now).label("new"))
        )
        return sum(1 for row in made if row.new)

    def keep_only(self, *, signal_id: UUID | None, origin: Partition, record: UUID, pairs: Sequence[UUID]) -> None:
        """Withdraw hits that no longer hold.

        Args:
            signal_id: of an own signal: its hits with records other than `pairs` are withdrawn; `record` is ignored.
            origin: of the received record, where `signal_id` is None.
            record: the received record, where `signal_id` is None: its hits on signals other than `pairs` go.
            pairs: what still matches.
        """
        about = (
            hit.c.signal_id == signal_id
            if signal_id is not None
            else sa.and_(hit.c.origin == origin, hit.c.object == record)
        )
        other = hit.c.object if signal_id is not None else hit.c.signal_id
        self._connection.execute(
            sa.update(hit)
            .where(hit.c.country == self._country, about, hit.c.withdrawn_at.is_(None), other.not_in(list(pairs)))
            .values(withdrawn_at=self._clock.now())
        )

    def newest(
        self,
        *,
        before: tuple[datetime, UUID] | None,
        limit: int,
        hidden: Collection[Visibility] = (),
        besides: str | None = None,
        but: Collection[UUID] = (),
        of: SignalId | None = None,
        only: UUID | None = None,
        organisation: str | None = None,
    ) -> list[HitRow]:
        """Hits that hold, newest first, with the references of both sides and the state of each.

        Args:
            before: go on after this one, as `found_at` and `id` have it.
            limit: how many.
            hidden: none on signals of these visibilities.
            besides: none on signals that this actor has had a hand in: recorded or amended.
            but: none on these signals.
            of: only on this signal.
            only: this one alone.
            organisation: which sees the requests that it drafted; nobody else's are named.
        """
        query = self._query(hidden).where(hit.c.signal_id.not_in(but))
        if before is not None:
            query = query.where(sa.tuple_(hit.c.found_at, hit.c.id) < before)
        if besides is not None:
            query = query.where(hit.c.signal_id.not_in(self._in_hand_of(besides)))
        if of is not None:
            query = query.where(hit.c.signal_id == of)
        if only is not None:
            query = query.where(hit.c.id == only)
        return [_hit_row(row, organisation) for row in self._connection.execute(query.limit(limit)).mappings()]

    def record_of(self, hit_id: UUID) -> UUID | None:
        """The extract that a hit is about, whether the hit still holds or not; None where there is no such hit."""
        query = sa.select(hit.c.object).where(hit.c.country == self._country, hit.c.id == hit_id)
        return self._connection.execute(query).scalar()

    def mark(
        self, on: HitRow, caller: Caller, state: HitState, *, no_concern: str | None = None, request: UUID | None = None
    ) -> bool:
        """Add what somebody says of a hit; False where somebody said something of it since `on` was read."""
        statement = insert(hit_step).values(
            country=self._country,
            hit_id=on.id,
            number=on.version,
            state=state,
            no_concern=no_concern,
            request_id=request,
            families=list(on.families),
            actor=caller.actor,
            organisation=caller.organisation,
            at=self._clock.now(),
        )
        # The number is the key: of two who say something of the same state, one is told so.
        made = self._connection.execute(statement.on_conflict_do_nothing().returning(hit_step.c.number))
        return made.first() is not None

    def has_hand_in(self, actor: str, signal_id: SignalId) -> bool:
        """Whether somebody has recorded or amended a signal."""
        own = self._in_hand_of(actor).where(signal_event.c.signal_id == signal_id)
        return self._connection.execute(own.limit(1)).first() is not None

    def _in_hand_of(self, actor: str) -> sa.Select[Any]:
        own = signal_event.c
        brought = own.what.in_(["recorded", "amended"])
        return sa.select(own.signal_id).where(own.country == self._country, own.actor == actor, brought)

    def _query(self, hidden: Collection[Visibility]) -> sa.Select[Any]:
        country = self._country
        said = hit_step.c
        last = (
            sa.select(*said["number", "state", "no_concern", "request_id", "organisation", "at"])
            .add_columns(said.families.label("families_then"))
            .where(said.country == hit.c.country, said.hit_id == hit.c.id)
            .order_by(said.number.desc())
            .limit(1)
            .lateral("last")
        )
        return (
            sa.select(
                *hit.c["id", "signal_id", "subject", "origin", "object", "families", "bits", "strength", "found_at"],
                signal.c.reference.label("signal_reference"),
                received_record.c.reference,
                *last.c,
            )
            .join_from(hit, last, sa.true(), isouter=True)
            .join(signal, sa.and_(signal.c.country == hit.c.country, signal.c.id == hit.c.signal_id))
            .join(
                received_record,
                sa.and_(
                    received_record.c.country == hit.c.country,
                    received_record.c.partner == hit.c.origin,
                    received_record.c.object == hit.c.object,
                ),
            )
            .where(
                hit.c.country == country,
                hit.c.withdrawn_at.is_(None),
                received_record.c.live,
                received_record.c.hidden_at.is_(None),
                signal.c.visibility.not_in([str(v) for v in hidden]),
            )
            .order_by(hit.c.found_at.desc(), hit.c.id.desc())
        )


def _hit_row(row: Mapping[Any, Any], organisation: str | None) -> HitRow:
    """A hit as people and programs are given it."""
    families = tuple(row["families"])
    said = {} if row["number"] is None else {
        "state": HitState(row["state"]),
        "version": row["number"] + 1,
        "no_concern": row["no_concern"],
        "request": row["request_id"] if row["organisation"] == organisation else None,
        "marked_at": row["at"],
        "marked_by": row["organisation"],
        "changed_since": not set(families) <= set(row["families_then"]),
    }  # fmt: skip
    return HitRow(
        id=row["id"],
        signal=row["signal_id"],
        signal_reference=row["signal_reference"],
        subject=row["subject"],
        origin=Partition(row["origin"]),
        record=row["object"],
        reference=row["reference"],
        families=families,
        strength=row["strength"],
        bits=None if row["bits"] is None else round(row["bits"], 1),
        found_at=row["found_at"],
        **said,
    )
