"""Alarms of one country: rung by whatever counts, acknowledged by the privacy officer. Cases and reasons are sealed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from register.clock import Clock
from register.domain.access.alarm import Alarm, AlreadySaid, Rung, alarm_waits
from register.errors import DoesNotOpen, NotFound, OperatorError, Unreadable
from register.store.models.access import alarm
from register.store.running.sealing import DataKeys, KeyEnd, OpenKey, Place
from register.store.running.server.rls import child_name
from register.store.running.to_do import ToDos
from register.store.sealed_before import Marked, find_awaited
from schemas.codes import AlarmKind, Partition, ToDoKind

KEPT: Final = timedelta(days=3 * 366)
"""Of what was acknowledged; assumed. The leaves of the log stay longer."""


QUIET: Final = timedelta(days=1)
"""How long an alarm rests after it was acknowledged."""


class Alarms:
    """The alarms of one country, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, keys: DataKeys, clock: Clock) -> None:
        self._connection, self._country, self._keys, self._clock = connection, country, keys, clock
        self._to_do = ToDos(connection, country, clock)

    def ring(self, one: Alarm, *, quiet: timedelta = QUIET) -> bool:
        """Open an alarm, or count once more what is open; return whether it is new.

        What was acknowledged rings anew so much later at the earliest: what it counts is mostly of a day, a week or a
        month, and would else ring at the next question for the same reason. What is found once has no such pause.
        """
        now, made = self._clock.now(), self._clock.new_id()
        counted = {"times": alarm.c.times + 1, "last_at": sa.func.greatest(alarm.c.last_at, now)}
        again = self._connection.execute(
            sa.update(alarm).where(*self._same(one)).values(counted).returning(alarm.c.id)
        ).first()
        if again is not None or self._said_lately(one, now - quiet):
            return False
        key = self._keys.make((now + KEPT).date())
        case = None if one.case is None else key.seal_json(self._place(made), "case_reference", one.case)
        row = {
            "country": self._country, "id": made, "kind": one.kind, "whose": one.whose, "about": one.about,
            "actor": one.actor, "organisation": one.organisation, "case_reference": case, "data_key": key.id,
            "times": 1, "raised_at": now, "last_at": now,
        }  # fmt: skip
        statement = insert(alarm).values(row)
        opened = statement.on_conflict_do_update(
            index_elements=["country", "kind", "whose", "about"],
            index_where=alarm.c.acknowledged_at.is_(None),
            set_=counted,
        )
        kept = self._connection.execute(opened.returning(alarm.c.id)).scalar_one()
        if kept != made:  # another transaction opened it meanwhile
            self._keys.end([key.id], KeyEnd.DROPPED)
            return False
        self._to_do.bring(alarm_waits(made, one.kind))
        return True

    def open_since(self, kind: AlarmKind) -> dict[str, datetime]:
        """About whom or what alarms of a kind ring that nobody has acknowledged, and since when."""
        query = sa.select(alarm.c.about, alarm.c.raised_at).where(
            alarm.c.country == self._country, alarm.c.kind == kind, alarm.c.acknowledged_at.is_(None)
        )
        return {row.about: row.raised_at for row in self._connection.execute(query)}

    def page(self, *, acknowledged: bool | None, before: UUID | None, limit: int) -> list[Rung]:
        """The newest alarms, opened; only those that are acknowledged, or that are not, or any."""
        query = self._all()
        if acknowledged is not None:
            said = alarm.c.acknowledged_at
            query = query.where(said.is_not(None) if acknowledged else said.is_(None))
        if before is not None:
            query = query.where(alarm.c.id < before)
        return self._opened(self._connection.execute(query.order_by(alarm.c.id.desc()).limit(limit)).mappings())

    def get(self, alarm_id: UUID) -> Rung:
        """Return an alarm, opened.

        Raises:
            NotFound: there is none in this country.
        """
        found = self._opened(self._connection.execute(self._all().where(alarm.c.id == alarm_id)).mappings())
        if not found:
            raise NotFound(f"there is no alarm {alarm_id} in this register")
        return found[0]

    def acknowledge(self, alarm_id: UUID, reason: str, by: str) -> Rung:
        """Keep what the privacy officer says to it, once.

        Raises:
            NotFound: there is no such alarm.
            AlreadySaid: somebody has acknowledged it.
        """
        row = self._connection.execute(
            sa.select(alarm.c.data_key, alarm.c.raised_at).where(
                alarm.c.country == self._country, alarm.c.id == alarm_id
            )
        ).one_or_none()
        if row is None:
            raise NotFound(f"there is no alarm {alarm_id} in this register")
        now = self._clock.now()
        try:
            key = self._keys.get(row.data_key)
        except Unreadable:
            # Its case is gone with its key, and what is said to it needs one that opens.
            key = self._keys.make((row.raised_at + KEPT).date())
        sealed = key.seal_json(self._said(alarm_id, by, now), "reason", reason)
        said = self._connection.execute(
            sa.update(alarm)
            .where(alarm.c.country == self._country, alarm.c.id == alarm_id, alarm.c.acknowledged_at.is_(None))
            .values(reason=sealed, data_key=key.id, acknowledged_by=by, acknowledged_at=now)
        )
        if not said.rowcount:
            raise AlreadySaid("this alarm was acknowledged before")
        self._to_do.close(ToDoKind.ALARM, [alarm_id])
        return self.get(alarm_id)

    def seal_anew(self, alarm_id: UUID) -> None:
        """Seal for who gave it, and when, a reason that an older release sealed for its alarm alone.

        For the worker's role, of a row that is marked (`register.store.sealed_before`).

        Raises:
            Erased: its key was ended.
            DataKeyLost, FieldSealBroken, UnknownSecret: it does not open.
        """
        row = self._connection.execute(self._all().where(alarm.c.id == alarm_id)).mappings().one_or_none()
        if row is None or row["reason"] is None:
            return
        place, key = self._place_said(row), self._keys.get(row["data_key"])
        reason = key.seal_json(place, "reason", key.open_unbound(place, "reason", row["reason"]))
        own = (alarm.c.country == self._country, alarm.c.id == alarm_id)
        self._connection.execute(sa.update(alarm).where(*own).values(reason=reason))

    def reopen_unsaid(self) -> int:
        """Open anew what bears no reason that was sealed for its alarm, person and moment; return how many.

        Whoever may write rows could else silence an alarm without a word. For the worker's role.
        """
        query = self._all().where(alarm.c.acknowledged_at.is_not(None))
        unsaid = [row for row in self._connection.execute(query).mappings() if self._reason(row) is None]
        of_before = find_awaited(self._connection, self._country, Marked.ALARM, [row["id"] for row in unsaid])
        unsaid = [row for row in unsaid if row["id"] not in of_before]
        for row in unsaid:
            own = (alarm.c.country == self._country, alarm.c.id == row["id"])
            one = Alarm(kind=AlarmKind(row["kind"]), whose=row["whose"], about=row["about"])
            again = sa.select(alarm.c.id).where(*self._same(one))
            if self._connection.execute(again).first() is not None:  # it has rung since, and is looked at there
                child = child_name(alarm, self._country)
                self._connection.execute(sa.text(f"DELETE FROM {child} WHERE id = :id"), {"id": row["id"]})
                self._keys.end([row["data_key"]], KeyEnd.DROPPED)
                continue
            nobody: dict[str, None] = dict.fromkeys(("acknowledged_at", "acknowledged_by", "reason"))
            self._connection.execute(sa.update(alarm).where(*own).values(nobody))
            self._to_do.bring(alarm_waits(row["id"], one.kind))
        return len(unsaid)

    def forget_old(self) -> int:
        """Forget what was acknowledged long ago, with its data keys; return how many."""
        gone = self._connection.execute(
            sa.text(
                # It rang before it was acknowledged, whatever day somebody wrote.
                f"DELETE FROM {child_name(alarm, self._country)} WHERE acknowledged_at < :before "
                "AND raised_at < :before RETURNING data_key"
            ),
            {"before": self._clock.now() - KEPT},
        )
        keys = list(gone.scalars())
        self._keys.end(keys, KeyEnd.EXPIRED)
        return len(keys)

    def _same(self, one: Alarm) -> tuple[sa.ColumnElement[bool], ...]:
        return *self._alike(one), alarm.c.acknowledged_at.is_(None)

    def _alike(self, one: Alarm) -> tuple[sa.ColumnElement[bool], ...]:
        return (
            alarm.c.country == self._country,
            alarm.c.kind == one.kind,
            alarm.c.whose == one.whose,
            alarm.c.about == one.about,
        )

    def _said_lately(self, one: Alarm, after: datetime) -> bool:
        query = sa.select(alarm.c.id).where(*self._alike(one), alarm.c.acknowledged_at > after).limit(1)
        return self._connection.execute(query).first() is not None

    def _all(self) -> sa.Select[Any]:
        # One of a kind that there is not was written beside the register, and must not hide the others.
        ours = alarm.c.country == self._country, alarm.c.kind.in_(sorted(AlarmKind))
        return self._keys.beside(sa.select(alarm), alarm).where(*ours)

    def _opened(self, found: Iterable[Mapping[Any, Any]]) -> list[Rung]:
        return [self._rung(row, self._keys.of_listed(row)) for row in found]

    def _rung(self, row: Mapping[Any, Any], key: OpenKey | None) -> Rung:
        case, reason = None, self._reason(row)
        if key is not None and row["case_reference"] is not None:
            # One that does not open hides no other: its key was lost, or somebody wrote it beside the register.
            with suppress(DoesNotOpen):
                case = str(key.open_json(self._place(row["id"]), "case_reference", row["case_reference"]))
        return Rung(
            id=row["id"],
            kind=AlarmKind(row["kind"]),
            whose=row["whose"],
            about=row["about"],
            actor=row["actor"],
            organisation=row["organisation"],
            case=case,
            times=row["times"],
            raised_at=row["raised_at"],
            last_at=row["last_at"],
            acknowledged_at=None if reason is None else row["acknowledged_at"],
            acknowledged_by=None if reason is None else row["acknowledged_by"],
            reason=reason,
        )

    def _reason(self, row: Mapping[Any, Any]) -> str | None:
        """What was said to it; None where nobody has, or somebody wrote so beside the register."""
        if row["reason"] is None or row["acknowledged_at"] is None:
            return None
        try:
            key = self._keys.of_row(row)
            return None if key is None else str(key.open_json(self._place_said(row), "reason", row["reason"]))
        except OperatorError:  # it does not open
            return None

    def _place_said(self, row: Mapping[Any, Any]) -> Place:
        return self._said(row["id"], row["acknowledged_by"], row["acknowledged_at"])

    def _said(self, alarm_id: UUID, by: str | None, at: datetime) -> Place:
        return replace(self._place(alarm_id), bound=f"{by}/{at.astimezone(UTC).isoformat()}")

    def _place(self, alarm_id: UUID) -> Place:
        return Place(self._country, "alarm", str(alarm_id))
