"""What own signals are found by: the local blind index, and the pseudonyms that the evaluators made.

Blind values are of this country's own key and never leave it; pseudonyms may, as the rules decide. Canonical values
are never stored, and pseudonyms are sealed: whoever can have keys evaluated could else compare what stands here with
what he has made.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from register.domain.signals.signal import SignalId
from register.store.models.signals import blind_index, sharing, signal, token
from register.store.running.sealing import DataKeys, Erased, KeyEnd, Place
from register.store.running.server.bulk import insert_rows
from register.store.signals.parts import delete_of_signal
from schemas.codes import Partition, Visibility

STALE: Final = "stale"
"""Of a pseudonym that stands for no key of the signal as it now is: it waits to be made anew."""


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A pseudonym of an own signal, and why it is withheld if it is.

    Attributes:
        withheld_by: id of a rule, or `STALE`; None where it may be published.
        blind: of the key that it stands for.
    """

    subject_n: int
    family: str
    version: int
    epoch: int
    token: bytes = field(repr=False)
    use: str | None
    withheld_by: str | None
    blind: bytes


@dataclass(frozen=True, slots=True)
class BlindMatch:
    """An own signal that shares a canonical value with what was asked for."""

    signal_id: SignalId
    subject_n: int
    family: str
    blind: bytes


