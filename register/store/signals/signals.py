"""Signals in the store: one value in, several tables and sealed fields behind it.

A change of a signal replaces its sealed content whole, under a fresh data key; the old key is destroyed, so an
amended name cannot be read again from the rows of before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from register.clock import Clock
from register.domain.signals.signal import SealedSignal, Signal, SignalId
from register.errors import NotFound
from register.store.models.signals import (
    blind_index,
    guarantee,
    protected_input,
    protection,
    referral,
    selector,
    signal,
    signal_event,
    subject,
    token,
)
from register.store.running.references import reference_wanted
from register.store.running.sealing import DataKeyLost, DataKeys, KeyEnd
from register.store.running.to_do import waits_by_signal
from register.store.signals.parts import (
    BOUND,
    WITHDRAWAL,
    add_parts,
    delete_of_signal,
    open_guarantees,
    part_rows,
    read_parts,
    replace_parts,
)
from register.store.signals.protecting.findings import delete_findings
from register.store.signals.protecting.liftings import delete_liftings
from register.store.signals.rows import row_of, signal_of
from register.store.signals.tellings import holders_of
from schemas.codes import Partition, Urgency, Visibility
from schemas.signals.out import SignalOrder

_NO_APPROVAL: Final[Mapping[str, Any]] = {
    "gate_ref": None, "gate_approval": None, "gate_until": None, "recipients": [],
}  # fmt: skip
_NO_CONSENT: Final[Mapping[str, Any]] = {"prosecutor_consent": None, "consent": None, "consent_until": None}


class Signals:
    """The signals of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys, clock: Clock) -> None:
        self._connection, self._country, self._keys, self._clock = connection, country, keys, clock

    def add(self, record: Signal) -> None:
        """Store a new signal with everything that hangs on it; raises `ReferenceTaken`."""
        key = self._keys.make(record.ground.retain_until)
        parts = part_rows(record, key)
        with reference_wanted():
            self._connection.execute(sa.insert(signal), [row_of(record, key, parts)])
        add_parts(self._connection, parts)

    def replace(self, record: Signal, *, was: int) -> None:
        """Store a changed signal; `was` is the version the change was made on.

        Raises:
            NotFound: there is no such signal at that version (it changed meanwhile).
        """
        old = self._locked(record.id)
        if old.version != was:
            raise NotFound(f"signal {record.id} is not at version {was} any more")
        key = self._keys.make(record.ground.retain_until)
        parts = part_rows(record, key)
        row = row_of(record, key, parts)
        for fixed in ("country", "id", "reference", "kind", "organisation", "actor", "type_registered", "acquisition",
                      "obtained_on", "retention_class", "covenant_ref", "extract_id", "created_at"):  # fmt: skip
            del row[fixed]
        self._connection.execute(sa.update(signal).where(*self._is(record.id)).values(row))
        replace_parts(self._connection, record, parts)
        self._keys.end([old.data_key], KeyEnd.REPLACED)

    def set_columns(self, signal_id: SignalId, **columns: Any) -> None:
        """Change plain columns only (states, approvals); sealed content stays as it is.

        Raises:
            ValueError: one of them is bound to the story, which has to be sealed anew (`replace`).
        """
        if bound := columns.keys() & {*BOUND, *WITHDRAWAL}:
            raise ValueError(f"{', '.join(sorted(bound))} cannot change without the story")
        self._connection.execute(sa.update(signal).where(*self._is(signal_id)).values(columns))

    def withdraw_unread(self, signal_id: SignalId, code: str, *, version: int, at: datetime) -> None:
        """Mark as withdrawn what nobody can open; of anything else the withdrawal is sealed (`replace`)."""
        said = {"withdrawn_at": at, "withdrawn_code": code, "version": version, "updated_at": at}
        self._connection.execute(sa.update(signal).where(*self._is(signal_id)).values(said))

    def set_gate(self, changed: Signal) -> None:
        """Write the approval and the consent of a changed signal, and its version; sealed content stays as it is."""
        row, ground = self._locked(changed.id), changed.ground
        if row.version != changed.version - 1:
            raise NotFound(f"signal {changed.id} is not at version {changed.version - 1} any more")
        self.set_columns(
            changed.id,
            gate_ref=ground.gate_ref,
            gate_approval=ground.gate_approval,
            gate_until=ground.gate_until,
            recipients=sorted(ground.recipients),
            prosecutor_consent=ground.prosecutor_consent,
            consent=ground.consent,
            consent_until=ground.consent_until,
            version=changed.version,
            updated_at=changed.changed_at,
        )

    def end_signed(self, signal_id: SignalId, *, approval: bool = True, consent: bool = True) -> None:
        """Leave a signal without what was signed of it: that holds a hash of what left, and so of each pseudonym."""
        signed = (approval, signal.c.gate_approval, _NO_APPROVAL), (consent, signal.c.consent, _NO_CONSENT)
        for ends, column, values in signed:
            if ends:
                there = (*self._is(signal_id), column.is_not(None))
                self._connection.execute(sa.update(signal).where(*there).values(values))

    def clear_gate(self, found: SealedSignal, at: datetime) -> None:
        """Leave a signal that does not open without an approval or a consent, a version further."""
        self.set_columns(found.id, **_NO_APPROVAL, **_NO_CONSENT, version=found.version + 1, updated_at=at)

    def approved_until_before(self, day: date) -> list[SignalId]:
        """Signals whose signed approval or consent ran out before this day, the earliest first."""
        own = signal.c
        over = sa.or_(own.gate_until < day, own.consent_until < day)
        query = sa.select(own.id).where(own.country == self._country, over, own.withdrawn_at.is_(None))
        first = sa.func.least(own.gate_until, own.consent_until)
        return [SignalId(one) for one in self._connection.scalars(query.order_by(first))]

    def erase(self, signal_id: SignalId) -> None:
        """Destroy what was sealed of a signal, and what was said of it in words, with its keys; codes and days stay."""
        old = self._locked(signal_id)
        # First of all: what stands here may go only because its key has ended.
        self._keys.end([old.data_key], KeyEnd.ERASED)
        empty = dict.fromkeys(("account", "locality", "operation"))
        self._connection.execute(sa.update(signal).where(*self._is(signal_id)).values(empty))
        hang = self._keys_beside(signal_id)
        for table in (subject, selector, token, blind_index, protection, protected_input):
            delete_of_signal(self._connection, self._country, table, signal_id)
        delete_findings(self._connection, self._country, signal_id)
        notes = delete_liftings(self._connection, self._country, signal_id)
        self._keys.end([*notes, *hang], KeyEnd.ERASED)

    def _keys_beside(self, signal_id: SignalId) -> list[UUID]:
        """The keys of its pseudonyms, of reasons in its timeline and of what was written in referrals, and answered."""
        columns = (token.c.data_key, signal_event.c.data_key, referral.c.data_key, referral.c.answer_key)
        queries = [
            sa.select(column).where(
                column.table.c.country == self._country, column.table.c.signal_id == signal_id, column.is_not(None)
            )
            for column in columns
        ]
        return list(self._connection.execute(sa.union_all(*queries)).scalars())

    def lock(self, signal_id: SignalId) -> None:
        """Hold the signal's row until commit, so that the order of what is decided about it holds."""
        self._locked(signal_id)

    def get(self, signal_id: SignalId) -> Signal:
        """Return a signal with its content opened.

        Raises:
            NotFound: there is none in this country.
            Erased: its content has been erased.
            DataKeyLost, FieldSealBroken, UnknownSecret: it does not open.
        """
        row = self._row(signal_id)
        try:
            key = self._keys.get(row["data_key"])
        except DataKeyLost:
            # What was changed between the two statements is no damage: by now the row names its new key.
            before, row = row, self._row(signal_id)
            if row["data_key"] == before["data_key"]:
                raise
            key = self._keys.get(row["data_key"])
        return signal_of(row, read_parts(self._connection, self._country, signal_id), key)

    def _row(self, signal_id: SignalId) -> Mapping[Any, Any]:
        row = self._connection.execute(sa.select(signal).where(*self._is(signal_id))).mappings().one_or_none()
        if row is None:
            raise NotFound(f"there is no signal {signal_id} in this register")
        return row

    def get_sealed(self, signal_id: SignalId) -> SealedSignal:
        """Return what of a signal can be read without opening anything of it; raises `NotFound`."""
        columns = ("reference", "version", "organisation", "extract_id", "visibility", "retain_until", "withdrawn_at",
                   "withdrawn_code", "gate_until", "consent_until")  # fmt: skip
        row = self._connection.execute(sa.select(*signal.c[columns]).where(*self._is(signal_id))).mappings().first()
        if row is None:
            raise NotFound(f"there is no signal {signal_id} in this register")
        # A code that there is not, which the register does not write, shows least.
        visibility = Visibility(row["visibility"]) if row["visibility"] in set(Visibility) else Visibility.V3
        return SealedSignal(id=signal_id, **{**row, "visibility": visibility})

    def named(self, references: Sequence[str]) -> list[tuple[SignalId, str, str]]:
        """Id, reference and organisation of the signals of these references, in their order."""
        wanted = sa.any_(sa.cast(list(references), sa.ARRAY(sa.Text)))
        query = sa.select(*signal.c["id", "reference", "organisation"]).where(
            signal.c.country == self._country, signal.c.reference == wanted
        )
        rows = [
            (SignalId(row.id), str(row.reference), str(row.organisation)) for row in self._connection.execute(query)
        ]
        return sorted(rows, key=lambda row: list(references).index(row[1]))

    def id_of_extract(self, extract_id: UUID) -> SignalId | None:
        """Return the id of the signal behind an own extract."""
        found = self._connection.execute(
            sa.select(signal.c.id).where(signal.c.country == self._country, signal.c.extract_id == extract_id)
        ).scalar_one_or_none()
        return None if found is None else SignalId(found)

    def standing(self, extracts: Iterable[UUID]) -> dict[UUID, SignalId]:
        """The signals behind own extracts, but for those that are withdrawn or not there."""
        wanted = sa.any_(sa.cast(list(extracts), sa.ARRAY(sa.Uuid)))
        query = sa.select(signal.c.extract_id, signal.c.id).where(
            signal.c.country == self._country, signal.c.extract_id == wanted, signal.c.withdrawn_at.is_(None)
        )
        return {row.extract_id: SignalId(row.id) for row in self._connection.execute(query)}

    def references_after(self, after: str, limit: int) -> list[tuple[SignalId, str]]:
        """Ids and references of signals after an id (empty: from the first), in the order of their ids."""
        query = sa.select(signal.c.id, signal.c.reference).where(signal.c.country == self._country)
        if after:
            query = query.where(signal.c.id > UUID(after))
        rows = self._connection.execute(query.order_by(signal.c.id).limit(limit))
        return [(SignalId(row.id), row.reference) for row in rows]

    def live_extracts(self) -> list[UUID]:
        """Return the ids of the extracts of all signals that are not withdrawn."""
        query = sa.select(signal.c.extract_id).where(signal.c.country == self._country, signal.c.withdrawn_at.is_(None))
        return list(self._connection.execute(query).scalars())

    def summaries(
        self,
        *,
        organisation: str | None,
        before: UUID | None,
        limit: int,
        filters: Mapping[str, Any],
        order: SignalOrder = SignalOrder.NEWEST,
    ) -> list[Mapping[str, Any]]:
        """Plain columns of signals, in an order.

        Args:
            organisation: only that organisation's; None for all of the country.
            before: the id after which the page begins.
            limit: how many at most.
            filters: equal-to conditions on coded columns (`kind`, `state`, `type_assessed`, `island` ...); the days
                `received_from` and `received_to` bound when it was received, both inclusive.
            order: the newest first; or what waits first, the most urgent and of these the longest waiting, with
                `waits_since` and `due_at`, and after it the newest of the rest.
        """
        query: sa.Select[Any] = sa.select(
            *(signal.c[c] for c in SUMMARY_COLUMNS),
            signal.c.withdrawn_at.is_not(None).label("withdrawn"),
            holders_of(self._country, signal.c.extract_id).label("held_by"),
        ).where(signal.c.country == self._country)
        if organisation is not None:
            query = query.where(signal.c.organisation == organisation)
        query = _order_query(query, self._country, order, before)
        for column, value in filters.items():
            match column:
                case "received_from":
                    query = query.where(signal.c.received_on >= value)
                case "received_to":
                    query = query.where(signal.c.received_on <= value)
                case _:
                    query = query.where(signal.c[column] == value)
        return [dict(r) for r in self._connection.execute(query.limit(limit)).mappings()]

    def reference_is_taken(self, reference: str) -> bool:
        """Whether a drawn reference is in use."""
        query = sa.select(sa.literal(1)).where(signal.c.country == self._country, signal.c.reference == reference)
        return self._connection.execute(query).first() is not None

    def months(self, signal_ids: Sequence[UUID]) -> tuple[str | None, str | None]:
        """The first and the last month (`YYYY-MM`) that these signals speak of."""
        row = self._connection.execute(
            sa.select(
                sa.func.to_char(sa.func.min(signal.c.period_from), "YYYY-MM"),
                sa.func.to_char(sa.func.max(sa.func.coalesce(signal.c.period_to, signal.c.period_from)), "YYYY-MM"),
            ).where(signal.c.country == self._country, signal.c.id.in_(list(signal_ids)))
        ).one()
        return row[0], row[1]

    def coded(self, signal_id: UUID) -> dict[str, Any]:
        """The plain columns of a signal that an own hit shows, with its guarantees; nothing else is unsealed."""
        row = (
            self._connection.execute(
                sa.select(
                    *signal.c["reference", "organisation", "type_assessed", "received_on"],
                    *signal.c["country", "id", "handling", "sealed_schema", "data_key"],
                ).where(*self._is(SignalId(signal_id)))
            )
            .mappings()
            .one()
        )
        given = sa.select(guarantee).where(guarantee.c.country == self._country, guarantee.c.signal_id == signal_id)
        found = self._connection.execute(given.order_by(guarantee.c.n)).mappings().all()
        # Most signals have none: then no key is opened.
        guarantees = open_guarantees(found, row, self._keys.get(row["data_key"])) if found else []
        return {**row, "guarantees": [(g["kind"], g["service"], g["on"]) for g in guarantees]}

    def _is(self, signal_id: SignalId) -> tuple[sa.ColumnElement[bool], ...]:
        return (signal.c.country == self._country, signal.c.id == signal_id)

    def _locked(self, signal_id: SignalId) -> sa.Row[int, UUID]:
        row = self._connection.execute(
            sa.select(signal.c.version, signal.c.data_key).where(*self._is(signal_id)).with_for_update()
        ).one_or_none()
        if row is None:
            raise NotFound(f"there is no signal {signal_id} in this register")
        return row


