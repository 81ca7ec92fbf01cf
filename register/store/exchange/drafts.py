"""Drafts: what a use case has decided to say to each partner, written in its own transaction (sync.md 3).

A draft waits for the appender, which alone gives it a number. Its body is sealed at rest; only the commitment will be
chained. Deciding the same again drafts nothing; a newer draft of an object destroys the bodies of the older ones, so
that what was withdrawn cannot be sent late.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from register.clock import Clock
from register.store.models.exchange import draft, sent_object
from register.store.running.bulk import insert_rows
from register.store.running.sealing import DataKeys, KeyEnd, Place
from schemas.canonical import SALT_BYTES, body_commitment
from schemas.codes import EntryType, Partition

_CHANGED: Final = ("version", "commitment", "live", "content_hash", "seq")


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
            alike: a keyed hash, by which what is said again is known; without a key a guess at a body could be tested.
            first: a retraction to be said before a put that replaces what the partner has, in the same transaction.
            only_held: say nothing to a partner who has no live version.
        """
        before = self._sent(about)
        drafts, sent = [], []
        for partner, what in said.items():
            known = before.get(partner)
            content = alike(about.bytes + what.body)
            held = known is not None and known.live
            if not held and (only_held or (known is None and not what.live)):
                continue
            if known is not None and known.live == what.live and (not what.live or known.content_hash == content):
                continue
            version = (known.version if known else 0) + 1
            if first is not None and held and what.live:
                drafts.append(self._draft(about, partner, first, version, keep_until)[0])
                version += 1
            row, commitment = self._draft(about, partner, what, version, keep_until)
            drafts.append(row)
            sent.append(
                {
                    "country": self._country,
                    "partner": partner,
                    "object": about,
                    "version": row["version"],
                    "commitment": commitment,
                    "live": what.live,
                    "content_hash": content,
                    "seq": None,
                }
            )
        if not drafts:
            return []
        self._erase_bodies(about, [row["partner"] for row in sent])
        insert_rows(self._connection, draft, drafts)
        changes = ", ".join(f"{c} = excluded.{c}" for c in _CHANGED)
        again = f"ON CONFLICT (country, partner, object) DO UPDATE SET {changes}"
        insert_rows(self._connection, sent_object, sent, on_conflict=again)
        return [Partition(row["partner"]) for row in sent]

    def _draft(
        self, about: UUID, partner: Partition, what: Said, version: int, keep_until: date
    ) -> tuple[dict[str, Any], bytes]:
        draft_id, salt = self._clock.new_id(), secrets.token_bytes(SALT_BYTES)
        key = self._keys.make(keep_until)
        place = Place(self._country, "draft", str(draft_id))
        commitment = body_commitment(salt, what.body)
        return {
            "country": self._country,
            "id": draft_id,
            "partner": partner,
            "object": about,
            "version": version,
            "type": what.type,
            "schema": what.schema,
            "commitment": commitment,
            "body_sealed": key.seal(place, "body", what.body),
            "salt_sealed": key.seal(place, "salt", salt),
            "data_key": key.id,
            "made_at": self._clock.now(),
            "due_at": what.due_at,
        }, commitment

    def _sent(self, about: UUID) -> dict[str, sa.Row[*tuple[Any, ...]]]:
        query = (
            sa.select(*sent_object.c["partner", "version", "live", "content_hash"])
            .where(sent_object.c.country == self._country, sent_object.c.object == about)
            .with_for_update()
        )
        return {row.partner: row for row in self._connection.execute(query)}

    def _erase_bodies(self, about: UUID, partners: list[str]) -> None:
        mine = (
            draft.c.country == self._country,
            draft.c.object == about,
            draft.c.partner.in_(partners),
            draft.c.data_key.is_not(None),
        )
        keys = list(self._connection.execute(sa.select(draft.c.data_key).where(*mine)).scalars())
        if keys:
            self._connection.execute(
                sa.update(draft).where(*mine).values(body_sealed=None, salt_sealed=None, data_key=None)
            )
            self._keys.end(keys, KeyEnd.REPLACED)
