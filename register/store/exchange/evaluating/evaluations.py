"""What an evaluator was asked, what it granted to whom, and its log: all in the evaluator's own schema.

Nothing here could tell what a batch was about: it holds hashes, counts and opaque references. A question is known
by (requester, request id); a sending of it by the `jti` of the signed request that carried it, in the same table
under a requester's name of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.domain.exchange.limits import ALL, Allowances
from register.domain.exchange.quotas import (
    LOOKED_BACK,
    Full,
    Layer,
    OnTicket,
    TooMany,
    Used,
    add_up_keys,
    first_day,
    first_minute,
    judge_all,
    judge_on_ticket,
    judge_repeat,
    minute_of,
    never_fits,
    repeat_costs,
    with_all,
)
from register.domain.exchange.tickets import Presented
from register.store.exchange.requests_seen import KEPT, RequestReplayed
from register.store.models.evaluations import (
    evaluation_leaf,
    evaluation_request,
    evaluation_turn,
    evaluation_usage,
)
from register.store.running.audit_leaves import PORTION, insert_leaf
from register.store.running.server.rls import child_name
from schemas.canonical import dumps_plain
from schemas.codes import Partition
from schemas.exchange.wire import Book

QUESTIONS_KEPT: Final = timedelta(days=30)
"""How long a repeat costs no quota. What is pending for longer is asked for anew, and counted anew."""
_TIDY_UP_BELOW: Final = 4  # of 256: about every 64th request also deletes what is too old

Verdict = Literal["granted", "repeated", "reused", "over-quota", "too-many"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request for evaluation, as far as quotas and repeats go by it.

    Attributes:
        keys: by selector class, how many are asked for.
        books: those in which they count; none of a change of the epoch, which is asked on a ticket only.
        allowances: what this evaluator grants the country.
        ticket: on which they count where the limits have no room; found good for what is asked.
    """

    requester: Partition
    organisation: str
    actor: str
    request_id: UUID
    body_hash: bytes
    keys: Mapping[str, int]
    books: tuple[Book, ...]
    allowances: Allowances
    ticket: Presented | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What became of a question.

    Attributes:
        at: when it was granted first.
        full: what had no room for it.
        too_many: how many had fitted, where so many never will.
        on_ticket: it was counted on its ticket.
    """

    verdict: Verdict
    at: datetime
    full: Full | None = None
    too_many: TooMany | None = None
    on_ticket: bool = False


class Evaluations:
    """The evaluator's tables of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock

    def remember_sending(self, requester: Partition, jti: UUID, digest: bytes) -> None:
        """Keep the id of a signed request.

        Raises:
            RequestReplayed: it was kept before.
        """
        if jti.bytes[-1] < _TIDY_UP_BELOW:
            self._tidy_up()
        if not self._keep(_sendings_of(requester), jti, digest, self._clock.now()):
            raise RequestReplayed(f"{requester} sent request {jti} before", jti=str(jti))

    def knows(self, requester: Partition, request_id: UUID) -> bool:
        """Whether a question of this id was granted: what a limit or a ticket says of a new one is not asked of it."""
        table = evaluation_request.c
        query = sa.select(sa.literal(1)).where(
            table.country == self._country, table.requester == requester, table.request_id == request_id
        )
        return self._connection.execute(query).first() is not None

    def claim(self, question: Question) -> Claim:
        """Grant a question and count its keys, all of them or none.

        A question known by its id and hash is `repeated` and costs no quota, but only so many repeats are evaluated a
        minute; known with another hash it is `reused`. One that is refused leaves no trace here, so that it may be
        granted another day.
        """
        now = self._clock.now()
        with self._connection.begin_nested() as savepoint:
            if not self._keep(question.requester, question.request_id, question.body_hash, now):
                return self._known(question, now)
            self.take_turn(question.requester)
            used = {book: self._used(question, book, now) for book in question.books}
            full: Full | TooMany | None = self._full_without_ticket(question, used, now)
            on_ticket = question.ticket is not None and full is not None
            if on_ticket:
                full = self._full_on_ticket(question, used, full, now)
            if full is not None:
                savepoint.rollback()
                if isinstance(full, TooMany):
                    return Claim("too-many", now, too_many=full)
                return Claim("over-quota", now, full)
            self._count(question, now, new_actor=not all(one.actor_known for one in used.values()), on_ticket=on_ticket)
        return Claim("granted", now, on_ticket=on_ticket)

    def spent_on(self, requester: Partition, ticket: str) -> int:
        """Keys that were evaluated here on a ticket."""
        return self._on_tickets(requester, Layer.TICKET, ticket)

    def registered_since(self, requester: Partition, since: date) -> int:
        """Keys that a country was granted to register and publish since a day of UTC, with tickets and without."""
        table = evaluation_usage.c
        query = sa.select(
            sa.func.coalesce(
                sa.func.sum(sa.case((table.book == Book.KEPT, -table["keys"]), else_=table["keys"])),
                0,
            )
        ).where(
            table.country == self._country,
            table.requester == requester,
            table.layer.in_((Layer.COUNTRY, Layer.TICKET)),
            table.book.in_((Book.REGISTRATIONS, Book.KEPT)),
            table.span == _DAY,
            table.selector_class != ALL,
            table.begins >= _derive_midnight(since),
        )
        return int(self._connection.execute(query).scalar_one())

    def take_turn(self, requester: Partition) -> None:
        """Wait until nobody else counts for this country; held until the transaction ends.

        Counts of thirty days cannot be compared and raised in one statement, and two requests that both read first
        would pass a limit together.
        """
        now = self._clock.now()
        row = {"country": self._country, "requester": requester, "taken_at": now}
        statement = insert(evaluation_turn).values([row])
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=("country", "requester"), set_={"taken_at": now})
        )

    def note(self, commitment: Mapping[str, Any]) -> None:
        """Append one leaf to the evaluator's log; codes, hashes, counts and opaque references only."""
        leaf_id = self._clock.new_id()
        told = {"v": 1, "id": str(leaf_id), **commitment}
        insert_leaf(self._connection, evaluation_leaf, {"country": self._country, "id": leaf_id}, told, dumps_plain)

    def leaves(self, *, after: UUID | None, limit: int = PORTION) -> list[tuple[UUID, datetime, Any, bytes]]:
        """Leaves of the evaluator's log in the order of their ids: id, time, commitment and hash of each."""
        table = evaluation_leaf.c
        query = sa.select(table.id, table.at, table.commitment, table.leaf_hash).where(table.country == self._country)
        if after is not None:
            query = query.where(table.id > after)
        return [tuple(row) for row in self._connection.execute(query.order_by(table.id).limit(limit))]

    def granted(
        self, requester: Partition, day: date, *, after: UUID | None, limit: int
    ) -> list[tuple[UUID, UUID, int, str]]:
        """What was granted to a country on a day of UTC for the first time, in the order of the log.

        Returns:
            Id of the leaf, id of the request, how many keys, and for what.
        """
        table, begins = evaluation_leaf.c, _derive_midnight(day)
        told = table.commitment
        query = sa.select(table.id, told).where(
            table.country == self._country,
            table.at >= begins,
            table.at < begins + timedelta(days=1),
            told["requester"].astext == requester,
            told["decision"].astext == "granted",
        )
        if after is not None:
            query = query.where(table.id > after)
        return [
            (
                row.id,
                UUID(row.commitment["request_id"]),
                sum(row.commitment["keys"].values()),
                row.commitment["purpose"],
            )
            for row in self._connection.execute(query.order_by(table.id).limit(limit))
        ]

    def counted(self, day: date) -> list[tuple[Partition, Book, str, int]]:
        """What was granted on a day of UTC, whoever of a country asked, on tickets too: country, book, class, keys."""
        table = evaluation_usage.c
        query = (
            sa.select(table.requester, table.book, table.selector_class, sa.func.sum(table["keys"]))
            .where(
                table.country == self._country,
                table.layer.in_((Layer.COUNTRY, Layer.TICKET)),
                table.span == _DAY,
                table.begins == _derive_midnight(day),
                table.selector_class != ALL,
            )
            .group_by(table.requester, table.book, table.selector_class)
            .order_by(table.requester, table.book, table.selector_class)
        )
        return [
            (Partition(requester), Book(book), name, int(keys))
            for requester, book, name, keys in self._connection.execute(query)
        ]

    def requests_of(self, day: date) -> dict[Partition, list[UUID]]:
        """The ids of what was granted on a day of UTC for the first time, by country."""
        table, begins = evaluation_leaf.c, _derive_midnight(day)
        told = table.commitment
        query = sa.select(told["requester"].astext, told["request_id"].astext).where(
            table.country == self._country,
            table.at >= begins,
            table.at < begins + timedelta(days=1),
            told["decision"].astext == "granted",
        )
        found: dict[Partition, list[UUID]] = {}
        for requester, request_id in self._connection.execute(query):
            found.setdefault(Partition(requester), []).append(UUID(request_id))
        return found

    def _keep(self, requester: str, request_id: UUID, digest: bytes, at: datetime) -> bool:
        row = {
            "country": self._country,
            "requester": requester,
            "request_id": request_id,
            "body_hash": digest,
            "at": at,
        }
        statement = insert(evaluation_request).values([row]).on_conflict_do_nothing()
        return self._connection.execute(statement.returning(evaluation_request.c.at)).first() is not None

    def _known(self, question: Question, now: datetime) -> Claim:
        table = evaluation_request.c
        row = self._connection.execute(
            sa.select(table.body_hash, table.at).where(
                table.country == self._country,
                table.requester == question.requester,
                table.request_id == question.request_id,
            )
        ).one()
        if row.body_hash != question.body_hash:
            return Claim("reused", row.at)
        self.take_turn(question.requester)
        full = judge_repeat(question.keys, self._repeated(question.requester, now), now=now)
        if full is not None:
            return Claim("over-quota", now, full)
        self._add([self._of_repeats(question, now)])
        return Claim("repeated", row.at)

    def _full_without_ticket(
        self, question: Question, used: Mapping[Book, Used], now: datetime
    ) -> Full | TooMany | None:
        """What has no room for a question; `TooMany` for one that no limit ever takes whole."""
        if not question.books:
            return TooMany(ALL, 0)
        never = [found for book in question.books if (found := never_fits(question.keys, question.allowances, book))]
        if never:
            return TooMany(*min(never, key=lambda found: found[1]))
        return judge_all(question.keys, used, question.allowances, now=now)

    def _full_on_ticket(
        self, question: Question, used: Mapping[Book, Used], free: Full | TooMany | None, now: datetime
    ) -> Full | TooMany | None:
        if question.ticket is None:
            raise ValueError("a question is counted on the ticket that it names")
        said = question.ticket.ticket
        ticket = OnTicket(
            keys=said.keys,
            spent=self._on_tickets(question.requester, Layer.TICKET, said.id),
            by_persons=question.ticket.by_persons,
            today=self._on_tickets(question.requester, Layer.OF_NODES, _WHOLE, since=now.astimezone(UTC).date()),
        )
        slot = free.retry_at if isinstance(free, Full) else None
        return judge_on_ticket(question.keys, used, question.allowances, ticket, free=slot, now=now)

    def _on_tickets(self, requester: Partition, layer: Layer, name: str, *, since: date | None = None) -> int:
        """Keys counted under a name; what is kept is a part of what is registered, and all classes hold each twice."""
        table = evaluation_usage.c
        query = sa.select(sa.func.coalesce(sa.func.sum(table["keys"]), 0)).where(
            table.country == self._country,
            table.requester == requester,
            table.layer == layer,
            table.name == name,
            table.book != Book.KEPT,
            table.selector_class != ALL,
        )
        if since is not None:
            query = query.where(table.begins >= _derive_midnight(since))
        return int(self._connection.execute(query).scalar_one())

    def _repeated(self, requester: Partition, now: datetime) -> int:
        """What the repeats of this minute count as."""
        table = evaluation_usage.c
        counted = self._connection.execute(
            sa.select(table["keys"]).where(
                table.country == self._country,
                table.requester == requester,
                table.layer == Layer.REPEATS,
                table.span == _MINUTE,
                table.begins == minute_of(now),
            )
        ).scalar()
        return int(counted or 0)

    def _of_repeats(self, question: Question, now: datetime) -> Mapping[str, Any]:
        begins, cost = minute_of(now), repeat_costs(question.keys)
        return self._usage(question, Layer.REPEATS, _WHOLE, _WHOLE, _WHOLE, _MINUTE, begins, cost)

    def used_by(self, requester: Partition, book: Book, now: datetime) -> Used:
        """What a country was granted of one book lately, whoever of it asked: for alarms, by the worker too."""
        since = first_minute(now - LOOKED_BACK)
        return _used_of(self._rows(requester, book, now, organisation=None, actor=None, since=since))

    def _used(self, question: Question, book: Book, now: datetime) -> Used:
        rows = self._rows(question.requester, book, now, organisation=question.organisation, actor=question.actor)
        known, fresh = self._actors(question, now)
        return replace(_used_of(rows), actor_known=known, new_actors=fresh)

    def _rows(
        self,
        requester: Partition,
        book: Book,
        now: datetime,
        *,
        organisation: str | None,
        actor: str | None,
        since: datetime | None = None,
    ) -> list[Any]:
        table, today = evaluation_usage.c, _derive_midnight(now.astimezone(UTC).date())
        of_today = sa.and_(table.span == _DAY, table.begins == today)
        query = sa.select(table.layer, table.span, table.selector_class, table.begins, table["keys"]).where(
            table.country == self._country,
            table.requester == requester,
            table.book == book,
            sa.or_(
                sa.and_(
                    table.layer.in_((Layer.COUNTRY, Layer.OF_NODES)),
                    table.name == _WHOLE,
                    sa.or_(
                        sa.and_(table.span == _MINUTE, table.begins >= (since or first_minute(now))),
                        sa.and_(table.span == _DAY, table.begins >= _derive_midnight(first_day(now))),
                    ),
                ),
                sa.and_(table.layer == Layer.ORGANISATION, table.name == organisation, of_today),
                sa.and_(table.layer == Layer.ACTOR, table.name == actor, of_today),
            ),
        )
        return list(self._connection.execute(query))

    def _actors(self, question: Question, now: datetime) -> tuple[bool, int]:
        """Whether the actor was seen in the last thirty days, and how many of the country are new today."""
        table, today = evaluation_usage.c, _derive_midnight(now.astimezone(UTC).date())
        row = self._connection.execute(
            sa.select(
                sa.func.coalesce(sa.func.bool_or(table.name == question.actor), sa.false()),
                sa.func.count().filter(table.begins == today),
            ).where(
                table.country == self._country,
                table.requester == question.requester,
                table.layer == Layer.NEW_ACTORS,
                table.begins >= _derive_midnight(first_day(now)),
                sa.or_(table.name == question.actor, table.begins == today),
            )
        ).one()
        return bool(row[0]), int(row[1])

    def _count(self, question: Question, now: datetime, *, new_actor: bool, on_ticket: bool) -> None:
        """Add to what was granted, in every layer and span at once."""
        minute, today = minute_of(now), _derive_midnight(now.astimezone(UTC).date())
        rows = self._rows_of_ticket(question, today) if on_ticket else self._rows_of_limits(question, minute, today)
        if new_actor:
            rows.append(self._usage(question, Layer.NEW_ACTORS, question.actor, _WHOLE, _WHOLE, _DAY, today, 1))
        self._add(rows)

    def _rows_of_ticket(self, question: Question, today: datetime) -> list[Mapping[str, Any]]:
        """On the ticket; of one of nodes in the thirty days, too, and in the day of all such tickets."""
        if question.ticket is None:
            raise ValueError("a question is counted on the ticket that it names")
        ticket = question.ticket
        rows = [
            self._usage(question, Layer.TICKET, ticket.ticket.id, book, name, _DAY, today, count)
            # A change of the epoch is told to others as what it is: registered anew.
            for book in question.books or (Book.REGISTRATIONS,)
            for name, count in sorted(question.keys.items())
        ]
        if not ticket.by_persons:
            rows += [
                self._usage(question, Layer.OF_NODES, _WHOLE, book, name, _DAY, today, count)
                for book in question.books
                for name, count in sorted(with_all(question.keys, question.allowances, book).items())
            ]
        return rows

    def _rows_of_limits(self, question: Question, minute: datetime, today: datetime) -> list[Mapping[str, Any]]:
        return [
            self._usage(question, layer, name, book, selector_class, span, begins, count)
            for book in question.books
            for selector_class, count in sorted(with_all(question.keys, question.allowances, book).items())
            for layer, name, span, begins in (
                (Layer.COUNTRY, _WHOLE, _MINUTE, minute),
                (Layer.COUNTRY, _WHOLE, _DAY, today),
                (Layer.ORGANISATION, question.organisation, _DAY, today),
                (Layer.ACTOR, question.actor, _DAY, today),
            )
        ]

    def _add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        statement = insert(evaluation_usage).values(rows)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[c.name for c in evaluation_usage.primary_key.columns],
                set_={"keys": evaluation_usage.c["keys"] + statement.excluded["keys"]},
            )
        )

    def _usage(
        self,
        question: Question,
        layer: Layer,
        name: str,
        book: str,
        selector_class: str,
        span: str,
        begins: datetime,
        keys: int,
    ) -> Mapping[str, Any]:
        return {
            "country": self._country,
            "requester": question.requester,
            "layer": layer,
            "name": name,
            "book": book,
            "selector_class": selector_class,
            "span": span,
            "begins": begins,
            "keys": keys,
        }

    def _tidy_up(self) -> None:
        child, now = child_name(evaluation_request, self._country), self._clock.now()
        ages = {"sendings": now - KEPT, "questions": now - QUESTIONS_KEPT}
        self._connection.execute(
            sa.text(
                f"DELETE FROM {child} WHERE at < CASE WHEN requester LIKE '{_SENDINGS}%'"
                " THEN CAST(:sendings AS timestamptz) ELSE CAST(:questions AS timestamptz) END"
            ),
            ages,
        )
        self._connection.execute(
            sa.text(
                f"DELETE FROM {child_name(evaluation_usage, self._country)} WHERE begins < :month"
                f" OR (span = '{_MINUTE}' AND begins < :minute)"
            ),
            {"month": _derive_midnight(first_day(now)), "minute": first_minute(now - LOOKED_BACK)},
        )


