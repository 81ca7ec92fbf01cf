"""Referrals of signals and their answers, inside one transaction; what was asked and answered is sealed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from register.clock import Clock
from register.domain.partition import day_in
from register.domain.signals.history import SignalEvent
from register.domain.signals.referral import Referral, ReferralId
from register.domain.signals.signal import SignalId
from register.errors import NotFound
from register.store.models.access import organisation
from register.store.models.running import to_do
from register.store.models.signals import referral, signal, signal_event
from register.store.running.sealing import DataKeys, KeyEnd, NotSealed, OpenKey, Place, read_settled
from register.store.running.to_do import ORDER
from schemas.codes import Partition, ReferralState, ToDoKind


class Referrals:
    """The referrals of one country."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys, clock: Clock) -> None:
        self._connection, self._country, self._keys, self._clock = connection, country, keys, clock

    def add(self, signal_id: SignalId, kind: str, to: str, actor: str, note: str | None, ends: date) -> ReferralId:
        """Refer a signal to an organisation; several run beside each other."""
        referral_id = ReferralId(self._clock.new_id())
        key = self._keys.make(ends)
        # Sealed also where nothing is asked: it is what says that this report was referred to them, and opens it.
        place = _derive_seal_place(self._country, referral_id, signal_id, kind, to)
        self._connection.execute(
            sa.insert(referral),
            [
                {
                    "country": self._country,
                    "id": referral_id,
                    "signal_id": signal_id,
                    "kind": kind,
                    "referred_to": to,
                    "referred_at": self._clock.now(),
                    "actor": actor,
                    "state": ReferralState.SENT.value,
                    "version": 1,
                    "note": key.seal_json(place, "note", note or ""),
                    "data_key": key.id,
                }
            ],
        )
        return referral_id

    def of_signal(self, signal_id: SignalId) -> list[Referral]:
        """The referrals of a signal, oldest first, unopened."""
        query = self._all().where(referral.c.signal_id == signal_id).order_by(referral.c.id)
        return [referral_of(row) for row in self._connection.execute(query).mappings()]

    def page(
        self,
        *,
        to: str | None,
        states: Collection[str] | None,
        before: UUID | None,
        limit: int,
        withdrawn: bool = False,
    ) -> list[Referral]:
        """The newest referrals, unopened.

        Args:
            to: only those to this organisation; None for all of the country.
            states: only in these, or in any.
            withdrawn: those of withdrawn reports too, in whatever state.
            before: the id after which the page begins.
            limit: how many at most.
        """
        query = self._all()
        if to is not None:
            query = query.where(referral.c.referred_to == to)
        if states is not None:
            wanted = referral.c.state.in_(sorted(states))
            query = query.where(sa.or_(wanted, signal.c.withdrawn_at.is_not(None)) if withdrawn else wanted)
        if before is not None:
            query = query.where(referral.c.id < before)
        rows = self._connection.execute(query.order_by(referral.c.id.desc()).limit(limit)).mappings()
        return [referral_of(row) for row in rows]

    def waiting(self, *, to: str | None, limit: int) -> list[Referral]:
        """Referrals whose answer waits, unopened: the most urgent first, then what is due first."""
        query = self._all().where(to_do.c.due_at.is_not(None))
        if to is not None:
            query = query.where(referral.c.referred_to == to)
        return [referral_of(row) for row in self._connection.execute(query.order_by(*ORDER).limit(limit)).mappings()]

    def get(self, referral_id: ReferralId, *, for_change: bool = False) -> Referral:
        """Return a referral, opened; of a report that was withdrawn nothing is.

        Raises:
            NotFound: there is none in this country.
            DataKeyLost, FieldSealBroken, NotSealed: it was not sealed for this signal and organisation, or is damaged.
        """
        query = self._all().where(referral.c.id == referral_id)
        locked = query.with_for_update(of=referral) if for_change else query

        def read() -> Referral:
            row = self._connection.execute(locked).mappings().one_or_none()
            if row is None:
                raise NotFound(f"there is no referral {referral_id} in this register")
            return self._open(row)

        # What was answered, or erased, in between is no forgery: by then the row says so.
        return read_settled(read, NotSealed)

    def _open(self, row: Mapping[Any, Any]) -> Referral:
        if row["withdrawn_at"] is not None:
            return referral_of(row)
        keys = self._keys.get_many([k for k in (row["data_key"], row["answer_key"]) if k is not None])
        note = note_of(row, keys)
        if note is None:  # only what was erased with its report has no key any more
            raise NotSealed(f"referral {row['id']} names a data key that is not there")
        return referral_of(
            row,
            note=note or None,
            answer=_open_words(keys.get(row["answer_key"]), _place_of(row), "answer", row["answer"]),
        )

    def answer(self, changed: Referral, *, note: str | None) -> None:
        """Store an answer; the words of an earlier one are destroyed with their key."""
        old = self._connection.execute(
            sa.select(referral.c.answer_key).where(referral.c.country == self._country, referral.c.id == changed.id)
        ).scalar_one()
        key = self._keys.make(changed.ends) if note is not None else None
        place = _derive_seal_place(self._country, changed.id, changed.signal, changed.kind, changed.to)
        self._connection.execute(
            sa.update(referral)
            .where(referral.c.country == self._country, referral.c.id == changed.id)
            .values(
                state=changed.state.value,
                version=changed.version,
                outcome=changed.outcome,
                answered_on=changed.answered_on,
                answer=key.seal_json(place, "answer", note) if key and note else None,
                answer_key=key.id if key else None,
            )
        )
        if old is not None:
            self._keys.end([old], KeyEnd.REPLACED)

    def seal_anew(self, referral_id: UUID) -> None:
        """Seal for its report and addressee what an older release sealed for neither; what was erased stays so.

        For the worker's role, of a row that is marked (`register.store.sealed_before`).

        Raises:
            Erased: its key was ended.
            DataKeyLost, FieldSealBroken, UnknownSecret: it does not open.
        """
        # Both are held: what is erased meanwhile must not be sealed under a key that opens it again.
        query = self._all().where(referral.c.id == referral_id).with_for_update(of=[referral, signal])
        row = self._connection.execute(query).mappings().one()
        if row["withdrawn_at"] is not None:
            return  # nothing of it is opened any more
        place = _place_of(row)
        anew: dict[str, Any] = {}
        for field, name in (("note", "data_key"), ("answer", "answer_key")):
            words = None if row[field] is None else self._keys.get(row[name]).open_unbound(place, field, row[field])
            if field == "note" or words is not None:
                key = self._keys.make(row["retain_until"])
                anew |= {field: key.seal_json(place, field, words or ""), name: key.id}
        own = (referral.c.country == self._country, referral.c.id == referral_id)
        self._connection.execute(sa.update(referral).where(*own).values(anew))
        old = [row[name] for name in ("data_key", "answer_key") if name in anew]
        self._keys.end([key for key in old if key is not None], KeyEnd.REPLACED)

    def take_back(self, changed: Referral) -> None:
        """Store that it was taken back; what was answered stays."""
        self._connection.execute(
            sa.update(referral)
            .where(referral.c.country == self._country, referral.c.id == changed.id)
            .values(state=changed.state.value, version=changed.version)
        )

    def _all(self) -> sa.Select[Any]:
        return referrals_query(self._country)


