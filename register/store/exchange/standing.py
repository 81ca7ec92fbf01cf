"""How the exchange stands with all partners, read at once: for pages and programs that look at the whole of it.

Reads the rows that the log, the receipts and the received log write; changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from register.domain.exchange.log import (
    ORIGIN_BEHIND,
    Cursor,
    Hearing,
    KeptReceipt,
    LiveRow,
    LogHead,
    OutOfDate,
    QuarantineRow,
    StandsStill,
    Telling,
)
from register.store.models.exchange import draft, partner_cursor
from schemas.codes import EntryType, Partition

OVERDUE_MAX: Final = 100
_CURSOR: Final = (
    "incarnation", "applied_to", "last", "roster", "halted", "receipt_n", "receipt_digest", "head_seq", "head_at",
    "last_success_at", "last_error", "last_error_at", "stale_entries", "origin_behind_at",
)  # fmt: skip


class Cursors:
    """The cursors of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def out_of_date(
        self, partners: Iterable[Partition], *, now: datetime, after: timedelta
    ) -> dict[Partition, OutOfDate]:
        """Those of the partners whose part may be out of date, and since when.

        Out of date is what is behind the partner's own tip, or whose newest head is older than `after`: since that
        head. A partner that was never reached is out of date since the beginning of time as far as we know: since now.
        One whose log was set back or halted is cut off since all that it said was last known to be here.
        """
        rows = self._connection.execute(
            sa.select(
                *partner_cursor.c[
                    "partner", "applied_to", "head_seq", "head_at", "halted", "origin_behind_at", "last_success_at"
                ]
            )
            .where(partner_cursor.c.country == self._country)
            .order_by(partner_cursor.c.partner, partner_cursor.c.incarnation.desc())
            .ext(distinct_on(partner_cursor.c.partner))
        )
        known = {Partition(row.partner): row for row in rows}
        found = {partner: _out_of_date(known.get(partner), now, after) for partner in partners}
        return {partner: one for partner, one in found.items() if one is not None}