class OwnTokens:
    """Blind values and pseudonyms of one country's signals, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys) -> None:
        self._connection, self._country, self._keys = connection, country, keys

    def set_blind(self, signal_id: SignalId, entries: Sequence[tuple[int, str, bytes]], *, fresh: bool = False) -> None:
        """Store (subject n, family, blind) of a signal for local search; replaces what one that is not fresh had."""
        if not fresh:
            delete_of_signal(self._connection, self._country, blind_index, signal_id)
        self.add_blind(signal_id, entries)

    def add_blind(self, signal_id: SignalId, entries: Sequence[tuple[int, str, bytes]]) -> None:
        """Store the same beside what the signal has; what it has already stays."""
        rows = {
            (n, blind): {
                "country": self._country, "blind": blind, "signal_id": signal_id, "subject_n": n, "family": family,
            }
            for n, family, blind in entries
        }  # fmt: skip
        if rows:
            insert_rows(self._connection, blind_index, list(rows.values()), on_conflict="ON CONFLICT DO NOTHING")

    def blinds_of(self, signal_id: SignalId) -> set[tuple[int, bytes]]:
        """What a signal is found by here: (subject n, blind)."""
        own = blind_index.c
        query = sa.select(own.subject_n, own.blind).where(own.country == self._country, own.signal_id == signal_id)
        return {(r.subject_n, bytes(r.blind)) for r in self._connection.execute(query)}

    def match_blind(self, blinds: Sequence[bytes], *, hidden: Collection[Visibility] = ()) -> list[BlindMatch]:
        """Own signals that carry one of these blind values, are not withdrawn and of no visibility in `hidden`."""
        rows = self._connection.execute(
            sa.select(*blind_index.c["signal_id", "subject_n", "family", "blind"])
            .join(signal, sa.and_(signal.c.country == blind_index.c.country, signal.c.id == blind_index.c.signal_id))
            .where(
                blind_index.c.country == self._country,
                blind_index.c.blind == sa.any_(sa.cast(list(blinds), sa.ARRAY(sa.LargeBinary))),
                signal.c.withdrawn_at.is_(None),
                signal.c.visibility.not_in([str(v) for v in hidden]),
            )
        )
        return [BlindMatch(SignalId(r.signal_id), r.subject_n, r.family, r.blind) for r in rows]

    def set(self, signal_id: SignalId, tokens: Sequence[TokenRow], *, ends: date) -> None:
        """Store the pseudonyms of a signal that ends on a day, sealed; replaces what was there.

        They have a data key of their own beside the signal's: a change of the signal seals its words anew, and the
        role that makes one may write no pseudonym.
        """
        had = sa.select(token.c.data_key).distinct().where(*self._of(signal_id), token.c.data_key.is_not(None))
        self._keys.end(self._connection.scalars(had).all(), KeyEnd.REPLACED)
        delete_of_signal(self._connection, self._country, token, signal_id)
        if not tokens:
            return
        key = self._keys.make(ends)
        rows = [
            {
                "country": self._country, "signal_id": signal_id, "subject_n": t.subject_n, "blind": t.blind,
                "sealed": key.seal(self._place(signal_id, t.subject_n, t.blind), "sealed", t.token),
                "data_key": key.id, "family": t.family, "version": t.version, "epoch": t.epoch, "use": t.use,
                "withheld_by": t.withheld_by,
            }
            for t in tokens
        ]  # fmt: skip
        self._connection.execute(sa.insert(token), rows)

    def withhold(self, signal_id: SignalId, tokens: Sequence[TokenRow]) -> None:
        """Keep why these pseudonyms of a signal are withheld, or that they are not any more."""
        for t in tokens:
            self._connection.execute(
                sa.update(token)
                .where(*self._of(signal_id), token.c.subject_n == t.subject_n, token.c.blind == t.blind)
                .values(withheld_by=t.withheld_by)
            )

    def published(self, signals: Collection[UUID]) -> dict[UUID, int]:
        """By signal, how many different pseudonyms some partner may have now; of one that nobody may have, none."""
        if not signals:
            return {}
        wanted = sa.any_(sa.cast(sorted(signals), sa.ARRAY(sa.Uuid)))
        goes = sa.exists().where(
            sharing.c.country == token.c.country, sharing.c.signal_id == token.c.signal_id, sharing.c.allowed
        )
        rows = self._connection.execute(
            sa.select(token.c.signal_id, sa.func.count(sa.distinct(token.c.blind)))
            .where(token.c.country == self._country, token.c.signal_id == wanted, token.c.withheld_by.is_(None), goes)
            .group_by(token.c.signal_id)
        )
        return {row[0]: int(row[1]) for row in rows}

    def of(self, signal_id: SignalId) -> list[TokenRow]:
        """The pseudonyms of a signal, opened.

        Raises:
            Erased: their data key has ended.
        """
        query = self._keys.beside(sa.select(token), token).where(*self._of(signal_id))
        query = query.order_by(token.c.subject_n, token.c.family, token.c.blind)
        return [
            TokenRow(r["subject_n"], r["family"], r["version"], r["epoch"], self._opened(r), r["use"], r["withheld_by"],
                     r["blind"])
            for r in self._connection.execute(query).mappings()
        ]  # fmt: skip

    def _opened(self, row: Mapping[Any, Any]) -> bytes:
        if row["plain"] is not None:
            plain: bytes = row["plain"]
            return plain
        key = self._keys.of_row(row)
        if key is None:
            raise Erased(f"the pseudonyms of signal {row['signal_id']} have been erased")
        return key.open(self._place(row["signal_id"], row["subject_n"], row["blind"]), "sealed", row["sealed"])

    def in_plain(self, limit: int) -> list[SignalId]:
        """Signals of which a release before wrote pseudonyms in plain, at most `limit`."""
        query = sa.select(token.c.signal_id).distinct()
        rows = query.where(token.c.country == self._country, token.c.plain.is_not(None)).limit(limit)
        return [SignalId(one) for one in self._connection.scalars(rows)]

    def count_in_plain(self) -> int:
        """How many signals have such pseudonyms."""
        query = sa.select(sa.func.count(sa.distinct(token.c.signal_id)))
        found = self._connection.scalar(query.where(token.c.country == self._country, token.c.plain.is_not(None)))
        return int(found or 0)

    def _of(self, signal_id: SignalId) -> tuple[sa.ColumnElement[bool], ...]:
        return (token.c.country == self._country, token.c.signal_id == signal_id)

    def _place(self, signal_id: UUID, subject_n: int, blind: bytes) -> Place:
        """Of one key alone: what is sealed for a key that stays at home opens beside no other."""
        return Place(self._country, "token", f"{signal_id}/{subject_n}/{blind.hex()}")
