"""The logs of one country: what it tells each partner, numbered without holes, and the lease of who may number.

Two fences keep two appenders apart: the lease says who is meant to append, and each log's head remembers the highest
fence that appended to it, so one that was paused past its lease is refused by the row itself. Nothing is chained or
signed here; stubs are stored as the bytes that were chained.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.domain.exchange.log import Link, LogEntry, LogHead, NewEntry, WaitingDraft
from register.domain.partition import others
from register.errors import DoesNotOpen, OperatorError
from register.logs import logger
from register.store.models.exchange import appender_lease, draft, log_entry, log_head
from register.store.running.sealing import DataKeys, OpenKey, Place
from register.store.running.server.bulk import insert_rows, update_rows
from register.store.running.server.database import database_now
from schemas.codes import EntryType, Partition

_WITH_WAITING: Final = sa.text(
    "SELECT p FROM unnest(CAST(:partners AS text[])) AS p WHERE EXISTS ("
    "SELECT FROM rtr.draft WHERE country = :country AND partner = p AND appended_seq IS NULL AND refused_at IS NULL)"
)


class Fenced(OperatorError):
    """Another appender took over; what this one was about to write is dropped."""

    code = "appender-fenced"
    advice = "Nothing to do: the other appender goes on. Run one worker a country to see this less."


class ExchangeLog:
    """What one country tells its partners, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys, clock: Clock) -> None:
        self._connection, self._country, self._keys, self._clock = connection, country, keys, clock

    # --- who may append ---

    def lease(self, owner: str, seconds: float) -> int | None:
        """Take or renew the right to append for so many seconds of the server's clock.

        Returns:
            Its fence; None while somebody else holds it.
        """
        until = database_now() + timedelta(seconds=seconds)
        statement = insert(appender_lease).values(country=self._country, owner=owner, fence=1, until=until)
        mine = appender_lease.c.owner == owner
        fence = self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["country"],
                set_={
                    "owner": owner,
                    "until": until,
                    "fence": sa.case((mine, appender_lease.c.fence), else_=appender_lease.c.fence + 1),
                },
                where=sa.or_(mine, appender_lease.c.until < database_now()),
            ).returning(appender_lease.c.fence)
        ).scalar()
        return None if fence is None else int(fence)

    def release(self, owner: str) -> None:
        """Give the right back, so that another need not wait."""
        self._connection.execute(
            sa.update(appender_lease)
            .where(appender_lease.c.country == self._country, appender_lease.c.owner == owner)
            .values(until=database_now() - timedelta(seconds=1))
        )

    # --- appending ---

    def has_waiting(self, partner: Partition) -> bool:
        """Whether drafts wait for a partner."""
        return self._connection.execute(sa.select(sa.exists(self._waiting(partner)))).scalar_one()

    def partners_with_waiting(self) -> frozenset[Partition]:
        """For which partners drafts wait."""
        asked = {"country": self._country, "partners": list(others(self._country))}
        return frozenset(Partition(p) for p in self._connection.execute(_WITH_WAITING, asked).scalars())

    def begin(self, partner: Partition, empty: LogHead) -> None:
        """Let a log that was never appended to have an end, for instance to say of it that it is stopped."""
        row = {"incarnation": empty.incarnation, "tip_seq": empty.tip_seq, "tip_hash": empty.tip_hash, "fence": 0}
        self._connection.execute(
            insert(log_head)
            .values(country=self._country, partner=partner, **row)
            .on_conflict_do_nothing(index_elements=["country", "partner", "incarnation"])
        )

    def lock_head(self, partner: Partition, empty: LogHead, fence: int) -> LogHead:
        """Lock the end of a log for this transaction, and let nobody with a lower fence append any more.

        Args:
            partner: whose log it is.
            empty: the end of the empty log, for the first time.
            fence: as `lease` gave it.

        Raises:
            Fenced: somebody with a higher fence appended already.
        """
        row = {
            "country": self._country,
            "partner": partner,
            "incarnation": empty.incarnation,
            "tip_seq": empty.tip_seq,
            "tip_hash": empty.tip_hash,
            "fence": fence,
        }
        statement = insert(log_head).values([row])
        found = self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["country", "partner", "incarnation"],
                set_={"fence": fence},
                where=log_head.c.fence <= fence,
            ).returning(*log_head.c["tip_seq", "tip_hash", "stopped", "stopped_at"])
        ).one_or_none()
        if found is None:
            raise Fenced(f"the log for {partner} has been appended to under a higher fence than {fence}")
        return LogHead(empty.incarnation, *found)

    def waiting(self, partner: Partition, limit: int) -> list[WaitingDraft]:
        """The next drafts to number, versions of one object in order.

        Not a cursor: a draft that was committed late under a lower id is still without a number and comes next.
        """
        first = self._waiting(partner).order_by(draft.c.id).limit(limit)
        rows = {row.id: row for row in self._connection.execute(first)}
        # Ids of one object's drafts may come from two processes within a millisecond, so they do not say which came
        # first; versions do. An older version outside this batch is taken along.
        again = {row.object for row in rows.values() if row.version > 1}
        if again:
            older = self._waiting(partner).where(draft.c.object == _match_any(again))
            rows |= {row.id: row for row in self._connection.execute(older)}
        return _versions_in_order([WaitingDraft(*row) for row in sorted(rows.values(), key=lambda row: row.id)])

    def _waiting(self, partner: Partition) -> sa.Select[Any]:
        columns = draft.c["id", "object", "version", "type", "schema", "commitment", "content_hash", "mark"]
        return sa.select(*columns).where(
            draft.c.country == self._country,
            draft.c.partner == partner,
            draft.c.appended_seq.is_(None),
            draft.c.refused_at.is_(None),
        )

    def put_aside(self, drafts: Iterable[UUID]) -> None:
        """Let drafts wait no more, without a number; they stay to be looked at."""
        self._connection.execute(
            sa.update(draft)
            .where(draft.c.country == self._country, draft.c.id == _match_any(drafts), draft.c.appended_seq.is_(None))
            .values(refused_at=database_now())
        )

    def aside(self, partner: Partition) -> list[UUID]:
        """Drafts that were put aside, and still stand there."""
        query = sa.select(draft.c.id).where(
            draft.c.country == self._country, draft.c.partner == partner, draft.c.refused_at.is_not(None)
        )
        return list(self._connection.execute(query).scalars())

    def append(self, partner: Partition, head: LogHead, entries: Sequence[NewEntry]) -> None:
        """Write chained entries behind the locked head; `head` is the new end of the log."""
        if not entries:
            return
        here = {"country": self._country, "partner": partner}
        self._lock_drafts([e.draft.id for e in entries])
        insert_rows(
            self._connection,
            log_entry,
            [
                {
                    **here,
                    "incarnation": head.incarnation,
                    "seq": e.seq,
                    "stub": e.stub,
                    "entry_hash": e.entry_hash,
                    "draft_id": e.draft.id,
                }
                for e in entries
            ],
        )
        numbered = update_rows(
            self._connection,
            draft,
            [
                {
                    "country": self._country,
                    "id": e.draft.id,
                    "appended_inc": head.incarnation,
                    "appended_seq": e.seq,
                }
                for e in entries
            ],
            key=("id",),
            also="AND t.appended_seq IS NULL",
        )
        moved = self._connection.execute(
            sa.update(log_head)
            .where(*self._of(log_head, partner), log_head.c.incarnation == head.incarnation)
            .where(log_head.c.tip_seq == entries[0].seq - 1)
            .values(tip_seq=head.tip_seq, tip_hash=head.tip_hash)
        ).rowcount
        if numbered != len(entries) or moved != 1:
            raise Fenced(f"drafts for {partner} were numbered meanwhile")

    # --- reading the log ---

    def head(self, partner: Partition, incarnation: int) -> LogHead | None:
        """The end of a log; None while nothing was appended."""
        row = self._connection.execute(
            sa.select(*log_head.c["incarnation", "tip_seq", "tip_hash", "stopped", "stopped_at"]).where(
                *self._of(log_head, partner), log_head.c.incarnation == incarnation
            )
        ).one_or_none()
        return None if row is None else LogHead(*row)

    def links(self, partner: Partition, incarnation: int, *, after: int, limit: int) -> list[Link]:
        """Stored entries after a number, in order, as the chain has them."""
        query = sa.select(*log_entry.c["seq", "stub", "entry_hash"]).where(
            *self._of(log_entry, partner), log_entry.c.incarnation == incarnation, log_entry.c.seq > after
        )
        return [Link(*row) for row in self._connection.execute(query.order_by(log_entry.c.seq).limit(limit))]

    def hash_at(self, partner: Partition, incarnation: int, seq: int) -> bytes | None:
        """The entry hash of one entry; None where there is none."""
        found: bytes | None = self._connection.execute(
            sa.select(log_entry.c.entry_hash).where(
                *self._of(log_entry, partner), log_entry.c.incarnation == incarnation, log_entry.c.seq == seq
            )
        ).scalar()
        return found

    def entries(
        self, partner: Partition, incarnation: int, *, after: int, to: int, max_bytes: int
    ) -> tuple[list[LogEntry], dict[UUID, int]]:
        """Entries after one number up to another, opened, and the newest numbered version of each of their objects.

        Ends after the entry whose body passes `max_bytes` in all, so that memory stays flat whatever bodies hold.
        """
        places = self._places(partner, incarnation, after=after, to=to)
        chosen, size = [], 0
        for place in places:
            if size >= max_bytes:
                break
            chosen.append(place)
            size += place.size
        opened = self._opened([place.draft_id for place in chosen])
        found = [
            LogEntry(p.seq, *opened[p.draft_id][:3], p.stub, p.entry_hash, *opened[p.draft_id][3:]) for p in chosen
        ]
        # Only what the appender took for the program's own has a number. What is decided since took the bodies along.
        query = sa.select(draft.c.object, sa.func.max(draft.c.version)).where(
            *self._of(draft, partner),
            draft.c.object == _match_any({entry.object for entry in found}),
            draft.c.appended_seq.is_not(None),
        )
        return found, {row[0]: row[1] for row in self._connection.execute(query.group_by(draft.c.object))}

    def _places(self, partner: Partition, incarnation: int, *, after: int, to: int) -> Sequence[sa.Row[Any]]:
        here = (
            sa.select(*log_entry.c["seq", "draft_id", "stub", "entry_hash"])
            .where(
                *self._of(log_entry, partner),
                log_entry.c.incarnation == incarnation,
                log_entry.c.seq > after,
                log_entry.c.seq <= to,
            )
            .subquery()
        )
        body = sa.select(sa.func.octet_length(draft.c.body_sealed)).where(
            draft.c.country == self._country, draft.c.id == here.c.draft_id
        )
        size = sa.func.octet_length(here.c.stub) + sa.func.coalesce(body.scalar_subquery(), 0)
        return self._connection.execute(sa.select(here, size.label("size")).order_by(here.c.seq)).all()

    def _opened(self, drafts: list[UUID]) -> dict[UUID, tuple[str, UUID, int, bytes | None, bytes | None]]:
        """Type, object, version, body and salt of drafts."""
        columns = draft.c["id", "type", "object", "version", "body_sealed", "salt_sealed", "data_key"]
        query = sa.select(*columns).where(draft.c.country == self._country, draft.c.id == _match_any(drafts))
        rows = self._connection.execute(query).all()
        keys = self._keys.try_many([row.data_key for row in rows if row.data_key is not None])
        found = {}
        for row in rows:
            body = salt = None
            try:
                body, salt = self._open(row, keys.get(row.data_key))
            except DoesNotOpen as error:
                # The partner gets the entry without its body: what is to be removed comes behind it and cannot wait.
                logger().error("draft.damaged", partition=self._country, object_id=str(row.object), code=error.code)
            found[row.id] = (row.type, row.object, row.version, body, salt)
        return found

    def _open(self, row: sa.Row[Any], key: OpenKey | OperatorError | None) -> tuple[bytes | None, bytes | None]:
        if isinstance(key, OperatorError):
            raise key
        if key is None or row.body_sealed is None or row.salt_sealed is None:
            return None, None
        place = Place(self._country, "draft", str(row.id))
        return key.open(place, "body", row.body_sealed), key.open(place, "salt", row.salt_sealed)

    # --- what receipts say ---

    def retracts_among(self, partner: Partition, incarnation: int, seqs: Sequence[int]) -> frozenset[int]:
        """Which of these numbers are retractions."""
        if not seqs:
            return frozenset()
        query = sa.select(draft.c.appended_seq).where(
            draft.c.country == self._country,
            draft.c.id == _match_any(self._drafts_at(partner, incarnation, seqs)),
            draft.c.type == EntryType.INDICATOR_RETRACT,
        )
        return frozenset(self._connection.execute(query).scalars())

    def mark_done(self, partner: Partition, incarnation: int, n: int, seqs: Sequence[int]) -> None:
        """Note that receipt `n` says that these retractions are done, whatever was told of their objects since."""
        listed = self._drafts_at(partner, incarnation, seqs)
        self._lock_drafts(listed)
        self._connection.execute(
            sa.update(draft)
            .where(draft.c.country == self._country, draft.c.id == _match_any(listed), draft.c.done_n.is_(None))
            .where(draft.c.type == EntryType.INDICATOR_RETRACT)
            .values(done_n=n)
        )

    def _drafts_at(self, partner: Partition, incarnation: int, seqs: Sequence[int]) -> list[UUID]:
        """The drafts that have these numbers."""
        query = sa.select(log_entry.c.draft_id).where(
            *self._of(log_entry, partner),
            log_entry.c.incarnation == incarnation,
            log_entry.c.seq == _match_any(seqs, "seq"),
        )
        return list(self._connection.execute(query).scalars())

    def _lock_drafts(self, drafts: Sequence[UUID]) -> None:
        """Lock drafts in the order in which everybody does, so that who decides on a report waits and goes on."""
        self._connection.execute(
            sa.select(draft.c.id)
            .where(draft.c.country == self._country, draft.c.id == _match_any(drafts))
            .order_by(draft.c.object, draft.c.id)
            .with_for_update()
        )

    def stop(self, partner: Partition, incarnation: int, code: str) -> bool:
        """Append nothing more to this log until its operator has looked; False where it is stopped already."""
        stopped = self._connection.execute(
            sa.update(log_head)
            .where(*self._of(log_head, partner), log_head.c.incarnation == incarnation)
            # The first reason stays, and its time.
            .where(log_head.c.stopped.is_(None))
            .values(stopped=code, stopped_at=self._clock.now())
        )
        return bool(stopped.rowcount)

    def go_on(self, partner: Partition, incarnation: int) -> None:
        """Let a log that was stopped be appended to again."""
        self._connection.execute(
            sa.update(log_head)
            .where(*self._of(log_head, partner), log_head.c.incarnation == incarnation)
            .values(stopped=None, stopped_at=None)
        )

    def _of(self, table: sa.Table, partner: Partition) -> tuple[sa.ColumnElement[bool], ...]:
        return (table.c.country == self._country, table.c.partner == partner)


def _match_any(values: Iterable[Any], kind: str = "id") -> sa.ColumnElement[Any]:
    """One array, so that the planner sees one search of an index for each member, whatever it knows of the table."""
    return sa.any_(sa.cast(list(values), sa.ARRAY(sa.BigInteger if kind == "seq" else sa.Uuid)))


def _versions_in_order(drafts: list[WaitingDraft]) -> list[WaitingDraft]:
    """The same drafts, with the versions of each object in rising order on the places that the object has."""
    versions: dict[UUID, list[WaitingDraft]] = {}
    for one in drafts:
        versions.setdefault(one.object, []).append(one)
    if len(versions) == len(drafts):
        return drafts
    for several in versions.values():
        several.sort(key=lambda one: one.version, reverse=True)
    return [versions[one.object].pop() for one in drafts]
