"""Valid wholes for tests of the index; a test names only what matters to it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from register.search.feeding.changes import Put, TokenEntry
from register.search.mapping import RecordDocument
from schemas.codes import Handling, LegalBasis, Partition, Purpose, Visibility

AW, CW, SX = Partition.AW, Partition.CW, Partition.SX


def an_id(number: int) -> UUID:
    """The id of the object with this number; a UUIDv7 by its form."""
    return UUID(f"0190d5a8-0000-7000-8000-{number:012x}")


def token(number: int) -> bytes:
    """A token as the pseudonym function makes them: 32 bytes that mean nothing."""
    return hashlib.sha256(b"token %d" % number).digest()


def a_record(**changes: Any) -> RecordDocument:
    """A record with every kind of field filled."""
    fields: dict[str, Any] = {
        "reference": "AW-2026-0417",
        "owner": "AW-POLICE",
        "contact_unit": "AW-NCP",
        "signal_type": "TRAFFICKING",
        "purpose": Purpose.INVESTIGATE,
        "legal_basis": LegalBasis.AW_POLICE,
        "handling": Handling.H1,
        "visibility": Visibility.V0,
        "period_from": "2026-03",
        "period_to": "2026-04",
        "exploitation_forms": ("LABOUR", "OTHER"),
        "persons_seen": 3,
    }
    return RecordDocument(**(fields | changes))


def a_put(
    number: int,
    tokens: Iterable[int] = (),
    *,
    version: int = 1,
    origin: Partition = AW,
    subject: int = 1,
    record: RecordDocument | None = None,
) -> Put:
    """A put of the object with this number, with tokens of these numbers on one subject."""
    entries = tuple(TokenEntry(subject, "phone", 1, token(each)) for each in tokens)
    return Put(origin, an_id(number), version, record or a_record(), entries)
