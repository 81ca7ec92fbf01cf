"""What partners were told of one extract, and what their receipts say of it: a query to be read with others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa

from register.domain.signals.telling import Told
from register.store.models.exchange import draft, log_head, receipt_got, sent_object
from register.store.running.bulk import Row
from schemas.codes import EntryType, Partition

_STATEFUL: Final = (EntryType.INDICATOR_PUT, EntryType.INDICATOR_RETRACT)


def tellings_query(country: Partition, extract: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Everything that was decided to be said of an extract, each with when a receipt first covered it.

    A receipt covers all entries up to a number, so the first that names this number or a higher one is the one that
    acknowledged it. That a withdrawal is done is said by the receipt that lists it.
    """
    log = (
        receipt_got.c.country == country,
        receipt_got.c.partner == draft.c.partner,
        receipt_got.c.incarnation == draft.c.appended_inc,
    )
    received_at = (
        sa.select(receipt_got.c.got_at)
        .where(*log, receipt_got.c.applied_to >= draft.c.appended_seq)
        .order_by(receipt_got.c.applied_to, receipt_got.c.n)
        .limit(1)
        .scalar_subquery()
    )
    done_at = sa.select(receipt_got.c.got_at).where(*log, receipt_got.c.n == draft.c.done_n).scalar_subquery()
    return (
        sa.select(
            *draft.c["partner", "version", "type", "made_at", "due_at", "appended_inc", "appended_seq"],
            received_at.label("received_at"),
            done_at.label("done_at"),
        )
        # The partners are named, since the index on what is told of an object begins with them.
        .where(draft.c.country == country, draft.c.partner.in_([str(p) for p in Partition]), draft.c.object == extract)
        .where(draft.c.type.in_(_STATEFUL))
        .order_by(draft.c.partner, draft.c.version)
    )


def holders_of(country: Partition, extract: sa.ColumnElement[Any]) -> sa.ScalarSelect[int]:
    """How many partners have acknowledged the extract as it now is."""
    own = sent_object.c
    return (
        sa.select(sa.func.count())
        .where(own.country == country, own.partner.in_([str(p) for p in Partition]), own.object == extract)
        .where(own.live, own.acked_version == own.version)
        .scalar_subquery()
    )


def refusals_query(country: Partition) -> sa.Select[Any]:
    """What the newest receipt for each log says that it keeps in quarantine: a list of `{seq, code}`, or null."""
    newest = (
        sa.select(receipt_got.c.claims["quarantined"])
        .where(
            receipt_got.c.country == country,
            receipt_got.c.partner == log_head.c.partner,
            receipt_got.c.incarnation == log_head.c.incarnation,
        )
        .order_by(receipt_got.c.n.desc())
        .limit(1)
        .scalar_subquery()
    )
    return sa.select(*log_head.c["partner", "incarnation"], newest.label("quarantined")).where(
        log_head.c.country == country
    )


def told_of(tellings: Iterable[Row], refusals: Iterable[Row]) -> tuple[Told, ...]:
    """The rows of both queries as values, by partner, each partner's in the order of their versions."""
    refused = {(r["partner"], r["incarnation"], q["seq"]) for r in refusals for q in r["quarantined"] or ()}
    return tuple(
        Told(
            partner=Partition(row["partner"]),
            version=row["version"],
            withdrawal=row["type"] == EntryType.INDICATOR_RETRACT,
            decided_at=row["made_at"],
            due_at=row["due_at"],
            received_at=row["received_at"],
            done_at=row["done_at"],
            refused=(row["partner"], row["appended_inc"], row["appended_seq"]) in refused,
        )
        for row in tellings
    )
