"""A shared extract of another country as this one holds it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from register.errors import Conflict
from schemas.codes import Partition
from schemas.exchange.wire import IndicatorPut


@dataclass(frozen=True, slots=True)
class HeldExtract:
    """One live extract, opened.

    Attributes:
        object: the id that its owner gave the extract.
        version: as the owner counts it for this recipient.
    """

    origin: Partition
    object: UUID
    version: int
    put: IndicatorPut


class OwnerNeeded(Conflict):
    """Two owners' logs use the same id, which honest nodes never do; which extract is meant must be said."""

    code = "owner-needed"
    advice = "Name the country whose extract is meant as `owner`, and tell your operator: ids should never meet."
