"""What tells whether a clock is to be believed: the database's, and what the register wrote by it before. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

AHEAD_MAX: Final = timedelta(minutes=5)
"""What was written may lie in the future by this much: as much as partners' clocks may differ."""
PAUSE_MAX: Final = timedelta(days=20)
"""A longer pause needs an operator's word (assumed: a storm's outage is shorter, and a wrong month is longer)."""


@dataclass(frozen=True, slots=True)
class Moments:
    """The times of one country, all by the database's clock.

    Attributes:
        database: now.
        newest_leaf: when the newest leaf of the audit log was written; None where there is none.
        believed_at: when the clock was last believed, by a worker or by an operator's word; None where it never was.
        held_since: since when it is not; None where it is.
        code: why it is not.
    """

    database: datetime
    newest_leaf: datetime | None
    believed_at: datetime | None = None
    held_since: datetime | None = None
    code: str | None = None

    def find_jump(self) -> timedelta | None:
        """How far the database's clock is past the last moment known, or before it; None where that is believed.

        Leaves count only where nobody has believed a clock here yet, as after an update or a restore: they are
        written also while a clock is held, and would make a wrong one true at the next start.
        """
        known = self.believed_at or self.newest_leaf
        if known is None or -AHEAD_MAX <= self.database - known <= PAUSE_MAX:
            return None
        return self.database - known
