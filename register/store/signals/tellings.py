"""What partners were told of one extract, and what their receipts say of it: a query to be read with others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import sqlalchemy as sa

from register.domain.exchange.draft_marks import MARKED, is_own
from register.domain.signals.telling import Told
from register.store.models.exchange import draft, log_head, receipt_got
from register.store.running.server.bulk import Row
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
            *draft.c[(*MARKED, "mark", "made_at", "due_at", "appended_inc", "appended_seq")],
            received_at.label("received_at"),
            done_at.label("done_at"),
        )
        # The partners are named, since the index on what is told of an object begins with them.
        .where(draft.c.country == country, draft.c.partner.in_([str(p) for p in Partition]), draft.c.object == extract)
        .where(draft.c.type.in_(_STATEFUL))
        .order_by(draft.c.partner, draft.c.version)
    )


def holders_of(country: Partition, extract: sa.ColumnElement[Any]) -> sa.ScalarSelect[int]:
    """How many partners have an extract: the last word on it that a receipt of theirs covers gives it.

    Only what the appender took for the program's own has a number, so what somebody else writes hides nobody.
    """
    told, later = draft.alias(), draft.alias()

    def received(one: sa.FromClause, of: sa.ColumnElement[Any]) -> tuple[sa.ColumnElement[bool], ...]:
        covered = sa.exists().where(
            receipt_got.c.country == country,
            receipt_got.c.partner == one.c.partner,
            receipt_got.c.incarnation == one.c.appended_inc,
            receipt_got.c.applied_to >= one.c.appended_seq,
        )
        return (one.c.country == country, one.c.object == of, one.c.type.in_(_STATEFUL), covered)

    # By the row beside it, not by the extract: two floors down that would be any report's.
    superseded = sa.exists().where(
        *received(later, told.c.object), later.c.partner == told.c.partner, later.c.version > told.c.version
    )
    return (
        sa.select(sa.func.count())
        .where(*received(told, extract), told.c.partner.in_([str(p) for p in Partition]))
        .where(told.c.type == EntryType.INDICATOR_PUT, sa.not_(superseded))
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


def stopped_query(country: Partition) -> sa.Select[Any]:
    """Of whom and since when our logs are stopped: `standing_still` says why. To be read with others, or alone."""
    return sa.select(*log_head.c["partner", "stopped_at"]).where(
        log_head.c.country == country, log_head.c.stopped.is_not(None)
    )


def told_of(
    country: Partition, tellings: Iterable[Row], refusals: Iterable[Row], *, alike: Callable[[bytes], bytes]
) -> tuple[Told, ...]:
    """The rows of both queries as values, by partner, each partner's in the order of their versions.

    What the program did not draft was said to nobody (`register.domain.exchange.draft_marks`; `alike` as there).
    """
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
        if is_own(alike, country, row)
    )
