"""Tickets as a country's own people and worker see them: the own ones, and those of others, inside one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.store.exchange.evaluating.shown_tickets import KEPT_AFTER
from register.store.models.exchange import attested_figure, ticket
from register.store.running.rls import child_name
from schemas.codes import Partition
from schemas.exchange.tickets import Ticket
from schemas.exchange.wire import parse_instant

SHOWN_MAX: Final = 200
"""The newest that are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTicket:
    """A ticket as it is kept at home.

    Attributes:
        asker: the country that asked; this one of an own ticket.
        state: of an own one `asked` or `signed` (three have); of another's `waiting`, `signed`, `refused` or, when
            it ran out without a word, `ended`, here.
        wait: the code of why no node signed it by itself.
        reason: of a refusal.
        asked_by: who of this country asked, opaque to others; of another's, that country.
        decided_by: of another's, who of this country signed or refused it.
        answers: of an own one, what each evaluator answered last: `state`, `reason`, `signature`, `counts`, `takes`
            (its part of the keys) and `used` (those that it evaluated).
        spent: of another's, keys that were evaluated on it here; what is used of an own one, evaluators say.
        asked_on: of an own one, when keys were asked for on it last.
        looked_at: of an own one, when all evaluators that count it said last what is used.
    """

    asker: Partition
    id: UUID
    document: str
    state: str
    wait: str | None
    reason: str | None
    decided_by: str | None
    decided_at: datetime | None
    signature: str | None
    answers: Mapping[str, Mapping[str, Any]]
    spent: int
    asked_on: datetime | None
    looked_at: datetime | None
    asked_by: str
    asked_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Figure:
    """What the country's own supervisor attested."""

    at: datetime
    evaluated: int
    published: int
    by: str


