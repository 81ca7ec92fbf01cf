"""Peppered tokens of own and received records: joins, the degraded search, and the oracle that tests the engine.

`key` is HMAC(index pepper, token): somebody who steals these rows cannot tell what a token stands for, nor compare
them with another host's. Own records stand here under their extract's id, with all their tokens, also those that
are never published: they match at their owner only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from register.store.models.exchange import hit, received_record, search_key
from register.store.models.signals import signal, token
from register.store.running.server.rls import child_name
from schemas.codes import Partition, Visibility

DF_MAX = 25
"""Above this many records a token says too little: no linking, no score (pseudonyms.md 6)."""
_GOING_AT_ONCE = 25
"""Records that transactions beside this one may be taking away without seeing each other."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One token of one subject of one record, as this host may search for it."""

    key: str
    subject: int
    family: str
    version: int
    epoch: int
    handle: str


@dataclass(frozen=True, slots=True)
class Shared:
    """A record that carries a key that was asked for."""

    key: str
    origin: Partition
    record: UUID
    subject: int
    family: str


@dataclass(frozen=True, slots=True)
class Common:
    """How many records carry a key, and the months they span (`YYYY-MM`)."""

    records: int
    first: str | None
    last: str | None


class SearchKeys:
    """The search keys of one host, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country
        self._child = child_name(search_key, country)

    def set(self, origin: Partition, record: UUID, rows: Sequence[KeyRow]) -> None:
        """Let a record have exactly these keys."""
        self.remove(origin, [record])
        if rows:
            self._connection.execute(
                sa.insert(search_key),
                [
                    {
                        "country": self._country, "origin": origin, "record": record, "key": r.key,
                        "subject": r.subject, "family": r.family, "version": r.version, "epoch": r.epoch,
                        "handle": r.handle,
                    }
                    for r in rows
                ],
            )  # fmt: skip

    def remove(self, origin: Partition, records: Sequence[UUID]) -> None:
        """Forget records; nothing of them is found from the commit on."""
        self._connection.execute(
            sa.text(f"DELETE FROM {self._child} WHERE origin = :origin AND record = ANY(:records)"),
            {"origin": origin, "records": list(records)},
        )

    def of_records(self, origin: Partition, records: Sequence[UUID]) -> dict[UUID, list[KeyRow]]:
        """The keys of records."""
        found: dict[UUID, list[KeyRow]] = {r: [] for r in records}
        query = sa.select(search_key).where(
            search_key.c.country == self._country,
            search_key.c.origin == origin,
            search_key.c.record == sa.any_(sa.cast(list(records), sa.ARRAY(sa.Uuid))),
        )
        for r in self._connection.execute(query):
            found[r.record].append(KeyRow(r.key, r.subject, r.family, r.version, r.epoch, r.handle))
        return found

    def find(self, keys: Sequence[str], origins: Sequence[Partition], *, most: int) -> list[Shared]:
        """Records of these origins that carry one of the keys: the degraded path.

        Exact: of a key at most `most` records an origin, each with all its subjects that carry it.
        """
        if not keys or not origins:
            return []
        ranked = (
            sa.select(
                search_key.c.key,
                search_key.c.origin,
                search_key.c.record,
                search_key.c.subject,
                search_key.c.family,
                sa.func.dense_rank()
                .over(partition_by=(search_key.c.key, search_key.c.origin), order_by=search_key.c.record)
                .label("n"),
            )
            .where(
                search_key.c.country == self._country,
                search_key.c.key == sa.any_(sa.cast(list(keys), sa.ARRAY(sa.Text))),
                search_key.c.origin == sa.any_(sa.cast([str(o) for o in origins], sa.ARRAY(sa.Text))),
            )
            .subquery()
        )
        return [
            Shared(r.key, Partition(r.origin), r.record, r.subject, r.family)
            for r in self._connection.execute(sa.select(ranked).where(ranked.c.n <= most))
        ]

    def carriers(self, keys: Sequence[str]) -> dict[str, dict[Partition, int]]:
        """How many records of each origin carry each of these keys; an origin of none is left out.

        Of the own country those that could be shared count: a blind signal or a victim's key must not change what
        partners' parts answer, and a count would.
        """
        if not keys:
            return {}
        query = (
            sa.select(search_key.c.key, search_key.c.origin, sa.func.count(sa.distinct(search_key.c.record)).label("n"))
            .where(
                search_key.c.country == self._country,
                search_key.c.key == sa.any_(sa.cast(list(keys), sa.ARRAY(sa.Text))),
                sa.or_(search_key.c.origin != self._country, sa.not_(_kept_home())),
            )
            .group_by(search_key.c.key, search_key.c.origin)
        )
        found: dict[str, dict[Partition, int]] = {key: {} for key in keys}
        for r in self._connection.execute(query):
            found[r.key][Partition(r.origin)] = r.n
        return found

    def common(self, key: str) -> dict[Partition, Common]:
        """Of a key: how many records of each origin carry it, and from which month to which."""
        own = (
            sa.select(
                search_key.c.origin,
                search_key.c.record,
                sa.func.to_char(signal.c.period_from, "YYYY-MM").label("first"),
                sa.func.to_char(sa.func.coalesce(signal.c.period_to, signal.c.period_from), "YYYY-MM").label("last"),
            )
            .join(
                signal,
                sa.and_(signal.c.country == search_key.c.country, signal.c.extract_id == search_key.c.record),
            )
            .where(search_key.c.country == self._country, search_key.c.key == key)
        )
        received = (
            sa.select(
                search_key.c.origin,
                search_key.c.record,
                received_record.c.month_from.label("first"),
                received_record.c.month_to.label("last"),
            )
            .join(
                received_record,
                sa.and_(
                    received_record.c.country == search_key.c.country,
                    received_record.c.partner == search_key.c.origin,
                    received_record.c.object == search_key.c.record,
                ),
            )
            .where(search_key.c.country == self._country, search_key.c.key == key)
        )
        each = sa.union_all(own, received).subquery()
        query = sa.select(
            each.c.origin,
            sa.func.count(sa.distinct(each.c.record)).label("records"),
            sa.func.min(each.c.first).label("first"),
            sa.func.max(each.c.last).label("last"),
        ).group_by(each.c.origin)
        return {Partition(r.origin): Common(r.records, r.first, r.last) for r in self._connection.execute(query)}

    def linked(self, origin: Partition, record: UUID) -> list[tuple[Shared, int]]:
        """What shares a key with a record: (the other side's row, this record's subject).

        Own records are linked with received ones only and the other way round: a record's own country has other
        means to see what it holds twice. Keys of which one of both sides carries more than `DF_MAX` records link
        nothing; whether what the others carry makes them too common is for the score to say.
        """
        mine, theirs, all_rows = search_key.alias("mine"), search_key.alias("theirs"), search_key.alias("every")
        frequency = (
            sa.select(sa.func.count(sa.distinct(all_rows.c.record)))
            .where(
                all_rows.c.country == self._country,
                all_rows.c.key == mine.c.key,
                all_rows.c.origin.in_([mine.c.origin, theirs.c.origin]),
            )
            .scalar_subquery()
        )
        one_is_own = (mine.c.origin == self._country) != (theirs.c.origin == self._country)
        query = (
            sa.select(theirs.c.key, theirs.c.origin, theirs.c.record, theirs.c.subject, theirs.c.family, mine.c.subject)
            .join(theirs, sa.and_(theirs.c.country == mine.c.country, theirs.c.key == mine.c.key))
            .where(
                mine.c.country == self._country,
                mine.c.origin == origin,
                mine.c.record == record,
                one_is_own,
                frequency <= DF_MAX,
            )
        )
        return [(Shared(r[0], Partition(r[1]), r[2], r[3], r[4]), r[5]) for r in self._connection.execute(query)]

    def own_of_overgrown_hits(self, record: UUID) -> list[UUID]:
        """Own extracts with a standing hit of which both sides carry a key of this record that is too common now."""
        mine, every = search_key.alias("mine"), search_key.alias("every")
        grown = (
            sa.select(every.c.key)
            .join(mine, sa.and_(mine.c.country == every.c.country, mine.c.key == every.c.key))
            .where(mine.c.country == self._country, mine.c.record == record)
            .group_by(every.c.key)
            .having(sa.func.count(sa.distinct(every.c.record)) > DF_MAX)
        )
        over = list(self._connection.execute(grown).scalars())
        if not over:
            return []
        ours, theirs = search_key.alias("ours"), search_key.alias("theirs")
        query = (
            sa.select(signal.c.extract_id)
            .distinct()
            .select_from(hit)
            .join(signal, sa.and_(signal.c.country == hit.c.country, signal.c.id == hit.c.signal_id))
            .join(ours, sa.and_(ours.c.country == hit.c.country, ours.c.record == signal.c.extract_id))
            .join(
                theirs,
                sa.and_(
                    theirs.c.country == hit.c.country,
                    theirs.c.key == ours.c.key,
                    theirs.c.origin == hit.c.origin,
                    theirs.c.record == hit.c.object,
                ),
            )
            .where(
                hit.c.country == self._country,
                hit.c.withdrawn_at.is_(None),
                ours.c.origin == self._country,
                ours.c.key.in_(over),
            )
        )
        return list(self._connection.execute(query).scalars())

    def own_rare_again(self, origin: Partition, records: Sequence[UUID]) -> list[UUID]:
        """Own extracts that carry a key of these records which is too common now and may not be without them.

        To be asked before the records' keys go or change, since nothing says afterwards which they were. More are
        named than need be: transactions that each take one record away do not see each other, and whichever commits
        last has named the extracts once more. At most `DF_MAX` and those that go at once, for each key.
        """
        gone, every, ours = search_key.alias("gone"), search_key.alias("every"), search_key.alias("ours")
        among = sa.cast(list(records), sa.ARRAY(sa.Uuid))
        # Of the records' own origin: what others carry stays, and of that no more counts than before.
        staying = sa.func.count(sa.distinct(every.c.record)).filter(
            sa.and_(every.c.origin == origin, every.c.record != sa.all_(among))
        )
        carried = sa.select(gone.c.key).where(
            gone.c.country == self._country, gone.c.origin == origin, gone.c.record == sa.any_(among)
        )
        rare_again = (
            sa.select(every.c.key)
            .where(every.c.country == self._country, every.c.key.in_(carried))
            .group_by(every.c.key)
            .having(sa.func.count(sa.distinct(every.c.record)) > DF_MAX, staying <= DF_MAX + _GOING_AT_ONCE)
        )
        keys = list(self._connection.execute(rare_again).scalars())
        if not keys:
            return []
        query = (
            sa.select(ours.c.record)
            .distinct()
            .where(ours.c.country == self._country, ours.c.origin == self._country, ours.c.key.in_(keys))
        )
        return list(self._connection.execute(query).scalars())

    def resolve(self, handles: Sequence[str]) -> dict[str, tuple[Partition, UUID, int]]:
        """What the engine's handles stand for: (origin, record, subject)."""
        if not handles:
            return {}
        query = (
            sa.select(search_key.c.handle, search_key.c.origin, search_key.c.record, search_key.c.subject)
            .where(
                search_key.c.country == self._country,
                search_key.c.handle == sa.any_(sa.cast(list(handles), sa.ARRAY(sa.Text))),
            )
            .distinct()
        )
        return {r.handle: (Partition(r.origin), r.record, r.subject) for r in self._connection.execute(query)}


def _kept_home() -> sa.ColumnElement[bool]:
    """Whether a row of `search_key` is an own signal's that is blind, or a key that is withheld from all partners."""
    return sa.exists().where(
        signal.c.country == search_key.c.country,
        signal.c.extract_id == search_key.c.record,
        sa.or_(
            signal.c.visibility == str(Visibility.V3),
            # Said, since by itself it is tied to the floor above alone: any row's subject would do.
            sa.exists()
            .where(
                token.c.country == signal.c.country,
                token.c.signal_id == signal.c.id,
                token.c.subject_n == search_key.c.subject,
                token.c.withheld_by.is_not(None),
            )
            .correlate(signal, search_key),
        ),
    )
