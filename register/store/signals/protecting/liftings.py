"""Liftings of protections of one country: who asked whom, and what was said; what was wrong is sealed."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from register.clock import Clock
from register.domain.signals.protecting.lifting import Lifting, LiftingId
from register.domain.signals.protection import Protection
from register.domain.signals.signal import SignalId
from register.errors import NotFound, OperatorError
from register.store.models.signals import lifting, protected_input, protection, signal
from register.store.running.sealing import DataKeys, Erased, KeyEnd, NotSealed, Place
from register.store.running.server.rls import child_name
from register.store.sealed_before import Marked, find_awaited
from schemas.codes import LiftingState, Partition


@dataclass(frozen=True, slots=True)
class Lifted:
    """A reason that protects somebody no more, as its row says.

    Attributes:
        by: the lifting that it names.
        asked: that lifting; None where nobody asked it so through the register.
    """

    signal: SignalId
    subject: int
    reason: str
    by: UUID
    asked: Lifting | None


class Liftings:
    """The liftings of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys, clock: Clock) -> None:
        self._connection, self._country, self._keys, self._clock = connection, country, keys, clock

    def add(self, made: Lifting) -> None:
        """Keep a question, with its note sealed."""
        key = self._keys.make(made.ends)
        self._connection.execute(
            sa.insert(lifting),
            [
                {
                    "country": self._country,
                    "id": made.id,
                    "signal_id": made.signal,
                    "subject_n": made.subject,
                    "protection": made.protection.value,
                    "because": made.because,
                    "asked_by": made.asked_by,
                    "asked_for": made.asked_for,
                    "asked_at": made.asked_at,
                    "second": made.second,
                    "state": made.state.value,
                    "version": made.version,
                    # Sealed also where nothing is said: it is what opens the person to whom it is asked of.
                    "note": key.seal_json(self._place(made), "note", made.note or ""),
                    "data_key": key.id,
                }
            ],
        )

    def get(self, lifting_id: LiftingId) -> Lifting:
        """Return a lifting, opened.

        Raises:
            NotFound: there is none in this country.
            FieldSealBroken, NotSealed: it was not asked so through the register.
        """
        row = self._connection.execute(self._all().where(lifting.c.id == lifting_id)).mappings().one_or_none()
        if row is None:
            raise NotFound(f"there is no lifting {lifting_id} in this register")
        key = self._keys.get_many([row["data_key"]]).get(row["data_key"]) if row["data_key"] else None
        if key is None or row["note"] is None:
            raise NotSealed(f"lifting {lifting_id} was not sealed")
        asked = _read_lifting(row)
        return replace(asked, note=key.open_json(self._place(asked), "note", row["note"]) or None)

    def in_force(self, about: Collection[SignalId], blinds: Collection[bytes] = ()) -> list[Lifted]:
        """What is said to lift a protection, with the question where it was asked through the register.

        Of these reports, and of those in which somebody owns one of these values; whoever owns it counts in others.
        Nothing else is opened, and each question once.
        """
        own, owned = protection.c, protected_input.c
        there = sa.select(owned.signal_id).where(
            owned.country == self._country, owned.blind == sa.any_(sa.cast(list(blinds), sa.ARRAY(sa.LargeBinary)))
        )
        lifted = sa.select(own.signal_id, own.subject_n, own.reason, own.lifted_by).where(
            own.country == self._country,
            own.lifted_by.is_not(None),
            sa.or_(own.signal_id == sa.any_(sa.cast(list(about), sa.ARRAY(sa.Uuid))), own.signal_id.in_(there)),
        )
        said = self._connection.execute(lifted.order_by(own.signal_id, own.subject_n, own.reason)).all()
        asked = self._asked({row.lifted_by for row in said}) if said else {}
        return [Lifted(SignalId(r.signal_id), r.subject_n, r.reason, r.lifted_by, asked.get(r.lifted_by)) for r in said]

    def _asked(self, ids: Collection[UUID]) -> dict[UUID, Lifting]:
        """Those of these questions that were asked so through the register."""
        rows = self._connection.execute(self._all().where(lifting.c.id.in_(sorted(ids)))).mappings().all()
        # One whose key is not there stops no other: whoever writes such a row could else keep all from being looked at.
        keys = self._keys.try_many([row["data_key"] for row in rows if row["data_key"] is not None])
        of_before = find_awaited(self._connection, self._country, Marked.LIFTING, ids)
        asked = {}
        for row in rows:
            key = keys.get(row["data_key"])
            try:
                one = _read_lifting(row)
                if row["id"] not in of_before:
                    if key is None or isinstance(key, OperatorError):
                        continue
                    key.open(self._place(one), "note", row["note"])
            except (OperatorError, Erased, ValueError):  # it does not open, or is of a state that there is not
                continue
            asked[row["id"]] = one
        return asked

    def seal_anew(self, lifting_id: UUID) -> None:
        """Seal for what it asks, and of whom, what an older release sealed for neither.

        For the worker's role, of a row that is marked (`register.store.sealed_before`).

        Raises:
            Erased: its key was ended.
            DataKeyLost, FieldSealBroken, UnknownSecret: it does not open.
        """
        # Both are held: what is erased meanwhile must not be sealed under a key that opens it again.
        query = self._all().where(lifting.c.id == lifting_id).with_for_update(of=[lifting, signal])
        row = self._connection.execute(query).mappings().one()
        place, note = self._place(_read_lifting(row)), ""
        if row["note"] is not None:
            note = self._keys.get(row["data_key"]).open_unbound(place, "note", row["note"])
        key = self._keys.make(row["retain_until"])
        own = (lifting.c.country == self._country, lifting.c.id == lifting_id)
        anew = {"note": key.seal_json(place, "note", note), "data_key": key.id}
        self._connection.execute(sa.update(lifting).where(*own).values(anew))
        if row["data_key"] is not None:
            self._keys.end([row["data_key"]], KeyEnd.REPLACED)

    def of_signal(self, signal_id: SignalId) -> list[Lifting]:
        """What was asked about a signal, newest first, unopened."""
        query = self._all().where(lifting.c.signal_id == signal_id).order_by(lifting.c.id.desc())
        return [_read_lifting(row) for row in self._connection.execute(query).mappings()]

    def page(self, *, second: str | None, before: UUID | None, limit: int) -> list[Lifting]:
        """The newest liftings, unopened; of one organisation that was asked, or of all."""
        query = self._all()
        if second is not None:
            query = query.where(lifting.c.second == second)
        if before is not None:
            query = query.where(lifting.c.id < before)
        rows = self._connection.execute(query.order_by(lifting.c.id.desc()).limit(limit)).mappings()
        return [_read_lifting(row) for row in rows]

    def decide(self, lifting_id: LiftingId, state: LiftingState, by: str) -> Lifting:
        """Keep what was said to it."""
        now = self._clock.now()
        said = (
            {"reversed_by": by, "reversed_at": now}
            if state is LiftingState.REVERSED
            else {"decided_by": by, "decided_at": now}
        )
        self._connection.execute(
            sa.update(lifting)
            .where(lifting.c.country == self._country, lifting.c.id == lifting_id)
            .values(state=state.value, version=lifting.c.version + 1, **said)
        )
        return self.get(lifting_id)

    def _all(self) -> sa.Select[Any]:
        in_force = sa.exists().where(
            protection.c.country == lifting.c.country,
            protection.c.signal_id == lifting.c.signal_id,
            protection.c.lifted_by == lifting.c.id,
        )
        return (
            sa.select(lifting, signal.c.reference, signal.c.actor, signal.c.retain_until, in_force.label("in_force"))
            .join(signal, sa.and_(signal.c.country == lifting.c.country, signal.c.id == lifting.c.signal_id))
            .where(lifting.c.country == self._country)
        )

    def _place(self, one: Lifting) -> Place:
        asked = (one.signal, one.subject, one.protection, one.because, one.asked_by, one.asked_for, one.second)
        return Place(self._country, "lifting", str(one.id), bound=json.dumps([str(each) for each in asked]))


def delete_liftings(connection: sa.Connection, country: Partition, signal_id: SignalId) -> list[UUID]:
    """Forget what was asked about a signal; gives the data keys to destroy."""
    child = child_name(lifting, country)
    gone = connection.execute(
        sa.text(f"DELETE FROM {child} WHERE country = :country AND signal_id = :signal RETURNING data_key"),
        {"country": country, "signal": signal_id},
    )
    return [key for key in gone.scalars() if key is not None]


def _read_lifting(row: Mapping[Any, Any], note: str | None = None) -> Lifting:
    return Lifting(
        id=LiftingId(row["id"]),
        version=row["version"],
        signal=SignalId(row["signal_id"]),
        reference=row["reference"],
        reported_by=row["actor"],
        ends=row["retain_until"],
        subject=row["subject_n"],
        protection=Protection(row["protection"]),
        because=row["because"],
        asked_by=row["asked_by"],
        asked_for=row["asked_for"],
        asked_at=row["asked_at"],
        second=row["second"],
        state=LiftingState(row["state"]),
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        reversed_by=row["reversed_by"],
        reversed_at=row["reversed_at"],
        in_force=row["in_force"],
        note=note,
    )
