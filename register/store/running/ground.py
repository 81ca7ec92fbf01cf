"""What every store of one unit of work stands on."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from register.clock import Clock
from register.domain.access.caller import Caller
from register.store.running.sealing import DataKeys
from schemas.codes import Partition


@dataclass(frozen=True, slots=True)
class Ground:
    """One transaction of one caller, with the keys of the caller's country.

    Attributes:
        keys: data keys for sealed fields.
        clock: for what is not ordered by it.
    """

    connection: sa.Connection
    caller: Caller
    keys: DataKeys
    clock: Clock

    @property
    def partition(self) -> Partition:
        """Whose rows these are."""
        return self.caller.partition
