"""Tickets as a country's own people and worker see them: the own ones, and those of others, inside one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.errors import DoesNotOpen
from register.store.exchange.evaluating.shown_tickets import KEPT_AFTER
from register.store.models.exchange import attested_figure, ticket
from register.store.running.sealing import DataKeys, KeyEnd, NotSealed, Place
from register.store.running.server.rls import child_name
from schemas.codes import Partition
from schemas.exchange.tickets import Ticket
from schemas.exchange.wire import parse_instant

SHOWN_MAX: Final = 200
"""The newest that are listed."""


_STATES: Final = ("asked", "ended", "refused", "signed", "waiting")


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

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys, clock: Clock) -> None:
        self._connection, self._country, self._keys, self._clock = connection, country, keys, clock

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
        return None if row is None else _read_kept_ticket(row)

    def all(self) -> list[KeptTicket]:
        """The newest first."""
        query = self._all().order_by(ticket.c.asked_at.desc(), ticket.c.id.desc()).limit(SHOWN_MAX)
        return [_read_kept_ticket(row) for row in self._connection.execute(query)]

    def own_open(self) -> list[KeptTicket]:
        """This country's that have not ended, the first to end first."""
        query = self._all().where(ticket.c.asker == self._country, ticket.c.until > self._clock.now())
        return [_read_kept_ticket(row) for row in self._connection.execute(query.order_by(ticket.c.until, ticket.c.id))]

    def to_carry(self) -> list[KeptTicket]:
        """Those of others of which a person has said something that the evaluator does not have yet."""
        said = ticket.c.decided_at.is_not(None) & ticket.c.carried_at.is_(None) & (ticket.c.state != "waiting")
        return [_read_kept_ticket(row) for row in self._connection.execute(self._all().where(said))]

    def decide(
        self, asker: Partition, ticket_id: UUID, state: str, *, by: str, reason: str | None, signature: str | None
    ) -> bool:
        """Keep what a person said of one that waits; False where something was said before."""
        now = self._clock.now()
        said = {"state": state, "decided_by": by, "decided_at": now, "reason": reason, "signature": signature}
        if signature is None:
            # A signature is bound by itself; a refusal is sealed, so that nobody refuses in somebody's name.
            key = self._keys.make((now + KEPT_AFTER).date())
            place = self._said(asker, ticket_id, by, now, reason)
            said |= {"refusal": key.seal_json(place, "refusal", state), "data_key": key.id}
        changed = self._connection.execute(
            sa.update(ticket).where(*self._is(asker, ticket_id), ticket.c.state == "waiting").values(said)
        )
        return bool(changed.rowcount)

    def is_refused(self, kept: KeptTicket) -> bool:
        """Whether the refusal of a ticket was said through the register, as its row has it."""
        query = self._keys.beside(sa.select(ticket), ticket).where(*self._is(kept.asker, kept.id))
        row = self._connection.execute(query).mappings().one()
        if row["refusal"] is None or row["decided_by"] is None or row["decided_at"] is None:
            return False
        place = self._said(kept.asker, kept.id, row["decided_by"], row["decided_at"], row["reason"])
        try:
            key = self._keys.of_row(row)
            return key is not None and key.open_json(place, "refusal", row["refusal"]) == row["state"]
        except DoesNotOpen:
            return False

    def _said(self, asker: Partition, ticket_id: UUID, by: str, at: datetime, reason: str | None) -> Place:
        said = json.dumps([by, at.astimezone(UTC).isoformat(), reason])
        return Place(self._country, "ticket", f"{asker}/{ticket_id}", bound=said)

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
        found, made = Figure(self._clock.now(), evaluated, published, by), self._clock.new_id()
        key = self._keys.make((found.at + KEPT_AFTER).date())
        self._connection.execute(
            sa.insert(attested_figure).values(
                country=self._country,
                id=made,
                at=found.at,
                evaluated=evaluated,
                published=published,
                by=by,
                said=key.seal_json(self._attested(made, found), "said", "attested"),
                data_key=key.id,
            )
        )
        return found

    def attested(self) -> Figure | None:
        """The newest figure; None where none was attested yet. One that nobody sealed counts for nothing."""
        return next((one for one, _ in self._figures() if one is not None), None)

    def figures_forged(self) -> list[UUID]:
        """Those that stand here and were not sealed for whom they name: somebody wrote them beside the register."""
        return [about for one, about in self._figures() if one is None]

    def forget_old(self) -> int:
        """Forget tickets that ended long ago, and figures as old; return how many went."""
        before, forgotten = {"before": self._clock.now() - KEPT_AFTER}, 0
        for table, moment in ((ticket, "until"), (attested_figure, "at")):
            child = child_name(table, self._country)
            gone = sa.text(f'DELETE FROM {child} WHERE "{moment}" < :before RETURNING data_key')
            keys = list(self._connection.execute(gone, before).scalars())
            self._keys.end([one for one in keys if one is not None], KeyEnd.EXPIRED)
            forgotten += len(keys)
        return forgotten

    def _figures(self) -> Iterator[tuple[Figure | None, UUID]]:
        """Each with its id, the newest first; None where it does not open."""
        query = self._keys.beside(sa.select(attested_figure), attested_figure)
        table = attested_figure.c
        rows = self._connection.execute(query.where(table.country == self._country).order_by(table.at.desc()))
        for row in rows.mappings().all():
            found = Figure(row["at"], row["evaluated"], row["published"], row["by"])
            try:
                key = self._keys.of_row(row)
                if key is None:
                    raise NotSealed(f"the figure {row['id']} names no data key")
                key.open(self._attested(row["id"], found), "said", row["said"])
            except DoesNotOpen:
                yield None, row["id"]
            else:
                yield found, row["id"]

    def _attested(self, about: UUID, one: Figure) -> Place:
        bound = json.dumps([one.evaluated, one.published, one.by, one.at.astimezone(UTC).isoformat()])
        return Place(self._country, "attested_figure", str(about), bound=bound)

    def _set(self, asker: Partition, ticket_id: UUID, **values: Any) -> None:
        self._connection.execute(sa.update(ticket).where(*self._is(asker, ticket_id)).values(**values))

    def _is(self, asker: Partition, ticket_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
        return ticket.c.country == self._country, ticket.c.asker == asker, ticket.c.id == ticket_id

    def _all(self) -> sa.Select[Any]:
        # What is of no country, or in no state, was written beside the register, and must not hide the others.
        ours = ticket.c.asker.in_(sorted(Partition)), ticket.c.state.in_(_STATES)
        return sa.select(ticket).where(ticket.c.country == self._country, *ours)


def _read_kept_ticket(row: Any) -> KeptTicket:
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
