"""What was found to protect persons of own signals: the reasons, and the blind values of what they own.

Kept so that nothing releases it: a corrected birth date, another role, or a person taken off the form leave what was
found before. A reason that was lifted stays with the lifting beside it, and what the person owns stays too, so that
both count again from the moment on which anything protects the person. Blind values are of this country's own key and
never leave it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from register.clock import Clock
from register.domain.signals.protection import RECOGNISED, Protection, Reasons
from register.domain.signals.signal import SignalId
from register.store.models.desk import intake, victim
from register.store.models.signals import blind_index, protected_input, protection, signal
from register.store.running.server.bulk import insert_rows
from register.store.running.server.rls import child_name
from schemas.codes import Partition, Urgency, VictimStatus


@dataclass(frozen=True, slots=True)
class OwnedInput:
    """One thing that a protected person owns.

    Attributes:
        one_person: it identifies the person, so that it is withheld in every record of the country.
    """

    subject_n: int
    blind: bytes
    one_person: bool


@dataclass(frozen=True, slots=True)
class Owner:
    """A signal of the country in which a protected person owns a value; the person's number in it, its urgency.

    Attributes:
        subject_n: 0 where it is of whoever told it.
        by_itself: the signal protects the person by what it says, and not for being recognised as somebody.
        since: when the value was kept as theirs.
    """

    signal_id: SignalId
    subject_n: int
    blind: bytes
    one_person: bool
    urgency: Urgency
    by_itself: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class Carrier:
    """A signal of the country, not withdrawn, that has a key made of one of these values.

    Attributes:
        protected: the subject that has it is protected there, too.
        firm: and not only because of a likeness, which passes nothing on.
    """

    signal_id: SignalId
    subject_n: int
    family: str
    blind: bytes
    protected: bool
    firm: bool


@dataclass(frozen=True, slots=True)
class InterviewRow:
    """An interview that stems from a signal, or names somebody like one in it: where it is, and what stands in clear.

    Attributes:
        intake: its id; of a place on the ladder that rests on no interview, that one's.
        victim: the person's place on the ladder, where there is or was one.
        standing: the person stands there now: neither taken off nor found to be none.
        named: blind values of whom it names, where it was looked for by them.
    """

    intake: UUID
    age_band: str
    withdrawn: bool
    victim: UUID | None
    standing: bool
    named: frozenset[bytes] = frozenset()


class Protections:
    """What protects persons of one country's signals, inside one transaction."""

    def __init__(self, connection: sa.Connection, country: Partition, clock: Clock) -> None:
        self._connection, self._country, self._clock = connection, country, clock

    def wait_for_facts(self) -> None:
        """Let no fact that protects be recorded until this transaction has decided what leaves.

        Taken before any row is locked; several transactions may decide beside each other.
        """
        self._lock("ROW SHARE")

    def record_fact(self) -> None:
        """Let nobody decide what leaves until the fact of this transaction is there for him to see.

        Else a signal that is shared at the same moment would neither see the fact nor be seen by it. Taken before
        any row is locked. It holds in this country only: the lock is on its own child table.
        """
        self._lock("EXCLUSIVE")

    def add(self, signal_id: SignalId, reasons: Reasons, owned: Collection[OwnedInput]) -> None:
        """Keep what was found; what is there already stays as it is."""
        now = self._clock.now()
        base: dict[str, Any] = {"country": self._country, "signal_id": signal_id, "at": now}
        found = [base | {"subject_n": n, "reason": str(r)} for n, why in sorted(reasons.items()) for r in sorted(why)]
        insert_rows(
            self._connection,
            protection,
            found,
            # What was lifted and is found again is a new fact: nobody has said that this one was wrong.
            on_conflict=(
                "ON CONFLICT (country, signal_id, subject_n, reason) DO UPDATE SET lifted_by = NULL "
                "WHERE protection.lifted_by IS NOT NULL"
            ),
        )
        rows = {(x.subject_n, x.blind): x for x in sorted(owned, key=lambda x: x.one_person)}
        insert_rows(
            self._connection,
            protected_input,
            [
                base | {"subject_n": x.subject_n, "blind": x.blind, "one_person": x.one_person}
                for _, x in sorted(rows.items())
            ],
            # A document that was somebody else's turns out to be the person's own: from then on it identifies.
            on_conflict=(
                "ON CONFLICT (country, blind, signal_id, subject_n) DO UPDATE SET one_person = true "
                "WHERE excluded.one_person AND NOT protected_input.one_person"
            ),
        )

    def reasons(self, signal_id: SignalId) -> Reasons:
        """Why subjects of a signal are protected, as found so far and not lifted; also whom its form has no more."""
        return self._reasons(signal_id, protection.c.lifted_by.is_(None), protection.c.subject_n > 0)

    def all_reasons(self, signal_id: SignalId) -> Reasons:
        """The same, with what was said of who told it under 0."""
        return self._reasons(signal_id, protection.c.lifted_by.is_(None))

    def reasons_of_many(self, signals: Collection[UUID]) -> dict[UUID, Reasons]:
        """As `all_reasons`, of several signals at once."""
        query = sa.select(*protection.c["signal_id", "subject_n", "reason"]).where(
            protection.c.country == self._country,
            protection.c.signal_id.in_(sorted(set(signals))),
            protection.c.lifted_by.is_(None),
        )
        rows: dict[UUID, list[Mapping[Any, Any]]] = {}
        for row in self._connection.execute(query).mappings() if signals else ():
            rows.setdefault(row["signal_id"], []).append(row)
        return {signal: reasons_of(of) for signal, of in rows.items()}

    def lifted(self, signal_id: SignalId) -> Reasons:
        """What was found to protect subjects of a signal, and was lifted."""
        return self._reasons(signal_id, protection.c.lifted_by.is_not(None))

    def lifted_by(self, signal_id: SignalId, lifting: UUID) -> Reasons:
        """What one lifting lifted, as far as no later fact protects again."""
        return self._reasons(signal_id, protection.c.lifted_by == lifting)

    def lift(self, signal_id: SignalId, numbers: Collection[int], reason: Protection, lifting: UUID) -> None:
        """Let a reason protect these subjects no more."""
        self._mark(signal_id, sa.and_(protection.c.subject_n.in_(numbers), protection.c.reason == reason), lifting)

    def restore(self, signal_id: SignalId, lifting: UUID, *, subject: int | None = None) -> None:
        """Let what was lifted by one lifting protect again; of one subject alone where it is named."""
        which = protection.c.lifted_by == lifting
        self._mark(signal_id, which if subject is None else sa.and_(which, protection.c.subject_n == subject), None)

    def _mark(self, signal_id: SignalId, which: sa.ColumnElement[bool], lifting: UUID | None) -> None:
        at = (protection.c.country == self._country, protection.c.signal_id == signal_id)
        self._connection.execute(sa.update(protection).where(*at, which).values(lifted_by=lifting))

    def _reasons(self, signal_id: SignalId, *which: sa.ColumnElement[bool]) -> Reasons:
        query = sa.select(*protection.c["subject_n", "reason"]).where(
            protection.c.country == self._country, protection.c.signal_id == signal_id, *which
        )
        return reasons_of([r._mapping for r in self._connection.execute(query)])  # noqa: SLF001 - SQLAlchemy's public name for it

    def hold(self, signal_id: SignalId, numbers: Collection[int]) -> None:
        """Of these nobody has said, or not any more, that what is left in the record is not theirs."""
        child = child_name(protection, self._country)
        self._connection.execute(
            sa.text(
                f"DELETE FROM {child} WHERE country = :country AND signal_id = :signal AND reason = :left "
                "AND subject_n = ANY(:numbers)"
            ),
            {
                "country": self._country,
                "signal": signal_id,
                "left": str(Protection.LEFT),
                "numbers": sorted(numbers),
            },
        )

    def inputs(self, signal_id: SignalId) -> Mapping[bytes, bool]:
        """What protected persons of the signal own, or owned before somebody changed the form; not who told it.

        Each with whether it was found to identify its person.
        """
        query = (
            sa.select(protected_input.c.blind, sa.func.bool_or(protected_input.c.one_person))
            .where(
                protected_input.c.country == self._country,
                protected_input.c.signal_id == signal_id,
                _is_protecting(protected_input),
            )
            .group_by(protected_input.c.blind)
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def told_inputs(self, signal_id: SignalId) -> frozenset[bytes]:
        """What is the reporter's, or was: that stays so, whatever is said of it later."""
        query = sa.select(protected_input.c.blind).where(
            protected_input.c.country == self._country,
            protected_input.c.signal_id == signal_id,
            protected_input.c.subject_n == 0,
        )
        return frozenset(self._connection.execute(query).scalars())

    def dormant(self, signal_id: SignalId) -> list[OwnedInput]:
        """What persons of the signal own whom nothing protects now, and something did until it was lifted."""
        own = protected_input.c
        query = (
            sa.select(own.subject_n, own.blind, own.one_person)
            .where(own.country == self._country, own.signal_id == signal_id, own.subject_n > 0)
            .where(sa.not_(_is_protecting(protected_input)))
            .order_by(own.subject_n, own.blind)
        )
        return [OwnedInput(r.subject_n, r.blind, r.one_person) for r in self._connection.execute(query)]

    def owners(
        self, blinds: Collection[bytes], signal_id: SignalId, *, among: Collection[SignalId] | None = None
    ) -> list[Owner]:
        """Who owns one of these values and is protected in another signal of the country (of `among`), or told it."""
        if not blinds:
            return []
        own = protected_input.c
        reporters = own.subject_n == 0
        by_itself = sa.or_(reporters, _is_protecting(protected_input, protection.c.reason.not_in(sorted(RECOGNISED))))
        query = (
            sa.select(
                *own["signal_id", "subject_n", "blind", "one_person", "at"],
                signal.c.urgency,
                by_itself.label("by_itself"),
            )
            .join(signal, sa.and_(signal.c.country == own.country, signal.c.id == own.signal_id))
            .where(
                own.country == self._country,
                own.blind == sa.any_(sa.cast(list(blinds), sa.ARRAY(sa.LargeBinary))),
                own.signal_id != signal_id,
                sa.or_(reporters, _is_protecting(protected_input)),
            )
            .order_by(own.signal_id, own.subject_n, own.blind)
        )
        if among is not None:
            query = query.where(own.signal_id.in_(sorted(among)))
        return [
            Owner(SignalId(r.signal_id), r.subject_n, r.blind, r.one_person, Urgency(r.urgency), r.by_itself, r.at)
            for r in self._connection.execute(query)
        ]

    def carriers(self, blinds: Collection[bytes], signal_id: SignalId) -> list[Carrier]:
        """Other signals that have a key of one of these values, in the order in which their rows are to be locked."""
        if not blinds:
            return []
        protected = _is_protecting(blind_index)
        firm = _is_protecting(blind_index, protection.c.reason != Protection.ALIKE)
        query = (
            sa.select(
                *blind_index.c["signal_id", "subject_n", "family", "blind"],
                protected.label("protected"),
                firm.label("firm"),
            )
            .join(signal, sa.and_(signal.c.country == blind_index.c.country, signal.c.id == blind_index.c.signal_id))
            .where(
                blind_index.c.country == self._country,
                blind_index.c.blind == sa.any_(sa.cast(list(blinds), sa.ARRAY(sa.LargeBinary))),
                blind_index.c.signal_id != signal_id,
                signal.c.withdrawn_at.is_(None),
            )
            .order_by(blind_index.c.signal_id, blind_index.c.subject_n, blind_index.c.blind)
        )
        rows = self._connection.execute(query)
        return [Carrier(SignalId(r.signal_id), r.subject_n, r.family, r.blind, r.protected, r.firm) for r in rows]

    def forget(
        self, signal_id: SignalId, subject_n: int, reasons: Collection[Protection] = RECOGNISED, *, for_good: bool
    ) -> bool:
        """Forget that a subject was taken for somebody, of another record or an interview; what else protects stays.

        Args:
            signal_id: the record.
            subject_n: the number in it.
            reasons: that say so.
            for_good: it is somebody else, and what they own is forgotten if nothing protects them any more; else it
                stays, and counts again once something does: a lifting can be reversed.

        Returns:
            Whether nothing protects the subject any more.
        """
        where = {"country": self._country, "signal": signal_id, "n": subject_n}
        at = "country = :country AND signal_id = :signal AND subject_n = :n"
        child, inputs = (child_name(table, self._country) for table in (protection, protected_input))
        self._connection.execute(
            sa.text(f"DELETE FROM {child} WHERE {at} AND reason = ANY(:recognised)"),
            where | {"recognised": sorted(reasons)},
        )
        left = (
            self._connection.execute(
                sa.text(f"SELECT lifted_by FROM {child} WHERE {at} AND reason <> :left"),
                where | {"left": Protection.LEFT.value},
            )
            .scalars()
            .all()
        )
        if None in left:
            return False
        if left or not for_good:
            return True
        self._connection.execute(sa.text(f"DELETE FROM {inputs} WHERE {at}"), where)
        return True

    def on_ladder(self, signal_id: SignalId) -> frozenset[int]:
        """Subjects of a signal who stand or stood on the victim ladder, also those taken off by mistake."""
        query = sa.select(victim.c.subject_n).where(victim.c.country == self._country, victim.c.signal_id == signal_id)
        return frozenset(self._connection.execute(query).scalars())

    def standing_on_ladder(self, signal_id: SignalId) -> frozenset[int]:
        """Subjects of a signal who stand on the ladder now: neither taken off nor found to be none."""
        query = sa.select(victim.c.subject_n).where(
            victim.c.country == self._country, victim.c.signal_id == signal_id, _STANDING
        )
        return frozenset(self._connection.execute(query).scalars())

    def signal_of_victim(self, victim_id: UUID) -> SignalId | None:
        """The signal that a person on the ladder is in, or from which the interview stems."""
        query = (
            sa.select(sa.func.coalesce(victim.c.signal_id, intake.c.signal_id))
            .outerjoin(intake, sa.and_(intake.c.country == victim.c.country, intake.c.id == victim.c.intake_id))
            .where(victim.c.country == self._country, victim.c.id == victim_id)
        )
        found = self._connection.execute(query).scalar_one_or_none()
        return None if found is None else SignalId(found)

    def interviews(self, signal_id: SignalId) -> list[InterviewRow]:
        """Interviews that stem from a signal, with the person's place on the ladder, where there is or was one."""
        query = (
            sa.select(
                intake.c.id,
                intake.c.age_band,
                intake.c.withdrawn_at,
                sa.func.max(sa.cast(victim.c.id, sa.Text)),
                sa.func.coalesce(sa.func.bool_or(_STANDING), sa.false()),
            )
            .outerjoin(victim, sa.and_(victim.c.country == intake.c.country, victim.c.intake_id == intake.c.id))
            .where(intake.c.country == self._country, intake.c.signal_id == signal_id)
            .group_by(intake.c.id, intake.c.age_band, intake.c.withdrawn_at)
            .order_by(intake.c.id)
        )
        return [
            InterviewRow(row[0], row[1], row[2] is not None, None if row[3] is None else UUID(row[3]), row[4])
            for row in self._connection.execute(query)
        ]

    def interviews_naming(self, named: Collection[bytes], signal_id: SignalId) -> list[InterviewRow]:
        """Interviews of another report or of none, and places on the ladder, that name somebody by these values."""
        if not named:
            return []
        values = sa.cast(list(named), sa.ARRAY(sa.LargeBinary))
        held = (
            sa.select(
                intake.c.id, intake.c.age_band, intake.c.withdrawn_at, intake.c.named, victim.c.id.label("victim"),
                victim.c.named.label("victim_named"), sa.func.coalesce(_STANDING, sa.false()).label("standing"),
            )
            .outerjoin(victim, sa.and_(victim.c.country == intake.c.country, victim.c.intake_id == intake.c.id))
            .where(
                intake.c.country == self._country,
                intake.c.signal_id.is_distinct_from(signal_id),
                sa.or_(intake.c.named.overlap(values), victim.c.named.overlap(values)),
            )
            .order_by(intake.c.id)
        )  # fmt: skip
        entered = (
            sa.select(victim.c.id, victim.c.age_band, victim.c.named, _STANDING.label("standing"))
            .where(
                victim.c.country == self._country,
                victim.c.signal_id.is_not(None),
                victim.c.signal_id != signal_id,
                victim.c.named.overlap(values),
            )
            .order_by(victim.c.id)
        )
        found: dict[UUID, InterviewRow] = {}
        for r in self._connection.execute(held):
            before = found.get(r.id)
            found[r.id] = InterviewRow(
                r.id,
                r.age_band,
                r.withdrawn_at is not None,
                r.victim or (before.victim if before else None),
                r.standing or (before is not None and before.standing),
                frozenset({*r.named, *(r.victim_named or ())}) | (before.named if before else frozenset()),
            )
        for r in self._connection.execute(entered):
            found[r.id] = InterviewRow(r.id, r.age_band, False, r.id, r.standing, frozenset(r.named))
        return list(found.values())

    def _lock(self, mode: str) -> None:
        self._connection.exec_driver_sql(f"LOCK TABLE {child_name(protected_input, self._country)} IN {mode} MODE")


_STANDING: Final = sa.and_(victim.c.withdrawn_at.is_(None), victim.c.status != VictimStatus.NOT)


def _is_protecting(owned: sa.Table, *which: sa.ColumnElement[bool]) -> sa.Exists:
    """Whether a reason that is not lifted protects the subject of a row; of these reasons only."""
    return sa.exists().where(
        protection.c.country == owned.c.country,
        protection.c.signal_id == owned.c.signal_id,
        protection.c.subject_n == owned.c.subject_n,
        protection.c.subject_n > 0,
        protection.c.reason != Protection.LEFT,
        protection.c.lifted_by.is_(None),
        *which,
    )


def reasons_of(rows: Collection[Mapping[Any, Any]]) -> Reasons:
    """The reasons that these rows of `protection` keep, by subject."""
    found: dict[int, set[Protection]] = {}
    for row in rows:
        found.setdefault(row["subject_n"], set()).add(Protection(row["reason"]))
    return {n: frozenset(why) for n, why in found.items()}