class ExchangeStanding:
    """Where one country stands with each partner, both ways, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition) -> None:
        self._connection, self._country = connection, country

    def read(
        self, partners: Iterable[Partition], *, own: int, theirs: int, now: datetime
    ) -> tuple[list[Telling], list[Hearing], int]:
        """How far each partner is with our log, how far we are with his, and how many objects the index lacks.

        Args:
            partners: about whom; answered in this order.
            own: incarnation of our logs.
            theirs: incarnation of the partners' logs.
            now: a retraction with an earlier due date is overdue.
        """
        asked = list(partners)
        values = {"partners": [str(p) for p in asked], "own": own, "theirs": theirs, "now": now}
        rows = {
            row["partner"]: row
            for row in self._connection.execute(
                sa.text(_STANDING), {"country": self._country, "most": OVERDUE_MAX, **values}
            ).mappings()
        }
        found = [rows[str(p)] for p in asked]
        waiting = int(found[0]["index_waiting"]) if found else 0
        return [_read_telling(row) for row in found], [_read_hearing(row) for row in found], waiting

    def standing_still(self) -> list[StandsStill]:
        """The logs, ours and theirs, that go on no more: a statement of its own, since few are and many ask."""
        rows = self._connection.execute(sa.text(_STANDING_STILL), {"country": self._country})
        return [
            StandsStill(
                partner=Partition(row.partner),
                ours=row.ours,
                code=row.code,
                since=row.since,
                held_back=row.held_back,
                held_back_since=row.held_back_since,
            )
            for row in rows
        ]

    def live(self, tips: Mapping[Partition, int], incarnation: int) -> dict[Partition, list[LiveRow]]:
        """What our log for each of these partners leaves in being at a number, sorted by object; its entries say it."""
        found: dict[Partition, list[LiveRow]] = {partner: [] for partner in tips}
        newest = (
            sa.select(*draft.c["partner", "object", "version", "type", "commitment"])
            .where(
                draft.c.country == self._country,
                # What was appended since somebody looked at the tip is not in what is compared there.
                sa.or_(
                    sa.false(),
                    *(sa.and_(draft.c.partner == p, draft.c.appended_seq <= tip) for p, tip in tips.items()),
                ),
                draft.c.appended_inc == incarnation,
                draft.c.type.in_((EntryType.INDICATOR_PUT, EntryType.INDICATOR_RETRACT)),
            )
            .order_by(draft.c.partner, draft.c.object, draft.c.version.desc())
            .ext(distinct_on(draft.c.partner, draft.c.object))
            .subquery()
        )
        query = (
            sa.select(*newest.c["partner", "object", "version", "commitment"])
            .where(newest.c.type == EntryType.INDICATOR_PUT)
            .order_by(newest.c.partner, newest.c.object)
        )
        for partner, *row in self._connection.execute(query) if found else ():
            found[Partition(partner)].append(LiveRow(*row))
        return found


def _out_of_date(row: sa.Row[Any] | None, now: datetime, after: timedelta) -> OutOfDate | None:
    if row is None:
        return OutOfDate(now)
    if row.halted is not None or row.origin_behind_at is not None:
        # The newest head is no measure here: of a log that was set back it is fresh, and ends too early.
        times = (row.last_success_at, row.origin_behind_at or row.head_at)
        return OutOfDate(min((at for at in times if at is not None), default=now), cut_off=True)
    if row.head_at is None:
        return OutOfDate(now)
    behind = row.head_seq is not None and row.applied_to < row.head_seq
    return OutOfDate(row.head_at) if behind or now - row.head_at > after else None


def _read_telling(row: Mapping[str, Any] | sa.RowMapping) -> Telling:
    head = row["tip_seq"] is not None
    got = row["got_n"] is not None
    return Telling(
        partner=Partition(row["partner"]),
        head=LogHead(row["own"], row["tip_seq"], row["tip_hash"], row["stopped"], row["stopped_at"]) if head else None,
        waiting=row["waiting"],
        newest_receipt=KeptReceipt(row["got_n"], row["got_jws"].encode("ascii"), row["got_claims"]) if got else None,
        last_receipt_at=row["got_at"],
        open_retracts=row["open_retracts"],
        overdue=tuple(row["overdue"]),
        retracts_refused=tuple(row["retracts_refused"]),
        held_back=row["held_back"],
        held_back_since=row["held_back_since"],
    )


def _read_hearing(row: Mapping[str, Any] | sa.RowMapping) -> Hearing:
    pulled = row["cursor_incarnation"] is not None
    return Hearing(
        partner=Partition(row["partner"]),
        cursor=Cursor(**{name: row[f"cursor_{name}"] for name in _CURSOR}) if pulled else None,
        quarantine=tuple(
            QuarantineRow(
                seq, code, rule, datetime.fromisoformat(seen), datetime.fromisoformat(again) if again else None
            )
            for seq, code, rule, seen, again in row["quarantine"]
        ),
        unconfirmed=row["unconfirmed"],
        unacknowledged=row["unacknowledged"],
    )


# What waits about an object of which the partner was told before; looked for in stopped logs only, since it costs a
# look for each draft that waits.
_HELD_BACK: Final = """
(SELECT count(DISTINCT d.object) AS held_back, min(d.made_at) AS held_back_since FROM rtr.draft d
 WHERE d.country = :country AND d.partner = h.partner AND d.appended_seq IS NULL
   AND d.refused_at IS NULL AND h.stopped IS NOT NULL
   AND EXISTS (SELECT FROM rtr.draft a WHERE a.country = d.country AND a.partner = d.partner AND a.object = d.object
               AND a.appended_seq IS NOT NULL))