def _order_query(query: sa.Select[Any], country: Partition, order: SignalOrder, before: UUID | None) -> sa.Select[Any]:
    """The query in its order, from behind the signal `before`."""
    if order is SignalOrder.NEWEST:
        found = query if before is None else query.where(signal.c.id < before)
        return found.order_by(signal.c.id.desc())
    waits = waits_by_signal(country)
    rank, since = _derive_rank_place(waits.c.rank, waits.c.waits_since)
    query = query.add_columns(waits.c.waits_since, waits.c.due_at)
    query = query.join(waits, waits.c.signal_id == signal.c.id, isouter=True)
    if before is not None:
        there = waits_by_signal(country).alias("there")
        at = [sa.select(c).where(there.c.signal_id == before).scalar_subquery() for c in there.c["rank", "waits_since"]]
        rank_there, since_there = _derive_rank_place(*at)
        # Signals of one rank that wait since the same moment, and all of which nothing waits, go by id, newest first.
        query = query.where(
            sa.or_(
                sa.tuple_(rank, since) > sa.tuple_(rank_there, since_there),
                sa.and_(rank == rank_there, since == since_there, signal.c.id < before),
            )
        )
    return query.order_by(rank, since, signal.c.id.desc())


def _derive_rank_place(
    rank: sa.ColumnElement[Any], since: sa.ColumnElement[Any]
) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
    """Where nothing waits comes behind all that does."""
    never = sa.cast(sa.literal("infinity"), sa.TIMESTAMP(timezone=True))
    return sa.func.coalesce(rank, len(Urgency)), sa.func.coalesce(since, never)


SUMMARY_COLUMNS = (
    "id", "reference", "kind", "state", "version", "type_registered", "type_assessed", "urgency", "source", "channel",
    "island", "organisation", "received_on", "created_at", "updated_at",
)  # fmt: skip
