"""Rosters in the store: the documents as they were accepted; everyone reads them, only the operator adds one."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from register.errors import Conflict
from register.store.models.exchange import roster


class RosterDiffers(Conflict):
    """The database holds another roster of the same number; partners' signatures were checked by it."""

    code = "roster-differs"
    advice = "Compare the two with `rtr roster show`; to change who takes part, all five make roster 1 anew."


class Rosters:
    """The rosters of this database, inside one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def all(self) -> list[bytes]:
        """The documents' canonical bytes, by number."""
        rows = self._connection.execute(sa.select(roster.c.document).order_by(roster.c.number)).scalars()
        return [r.encode() for r in rows]

    def add(self, number: int, document: bytes) -> None:
        """Keep a roster; the same one again is no change.

        Raises:
            RosterDiffers: another one of this number is kept.
        """
        known = self._connection.execute(sa.select(roster.c.document).where(roster.c.number == number)).scalar()
        if known == document.decode():
            return
        if known is not None:
            raise RosterDiffers(f"another roster {number} is in the database")
        self._connection.execute(
            sa.insert(roster),
            [{"number": number, "document": document.decode(), "sha256": hashlib.sha256(document).digest()}],
        )
