"""Open extracts that this country holds of others, for its operator: to look whether they hold what they must not.

No asker, no rule and no hit: what is returned is for a program that looks through it, never for a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from register.core import Register
from register.domain.access.caller import system
from register.domain.exchange.held import HeldExtract
from schemas.codes import Partition


def open_received(register: Register, origin: Partition, records: Sequence[UUID]) -> list[HeldExtract]:
    """Return the live ones among these records of an origin, opened; the opening is logged."""
    with register.work(system(register.partition, "worker")) as work:
        found = work.held.open(origin, records)
        work.audit.note("record.opened-by-operator", "-", origin=str(origin), count=len(found))
    return list(found.values())