def note_of(row: Mapping[Any, Any], keys: Mapping[UUID, OpenKey]) -> str | None:
    """What was asked, empty where nothing was; None once it was erased with its report.

    Args:
        row: of `referrals_query`.
        keys: the data keys of what is opened, without those that have ended.

    Raises:
        FieldSealBroken, NotSealed: as `Referrals.get`.
    """
    if row["note"] is None or row["data_key"] is None:
        raise NotSealed(f"referral {row['id']} was not sealed")
    return _open_words(keys.get(row["data_key"]), _place_of(row), "note", row["note"])


def _place_of(row: Mapping[Any, Any]) -> Place:
    return _derive_seal_place(Partition(row["country"]), row["id"], row["signal_id"], row["kind"], row["referred_to"])


def _derive_seal_place(country: Partition, referral_id: UUID, signal_id: UUID, kind: str, to: str) -> Place:
    """Where what is said of a referral is sealed: for this report and this addressee alone."""
    return Place(country, "referral", str(referral_id), bound=f"{signal_id}/{kind}/{to}")


def _open_words(key: OpenKey | None, place: Place, field: str, sealed: bytes | None) -> str | None:
    if key is None or sealed is None:
        return None
    words: str = key.open_json(place, field, sealed)
    return words


def referrals_query(country: Partition) -> sa.Select[Any]:
    """All referrals of a country, as `referral_of` reads them; what was asked and answered is sealed."""
    return (
        sa.select(
            *referral.c["country", "id", "version", "signal_id", "kind", "referred_to", "referred_at", "actor", "state",
                        "outcome", "answered_on", "note", "data_key", "answer", "answer_key"],
            *signal.c["reference", "urgency", "withdrawn_at", "retain_until"],
            to_do.c.due_at,
            sa.func.coalesce(organisation.c.name, referral.c.referred_to).label("to_name"),
            signal_event.c.at.label("taken_back_at"),
            signal_event.c.actor.label("taken_back_by"),
        )
        .join(signal, sa.and_(signal.c.country == referral.c.country, signal.c.id == referral.c.signal_id))
        .join(
            organisation,
            sa.and_(organisation.c.country == referral.c.country, organisation.c.code == referral.c.referred_to),
            isouter=True,
        )
        .join(
            to_do,
            sa.and_(
                to_do.c.country == referral.c.country,
                to_do.c.kind == ToDoKind.REFERRAL,
                to_do.c.object == referral.c.id,
                to_do.c.done_at.is_(None),
            ),
            isouter=True,
        )
        .join(
            signal_event,
            sa.and_(
                referral.c.state == ReferralState.TAKEN_BACK,
                signal_event.c.country == referral.c.country,
                signal_event.c.signal_id == referral.c.signal_id,
                signal_event.c.what == SignalEvent.REFERRAL_TAKEN_BACK.value,
                signal_event.c.facts["referral"].astext == sa.cast(referral.c.id, sa.Text),
            ),
            isouter=True,
        )
        .where(referral.c.country == country)
    )  # fmt: skip


def referral_of(row: Mapping[Any, Any], *, note: str | None = None, answer: str | None = None) -> Referral:
    """A row of `referrals_query`, with the words that were opened."""
    return Referral(
        id=ReferralId(row["id"]),
        version=row["version"],
        signal=SignalId(row["signal_id"]),
        reference=row["reference"],
        urgency=row["urgency"],
        withdrawn=row["withdrawn_at"] is not None,
        kind=row["kind"],
        to=row["referred_to"],
        to_name=row["to_name"],
        sent_by=row["actor"],
        sent_at=row["referred_at"],
        on=day_in(Partition(row["country"]), row["referred_at"]),
        state=ReferralState(row["state"]),
        outcome=row["outcome"],
        answered_on=row["answered_on"],
        ends=row["retain_until"],
        due_at=row["due_at"],
        taken_back_at=row["taken_back_at"],
        taken_back_by=row["taken_back_by"],
        note=note,
        answer=answer,
    )
