"""What a country has said to a partner of a signal: the drafts that can still be read, opened, oldest first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from register.core import Register
from register.domain.access.caller import system
from register.domain.signals.signal import SignalId
from register.services.signals.share_signal import lease_signals, share_signal
from register.store.models.exchange import draft
from register.store.running.sealing import Place
from register.store.work import Work
from schemas.canonical import unb64
from schemas.codes import Partition


@dataclass(frozen=True)
class Draft:
    """One draft: its version, its type, and its body where it has not been destroyed."""

    version: int
    type: str
    body: dict[str, Any] | None


def share_all(register: Register) -> None:
    """Let the worker decide on all that waits."""
    while leases := lease_signals(register, 100):
        for lease in leases:
            share_signal(register, lease)


def drafts_in(work: Work, signal_id: UUID, partner: Partition) -> list[Draft]:
    """The drafts about a signal for a partner, as this open transaction sees them."""
    work.keys.settle()
    extract = work.signals.reports.get(SignalId(signal_id)).extract_id
    query = sa.select(draft).where(draft.c.country == work.partition, draft.c.object == extract)
    rows = work._connection.execute(query.where(draft.c.partner == partner).order_by(draft.c.version)).all()
    found = []
    for row in rows:
        body = None
        if row.data_key is not None:
            place = Place(work.partition, "draft", str(row.id))
            body = json.loads(work.keys.get(row.data_key).open(place, "body", row.body_sealed))
        found.append(Draft(row.version, row.type, body))
    return found


def drafts_of(register: Register, signal_id: UUID, partner: Partition) -> list[Draft]:
    """The same, as it stands committed."""
    with register.work(system(register.partition, "worker")) as work:
        return drafts_in(work, signal_id, partner)


def live(register: Register, signal_id: UUID, partner: Partition) -> dict[str, Any] | None:
    """The record part of the extract that the partner has, or is about to have; None where it has none."""
    with register.work(system(register.partition, "worker")) as work:
        extract = work.signals.reports.get(SignalId(signal_id)).extract_id
        if partner not in work.exchange.drafts.holders(extract, alike=register.keys.fingerprint):
            return None
        newest = drafts_in(work, signal_id, partner)[-1]
    assert newest.body is not None
    record: dict[str, Any] = newest.body["record"]
    return record


def live_blinds(register: Register, signal_id: UUID, partner: Partition) -> set[bytes]:
    """The keys, as the country's own blind values, of which the partner has pseudonyms."""
    record = live(register, signal_id, partner)
    if record is None:
        return set()
    with register.work(system(register.partition, "worker")) as work:
        known = {t.token: t.blind for t in work.signals.own_tokens.of(SignalId(signal_id))}
    return {known[unb64(t["token"], 32)] for t in record["tokens"]}