_SENDINGS: Final = "sendings of "
_MINUTE: Final = "minute"
_DAY: Final = "day"
_WHOLE: Final = "-"
"""Where a country's keys are counted whole, or a count is of no class and no book."""


def _used_of(rows: Iterable[Any]) -> Used:
    minutes: dict[str, list[tuple[datetime, int]]] = {}
    days: dict[str, list[tuple[date, int]]] = {}
    ticketed: dict[str, list[tuple[date, int]]] = {}
    of: dict[Layer, list[tuple[str, int]]] = {Layer.ORGANISATION: [], Layer.ACTOR: []}
    for row in rows:
        if row.layer == Layer.OF_NODES:
            ticketed.setdefault(row.selector_class, []).append((row.begins.astimezone(UTC).date(), row.keys))
        elif row.layer != Layer.COUNTRY:
            of[Layer(row.layer)].append((row.selector_class, row.keys))
        elif row.span == _MINUTE:
            minutes.setdefault(row.selector_class, []).append((row.begins, row.keys))
        else:
            days.setdefault(row.selector_class, []).append((row.begins.astimezone(UTC).date(), row.keys))
    return Used(
        minutes=minutes,
        days=days,
        organisation=add_up_keys(of[Layer.ORGANISATION]),
        actor=add_up_keys(of[Layer.ACTOR]),
        ticketed=ticketed,
    )


def _derive_midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _sendings_of(requester: Partition) -> str:
    return f"{_SENDINGS}{requester}"
