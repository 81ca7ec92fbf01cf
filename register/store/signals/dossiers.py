"""A signal with all that hangs on it, read as of one moment in one statement, and opened only when it may be.

`find` gives it closed, so that whoever asks can be judged by its organisation before anything is unsealed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from register.domain.signals.dossier import Decided, Dossier
from register.domain.signals.protecting.finding import FindingId
from register.domain.signals.referral import Referral, ReferralId
from register.domain.signals.signal import SignalId
from register.errors import DoesNotOpen, NotFound, OperatorError
from register.store.access.organisations import organisation_of, organisations_query
from register.store.models.running import to_do
from register.store.models.signals import finding, protection, referral, sharing, signal
from register.store.running.sealing import DataKeyLost, DataKeys, Erased, NotSealed, OpenKey
from register.store.running.server.bulk import Row, read_together
from register.store.signals.parts import parts_queries
from register.store.signals.protecting.findings import findings_query, found_of
from register.store.signals.protecting.protections import reasons_of
from register.store.signals.referrals import note_of, referral_of, referrals_query
from register.store.signals.rows import signal_of
from register.store.signals.tellings import refusals_query, stopped_query, tellings_query, told_of
from register.store.signals.timeline import events_query, readable_events
from schemas.codes import Partition, ToDoKind


@dataclass(frozen=True, slots=True)
class Closed:
    """A dossier as it was read: sealed."""

    _country: Partition
    _keys: DataKeys
    _read: Callable[[], Mapping[str, list[Row]]]
    _rows: Mapping[str, list[Row]]

    @property
    def id(self) -> SignalId:
        """Of the signal."""
        return SignalId(self._rows["signal"][0]["id"])

    @property
    def organisation(self) -> str:
        """Code of the organisation that submitted the signal."""
        code: str = self._rows["signal"][0]["organisation"]
        return code

    @property
    def referrals(self) -> list[Referral]:
        """To whom it was referred, unopened."""
        return [referral_of(row) for row in self._rows["referrals"]]

    def open(self, *, alike: Callable[[bytes], bytes], by: ReferralId | None = None) -> Dossier:
        """Unseal it; for whom a referral names only if the register made that one.

        `alike` tells drafts of the program from others, as in `register.domain.exchange.draft_marks`.

        A reason in the timeline that does not open is left out and logged: the report is read without it.

        Raises:
            Erased: the content of the signal has been erased.
            NotSealed: somebody else wrote the row of the referral.
            DataKeyLost, FieldSealBroken, UnknownSecret: it does not open.
        """
        try:
            return self._open(self._rows, by, alike)
        except DataKeyLost:
            # What was changed since it was read is no damage: by now the row names its new key.
            again = self._read()
            if again["signal"][0]["data_key"] == self._rows["signal"][0]["data_key"]:
                raise
            return self._open(again, by, alike)

    def _open(self, rows: Mapping[str, list[Row]], by: ReferralId | None, alike: Callable[[bytes], bytes]) -> Dossier:
        row = rows["signal"][0]
        referrals = [one for one in rows["referrals"] if one["id"] == by]
        sealed = [e["data_key"] for e in (*rows["events"], *referrals) if e["data_key"] is not None]
        keys = self._keys.try_many([row["data_key"], *sealed])
        for one in referrals:
            _check_referred(one, keys)
        key = keys.get(row["data_key"])
        if key is None:
            raise Erased("what was sealed here has been erased")
        if isinstance(key, OperatorError):
            raise key
        return Dossier(
            signal=signal_of(row, rows, key),
            organisations={r["code"]: organisation_of(self._country, r) for r in rows["organisations"]},
            events=tuple(readable_events(self._country, rows["events"], keys)),
            referrals=tuple(referral_of(one) for one in rows["referrals"]),
            decided={Partition(r["recipient"]): _read_decided(r) for r in rows["sharing"]},
            told=told_of(self._country, rows["tellings"], rows["refusals"], alike=alike),
            protected=reasons_of(rows["protection"]),
            found=tuple(found_of(one) for one in rows["found"]),
            let_go=tuple(one for one in map(found_of, rows["because_of"]) if one.lets_somebody_go),
            waiting=frozenset(FindingId(one["object"]) for one in rows["waiting"]),
            stopped={Partition(one["partner"]): one["stopped_at"] for one in rows["stopped"]},
        )


class Dossiers:
    """The dossiers of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys) -> None:
        self._connection, self._country, self._keys = connection, country, keys

    def find(self, which: SignalId | str) -> Closed:
        """Return the dossier of a signal, by its id or its reference, sealed as it is; raises `NotFound`."""
        named = signal.c.reference == which if isinstance(which, str) else signal.c.id == which
        return self._read(named, which)

    def find_referred(self, referral_id: ReferralId) -> Closed:
        """Return the dossier of the signal that was referred, sealed as it is; raises `NotFound`."""
        of = sa.select(referral.c.signal_id).where(referral.c.country == self._country, referral.c.id == referral_id)
        return self._read(signal.c.id == of.scalar_subquery(), referral_id)

    def stopped(self) -> dict[Partition, datetime]:
        """The partners whom our logs tell nothing more, of any signal, and since when."""
        rows = self._connection.execute(stopped_query(self._country))
        return {Partition(row.partner): row.stopped_at for row in rows}

    def _read(self, named: sa.ColumnElement[bool], which: object) -> Closed:
        found = sa.and_(signal.c.country == self._country, named)
        about = sa.select(signal.c.id).where(found).scalar_subquery()
        extract = sa.select(signal.c.extract_id).where(found).scalar_subquery()
        queries: dict[str, sa.Select[Any]] = {
            "signal": sa.select(signal).where(found),
            **parts_queries(self._country, about),
            "organisations": organisations_query(self._country),
            "events": events_query(self._country, about),
            "referrals": referrals_query(self._country).where(referral.c.signal_id == about).order_by(referral.c.id),
            "sharing": sa.select(sharing).where(sharing.c.country == self._country, sharing.c.signal_id == about),
            "protection": sa.select(protection).where(
                protection.c.country == self._country,
                protection.c.signal_id == about,
                protection.c.lifted_by.is_(None),
            ),
            "found": findings_query(self._country).where(finding.c.signal_id == about).order_by(finding.c.id),
            "because_of": findings_query(self._country)
            .where(finding.c.because_id == about, finding.c.signal_id != about)
            .order_by(finding.c.id),
            "waiting": sa.select(to_do.c.object).where(
                to_do.c.country == self._country,
                to_do.c.kind == ToDoKind.FINDING,
                to_do.c.signal_id == about,
                to_do.c.done_at.is_(None),
            ),
            "tellings": tellings_query(self._country, extract),
            "refusals": refusals_query(self._country),
            "stopped": stopped_query(self._country),
        }

        def read() -> Mapping[str, list[Row]]:
            rows = read_together(self._connection, queries)
            if not rows["signal"]:
                raise NotFound(f"there is no signal {which} in this register")
            return rows

        return Closed(self._country, self._keys, read, read())


def _read_decided(row: Row) -> Decided:
    return Decided(row["allowed"], tuple(row["rules"]), row["decided_at"])


def _check_referred(row: Row, tried: Mapping[UUID, OpenKey | OperatorError]) -> None:
    """Raise `NotSealed` where the register did not write the row; a key that is not there opens for nobody either."""
    try:
        note = note_of(row, {key_id: key for key_id, key in tried.items() if not isinstance(key, OperatorError)})
    except DoesNotOpen as error:
        raise NotSealed(f"referral {row['id']} does not open beside what its row says") from error
    if note is None:
        raise NotSealed(f"referral {row['id']} names a data key that is not there")
