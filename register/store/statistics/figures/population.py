"""What a countable population is to the store: two queries, which are run alone or together with others."""

from __future__ import annotations

from datetime import date
from typing import Any, Protocol

import sqlalchemy as sa

from schemas.codes import Partition


class Population(Protocol):
    """The records of one kind, of one country."""

    def __init__(self, country: Partition) -> None: ...

    def groups(self, first: date, last: date) -> sa.Select[Any]:
        """Stored codes in columns named by their variable, and in `how_many` how many share them.

        Args:
            first: day of the span.
            last: day of the span; both count.
        """
        ...

    def began(self) -> sa.Select[Any]:
        """One row, one column `began`: the first record's day or moment, NULL where there is none."""
        ...