class Tickets:
    """The tickets of one country's house."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock

    def keep(self, said: Ticket, document: str, *, state: str, by: str, wait: str | None = None) -> bool:
        """Keep a ticket; False where it is kept already."""
        row = {
            "country": self._country, "asker": said.iss, "id": UUID(said.id), "document": document, "state": state,
            "wait": wait, "answers": {}, "spent": 0, "asked_by": by, "asked_at": self._clock.now(),
            "until": parse_instant(said.until),
        }  # fmt: skip
        made = insert(ticket).values([row]).on_conflict_do_nothing().returning(ticket.c.id)
        return self._connection.execute(made).first() is not None

    def get(self, asker: Partition, ticket_id: UUID) -> KeptTicket | None:
        """One of them."""
        row = self._connection.execute(self._all().where(ticket.c.asker == asker, ticket.c.id == ticket_id)).first()
        return None if row is None else _kept(row)

    def all(self) -> list[KeptTicket]:
        """The newest first."""
        query = self._all().order_by(ticket.c.asked_at.desc(), ticket.c.id.desc()).limit(SHOWN_MAX)
        return [_kept(row) for row in self._connection.execute(query)]

    def own_open(self) -> list[KeptTicket]:
        """This country's that have not ended, the first to end first."""
        query = self._all().where(ticket.c.asker == self._country, ticket.c.until > self._clock.now())
        return [_kept(row) for row in self._connection.execute(query.order_by(ticket.c.until, ticket.c.id))]

    def to_carry(self) -> list[KeptTicket]:
        """Those of others of which a person has said something that the evaluator does not have yet."""
        said = ticket.c.decided_at.is_not(None) & ticket.c.carried_at.is_(None) & (ticket.c.state != "waiting")
        return [_kept(row) for row in self._connection.execute(self._all().where(said))]

    def decide(
        self, asker: Partition, ticket_id: UUID, state: str, *, by: str, reason: str | None, signature: str | None
    ) -> bool:
        """Keep what a person said of one that waits; False where something was said before."""
        changed = self._connection.execute(
            sa.update(ticket)
            .where(*self._is(asker, ticket_id), ticket.c.state == "waiting")
            .values(state=state, decided_by=by, decided_at=self._clock.now(), reason=reason, signature=signature)
        )
        return bool(changed.rowcount)

    def reopen(self, asker: Partition, ticket_id: UUID) -> None:
        """Let one wait for a person again: what stands as said of it nobody said."""
        self._set(asker, ticket_id, state="waiting")

    def end_unanswered(self) -> list[tuple[Partition, UUID]]:
        """End those of others that have run out and wait for a word here; return whose and which."""
        ended = self._connection.execute(
            sa.update(ticket)
            .where(
                ticket.c.country == self._country,
                # One of a country that there is not was written beside the register, and must not stop the others.
                ticket.c.asker.in_(sorted(set(Partition) - {self._country})),
                ticket.c.state == "waiting",
                ticket.c.until <= self._clock.now(),
            )
            .values(state="ended")
            .returning(ticket.c.asker, ticket.c.id)
        )
        return [(Partition(row.asker), row.id) for row in ended]

    def carried(self, asker: Partition, ticket_id: UUID) -> None:
        """The evaluator has what was said."""
        self._set(asker, ticket_id, carried_at=self._clock.now())

    def answered(
        self,
        ticket_id: UUID,
        answers: Mapping[str, Mapping[str, Any]],
        state: str,
        *,
        looked_at: datetime | None = None,
    ) -> None:
        """Keep what evaluators answered of an own one; `looked_at` where none was missing, when it was begun."""
        looked = {} if looked_at is None else {"looked_at": looked_at}
        self._set(self._country, ticket_id, answers=dict(answers), state=state, **looked)

    def keep_used(self, one: KeptTicket, used: int) -> None:
        """Keys that this country's evaluator evaluated on another's."""
        if used != one.spent:
            self._set(one.asker, one.id, spent=used)

    def note_asked(self, ticket_id: UUID) -> None:
        """Keys were asked for on an own one."""
        self._set(self._country, ticket_id, asked_on=self._clock.now())

    def attest(self, evaluated: int, published: int, by: str) -> Figure:
        """Keep a figure that was attested now."""
        found = Figure(self._clock.now(), evaluated, published, by)
        self._connection.execute(
            sa.insert(attested_figure).values(
                country=self._country,
                id=self._clock.new_id(),
                at=found.at,
                evaluated=evaluated,
                published=published,
                by=by,
            )
        )
        return found

    def attested(self) -> Figure | None:
        """The newest figure; None where none was attested yet."""
        table = attested_figure.c
        row = self._connection.execute(
            sa.select(attested_figure).where(table.country == self._country).order_by(table.at.desc()).limit(1)
        ).first()
        return None if row is None else Figure(row.at, row.evaluated, row.published, row.by)

    def forget_old(self) -> int:
        """Forget tickets that ended long ago, and figures as old; return how many went."""
        before, forgotten = {"before": self._clock.now() - KEPT_AFTER}, 0
        for table, moment in ((ticket, "until"), (attested_figure, "at")):
            child = child_name(table, self._country)
            gone = self._connection.execute(sa.text(f'DELETE FROM {child} WHERE "{moment}" < :before'), before)
            forgotten += gone.rowcount
        return forgotten

    def _set(self, asker: Partition, ticket_id: UUID, **values: Any) -> None:
        self._connection.execute(sa.update(ticket).where(*self._is(asker, ticket_id)).values(**values))

    def _is(self, asker: Partition, ticket_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
        return ticket.c.country == self._country, ticket.c.asker == asker, ticket.c.id == ticket_id

    def _all(self) -> sa.Select[Any]:
        return sa.select(ticket).where(ticket.c.country == self._country, ticket.c.asker.in_(sorted(Partition)))


def _kept(row: Any) -> KeptTicket:
    return KeptTicket(
        asker=Partition(row.asker),
        id=row.id,
        document=row.document,
        state=row.state,
        wait=row.wait,
        reason=row.reason,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        signature=row.signature,
        answers=row.answers,
        spent=row.spent,
        asked_on=row.asked_on,
        looked_at=row.looked_at,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        until=row.until,
    )
