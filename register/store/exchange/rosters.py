"""Rosters in the store: the documents as they were accepted; everyone reads them, only the operator adds one."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from register.errors import Conflict
from register.store.models.exchange import roster
from schemas.exchange.wire import NodeKey, Roster, read


class RosterDiffers(Conflict):
    """The database holds another roster of the same number; partners' signatures were checked by it."""

    code = "roster-differs"
    advice = (
        "Compare the two with `rtr roster show`. Where all five have made roster 1 anew, stop the node, pin the new "
        "hash (`sync.roster_sha256`) and give --replace."
    )


class RosterUnfit(Conflict):
    """The roster lacks a country or a key by which something in the database was signed; nothing was replaced."""

    code = "roster-unfit"
    advice = (
        "Make it anew with every country and key of the one that is there: what was told and confirmed under them "
        "could not be checked any more. To take out a stolen key, see the operator's guide."
    )


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

    def replace(self, number: int, document: bytes) -> bytes | None:
        """Put a roster in the place of the one of its number; return that one, None where there was none.

        Raises:
            RosterUnfit: it lacks a country or a key of the one that is there.
        """
        which = roster.c.number == number
        known: str | None = self._connection.execute(sa.select(roster.c.document).where(which)).scalar()
        if known is None:
            self.add(number, document)
            return None
        old, new = read(Roster, known.encode()), read(Roster, document)
        gone = {str(one.country) for one in old.members} - {str(one.country) for one in new.members}
        gone |= {_known_by(key) for key in old.node_keys} - {_known_by(key) for key in new.node_keys}
        if gone:
            raise RosterUnfit(f"it lacks {', '.join(sorted(gone))}")
        anew = {"document": document.decode(), "sha256": hashlib.sha256(document).digest()}
        self._connection.execute(sa.update(roster).where(which).values(anew))
        return known.encode()


def _known_by(key: NodeKey) -> str:
    """What must not change of a key; whether it is believed still may."""
    return f"{key.country} {key.use} {key.kid} {key.x}"
