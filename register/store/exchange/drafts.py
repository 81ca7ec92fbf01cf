"""Drafts: what a use case has decided to say to each partner, written in its own transaction (sync.md 3).

A draft waits for the appender, which alone gives it a number, and only where its mark says that the program wrote it.
What a partner has is known from the drafts with such a mark, and from nothing that could be written beside the program.
Its body is sealed at rest; only the commitment will be chained. Deciding the same again drafts nothing; a newer draft
of an object destroys the bodies of the older ones, so that what was withdrawn cannot be sent late.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from register.clock import Clock
from register.domain.exchange.draft_marks import MARKED, is_own, mark_of
from register.domain.partition import others
from register.store.models.exchange import draft, log_entry
from register.store.running.sealing import DataKeys, KeyEnd, Place
from register.store.running.server.bulk import insert_rows
from schemas.canonical import SALT_BYTES, body_commitment
from schemas.codes import EntryType, Partition


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be said of one object to one partner.

    Attributes:
        body: canonical bytes; of a put, the extract; of a retract, its reason.
        live: whether the partner shall have the object afterwards.
        due_at: by when a retraction must be confirmed, whatever is said of the object after it.
    """

    type: EntryType
    schema: str
    body: bytes
    live: bool
    due_at: datetime | None = None


class Drafts:
    """The drafts of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys, clock: Clock) -> None:
        self._connection, self._country, self._keys, self._clock = connection, country, keys, clock

    def say(
        self,
        about: UUID,
        said: Mapping[Partition, Said],
        *,
        keep_until: date,
        alike: Callable[[bytes], bytes],
        first: Said | None = None,
        only_held: bool = False,
    ) -> list[Partition]:
        """Draft what changes for each partner; return the partners for whom a draft was made.

        A retraction is drafted only where the partner has, or may be about to have, the object. The object's own row
        is locked by the caller, so that drafts of one object keep their order.

        Args:
            about: id of the extract.
            said: what each partner shall be told.
            keep_until: day after which the bodies need not be readable any more.
            alike: a keyed hash, by which what is said again and what the program said are known; without a key a guess
                at a body could be tested.
            first: a retraction to be said before a put that replaces what the partner has, in the same transaction.
            only_held: say nothing to a partner who has no live version.
        """
        before = self._said(about, list(said), alike)
        drafts: list[dict[str, Any]] = []
        for partner, what in said.items():
            known = before.get(partner)
            content = alike(about.bytes + what.body)
            live = known is not None and known["type"] != EntryType.INDICATOR_RETRACT
            held = known is not None and live
            if not held and (only_held or (known is None and not what.live)):
                continue
            if known is not None and live == what.live and (not what.live or known["content_hash"] == content):
                continue
            version = (known["version"] if known else 0) + 1
            if first is not None and held and what.live:
                drafts.append(self._draft(about, partner, first, version, keep_until, None, alike))
                version += 1
            drafts.append(self._draft(about, partner, what, version, keep_until, content, alike))
        partners = list(dict.fromkeys(row["partner"] for row in drafts))
        if drafts:
            self._erase_bodies(about, partners)
            insert_rows(self._connection, draft, drafts)
        return [Partition(partner) for partner in partners]

    def holders(self, about: UUID, *, alike: Callable[[bytes], bytes]) -> list[Partition]:
        """Partners of which the last word on an extract is that they have it, told yet or not."""
        said = self._said(about, others(self._country), alike)
        return [Partition(partner) for partner, row in said.items() if row["type"] == EntryType.INDICATOR_PUT]

    def said_of(
        self, partner: Partition, objects: Collection[UUID], *, alike: Callable[[bytes], bytes]
    ) -> frozenset[UUID]:
        """Of which of these objects anything was drafted for a partner."""
        query = sa.select(*draft.c[(*MARKED, "mark")]).where(
            draft.c.country == self._country, draft.c.partner == partner, draft.c.object == _any(objects)
        )
        rows = self._connection.execute(query).mappings()
        return frozenset(row["object"] for row in rows if is_own(alike, self._country, row))

    def live_after(
        self, partner: Partition, after: UUID | None, limit: int, *, alike: Callable[[bytes], bytes]
    ) -> tuple[UUID | None, list[UUID]]:
        """Extracts that the last word leaves a partner with, of the next so many objects after one.

        Returns:
            The last object that was looked at, None where it was the last of all, and the extracts.
        """
        here = (draft.c.country == self._country, draft.c.partner == partner)
        objects = sa.select(draft.c.object).where(*here).distinct().order_by(draft.c.object).limit(limit)
        if after is not None:
            objects = objects.where(draft.c.object > after)
        portion = list(self._connection.execute(objects).scalars())
        query = sa.select(*draft.c[(*MARKED, "mark")]).where(*here, draft.c.object == _any(portion))
        rows = self._connection.execute(query.order_by(draft.c.version)).mappings()
        last = {row["object"]: row["type"] for row in rows if is_own(alike, self._country, row)}
        live = [about for about in portion if last.get(about) == EntryType.INDICATOR_PUT]
        return (portion[-1] if len(portion) == limit else None), live

    def wait_again(
        self, partner: Partition, after: UUID | None, to: UUID | None, *, alike: Callable[[bytes], bytes]
    ) -> list[UUID]:
        """Let the program's own drafts wait again that were put aside, or have a number that the log gave to another.

        One that the log has gets its number from there. What the log has a newer version of is not told any more.

        Args:
            partner: whose drafts.
            after: only of objects behind this one; None from the first on.
            to: up to this object and with it; None up to the last.
            alike: as in `say`.

        Returns:
            The objects.
        """
        entry = sa.select(log_entry.c.seq).where(
            log_entry.c.country == self._country, log_entry.c.partner == partner, log_entry.c.draft_id == draft.c.id
        )
        told = entry.where(
            log_entry.c.incarnation == draft.c.appended_inc, log_entry.c.seq == draft.c.appended_seq
        ).exists()
        query = sa.select(
            *draft.c[(*MARKED, "mark", "refused_at")],
            draft.c.appended_seq.is_not(None).label("numbered"),
            told.label("told"),
        ).where(draft.c.country == self._country, draft.c.partner == partner)
        if after is not None:
            query = query.where(draft.c.object > after)
        if to is not None:
            query = query.where(draft.c.object <= to)
        rows = self._connection.execute(query.order_by(draft.c.version)).mappings()
        own = [row for row in rows if is_own(alike, self._country, row)]
        newest = {row["object"]: row["version"] for row in own if row["told"]}
        apart = {
            row["id"]: row["object"]
            for row in own
            if (row["refused_at"] is not None or (row["numbered"] and not row["told"]))
            and row["version"] >= newest.get(row["object"], 0)
        }
        if apart:
            mine = (draft.c.country == self._country, draft.c.id == _any(apart))
            # In the order in which everybody locks drafts.
            self._connection.execute(
                sa.select(draft.c.id).where(*mine).order_by(draft.c.object, draft.c.id).with_for_update()
            )
            by_log = entry.order_by(log_entry.c.incarnation.desc(), log_entry.c.seq).limit(1)
            self._connection.execute(
                sa.update(draft)
                .where(*mine)
                .values(
                    refused_at=None,
                    appended_inc=by_log.with_only_columns(log_entry.c.incarnation).scalar_subquery(),
                    appended_seq=by_log.scalar_subquery(),
                )
            )
        return list(dict.fromkeys(apart.values()))

    def _draft(
        self,
        about: UUID,
        partner: Partition,
        what: Said,
        version: int,
        keep_until: date,
        content: bytes | None,
        alike: Callable[[bytes], bytes],
    ) -> dict[str, Any]:
        draft_id, salt = self._clock.new_id(), secrets.token_bytes(SALT_BYTES)
        key = self._keys.make(keep_until)
        place = Place(self._country, "draft", str(draft_id))
        row = {
            "country": self._country,
            "id": draft_id,
            "partner": partner,
            "object": about,
            "version": version,
            "type": what.type,
            "schema": what.schema,
            "commitment": body_commitment(salt, what.body),
            "content_hash": content,
            "body_sealed": key.seal(place, "body", what.body),
            "salt_sealed": key.seal(place, "salt", salt),
            "data_key": key.id,
            "made_at": self._clock.now(),
            "due_at": what.due_at,
        }
        return row | {"mark": mark_of(alike, self._country, row)}

    def _said(
        self, about: UUID, partners: Sequence[Partition], alike: Callable[[bytes], bytes]
    ) -> dict[str, sa.RowMapping]:
        """The newest draft of an object for each partner; what the program did not write counts for nothing."""
        query = sa.select(*draft.c[(*MARKED, "mark")]).where(
            draft.c.country == self._country, draft.c.object == about, draft.c.partner.in_(partners)
        )
        rows = self._connection.execute(query.order_by(draft.c.version)).mappings()
        return {row["partner"]: row for row in rows if is_own(alike, self._country, row)}

    def _erase_bodies(self, about: UUID, partners: list[str]) -> None:
        mine = (
            draft.c.country == self._country,
            draft.c.object == about,
            draft.c.partner.in_(partners),
            draft.c.data_key.is_not(None),
        )
        # In the order in which everybody locks drafts.
        mine_now = sa.select(draft.c.data_key).where(*mine).order_by(draft.c.object, draft.c.id).with_for_update()
        keys = list(self._connection.execute(mine_now).scalars())
        if keys:
            self._connection.execute(
                sa.update(draft).where(*mine).values(body_sealed=None, salt_sealed=None, data_key=None)
            )
            self._keys.end(keys, KeyEnd.REPLACED)


def _any(objects: Collection[UUID]) -> sa.ColumnElement[Any]:
    return sa.any_(sa.cast(list(objects), sa.ARRAY(sa.Uuid)))
