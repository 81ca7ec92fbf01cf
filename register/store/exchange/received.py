"""What one country has of its partners' logs: cursors, stubs, records, tombstones, quarantine.

Each method is one bulk effect of a step of the protocol, inside the step's transaction. A body is kept sealed under a
data key of its own; when its object is retracted, superseded or not held any more, the data key is destroyed with it,
so that no backup of the rows brings it back. Stubs stay for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.domain.exchange.log import (
    Cursor,
    KeptStub,
    Link,
    Listed,
    LiveRow,
    Lost,
    NewQuarantine,
    NewRecord,
    NewStub,
    QuarantineRow,
)
from register.store.exchange.held import received_place
from register.store.models.exchange import (
    indexed_record,
    page_evidence,
    partner_cursor,
    quarantine,
    received_entry,
    received_record,
    received_stub,
    search_key,
)
from register.store.models.running import data_key
from register.store.running.sealing import DataKeys, KeyEnd, Place
from register.store.running.server.bulk import insert_rows
from register.store.running.server.rls import child_name
from register.store.search.search_keys import KeyRow
from schemas.codes import EntryType, Partition
from schemas.exchange.wire import signed_until

LISTED_KEPT: Final = timedelta(days=366)
"""How long an entry that nobody acts on can be opened (assumed)."""
_CURSOR: Final = (
    "incarnation", "applied_to", "last", "roster", "halted", "receipt_n", "receipt_digest", "head_seq", "head_at",
    "last_success_at", "last_error", "last_error_at", "stale_entries", "origin_behind_at",
)  # fmt: skip
_CODED: Final = (
    "reference", "signal_type", "month_from", "month_to", "visibility", "sector", "location_type", "roles",
    "exploitation_forms", "retain_until", "gate_until",
)  # fmt: skip


class ExchangeReceived:
    """What one country has of its partners' logs, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys, clock: Clock) -> None:
        self._connection, self._country, self._keys, self._clock = connection, country, keys, clock

    # --- where we stand ---

    def cursor(self, partner: Partition, incarnation: int) -> Cursor | None:
        """Where we stand with a partner's log; None before the first pull."""
        row = self._connection.execute(self._cursor(partner, incarnation)).mappings().one_or_none()
        return None if row is None else Cursor(**row)

    def lock_cursor(self, partner: Partition, start: Cursor) -> Cursor:
        """The same, locked for this transaction; made as `start` if there is none."""
        query = self._cursor(partner, start.incarnation).with_for_update()
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            values = {name: getattr(start, name) for name in ("incarnation", "applied_to", "last", "roster")}
            self._connection.execute(
                insert(partner_cursor)
                .values(country=self._country, partner=partner, **values)
                .on_conflict_do_nothing(index_elements=["country", "partner", "incarnation"])
            )
            row = self._connection.execute(query).mappings().one()
        return Cursor(**row)

    def set_cursor(self, partner: Partition, incarnation: int, **values: Any) -> None:
        """Set columns of a cursor."""
        self._connection.execute(
            sa.update(partner_cursor)
            .where(*self._of(partner_cursor, partner), partner_cursor.c.incarnation == incarnation)
            .values(**values)
        )

    def _cursor(self, partner: Partition, incarnation: int) -> sa.Select[Any]:
        return sa.select(*partner_cursor.c[_CURSOR]).where(
            *self._of(partner_cursor, partner), partner_cursor.c.incarnation == incarnation
        )

    # --- what a step needs to know ---

    def versions(self, partner: Partition, objects: Iterable[UUID]) -> dict[UUID, int]:
        """The highest version seen of each of these objects; absent where none was."""
        query = sa.select(received_record.c.object, received_record.c.version).where(
            *self._of(received_record, partner), received_record.c.object == _match_any(objects)
        )
        return {row.object: row.version for row in self._connection.execute(query)}

    def links(self, partner: Partition, incarnation: int, *, after: int, limit: int) -> list[Link]:
        """Stored entries after a number, in order, as the chain has them."""
        query = sa.select(*received_stub.c["seq", "stub", "entry_hash"]).where(
            *self._of(received_stub, partner), received_stub.c.incarnation == incarnation, received_stub.c.seq > after
        )
        return [Link(*row) for row in self._connection.execute(query.order_by(received_stub.c.seq).limit(limit))]

    def hash_at(self, partner: Partition, incarnation: int, seq: int) -> bytes | None:
        """The entry hash of a stored stub; None where there is none."""
        found: bytes | None = self._connection.execute(
            sa.select(received_stub.c.entry_hash).where(*self._stub(partner, incarnation, seq))
        ).scalar()
        return found

    def stub(self, partner: Partition, incarnation: int, seq: int) -> KeptStub | None:
        """A stored stub, with the newest version known of its object."""
        row = self._connection.execute(
            sa.select(*received_stub.c["entry_hash", "object", "version"]).where(*self._stub(partner, incarnation, seq))
        ).one_or_none()
        if row is None:
            return None
        newest = self.versions(partner, [row.object]).get(row.object, row.version)
        return KeptStub(seq, row.entry_hash, newest)

    def stubs(self, partner: Partition, incarnation: int, *, after: int, limit: int) -> list[bytes]:
        """Stored stubs after a number, in order, as the bytes that came."""
        query = (
            sa.select(received_stub.c.stub)
            .where(
                *self._of(received_stub, partner),
                received_stub.c.incarnation == incarnation,
                received_stub.c.seq > after,
            )
            .order_by(received_stub.c.seq)
            .limit(limit)
        )
        return list(self._connection.execute(query).scalars())

    def quarantined(self, partner: Partition, incarnation: int) -> list[QuarantineRow]:
        """What is in quarantine, by number."""
        query = (
            sa.select(*quarantine.c["seq", "code", "rule", "seen_at", "looked_again_at"])
            .where(*self._of(quarantine, partner), quarantine.c.incarnation == incarnation)
            .order_by(quarantine.c.seq)
        )
        return [QuarantineRow(*row) for row in self._connection.execute(query)]

    def live(self, partner: Partition) -> Iterator[LiveRow]:
        """Objects whose newest stub is a put, held or not, sorted by object; read in portions."""
        query = (
            sa.select(*received_record.c["object", "version", "commitment"])
            .where(*self._of(received_record, partner), received_record.c.type == EntryType.INDICATOR_PUT)
            .order_by(received_record.c.object)
            .execution_options(yield_per=5_000)
        )
        for row in self._connection.execute(query):
            yield LiveRow(*row)

    def removals_done(self, partner: Partition, incarnation: int, *, most: int) -> list[int]:
        """Numbers of retracts whose removal the index confirmed and no receipt has listed."""
        query = (
            sa.select(received_stub.c.seq)
            .where(*self._unlisted(partner), received_stub.c.incarnation == incarnation, self._gone_from_index())
            .order_by(received_stub.c.seq)
            .limit(most)
        )
        return list(self._connection.execute(query).scalars())

    def any_removals_done(self) -> bool:
        """Whether `removals_done` would list any, of any partner."""
        return bool(self._connection.execute(_ANY_REMOVED, {"country": self._country}).scalar_one())

    @staticmethod
    def _gone_from_index() -> sa.ColumnElement[bool]:
        # An object that was shared again is not removed but replaced: the newer version in the index is the proof.
        replaced = sa.exists().where(
            indexed_record.c.country == received_stub.c.country,
            indexed_record.c.origin == received_stub.c.partner,
            indexed_record.c.object == received_stub.c.object,
            indexed_record.c.version > received_stub.c.version,
            indexed_record.c.dead_letter.is_(None),
        )
        return sa.or_(received_stub.c.index_done_at.is_not(None), replaced)

    # --- effects ---

    def keep_evidence(self, partner: Partition, incarnation: int, first: int, last: int, header: str) -> None:
        """Keep a page's signed header."""
        row = {"partner": partner, "incarnation": incarnation, "from_seq": first, "to_seq": last, "header": header}
        self._connection.execute(insert(page_evidence).values(country=self._country, **row).on_conflict_do_nothing())

    def keep_stubs(self, partner: Partition, incarnation: int, stubs: Sequence[NewStub]) -> None:
        """Write stubs; where a number is there already (pulled anew), only its verdict changes."""
        rows = [
            {
                "country": self._country, "partner": partner, "incarnation": incarnation, "seq": s.seq,
                "object": s.object, "version": s.version, "type": s.type, "stub": s.stub,
                "entry_hash": s.entry_hash, "verdict": s.verdict,
            }
            for s in stubs
        ]  # fmt: skip
        again = "ON CONFLICT (country, partner, incarnation, seq) DO UPDATE SET verdict = excluded.verdict"
        insert_rows(self._connection, received_stub, rows, on_conflict=again)

    def hold(self, partner: Partition, records: Sequence[NewRecord]) -> None:
        """Hold these records in place of any older version."""
        self._end_bodies(partner, [r.stub.object for r in records], KeyEnd.REPLACED)
        fresh = [self._keys.prepare(r.put.label.retain_until) for r in records]
        insert_rows(self._connection, data_key, [row for _, row in fresh])
        rows = []
        for record, (key, _) in zip(records, fresh, strict=True):
            place = received_place(self._country, partner, record.stub.object)
            rows.append(
                self._row(partner, record.stub, live=True)
                | _list_coded_columns(record)
                | {
                    "body_sealed": key.seal(place, "body", record.body),
                    "salt_sealed": key.seal(place, "salt", record.salt),
                    "data_key": key.id,
                    "first_held_at": self._clock.now(),
                }
            )
        self._write(rows)

    def approved_until_before(self, partner: Partition, day: date, limit: int) -> list[UUID]:
        """Live records that are shown and whose approval ran out before this day."""
        own = received_record.c
        query = sa.select(own.object).where(
            *self._of(received_record, partner), own.live, own.hidden_at.is_(None), own.gate_until < day
        )
        return list(self._connection.scalars(query.order_by(own.object).limit(limit)))

    def hidden_though_approved(self, partner: Partition, day: date, limit: int) -> list[UUID]:
        """Live records that are hidden and whose approval still holds on this day."""
        own = received_record.c
        query = sa.select(own.object).where(
            *self._of(received_record, partner), own.live, own.hidden_at.is_not(None), own.gate_until >= day
        )
        return list(self._connection.scalars(query.order_by(own.object).limit(limit)))

    def live_after(self, after: str, limit: int) -> list[tuple[Partition, UUID]]:
        """Whose live objects, hidden ones too, come after a place (`partner/object`), in order."""
        own = received_record.c
        query = sa.select(own.partner, own.object).where(own.country == self._country, own.live)
        if after:
            partner, _, about = after.partition("/")
            query = query.where(sa.tuple_(own.partner, own.object) > sa.tuple_(partner, UUID(about)))
        rows = self._connection.execute(query.order_by(own.partner, own.object).limit(limit))
        return [(Partition(r.partner), r.object) for r in rows]

    def lock_shown(self, partner: Partition, about: UUID) -> bool | None:
        """Whether a live object is shown and not hidden, locked until the transaction ends; None where it is not live.

        Whatever changes search keys changes this row first.
        """
        query = sa.select(received_record.c.hidden_at).where(
            *self._of(received_record, partner), received_record.c.object == about, received_record.c.live
        )
        row = self._connection.execute(query.with_for_update()).one_or_none()
        return None if row is None else row.hidden_at is None

    def seq_of(self, partner: Partition, incarnation: int, about: UUID) -> int | None:
        """The newest number that brought the version that is held of an object."""
        query = (
            sa.select(sa.func.max(received_stub.c.seq))
            .join(
                received_record,
                sa.and_(
                    received_record.c.country == received_stub.c.country,
                    received_record.c.partner == received_stub.c.partner,
                    received_record.c.object == received_stub.c.object,
                    received_record.c.version == received_stub.c.version,
                ),
            )
            .where(
                *self._of(received_stub, partner),
                received_stub.c.incarnation == incarnation,
                received_stub.c.object == about,
                received_stub.c.type == EntryType.INDICATOR_PUT,
            )
        )
        found: int | None = self._connection.execute(query).scalar()
        return found

    def hide(self, partner: Partition, objects: Sequence[UUID]) -> None:
        """Show these records to nobody; they are held on, and a newer version shows again."""
        self._set_hidden(partner, objects, self._clock.now())

    def show(self, partner: Partition, objects: Sequence[UUID]) -> None:
        """Hide these records no more."""
        self._set_hidden(partner, objects, None)

    def _set_hidden(self, partner: Partition, objects: Sequence[UUID], at: datetime | None) -> None:
        self._connection.execute(
            sa.update(received_record)
            .where(*self._of(received_record, partner), received_record.c.object == _match_any(objects))
            .values(hidden_at=at)
        )

    def lose(self, partner: Partition, lost: Sequence[Lost]) -> None:
        """Remove the bodies of these objects for good; the row says which version that was, and why."""
        self._end_bodies(partner, [one.stub.object for one in lost], KeyEnd.WITHDRAWN)
        self._write([self._row(partner, one.stub, live=False) | {"reason": one.reason} for one in lost])

    def list_entries(self, partner: Partition, incarnation: int, entries: Sequence[Listed]) -> None:
        """Keep entries that nothing acts on yet, sealed."""
        now = self._clock.now()
        rows, keys = [], []
        for entry in entries:
            row: dict[str, Any] = {
                "country": self._country, "partner": partner, "incarnation": incarnation, "seq": entry.stub.seq,
                "type": entry.stub.type, "object": entry.stub.object, "received_at": now,
                "body_sealed": None, "salt_sealed": None, "data_key": None,
            }  # fmt: skip
            if entry.body is not None and entry.salt is not None:
                key, key_row = self._keys.prepare(now.date() + LISTED_KEPT)
                place = Place(self._country, "received_entry", f"{partner}/{incarnation}/{entry.stub.seq}")
                row |= {
                    "body_sealed": key.seal(place, "body", entry.body),
                    "salt_sealed": key.seal(place, "salt", entry.salt),
                    "data_key": key.id,
                }
                keys.append(key_row)
            rows.append(row)
        insert_rows(self._connection, data_key, keys)
        insert_rows(self._connection, received_entry, rows, on_conflict="ON CONFLICT DO NOTHING")

    def set_search_keys(self, partner: Partition, keys: Mapping[UUID, Sequence[KeyRow]]) -> None:
        """Let each of these records have exactly these search keys; none where the list is empty."""
        if not keys:
            return
        self._connection.execute(
            sa.text(
                f"DELETE FROM {child_name(search_key, self._country)} WHERE country = :country "
                "AND origin = :origin AND record = ANY(:records)"
            ),
            {"country": self._country, "origin": partner, "records": list(keys)},
        )
        rows = [
            {
                "country": self._country, "key": r.key, "origin": partner, "record": record, "subject": r.subject,
                "family": r.family, "version": r.version, "epoch": r.epoch, "handle": r.handle,
            }
            for record, several in keys.items()
            for r in several
        ]  # fmt: skip
        insert_rows(self._connection, search_key, rows, on_conflict="ON CONFLICT DO NOTHING")

    def quarantine(self, partner: Partition, incarnation: int, rows: Sequence[NewQuarantine]) -> None:
        """Write quarantine rows, or renew them."""
        now = self._clock.now()
        insert_rows(
            self._connection,
            quarantine,
            [
                {
                    "country": self._country,
                    "partner": partner,
                    "incarnation": incarnation,
                    "seq": row.seq,
                    "code": row.code,
                    "rule": row.rule,
                    "seen_at": now,
                }
                for row in rows
            ],
            on_conflict=(
                "ON CONFLICT (country, partner, incarnation, seq) "
                "DO UPDATE SET code = excluded.code, rule = excluded.rule"
            ),
        )

    def release(self, partner: Partition, incarnation: int, below: Mapping[UUID, int]) -> None:
        """Drop quarantine rows of these objects with a version below the one named; their stubs become `gone`."""
        if self._connection.execute(sa.select(quarantine.c.seq).where(*self._of(quarantine, partner)).limit(1)).first():
            self._connection.execute(
                sa.text(
                    f"WITH old AS (DELETE FROM {child_name(quarantine, self._country)} q USING rtr.received_stub s, "
                    "unnest(CAST(:objects AS uuid[]), CAST(:versions AS int[])) AS below(object, version) "
                    "WHERE q.country = :country AND q.partner = :partner AND q.incarnation = :inc "
                    "AND s.country = :country AND s.partner = :partner AND s.incarnation = :inc AND s.seq = q.seq "
                    "AND s.object = below.object AND s.version < below.version RETURNING q.seq) "
                    "UPDATE rtr.received_stub s SET verdict = 'gone' FROM old "
                    "WHERE s.country = :country AND s.partner = :partner AND s.incarnation = :inc AND s.seq = old.seq"
                ),
                {
                    "country": self._country,
                    "partner": partner,
                    "inc": incarnation,
                    "objects": list(below),
                    "versions": list(below.values()),
                },
            )

    def clear_quarantine(self, partner: Partition, incarnation: int, seq: int) -> None:
        """Drop the quarantine row of this number."""
        self._connection.execute(
            sa.text(
                f"DELETE FROM {child_name(quarantine, self._country)} "
                "WHERE country = :country AND partner = :partner AND incarnation = :inc AND seq = :seq"
            ),
            {"country": self._country, "partner": partner, "inc": incarnation, "seq": seq},
        )

    def looked_again(self, partner: Partition, incarnation: int, seq: int) -> None:
        """Note that this number was pulled anew."""
        self._connection.execute(
            sa.update(quarantine)
            .where(*self._of(quarantine, partner), quarantine.c.incarnation == incarnation, quarantine.c.seq == seq)
            .values(looked_again_at=self._clock.now())
        )

    # --- retractions ---

    def confirm_removed(self, partner: Partition, object_id: UUID, *, up_to: int | None = None) -> None:
        """Note that the index holds nothing of an object, of any version or of those up to one."""
        query = (
            sa.update(received_stub)
            .where(*self._unlisted(partner), received_stub.c.object == object_id)
            .where(received_stub.c.index_done_at.is_(None))
        )
        if up_to is not None:
            query = query.where(received_stub.c.version <= up_to)
        self._connection.execute(query.values(index_done_at=self._clock.now()))

    def list_done(self, partner: Partition, incarnation: int, n: int, seqs: Sequence[int]) -> None:
        """Note that receipt `n` lists these retractions as done."""
        if seqs:
            self._connection.execute(
                sa.update(received_stub)
                .where(*self._of(received_stub, partner), received_stub.c.incarnation == incarnation)
                .where(received_stub.c.seq == sa.any_(sa.cast(list(seqs), sa.ARRAY(sa.BigInteger))))
                .values(done_receipt=n)
            )

    def unlist_done(self, partner: Partition, incarnation: int) -> None:
        """Have what receipts listed as done listed again."""
        self._connection.execute(
            sa.update(received_stub)
            .where(*self._of(received_stub, partner), received_stub.c.incarnation == incarnation)
            .where(received_stub.c.done_receipt.is_not(None))
            .values(done_receipt=None)
        )

    # --- parts ---

    def _row(self, partner: Partition, stub: NewStub, *, live: bool) -> dict[str, Any]:
        return {
            "country": self._country,
            "partner": partner,
            "object": stub.object,
            "version": stub.version,
            "commitment": stub.commitment,
            "type": stub.type,
            **dict.fromkeys((*_CODED, "body_sealed", "salt_sealed", "data_key", "reason", "hidden_at")),
            "live": live,
            "applied_at": self._clock.now(),
        }

    def _write(self, rows: list[dict[str, Any]]) -> None:
        if rows:
            kept = ("country", "partner", "object", "first_held_at")
            changes = ", ".join(f"{c} = excluded.{c}" for c in rows[0] if c not in kept)
            if "first_held_at" in rows[0]:
                changes += ", first_held_at = COALESCE(received_record.first_held_at, excluded.first_held_at)"
            again = f"ON CONFLICT (country, partner, object) DO UPDATE SET {changes}"
            insert_rows(self._connection, received_record, rows, on_conflict=again)

    def _end_bodies(self, partner: Partition, objects: Sequence[UUID], why: KeyEnd) -> None:
        query = sa.select(received_record.c.data_key).where(
            *self._of(received_record, partner),
            received_record.c.object == _match_any(objects),
            received_record.c.data_key.is_not(None),
        )
        keys = list(self._connection.execute(query).scalars())
        if keys:
            self._keys.end(keys, why)

    def _stub(self, partner: Partition, incarnation: int, seq: int) -> tuple[sa.ColumnElement[bool], ...]:
        return (
            *self._of(received_stub, partner),
            received_stub.c.incarnation == incarnation,
            received_stub.c.seq == seq,
        )

    def _unlisted(self, partner: Partition) -> tuple[sa.ColumnElement[bool], ...]:
        # As the partial index has it, so that the planner sees that it fits.
        return (
            *self._of(received_stub, partner),
            received_stub.c.verdict == sa.literal_column("'tombstone'"),
            received_stub.c.done_receipt.is_(None),
        )

    def _of(self, table: sa.Table, partner: Partition) -> tuple[sa.ColumnElement[bool], ...]:
        return (table.c.country == self._country, table.c.partner == partner)


_ANY_REMOVED: Final = sa.select(
    sa.exists().where(
        received_stub.c.country == sa.bindparam("country"),
        received_stub.c.verdict == sa.literal_column("'tombstone'"),
        received_stub.c.done_receipt.is_(None),
        ExchangeReceived._gone_from_index(),  # noqa: SLF001 one condition, of this class
    )
)


def _list_coded_columns(record: NewRecord) -> dict[str, str | date | datetime | list[str] | None]:
    told = record.put.record
    return {
        "reference": told.reference,
        "signal_type": told.signal_type,
        "month_from": told.period.first,
        "month_to": told.period.last,
        "visibility": record.put.label.visibility,
        "sector": told.sector,
        "location_type": told.location_type,
        "roles": sorted({subject.role for subject in told.subjects}),
        "exploitation_forms": list(told.exploitation_forms),
        "retain_until": record.put.label.retain_until,
        "gate_until": signed_until(record.put),
    }


def _match_any(objects: Iterable[UUID]) -> sa.ColumnElement[Any]:
    return sa.any_(sa.cast(list(objects), sa.ARRAY(sa.Uuid)))