"""

_STANDING_STILL: Final = f"""
SELECT h.partner, true AS ours, h.stopped AS code, h.stopped_at AS since, b.held_back, b.held_back_since
FROM rtr.log_head h CROSS JOIN LATERAL {_HELD_BACK} b
WHERE h.country = :country AND h.stopped IS NOT NULL
UNION ALL
SELECT partner, false, coalesce(halted, '{ORIGIN_BEHIND}'), CASE WHEN halted IS NULL THEN origin_behind_at END, 0, NULL
FROM rtr.partner_cursor WHERE country = :country AND (halted IS NOT NULL OR origin_behind_at IS NOT NULL)
ORDER BY 1, 2 DESC
"""

# One row a partner. The conditions on drafts, retractions and tombstones are those of the partial indexes.
_STANDING: Final = f"""
SELECT p.partner, CAST(:own AS int) AS own, h.tip_seq, h.tip_hash, h.stopped, h.stopped_at,
       b.held_back, b.held_back_since,
       (SELECT count(*) FROM rtr.draft d
        WHERE d.country = :country AND d.partner = p.partner AND d.appended_seq IS NULL
          AND d.refused_at IS NULL) AS waiting,
       g.n AS got_n, g.jws AS got_jws, g.claims AS got_claims, g.got_at,
       (SELECT count(*) FROM rtr.draft d
        WHERE d.country = :country AND d.partner = p.partner
          AND d.type = 'indicator.retract' AND d.done_n IS NULL) AS open_retracts,
       ARRAY(SELECT d.object FROM rtr.draft d
             WHERE d.country = :country AND d.partner = p.partner
               AND d.type = 'indicator.retract' AND d.done_n IS NULL
               AND d.due_at < :now
             -- What was put aside comes last: forged rows push no true one out.
             ORDER BY d.refused_at IS NOT NULL, d.due_at LIMIT :most) AS overdue,
       ARRAY(SELECT l.seq FROM jsonb_array_elements(g.claims -> 'quarantined') q
             JOIN rtr.log_entry l ON l.country = :country AND l.partner = p.partner AND l.incarnation = :own
               AND l.seq = CAST(q ->> 'seq' AS bigint)
             JOIN rtr.draft d ON d.country = :country AND d.id = l.draft_id AND d.type = 'indicator.retract'
             ORDER BY l.seq) AS retracts_refused,
       {", ".join(f"c.{name} AS cursor_{name}" for name in _CURSOR)},
       coalesce((SELECT jsonb_agg(jsonb_build_array(q.seq, q.code, q.rule, q.seen_at, q.looked_again_at) ORDER BY q.seq)
                 FROM rtr.quarantine q
                 WHERE q.country = :country AND q.partner = p.partner AND q.incarnation = :theirs),
                '[]') AS quarantine,
       (SELECT count(*) FROM rtr.received_stub r
        WHERE r.country = :country AND r.partner = p.partner AND r.verdict = 'tombstone' AND r.done_receipt IS NULL
          AND r.index_done_at IS NULL
          -- An object that was shared again is not removed but replaced: its newer version in the index proves it.
          AND NOT EXISTS (SELECT FROM rtr.indexed_record i
                          WHERE i.country = r.country AND i.origin = r.partner AND i.object = r.object
                            AND i.version > r.version AND i.dead_letter IS NULL)) AS unconfirmed,
       (SELECT count(*) FROM rtr.receipt_given v
        WHERE v.country = :country AND v.partner = p.partner AND v.acknowledged_at IS NULL) AS unacknowledged,
       (SELECT count(*) FROM rtr.outbox o WHERE o.country = :country AND o.consumer = 'index') AS index_waiting
FROM unnest(CAST(:partners AS text[])) AS p(partner)
LEFT JOIN rtr.log_head h ON h.country = :country AND h.partner = p.partner AND h.incarnation = :own
CROSS JOIN LATERAL {_HELD_BACK} b
LEFT JOIN rtr.partner_cursor c ON c.country = :country AND c.partner = p.partner AND c.incarnation = :theirs
LEFT JOIN LATERAL (SELECT n, jws, claims, got_at FROM rtr.receipt_got r
                   WHERE r.country = :country AND r.partner = p.partner AND r.incarnation = :own
                   ORDER BY n DESC LIMIT 1) g ON true
"""
