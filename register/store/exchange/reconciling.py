"""The book of what this country had evaluated, and how it stands night by night with each evaluator's own list."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.domain.exchange.counts import Granted, add_up_granted
from register.domain.exchange.reconciling import Asked, Night, NightState, end_of
from register.domain.partition import others
from register.domain.running.audit_action import AuditAction
from register.store.models.exchange import (
    evaluation_answer,
    evaluation_asked,
    evaluation_count,
    evaluation_night,
)
from register.store.models.running import audit_leaf
from register.store.running.server.rls import child_name
from schemas.codes import Partition
from schemas.exchange.evaluation import Asking, Declared, EvaluationPurpose
from schemas.exchange.wire import Book

NIGHTS_MAX: Final = 350
"""All that are kept: four evaluators and what all of them counted, and 62 days."""
KEPT: Final = timedelta(days=62)
"""How long what was asked stays: an evaluator that gives its list this late finds nothing to compare it with."""


@dataclass(frozen=True, slots=True)
class KeptNight:
    """What is kept of one day of one evaluator: counts; the ids are in the leaf of the night.

    Attributes:
        looked_at: when the day was compared, or its list asked for, last.
    """

    evaluator: Partition
    day: date
    state: NightState
    listed: int
    unasked: int
    unlisted: int
    looked_at: datetime


class Reconciling:
    """What one country had evaluated, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock

    def ask(self, asking: Asking, keys: int, about: UUID) -> None:
        """Keep a request before it is sent; of a repeat, that it was asked again.

        Args:
            asking: as evaluators are told.
            keys: how many it has.
            about: the leaf of a question's intent, or the signal.
        """
        row = {
            "country": self._country, "request_id": asking.request_id, "purpose": asking.purpose.value,
            "declared": asking.declared, "keys": keys, "about": about, "asked_at": self._clock.now(),
        }  # fmt: skip
        statement = insert(evaluation_asked).values(row)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["country", "request_id"],
                set_={"asked_at": sa.func.greatest(evaluation_asked.c.asked_at, statement.excluded.asked_at)},
            )
        )

    def answered(self, request_id: UUID, evaluators: Iterable[Partition]) -> None:
        """Keep who gave a proven answer; the first time counts."""
        now, table = self._clock.now(), evaluation_answer.c
        rows = [
            {"country": self._country, "evaluator": one, "request_id": request_id, "answered_at": now}
            for one in sorted(set(evaluators))
        ]
        if not rows:
            return
        statement = insert(evaluation_answer).values(rows)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["country", "evaluator", "request_id"],
                set_={"answered_at": statement.excluded.answered_at},
                where=table.answered_at.is_(None),
            )
        )

    def asked(self, request_ids: Collection[UUID]) -> Mapping[UUID, Asked]:
        """What was asked under these ids; an id that is not there was not asked here."""
        if not request_ids:
            return {}
        table, leaf = evaluation_asked.c, audit_leaf.c
        traced = sa.exists().where(
            leaf.country == self._country, leaf.id == table.about, leaf.action == AuditAction.SEARCH_ASKED
        )
        query = sa.select(
            table.request_id,
            table.purpose,
            table["keys"],
            sa.or_(table.purpose != EvaluationPurpose.SEARCH.value, traced).label("traced"),
        ).where(table.country == self._country, table.request_id == sa.any_(sa.literal(list(request_ids), _UUIDS)))
        return {
            row.request_id: Asked(EvaluationPurpose(row.purpose), row.keys, row.traced)
            for row in self._connection.execute(query)
        }

    def registered(self, since: datetime, *, needed: int) -> list[tuple[UUID, Declared, int]]:
        """What was registered since then and made into pseudonyms: signal, what was declared, and how many keys.

        Args:
            since: when it was asked last.
            needed: by how many partners a request must have been answered to make any.
        """
        table, answer = evaluation_asked.c, evaluation_answer.c
        answers = (
            sa.select(sa.func.count())
            .where(
                answer.country == self._country,
                answer.request_id == table.request_id,
                answer.answered_at.is_not(None),
            )
            .scalar_subquery()
        )
        query = (
            sa.select(table.about, table.declared, sa.func.sum(table["keys"]).label("keys"))
            .where(
                table.country == self._country,
                table.purpose == EvaluationPurpose.REGISTER.value,
                table.asked_at >= since,
                table.declared.is_not(None),
                answers >= needed,
            )
            .group_by(table.about, table.declared)
        )
        return [(row.about, Declared(row.declared), int(row.keys)) for row in self._connection.execute(query)]

    def keep_listed(self, evaluator: Partition, day: date, request_ids: Sequence[UUID]) -> None:
        """Keep what an evaluator says that it granted on a day."""
        for at in range(0, len(request_ids), _AT_ONCE):
            rows = [
                {"country": self._country, "evaluator": evaluator, "request_id": one, "listed_on": day}
                for one in request_ids[at : at + _AT_ONCE]
            ]
            statement = insert(evaluation_answer).values(rows)
            self._connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["country", "evaluator", "request_id"],
                    set_={"listed_on": statement.excluded.listed_on},
                )
            )

    def unlisted(self, evaluator: Partition, day: date) -> list[UUID]:
        """What an evaluator answered on a day by this book, and has listed on none."""
        table = evaluation_answer.c
        query = sa.select(table.request_id).where(
            table.country == self._country,
            table.evaluator == evaluator,
            table.answered_at >= end_of(day) - timedelta(days=1),
            table.answered_at < end_of(day),
            table.listed_on.is_(None),
        )
        return list(self._connection.execute(query.order_by(table.request_id)).scalars())

    def keep_counts(self, evaluator: Partition, day: date, granted: Granted) -> None:
        """Keep what an evaluator told everybody that it granted on a day, in place of what was kept of it before."""
        rows = [
            {
                "country": self._country, "evaluator": evaluator, "day": day, "requester": requester,
                "book": book.value, "selector_class": name, "keys": keys,
            }
            for (requester, book, name), keys in sorted(granted.items())
        ]  # fmt: skip
        child = child_name(evaluation_count, self._country)
        self._connection.execute(
            sa.text(f"DELETE FROM {child} WHERE evaluator = :evaluator AND day = :day"),
            {"evaluator": evaluator, "day": day},
        )
        if rows:
            self._connection.execute(sa.insert(evaluation_count), rows)

    def counts(self, day: date) -> dict[Partition, Granted]:
        """What evaluators told that they granted on a day; an evaluator whose day was not compared yet is left out."""
        night, count = evaluation_night.c, evaluation_count.c
        compared = self._connection.execute(
            sa.select(night.evaluator).where(
                night.country == self._country,
                night.evaluator != self._country,
                night.day == day,
                night.state != NightState.LATE,
            )
        ).scalars()
        rows: dict[Partition, list[tuple[Partition, Book, str, int]]] = {Partition(one): [] for one in compared}
        query = sa.select(evaluation_count).where(count.country == self._country, count.day == day)
        for r in self._connection.execute(query):
            if (evaluator := Partition(r.evaluator)) in rows:
                rows[evaluator].append((Partition(r.requester), Book(r.book), r.selector_class, int(r.keys)))
        return {evaluator: add_up_granted(theirs) for evaluator, theirs in rows.items()}

    def to_count(self, *, after: date) -> list[date]:
        """The days after one of which all evaluators are compared, and their counts not yet, oldest first."""
        night = evaluation_night.c
        own = evaluation_night.alias()
        done = sa.exists().where(
            own.c.country == night.country, own.c.evaluator == self._country, own.c.day == night.day
        )
        query = (
            sa.select(night.day)
            .where(
                night.country == self._country,
                night.evaluator != self._country,
                night.day > after,
                night.state != NightState.LATE,
                ~done,
            )
            .group_by(night.day)
            .having(sa.func.count() == len(others(self._country)))
            .order_by(night.day)
        )
        return list(self._connection.execute(query).scalars())

    def last_night(self, evaluator: Partition) -> date | None:
        """The newest day that was compared with an evaluator's list; None where none was yet."""
        table = evaluation_night.c
        query = sa.select(sa.func.max(table.day)).where(
            table.country == self._country, table.evaluator == evaluator, table.state != NightState.LATE
        )
        return self._connection.execute(query).scalar()

    def first_asked(self) -> datetime | None:
        """When the oldest request that is kept was made."""
        query = sa.select(sa.func.min(evaluation_asked.c.asked_at)).where(evaluation_asked.c.country == self._country)
        return self._connection.execute(query).scalar()

    def nights(self) -> list[KeptNight]:
        """How each day stands with each evaluator, as far as they are kept, newest first."""
        table = evaluation_night.c
        query = (
            sa.select(evaluation_night)
            .where(table.country == self._country)
            .order_by(table.day.desc(), table.evaluator)
            .limit(NIGHTS_MAX)
        )
        return [
            KeptNight(Partition(r.evaluator), r.day, NightState(r.state), r.listed, r.unasked, r.unlisted, r.looked_at)
            for r in self._connection.execute(query)
        ]

    def keep_night(self, evaluator: Partition, night: Night) -> None:
        """Keep how a day stands with an evaluator, in place of what was kept of it before."""
        row = {
            "country": self._country, "evaluator": evaluator, "day": night.day, "state": night.state.value,
            "listed": night.listed, "unasked": len(night.unasked), "unlisted": len(night.unlisted),
            "looked_at": self._clock.now(),
        }  # fmt: skip
        statement = insert(evaluation_night).values(row)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["country", "evaluator", "day"],
                set_={c: statement.excluded[c] for c in ("state", "listed", "unasked", "unlisted", "looked_at")},
            )
        )

    def forget_old(self) -> int:
        """Forget requests whose time is over, with their answers and nights; return how many requests went."""
        before = self._clock.now() - KEPT
        asked, answer, night, count = (
            child_name(table, self._country)
            for table in (evaluation_asked, evaluation_answer, evaluation_night, evaluation_count)
        )
        gone = self._connection.execute(sa.text(f"DELETE FROM {asked} WHERE asked_at < :before"), {"before": before})
        self._connection.execute(
            sa.text(
                f"DELETE FROM {answer} WHERE answered_at < :before"
                " OR (answered_at IS NULL AND listed_on < CAST(:before AS date))"
            ),
            {"before": before},
        )
        for of_day in (night, count):
            self._connection.execute(
                sa.text(f"DELETE FROM {of_day} WHERE day < CAST(:before AS date)"), {"before": before}
            )
        return gone.rowcount


_UUIDS: Final = sa.ARRAY(sa.Uuid)
_AT_ONCE: Final = 1_000
"""Rows of one statement: a day may have more than PostgreSQL takes values."""
