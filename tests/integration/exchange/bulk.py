"""Many drafts at once, as fast as rows can be written: for tests of size, which are not about drafting."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from register.core import Register
from register.domain.access.caller import system
from register.domain.exchange.draft_marks import mark_of
from register.store.models.exchange import draft
from register.store.models.running import data_key
from register.store.running.sealing import Place
from register.store.running.server.bulk import insert_rows
from schemas.canonical import body_commitment
from schemas.codes import EntryType, Partition
from schemas.exchange.wire import SCHEMA_VERSION, encode_body
from tests.integration.exchange.extracts import an_extract


def draft_many(register: Register, partner: Partition, count: int, *, first: int = 1) -> list[UUID]:
    """Draft `count` extracts for a partner; return their ids in order."""
    country, now = register.partition, register.clock.now()
    ends = now.date() + timedelta(days=365)
    template = encode_body(an_extract(register, partner, number=0)).decode()
    objects: list[UUID] = []
    drafts, keys = [], []
    with register.work(system(country, "worker")) as work:
        for number in range(first, first + count):
            name, about, salt = register.clock.new_id(), register.clock.new_id(), secrets.token_bytes(32)
            body = template.replace(f"{country}-2026-0", f"{country}-2026-{number}").encode()
            key, key_row = work.keys.prepare(ends)
            place = Place(country, "draft", str(name))
            objects.append(about)
            here = {"country": country, "partner": partner, "object": about, "version": 1}
            commitment = body_commitment(salt, body)
            keys.append(key_row)
            told = here | {
                "id": name,
                "type": EntryType.INDICATOR_PUT,
                "schema": SCHEMA_VERSION,
                "commitment": commitment,
                "content_hash": commitment,
            }
            drafts.append(
                told
                | {
                    "mark": mark_of(register.keys.fingerprint, country, told),
                    "body_sealed": key.seal(place, "body", body),
                    "salt_sealed": key.seal(place, "salt", salt),
                    "data_key": key.id,
                    "made_at": now,
                }
            )
        connection = work._connection
        insert_rows(connection, data_key, keys)
        insert_rows(connection, draft, drafts)
    return objects
