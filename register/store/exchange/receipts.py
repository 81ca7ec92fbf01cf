"""Receipts, given and got: numbered, kept as they were signed, and never changed.

Those given wait until the partner has taken them; those got are kept as evidence of what a partner acknowledged. One
that stopped our log is kept apart: nothing that it says is believed, and where it was disowned its number counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert

from register.clock import Clock
from register.domain.exchange.log import KeptReceipt, RefusedReceipt
from register.store.models.exchange import receipt_given, receipt_got, receipt_refused
from register.store.running.server.rls import child_name
from schemas.codes import Partition


class ExchangeReceipts:
    """The receipts of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock

    # --- given ---

    def give(self, partner: Partition, incarnation: int, receipt: KeptReceipt) -> None:
        """Keep a receipt that is to be posted."""
        self._connection.execute(sa.insert(receipt_given), [self._row(partner, incarnation, receipt)])

    def given(self, partner: Partition, incarnation: int) -> KeptReceipt | None:
        """The newest receipt given."""
        return self._newest(receipt_given, partner, incarnation)

    def newest_given(self, partner: Partition) -> dict[int, str]:
        """The newest receipt given in each incarnation of the partner's log: its compact JWS."""
        query = (
            sa.select(*receipt_given.c["incarnation", "jws"])
            .where(*self._of(receipt_given, partner))
            .order_by(receipt_given.c.incarnation, receipt_given.c.n.desc())
            .ext(distinct_on(receipt_given.c.incarnation))
        )
        return {row.incarnation: row.jws for row in self._connection.execute(query)}

    def to_post(self, partner: Partition, incarnation: int, *, since: int | None, limit: int) -> list[KeptReceipt]:
        """The next receipts to post, in order: those not acknowledged, or from a number on whatever they are."""
        query = (
            sa.select(*receipt_given.c["n", "jws", "claims"])
            .where(*self._of(receipt_given, partner), receipt_given.c.incarnation == incarnation)
            .order_by(receipt_given.c.n)
            .limit(limit)
        )
        if since is None:
            query = query.where(receipt_given.c.acknowledged_at.is_(None))
        else:
            query = query.where(receipt_given.c.n >= since)
        return [_read_kept_receipt(row) for row in self._connection.execute(query)]

    def acknowledged(self, partner: Partition, incarnation: int, n: int) -> None:
        """Note that the partner took receipt `n`."""
        self._connection.execute(
            sa.update(receipt_given)
            .where(*self._of(receipt_given, partner), receipt_given.c.incarnation == incarnation)
            .where(receipt_given.c.n == n)
            .values(acknowledged_at=self._clock.now())
        )

    def post_again(self, partner: Partition, incarnation: int) -> None:
        """Have the newest receipt posted again."""
        newest = sa.select(sa.func.max(receipt_given.c.n)).where(
            *self._of(receipt_given, partner), receipt_given.c.incarnation == incarnation
        )
        self._connection.execute(
            sa.update(receipt_given)
            .where(*self._of(receipt_given, partner), receipt_given.c.incarnation == incarnation)
            .where(receipt_given.c.n == newest.scalar_subquery())
            .values(acknowledged_at=None)
        )

    def void(self, partner: Partition, incarnation: int) -> None:
        """Drop our receipts: which of them the origin took cannot be known any more."""
        self._connection.execute(
            sa.text(
                f"DELETE FROM {child_name(receipt_given, self._country)} "
                "WHERE country = :country AND partner = :partner AND incarnation = :inc"
            ),
            {"country": self._country, "partner": partner, "inc": incarnation},
        )

    # --- got ---

    def one_at_a_time(self, partner: Partition) -> None:
        """Let no other transaction take a receipt of this partner until this one ends."""
        self._connection.execute(
            sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
            {"name": f"receipt-got/{self._country}/{partner}"},
        )

    def got(self, partner: Partition, incarnation: int) -> KeptReceipt | None:
        """The newest receipt got, whose word is believed."""
        return self._newest(receipt_got, partner, incarnation)

    def counted(self, partner: Partition, incarnation: int, n: int | None = None) -> KeptReceipt | None:
        """The receipt of this number, or the newest, among those got and those passed over."""
        kept = [
            sa.select(*table.c["n", "jws", "claims"]).where(
                *self._of(table, partner),
                table.c.incarnation == incarnation,
                *([table.c.counted_at.is_not(None)] if table is receipt_refused else []),
                *([] if n is None else [table.c.n == n]),
            )
            for table in (receipt_got, receipt_refused)
        ]
        both = sa.union_all(*kept).subquery()
        row = self._connection.execute(sa.select(both).order_by(both.c.n.desc()).limit(1)).one_or_none()
        return None if row is None else _read_kept_receipt(row)

    def keep(self, partner: Partition, incarnation: int, receipt: KeptReceipt) -> None:
        """Keep a receipt that a partner gave."""
        row = self._row(partner, incarnation, receipt)
        row |= {"got_at": self._clock.now(), "applied_to": receipt.claims["applied_to"]}
        self._connection.execute(sa.insert(receipt_got), [row])

    # --- refused ---

    def refuse(self, partner: Partition, refused: RefusedReceipt) -> None:
        """Keep a receipt that stopped the log; it may be kept already."""
        row = self._row(partner, refused.incarnation, refused.receipt)
        row |= {"digest": refused.digest, "code": refused.code, "seen_at": self._clock.now()}
        self._connection.execute(insert(receipt_refused).values(row).on_conflict_do_nothing())

    def refused(self, partner: Partition) -> list[RefusedReceipt]:
        """The receipts that stopped our log and that nobody has disowned, by incarnation and number."""
        order = receipt_refused.c["incarnation", "n", "digest"]
        query = sa.select(receipt_refused).where(
            *self._of(receipt_refused, partner), receipt_refused.c.disowned_at.is_(None)
        )
        return [
            RefusedReceipt(
                incarnation=row.incarnation, receipt=_read_kept_receipt(row), digest=row.digest, code=row.code
            )
            for row in self._connection.execute(query.order_by(*order))
        ]

    def disown(self, partner: Partition, digests: Iterable[bytes]) -> None:
        """Let these refused receipts stop the log no more; they stay as evidence."""
        self._connection.execute(
            sa.update(receipt_refused)
            .where(*self._of(receipt_refused, partner), receipt_refused.c.digest.in_(list(digests)))
            .values(disowned_at=self._clock.now())
        )

    def disowned(self, partner: Partition) -> frozenset[bytes]:
        """The digests of the receipts that were disowned: each of them by somebody's hand, so they are few."""
        query = sa.select(receipt_refused.c.digest).where(
            *self._of(receipt_refused, partner), receipt_refused.c.disowned_at.is_not(None)
        )
        return frozenset(self._connection.execute(query).scalars())

    def pass_over(self, partner: Partition, digest: bytes) -> None:
        """Count the number of a disowned receipt, and nothing else that it says."""
        self._connection.execute(
            sa.update(receipt_refused)
            .where(*self._of(receipt_refused, partner), receipt_refused.c.digest == digest)
            .values(counted_at=self._clock.now())
        )

    # --- parts ---

    def _newest(self, table: sa.Table, partner: Partition, incarnation: int) -> KeptReceipt | None:
        row = self._connection.execute(
            sa.select(*table.c["n", "jws", "claims"])
            .where(*self._of(table, partner), table.c.incarnation == incarnation)
            .order_by(table.c.n.desc())
            .limit(1)
        ).one_or_none()
        return None if row is None else _read_kept_receipt(row)

    def _row(self, partner: Partition, incarnation: int, receipt: KeptReceipt) -> dict[str, Any]:
        return {
            "country": self._country,
            "partner": partner,
            "incarnation": incarnation,
            "n": receipt.n,
            "jws": receipt.jws.decode("ascii"),
            "claims": dict(receipt.claims),
        }

    def _of(self, table: sa.Table, partner: Partition) -> tuple[sa.ColumnElement[bool], ...]:
        return (table.c.country == self._country, table.c.partner == partner)


def _read_kept_receipt(row: sa.Row[Any]) -> KeptReceipt:
    return KeptReceipt(row.n, row.jws.encode("ascii"), row.claims)
